"""What `lint` gives back: rows with file, line, id, severity and message, shown in one table."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, overload

from gt_vpc_nb.errors import Severity
from gt_vpc_nb.report.sarif import Level, Result, sarif
from gt_vpc_nb.shown_text import told

if TYPE_CHECKING:
    from gt_vpc_nb.report.tables import Table

_COLUMNS = ("file", "line", "place", "id", "severity", "field", "message", "remedy")
_LEVELS: dict[str, Level] = {"error": "error", "warning": "warning", "info": "note"}


@dataclass(frozen=True)
class LintRow:
    """One thing that is wrong or worth knowing, and where.

    `id` is a rule that `%gt_vpc explain` knows, the issue code of a policy finding, or says that the text itself is
    broken (``PY-SYNTAX``, ``JSON_SYNTAX_ERROR``, ``YAML-SYNTAX``, ``TF-SYNTAX``). `line` is the file's, from 1; `place`
    tells the cell of a notebook and the line in it.
    """

    file: str
    line: int
    id: str
    severity: Severity
    message: str
    remedy: str = ""
    field: str = ""
    place: str = ""

    def __str__(self) -> str:
        said = " ".join(part for part in (self.message, self.remedy) if part)
        where = f"{self.place}: " if self.place else ""
        member = f"{self.field}: " if self.field else ""
        line = f"{self.file}:{self.line}: {self.id} {self.severity} {where}{member}{said}"
        return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


@dataclass(frozen=True, repr=False)
class LintReport(Sequence[LintRow]):
    """All that `lint` found, by file and line; true where there is anything.

    `notes` is a sentence on each file in which there was nothing to check, `looked_at` counts what was checked.
    """

    rows: tuple[LintRow, ...]
    notes: tuple[str, ...] = ()
    looked_at: Counter[str] = field(default_factory=Counter, hash=False)

    @overload
    def __getitem__(self, index: int) -> LintRow: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[LintRow, ...]: ...
    def __getitem__(self, index: int | slice) -> LintRow | tuple[LintRow, ...]:
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[LintRow]:
        return iter(self.rows)

    @property
    def errors(self) -> tuple[LintRow, ...]:
        """The rows that AWS would refuse, or that make a job fail."""
        return tuple(row for row in self.rows if row.severity == "error")

    @property
    def summary(self) -> str:
        """What was checked and what came of it, in one line."""
        checked = [_counted(number, what) for what, number in self.looked_at.items() if number]
        checked = [", ".join(checked[:-1]), checked[-1]] if len(checked) > 1 else checked
        severities = Counter(row.severity for row in self.rows)
        found = [_counted(severities[each], each) for each in ("error", "warning") if severities[each]]
        found += [f"{severities['info']} to know"] if severities["info"] else []
        return f"{' and '.join(checked) or 'nothing to check'}: {', '.join(found) or 'no problems'}"

    def to_frame(self) -> Table:
        """The rows as a table."""
        from gt_vpc_nb.report.tables import table

        return table(
            [asdict(row) for row in self.rows],
            _COLUMNS,
            title="Lint",
            summary=self.summary,
            note="\n".join(self.notes),
            shown=[name for name in _COLUMNS if name != "place" or any(row.place for row in self.rows)],
            dtypes={name: "Int64" if name == "line" else "string" for name in _COLUMNS},
        )

    def to_sarif(self) -> str:
        """The rows as a SARIF log, which code scanning of GitHub, GitLab and editors reads."""
        return sarif(
            Result(
                row.id,
                _LEVELS[row.severity],
                " ".join(part for part in (row.message, row.remedy) if part),
                row.file.replace(os.sep, "/"),
                row.line,
                row.field,
            )
            for row in self.rows
        )

    def __str__(self) -> str:
        return "\n".join([*map(str, self.rows), *self.notes, f"Lint: {self.summary}."])

    def __repr__(self) -> str:
        return told(f"Lint: {self.summary}.", map(str, self.rows), self.notes)

    def _repr_html_(self) -> str:
        return self.to_frame()._repr_html_()


_PLURALS = {
    "bucket policy": "bucket policies",
    "part of a request": "parts of requests",
    "list of actions": "lists of actions",
}


def _counted(number: int, what: str) -> str:
    return f"{number} {what if number == 1 else _PLURALS.get(what, f'{what}s')}"
