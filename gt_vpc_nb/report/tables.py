"""Tables that say their verdict first: a DataFrame with a title, a summary and a look of its own.

`table(...)` makes one. Everything pandas does still works, and whatever is selected from it is a plain DataFrame.
"""

from __future__ import annotations

import html
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from numbers import Integral, Real
from typing import Any

import pandas as pd

from gt_vpc_nb.report.cells import NOTHING, cell, columns_wide, padded, shortened, wrapped
from gt_vpc_nb.report.progress import bar, bar_html

TEXT_ROWS = 60
TEXT_LINES_A_CELL = 6
HTML_BYTES = 180_000
HTML_COLUMNS = 60
GAP = "  "


@dataclass(frozen=True)
class Look:
    """What a table shows around its rows."""

    title: str = ""
    summary: str = ""
    note: str = ""
    shown: tuple[str, ...] | None = None
    bars: tuple[str, ...] = ()


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

    def to_text(self, width: int | None = None) -> str:
        """The table as aligned text of so many columns (the terminal's, or 120 where there is none)."""
        return "\n".join(_text_lines(self, width or _terminal_width()))

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return _html(self)


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


def _shown(frame: Table) -> list[int]:
    """The positions of the columns to show: positions, since a column's name may occur twice."""
    wanted = frame._look.shown
    if wanted is None:
        return list(range(frame.shape[1]))
    at = {name: position for position, name in reversed(list(enumerate(frame.columns)))}
    return [at[name] for name in wanted if name in at]


def _head(look: Look) -> str:
    return " — ".join(cell(part) for part in (look.title, look.summary) if part)


def _values(frame: Table, position: int, rows: int) -> list[Any]:
    return frame.iloc[:rows, position].tolist()


def _is_number(frame: Table, position: int) -> bool:
    dtype = frame.dtypes.iloc[position]
    return pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)


# ---------------------------------------------------------------------------------------------------------------- text


@dataclass
class _TextColumn:
    name: str
    cells: list[str]
    right: bool
    width: int

    @property
    def narrowest(self) -> int:
        longest_word = max((columns_wide(word) for word in self.name.split(" ")), default=1)
        return min(self.width, max(longest_word, 12))


def _text_lines(frame: Table, width: int) -> list[str]:
    look = frame._look
    lines = wrapped(_head(look), width, 20) if look.title or look.summary else []
    columns = [_text_column(frame, position) for position in _shown(frame)]
    if not len(frame):
        lines.append("(no rows)")
    else:
        for block in _blocks(columns, width):
            lines += _block_lines(block, width)
    if len(frame) > TEXT_ROWS:
        lines.append(f"+{len(frame) - TEXT_ROWS:,} rows")
    for each in look.note.splitlines():
        lines += wrapped(cell(each), width, 20)
    return lines


def _text_column(frame: Table, position: int) -> _TextColumn:
    name = cell(frame.columns[position])
    as_bar = frame.columns[position] in frame._look.bars
    values = _values(frame, position, TEXT_ROWS)
    cells = [bar(float(value)) if as_bar and cell(value) != NOTHING else cell(value) for value in values]
    right = not as_bar and _is_number(frame, position)
    return _TextColumn(name, cells, right, max(map(columns_wide, [name, *cells])))


def _blocks(columns: list[_TextColumn], width: int) -> list[list[_TextColumn]]:
    """Columns side by side as far as they fit when narrowed; the rest below, with the first column repeated."""
    blocks: list[list[_TextColumn]] = []
    for column in columns:
        block = blocks[-1] if blocks else None
        if block and sum(each.narrowest + len(GAP) for each in block) + column.narrowest <= width:
            block.append(column)
        else:
            blocks.append([columns[0], column] if blocks else [column])
    return blocks


