"""The audit of buckets: who gets through each policy, and whether Ground Truth does."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gt_vpc_nb.access_reports import markdown, results
from gt_vpc_nb.access_verdicts import Judgement, Row, judged
from gt_vpc_nb.aws.reading_buckets import read_buckets
from gt_vpc_nb.aws.sessions import standing
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.report.sarif import sarif
from gt_vpc_nb.report.tables import Table, table
from gt_vpc_nb.shown import page

if TYPE_CHECKING:
    from gt_vpc_nb.report.network_picture import NetworkPicture

ROWS = ("bucket", "region", "origin", "principal", "action", "decision", "statement", "reason")
_ANSWERS = ("ground_truth_ok", "closed", "lockout_risk", "cors_ok")
BUCKETS = ("bucket", "region", "verdict", *_ANSWERS, "findings", "openings", "error")
FINDINGS = ("bucket", "region", "type", "issue_code", "line", "path", "statement", "message", "remedy")
OPENINGS = ("bucket", "region", "action", "resource", "principal", "context", "statement", "why")
_DTYPES = {**dict.fromkeys(_ANSWERS, "boolean"), "findings": "Int64", "openings": "Int64"}
_TYPES = ("ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION")
#: Worst first, as a reader wants them.
_ORDER = ("open", "closed-but-blocks-ground-truth", "undetermined", "unreadable", "closed-and-working")
_TEXT_ROWS = 20
#: Of more buckets than these, who gets through is in `.to_frame()` and not in the view.
_FEW = 5
_NOTE = "Access points and ACLs of single objects were not read; identity policies were not given."


@dataclass(frozen=True, repr=False)
class Audit:
    """Who gets through the buckets' policies, as tables; the verdict comes first, then why, then what to do.

    `.buckets` has a row a bucket, `.findings` a row a finding, `.openings` a row a way in from outside the perimeter,
    `.to_frame()` a row for each bucket, origin and action. A decision `notDenied` means that the bucket policy leaves
    it to the caller's identity policies, which the audit does not read. An audit of buckets given with their sessions
    (`by_account`) says in each row whose session it was asked with.
    """

    judgements: tuple[Judgement, ...]
    place: str
    by_account: bool = False
    principals: tuple[str, ...] = ()

    @property
    def buckets(self) -> Table:
        """A row a bucket: verdict, what of it is so, how many findings and openings, and the error of an unreadable."""
        summaries = [each.summary for each in self.judgements]
        hidden = {"region"} if any(each["error"] for each in summaries) else {"region", "error"}
        columns = self._columns(BUCKETS)
        shown = [name for name in columns if name not in hidden]
        return table(
            summaries, columns, title="Audit", summary=self._summary(), note=self._note(), shown=shown, dtypes=_DTYPES
        )

    @property
    def findings(self) -> Table:
        """A row a finding, in Access Analyzer's words: type, issue code, line, path and statement, message, remedy."""
        return self._findings(_TYPES)

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
        told = f"{len(rows)} ways past {touched} of {len(self.judgements)} buckets ({self.place})"
        shown = ("bucket", "action", "why")
        return table(rows, self._columns(OPENINGS), title="Openings", summary=told, shown=shown)

    def to_frame(self) -> Table:
        """A row for each bucket × origin × action: what the bucket policy decides, by which statement, and why."""
        rows = [{**row.cells(), **_place(each)} for each in self.judgements for row in each.rows]
        return table(rows, self._columns(ROWS), title="Decisions", summary=f"{len(rows)} ({self.place})")

    def picture(self) -> NetworkPicture:
        """Who reaches which bucket through what, which arrow is stopped, and by which statement; the worst first."""
        from gt_vpc_nb.report.network_arrows import Decided, arrows
        from gt_vpc_nb.report.network_picture import NetworkPicture

        decided = [
            Decided(row.bucket, row.origin, row.action, row.decision, "" if row.gets_in else row.statement)
            for each in self._worst_first()
            for row in each.rows
        ]
        unread = [f"{each.summary['bucket']}: {each.summary['error']}" for each in self.judgements if not each.rows]
        return NetworkPicture(arrows(decided, self.principals), self.place, tuple(unread))

    def to_markdown(self) -> str:
        """The answer, the findings and who gets through, as Markdown."""
        who = _who([row for each in self.judgements for row in each.rows])
        return "\n\n".join(markdown(each) for each in (self.buckets, self.findings, who))

    def to_json(self) -> str:
        """The place and all tables, as JSON text."""
        frames = {"buckets": self.buckets, "rows": self.to_frame()}
        frames |= {"findings": self.findings, "openings": self.openings}
        records = {name: json.loads(pd.DataFrame(each).to_json(orient="records")) for name, each in frames.items()}
        return json.dumps({"place": self.place, **records}, ensure_ascii=False)

    def to_sarif(self) -> str:
        """Findings and openings as SARIF 2.1.0 text, for code scanning; a place is `s3://bucket?policy` and a line."""
        return sarif(result for each in self.judgements for result in results(each))

    def _columns(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return (*names[:2], "account", *names[2:]) if self.by_account else names

    def _worst_first(self) -> list[Judgement]:
        return sorted(self.judgements, key=lambda each: _ORDER.index(each.summary["verdict"]))

    def _answer(self) -> Table:
        """Worst first: the verdict, why, and what to do."""
        columns = ("bucket", *(["account"] if self.by_account else []), "verdict", "why", "to do")
        rows = [each.summary for each in self._worst_first()]
        return table(rows, columns, title="Audit", summary=self._summary(), note=self._note())

    def _findings(self, types: Collection[str]) -> Table:
        rows = [
            {**_place(each), "type": one.type, "issue_code": one.issue_code, "line": one.line, "path": one.path,
             "statement": each.statement_of(one), "message": one.message, "remedy": one.remedy}
            for each in self.judgements
            for one in each.findings
            if one.type in types
        ]  # fmt: skip
        told = f"{len(rows)} in {len({row['bucket'] for row in rows})} of {len(self.judgements)} buckets"
        told += "" if len(types) == len(_TYPES) else "; suggestions are in .findings"
        shown = ("bucket", "type", "line", "message", "remedy")
        columns = self._columns(FINDINGS)
        summary = f"{told} ({self.place})"
        return table(rows, columns, title="Findings", summary=summary, shown=shown, dtypes={"line": "Int64"})

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
        """What stops Ground Truth at the worst buckets, and what an audit does not look at."""
        stopped = [each for each in self._worst_first() if each.summary.get("ground_truth_ok") is False][:_FEW]
        rows = [row for each in stopped for row in each.rows if row.origin.name == "ground-truth" and not row.gets_in]
        reasons = dict.fromkeys(f"Ground Truth: {row.reason}" for row in rows)
        return "\n".join([*reasons, *([_NOTE] if any(each.rows for each in self.judgements) else [])])

    def __repr__(self) -> str:
        return "\n\n".join(
            each.to_text(rows=_TEXT_ROWS if len(self.judgements) > _FEW else None) for each in self._parts()
        )

    def _repr_html_(self) -> str:
        answer, *rest = self._parts()
        captions = [each.title for each in rest]
        return page(f"Audit — {self._summary()}", answer.part("Buckets, the worst first"),
                    *(each.part(caption) for each, caption in zip(rest, captions, strict=True)))  # fmt: skip

    def _parts(self) -> list[Table]:
        parts = [self._answer()]
        if len(self.judgements) <= _FEW:
            parts.append(_who([row for each in self.judgements for row in each.rows]))
        serious = self._findings(_TYPES[:-1])
        return [*parts, serious] if len(serious) else parts


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
    return Audit(tuple(judgements), place, by_account, tuple(perimeter.principals))


def _place(judgement: Judgement) -> dict[str, Any]:
    return {name: judgement.summary[name] for name in ("bucket", "region", "account")}


def _who(rows: Iterable[Row]) -> Table:
    """A row for each bucket and origin: which actions are stopped, and by what."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.bucket, row.origin.label), []).append(row)
    told = [{"bucket": bucket, "origin": origin, **_in_words(found)} for (bucket, origin), found in groups.items()]
    return table(told, ("bucket", "origin", "stopped", "by"), title="Who gets through", summary=f"{len(told)} origins")


def _in_words(decided: list[Row]) -> dict[str, str]:
    stopped = [row for row in decided if not row.gets_in]
    names = ", ".join(row.action.removeprefix("s3:") for row in stopped)
    by = dict.fromkeys(row.statement or row.decision for row in stopped)
    told = "everything" if len(stopped) == len(decided) else names or "nothing"
    return {"stopped": told, "by": ", ".join(by) or "-"}
