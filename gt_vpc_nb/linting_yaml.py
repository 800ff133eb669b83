"""YAML read with the line of every value: past lines that are no YAML; CloudFormation's tags are unknown parts."""

from __future__ import annotations

import re
from typing import Any

from gt_vpc_nb.linting_loose_cursor import Slip
from gt_vpc_nb.linting_nodes import DEPTH, Items, Member, Members, Node, Scalar, Struct, Unknown, items, struct

#: PyYAML takes about a second for 100,000 characters.
LONGEST_YAML = 1_000_000
#: After so many lines that are no YAML, the text is something else.
_MOST_SLIPS = 20
_TEMPLATE = re.compile(r"\{\{[^{}\n]*\}\}")
#: Stands for `{{ … }}` of a template while YAML is read.
MARK = "gtvpcnbunknown"
_TYPES = {"tag:yaml.org,2002:int": int, "tag:yaml.org,2002:float": float}
_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def yaml_nodes(text: str, first: int = 1) -> tuple[list[Node], list[Slip]]:
    """The documents of a text, and each line of it that had to be left out because YAML does not read it."""
    if len(text) > LONGEST_YAML:
        return [], [Slip(first, f"this YAML has {len(text):,} characters, which is no request's.", "Split the file.")]
    lines = _TEMPLATE.sub(MARK, text).split("\n")
    slips: list[Slip] = []
    while True:
        documents = _composed("\n".join(lines))
        if isinstance(documents, list):
            break
        line, message = documents
        slips.append(Slip(first + max(0, line), f"YAML does not read this: {message}.", "Mend it."))
        if len(slips) >= _MOST_SLIPS or not 0 <= line < len(lines) or not lines[line].strip():
            return [], slips
        lines[line] = ""
    return [_Nodes(first, lost=bool(slips)).of(each, 0) for each in documents], slips


def _composed(text: str) -> list[Any] | tuple[int, str]:
    """The documents as PyYAML's nodes, or the line, from 0, where they end and why."""
    import yaml

    try:
        return [each for each in yaml.compose_all(text, Loader=yaml.SafeLoader) if each is not None]
    except yaml.MarkedYAMLError as problem:
        # What is opened and never closed is noticed far below.
        unclosed = problem.context_mark and (problem.context or "").startswith(
            ("while parsing a flow", "while scanning")
        )
        mark = problem.context_mark if unclosed else problem.problem_mark or problem.context_mark
        message = " ".join(filter(None, (problem.context, problem.problem)))
        return (mark.line if mark else -1), message
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        return -1, " ".join(str(problem).split()) or "it is nested too deep"


class _Nodes:
    def __init__(self, first: int, lost: bool) -> None:
        self._first = first
        self._lost = lost
        self._made: dict[int, Node] = {}

    def of(self, node: Any, depth: int) -> Node:
        """A value of the text; one that holds itself, or lies too deep, is unknown."""
        line = self._first + node.start_mark.line
        if id(node) in self._made:
            return self._made[id(node)]
        self._made[id(node)] = Unknown(line)
        made = Unknown(line) if depth > DEPTH else self._of(node, line, depth)
        self._made[id(node)] = made
        return made

    def _of(self, node: Any, line: int, depth: int) -> Node:
        kind = type(node).__name__
        if node.tag.startswith("!"):
            return _tagged(node, line)
        if kind == "ScalarNode":
            return _scalar(node, line)
        if kind == "SequenceNode":
            return items(line, [self.of(each, depth + 1) for each in node.value])
        members = Members()
        for key, each in node.value:
            value = self.of(each, depth + 1)
            if key.tag == "tag:yaml.org,2002:merge":
                for base in value.items if isinstance(value, Items) else (value,):
                    members.spread(base)
            elif type(key).__name__ == "ScalarNode":
                members.add(Member(str(key.value), self._first + key.start_mark.line, value))
        return struct(line, members.listed, members.open or self._lost)


def _tagged(node: Any, line: int) -> Node:
    """`!Sub` has known parts; `!Ref`, `!GetAtt` and the like have none."""
    if node.tag == "!Sub" and isinstance(node.value, str):
        return pieces(node.value, line)
    return Unknown(line)


def pieces(text: str, line: int) -> Node:
    """A text with `${…}` in it, each of which is a hole."""
    parts = re.split(r"\$\{[^}]*\}", text)
    if len(parts) == 1:
        return Scalar(line, text)
    found: list[str | None] = []
    for part in parts:
        found += [part, None] if part else [None]
    return Unknown(line, tuple(found[:-1]))


def _scalar(node: Any, line: int) -> Node:
    text = node.value
    if MARK in text:
        return Unknown(line)
    if node.tag == "tag:yaml.org,2002:null":
        return Scalar(line, None)
    if node.tag == "tag:yaml.org,2002:bool":
        return Scalar(line, _BOOLEANS.get(text.casefold()))
    if node.tag in _TYPES:
        return Scalar(line, _number(text, _TYPES[node.tag]))
    # A block text begins under its key, and a folded one has other lines than the file.
    return Scalar(line + 1, text, True) if node.style == "|" else Scalar(line, text)


def _number(text: str, kind: type) -> int | float | str:
    try:
        return kind(text.replace("_", ""))
    except (ValueError, OverflowError):
        return text


def without_intrinsics(node: Node) -> Node:
    """CloudFormation's functions in their long form (`Ref`, `Fn::Sub`, …) and JSONata's `{% … %}` as unknown parts."""
    if isinstance(node, Items):
        return items(node.line, [without_intrinsics(each) for each in node.items], node.open)
    if isinstance(node, Scalar):
        jsonata = isinstance(node.value, str) and re.fullmatch(r"\s*\{%.*%\}\s*", node.value, re.DOTALL)
        return Unknown(node.line) if jsonata else node
    if not isinstance(node, Struct):
        return node
    if len(node.members) == 1 and re.fullmatch(r"Ref|Condition|Fn::\w+", node.members[0].name):
        given = node.members[0].value
        sub = node.members[0].name == "Fn::Sub" and isinstance(given, Scalar) and isinstance(given.value, str)
        if sub:
            return pieces(str(given.value), node.line)  # type: ignore[union-attr]
        if not isinstance(given, Struct):
            return Unknown(node.line)
    members = [Member(each.name, each.line, without_intrinsics(each.value)) for each in node.members]
    return struct(node.line, members, node.open, node.source)


def without_nulls(node: Node) -> Node:
    """Kubernetes leaves out what is null."""
    if isinstance(node, Items):
        return items(node.line, [without_nulls(each) for each in node.items], node.open)
    if not isinstance(node, Struct):
        return node
    kept = [each for each in node.members if not (isinstance(each.value, Scalar) and each.value.value is None)]
    return struct(node.line, [Member(each.name, each.line, without_nulls(each.value)) for each in kept], node.open)