def _block_lines(block: list[_TextColumn], width: int) -> list[str]:
    widths = _narrowed(block, width)
    header = GAP.join(
        padded(shortened(column.name, wide), wide, right=column.right)
        for column, wide in zip(block, widths, strict=True)
    )
    lines = [header.rstrip()]
    for row in zip(*(column.cells for column in block), strict=True):
        cells = [wrapped(text, wide, TEXT_LINES_A_CELL) for text, wide in zip(row, widths, strict=True)]
        for at in range(max(map(len, cells))):
            pieces = (
                padded(lines_of[at] if at < len(lines_of) else "", wide, right=column.right)
                for lines_of, wide, column in zip(cells, widths, block, strict=True)
            )
            lines.append(GAP.join(pieces).rstrip())
    return lines


def _narrowed(block: list[_TextColumn], width: int) -> list[int]:
    widths = [column.width for column in block]
    floors = [min(column.narrowest, width) for column in block]
    excess = sum(widths) + len(GAP) * (len(widths) - 1) - width
    while excess > 0:
        widest = max(range(len(widths)), key=lambda at: (widths[at] > floors[at], widths[at]))
        if widths[widest] <= floors[widest]:
            break
        widths[widest] -= 1
        excess -= 1
    return [max(1, each) for each in widths]


# ---------------------------------------------------------------------------------------------------------------- HTML

_BOX = "overflow-x:auto;max-width:100%;color:var(--jp-content-font-color1, inherit)"
_CAPTION = "text-align:left;caption-side:top;padding:.3em 0;font-weight:600;color:inherit"
_EDGE = "border-bottom:1px solid var(--jp-border-color2, #bdbdbd);padding:.25em .6em;vertical-align:top;"


def _html(frame: Table) -> str:
    look = frame._look
    positions = _shown(frame)
    hidden = len(positions) - HTML_COLUMNS
    positions = positions[:HTML_COLUMNS]
    caption = html.escape(shortened(_head(look), 2000))
    headers = "".join(_html_header(frame, at) for at in positions)
    rows, left = _html_rows(frame, positions)
    tail = [f"+{left:,} rows"] if left else []
    tail += [f"+{hidden:,} columns"] if hidden > 0 else []
    tail += [shortened(cell(line), 1000) for line in look.note.splitlines()[:20]]
    notes = "".join(f'<p style="margin:.3em 0">{html.escape(line)}</p>' for line in tail)
    return (
        f'<div tabindex="0" role="group" aria-label="{caption}" style="{_BOX}">'
        f'<table style="border-collapse:collapse;margin:0"><caption style="{_CAPTION}">{caption}</caption>'
        f"<thead><tr>{headers}</tr></thead><tbody>{''.join(rows)}</tbody></table>{notes}</div>"
    )


def _html_header(frame: Table, position: int) -> str:
    name = html.escape(_clipped(frame.columns[position], 100))
    return f'<th scope="col" style="{_EDGE}text-align:{_side(frame, position)}">{name}</th>'


def _html_rows(frame: Table, positions: list[int]) -> tuple[list[str], int]:
    """As many rows as fit into the budget of bytes, and how many do not."""
    at_most = min(len(frame), HTML_BYTES // 60)
    columns = [_values(frame, position, at_most) for position in positions]
    sides = [_side(frame, position) for position in positions]
    as_bars = [frame.columns[position] in frame._look.bars for position in positions]
    longest = max(100, min(4000, HTML_BYTES // (12 * max(1, len(positions)))))
    rows, used = [], 0
    for values in zip(*columns, strict=True):
        made = "".join(
            _html_cell(value, side, as_bar, longest) for value, side, as_bar in zip(values, sides, as_bars, strict=True)
        )
        used += len(made.encode()) + 9
        if used > HTML_BYTES:
            break
        rows.append(f"<tr>{made}</tr>")
    return rows, len(frame) - len(rows) if positions else 0


def _html_cell(value: Any, side: str, as_bar: bool, longest: int) -> str:
    text = _clipped(value, longest)
    inner = bar_html(float(value)) if as_bar and text != NOTHING else html.escape(text)
    return f'<td style="{_EDGE}text-align:{side}">{inner}</td>'


def _side(frame: Table, position: int) -> str:
    return "right" if _is_number(frame, position) and frame.columns[position] not in frame._look.bars else "left"


def _clipped(value: Any, longest: int) -> str:
    return shortened(cell(value), longest)
