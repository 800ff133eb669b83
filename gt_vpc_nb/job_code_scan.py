"""The small signs of Terraform's language: names, texts with their escapes and interpolations, brackets, comments."""

from __future__ import annotations

import re
from bisect import bisect_right

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.job_code_found import Placed

NAME = re.compile(r"[^\W\d][\w-]*")
#: What may stand between two signs: without the end of the line, and with it.
BLANK = re.compile(r"(?:[ \t\r]+|//[^\n]*|\#[^\n]*|/\*.*?\*/)*", re.DOTALL)
BLANKS = re.compile(r"(?:\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)*", re.DOTALL)
HEREDOC = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t]*\r?\n")
CLOSING = {"{": "}", "[": "]", "(": ")"}
#: Deeper than any configuration; a limit keeps hostile text from exhausting the stack.
DEPTH = 60
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class Scanner:
    """A place in a text of Terraform's language, moved forward sign by sign."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.inside = 0
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    @property
    def line(self) -> int:
        return bisect_right(self._starts, self.at)

    @property
    def next(self) -> str:
        """The character at this place, or '' at the end."""
        return self.text[self.at : self.at + 1]

    def quoted(self) -> tuple[str, bool]:
        """A text in double quotes, and whether it is whole: without an interpolation."""
        self.at += 1
        parts: list[str] = []
        whole = True
        while not self.take('"'):
            part, literal = self.template_part('"')
            if part == "\n" and self.text[self.at - 1] == "\n":
                raise self.wrong("has a text whose closing quote is missing")
            parts.append(part)
            whole = whole and literal
        return "".join(parts), whole

    def template_part(self, end: str) -> tuple[str, bool]:
        """The next character or interpolation of a text, and whether it is literal; moves past it."""
        rest = self.text[self.at : self.at + 3]
        if not rest:
            raise self.wrong("ends within a text")
        if rest in ("$${", "%%{"):
            self.at += 3
            return rest[1:], True
        if rest[:2] in ("${", "%{"):
            start = self.at
            self.at += 1
            self.brackets()
            return self.text[start : self.at], False
        if rest[0] == "\\" and end == '"':
            return self.escape(), True
        self.at += 1
        return rest[0], True

    def escape(self) -> str:
        letter = self.text[self.at + 1 : self.at + 2]
        size = {"u": 4, "U": 8}.get(letter, 0)
        digits = self.text[self.at + 2 : self.at + 2 + size]
        if letter in _ESCAPES:
            self.at += 2
            return _ESCAPES[letter]
        if not size or not re.fullmatch(r"[0-9a-fA-F]+", digits) or len(digits) < size or int(digits, 16) > 0x10FFFF:
            raise self.wrong(f"has no escape \\{letter}")
        self.at += 2 + size
        return chr(int(digits, 16))

    def heredoc(self, opening: re.Match[str]) -> Placed:
        """A text of whole lines up to the line that its opening names."""
        start, line = self.at, self.line
        end = re.compile(rf"^[ \t]*{re.escape(opening[2])}[ \t]*\r?$", re.MULTILINE)
        closing = end.search(self.text, opening.end())
        if closing is None:
            raise self.wrong(f"has a text that {opening[2]} does not end")
        self.at = opening.end()
        parts: list[str] = []
        whole = True
        while self.at < closing.start():
            part, literal = self.template_part("")
            parts.append(part)
            whole = whole and literal
        self.at = closing.end()
        text = without_margin("".join(parts)) if opening[1] else "".join(parts)
        return Placed(text, line, None if whole else self.text[start : self.at])

    def brackets(self) -> None:
        """Moves past a bracket and everything up to the one that closes it."""
        open_ones: list[str] = []
        self.inside += 1
        if self.inside > DEPTH:
            raise self.wrong(f"is nested more than {DEPTH} deep")
        while True:
            self.skip(BLANKS)
            character = self.next
            if not character:
                raise self.wrong("has a bracket that nothing closes")
            if character == '"':
                self.quoted()
                continue
            if heredoc := HEREDOC.match(self.text, self.at):
                self.heredoc(heredoc)
                continue
            self.at += 1
            if character in CLOSING:
                open_ones.append(CLOSING[character])
            elif character in CLOSING.values():
                if open_ones.pop() != character:
                    raise self.wrong(f"has a {character!r} that nothing opens")
                if not open_ones:
                    self.inside -= 1
                    return

    def name(self) -> str:
        found = NAME.match(self.text, self.at)
        if not found:
            given = self.next
            raise self.wrong(f"has {given!r} where a name is wanted" if given else "ends within a block")
        self.at = found.end()
        return found[0]

    def take(self, character: str) -> bool:
        if self.next != character:
            return False
        self.at += 1
        return True

    def skip(self, blank: re.Pattern[str]) -> None:
        found = blank.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def wrong(self, what: str) -> RequestError:
        return RequestError(f"Line {self.line} {what}; this is not Terraform's language.")


def without_margin(text: str) -> str:
    """The text without the spaces that all its lines begin with; lines of nothing else stay, as Terraform has it."""
    lines = text.split("\n")
    margins = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
    margin = min(margins, default=0)
    return "\n".join(line[margin:] if line.strip() else line for line in lines)
