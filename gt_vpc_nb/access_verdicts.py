"""The verdict on one bucket: what its policy decides for every origin, what is open, what is wrong, what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gt_vpc_nb.access_findings import bucket_findings, cors_ok
from gt_vpc_nb.aws.reading_buckets import ReadBucket
from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy import AccessRequest, Decision, Finding, Policy
from gt_vpc_nb.policy.origins import SOME_OBJECT, Origin, decision_for, decisions, origins
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


@dataclass(frozen=True, slots=True)
class Row:
    """What a bucket policy (its text) decides for one action from one origin.

    An action that works on no bucket is left to identity policies. The statement and the reason are found again when
    somebody reads them: kept for 10,000 buckets, they would fill a notebook's memory.
    """

    bucket: str
    region: str | None
    origin: Origin
    action: str
    decision: str
    policy: str | None
    account: str

    @property
    def gets_in(self) -> bool:
        return self.decision in GETS_IN

    @property
    def statement(self) -> str:
        return self._told()[0]

    @property
    def reason(self) -> str:
        return self._told()[1]

    def _told(self) -> tuple[str, str]:
        found = self._found()
        if found is None:
            return "", "No bucket policy decides this action; the identity policies do."
        return ", ".join(found.matched_statements), found.reasons[0]

    def _found(self) -> Decision | None:
        return decision_for(_parsed(self.policy), self.bucket, self.origin, self.action, self.account)

    def cells(self) -> dict[str, Any]:
        """The row as the contract's table has it."""
        statement, reason = self._told()
        detail = f"{self.origin.detail}: " if self.origin.detail else ""
        return {"bucket": self.bucket, "region": self.region, "origin": self.origin.name,
                "principal": self.origin.principal or "anonymous", "action": self.action, "decision": self.decision,
                "statement": statement, "reason": f"{detail}{reason}"}  # fmt: skip


@lru_cache(maxsize=64)
def _parsed(text: str | None) -> Policy | None:
    return Policy.parse(text) if text else None


@dataclass(frozen=True)
class Judgement:
    """One bucket, judged: its summary, a row for each origin and action, its findings and the ways in.

    `labels` name the policy's statements, in order.
    """

    summary: dict[str, Any]
    rows: tuple[Row, ...] = ()
    findings: tuple[Finding, ...] = ()
    ways: tuple[Opening, ...] = ()
    labels: tuple[str, ...] = ()

    def statement_of(self, finding: Finding) -> str:
        """The label of the statement that a finding is about, or nothing."""
        found = _STATEMENT.match(finding.path)
        number = int(found["number"] or 0) if found else len(self.labels)
        return self.labels[number] if number < len(self.labels) else ""


_STATEMENT = re.compile(r"Statement(\[(?P<number>\d+)\])?(?=\.|$)")


def judged(read: ReadBucket, perimeter: Perimeter) -> Judgement:
    """Judges what was read of one bucket; raises nothing: what cannot be read or decided is said in the row."""
    bucket = read.bucket
    region = bucket.region if isinstance(bucket.region, str) else None
    row: dict[str, Any] = {"bucket": bucket.name, "region": region, "account": read.where.account}
    row |= {"verdict": "unreadable", "error": ""}
    error = _unread(read)
    if error:
        return _finished(row | {"error": error, "why": error})
    try:
        policy = _parsed(bucket.policy)
    except PolicyError as problem:
        told = f"Its policy cannot be understood: {' '.join(str(problem).split())}"
        return _finished(row | {"error": told, "why": told}, findings=tuple(problem.findings))
    account = read.where.account
    rows = tuple(
        Row(bucket.name, region, origin, action, found.decision if found else "notDenied", bucket.policy, account)
        for origin, action, found in decisions(policy, bucket.name, perimeter, account)
    )
    ways = tuple((policy.openings if policy else _without_policy)(bucket.name, perimeter, account))
    row |= {
        "ground_truth_ok": _all_get_in(rows, "ground-truth"),
        "closed": _closed(ways),
        "lockout_risk": _locked_out(rows),
        "cors_ok": cors_ok(read),
    }
    row["verdict"] = _verdict(row["closed"], row["ground_truth_ok"])
    row["why"] = _why(row, rows, ways)
    found = (*_of_policy(policy, bucket.name, region), *bucket_findings(read, policy))
    labels = tuple(each.label for each in policy.statements) if policy else ()
    return _finished(row, rows, found, ways, labels)


