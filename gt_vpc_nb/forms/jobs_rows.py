"""The rows of the jobs view: chosen and sorted from the table of labeling jobs, and told as HTML."""

from __future__ import annotations

import html
from collections.abc import Callable

import pandas as pd

from gt_vpc_nb.forms.fields import ICONS, told
from gt_vpc_nb.report.cells import cell
from gt_vpc_nb.report.progress import split_bar_html
from gt_vpc_nb.report.tables import Table

#: Rows that are drawn; whoever looks for more filters.
DRAWN = 100
ANY = "any status"

#: What to sort by -> columns, and whether they ascend.
SORTS: dict[str, tuple[tuple[str, bool], ...]] = {
    "newest first": (("created", False),),
    "oldest first": (("created", True),),
    "what needs attention first": (("_calm", True), ("created", False)),
    "name": (("name", True), ("region", True)),
    "status": (("status", True), ("created", False)),
    "least done first": (("percent", True), ("created", False)),
    "soonest done first": (("eta", True), ("created", False)),
}
_PARTS = ("human", "machine", "failed", "unlabeled")


def chosen_rows(jobs: Table, status: str, name: str, sort: str) -> pd.DataFrame:
    """The jobs of one status (or any) whose names contain a text, in an order of `SORTS`."""
    rows = pd.DataFrame(jobs).assign(_calm=jobs["attention"].fillna("").eq(""))
    if status != ANY:
        rows = rows[rows["status"] == status]
    if name.strip():
        rows = rows[rows["name"].str.contains(name.strip(), case=False, regex=False)]
    columns, ascending = zip(*SORTS[sort], strict=True)
    return rows.sort_values(list(columns), ascending=list(ascending), kind="stable", na_position="last")


def rows_html(rows: pd.DataFrame, caption: str, chosen: tuple[str, str] | None) -> str:
    """The rows as a table with a caption and scopes; the chosen one is told by a word and not by its colour alone."""
    heads = ("name", "region", "status", "task type", "progress", "age", "time left", "attention")
    top = "".join(f'<th scope="col">{each}</th>' for each in heads)
    records = rows.head(DRAWN).to_dict("records")
    body = "".join(_row(record, (record["name"], record["region"]) == chosen) for record in records)
    more = len(rows) - len(records)
    tail = f"<p>+{more:,} more: filter by status or name to see them.</p>" if more > 0 else ""
    table = f"<table><caption>{told(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    # A wide table scrolls within the cell, also by keyboard.
    region = (
        '<div class="gt-vpc-nb-rows" tabindex="0" role="region" aria-label="Table of jobs" style="overflow-x:auto">'
    )
    return f"{region}{table}</div>{tail}"


def _row(record: dict[str, object], chosen: bool) -> str:
    name = f"{'<strong>▶ chosen:</strong> ' if chosen else ''}{told(record['name'])}"
    cells = "".join(f"<td>{make(record)}</td>" for make in _CELLS)
    return f'<tr{" aria-current=true" if chosen else ""}><th scope="row">{name}</th>{cells}</tr>'


def _plain(column: str) -> Callable[[dict[str, object]], str]:
    return lambda record: told(cell(record[column]))


def _progress(record: dict[str, object]) -> str:
    parts = [(name, 0 if pd.isna(record[name]) else int(record[name])) for name in _PARTS]  # type: ignore[call-overload]
    return split_bar_html(parts) if any(count for _, count in parts) else "not counted yet"


def _attention(record: dict[str, object]) -> str:
    words = cell(record["attention"])
    if not record["attention"] or pd.isna(record["attention"]):
        return html.escape(words)
    return f'<span aria-hidden="true">{ICONS["warning"]}</span> {told(words)}'


_CELLS = (
    _plain("region"),
    _plain("status"),
    _plain("task_type"),
    _progress,
    _plain("age"),
    _plain("eta"),
    _attention,
)
