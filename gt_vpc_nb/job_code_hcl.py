"""Terraform's language as far as it says something without being run: blocks, arguments, and literal values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gt_vpc_nb.job_code_found import Placed
from gt_vpc_nb.job_code_scan import BLANK, BLANKS, CLOSING, DEPTH, HEREDOC, NAME, Scanner

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_FOR = re.compile(r"for\b")
_WORDS = {"true": True, "false": False, "null": None}
#: Where an expression ends: after an argument's name, in a list, in a map, and in a text of its own.
_ARGUMENT, _ELEMENT, _ENTRY, _ALL = ("", "\n", "}"), ("", ",", "]"), ("", "\n", ",", "}"), ("",)
#: Longer than any number of a labeling job; a longer one is left as it is written.
_DIGITS = 30


@dataclass(frozen=True)
class Block:
    """A block: its kind, its labels, and what stands in it, in order."""

    kind: str
    labels: tuple[str, ...]
    line: int
    arguments: tuple[tuple[str, Placed], ...] = ()
    blocks: tuple[Block, ...] = ()

    def argument(self, name: str) -> Placed | None:
        """The value of an argument, or None where it is not given."""
        return dict(self.arguments).get(name)


def read_hcl(text: str) -> Block:
    """The text as one block without a kind. Raises RequestError, with the line, where it is not Terraform's language.

    >>> read_hcl('locals {\\n  a = "${var.b}-c"\\n}').blocks[0].argument("a")
    Placed(value='${var.b}-c', line=2, unknown='"${var.b}-c"')
    """
    return _Reader(text.removeprefix("\ufeff")).body("", (), 1, 0)


def read_expression(text: str) -> Placed:
    """One expression of Terraform's language: its value where it is literal, else marked as unknown.

    >>> read_expression('{ Effect = "Deny" }').plain
    {'Effect': 'Deny'}
    """
    reader = _Reader(text.strip())
    return reader.value(0, _ALL, BLANKS)


class _Reader(Scanner):
    def body(self, kind: str, labels: tuple[str, ...], line: int, depth: int) -> Block:
        if depth > DEPTH:
            raise self.wrong(f"is nested more than {DEPTH} deep")
        arguments: list[tuple[str, Placed]] = []
        blocks: list[Block] = []
        while not self.ended(depth):
            here, name = self.line, self.name()
            self.skip(BLANK)
            if self.next == "=" and self.text[self.at + 1 : self.at + 2] != "=":
                self.at += 1
                self.skip(BLANK)
                arguments.append((name, self.value(depth + 1, _ARGUMENT, BLANK)))
            else:
                blocks.append(self.body(name, self.labels(), here, depth + 1))
        return Block(kind, labels, line, tuple(arguments), tuple(blocks))

    def ended(self, depth: int) -> bool:
        self.skip(BLANKS)
        return self.take("}") if depth else self.at >= len(self.text)

    def labels(self) -> tuple[str, ...]:
        found: list[str] = []
        while not self.take("{"):
            found.append(self.quoted()[0] if self.next == '"' else self.name())
            self.skip(BLANK)
        return tuple(found)

    def value(self, depth: int, ends: tuple[str, ...], blank: re.Pattern[str]) -> Placed:
        """A literal, or whatever else stands up to the end of the expression, as its text."""
        if depth > DEPTH:
            raise self.wrong(f"is nested more than {DEPTH} deep")
        start, line = self.at, self.line
        literal = self.literal(depth, line)
        if literal is not None:
            after = self.at
            self.skip(blank)
            if self.next in ends:
                # The end of a line ends an argument, and the line's own number is wanted for the next one.
                self.at = after
                return literal
        self.at = start
        self.expression(ends)
        written = self.text[start : self.at].strip()
        if not written:
            raise self.wrong("has no value where one is wanted")
        return Placed(written, line, written)

    def literal(self, depth: int, line: int) -> Placed | None:
        """The value where one begins here; None for what has to be run, with the place left anywhere."""
        if self.next == '"':
            start = self.at
            text, whole = self.quoted()
            return Placed(text, line, None if whole else self.text[start : self.at])
        if self.next in ("[", "{"):
            return self.listing(depth, line) if self.next == "[" else self.mapping(depth, line)
        if heredoc := HEREDOC.match(self.text, self.at):
            return self.heredoc(heredoc)
        number, word = _NUMBER.match(self.text, self.at), NAME.match(self.text, self.at)
        if number and len(number[0]) <= _DIGITS:
            self.at = number.end()
            return Placed(float(number[0]) if number[1] or number[2] else int(number[0]), line)
        if word and word[0] in _WORDS:
            self.at = word.end()
            return Placed(_WORDS[word[0]], line)
        return None

    def listing(self, depth: int, line: int) -> Placed | None:
        self.at += 1
        found: list[Placed] = []
        self.skip(BLANKS)
        if _FOR.match(self.text, self.at):
            return None
        while not self.take("]"):
            found.append(self.value(depth + 1, _ELEMENT, BLANKS))
            self.skip(BLANKS)
            if not self.take(",") and self.next != "]":
                raise self.wrong("has a list that nothing closes")
            self.skip(BLANKS)
        return Placed(tuple(found), line)

    def mapping(self, depth: int, line: int) -> Placed | None:
        self.at += 1
        found: dict[str, Placed] = {}
        self.skip(BLANKS)
        if _FOR.match(self.text, self.at):
            return None
        while not self.take("}"):
            if self.next == "(":
                return None
            key, whole = self.quoted() if self.next == '"' else (self.key(), True)
            self.skip(BLANK)
            if not whole:
                return None
            if not self.take("=") and not self.take(":"):
                raise self.wrong(f"has no '=' after {key!r}")
            self.skip(BLANK)
            found[key] = self.value(depth + 1, _ENTRY, BLANK)
            self.skip(BLANK)
            self.take(",")
            self.skip(BLANKS)
        return Placed(found, line)

    def key(self) -> str:
        number = re.compile(r"\d+").match(self.text, self.at)
        if number is None:
            return self.name()
        self.at = number.end()
        return number[0]

    def expression(self, ends: tuple[str, ...]) -> None:
        """Moves to the end of an expression that has to be run."""
        while True:
            self.skip(BLANK)
            if self.next in ends:
                return
            if self.next == '"':
                self.quoted()
            elif self.next in CLOSING:
                self.brackets()
            elif heredoc := HEREDOC.match(self.text, self.at):
                self.heredoc(heredoc)
            else:
                self.at += 1
