"""What a change of a bucket policy must not do: fail running labeling jobs, lock people out, stop Ground Truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gt_vpc_nb.errors import ChangeRefused, near_miss
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.origins import INTERNET, decisions, signed_by, through
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.principals import principal_of

GETS_IN = ("allowed", "notDenied")
_REPAIRS = ("s3:GetBucketPolicy", "s3:PutBucketPolicy")
#: Names to print in a sentence.
_SHOWN = 6


def refuse_harm(bucket: str, jobs: Sequence[str], people: Sequence[str], accepted: Sequence[str]) -> None:
    """Raises ChangeRefused with everything that is in the way of a change and not accepted by name."""
    told = []
    if left := [each for each in jobs if each not in accepted]:
        told.append(
            f"labeling jobs still use bucket '{bucket}': {_listed(left)}. A changed policy can fail them. "
            f"Wait, stop them, use a new bucket, or apply(despite_jobs={_as_python(left)})"
        )
    if left := [each for each in people if each not in accepted]:
        told.append(f"it would lock out {_listed(left)}. Exempt them, or apply(despite_lockout={_as_python(left)})")
    if told:
        raise ChangeRefused("Not applied: " + "; and ".join(told) + ".")


def refuse_unknown(option: str, given: Sequence[str], in_the_way: Sequence[str]) -> None:
    """Raises ChangeRefused for names that nobody needs to accept: most likely a slip of the pen."""
    unknown = [each for each in given if each not in in_the_way]
    if unknown:
        known = _listed(in_the_way) if in_the_way else "nothing"
        near = near_miss(unknown[0], in_the_way) or "."
        told = f"{_listed(list(map(repr, unknown)))} in {option} {'is' if len(unknown) == 1 else 'are'} not in the way"
        raise ChangeRefused(f"Not applied: {told}; in the way: {known}{near}")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _as_python(names: Sequence[str]) -> str:
    return repr(list(names)) if len(names) <= _SHOWN else f"[{names[0]!r}, …]"


def names(given: str | Iterable[str]) -> tuple[str, ...]:
    """One name or several, as a tuple."""
    return (given,) if isinstance(given, str) else tuple(given)


def ground_truth_stopped(text: str | None, bucket: str, perimeter: Perimeter, account: str) -> str:
    """The first reason why Ground Truth does not get in, or nothing."""
    policy = Policy.parse(text) if text else None
    found = (each for each in decisions(policy, bucket, perimeter, account) if each[0].name == "ground-truth")
    stopped = (each for _, _, each in found if each is not None and each.decision not in GETS_IN)
    return next((each.reasons[0] for each in stopped), "")


def newly_locked_out(
    before: str | None, after: str | None, bucket: str, people: Sequence[str], account: str, perimeter: Perimeter
) -> tuple[str, ...]:
    """Those who could repair the policy before, and could not after."""
    shut = _locked_out(before, bucket, people, account, perimeter)
    return tuple(each for each in _locked_out(after, bucket, people, account, perimeter) if each not in shut)


def _locked_out(
    text: str | None, bucket: str, people: Sequence[str], account: str, perimeter: Perimeter
) -> tuple[str, ...]:
    """Those who could repair the policy neither from the internet nor through the perimeter's endpoint."""
    policy = Policy.parse(text) if text else None
    networks = [INTERNET]
    networks += [through(each, perimeter.vpcs[0] if perimeter.vpcs else "") for each in perimeter.vpc_endpoints]
    return tuple(who for who in people if not any(_repairs(policy, bucket, who, each, account) for each in networks))


def _repairs(policy: Policy | None, bucket: str, who: str, network: dict[str, str], account: str) -> bool:
    known = principal_of(who)
    if known.is_root and known.account == account:
        # S3 lets the owner's root repair the policy whatever it says (Amazon S3 API reference, PutBucketPolicy).
        return True
    asked = (AccessRequest(who, each, f"arn:aws:s3:::{bucket}", {**signed_by(who), **network}) for each in _REPAIRS)
    return all(evaluate(policy, each, account=account).decision in GETS_IN for each in asked)
