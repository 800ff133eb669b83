"""One bucket policy written with guard: journal, last look, write, read back, evaluate, and restore only our own.

S3 has no conditional PutBucketPolicy: between the last look and the write another writer can still slip in. Then the
read-back is not our document, and nothing more is done to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gt_vpc_nb.access_guard import ground_truth_stopped, newly_locked_out
from gt_vpc_nb.aws import journal
from gt_vpc_nb.aws.bucket_policies import (
    BUSY,
    PAUSE,
    READ_BACKS,
    WRITES,
    read_policy,
    same_policy,
    surely_not_written,
    write_policy,
)
from gt_vpc_nb.aws.objects import is_s3, write_new
from gt_vpc_nb.aws.sessions import clock_of
from gt_vpc_nb.errors import AwsError, ChangeRefused, RequestError

if TYPE_CHECKING:
    from gt_vpc_nb.access_change import PolicyChange

UNCHANGED = "nothing was changed"


@contextmanager
def telling(state: str) -> Iterator[None]:
    """Adds to AWS's refusal in what state the bucket policy is."""
    try:
        yield
    except AwsError as error:
        raise _told(error, state) from error


def _told(error: AwsError, state: str) -> AwsError:
    return AwsError(f"{str(error).rstrip('.')}; {state}.", code=error.code, operation=error.operation)


def copy_old(change: PolicyChange, place: str) -> None:
    """Writes the old policy to an object of its own, which must not be there yet with other content."""
    if not is_s3(place):
        raise RequestError(f"copy_to={place!r} is not an s3:// URI; write it as s3://bucket/key.")
    if change.before is None:
        raise RequestError(f"Bucket '{change.bucket}' has no policy to copy to {place}; leave out copy_to.")
    try:
        with telling(UNCHANGED):
            write_new(place, change.before.encode(), change.session, "application/json")
    except RequestError as error:
        raise RequestError(f"The old policy was not copied, and {UNCHANGED}: {error}") from error


def look_again(change: PolicyChange) -> None:
    """Raises ChangeRefused when the policy is not the one that was planned on."""
    with telling(UNCHANGED):
        now = read_policy(change.bucket, change.session)
    if not same_policy(now, change.before):
        raise ChangeRefused(
            f"The policy of bucket '{change.bucket}' is not the one this change was planned on; plan it again."
        )


def write(change: PolicyChange, *, lock_out: bool) -> None:
    """Journals, writes and verifies a change.

    Raises ChangeRefused when somebody else's policy is there, before or after; AwsError when AWS refuses or does not
    answer. Each says what state the bucket is in; the journal keeps the old policy unless surely nothing was changed.
    """
    look_again(change)
    entry = change.undoes or _entry(change)
    if not change.undoes:
        # Before the write, so that a process that dies in between loses nothing; an undo's entry is there already.
        journal.append(change.bucket, change.standing.account, entry)
    _write_once(change, entry, lock_out)
    _verify(change, entry)


def _entry(change: PolicyChange) -> journal.Entry:
    at = clock_of(change.session).now().isoformat()
    return journal.Entry(change.before, change.after, at, str(change.standing), change.perimeter, change.regions)


def _forget(change: PolicyChange, entry: journal.Entry) -> None:
    """Takes our entry out of the journal, once nothing is left of the change; the entry an undo follows stays."""
    if not change.undoes:
        journal.drop(change.bucket, change.standing.account, entry)


def _write_once(change: PolicyChange, entry: journal.Entry, lock_out: bool) -> None:
    for attempt in range(1, WRITES + 1):
        try:
            look_again(change)
        except (AwsError, ChangeRefused):
            _forget(change, entry)
            raise
        try:
            return write_policy(change.bucket, change.after, change.session, lock_out=lock_out)
        except AwsError as error:
            if not surely_not_written(error):
                return _find_out(change, error)
            if error.code not in BUSY or attempt == WRITES:
                _forget(change, entry)
                raise _told(error, UNCHANGED) from error
        clock_of(change.session).sleep(PAUSE)


def _find_out(change: PolicyChange, error: AwsError) -> None:
    """After a write without a clear answer: returns when it was made, and says what is there when it was not."""
    kept = f"the journal {_journal(change)} keeps the old policy"
    try:
        seen = _read_back(change, change.after)
    except AwsError as unread:
        told = f"whether it was written is unknown, for it cannot be read back ({str(unread).rstrip('.')}); {kept}"
        raise _told(error, told) from error
    if same_policy(seen, change.after):
        return
    state = "the old policy is still there" if same_policy(seen, change.before) else "somebody else's policy is there"
    raise _told(error, f"{state}, and a late write may still come: look again before you go on; {kept}") from error


def _read_back(change: PolicyChange, wanted: str | None) -> str | None:
    """What S3 gives: `wanted`, or after some patience whatever else it goes on giving."""
    for attempt in range(1, READ_BACKS + 1):
        seen = read_policy(change.bucket, change.session)
        if same_policy(seen, wanted) or attempt == READ_BACKS:
            break
        clock_of(change.session).sleep(PAUSE)
    return seen


def _verify(change: PolicyChange, entry: journal.Entry) -> None:
    """Reads back until S3 gives our document; restores the old one only when ours evaluates wrongly."""
    kept = f"the journal {_journal(change)} keeps the old policy"
    with telling(f"the new policy was written and cannot be read back, so nothing is verified; {kept}"):
        seen = _read_back(change, change.after)
    if not same_policy(seen, change.after):
        raise ChangeRefused(
            f"Written, but S3 gives another policy for bucket '{change.bucket}': somebody else wrote at the same time, "
            f"or S3 is late. Nothing more was done; {kept}."
        )
    if wrong := _wrong(change, seen):
        _restore(change, entry, wrong)


def _wrong(change: PolicyChange, seen: str | None) -> str:
    """Why the policy that S3 gives does not do what was planned, or nothing; an undo only has to be the old one."""
    if change.undoes or change.perimeter is None:
        return ""
    account, perimeter = change.standing.account, change.perimeter
    stopped = ground_truth_stopped(seen, change.bucket, perimeter, account)
    people = (*perimeter.administrators, *filter(None, [change.caller]))
    shut = newly_locked_out(change.before, seen, change.bucket, people, account, perimeter)
    unmeant = [each for each in shut if each not in change.locks_out]
    told = [f"still stops Ground Truth ({stopped.rstrip('.')})"] if stopped else []
    return " and ".join([*told, *([f"locks out {', '.join(unmeant)}"] if unmeant else [])])


def _restore(change: PolicyChange, entry: journal.Entry, wrong: str) -> None:
    begun, kept = f"the new policy {wrong}", f"the journal {_journal(change)} keeps the old policy"
    with telling(f"{begun}, and whether the old one was put back is unknown; {kept}"):
        write_policy(change.bucket, change.before, change.session)
        seen = _read_back(change, change.before)
    if not same_policy(seen, change.before):
        raise ChangeRefused(f"T{begun[1:]}; the old one was put back, but S3 gives another policy; {kept}.")
    _forget(change, entry)
    raise ChangeRefused(f"T{begun[1:]}; the old one was put back.")


def _journal(change: PolicyChange) -> str:
    return str(journal.path_of(change.bucket, change.standing.account))
