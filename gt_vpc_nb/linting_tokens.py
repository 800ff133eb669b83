"""Words, texts and brackets of Python and JSON as they stand, also where both would stop reading."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["string", "number", "name", "placeholder", "mark", "ellipsis", "end"]

_PATTERN = re.compile(
    r"""
      (?P<space>[\s\ufeff\u200b]+)
    | (?P<comment>\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))
    | (?P<triple>[rRbBuUfF]{0,2}(?:\"{3}.*?(?:\"{3}|\Z)|'{3}.*?(?:'{3}|\Z)))
    | (?P<string>[rRbBuUfF]{0,2}(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    | (?P<curly>[“”„‟″][^“”„‟″"\n]*[“”„‟″"]|[‘’‚‛][^‘’‚‛'\n]*[‘’‚‛'])
    | (?P<torn>[rRbBuUfF]{0,2}["'“”„‟″‘’‚‛][^\n]*)
    | (?P<number>-?\d[\d_]{0,400}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,4})?(?![\w.]))
    | (?P<placeholder><[A-Za-z][^<>\n"'{}=]{0,60}>)
    | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<ellipsis>\.\.\.|…)
    | (?P<mark>\*\*|==|[<>!+\-*/%|&^:]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
#: What may stand between the end of a text and the end of its line, where the closing quote is missing.
_TAIL = " \t\r\f,;)]}"


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `value` is a text's, a number's or a word's; a text may have holes that Python would fill."""

    kind: Kind
    text: str
    at: int
    end: int
    line: int
    slip: str = ""
    prefix: str = ""
    quote: str = ""
    line_end: int = 0

    @property
    def mark(self) -> str:
        """The bracket, comma or operator that this is; '' for words and texts."""
        return self.text if self.kind == "mark" else ""


class Tokens:
    """The tokens of a text; its first line has the number `first`."""

    def __init__(self, text: str, first: int = 1) -> None:
        self.text = text
        self._first = first
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.listed = self._read()

    def line(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1 + self._first

    def _read(self) -> list[Token]:
        found, at = [], 0
        while at < len(self.text):
            match = _PATTERN.match(self.text, at)
            if match is None:  # no character is left over by the last row of the pattern
                break
            token = self._token(match)
            if token:
                found.append(replace(token, line_end=self.line(max(token.at, token.end - 1))))
            at = token.end if token else match.end()
        found.append(Token("end", "", at, at, self.line(max(0, at - 1)), line_end=self.line(max(0, at - 1))))
        return found

    def _token(self, match: re.Match[str]) -> Token | None:
        kind, text, at = match.lastgroup or "mark", match[0], match.start()
        if kind in ("space", "comment"):
            return None
        line = self.line(at)
        if kind in ("triple", "string"):
            body = text.lstrip("rRbBuUfF")
            prefix = text[: len(text) - len(body)].lower()
            ends = kind == "string" or (len(body) >= 6 and body.endswith(body[:3]))
            slip = "" if ends else "the long text that begins here has no closing quotes."
            return Token("string", _value(text, body, prefix), at, match.end(), line, slip, prefix, body[:1])
        if kind == "curly":
            return Token("string", text[1:-1], at, match.end(), line, "curly quotes are no quotes.")
        if kind == "torn":
            body = text.lstrip("rRbBuUfF")[1:]
            kept = body.rstrip(_TAIL)
            end = match.end() - (len(body) - len(kept))
            return Token("string", kept, at, end, line, "the text that begins here has no closing quote.")
        return Token(kind, text, at, match.end(), line)  # type: ignore[arg-type]


def _value(text: str, body: str, prefix: str) -> str:
    """The characters of a text: as Python or JSON reads them, or as they stand where neither does."""
    inner = body[3:-3] if body[:3] in ('"""', "'''") and len(body) >= 6 else body[1:-1]
    if "\\" not in inner or "r" in prefix:
        return inner
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = ast.literal_eval(text.lstrip("fFbBuU"))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return inner
    return read if isinstance(read, str) else inner
