"""JSON read as a person would: slips with one reading are mended and told, slips with two are told and left.

No mend widens access: what is cut off inside an Allow, or inside a list, is not made up.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from typing import Any

from gt_vpc_nb.policy.json_places import DEPTH, BadJson
from gt_vpc_nb.policy.same_key_twice import Pair, joined
from gt_vpc_nb.policy.statement_reading import Finding

_SPACE = re.compile(r"[ \t\r\n]+")
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*.*?\*/", re.DOTALL)
_INVISIBLE = re.compile("[\ufeff\u00a0\u200b\u2028\u2029]+")
_FENCE = re.compile(r"```[a-z]*")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,300})(?:\.\d{1,300})?(?:[eE][+-]?\d{1,4})?(?![\w.])")
_PLAIN = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_SINGLE = re.compile(r"'((?:[^'\\\x00-\x1f]|\\.)*)'")
_CURLY = re.compile('[“”„‟″]([^“”„‟″"\\\\\x00-\x1f]*)[“”„‟″"]|[‘’‚‛]([^‘’‚‛\'"\\\\\x00-\x1f]*)[‘’‚‛]')
_WORDS = {"true": True, "false": False, "null": None}
_PYTHON = {"True": True, "False": False, "None": None}
_STATEMENT = re.compile(r"Statement(\[\d+\])?")
_PAIRS = {"{": "}", "[": "]"}
#: Stray words that somebody may have meant, so that leaving them out is only one reading.
_MEANT = frozenset(("not", "and", "or", "if", "unless", "except"))


class MendingReader:
    """Reads one JSON document; `findings` tells every slip, `certain` whether each had one reading."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._slips: dict[str, list[Any]] = {}
        self.lines: dict[str, int] = {"": 1}
        self.certain = True

    @property
    def findings(self) -> list[Finding]:
        """Every slip once, with the line of its first place."""
        told = []
        for message, (code, path, line, count, remedy) in self._slips.items():
            more = f" ({count} places; this is the first.)" if count > 1 else ""
            told.append(Finding("ERROR", code, path, line, message + more, remedy))
        return told

    def read(self) -> Any:
        """The document; raises BadJson with the offset where no reading is left."""
        at = self._skip(0)
        value, at = self._value(at, "", 0)
        end = self._skip(at)
        while self.text[end : end + 1] in ("}", "]", ";", ",") and end < len(self.text):
            self._slip(f"there is a '{self.text[end]}' too many after the end of the policy.", end, "", "Remove it.")
            end = self._skip(end + 1)
        if end != len(self.text):
            raise BadJson("there is more text after the end of the policy", end)
        return value

    def line(self, at: int) -> int:
        return bisect_right(self._starts, at)

    def _slip(self, message: str, at: int, path: str, remedy: str, code: str = "JSON_SYNTAX_ERROR") -> None:
        known = self._slips.setdefault(message, [code, path, self.line(at), 0, remedy])
        known[3] += 1

    def _doubt(self, message: str, at: int, path: str, remedy: str, code: str = "JSON_SYNTAX_ERROR") -> None:
        self._slip(message, at, path, remedy, code)
        self.certain = False

    def _skip(self, at: int) -> int:
        while True:
            if found := _SPACE.match(self.text, at):
                at = found.end()
            elif found := _COMMENT.match(self.text, at):
                self._slip("JSON has no comments.", at, "", "Remove the comment.")
                at = found.end()
            elif found := _INVISIBLE.match(self.text, at):
                told = "an invisible character (such as a byte order mark) stands where JSON has none."
                self._slip(told, at, "", "Save the text as plain UTF-8.")
                at = found.end()
            elif found := _FENCE.match(self.text, at):
                self._slip("the fence of a code block is not part of the policy.", at, "", "Remove it.")
                at = found.end()
            else:
                return at

    def _value(self, at: int, path: str, depth: int) -> tuple[Any, int]:
        if depth > DEPTH:
            raise BadJson(f"it is nested more than {DEPTH} deep", at)
        self.lines[path] = self.line(at)
        character = self.text[at : at + 1]
        if character == "{":
            return self._object(at, path, depth)
        if character == "[":
            return self._array(at, path, depth)
        if (string := self._string(at, path)) is not None:
            return string
        word = _WORD.match(self.text, at)
        if word and word[0] in _WORDS:
            return _WORDS[word[0]], word.end()
        if word and word[0] in _PYTHON:
            right = json.dumps(_PYTHON[word[0]])
            self._slip(f"{word[0]} is Python; JSON writes {right}.", at, path, f"Write {right}.")
            return _PYTHON[word[0]], word.end()
        number = _NUMBER.match(self.text, at)
        if number and math.isfinite(value := json.loads(number[0])):
            return value, number.end()
        raise BadJson("a value is missing here" if character else "the text ends where a value is missing", at)

    def _string(self, at: int, path: str) -> tuple[str, int] | None:
        if found := _PLAIN.match(self.text, at):
            return self._unescaped(found[0], at), found.end()
        if found := _CURLY.match(self.text, at):
            told = "curly quotes are no quotes in JSON."
            self._slip(told, at, path, 'Write ".')
            return found[1] if found[1] is not None else found[2], found.end()
        if found := _SINGLE.match(self.text, at):
            self._slip("single quotes are no quotes in JSON.", at, path, 'Write ".')
            inner = re.sub(r'\\\'|"', lambda each: "'" if each[0] == "\\'" else '\\"', found[1])
            return self._unescaped(f'"{inner}"', at), found.end()
        if self.text[at : at + 1] in ('"', "'"):
            raise BadJson("a text that begins here does not end in its line", at)
        return None

    def _unescaped(self, text: str, at: int) -> str:
        try:
            return json.loads(text)
        except ValueError:
            raise BadJson("a backslash here makes no character", at) from None

    def _object(self, at: int, path: str, depth: int) -> tuple[dict[str, Any], int]:
        pairs: list[Pair] = []
        start, at = at, self._skip(at + 1)
        while self.text[at : at + 1] != "}":
            key, place, at = self._key(at, path)
            at = self._skip(at)
            if self.text[at : at + 1] != ":":
                raise BadJson(f"':' is missing after {key!r}", at)
            inner = f"{path}.{key}" if path else key
            value, at = self._value(self._skip(at + 1), inner, depth + 1)
            pairs.append(Pair(key, value, self.line(place)))
            at, ended = self._next(at, path, start)
            if ended:
                made = self._made(path, pairs)
                self._judge_cut_statement(made, at, path)
                return made, at
        return self._made(path, pairs), at + 1

    def _made(self, path: str, pairs: list[Pair]) -> dict[str, Any]:
        found, notes = joined(path, pairs)
        for note in notes:
            tell = self._slip if note.certain else self._doubt
            tell(note.message, self._starts[note.line - 1], note.path, note.remedy, note.code)
        return found

    def _key(self, at: int, path: str) -> tuple[str, int, int]:
        word = _WORD.match(self.text, at)
        if word:
            after = self._skip(word.end())
            if self.text[after : after + 1] == ":":
                self._slip("a key stands without quotes.", at, path, f'Write "{word[0]}".')
                return word[0], at, word.end()
            tell = self._doubt if word[0].lower() in _MEANT else self._slip
            tell(f"a stray '{word[0]}' stands where a key is wanted.", at, path, "Remove it.")
            at = after
        string = self._string(at, path)
        if string is None:
            ended = "the text ends where a key is missing"
            raise BadJson("a key in double quotes is missing here" if self.text[at : at + 1] else ended, at)
        return string[0], at, string[1]

    def _array(self, at: int, path: str, depth: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        start, at = at, self._skip(at + 1)
        while self.text[at : at + 1] != "]":
            value, at = self._value(at, f"{path}[{len(found)}]", depth + 1)
            found.append(value)
            at, ended = self._next(at, path, start)
            if ended:
                return found, at
        return found, at + 1

    def _next(self, at: int, path: str, start: int) -> tuple[int, bool]:
        """Past the comma after a value, to the next value or the closing bracket; True where a bracket is missing."""
        end, at = at, self._skip(at)
        opened = self.text[start]
        closing = _PAIRS[opened]
        following = self.text[at : at + 1]
        if following == ",":
            after = self._skip(at + 1)
            while self.text[after : after + 1] == ",":
                self._slip("two commas stand together.", after, path, "Remove one.")
                after = self._skip(after + 1)
            if self.text[after : after + 1] == closing:
                self._slip(f"a comma stands before the closing '{closing}'.", at, path, "Remove it.")
            return after, False
        if following == closing:
            return at, False
        if not following or following in "}]":
            self._unclosed(opened, at, path, self.line(start))
            return at, True
        if following in "\"'{[“”„‟″‘’" or _WORD.match(self.text, at):
            self._slip(f"a comma is missing at the end of line {self.line(end)}.", end, path, "Add it.")
            return at, False
        raise BadJson("a comma is missing here", at)

    def _unclosed(self, opened: str, at: int, path: str, line: int) -> None:
        told = f"the '{opened}' of line {line} is never closed."
        if opened == "[" and self._is_cut_off(at) and path != "Statement":
            self._doubt(told, at, path, "What follows is lost, so write the rest of the list.")
        else:
            self._slip(told, at, path, f"Add '{_PAIRS[opened]}'.")

    def _is_cut_off(self, at: int) -> bool:
        return at >= len(self.text)

    def _judge_cut_statement(self, statement: dict[str, Any], at: int, path: str) -> None:
        """A cut-off Deny can only have lost conditions, without which it denies more; an Allow would let in more."""
        if self._is_cut_off(at) and _STATEMENT.fullmatch(path) and statement.get("Effect") != "Deny":
            told = "the text ends inside a statement that may have lost a Condition."
            self._doubt(told, at, path, "Write the rest of the statement.")
