"""The audit of buckets: who gets through each policy, and whether Ground Truth does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from gt_vpc_nb.access_verdicts import GETS_IN, Judgement, judged
from gt_vpc_nb.aws.reading_buckets import read_buckets
from gt_vpc_nb.aws.sessions import standing
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.report.sarif import Level, Result, sarif
from gt_vpc_nb.report.tables import Table, table

ROWS = ("bucket", "region", "origin", "principal", "action", "decision", "statement", "reason")
_ANSWERS = ("ground_truth_ok", "closed", "lockout_risk", "cors_ok")
BUCKETS = ("bucket", "region", "verdict", *_ANSWERS, "findings", "openings", "error")
FINDINGS = ("bucket", "region", "type", "issue_code", "line", "path", "message", "remedy")
OPENINGS = ("bucket", "region", "action", "resource", "principal", "context", "statement", "why")
_DTYPES = {**dict.fromkeys(_ANSWERS, "boolean"), "findings": "Int64", "openings": "Int64"}
#: Worst first, as a reader wants them.
_ORDER = ("open", "closed-but-blocks-ground-truth", "undetermined", "unreadable", "closed-and-working")
_LEVELS: dict[str, Level] = {"ERROR": "error", "SECURITY_WARNING": "error", "WARNING": "warning", "SUGGESTION": "note"}
_HTML_BYTES = 55_000
#: Reasons under the answer; all of them are in `.to_frame()`.
_REASONS = 6
_NOTE = "Access points and ACLs of single objects were not read; identity policies were not given."


@dataclass(frozen=True, repr=False)
class Audit:
    """Who gets through the buckets' policies, as tables; the verdict comes first, then why, then what to do.

    `.buckets` has a row a bucket, `.findings` a row a finding, `.openings` a row a way in from outside the perimeter,
    `.to_frame()` a row for each bucket, origin and action. A decision `notDenied` means that the bucket policy leaves
    it to the caller's identity policies, which the audit does not read.
    """

    judgements: tuple[Judgement, ...]
    place: str
    by_account: bool = False

    @property
    def buckets(self) -> Table:
        """A row a bucket: verdict, what of it is so, how many findings and openings, and the error of an unreadable."""
        summaries = [each.summary for each in self.judgements]
        shown = BUCKETS if any(each["error"] for each in summaries) else BUCKETS[:-1]
        shown = tuple(name for name in shown if name != "region")
        return table(
            summaries, BUCKETS, title="Audit", summary=self._summary(), note=self._note(), shown=shown, dtypes=_DTYPES
        )

    @property
    def findings(self) -> Table:
        """A row a finding, in Access Analyzer's words: bucket, type, issue code, line and path, message, remedy."""
        return self._findings()

    def _findings(self, suggestions: bool = True) -> Table:
        rows = [
            {**_place(each), "type": one.type, "issue_code": one.issue_code, "line": one.line, "path": one.path,
             "message": one.message, "remedy": one.remedy}
            for each in self.judgements
            for one in each.findings
            if suggestions or one.type != "SUGGESTION"
        ]  # fmt: skip
        shown = ("bucket", "type", "line", "message", "remedy")
        told = f"{len(rows)} in {len({row['bucket'] for row in rows})} of {len(self.judgements)} buckets"
        told += "" if suggestions else "; suggestions are in .findings"
        return table(rows, FINDINGS, title="Findings", summary=f"{told} ({self.place})", shown=shown,
                     dtypes={"line": "Int64"})  # fmt: skip

    @property
    def openings(self) -> Table:
        """A row a way in from outside the perimeter, with the request that proves it."""
        rows = [
            {**_place(each), "action": way.action, "resource": way.resource, "statement": way.statement, "why": way.why,
             "principal": way.witness and (way.witness.principal or "anonymous"),
             "context": way.witness and ", ".join(f"{key}={value}" for key, value in way.witness.context.items())}
            for each in self.judgements
            for way in each.ways
        ]  # fmt: skip
        touched = sum(bool(each.ways) for each in self.judgements)
        told = f"{len(rows)} ways past {touched} of {len(self.judgements)} buckets"
        return table(
            rows, OPENINGS, title="Openings", summary=f"{told} ({self.place})", shown=("bucket", "action", "why")
        )

    def to_frame(self) -> Table:
        """A row for each bucket × origin × action: what the bucket policy decides, by which statement, and why."""
        rows = [row for each in self.judgements for row in each.rows]
        return table(rows, ROWS, title="Decisions", summary=f"{len(rows)} ({self.place})")

    def to_markdown(self) -> str:
        """The answer, the findings and who gets through, as Markdown."""
        return "\n\n".join(_markdown(each) for each in (self.buckets, self.findings, self._who()))

    def to_json(self) -> str:
        """The place and all tables, as JSON text."""
        frames = {
            "buckets": self.buckets,
            "rows": self.to_frame(),
            "findings": self.findings,
            "openings": self.openings,
        }
        records = {name: json.loads(pd.DataFrame(each).to_json(orient="records")) for name, each in frames.items()}
        return json.dumps({"place": self.place, **records}, ensure_ascii=False)

    def to_sarif(self) -> str:
        """Findings and openings as SARIF 2.1.0 text, for code scanning; a location is `s3://bucket` and a line."""
        return sarif(result for each in self.judgements for result in _results(each))

    def _answer(self) -> Table:
        """Worst first: the verdict, why, and what to do."""
        rows = sorted((each.summary for each in self.judgements), key=lambda row: _ORDER.index(row["verdict"]))
        columns = ("bucket", "verdict", "why", "to do")
        return table(rows, columns, title="Audit", summary=self._summary(), note=self._note())

    def _who(self) -> Table:
        """A row for each bucket and origin: which actions are stopped, and by what."""
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in (row for each in self.judgements for row in each.rows):
            groups.setdefault((row["bucket"], row["origin"]), []).append(row)
        rows = [{"bucket": name, "origin": origin, **_in_words(found)} for (name, origin), found in groups.items()]
        return table(rows, ("bucket", "origin", "stopped", "by"), title="Who gets through",
                     summary=f"{len(rows)} origins")  # fmt: skip

    def _summary(self) -> str:
        verdicts = [each.summary["verdict"] for each in self.judgements]
        told = [f"{verdicts.count(name)} {name}" for name in _ORDER if name in verdicts]
        answers = [each.summary.get("ground_truth_ok") for each in self.judgements]
        if False in answers:
            told.append(f"Ground Truth is shut out of {answers.count(False)} of {len(answers)}")
        elif answers and all(answers):
            told.append("Ground Truth gets into every bucket")
        return f"{', '.join(told) or 'no bucket was given'} ({self.place})"

    def _note(self) -> str:
        rows = [row for each in self.judgements for row in each.rows]
        stopped = [row["reason"] for row in rows if row["origin"] == "ground-truth" and row["decision"] not in GETS_IN]
        reasons = [f"Ground Truth: {reason}" for reason in dict.fromkeys(stopped)]
        return "\n".join([*reasons[:_REASONS], *([_NOTE] if rows else [])])

    def __repr__(self) -> str:
        return "\n\n".join(map(repr, self._parts()))

    def _repr_html_(self) -> str:
        # Three tables together stay within what one may take.
        return "".join(each.to_html_within(_HTML_BYTES) for each in self._parts())

    def _parts(self) -> list[Table]:
        parts = [self._answer(), self._who()]
        serious = any(one.type != "SUGGESTION" for each in self.judgements for one in each.findings)
        return [*parts, self._findings(suggestions=False)] if serious else parts