def _finished(
    row: dict[str, Any],
    rows: tuple[Row, ...] = (),
    findings: tuple[Finding, ...] = (),
    ways: tuple[Opening, ...] = (),
    labels: tuple[str, ...] = (),
) -> Judgement:
    counts = {"findings": len(findings)} if findings or rows else {}
    counts |= {"openings": len(ways)} if rows else {}
    return Judgement({**row, **counts, "to do": _to_do(row, ways)}, rows, findings, ways, labels)


def _to_do(row: dict[str, Any], ways: tuple[Opening, ...]) -> str:
    if row["error"].startswith(("There is no bucket", "'")):
        return "Check the name, the account and the Region."
    if row["error"].startswith("Its policy cannot be understood"):
        return "Policy.lint(text) tells what is wrong and repairs what has one reading."
    if any(each.why == _NO_POLICY for each in ways):
        return "Write a policy: fresh_bucket_policy(bucket, perimeter) of gt_vpc_nb.policy.new_policies makes one."
    steps = [_TO_DO[row["verdict"]]]
    if row["verdict"] == "open" and row["ground_truth_ok"] is False:
        steps.insert(0, _TO_DO["closed-but-blocks-ground-truth"])
    if row.get("lockout_risk"):
        steps.append("exempting_administrators(policy, bucket, arns) of gt_vpc_nb.policy.new_policies lets them in.")
    return " ".join(filter(None, steps))


def _unread(read: ReadBucket) -> str:
    bucket = read.bucket
    if read.failed:
        return read.failed
    if isinstance(bucket.region, Missing):
        return f"{bucket.region.reason[0].upper()}{bucket.region.reason[1:]}."
    return f"Its policy cannot be read: {bucket.policy.reason}" if isinstance(bucket.policy, Unknown) else ""


def _without_policy(bucket: str, perimeter: Perimeter, account: str) -> tuple[Opening, ...]:
    somebody = next(each for each in origins(perimeter, account) if each.name == "other-principal")
    anything = f"arn:aws:s3:::{bucket}/{SOME_OBJECT}"
    witness = AccessRequest(somebody.principal, "s3:GetObject", anything, somebody.context)
    return (Opening("s3:*", f"arn:aws:s3:::{bucket}", witness, "", _NO_POLICY),)


def _of_policy(policy: Policy | None, bucket: str, region: str | None) -> tuple[Finding, ...]:
    return tuple(policy.findings(bucket, region)) if policy else ()


def _all_get_in(rows: tuple[Row, ...], origin: str) -> bool | None:
    decided = [row.decision for row in rows if row.origin.name == origin]
    if not decided or "undetermined" in decided:
        return None
    return all(each in GETS_IN for each in decided)


def _locked_out(rows: tuple[Row, ...]) -> bool | None:
    """Whether an administrator outside the VPC cannot repair the policy any more."""
    decided = [row.decision for row in rows if row.origin.name == "administrator" and row.action in _REPAIRS]
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


def _why(row: dict[str, Any], rows: tuple[Row, ...], ways: tuple[Opening, ...]) -> str:
    """The sentences behind a verdict."""
    told = []
    if row["verdict"] == "closed-and-working":
        told.append("Nobody from outside gets in (proven under the documented semantics); Ground Truth does.")
    asked = [each for each in rows if each.origin.name == "ground-truth"]
    stopped = [each for each in asked if not each.gets_in]
    unsure = next((each.reason for each in stopped if each.decision == "undetermined"), None)
    if unsure:
        told.append(f"Undetermined whether Ground Truth gets in: {unsure}")
    elif stopped:
        by = ", ".join(dict.fromkeys(f"'{each.statement}'" for each in stopped if each.statement))
        told.append(f"Ground Truth is stopped by {by or 'the lack of an Allow'}.")
    elif row["verdict"] == "undetermined" and not asked:
        told.append("The perimeter names no Region whose Ground Truth to ask about.")
    if ways:
        more = f" ({len(ways) - 1} more in .openings)" if len(ways) > 1 else ""
        why = ways[0].why
        told.append(f"U{why[1:]}" if why.startswith("undetermined:") else f"Open: {why}{more}.")
    if row["lockout_risk"]:
        told.append("Administrators outside the VPC cannot repair the policy.")
    return " ".join(told)
