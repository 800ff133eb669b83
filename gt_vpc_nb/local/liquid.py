"""Worker task templates filled in for one task: the part of Liquid that they are written in, read and rendered plainly.

Tags: assign, capture, comment, raw, if / elsif / else, unless, case / when, for / else with limit, offset, reversed,
break and continue. What a template prints is escaped for HTML, unless it went through escape or skip_autoescape
(developer guide, sms-custom-templates-step2-automate). Unknown tags and filters are errors, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from gt_vpc_nb.errors import near_miss
from gt_vpc_nb.local.liquid_values import FILTERS, Expression, LiquidError, expression, text_of, truth

_TOKENS = re.compile(r"({%-?.*?-?%}|{{-?.*?-?}})", re.DOTALL)
_SAFE = frozenset({"escape", "escape_once", "skip_autoescape"})
_ENDS = {"if": "endif", "unless": "endunless", "case": "endcase", "for": "endfor", "capture": "endcapture"}
_FOR = re.compile(r"([\w-]+)\s+in\s+(\S+)((?:\s+(?:reversed|limit:\s*\S+|offset:\s*\S+))*)")
#: A range of a template must not make a page without end.
_MOST_STEPS = 100_000

Filters = Mapping[str, Callable[..., Any]]


class _Leave(Exception):
    """A break or a continue on its way to its loop; `how` says which."""

    def __init__(self, how: str) -> None:
        self.how = how


@dataclass
class _Scope:
    values: dict[str, Any]
    filters: Filters
    steps: int = field(default=0)


Node = Callable[[_Scope], Iterator[str]]


def rendered(template: str, values: Mapping[str, Any], filters: Filters) -> str:
    """The template filled in with `values`; `filters` are known besides Liquid's own.

    Raises LiquidError, in one sentence, for what cannot be read or rendered.
    """
    known = {**FILTERS, **filters}
    tokens = [part for part in _TOKENS.split(_trimmed(template)) if part]
    nodes, rest, _ = _block(tokens, 0, (), known)
    assert rest == len(tokens)
    scope = _Scope(dict(values), known)
    try:
        return "".join(_all(nodes, scope))
    except _Leave as leave:
        raise LiquidError(f"{{% {leave.how} %}} is outside of a for.") from None


def _trimmed(template: str) -> str:
    """Without the white space that a hyphen inside of a tag takes away."""
    template = re.sub(r"\s*({%|{{)-", r"\1", template)
    return re.sub(r"-(%}|}})\s*", r"\1", template)


def _all(nodes: Sequence[Node], scope: _Scope) -> Iterator[str]:
    for node in nodes:
        yield from node(scope)


def _block(tokens: Sequence[str], at: int, until: Sequence[str], known: Filters) -> tuple[list[Node], int, str]:
    """The nodes up to one of the tags in `until`, the place after it, and that tag's text."""
    nodes: list[Node] = []
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token.startswith("{{"):
            nodes.append(_printed(expression(token[2:-2].strip(), known)))
        elif not token.startswith("{%"):
            nodes.append(_literal(token))
        else:
            text = token[2:-2].strip()
            name, _, given = text.partition(" ")
            if name in until:
                return nodes, at, text
            node, at = _tag(name, given.strip(), tokens, at, known)
            nodes.append(node)
    if until:
        raise LiquidError(f"A block is not closed: {{% {until[-1]} %}} is missing.")
    return nodes, at, ""


def _literal(text: str) -> Node:
    return lambda scope: iter((text,))


def _printed(told: Expression) -> Node:
    def node(scope: _Scope) -> Iterator[str]:
        text = text_of(told.value(scope.values, scope.filters))
        yield text if _SAFE & set(told.filter_names) else escape(text)

    return node


def _tag(name: str, given: str, tokens: Sequence[str], at: int, known: Filters) -> tuple[Node, int]:
    if name in ("comment", "raw"):
        return _unread(name, tokens, at)
    if name in ("break", "continue"):
        return _leaving(name), at
    if name not in _TAGS:
        hint = near_miss(name, [*_TAGS, "comment", "raw"]) or "; the local AWS renders Liquid's basic tags"
        raise LiquidError(f"Unknown tag {name!r}{hint}.")
    return _TAGS[name](given, tokens, at, known)


def _unread(name: str, tokens: Sequence[str], at: int) -> tuple[Node, int]:
    for end in range(at, len(tokens)):
        if re.fullmatch(rf"{{%\s*end{name}\s*%}}", tokens[end]):
            return _literal("".join(tokens[at:end]) if name == "raw" else ""), end + 1
    raise LiquidError(f"A block is not closed: {{% end{name} %}} is missing.")


def _leaving(name: str) -> Node:
    def node(scope: _Scope) -> Iterator[str]:
        raise _Leave(name)
        yield ""

    return node


def _assign(given: str, tokens: Sequence[str], at: int, known: Filters) -> tuple[Node, int]:
    name, equals, text = given.partition("=")
    if not equals:
        raise LiquidError(f"{{% assign {given} %}} assigns nothing; write {{% assign name = value %}}.")
    told = expression(text.strip(), known)

    def node(scope: _Scope) -> Iterator[str]:
        scope.values[name.strip()] = told.value(scope.values, scope.filters)
        return iter(())

    return node, at


