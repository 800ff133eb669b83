"""A table as aligned text that fits a width: wide columns are wrapped, columns that find no room go below."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gt_vpc_nb.report.cells import NOTHING, cell, columns_wide, padded, shortened, wrapped
from gt_vpc_nb.report.progress import bar
from gt_vpc_nb.report.table_look import Look, first_values, head_line, is_number, shown_positions

TEXT_ROWS = 60
TEXT_LINES_A_CELL = 6
GAP = "  "


@dataclass
class _TextColumn:
    name: str
    cells: list[str]
    right: bool
    width: int
    whole: bool = False

    @property
    def narrowest(self) -> int:
        longest_word = max((columns_wide(word) for word in self.name.split(" ")), default=1)
        return self.width if self.whole else min(self.width, max(longest_word, 12))


def text_lines(frame: pd.DataFrame, look: Look, width: int, rows: int = TEXT_ROWS) -> list[str]:
    lines = wrapped(head_line(look), width, 20) if look.title or look.summary else []
    columns = [_text_column(frame, look, position, rows) for position in shown_positions(frame, look)]
    if not len(frame):
        lines.append("(no rows)")
    else:
        for block in _blocks(columns, width):
            lines += _block_lines(block, width)
    if len(frame) > rows:
        lines.append(f"+{len(frame) - rows:,} rows")
    for each in look.note.splitlines():
        lines += wrapped(cell(each), width, 20)
    return lines


def _text_column(frame: pd.DataFrame, look: Look, position: int, rows: int) -> _TextColumn:
    name = cell(frame.columns[position])
    as_bar = frame.columns[position] in look.bars
    values = first_values(frame, position, rows)
    cells = [bar(float(value)) if as_bar and cell(value) != NOTHING else cell(value) for value in values]
    right = not as_bar and is_number(frame, position)
    return _TextColumn(name, cells, right, max(map(columns_wide, [name, *cells])), as_bar)


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
