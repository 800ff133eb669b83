"""Python and JSON read as a person would: past what is missing or too much, with each slip told and its line.

Nothing is run. Python that is right is read by `linting_python`; this reader is for the parts that Python refuses, and
for JSON, right or not.
"""

from __future__ import annotations

from collections.abc import Mapping

from gt_vpc_nb.linting_loose_cursor import Frame, Language, Loose
from gt_vpc_nb.linting_loose_values import Values
from gt_vpc_nb.linting_nodes import Items, Node, Struct
from gt_vpc_nb.linting_tokens import Tokens


def read_loosely(text: str, language: Language, first: int = 1, names: Mapping[str, Node] | None = None) -> Loose:
    """Everything that can be read of a text whose first line has the number `first`; never raises."""
    reader = _Text(Tokens(text, first), language, dict(names or {}))
    reader.read()
    return reader.found


class _Text(Values):
    """What stands outside of all brackets."""

    def read(self) -> None:
        while self.next.kind != "end":
            token, sign = self.next, self.after_next
            if token.kind == "string" and sign.mark in (":", ","):
                self._fragment()
            elif token.mark in ("{", "["):
                self._kept(token.at)
            elif token.kind == "name" and sign.mark == "(":
                self.value()
            elif token.kind == "name" and sign.mark == "=":
                self._assignment()
            elif token.mark in (")", "]", "}"):
                self.slip(token.line, f"there is a '{token.mark}' too many.", "Remove it.")
                self.take()
            else:
                self.take()

    def _kept(self, start: int) -> Node:
        value = self.value()
        if isinstance(value, (Items, Struct)):
            self.found.values.append((value, start, self.before.end))
        return value

    def _assignment(self) -> None:
        name = self.take()
        self.take()
        value = self._kept(self.next.at)
        if self.language == "python":
            self.found.names[name.text] = value

    def _fragment(self) -> None:
        """Members or entries without the brackets around them, as documentation prints them."""
        start = self.next
        members = self.after_next.mark == ":"
        told = f"this is a part of a document: {'members' if members else 'entries'} without brackets around them."
        self.slip(start.line, told, f"Put it between {'{ }' if members else '[ ]'}.")
        self.frames.append(Frame("", start.line))
        value = self.dict_of(start) if members else self.list_of(start)
        self.frames.pop()
        self.found.values.append((value, start.at, self.before.end))
