"""A worker task template, read: its HTML elements and its Liquid, each with the line it stands on."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from itertools import pairwise

_OPENING = re.compile(r"\{\{|\{%")
_CLOSING = {"{{": "}}", "{%": "%}"}
_QUIET = re.compile(r"\{%-?\s*(raw|comment)\s*-?%\}")
_QUIET_ENDS = {name: re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}") for name in ("raw", "comment")}
#: A character of nobody's, which stands for a piece of Liquid while the HTML is read.
_MARK = "\ue000"
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_STEP = re.compile(r"\[\s*['\"]([\w-]+)['\"]\s*\]")
#: A variable with its dotted rest; what is in brackets is a variable, or a number, of its own.
_PATH = re.compile(r"(?<![\w.-])[A-Za-z_][\w-]*(?:\.[\w-]+)*")
#: Liquid's own words in an expression.
_WORDS = {"and", "or", "not", "contains", "in", "true", "false", "nil", "null", "empty", "blank", "reversed", "with"}
_READING_NOTHING = ("capture", "increment", "decrement", "raw", "comment", "cycle")
BLOCKS = ("if", "unless", "case", "for", "tablerow", "capture", "raw", "comment")
#: Elements without an end tag, and those whose end tag HTML lets one leave out.
VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input"),
    *("link", "meta", "param", "source", "track", "wbr"),
}
OPTIONAL = {
    *("html", "head", "body", "p", "li", "dt", "dd", "option", "optgroup"),
    *("thead", "tbody", "tfoot", "tr", "td", "th", "colgroup", "rp", "rt"),
}


@dataclass(frozen=True)
class Element:
    """A start tag: its name, its attributes as written (Liquid and all), whether it is in a crowd-form, its line."""

    name: str
    attributes: dict[str, str]
    in_form: bool
    line: int


@dataclass(frozen=True)
class Expression:
    """A Liquid output or tag: `tag` is empty for an output; `text` is what stands inside it, filters included."""

    tag: str
    text: str
    line: int

    @property
    def filters(self) -> tuple[str, ...]:
        """The filters that the value goes through, in order."""
        parts = _QUOTED.sub("''", self.text).split("|")[1:]
        return tuple(part.split(":")[0].strip() for part in parts)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every variable that is read, as a dotted path."""
        return tuple(_paths(self.text, self.tag))

    @property
    def defines(self) -> str:
        """The name that a tag gives a value to: assign, capture, for, tablerow, increment, decrement."""
        if self.tag not in ("assign", "capture", "for", "tablerow", "increment", "decrement"):
            return ""
        return next(iter(re.findall(r"[\w-]+", self.text)), "")


def _paths(text: str, tag: str) -> Iterator[str]:
    if tag in _READING_NOTHING or tag.startswith(("end", "#")):
        return
    # A name in brackets is one more step, any other text in quotes is no variable.
    body = _QUOTED.sub(" ", _STEP.sub(r".\1", text))
    if tag == "assign":
        body = body.partition("=")[2]
    elif tag in ("for", "tablerow"):
        body = body.partition(" in ")[2]
    # Neither are the names of filters and of their arguments.
    body = re.sub(r"\b[\w-]+\s*:", " ", re.sub(r"\|\s*[\w-]+\s*:?", " ", body))
    yield from (match.group() for match in _PATH.finditer(body) if match.group() not in _WORDS)


@dataclass(frozen=True)
class ReadTemplate:
    """What is in a template. `unclosed` are `(name, line)` of start tags without an end, `stray` end tags without a
    start; `open_liquid` are lines where {{ or {% has no end."""

    text: str
    elements: tuple[Element, ...]
    expressions: tuple[Expression, ...]
    unclosed: tuple[tuple[str, int], ...]
    stray: tuple[tuple[str, int], ...]
    self_closed: tuple[tuple[str, int], ...]
    open_liquid: tuple[int, ...]

    def named(self, name: str) -> list[Element]:
        """The elements of that name."""
        return [each for each in self.elements if each.name == name]

    @property
    def branches(self) -> bool:
        """Whether Liquid decides which tags there are, so that they cannot be paired by reading."""
        return any(each.tag in ("if", "unless", "case") for each in self.expressions)


