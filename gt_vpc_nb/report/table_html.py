"""A table as HTML: escaped, bounded in bytes, in the colours of the notebook's theme, its numbers readable as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gt_vpc_nb.report.cells import NOTHING, cell
from gt_vpc_nb.report.progress import bar_html
from gt_vpc_nb.report.table_look import Look, first_values, head_line, is_number, shown_positions
from gt_vpc_nb.shown import PAGE_BYTES, Html, Items, Rows, badge, has_sign, html, page

HTML_COLUMNS = 60
#: Columns whose words have signs of their own.
_BADGED = frozenset({"verdict", "status", "severity", "decision", "type"})


def html_of(frame: pd.DataFrame, look: Look, size: int = PAGE_BYTES) -> str:
    """A whole view; its caption is the answer."""
    return page("", FrameRows(frame, look), size=size, label=head_line(look))


@dataclass(frozen=True)
class FrameRows:
    """The rows of a DataFrame as a part of a page, with what its look says around them."""

    frame: pd.DataFrame
    look: Look
    caption: str = ""

    def html(self, size: int) -> str:
        positions = shown_positions(self.frame, self.look)
        hidden = len(positions) - HTML_COLUMNS
        positions = positions[:HTML_COLUMNS]
        notes = [f"+{hidden:,} columns"] if hidden > 0 else []
        notes += [cell(line) for line in self.look.note.splitlines()[:20]]
        tail = Items([html(note, 1_000) for note in notes]).html(size)
        table = Rows(
            self.caption or head_line(self.look),
            [cell(self.frame.columns[position]) for position in positions],
            self._rows(positions, size),
            total=len(self.frame) if positions else 0,
            right=[at for at, position in enumerate(positions) if self._is_number(position)],
        )
        return table.html(size - len(tail.encode())) + tail

    def _rows(self, positions: list[int], size: int) -> Iterator[tuple[object, ...]]:
        """No more rows than could fit: a table may have millions."""
        at_most = min(len(self.frame), size // 60)
        columns = [first_values(self.frame, position, at_most) for position in positions]
        kinds = [self._kind(position) for position in positions]
        for values in zip(*columns, strict=True):
            yield tuple(_inner(value, kind) for value, kind in zip(values, kinds, strict=True))

    def _kind(self, position: int) -> str:
        name = self.frame.columns[position]
        return "bar" if name in self.look.bars else "badge" if name in _BADGED else ""

    def _is_number(self, position: int) -> bool:
        return is_number(self.frame, position) and self.frame.columns[position] not in self.look.bars


def _inner(value: Any, kind: str) -> str:
    text = cell(value)
    if kind == "bar" and text != NOTHING:
        return Html(bar_html(float(value)))
    return badge(text) if kind == "badge" and has_sign(text) else text
