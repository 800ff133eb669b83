"""One value -> the text of one cell: the same words in a terminal and in a notebook."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import pandas as pd

from gt_vpc_nb.report.progress import duration
from gt_vpc_nb.shown_text import printable

NOTHING = "-"


def cell(value: object) -> str:
    """A value in plain words on one line: missing is ``-``, a bool is yes / no, a time is UTC to the minute.

    >>> cell(None), cell(True), cell(0.5), cell(["a", "b"])
    ('-', 'yes', '0.5', 'a, b')
    """
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(cell(each) for each in value) or NOTHING
    if isinstance(value, Mapping):
        return ", ".join(f"{printable(str(key))}: {cell(each)}" for key, each in value.items()) or NOTHING
    if _is_missing(value):
        return NOTHING
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, bool) or type(value).__name__ in {"bool_", "bool"}:
        return "yes" if value else "no"
    if isinstance(value, float):
        return _number(float(value))
    if isinstance(value, datetime):
        return f"{_utc(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration(value.total_seconds())
    return printable(str(value)) or NOTHING


def _number(value: float) -> str:
    if value != 0 and (abs(value) < 0.001 or abs(value) >= 1e15):
        return f"{value:.3g}"
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment


def _is_missing(value: object) -> bool:
    missing = pd.isna(value) if pd.api.types.is_scalar(value) else False
    return missing is True or bool(missing)


def columns_wide(text: str) -> int:
    """How many terminal columns a text takes: wide East Asian characters two, combining marks none."""
    return len(text) if text.isascii() else sum(map(_character_wide, text))


def _character_wide(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text filled with blanks to a number of terminal columns."""
    blanks = " " * max(0, width - columns_wide(text))
    return blanks + text if right else text + blanks


def shortened(text: str, width: int) -> str:
    """The text cut to a number of terminal columns, with ``…`` where something is missing."""
    if columns_wide(text) <= width:
        return text
    kept, used = [], 1
    for character in text:
        used += _character_wide(character)
        if used > width:
            break
        kept.append(character)
    return "".join(kept) + "…"


def wrapped(text: str, width: int, lines: int) -> list[str]:
    """The text in at most so many lines of so many terminal columns; what does not fit ends in ``…``."""
    if columns_wide(text) <= width:
        return [text]
    out = list(_broken(text, width))
    return out if len(out) <= lines else [*out[: lines - 1], shortened(" ".join(out[lines - 1 :]), width)]


def _broken(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if columns_wide(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        *full, line = _pieces(word, width)
        yield from full
    if line:
        yield line


def _pieces(word: str, width: int) -> list[str]:
    pieces, piece, used = [], "", 0
    for character in word:
        wide = _character_wide(character)
        if used + wide > width and piece:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + character, used + wide
    return [*pieces, piece]