def audited(buckets: Sequence[str] | Mapping[str, Any], perimeter: Perimeter, session: Any) -> Audit:
    """Reads and judges every bucket; what cannot be read is a row that says so."""
    by_account = isinstance(buckets, Mapping)
    asked = dict(buckets) if isinstance(buckets, Mapping) else dict.fromkeys(buckets, session)
    places: dict[str, None] = {}
    judgements = []
    # Judged while the next ones are under way; closed at once when somebody interrupts.
    with closing(read_buckets(list(asked.items()))) as read:
        for each in read:
            places[str(each.where)] = None
            judgements.append(judged(each, perimeter))
    place = " and ".join(places) or str(standing(session))
    return Audit(tuple(judgements), place, by_account)


def _place(judgement: Judgement) -> dict[str, Any]:
    return {name: judgement.summary[name] for name in ("bucket", "region")}


def _results(judgement: Judgement) -> list[Result]:
    uri = f"s3://{judgement.summary['bucket']}"
    found = [
        Result(
            each.issue_code, _LEVELS.get(each.type, "warning"), f"{each.message} {each.remedy}".strip(), uri, each.line
        )
        for each in judgement.findings
    ]
    for way in judgement.ways:
        unknown = way.why.startswith("undetermined:")
        rule, level = ("UNDETERMINED_OPENING", "warning") if unknown else ("OPENING", "error")
        found.append(Result(rule, level, str(way), uri))  # type: ignore[arg-type]
    if judgement.summary["error"]:
        found.append(Result("UNREADABLE_BUCKET", "warning", judgement.summary["error"], uri))
    return found


def _in_words(decided: list[dict[str, Any]]) -> dict[str, str]:
    stopped = [row for row in decided if row["decision"] not in GETS_IN]
    names = ", ".join(dict.fromkeys(row["action"].removeprefix("s3:") for row in stopped))
    by = dict.fromkeys(row["statement"] or row["decision"] for row in stopped)
    told = "everything" if len(stopped) == len(decided) else names or "nothing"
    return {"stopped": told, "by": ", ".join(by) or "-"}


def _markdown(frame: Table) -> str:
    # Written here because DataFrame.to_markdown needs a further package.
    def cell(value: object) -> str:
        return escape("-" if value is None or value is pd.NA else str(value)).replace("|", "\\|").replace("\n", " ")

    lines = [f"**{frame.title}**: {escape(frame.summary)}", ""]
    lines += ["| " + " | ".join(frame.columns) + " |", "|" + " --- |" * len(frame.columns)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in frame.itertuples(index=False)]
    return "\n".join(lines)
