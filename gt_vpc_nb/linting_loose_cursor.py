"""The place in a text that is read loosely: what comes next, which brackets are open, and the slips told so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from gt_vpc_nb.linting_nodes import Node, Struct
from gt_vpc_nb.linting_tokens import Token, Tokens

Language = Literal["python", "json"]
CLOSING = {"(": ")", "[": "]", "{": "}"}
_OPERATORS = {"if", "else", "for", "in", "or", "and", "not", "is"}


@dataclass(frozen=True)
class Slip:
    """One place where the text is not what its language reads."""

    line: int
    message: str
    remedy: str = ""


@dataclass(frozen=True)
class Call:
    """A call: the dotted name of what is called, its keywords, and its other arguments."""

    name: str
    line: int
    keywords: Struct
    arguments: tuple[Node, ...]


@dataclass
class Loose:
    """What was read: the values outside of any other, the calls, the names that were given a value, and the slips."""

    values: list[tuple[Node, int, int]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    names: dict[str, Node] = field(default_factory=dict)
    slips: list[Slip] = field(default_factory=list)


@dataclass(frozen=True)
class Frame:
    """An open bracket, or '' for a part of a document without one; and whether it is that of a call."""

    opened: str
    line: int
    call: bool = False

    @property
    def closing(self) -> str:
        return CLOSING.get(self.opened, "")


class Cursor:
    """Goes through the tokens, and past what is missing or too much between them."""

    def __init__(self, tokens: Tokens, language: Language, names: dict[str, Node]) -> None:
        self._tokens = tokens.listed
        self._at = 0
        self.language = language
        self.found = Loose(names=names)
        self.frames: list[Frame] = []
        self._left = False
        self._told: set[Slip] = set()

    @property
    def next(self) -> Token:
        return self._tokens[min(self._at, len(self._tokens) - 1)]

    @property
    def after_next(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    @property
    def before(self) -> Token:
        return self._tokens[max(0, min(self._at, len(self._tokens)) - 1)]

    def take(self) -> Token:
        token = self.next
        self._at += 1
        return token

    def slip(self, line: int, message: str, remedy: str = "") -> None:
        slip = Slip(line, message, remedy)
        if slip not in self._told:
            self._told.add(slip)
            self.found.slips.append(slip)

    def closed(self) -> bool:
        """Takes the closing bracket, or tells that there is none; a closing bracket of nobody is passed by."""
        while True:
            token = self.next
            if token.kind == "end":
                self._unclosed()
                return True
            if token.mark not in (")", "]", "}"):
                return False
            if token.mark == self.frames[-1].closing:
                self.take()
                return True
            if any(frame.closing == token.mark for frame in self.frames):
                self._unclosed()
                return True
            self.slip(token.line, f"there is a '{token.mark}' too many.", "Remove it.")
            self.take()

    def _unclosed(self, before: str = "") -> None:
        frame = self.frames[-1]
        if frame.opened:
            told = f"the '{frame.opened}' of line {frame.line} is never closed."
            self.slip(frame.line, told, f"Add '{frame.closing}'{before}.")

    def leaves_for_call(self) -> bool:
        """Whether a keyword of the call around comes next, so that the brackets up to there were forgotten."""
        around = [number for number, frame in enumerate(self.frames) if frame.call]
        keyword = self.next.kind == "name" and self.next.text[:1].isupper() and self.after_next.mark == "="
        if not around or not keyword:
            return False
        self._unclosed(f" before line {self.next.line}")
        self._left = True
        return True

    def after_entry(self) -> bool:
        """Past the comma after an entry; True where there was one."""
        token, closing = self.next, self.frames[-1].closing
        left, self._left = self._left, False
        if left:
            self._left = not self.frames[-1].call
            return False
        if token.mark == ",":
            comma = self.take()
            while self.next.mark == ",":
                self.slip(self.take().line, "two commas stand together.", "Remove one.")
            last = self.next.mark == closing if closing else self.next.kind == "end"
            if self.language == "json" and last:
                self.slip(comma.line, "a comma stands after the last entry.", "Remove it.")
            return True
        if token.kind == "end" or token.mark in (")", "]", "}"):
            return False
        if self.starts_value(token):
            line = self.before.line_end
            self.slip(line, f"a comma is missing at the end of line {line}.", "Add it.")
        else:
            self.slip(token.line, f"a stray {token.text!r} stands here.", "Remove it.")
            self.take()
        return False

    def starts_value(self, token: Token) -> bool:
        return token.kind in ("string", "number", "name", "placeholder") or token.mark in CLOSING

    def operated(self, primary: Token) -> bool:
        """Whether something is done with the value that began with `primary`, which then is not literal."""
        if self.language != "python":
            return False
        if not self.frames and self.next.line > self.before.line_end:
            return False
        word = self.next.kind == "name" and self.next.text in _OPERATORS
        subscript = self.next.mark == "[" and primary.kind == "name"
        sign = self.next.mark not in ("", ",", ":", "=", "(", ")", "[", "]", "{", "}", ";")
        return word or subscript or sign

    def skip_operation(self) -> None:
        """Past what is done with a value (`+ x`, `if y else z`, `.format()`), to the end of the entry."""
        while self.next.kind != "end" and self.next.mark not in (",", ")", "]", "}"):
            if not self.frames and self.next.line > self.before.line_end:
                return
            if self.take().mark in CLOSING:
                self.skip_bracket()

    def skip_bracket(self) -> None:
        depth = 1
        while depth and self.next.kind != "end":
            mark = self.take().mark
            depth += (mark in CLOSING) - (mark in (")", "]", "}"))
