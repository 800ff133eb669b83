"""Checks a labeling job against what a survey found, before AWS does; no calls are made here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from gt_vpc_nb import facts
from gt_vpc_nb.errors import Problem, Severity
from gt_vpc_nb.preflight.case import Case, Outcome, Status, together
from gt_vpc_nb.preflight.surroundings import Surroundings
from gt_vpc_nb.shown import Fold, Part, Rows, badge, page
from gt_vpc_nb.shown_text import told

if TYPE_CHECKING:
    from gt_vpc_nb.report.tables import Table

__all__ = ["CheckRow", "Preflight", "Surroundings", "run"]


@dataclass(frozen=True)
class CheckRow:
    """One check's result; `id` is a rule that `%gt_vpc explain` knows."""

    id: str
    severity: Severity
    status: Status
    evidence: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.status:<14} {self.id:<8} {self.evidence}" + (f" -> {self.remedy}" if self.remedy else "")


COLUMNS = tuple(field.name for field in fields(CheckRow))
_ORDER: tuple[Status, ...] = ("failed", "undetermined", "warned", "passed", "not applicable")


@dataclass(frozen=True, repr=False)
class Preflight:
    """The results of all checks, one row a check."""

    rows: tuple[CheckRow, ...]
    standing: str = ""

    @property
    def failures(self) -> tuple[CheckRow, ...]:
        """The rows that failed: the job, or some of its tasks, would fail on AWS."""
        return tuple(row for row in self.rows if row.status == "failed")

    @property
    def passed(self) -> bool:
        """No check failed, and no check of an error was left undetermined; warnings pass."""
        return not self.failures and not any(
            row.status == "undetermined" and row.severity == "error" for row in self.rows
        )

    def row(self, id: str) -> CheckRow:
        """The row of a rule's id. Raises KeyError for one that is not checked."""
        found = [row for row in self.rows if row.id == id]
        if not found:
            raise KeyError(f"{id} is not among the checks; they are {', '.join(row.id for row in self.rows)}")
        return found[0]

    def to_frame(self) -> Table:
        """Columns id, severity, status, evidence, remedy; a row a check, in the order of the table of checks."""
        from gt_vpc_nb.report.tables import table

        rows, types = [asdict(row) for row in self.rows], dict.fromkeys(COLUMNS, "string")
        title, _, summary = self.summary.partition(": ")
        return table(rows, COLUMNS, title=title, summary=summary, dtypes=types)

    @property
    def summary(self) -> str:
        """One line: how many checks passed, failed, …"""
        counts = ((status, sum(row.status == status for row in self.rows)) for status in _ORDER)
        words = ", ".join(f"{count} {status}" for status, count in counts if count)
        return f"Preflight: {words or 'no checks'}" + (f" ({self.standing})" if self.standing else "")

    def _sorted(self) -> Iterator[CheckRow]:
        shown = (row for row in self.rows if row.status != "not applicable")
        return iter(sorted(shown, key=lambda row: _ORDER.index(row.status)))

    def __repr__(self) -> str:
        quiet = ", ".join(row.id for row in self._sorted() if row.status == "passed")
        lines = [f"  {row}" for row in self._sorted() if row.status != "passed"]
        return told(self.summary, lines, [f"  {'passed':<14} {quiet}"] if quiet else ())

    def _repr_html_(self) -> str:
        return page(self.summary, *self.parts())

    def parts(self) -> list[Part]:
        """The checks for a page of its own or of something larger: to look at first, then what unfolds."""
        rows = {status: [_cells(row) for row in self.rows if row.status == status] for status in _ORDER}
        loud = [row for status in _ORDER[:3] for row in rows[status]]
        quiet = [
            Fold(f"{len(rows[status])} {status}", [Rows(f"Checks: {status}", _SHOWN, rows[status])])
            for status in _ORDER[3:]
            if rows[status]
        ]
        return [*([Rows("Checks to look at", _SHOWN, loud)] if loud else []), *quiet]


_SHOWN = ("check", "status", "evidence", "to do", "severity")


def _cells(row: CheckRow) -> tuple[object, ...]:
    return row.id, badge(row.status), row.evidence, row.remedy, row.severity


def run(
    request: Mapping[str, Any],
    surroundings: Surroundings,
    *,
    vpc: str | None = None,
    vpc_endpoints: Sequence[str] = (),
    network: Mapping[str, Sequence[str]] | None = None,
    problems: Iterable[Problem] | None = None,
) -> Preflight:
    """Runs every check on a CreateLabelingJob request and its surroundings, one row a check; no call is made.

    `vpc`, `vpc_endpoints` and `network` (a VpcConfig) are those of `LabelingJob.in_vpc`, which a request alone does not
    show; `problems` are what is known against the job without AWS (left out: what the request shows), told in the row
    of their rule.
    """
    from gt_vpc_nb.preflight.checks import CHECKS
    from gt_vpc_nb.request_rules import request_problems

    case = Case(request, surroundings, vpc, tuple(vpc_endpoints), network or {})
    if problems is None:
        problems = request_problems(request, region=surroundings.region, in_vpc=case.in_vpc)
    told: dict[str, list[Problem]] = {check.id: [] for check in CHECKS}
    for each in problems:
        told.setdefault(each.code, []).append(each)
    outcomes = {check.id: check.outcome(case) for check in CHECKS}
    rows = tuple(_row(id, outcomes.get(id), mine) for id, mine in told.items())
    return Preflight(rows, f"{surroundings.place} · {surroundings.region} · {surroundings.account}")


_SAID: Mapping[Severity, Status] = {"error": "failed", "warning": "warned", "info": "passed"}


def _row(id: str, found: Outcome | None, problems: Sequence[Problem]) -> CheckRow:
    """What the check found and what is known without AWS, as one row: the worst counts, and nothing contradicts it."""
    severity = facts.rule(id).severity
    if found is not None and found.status == "failed" and severity != "error":
        # A rule that AWS only advises never stops a job.
        found = replace(found, status="warned")
    if any(each.severity == "error" for each in problems):
        severity = "error"
    said = [_outcome(each) for each in problems]
    # A file that the job brings along is judged with the job, and once more where the survey found it.
    known = [*([found] if found else []), *(each for each in said if not found or each.evidence not in found.evidence)]
    outcome = together(known, "")
    return CheckRow(id, severity, outcome.status, outcome.evidence, outcome.remedy)


def _outcome(problem: Problem) -> Outcome:
    evidence = f"{problem.field}: {problem.message}" if problem.field else problem.message
    return Outcome(_SAID[problem.severity], evidence, problem.remedy)
