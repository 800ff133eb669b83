"""The audit of buckets: who gets through each policy, and whether Ground Truth does."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd
from botocore.exceptions import ParamValidationError

from gt_vpc_nb.aws.sessions import Standing, client, standing
from gt_vpc_nb.aws.surveying import survey_bucket
from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy import Policy
from gt_vpc_nb.policy.origins import decisions
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.reach import Opening, openings
from gt_vpc_nb.preflight.surroundings import Bucket, Missing, Unknown
from gt_vpc_nb.report.tables import Table, table

ROWS = ("bucket", "region", "origin", "principal", "action", "decision", "statement", "reason")
_ANSWERS = ("ground_truth_ok", "closed", "lockout_risk", "cors_ok")
BUCKETS = ("bucket", "region", "verdict", *_ANSWERS, "findings", "openings", "error")
_DTYPES = {**dict.fromkeys(_ANSWERS, "boolean"), "findings": "Int64", "openings": "Int64"}
_GETS_IN = ("allowed", "notDenied")


@dataclass(frozen=True, repr=False)
class Audit:
    """Who gets through the buckets' policies, as tables; the verdict comes first.

    `.buckets` has a row a bucket, `.to_frame()` a row for each bucket, origin and action. A decision `notDenied` means
    that the bucket policy leaves it to the caller's identity policies, which the audit does not read.
    """

    standing: Standing
    buckets: Table
    rows: tuple[dict[str, Any], ...]

    def to_frame(self) -> Table:
        """A row for each bucket × origin × action: what the bucket policy decides, by which statement, and why."""
        return _rows_table(self.rows, self.standing)

    def to_markdown(self) -> str:
        """Both tables as Markdown."""
        return "\n\n".join(_markdown(each) for each in (self.buckets, _origins_table(self.rows, self.standing)))

    def to_json(self) -> str:
        """The place, and both tables, as JSON text."""
        frames = {name: json.loads(frame.to_json(orient="records")) for name, frame in self._frames().items()}
        return json.dumps({"place": str(self.standing), **frames}, ensure_ascii=False)

    def _frames(self) -> dict[str, pd.DataFrame]:
        return {"buckets": pd.DataFrame(self.buckets), "rows": pd.DataFrame(self.to_frame())}

    def __repr__(self) -> str:
        return f"{self.buckets!r}\n\n{_origins_table(self.rows, self.standing)!r}"

    def _repr_html_(self) -> str:
        return self.buckets._repr_html_() + _origins_table(self.rows, self.standing)._repr_html_()


def audited(buckets: Sequence[str], perimeter: Perimeter, session: Any) -> Audit:
    """Reads and judges every bucket; what cannot be read is a row that says so."""
    where = standing(session)
    s3 = client(session, "s3")
    found = [_judged(_surveyed(name, s3), perimeter, where) for name in dict.fromkeys(buckets)]
    rows = tuple(row for _, rows in found for row in rows)
    summaries = [summary for summary, _ in found]
    shown = ("bucket", "verdict", "ground_truth_ok", "closed", "lockout_risk", "cors_ok", "openings", "error")
    shown = shown if any(each["error"] for each in summaries) else shown[:-1]
    told, note = _summary(summaries, perimeter, where), _note(summaries, found)
    made = table(summaries, BUCKETS, title="Audit", summary=told, note=note, shown=shown, dtypes=_DTYPES)
    return Audit(where, made, rows)


def _surveyed(name: str, s3: Any) -> Bucket:
    try:
        return survey_bucket(name, s3)
    except ParamValidationError:
        return Bucket(name, Missing(f"'{name}' is not a bucket name"))


def _judged(bucket: Bucket, perimeter: Perimeter, where: Standing) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    region = bucket.region if isinstance(bucket.region, str) else None
    summary: dict[str, Any] = {"bucket": bucket.name, "region": region, "verdict": "unreadable", "error": ""}
    if isinstance(bucket.region, Missing):
        return {**summary, "error": f"{bucket.region.reason[0].upper()}{bucket.region.reason[1:]}."}, []
    if isinstance(bucket.policy, Unknown):
        return {**summary, "error": f"Its policy cannot be read: {bucket.policy.reason}"}, []
    try:
        policy = Policy.parse(bucket.policy) if bucket.policy else None
    except PolicyError as error:
        told = " ".join(str(error).split())
        return {**summary, "error": f"Its policy cannot be understood: {told}", "findings": len(error.findings)}, []
    rows = list(_rows(bucket.name, region, policy, perimeter, where.account))
    ways = openings(policy, bucket.name, perimeter) if policy else _without_policy(bucket.name)
    flags = {
        "ground_truth_ok": _all_get_in(rows, "ground-truth"),
        "closed": _closed(ways),
        "lockout_risk": _locked_out(rows, perimeter),
        "cors_ok": _cors_ok(bucket),
    }
    verdict = _verdict(flags["closed"], flags["ground_truth_ok"])
    return {**summary, **flags, "verdict": verdict, "openings": len(ways), "ways": ways}, rows


def _rows(
    bucket: str, region: str | None, policy: Policy | None, perimeter: Perimeter, account: str
) -> Iterable[dict[str, Any]]:
    for origin, action, decision in decisions(policy, bucket, perimeter, account):
        row = {"bucket": bucket, "region": region, "origin": origin.name, "principal": origin.principal or "anonymous"}
        if decision is None:
            reason = "No bucket policy decides this action; the identity policies do."
            yield {**row, "action": action, "decision": "notDenied", "statement": "", "reason": reason}
        else:
            statement = ", ".join(decision.matched_statements)
            reason = decision.reasons[0]
            yield {**row, "action": action, "decision": decision.decision, "statement": statement, "reason": reason}


def _without_policy(bucket: str) -> tuple[Opening, ...]:
    why = "the bucket has no policy, so identity policies of the account decide alone, from every network"
    return (Opening("s3:*", f"arn:aws:s3:::{bucket}", None, "", why),)


def _all_get_in(rows: list[dict[str, Any]], origin: str) -> bool | None:
    decided = [row["decision"] for row in rows if row["origin"] == origin]
    if not decided or "undetermined" in decided:
        return None
    return all(each in _GETS_IN for each in decided)


def _locked_out(rows: list[dict[str, Any]], perimeter: Perimeter) -> bool | None:
    """Whether an administrator outside the VPC cannot repair the policy any more."""
    repairs = ("s3:GetBucketPolicy", "s3:PutBucketPolicy")
    decided = [row["decision"] for row in rows if row["origin"] == "administrator" and row["action"] in repairs]
    if not decided:
        return None
    return None if "undetermined" in decided else any(each not in _GETS_IN for each in decided)


def _closed(ways: tuple[Opening, ...]) -> bool | None:
    if any(not each.why.startswith("undetermined:") for each in ways):
        return False
    return None if ways else True


def _cors_ok(bucket: Bucket) -> bool | None:
    if isinstance(bucket.cors, Unknown):
        return None
    return any("GET" in rule.methods and "*" in rule.origins for rule in bucket.cors)


def _verdict(closed: bool | None, ground_truth_ok: bool | None) -> str:
    if closed is False:
        return "open"
    if closed is None or ground_truth_ok is None:
        return "undetermined"
    return "closed-and-working" if ground_truth_ok else "closed-but-blocks-ground-truth"


def _summary(summaries: list[dict[str, Any]], perimeter: Perimeter, where: Standing) -> str:
    answers = [each.get("ground_truth_ok") for each in summaries if each["verdict"] != "unreadable"]
    unread = len(summaries) - len(answers)
    parts = [f"Ground Truth is shut out of {answers.count(False)} of {len(summaries)}"] if False in answers else []
    if perimeter.ground_truth is None and answers:
        parts.append("the perimeter names no Region whose Ground Truth to ask about")
    elif None in answers:
        parts.append(f"undetermined whether Ground Truth gets into {answers.count(None)}")
    elif answers and all(answers) and not unread:
        parts.append("Ground Truth gets into every bucket")
    parts += [f"{unread} unreadable"] if unread else []
    return f"{', '.join(parts) or 'no bucket was given'} ({where})"


def _note(summaries: list[dict[str, Any]], found: list[Any]) -> str:
    stopped = dict.fromkeys(
        row["reason"]
        for _, rows in found
        for row in rows
        if row["origin"] == "ground-truth" and row["decision"] not in _GETS_IN
    )
    ways = dict.fromkeys(each.why for summary in summaries for each in summary.get("ways", ())[:1])
    told = [f"Ground Truth: {reason}" for reason in stopped]
    told += [f"U{why[1:]}" if why.startswith("undetermined:") else f"Open: {why}" for why in ways]
    return "\n".join(told)


def _origins_table(rows: tuple[dict[str, Any], ...], where: Standing) -> Table:
    """A row for each bucket and origin: which actions get in, and what stops the others."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["bucket"], row["origin"]), []).append(row)
    shown = [{"bucket": bucket, "origin": origin, **_in_words(decided)} for (bucket, origin), decided in groups.items()]
    columns = ("bucket", "origin", "stopped", "by")
    return table(shown, columns, title="Who gets through", summary=f"{len(shown)} origins", note="")


def _in_words(decided: list[dict[str, Any]]) -> dict[str, str]:
    stopped = [row for row in decided if row["decision"] not in _GETS_IN]
    names = ", ".join(row["action"].removeprefix("s3:") for row in stopped)
    by = dict.fromkeys(row["statement"] or row["decision"] for row in stopped)
    told = "everything" if len(stopped) == len(decided) else names or "nothing"
    return {"stopped": told, "by": ", ".join(by) or "-"}


def _rows_table(rows: Sequence[dict[str, Any]], where: Standing) -> Table:
    return table(rows, ROWS, title="Decisions", summary=f"{len(rows)} ({where})")


def _markdown(frame: Table) -> str:
    # Written here because DataFrame.to_markdown needs a further package.
    def cell(value: object) -> str:
        return escape("-" if value is None or value is pd.NA else str(value)).replace("|", "\\|").replace("\n", " ")

    lines = [f"**{frame.title}**: {escape(frame.summary)}", ""]
    lines += ["| " + " | ".join(frame.columns) + " |", "|" + " --- |" * len(frame.columns)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in frame.itertuples(index=False)]
    return "\n".join(lines)
