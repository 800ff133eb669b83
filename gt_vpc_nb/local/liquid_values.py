"""What stands between the braces of Liquid: values, the filters they go through, and conditions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from gt_vpc_nb.errors import near_miss

_STRING = r"\"[^\"]*\"|'[^']*'"
_VALUE = rf"(?:{_STRING}|\([^)]*\)|[^\s|,:<>=!]+(?:\[[^\]]*\][^\s|,:<>=!]*)*)"
_FILTER = re.compile(rf"\|\s*([\w-]+)\s*(?::\s*({_VALUE}(?:\s*,\s*{_VALUE})*))?\s*")
_COMPARED = re.compile(rf"\s*({_VALUE})\s*(?:(==|!=|<>|<=|>=|<|>|contains\b)\s*({_VALUE}))?\s*")
_STEP = re.compile(r"\.?([\w-]+\??)|\[([^\]]*)\]")
_WORDS = {"true": True, "false": False, "nil": None, "null": None, "empty": "", "blank": ""}

Filters = Mapping[str, Callable[..., Any]]
Values = Mapping[str, Any]


class LiquidError(Exception):
    """A template that cannot be read or rendered; the text is one sentence."""


@dataclass(frozen=True)
class Expression:
    """A value and its filters, each with its arguments."""

    first: Callable[[Values], Any]
    filters: tuple[tuple[str, tuple[Callable[[Values], Any], ...]], ...]

    @property
    def filter_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.filters)

    def value(self, values: Values, filters: Filters) -> Any:
        """What it is worth with these values. Raises LiquidError where a filter cannot take its input."""
        found = self.first(values)
        for name, arguments in self.filters:
            try:
                found = filters[name](found, *(each(values) for each in arguments))
            except LiquidError:
                raise
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                raise LiquidError(f"The filter {name} cannot take {text_of(found)[:60]!r}: {error}.") from None
        return found


def expression(text: str, known: Filters) -> Expression:
    """Reads a value with its filters. Raises LiquidError for what is none, and for a filter that nobody knows."""
    head = re.match(_VALUE, text)
    if head is None:
        raise LiquidError(f"{text!r} is no value of Liquid.")
    rest, filters = text[head.end() :].strip(), []
    while rest:
        read = _FILTER.match(rest)
        if read is None:
            raise LiquidError(f"{text!r} cannot be read after {text[: len(text) - len(rest)].strip()!r}.")
        if read[1] not in known:
            hint = near_miss(read[1], known) or "; the local AWS has Liquid's plain filters and Ground Truth's own"
            raise LiquidError(f"Unknown filter {read[1]!r}{hint}.")
        filters.append((read[1], tuple(map(_operand, re.findall(_VALUE, read[2] or "")))))
        rest = rest[read.end() :].strip()
    return Expression(_operand(head[0]), tuple(filters))


def _operand(text: str) -> Callable[[Values], Any]:
    """A literal, a range, or the place of a variable."""
    if text[0] in "\"'":
        return lambda values: text[1:-1]
    if text in _WORDS:
        return lambda values: _WORDS[text]
    if re.fullmatch(r"-?\d+(?:\.\d+)?", text):
        number = float(text) if "." in text else int(text)
        return lambda values: number
    if bounds := re.fullmatch(r"\(\s*(\S+?)\s*\.\.\s*(\S+?)\s*\)", text):
        low, high = _operand(bounds[1]), _operand(bounds[2])
        return lambda values: range(int(low(values) or 0), int(high(values) or 0) + 1)
    return _place(text)


def _place(text: str) -> Callable[[Values], Any]:
    steps = [(match[1], match[2]) for match in _STEP.finditer(text)]
    if not steps or "".join(match[0] for match in _STEP.finditer(text)) != text or not steps[0][0]:
        raise LiquidError(f"{text!r} is no value of Liquid.")
    inner = [(name, _operand(index.strip()) if index else None) for name, index in steps]

    def found(values: Values) -> Any:
        value: Any = values
        for name, index in inner:
            value = _step(value, name if index is None else index(values))
        return value

    return found


def _step(value: Any, name: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get(name, len(value) if name == "size" else None)
    if isinstance(value, list | tuple | str):
        ends = {"first": 0, "last": -1}
        if name == "size":
            return len(value)
        place = ends.get(name, name) if isinstance(name, str) else name
        if isinstance(place, int) and -len(value) <= place < len(value):
            return value[place]
    return None


def truth(text: str, known: Filters) -> Callable[[Values, Filters], bool]:
    """Reads a condition: comparisons joined by and and or, from right to left as Liquid has it."""
    parts = re.split(r"\s+(and|or)\s+", text.strip())
    tests = [_comparison(each) for each in parts[::2]]
    words = parts[1::2]

    def told(values: Values, filters: Filters) -> bool:
        found = tests[-1](values)
        for test, word in zip(tests[-2::-1], words[::-1], strict=True):
            found = (test(values) and found) if word == "and" else (test(values) or found)
        return found

    return told


def _comparison(text: str) -> Callable[[Values], bool]:
    read = _COMPARED.fullmatch(text)
    if read is None:
        raise LiquidError(f"{text!r} is no condition of Liquid.")
    left = _operand(read[1])
    if read[2] is None:
        return lambda values: left(values) not in (None, False)
    compare, right = _COMPARISONS[read[2]], _operand(read[3])
    return lambda values: _compared(compare, left(values), right(values))


def _compared(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    try:
        return bool(compare(left, right))
    except TypeError:
        return False


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right or (right == "" and left in (None, [], {})),
    "!=": lambda left, right: left != right and not (right == "" and left in (None, [], {})),
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
    "contains": lambda left, right: right in left,
}


def text_of(value: Any) -> str:
    """What Liquid prints of a value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "".join(map(text_of, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)


def _joined(value: Any, glue: str = " ") -> str:
    return glue.join(map(text_of, value if isinstance(value, Sequence) and not isinstance(value, str) else [value]))


FILTERS: dict[str, Callable[..., Any]] = {
    "append": lambda value, more: text_of(value) + text_of(more),
    "capitalize": lambda value: text_of(value).capitalize(),
    "default": lambda value, other: other if value in (None, False, "", [], {}) else value,
    "divided_by": lambda value, by: value // by if isinstance(by, int) else value / by,
    "downcase": lambda value: text_of(value).lower(),
    "escape": lambda value: escape(text_of(value)),
    "escape_once": lambda value: escape(unescape(text_of(value))),
    "first": lambda value: _step(value, "first"),
    "join": _joined,
    "last": lambda value: _step(value, "last"),
    "minus": lambda value, less: value - less,
    "modulo": lambda value, by: value % by,
    "plus": lambda value, more: value + more,
    "prepend": lambda value, more: text_of(more) + text_of(value),
    "remove": lambda value, part: text_of(value).replace(text_of(part), ""),
    "replace": lambda value, part, new="": text_of(value).replace(text_of(part), text_of(new)),
    "round": lambda value, places=0: round(value, places) if places else round(value),
    "size": lambda value: _step(value, "size") or 0,
    "skip_autoescape": lambda value: value,
    "split": lambda value, at: text_of(value).split(text_of(at)),
    "strip": lambda value: text_of(value).strip(),
    "times": lambda value, by: value * by,
    "to_json": lambda value: json.dumps(value, ensure_ascii=False),
    "upcase": lambda value: text_of(value).upper(),
}
