"""Tables that say their verdict first: a DataFrame with a title, a summary and a look of its own.

`table(...)` makes one. Everything pandas does still works, and whatever is selected from it is a plain DataFrame.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from numbers import Integral, Real
from typing import Any

import pandas as pd

from gt_vpc_nb.report.table_html import FrameRows, html_of
from gt_vpc_nb.report.table_look import Look
from gt_vpc_nb.report.table_text import TEXT_ROWS, text_lines


class Table(pd.DataFrame):
    """A DataFrame that shows its title and summary first; selections of it are plain DataFrames."""

    _metadata = ["_look"]  # noqa: RUF012 - the name and the type are pandas's
    _look = Look()

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    @property
    def title(self) -> str:
        """The first half of the first line."""
        return self._look.title

    @property
    def summary(self) -> str:
        """The verdict: what the rows say together."""
        return self._look.summary

    @property
    def note(self) -> str:
        """What a reader must know besides the rows, or nothing."""
        return self._look.note

    def to_text(self, width: int | None = None, rows: int | None = None) -> str:
        """The table as aligned text of so many columns (the terminal's, or 120 where there is none) and rows (60)."""
        return "\n".join(text_lines(self, self._look, width or _terminal_width(), rows or TEXT_ROWS))

    def part(self, caption: str = "") -> FrameRows:
        """The table as a part of a page; `caption` where the answer stands elsewhere."""
        return FrameRows(self, self._look, caption)

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return html_of(self, self._look)


def table(
    rows: Iterable[Mapping[str, Any]] | pd.DataFrame,
    columns: Sequence[str],
    *,
    title: str,
    summary: str,
    note: str = "",
    shown: Sequence[str] | None = None,
    bars: Sequence[str] = (),
    dtypes: Mapping[str, str] | None = None,
) -> Table:
    """Rows -> a table with exactly these columns; a row that lacks one has a missing value there.

    Columns get nullable types that are the same in pandas 2 and 3: string, Int64, boolean, float64, UTC times,
    timedeltas; `dtypes` fixes them where rows may be missing. `shown` are the columns to show (all, when left out),
    `bars` those with percentages (0 to 100) drawn as bars.

    >>> print(table([{"bucket": "a", "ok": True}, {"bucket": "b"}], ["bucket", "ok"], title="Audit", summary="1 of 2"))
    Audit — 1 of 2
    bucket  ok
    a       yes
    b       -
    """
    if isinstance(rows, pd.DataFrame):
        frame = pd.DataFrame(rows).reindex(columns=list(columns))
    else:
        listed = list(rows)
        fixed = dtypes or {}
        data = {name: _column([row.get(name) for row in listed], fixed.get(name)) for name in columns}
        frame = pd.DataFrame(data, columns=list(columns), index=pd.RangeIndex(len(listed)))
    made = Table(frame)
    made._look = Look(title, summary, note, None if shown is None else tuple(shown), tuple(bars))
    return made


def _column(values: list[Any], dtype: str | None) -> pd.Series:
    dtype = dtype or _dtype(values)
    if dtype.startswith("datetime64"):
        return pd.to_datetime(pd.Series(values, dtype="object"), utc=True).dt.as_unit("us")
    if dtype.startswith("timedelta64"):
        return pd.to_timedelta(pd.Series(values, dtype="object")).dt.as_unit("us")
    try:
        return pd.Series(values, dtype=dtype)
    except (OverflowError, UnicodeEncodeError):
        # Labels may hold numbers beyond 64 bits and half surrogates; they are shown, not lost.
        return pd.Series(values, dtype="object")


def _dtype(values: list[Any]) -> str:
    """The narrowest nullable type that holds every value; object where the kinds are mixed."""
    kinds = {_kind(value) for value in values} - {""}
    if kinds == {"Int64", "float64"}:
        return "float64"
    return kinds.pop() if len(kinds) == 1 else "object"


def _kind(value: Any) -> str:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, Integral):
        return "Int64" if -(2**63) <= value < 2**63 else "object"
    if isinstance(value, Real):
        return "float64"
    if isinstance(value, str):
        return "string"
    if isinstance(value, datetime):
        return "datetime64[us, UTC]"
    return "timedelta64[us]" if isinstance(value, timedelta) else "object"


def _terminal_width() -> int:
    """A terminal's own width; elsewhere 120, so that stored outputs do not depend on the machine."""
    try:
        in_terminal = sys.stdout.isatty()
    except (AttributeError, ValueError):
        in_terminal = False
    return shutil.get_terminal_size((120, 40)).columns if in_terminal else 120
