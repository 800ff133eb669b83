"""JSON read strictly, with the line of every value: duplicate keys and stray text are findings, not surprises."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from json.decoder import scanstring
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None}
#: Deeper than any policy; a limit keeps hostile text from exhausting the stack.
DEPTH = 60


class BadJson(ValueError):
    """Text that is not JSON; carries the offset."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class PlacedReader:
    """Reads one JSON document; `lines` maps a path such as ``Statement[0].Effect`` to its line, from 1."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.lines: dict[str, int] = {"": 1}
        self.duplicates: list[tuple[str, int]] = []

    def read(self) -> Any:
        """The document; raises BadJson with the offset where the text stops being JSON."""
        value, at = self._value(self._skip(0), "", 0)
        end = self._skip(at)
        if end != len(self.text):
            raise BadJson("there is more text after the end of the policy", end)
        return value

    def line(self, at: int) -> int:
        return bisect_right(self._starts, at)

    def _skip(self, at: int) -> int:
        return _SPACE.match(self.text, at).end()

    def _value(self, at: int, path: str, depth: int) -> tuple[Any, int]:
        if depth > DEPTH:
            raise BadJson(f"it is nested more than {DEPTH} deep", at)
        self.lines[path] = self.line(at)
        character = self.text[at : at + 1]
        if character == "{":
            return self._object(at + 1, path, depth)
        if character == "[":
            return self._array(at + 1, path, depth)
        if character == '"':
            return self._string(at)
        for word, value in _WORDS.items():
            if self.text.startswith(word, at):
                return value, at + len(word)
        number = _NUMBER.match(self.text, at)
        if number and len(number[0]) < 400:
            return json.loads(number[0]), number.end()
        raise BadJson("a value is missing here", at)

    def _string(self, at: int) -> tuple[str, int]:
        try:
            return scanstring(self.text, at + 1, True)
        except json.JSONDecodeError as problem:
            raise BadJson(problem.msg.lower(), problem.pos) from None

    def _object(self, at: int, path: str, depth: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at = self._skip(at)
        if self.text[at : at + 1] == "}":
            return found, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise BadJson("a key in double quotes is missing here", at)
            place = at
            key, at = self._string(at)
            at = self._skip(at)
            if self.text[at : at + 1] != ":":
                raise BadJson(f"':' is missing after {key!r}", at)
            inner = f"{path}.{key}" if path else key
            if key in found:
                self.duplicates.append((inner, self.line(place)))
            found[key], at = self._value(self._skip(at + 1), inner, depth + 1)
            at = self._skip(at)
            if self.text[at : at + 1] == "}":
                return found, at + 1
            at = self._comma(at)

    def _array(self, at: int, path: str, depth: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        at = self._skip(at)
        if self.text[at : at + 1] == "]":
            return found, at + 1
        while True:
            value, at = self._value(at, f"{path}[{len(found)}]", depth + 1)
            found.append(value)
            at = self._skip(at)
            if self.text[at : at + 1] == "]":
                return found, at + 1
            at = self._comma(at)

    def _comma(self, at: int) -> int:
        if self.text[at : at + 1] != ",":
            raise BadJson("a comma is missing here", at)
        return self._skip(at + 1)
