"""Who gets through a bucket's policy, and the guarded way to change it: audit, grant, rollback."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gt_vpc_nb.access_audit import Audit, audited
from gt_vpc_nb.access_change import PolicyChange
from gt_vpc_nb.access_guard import ground_truth_stopped, newly_locked_out
from gt_vpc_nb.aws import journal
from gt_vpc_nb.aws.bucket_policies import jobs_on, read_policy, same_policy
from gt_vpc_nb.aws.sessions import asking, client, open_session, standing
from gt_vpc_nb.errors import ChangeRefused, PolicyError, RequestError
from gt_vpc_nb.facts import region
from gt_vpc_nb.policy import Policy
from gt_vpc_nb.policy.origins import signed_by
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.reach import Comparison, compare

__all__ = ["Audit", "PolicyChange", "audit", "grant", "rollback"]

_NO_POLICY = Policy(None, None, ())
_ADVICE = (
    "A labeling job that runs on this bucket can fail when its policy changes: wait, stop it, or use a new bucket.",
    "Workers must open the worker portal from the VPC: their browsers fetch the objects from this bucket.",
    "The Ground Truth endpoint is one id a Region, shared by all AWS customers: identity policies decide who acts.",
)


def audit(buckets: str | Sequence[str] | Mapping[str, Any], perimeter: Perimeter, session: Any = None) -> Audit:
    """Tells who gets through the policies of these buckets, and whether Ground Truth does.

    Buckets of several accounts are given as a mapping from the name to the session to ask it with. They are read 16 at
    a time, whatever their Regions; one that cannot be read is a row with the verdict `unreadable` and the reason.
    Raises AwsError only when AWS does not say who is asking.
    """
    _refuse_no_perimeter(perimeter)
    named = [buckets] if isinstance(buckets, str) else buckets if isinstance(buckets, Mapping) else _listed(buckets)
    wrong = [each for each in named if not isinstance(each, str)]
    if wrong:
        raise RequestError(f"audit takes names of buckets, and was given {wrong[0]!r}; write audit(['signs-in'], …).")
    return audited(named, perimeter, session)


def _refuse_no_perimeter(perimeter: object) -> None:
    if not isinstance(perimeter, Perimeter):
        raise RequestError(f"perimeter is a Perimeter(vpcs=…, vpc_endpoints=…), not {type(perimeter).__name__}.")


def _bucket(name: object) -> str:
    """A name that botocore takes for a bucket's; whether there is such a bucket S3 says."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9._-]{1,255}", name):
        raise RequestError(f"A policy is of one bucket, and {name!r} is no name of one; write it as in 'signs-in'.")
    return name


def _listed(buckets: Any) -> list[Any]:
    try:
        return list(buckets)
    except TypeError:
        return [buckets]


def grant(bucket: str, perimeter: Perimeter, session: Any = None, regions: Sequence[str] | None = None) -> PolicyChange:
    """Plans the smallest edit of a bucket's policy that lets Ground Truth in; `.apply()` makes it.

    `regions` are asked for labeling jobs that still use the bucket (the session's and the perimeter's, when left out).
    Raises RequestError when the perimeter names no Region or role, PolicyError when no edit does it, AwsError when the
    policy cannot be read.
    """
    _refuse_no_perimeter(perimeter)
    if perimeter.ground_truth is None or perimeter.execution_role is None:
        raise RequestError(
            "grant needs to know whom to let in: Perimeter(ground_truth='us-east-1', execution_role='arn:…', …)."
        )
    asked = _of_ground_truth(regions)
    before = read_policy(_bucket(bucket), session)
    after = None if before is None else _let_in(before, bucket, perimeter, standing(session).account)
    plan = _planned(bucket, before, after, perimeter, session, asked)
    stopped = ground_truth_stopped(after, bucket, perimeter, plan.standing.account)
    if stopped:
        raise PolicyError(f"No edit of a Deny lets Ground Truth into bucket '{bucket}': {stopped}")
    return plan


