"""Checks a labeling job against what a survey found, before AWS does; no calls are made here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from html import escape
from typing import TYPE_CHECKING, Any

from gt_vpc_nb import facts
from gt_vpc_nb.errors import Problem, Severity
from gt_vpc_nb.preflight.case import Case, Status
from gt_vpc_nb.preflight.surroundings import Surroundings

if TYPE_CHECKING:
    import pandas

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


@dataclass(frozen=True)
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

    def with_problems(self, problems: Iterable[Problem]) -> Preflight:
        """These rows after those of `LabelingJob.problems()`: an error counts as failed, a warning as warned."""
        return Preflight((*_from_problems(problems), *self.rows), self.standing)

    def to_frame(self) -> pandas.DataFrame:
        """Columns id, severity, status, evidence, remedy; a row a check, in the order of the table of checks."""
        import pandas

        return pandas.DataFrame([astuple(row) for row in self.rows], columns=list(COLUMNS))

    @property
    def summary(self) -> str:
        """One line: how many checks passed, failed, …"""
        counts = ((status, sum(row.status == status for row in self.rows)) for status in _ORDER)
        told = ", ".join(f"{count} {status}" for status, count in counts if count)
        return f"Preflight: {told or 'no checks'}" + (f" ({self.standing})" if self.standing else "")

    def _sorted(self) -> Iterator[CheckRow]:
        shown = (row for row in self.rows if row.status != "not applicable")
        return iter(sorted(shown, key=lambda row: _ORDER.index(row.status)))

    def __repr__(self) -> str:
        quiet = ", ".join(row.id for row in self._sorted() if row.status == "passed")
        told = [f"  {row}" for row in self._sorted() if row.status != "passed"]
        return "\n".join([self.summary, *told, *([f"  {'passed':<14} {quiet}"] if quiet else [])])

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col" style="text-align:left">{name}</th>' for name in COLUMNS)
        body = "".join(f"<tr>{_cells(row)}</tr>" for row in self._sorted())
        return (
            f'<table style="color:var(--jp-content-font-color1)"><caption>{escape(self.summary)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _cells(row: CheckRow) -> str:
    return "".join(f'<td style="text-align:left">{escape(str(value))}</td>' for value in astuple(row))


def _from_problems(problems: Iterable[Problem]) -> Iterator[CheckRow]:
    statuses: Mapping[str, Status] = {"error": "failed", "warning": "warned", "info": "passed"}
    for each in problems:
        evidence = f"{each.field}: {each.message}" if each.field else each.message
        yield CheckRow(each.code, each.severity, statuses[each.severity], evidence, each.remedy)


def run(
    request: Mapping[str, Any],
    surroundings: Surroundings,
    *,
    vpc: str | None = None,
    vpc_endpoints: Sequence[str] = (),
    problems: Iterable[Problem] = (),
) -> Preflight:
    """Runs every check on a CreateLabelingJob request and its surroundings; no call is made.

    `vpc` and `vpc_endpoints` are those of `LabelingJob.in_vpc`, which a request alone does not show; `problems` are
    the job's local ones, put before the checks' rows.
    """
    from gt_vpc_nb.preflight.checks import CHECKS

    case = Case(request, surroundings, vpc, tuple(vpc_endpoints))
    standing = f"{surroundings.place} · {surroundings.region} · {surroundings.account}"
    rows = tuple(_row(check.id, check.outcome(case)) for check in CHECKS)
    return Preflight(rows, standing).with_problems(problems)


def _row(id: str, outcome: Any) -> CheckRow:
    severity = facts.rule(id).severity
    # A rule that AWS only advises never stops a job.
    status = "warned" if outcome.status == "failed" and severity != "error" else outcome.status
    return CheckRow(id, severity, status, outcome.evidence, outcome.remedy)