def read_template(text: str) -> ReadTemplate:
    """Reads the text of a worker task template; never fails.

    >>> read_template("<p>{{ task.input.taskObject | escape }}</p>").expressions[0].paths
    ('task.input.taskObject',)
    """
    plain = _without_quiet(text.replace(_MARK, " "))
    ends = [match.start() for match in re.finditer("\n", plain)]
    expressions, kept, loose, html, begin = [], [], [], [], 0
    for start, end in _liquid(plain):
        line = bisect_left(ends, start) + 1
        if end is None:
            loose.append(line)
            continue
        expressions.append(_expression(plain[start:end], line))
        kept.append(plain[start:end])
        # Quotes and angle brackets of Liquid must not disturb the reading of the HTML around it.
        html += [plain[begin:start], f"{_MARK}{len(kept) - 1};", "\n" * plain.count("\n", start, end)]
        begin = end
    reader = _Reader(kept)
    reader.feed("".join([*html, plain[begin:]]))
    reader.close()
    reader.end()
    return ReadTemplate(
        text,
        tuple(reader.elements),
        tuple(expressions),
        tuple(reader.unclosed),
        tuple(reader.stray),
        tuple(reader.self_closed),
        tuple(loose),
    )


def _liquid(text: str) -> Iterator[tuple[int, int | None]]:
    """Where each output or tag begins and ends; None for one without an end before the next begins."""
    openings = [found.start() for found in _OPENING.finditer(text)]
    begin = 0
    for start, following in pairwise([*openings, len(text)]):
        if start < begin:
            continue
        end = text.find(_CLOSING[text[start : start + 2]], start + 2, following)
        yield start, None if end < 0 else end + 2
        begin = start + 2 if end < 0 else end + 2


def _expression(given: str, line: int) -> Expression:
    inside = given[2:-2].strip("-").strip()
    if given.startswith("{{"):
        return Expression("", inside, line)
    tag, _, rest = inside.partition(" ")
    return Expression(tag.strip(), rest.strip(), line)


def _without_quiet(text: str) -> str:
    """The text without what stands between raw and endraw, comment and endcomment; its lines stay as many."""
    kept, begin, ended = [], 0, set()
    for found in _QUIET.finditer(text):
        if found.start() < begin or found[1] in ended:
            continue
        end = _QUIET_ENDS[found[1]].search(text, found.end())
        if end is None:
            ended.add(found[1])
            continue
        kept += [text[begin : found.start()], "\n" * text.count("\n", found.start(), end.end())]
        begin = end.end()
    return "".join([*kept, text[begin:]])


class _Reader(HTMLParser):
    """Pairs start and end tags."""

    def __init__(self, kept: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._kept = kept
        self._open: list[tuple[str, int]] = []
        self._names: Counter[str] = Counter()
        self.elements: list[Element] = []
        self.unclosed: list[tuple[str, int]] = []
        self.stray: list[tuple[str, int]] = []
        self.self_closed: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        given = {name: self._restored(value or "") for name, value in attrs}
        self.elements.append(Element(tag, given, self._names["crowd-form"] > 0, line))
        if tag not in VOID:
            self._open.append((tag, line))
            self._names[tag] += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()
            self._names[tag] -= 1
            self.self_closed.append((tag, self.getpos()[0]))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self._names[tag]:
            self.stray.append((tag, self.getpos()[0]))
            return
        while self._open:
            name, line = self._open.pop()
            self._names[name] -= 1
            if name == tag:
                return
            if name not in OPTIONAL:
                self.unclosed.append((name, line))

    def end(self) -> None:
        """Notes what is still open at the end of the text."""
        self.unclosed += [(name, line) for name, line in self._open if name not in OPTIONAL]

    def _restored(self, value: str) -> str:
        return re.sub(f"{_MARK}(\\d+);", lambda found: self._kept[int(found[1])], value)
