"""What a reader found in a text: literal values with the line of each; what is not literal is kept as unknown.

A request or a policy is judged on what is known. An unknown part is never wrong: it may be anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

#: Deeper, larger and longer than any request or policy; what is beyond is unknown, so that hostile text stays cheap.
DEPTH, SIZE, LONGEST = 60, 100_000, 100_000

Path = tuple[str | int, ...]


@dataclass(frozen=True, eq=False)
class Node:
    """Something at a line of the text."""

    line: int


@dataclass(frozen=True, eq=False)
class Scalar(Node):
    """Text, a number, true, false or null; `verbatim` where the text's line breaks are those of the file."""

    value: str | int | float | bool | None
    verbatim: bool = False


@dataclass(frozen=True, eq=False)
class Unknown(Node):
    """Not literal. `pieces` are the known parts of a text, with None for each hole; all of it may be a hole."""

    pieces: tuple[str | None, ...] = (None,)


@dataclass(frozen=True, eq=False)
class Items(Node):
    """A list; `open` where it may hold more than was read."""

    items: tuple[Node, ...] = ()
    open: bool = False
    extent: tuple[int, int] = (1, 1)


@dataclass(frozen=True, eq=False)
class Member:
    """A key with its value, and the line of the key."""

    name: str
    line: int
    value: Node


@dataclass(frozen=True, eq=False)
class Struct(Node):
    """A dict, an object, a call's keywords; `open` where it may hold more than was read.

    `source` is the text it was read from where that is JSON of its own, beginning in `line`.
    """

    members: tuple[Member, ...] = ()
    open: bool = False
    extent: tuple[int, int] = (1, 1)
    source: str | None = None

    @property
    def names(self) -> set[str]:
        return {member.name for member in self.members}

    def get(self, name: str) -> Node | None:
        """The value of a key: of the last of them, as Python and most JSON readers do."""
        return next((member.value for member in reversed(self.members) if member.name == name), None)


def items(line: int, nodes: Iterable[Node], open: bool = False) -> Node:
    """A list, or something unknown where it is beyond all measure."""
    inside = tuple(nodes)
    extent = _extent(inside)
    return Items(line, inside, open, extent) if extent[0] <= SIZE and extent[1] <= DEPTH else Unknown(line)


def struct(line: int, members: Iterable[Member], open: bool = False, source: str | None = None) -> Node:
    """A dict, or something unknown where it is beyond all measure."""
    inside = tuple(members)
    extent = _extent(tuple(member.value for member in inside))
    return Struct(line, inside, open, extent, source) if extent[0] <= SIZE and extent[1] <= DEPTH else Unknown(line)


def _extent(nodes: tuple[Node, ...]) -> tuple[int, int]:
    """How many nodes there are with all that is in them, and how deep they go; a value used twice counts twice."""
    sizes = [each.extent if isinstance(each, (Items, Struct)) else (1, 0) for each in nodes]
    return 1 + sum(size for size, _ in sizes), 1 + max((depth for _, depth in sizes), default=0)


class Members:
    """The members of a dict as they are read; what a spread (`**name`) brings is overwritten without a word."""

    def __init__(self) -> None:
        self.listed: list[Member] = []
        self.open = False
        self._spread: set[str] = set()

    def add(self, member: Member) -> None:
        if member.name in self._spread:
            self._drop(member.name)
        self.listed.append(member)

    def spread(self, node: Node) -> None:
        """Takes the members of another dict along; one that is not known leaves this one open."""
        self.open |= not isinstance(node, Struct) or node.open
        for member in node.members if isinstance(node, Struct) else ():
            self._drop(member.name)
            self.listed.append(member)
            self._spread.add(member.name)

    def _drop(self, name: str) -> None:
        self.listed = [each for each in self.listed if each.name != name]
        self._spread.discard(name)


def repeated(node: Node) -> Iterator[tuple[str, int, int]]:
    """Each key that stands twice in one dict: its path, its line, and the line where it stood before."""
    for path, _, each in walk(node):
        seen: dict[str, int] = {}
        for member in each.members if isinstance(each, Struct) else ():
            if member.name in seen:
                yield dotted((*path, member.name)), member.line, seen[member.name]
            seen.setdefault(member.name, member.line)


def joined(line: int, parts: list[Node]) -> Node:
    """Texts one after the other: a text, or the pieces of one."""
    pieces: list[str | None] = []
    for part in parts:
        known = part.pieces if isinstance(part, Unknown) else (_text(part),)
        for piece in known:
            if pieces and piece is not None and pieces[-1] is not None:
                pieces[-1] += piece
            else:
                pieces.append(piece)
    if sum(len(piece or "") for piece in pieces) > LONGEST or len(pieces) > SIZE:
        return Unknown(line)
    if len(pieces) == 1 and pieces[0] is not None:
        return Scalar(line, pieces[0])
    return Unknown(line, tuple(pieces) or ("",))


def _text(part: Node) -> str | None:
    if isinstance(part, Scalar) and isinstance(part.value, (str, int)) and not isinstance(part.value, bool):
        return str(part.value)
    return None


def plain(node: Node) -> Any:
    """The value as dicts, lists and scalars; an unknown part is its `Unknown` node."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(each) for each in node.items]
    if isinstance(node, Struct):
        return {member.name: plain(member.value) for member in node.members}
    return node


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, int, Node]]:
    """Every value with its path and line; a member's line is that of its key, and of equal keys the last comes last."""
    yield path, node.line, node
    if isinstance(node, Struct):
        for member in node.members:
            for inner, line, each in walk(member.value, (*path, member.name)):
                yield inner, member.line if inner == (*path, member.name) else line, each
    elif isinstance(node, Items):
        for number, item in enumerate(node.items):
            yield from walk(item, (*path, number))


def dotted(path: Path) -> str:
    """A path as requests and policies write it.

    >>> dotted(("HumanTaskConfig", "TaskKeywords", 2))
    'HumanTaskConfig.TaskKeywords[2]'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
