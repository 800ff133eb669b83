"""A planned change of one bucket policy: shown first, guarded, journaled, verified, undoable."""

from __future__ import annotations

import difflib
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from gt_vpc_nb.aws import journal
from gt_vpc_nb.aws.bucket_policies import PAUSE, READ_BACKS, jobs_on, read_policy, write_policy
from gt_vpc_nb.aws.sessions import Standing, clock_of
from gt_vpc_nb.errors import AwsError, ChangeRefused
from gt_vpc_nb.facts import GROUND_TRUTH_ACTIONS
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.origins import INTERNET, decisions, signed_by, through
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.reach import Comparison, Opening

_GETS_IN = ("allowed", "notDenied")
_REPAIRS = ("s3:GetBucketPolicy", "s3:PutBucketPolicy")
#: Openings to print; all of them are in `.opens`.
_SHOWN = 6


@dataclass(frozen=True, repr=False)
class PolicyChange:
    """One bucket policy before and after, and what the change does; nothing is changed until `.apply()`.

    `before` and `after` are the policy's text, None where there is none. `opens` is what the change opens and closes;
    `blocked_by` are labeling jobs in `regions` that used the bucket when the change was planned; `locks_out` are
    administrators, or the caller, who could no longer repair the policy; `advice` is worth reading before applying;
    `undoes` is the journal's entry that a rollback takes back.
    """

    bucket: str
    before: str | None
    after: str | None
    opens: Comparison
    blocked_by: tuple[str, ...]
    locks_out: tuple[str, ...]
    advice: tuple[str, ...]
    standing: Standing
    perimeter: Perimeter | None = None
    applied: bool = False
    undoes: journal.Entry | None = None
    regions: tuple[str | None, ...] = ()
    session: Any = field(default=None, compare=False)

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return not same_policy(self.before, self.after)

    @property
    def diff(self) -> str:
        """The edit as a unified diff of the indented JSON, and who gets in before and after."""
        names = (f"{self.bucket} before", f"{self.bucket} after")
        lines = difflib.unified_diff(_lines(self.before), _lines(self.after), *names, lineterm="")
        return "\n".join([*lines, *self._matrix()])

    def apply(self, despite_jobs: Sequence[str] = (), despite_lockout: Sequence[str] = ()) -> PolicyChange:
        """Makes the change and verifies it; returns the change as applied.

        Raises ChangeRefused while labeling jobs use the bucket that `despite_jobs` does not name (they are looked for
        once more), when it would lock out somebody whom `despite_lockout` does not name, when the policy is not the
        one that was planned on, and when the journal cannot be written.
        Between that last look and the write another writer can still slip in: S3 has no conditional PutBucketPolicy.
        """
        if self.changes:
            now = tuple(jobs_on(self.bucket, self.session, self.regions))
            replace(self, blocked_by=now)._refuse_harm(tuple(despite_jobs), tuple(despite_lockout))
            self._write()
        if self.undoes:
            journal.drop(self.bucket, self.standing.account, self.undoes)
        return replace(self, applied=True)

    def _write(self) -> None:
        if not same_policy(read_policy(self.bucket, self.session), self.before):
            raise ChangeRefused(
                f"The policy of bucket '{self.bucket}' is not the one this change was planned on; plan it again."
            )
        at = clock_of(self.session).now().isoformat()
        entry = self.undoes or journal.Entry(self.before, self.after, at, str(self.standing))
        if not self.undoes:
            # Before the write, so that a process that dies in between loses nothing; an undo's entry is there already.
            journal.append(self.bucket, self.standing.account, entry)
        write_policy(self.bucket, self.after, self.session, lock_out=bool(self.locks_out))
        self._verify(entry)

    def _refuse_harm(self, despite_jobs: tuple[str, ...], despite_lockout: tuple[str, ...]) -> None:
        jobs = [each for each in self.blocked_by if each not in despite_jobs]
        people = [each for each in self.locks_out if each not in despite_lockout]
        told = []
        if jobs:
            told.append(
                f"labeling jobs still use bucket '{self.bucket}': {', '.join(jobs)}. A changed policy can fail them. "
                f"Wait, stop them, use a new bucket, or apply(despite_jobs={jobs!r})"
            )
        if people:
            told.append(f"it would lock out {', '.join(people)}. Exempt them, or apply(despite_lockout={people!r})")
        if told:
            raise ChangeRefused("Not applied: " + "; and ".join(told) + ".")

    def _verify(self, entry: journal.Entry) -> None:
        """Reads back until S3 gives our document; restores the old one only when ours evaluates wrongly."""
        kept = journal.path_of(self.bucket, self.standing.account)
        for attempt in range(READ_BACKS):
            if attempt:
                clock_of(self.session).sleep(PAUSE)
            try:
                seen = read_policy(self.bucket, self.session)
            except AwsError as error:
                raise ChangeRefused(f"Written, but it cannot be read back ({error}). The journal is {kept}.") from error
            if same_policy(seen, self.after):
                return self._restore_if_wrong(seen, entry)
        raise ChangeRefused(
            f"Written, but S3 still gives another policy for bucket '{self.bucket}'. Nothing more was done; "
            f"the journal is {kept}."
        )

    def _restore_if_wrong(self, seen: str | None, entry: journal.Entry) -> None:
        if self.undoes or self.perimeter is None:
            return
        stopped = ground_truth_stopped(seen, self.bucket, self.perimeter, self.standing.account)
        if stopped:
            write_policy(self.bucket, self.before, self.session)
            journal.drop(self.bucket, self.standing.account, entry)
            raise ChangeRefused(f"The new policy still stops Ground Truth ({stopped}); the old one was put back.")

    def _matrix(self) -> list[str]:
        if self.perimeter is None:
            return []
        before, after = (
            _entering(each, self.bucket, self.perimeter, self.standing) for each in (self.before, self.after)
        )
        moved = [
            f"  {origin}: {before[origin]} -> {after[origin]}" for origin in before if before[origin] != after[origin]
        ]
        same = [origin for origin in before if before[origin] == after[origin]]
        title = "which of Ground Truth's five actions get in, before -> after:"
        return ["", title, *moved, *([f"  as before: {', '.join(same)}"] if same else [])]

    def __repr__(self) -> str:
        parts = [f"Policy of bucket '{self.bucket}': {self._state()} ({self.standing})"]
        if self.changes and not self.applied:
            parts += [self.diff, *_in_words(self.opens)]
            parts += [f"in the way: labeling job '{each}' still uses the bucket" for each in self.blocked_by]
            parts += [f"in the way: it would lock out {each}" for each in self.locks_out]
            parts += [f"- {each}" for each in self.advice]
        return "\n".join(parts)

    def _state(self) -> str:
        if self.changes:
            return "applied and verified" if self.applied else "planned, nothing is changed yet"
        if self.undoes is None:
            return "nothing to change"
        forgotten = "the journal forgot it" if self.applied else "apply() takes it out of the journal"
        return f"nothing to undo, the change of {self.undoes.at} was never written; {forgotten}"

    def _repr_html_(self) -> str:
        return f'<pre style="white-space:pre-wrap">{escape(repr(self))}</pre>'


