"""A table as HTML: escaped, bounded in bytes, in the colours of the notebook's theme, its numbers readable as text."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

from gt_vpc_nb.report.cells import NOTHING, cell, shortened
from gt_vpc_nb.report.progress import bar_html
from gt_vpc_nb.report.table_look import Look, first_values, head_line, is_number, shown_positions

HTML_BYTES = 180_000
HTML_COLUMNS = 60

_BOX = "overflow-x:auto;max-width:100%;color:var(--jp-content-font-color1, inherit)"
_CAPTION = "text-align:left;caption-side:top;padding:.3em 0;font-weight:600;color:inherit"
_EDGE = "border-bottom:1px solid var(--jp-border-color2, #bdbdbd);padding:.25em .6em;vertical-align:top;"


def html_of(frame: pd.DataFrame, look: Look, size: int = HTML_BYTES) -> str:
    positions = shown_positions(frame, look)
    hidden = len(positions) - HTML_COLUMNS
    positions = positions[:HTML_COLUMNS]
    caption = html.escape(shortened(head_line(look), 2000))
    headers = "".join(_html_header(frame, look, at) for at in positions)
    rows, left = _html_rows(frame, look, positions, size)
    tail = [f"+{left:,} rows"] if left else []
    tail += [f"+{hidden:,} columns"] if hidden > 0 else []
    tail += [shortened(cell(line), 1000) for line in look.note.splitlines()[:20]]
    notes = "".join(f'<p style="margin:.3em 0">{html.escape(line)}</p>' for line in tail)
    return (
        f'<div tabindex="0" role="group" aria-label="{caption}" style="{_BOX}">'
        f'<table style="border-collapse:collapse;margin:0"><caption style="{_CAPTION}">{caption}</caption>'
        f"<thead><tr>{headers}</tr></thead><tbody>{''.join(rows)}</tbody></table>{notes}</div>"
    )


def _html_header(frame: pd.DataFrame, look: Look, position: int) -> str:
    name = html.escape(_clipped(frame.columns[position], 100))
    return f'<th scope="col" style="{_EDGE}text-align:{_side(frame, look, position)}">{name}</th>'


def _html_rows(frame: pd.DataFrame, look: Look, positions: list[int], size: int) -> tuple[list[str], int]:
    """As many rows as fit into the budget of bytes, and how many do not."""
    at_most = min(len(frame), size // 60)
    columns = [first_values(frame, position, at_most) for position in positions]
    sides = [_side(frame, look, position) for position in positions]
    as_bars = [frame.columns[position] in look.bars for position in positions]
    longest = max(100, min(4000, size // (12 * max(1, len(positions)))))
    rows, used = [], 0
    for values in zip(*columns, strict=True):
        made = "".join(
            _html_cell(value, side, as_bar, longest) for value, side, as_bar in zip(values, sides, as_bars, strict=True)
        )
        used += len(made.encode()) + 9
        if used > size:
            break
        rows.append(f"<tr>{made}</tr>")
    return rows, len(frame) - len(rows) if positions else 0


def _html_cell(value: Any, side: str, as_bar: bool, longest: int) -> str:
    text = _clipped(value, longest)
    inner = bar_html(float(value)) if as_bar and text != NOTHING else html.escape(text)
    return f'<td style="{_EDGE}text-align:{side}">{inner}</td>'


def _side(frame: pd.DataFrame, look: Look, position: int) -> str:
    return "right" if is_number(frame, position) and frame.columns[position] not in look.bars else "left"


def _clipped(value: Any, longest: int) -> str:
    return shortened(cell(value), longest)
