"""Text of other people made harmless: nothing in it steers a terminal, turns the reading direction, or has no end."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

#: So many characters of one line, and so many lines of one result, are printed.
LINE, LINES = 2_000, 200
_BREAKS = "\n\r\t\v\f\x85\u2028\u2029"


def printable(text: str) -> str:
    """One line, and no character that could steer a terminal or turn the direction of the text around.

    >>> printable("two\\nlines \\u202e"), printable("red \\x1b[31m")
    ('two lines \ufffd', 'red \ufffd[31m')
    """
    return safe(text).strip()


def safe(text: str) -> str:
    """The same with the blanks around it."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_safe, text))


def _safe(character: str) -> str:
    if character in _BREAKS:
        return " "
    if character == "\u200d":  # joins the parts of one emoji
        return character
    return "\ufffd" if unicodedata.category(character) in {"Cc", "Cf", "Cs"} else character


def clipped(text: str, longest: int = LINE) -> str:
    """The text cut to so many characters, with the number of those that are missing.

    >>> clipped("a" * 12, 8)
    'aaaaaaaa… +4 characters'
    """
    return text if len(text) <= longest else f"{text[:longest]}… +{len(text) - longest:,} characters"


def told(*lines: str | Iterable[str]) -> str:
    """What a terminal prints of a result: each line harmless and bounded, and the number of those left out.

    A text with several lines is those lines.
    """
    flat = [line for each in lines for text in ([each] if isinstance(each, str) else each) for line in _split(text)]
    kept = [clipped(safe(line).rstrip()) for line in flat[:LINES]]
    return "\n".join(kept if len(flat) <= LINES else [*kept, f"+{len(flat) - LINES:,} lines"])


def _split(text: str) -> list[str]:
    return text.split("\n")


def counted(number: int, what: str, several: str = "") -> str:
    """A number and its thing, in the singular where it is one.

    >>> counted(1, "bucket"), counted(1200, "policy", "policies")
    ('1 bucket', '1,200 policies')
    """
    return f"{number:,} {what if number == 1 else several or f'{what}s'}"


class ShownList(list):  # type: ignore[type-arg]
    """A list that shows itself as a table; a subclass says what the answer is, and what a row of it is."""

    caption = ""
    columns: tuple[str, ...] = ()
    right: tuple[int, ...] = ()

    def answer(self) -> str:
        """The first line: what the list says."""
        raise NotImplementedError

    def row(self, each: object) -> Sequence[object]:
        """The cells of one element."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return told(self.answer(), (f"  {each}" for each in self))

    def _repr_html_(self) -> str:
        from gt_vpc_nb.shown import page

        return page(self.answer(), *self.parts())

    def parts(self) -> list[Any]:
        """The table, for a page of its own or of something larger; nothing where the list is empty."""
        from gt_vpc_nb.shown import Rows

        rows = [self.row(each) for each in self]
        return [Rows(self.caption, self.columns, rows, right=self.right)] if rows else []