def _in_words(comparison: Comparison) -> list[str]:
    """What opens and what closes, each with its witness on lines of its own."""
    both = [*(("opens", each) for each in comparison.opened), *(("closes", each) for each in comparison.closed)]
    lines = [line for word, each in both[:_SHOWN] for line in _opening_lines(word, each)]
    if len(both) > _SHOWN:
        lines.append(f"… and {len(both) - _SHOWN} more in .opens")
    return lines or ["opens nothing, closes nothing"]


def _opening_lines(word: str, opening: Opening) -> list[str]:
    told = opening.why.replace("): ", "):\n", 1).splitlines()
    indent = " " * 4
    wrapped = (textwrap.wrap(each, 116, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
                             break_on_hyphens=False) for each in told)  # fmt: skip
    return [f"{word}: {opening.action} on {opening.resource}", *(line for lines in wrapped for line in lines)]


def ground_truth_stopped(text: str | None, bucket: str, perimeter: Perimeter, account: str) -> str:
    """The first reason why Ground Truth does not get in, or nothing."""
    policy = Policy.parse(text) if text else None
    found = (each for each in decisions(policy, bucket, perimeter, account) if each[0].name == "ground-truth")
    stopped = (each for _, _, each in found if each is not None and each.decision not in _GETS_IN)
    return next((each.reasons[0] for each in stopped), "")


def locked_out(
    text: str | None, bucket: str, people: Sequence[str], account: str, perimeter: Perimeter
) -> tuple[str, ...]:
    """Those who could repair the policy neither from the internet nor through the perimeter's endpoint."""
    policy = Policy.parse(text) if text else None
    networks = [INTERNET]
    networks += [through(each, perimeter.vpcs[0] if perimeter.vpcs else "") for each in perimeter.vpc_endpoints]
    return tuple(who for who in people if not any(_repairs(policy, bucket, who, each, account) for each in networks))


def _repairs(policy: Policy | None, bucket: str, who: str, network: dict[str, str], account: str) -> bool:
    asked = (AccessRequest(who, each, f"arn:aws:s3:::{bucket}", {**signed_by(who), **network}) for each in _REPAIRS)
    return all(evaluate(policy, each, account=account).decision in _GETS_IN for each in asked)


def _entering(text: str | None, bucket: str, perimeter: Perimeter, standing: Standing) -> dict[str, str]:
    policy = Policy.parse(text) if text else None
    found: dict[str, list[str]] = {}
    for origin, action, decision in decisions(policy, bucket, perimeter, standing.account):
        enters = decision is not None and decision.decision in _GETS_IN and action in GROUND_TRUTH_ACTIONS
        found.setdefault(origin.name, []).extend([action.removeprefix("s3:")] * enters)
    every = len(GROUND_TRUTH_ACTIONS)
    return {name: "all five" if len(each) == every else ", ".join(each) or "none" for name, each in found.items()}


def same_policy(one: str | None, other: str | None) -> bool:
    """Whether two policy texts are the same document; S3 keeps no white space."""
    if one is None or other is None:
        return one is other
    return bool(json.loads(one) == json.loads(other))


def _lines(text: str | None) -> list[str]:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False).splitlines() if text else []
