"""The verdict on one bucket: what its policy decides for every origin, what is open, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.access_findings import bucket_findings, cors_ok
from gt_vpc_nb.aws.reading_buckets import ReadBucket
from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy import Finding, Policy
from gt_vpc_nb.policy.origins import decisions
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.reach import Opening
from gt_vpc_nb.preflight.surroundings import Missing, Unknown

GETS_IN = ("allowed", "notDenied")
_REPAIRS = ("s3:GetBucketPolicy", "s3:PutBucketPolicy")
_NO_POLICY = "the bucket has no policy, so identity policies of the account decide alone, from every network"
#: What a reader does next, by verdict.
_TO_DO = {
    "open": "Deny every s3 action from outside; .openings has a witness of each way in.",
    "closed-but-blocks-ground-truth": "grant(bucket, perimeter) plans the smallest edit that lets it in.",
    "undetermined": "Give the perimeter a Ground Truth Region, or replace what cannot be decided: see .findings.",
    "unreadable": "Ask with an identity and from a network that may read it.",
    "closed-and-working": "",
}


@dataclass(frozen=True)
class Judgement:
    """One bucket, judged: its row, a row for each origin and action, its findings and the ways in."""

    summary: dict[str, Any]
    rows: tuple[dict[str, Any], ...] = ()
    findings: tuple[Finding, ...] = ()
    ways: tuple[Opening, ...] = ()


def judged(read: ReadBucket, perimeter: Perimeter) -> Judgement:
    """Judges what was read of one bucket; raises nothing: what cannot be read or decided is said in the row."""
    bucket = read.bucket
    region = bucket.region if isinstance(bucket.region, str) else None
    row: dict[str, Any] = {"bucket": bucket.name, "region": region, "verdict": "unreadable", "error": ""}
    error = _unread(read)
    if error:
        return _finished(row | {"error": error, "why": error}, (), (), ())
    try:
        policy = Policy.parse(bucket.policy) if bucket.policy else None
    except PolicyError as problem:
        told = f"Its policy cannot be understood: {' '.join(str(problem).split())}"
        return _finished(row | {"error": told, "why": told}, (), tuple(problem.findings), ())
    account = read.where.account
    rows = tuple(_rows(row, policy, perimeter, account))
    ways = tuple(policy.openings(bucket.name, perimeter, account)) if policy else _without_policy(bucket.name)
    row |= {
        "ground_truth_ok": _all_get_in(rows, "ground-truth"),
        "closed": _closed(ways),
        "lockout_risk": _locked_out(rows),
        "cors_ok": cors_ok(read),
    }
    row["verdict"] = _verdict(row["closed"], row["ground_truth_ok"])
    row["why"] = _why(row, rows, ways)
    return _finished(row, rows, (*_of_policy(policy, bucket.name, region), *bucket_findings(read, policy)), ways)


def _finished(
    row: dict[str, Any], rows: tuple[dict[str, Any], ...], found: tuple[Finding, ...], ways: tuple[Opening, ...]
) -> Judgement:
    counts = {"findings": len(found)} if found or rows else {}
    counts |= {"openings": len(ways)} if rows else {}
    return Judgement({**row, **counts, "to do": _to_do(row, ways)}, rows, found, ways)


def _to_do(row: dict[str, Any], ways: tuple[Opening, ...]) -> str:
    if row["error"].startswith(("There is no bucket", "'")):
        return "Check the name, the account and the Region."
    if row["error"].startswith("Its policy cannot be understood"):
        return "Policy.lint(text) tells what is wrong and repairs what has one reading."
    if any(each.why == _NO_POLICY for each in ways):
        return "Write a policy: fresh_bucket_policy(bucket, perimeter) of gt_vpc_nb.policy.new_policies makes one."
    if row["verdict"] == "open" and row["ground_truth_ok"] is False:
        return f"{_TO_DO['closed-but-blocks-ground-truth']} {_TO_DO['open']}"
    return _TO_DO[row["verdict"]]


def _unread(read: ReadBucket) -> str:
    bucket = read.bucket
    if read.failed:
        return read.failed
    if isinstance(bucket.region, Missing):
        return f"{bucket.region.reason[0].upper()}{bucket.region.reason[1:]}."
    return f"Its policy cannot be read: {bucket.policy.reason}" if isinstance(bucket.policy, Unknown) else ""


def _rows(
    summary: dict[str, Any], policy: Policy | None, perimeter: Perimeter, account: str
) -> Iterator[dict[str, Any]]:
    for origin, action, decision in decisions(policy, summary["bucket"], perimeter, account):
        row = {"bucket": summary["bucket"], "region": summary["region"], "origin": origin.name,
               "principal": origin.principal or "anonymous", "action": action}  # fmt: skip
        if decision is None:
            reason = "No bucket policy decides this action; the identity policies do."
            yield {**row, "decision": "notDenied", "statement": "", "reason": reason}
        else:
            statement = ", ".join(decision.matched_statements)
            yield {**row, "decision": decision.decision, "statement": statement, "reason": decision.reasons[0]}


def _without_policy(bucket: str) -> tuple[Opening, ...]:
    return (Opening("s3:*", f"arn:aws:s3:::{bucket}", None, "", _NO_POLICY),)


def _of_policy(policy: Policy | None, bucket: str, region: str | None) -> tuple[Finding, ...]:
    return tuple(policy.findings(bucket, region)) if policy else ()


def _all_get_in(rows: tuple[dict[str, Any], ...], origin: str) -> bool | None:
    decided = [row["decision"] for row in rows if row["origin"] == origin]
    if not decided or "undetermined" in decided:
        return None
    return all(each in GETS_IN for each in decided)


def _locked_out(rows: tuple[dict[str, Any], ...]) -> bool | None:
    """Whether an administrator outside the VPC cannot repair the policy any more."""
    decided = [row["decision"] for row in rows if row["origin"] == "administrator" and row["action"] in _REPAIRS]
    if not decided:
        return None
    return None if "undetermined" in decided else any(each not in GETS_IN for each in decided)


def _closed(ways: tuple[Opening, ...]) -> bool | None:
    if any(not each.why.startswith("undetermined:") for each in ways):
        return False
    return None if ways else True


def _verdict(closed: bool | None, ground_truth_ok: bool | None) -> str:
    if closed is False:
        return "open"
    if closed is None or ground_truth_ok is None:
        return "undetermined"
    return "closed-and-working" if ground_truth_ok else "closed-but-blocks-ground-truth"


def _why(row: dict[str, Any], rows: tuple[dict[str, Any], ...], ways: tuple[Opening, ...]) -> str:
    """The sentences behind a verdict."""
    if row["verdict"] == "closed-and-working":
        return "Nobody from outside gets in (proven under the documented semantics); Ground Truth does."
    stopped = [each for each in rows if each["origin"] == "ground-truth" and each["decision"] not in GETS_IN]
    by = ", ".join(dict.fromkeys(f"'{each['statement']}'" for each in stopped if each["statement"]))
    told = [f"Ground Truth is stopped by {by or 'the lack of an Allow'}."] if stopped else []
    if ways:
        more = f" ({len(ways) - 1} more in .openings)" if len(ways) > 1 else ""
        why = ways[0].why
        told.append(f"U{why[1:]}" if why.startswith("undetermined:") else f"Open: {why}{more}.")
    return " ".join(told) or "The perimeter names no Region whose Ground Truth to ask about."
