"""A CreateLabelingJob request found in a text: every member with the line where it stands, and what is left open."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.facts import Limit, limits
from gt_vpc_nb.request_rules import request_problems


@dataclass(frozen=True)
class Placed:
    """A value with its line in a text; `unknown` is the expression as written where only running it gives the value.

    `value` is text, a number, true, false, None, a tuple of `Placed`, or a dict of them. An unknown one is the
    expression's own text, so that what is around an interpolation can still be looked at.
    """

    value: Any
    line: int
    unknown: str | None = None

    @property
    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.value, dict):
            return {key: each.plain for key, each in self.value.items()}
        return [each.plain for each in self.value] if isinstance(self.value, tuple) else self.value


@dataclass(frozen=True)
class FoundRequest:
    """A request in a text, in CreateLabelingJob's own words whatever the text's are.

    `lines` maps a member (``HumanTaskConfig.TaskTitle``, ``Tags[0].Key``) to its line, from 1; `unknown` maps one whose
    value is not in the text to the expression that stands there; `files` are those that the text brings to S3.
    """

    name: str
    line: int
    request: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)

    def line_of(self, member: str) -> int:
        """The line of a member, or of the nearest structure around it where the member is missing."""
        while member:
            if member in self.lines:
                return self.lines[member]
            member = re.sub(r"(\.|^)[^.\[]*$|\[\d*\]$", "", member)
        return self.line

    def problems(self, *, in_vpc: bool = False) -> list[tuple[int, Problem]]:
        """What is wrong, each with its line; nothing is said about a member whose value is not in the text."""
        found = request_problems(self.request, region=self.region, in_vpc=in_vpc)
        return [(self.line_of(each.field), each) for each in found if not self._open(each.field)]

    def _open(self, member: str) -> bool:
        return any(_within(member, path) or _within(path, member) for path in self.unknown)


def _within(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith((f"{outer}.", f"{outer}["))


@functools.cache
def members_of(structure: str) -> dict[str, Limit]:
    """The members of a structure of CreateLabelingJob by their names; '' is the request itself.

    >>> list(members_of("Tags[]"))
    ['Key', 'Value']
    """
    prefix = f"{structure}." if structure else ""
    inside = {path.removeprefix(prefix): limit for path, limit in limits().items() if path.startswith(prefix)}
    return {name: limit for name, limit in inside.items() if "." not in name and not name.endswith("[]")}


def element_of(limit: Limit | None) -> Limit | None:
    """What the API says of each element of a list."""
    return limits().get(f"{limit.member}[]") if limit else None


def words(member: str) -> list[str]:
    """The words of an API member's name.

    >>> words("LabelCategoryConfigS3Uri")
    ['Label', 'Category', 'Config', 'S3', 'Uri']
    """
    return re.findall(r"[A-Z][a-z]*\d*", member)


def in_our_words(tree: Placed, spell: Callable[[str], str], limit: Limit | None = None, member: str = "") -> Placed:
    """The tree with each key that is `spell` of an API member under the member's own name; other keys stay."""
    if isinstance(tree.value, dict):
        known = members_of(member) if not member or (limit and limit.kind == "structure") else {}
        ours = {spell(name): name for name in known}
        renamed = {ours.get(key, key): each for key, each in tree.value.items()}
        inner = {key: in_our_words(each, spell, known.get(key), _path(known.get(key))) for key, each in renamed.items()}
        return Placed(inner, tree.line, tree.unknown)
    if isinstance(tree.value, tuple):
        # Terraform writes some structures as a list of one.
        element = limit if limit and limit.kind == "structure" else element_of(limit)
        inside = tuple(in_our_words(each, spell, element, _path(element)) for each in tree.value)
        return Placed(inside, tree.line, tree.unknown)
    return tree


def _path(limit: Limit | None) -> str:
    # A path that no member has, so that nothing below an unknown member is taken for a known one.
    return limit.member if limit else "?"


def found_request(tree: Placed, name: str, region: str | None = None, line: int | None = None) -> FoundRequest:
    """The request that a tree in the API's own words is."""
    lines: dict[str, int] = {}
    unknown: dict[str, str] = {}
    _place(tree, "", lines, unknown)
    return FoundRequest(name, tree.line if line is None else line, tree.plain, lines, unknown, region)


def _place(tree: Placed, path: str, lines: dict[str, int], unknown: dict[str, str]) -> None:
    if path:
        lines[path] = tree.line
    if tree.unknown is not None:
        unknown[path] = tree.unknown
    if isinstance(tree.value, dict):
        for key, each in tree.value.items():
            _place(each, f"{path}.{key}" if path else key, lines, unknown)
    elif isinstance(tree.value, tuple):
        for index, each in enumerate(tree.value):
            _place(each, f"{path}[{index}]", lines, unknown)