def plan_policy(
    bucket: str,
    policy: str,
    perimeter: Perimeter | None = None,
    session: Any = None,
    regions: Sequence[str] | None = None,
) -> PolicyChange:
    """Plans to put this policy in the place of the bucket's; `.apply()` does it, with the guards of every change.

    Raises PolicyError when the text is no policy, AwsError when the bucket's own cannot be read.
    """
    Policy.parse(policy)
    asked = _of_ground_truth(regions)
    return _planned(_bucket(bucket), read_policy(bucket, session), policy, perimeter or Perimeter(), session, asked)


def rollback(bucket: str, session: Any = None) -> PolicyChange:
    """Plans the way back to the policy before the last change that the journal knows; `.apply()` makes it.

    Raises ChangeRefused when the journal knows no change of this bucket, or the policy is no longer the one it left.
    """
    where = standing(session)
    entries = journal.entries(_bucket(bucket), where.account)
    if not entries:
        raise ChangeRefused(
            f"The journal in {journal.home()} knows no change of bucket '{bucket}' in account {where.account}."
        )
    last, now = entries[-1], read_policy(bucket, session)
    if not same_policy(now, last.after) and not same_policy(now, last.before):
        raise ChangeRefused(
            f"The policy of bucket '{bucket}' is neither the one the journal left on {last.at} nor the one before it; "
            f"somebody changed it since. What it was is in {journal.path_of(bucket, where.account)}."
        )
    # A process that died between journal and write left the old policy: then there is nothing to undo but the entry.
    plan = _planned(bucket, now, last.before, last.perimeter or Perimeter(), session, last.regions)
    return replace(plan, undoes=last, perimeter=last.perimeter)


def _let_in(text: str, bucket: str, perimeter: Perimeter, account: str) -> str:
    policy = Policy.parse(text)
    edited = policy.letting_in_ground_truth(
        perimeter.ground_truth or "",
        bucket,
        role=perimeter.execution_role or "",
        vpc=perimeter.vpcs[0] if perimeter.vpcs else None,
        vpc_endpoints=perimeter.vpc_endpoints,
        account=account,
    )
    return text if edited == policy else edited.to_json(indent=None)


def _of_ground_truth(regions: str | Sequence[str] | None) -> tuple[str, ...]:
    """Regions to look for jobs in; in one that is misspelt none would be found. Raises RequestError."""
    named = (regions,) if isinstance(regions, str) else tuple(regions or ())
    return tuple(region(each).code for each in named)


def _planned(
    bucket: str,
    before: str | None,
    after: str | None,
    perimeter: Perimeter,
    session: Any,
    regions: Sequence[str] | None,
) -> PolicyChange:
    where = standing(session)
    # Without any Region the look-up asks for one instead of finding no jobs.
    asked = tuple(regions or filter(None, {open_session(session).region_name: 0, perimeter.ground_truth: 0})) or (None,)
    caller = _caller(session)
    people = tuple(dict.fromkeys((*perimeter.administrators, caller)))
    return PolicyChange(
        bucket=bucket,
        before=before,
        after=after,
        opens=_comparison(before, after, bucket, where.account),
        blocked_by=tuple(dict.fromkeys(jobs_on(bucket, session, asked))),
        locks_out=newly_locked_out(before, after, bucket, people, where.account, perimeter),
        advice=_ADVICE,
        standing=where,
        perimeter=perimeter,
        regions=asked,
        caller=caller,
        session=session,
    )


def _comparison(before: str | None, after: str | None, bucket: str, account: str) -> Comparison:
    old, new = (_NO_POLICY if text is None else Policy.parse(text) for text in (before, after))
    return compare(old, new, bucket, account)


def _caller(session: Any) -> str:
    sts = client(session, "sts", open_session(session).region_name or "us-east-1")
    with asking("asking STS who you are"):
        return str(signed_by(sts.get_caller_identity()["Arn"])["aws:PrincipalArn"])