def _capture(given: str, tokens: Sequence[str], at: int, known: Filters) -> tuple[Node, int]:
    nodes, at, _ = _block(tokens, at, (_ENDS["capture"],), known)

    def node(scope: _Scope) -> Iterator[str]:
        scope.values[given] = "".join(_all(nodes, scope))
        return iter(())

    return node, at


def _branches(kind: str) -> Callable[[str, Sequence[str], int, Filters], tuple[Node, int]]:
    def read(given: str, tokens: Sequence[str], at: int, known: Filters) -> tuple[Node, int]:
        wanted = kind == "if"
        branches: list[tuple[Callable[[_Scope], bool], list[Node]]] = []
        test, text = _test(given, known, wanted), ""
        while text != _ENDS[kind]:
            nodes, at, text = _block(tokens, at, ("elsif", "else", _ENDS[kind]), known)
            branches.append((test, nodes))
            word, _, rest = text.partition(" ")
            test = _test(rest, known, True) if word == "elsif" else lambda scope: True
        return _first_of(branches), at

    return read


def _test(given: str, known: Filters, wanted: bool) -> Callable[[_Scope], bool]:
    told = truth(given, known)
    return lambda scope: told(scope.values, scope.filters) is wanted


def _first_of(branches: Sequence[tuple[Callable[[_Scope], bool], list[Node]]]) -> Node:
    def node(scope: _Scope) -> Iterator[str]:
        nodes = next((nodes for test, nodes in branches if test(scope)), ())
        yield from _all(nodes, scope)

    return node


def _case(given: str, tokens: Sequence[str], at: int, known: Filters) -> tuple[Node, int]:
    told = expression(given, known)
    _, at, text = _block(tokens, at, ("when", "else", _ENDS["case"]), known)
    branches: list[tuple[Callable[[_Scope], bool], list[Node]]] = []
    while text != _ENDS["case"]:
        word, _, rest = text.partition(" ")
        test = _one_of(told, rest, known) if word == "when" else lambda scope: True
        nodes, at, text = _block(tokens, at, ("when", "else", _ENDS["case"]), known)
        branches.append((test, nodes))
    return _first_of(branches), at


def _one_of(told: Expression, listed: str, known: Filters) -> Callable[[_Scope], bool]:
    choices = [expression(each.strip(), known) for each in re.split(r",|\bor\b", listed)]
    return lambda scope: (
        told.value(scope.values, scope.filters) in [each.value(scope.values, scope.filters) for each in choices]
    )


def _for(given: str, tokens: Sequence[str], at: int, known: Filters) -> tuple[Node, int]:
    read = _FOR.fullmatch(given)
    if read is None:
        raise LiquidError(f"{{% for {given} %}} cannot be read; write {{% for name in list %}}.")
    nodes, at, text = _block(tokens, at, ("else", _ENDS["for"]), known)
    otherwise: list[Node] = []
    if text == "else":
        otherwise, at, _ = _block(tokens, at, (_ENDS["for"],), known)
    name, options = read[1], dict(re.findall(r"(limit|offset):\s*(\S+)", read[3]))
    told, numbers = expression(read[2], known), {key: expression(each, known) for key, each in options.items()}

    def node(scope: _Scope) -> Iterator[str]:
        items = _items(told.value(scope.values, scope.filters))
        picked = {key: int(each.value(scope.values, scope.filters)) for key, each in numbers.items()}
        items = items[picked.get("offset", 0) :][: picked.get("limit", len(items))]
        if not items:
            yield from _all(otherwise, scope)
            return
        yield from _loop(name, items[::-1] if "reversed" in read[3] else items, nodes, scope)

    return node, at


def _items(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return [[key, each] for key, each in value.items()]
    return list(value) if isinstance(value, list | tuple | range) else []


def _loop(name: str, items: Sequence[Any], nodes: Sequence[Node], scope: _Scope) -> Iterator[str]:
    kept = {each: scope.values.get(each) for each in (name, "forloop")}
    try:
        for number, item in enumerate(items):
            scope.steps += 1
            if scope.steps > _MOST_STEPS:
                raise LiquidError(f"The loops of the template take more than {_MOST_STEPS:,} steps.")
            left = len(items) - number
            places = {"index": number + 1, "index0": number, "rindex": left, "rindex0": left - 1}
            places |= {"first": number == 0, "last": left == 1, "length": len(items)}
            scope.values |= {name: item, "forloop": places}
            try:
                yield from _all(nodes, scope)
            except _Leave as leave:
                if leave.how == "break":
                    break
    finally:
        scope.values |= kept


_TAGS: dict[str, Callable[[str, Sequence[str], int, Filters], tuple[Node, int]]] = {
    "assign": _assign,
    "capture": _capture,
    "case": _case,
    "for": _for,
    "if": _branches("if"),
    "unless": _branches("unless"),
}
