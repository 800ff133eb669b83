"""What a Python expression is, where that stands in the text: literals, and what is made of them by plain means."""

from __future__ import annotations

import ast
import string
from collections.abc import Callable, Mapping
from typing import Any

from gt_vpc_nb.linting_nodes import DEPTH, Items, Member, Members, Node, Scalar, Struct, Unknown, items, joined, struct

#: Calls that give back what they are given, as far as a request or a policy is concerned.
_SAME = {"dumps", "loads", "dedent", "deepcopy", "copy", "strip", "str", "list", "tuple", "cleandoc"}
#: Numbers beyond this are no member of a request; a bound keeps `9 ** 9 ** 9` and its like from being worked out.
_LARGEST = 10**12
_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.FloorDiv: lambda a, b: a // b if b else None,
}


class Expressions:
    """Works out expressions with the names known so far; what is not literal is `Unknown`."""

    def __init__(self, first: int, names: Mapping[str, Node]) -> None:
        self.names: dict[str, Node] = dict(names)
        self._above = first - 1
        self._known: dict[int, Node] = {}

    def line(self, node: Any) -> int:
        return getattr(node, "lineno", 1) + self._above

    def forget(self) -> None:
        """Names may have changed, so that what was worked out before may not hold any more."""
        self._known.clear()

    def value(self, node: ast.AST | None, depth: int = 0) -> Node:
        """The node of an expression; the same expression gives the same node until `forget`."""
        if node is None or depth > DEPTH:
            return Unknown(self.line(node))
        known = self._known.get(id(node))
        if known is None:
            work = getattr(self, f"_{type(node).__name__.lower()}", None)
            known = self._known[id(node)] = work(node, depth) if work else Unknown(self.line(node))
        return known

    def _constant(self, node: ast.Constant, _: int) -> Node:
        if node.value is None or isinstance(node.value, (str, int, float)):
            breaks = node.value.count("\n") if isinstance(node.value, str) else 0
            return Scalar(self.line(node), node.value, breaks == (node.end_lineno or node.lineno) - node.lineno)
        return Unknown(self.line(node))

    def _name(self, node: ast.Name, _: int) -> Node:
        return self.names.get(node.id, Unknown(self.line(node)))

    def _namedexpr(self, node: ast.NamedExpr, depth: int) -> Node:
        return self.value(node.value, depth + 1)

    def _joinedstr(self, node: ast.JoinedStr, depth: int) -> Node:
        return joined(self.line(node), [self._piece(each, depth) for each in node.values])

    def _piece(self, node: ast.expr, depth: int) -> Node:
        if not isinstance(node, ast.FormattedValue):
            return self.value(node, depth + 1)
        if node.conversion != -1 or node.format_spec is not None:
            return Unknown(self.line(node))
        return _texted(self.value(node.value, depth + 1))

    def _list(self, node: ast.List | ast.Tuple | ast.Set, depth: int) -> Node:
        entries: list[Node] = []
        is_open = False
        for each in node.elts:
            if isinstance(each, ast.Starred):
                more = self.value(each.value, depth + 1)
                entries += more.items if isinstance(more, Items) else ()
                is_open |= not isinstance(more, Items) or more.open
            else:
                entries.append(self.value(each, depth + 1))
        return items(self.line(node), entries, is_open)

    _tuple = _set = _list

    def _dict(self, node: ast.Dict, depth: int) -> Node:
        members = Members()
        for key, each in zip(node.keys, node.values, strict=True):
            value = self.value(each, depth + 1)
            name = self.value(key, depth + 1) if key is not None else None
            if key is None:
                members.spread(value)
            elif isinstance(name, Scalar) and isinstance(name.value, str):
                members.add(Member(name.value, self.line(key), value))
            else:
                members.open = True
        return struct(self.line(node), members.listed, members.open)

    def keywords(self, node: ast.Call, depth: int = 0) -> Node:
        """The keywords of a call as a struct; it is open where `**name` is not known."""
        members = Members()
        for each in node.keywords:
            value = self.value(each.value, depth + 1)
            if each.arg is None:
                members.spread(value)
            else:
                members.add(Member(each.arg, self.line(each), value))
        return struct(self.line(node.func), members.listed, members.open)

    def _call(self, node: ast.Call, depth: int) -> Node:
        name = called(node).rpartition(".")[2]
        if name == "dict" and not node.args:
            return self.keywords(node, depth)
        if name == "format" and isinstance(node.func, ast.Attribute):
            return self._formatted(node, node.func.value, depth)
        if name in _SAME:
            return self._same(node, depth)
        return Unknown(self.line(node))

    def _formatted(self, node: ast.Call, text: ast.expr, depth: int) -> Node:
        """A text with `{}`, `{0}` and `{name}` filled in; other holes (`{:02d}`, `{a.b}`) stay holes."""
        line, form = self.line(node), self.value(text, depth + 1)
        if not isinstance(form, Scalar) or not isinstance(form.value, str):
            return Unknown(line)
        given: dict[str, Node] = {str(n): self.value(each, depth + 1) for n, each in enumerate(node.args)}
        given |= {each.arg: self.value(each.value, depth + 1) for each in node.keywords if each.arg}
        if any(isinstance(each, ast.Starred) for each in node.args):
            given = {}
        parts: list[Node] = []
        try:
            for number, (before, name, spec, conversion) in enumerate(string.Formatter().parse(form.value)):
                parts.append(Scalar(line, before))
                if name is not None:
                    plain = not spec and not conversion
                    parts.append(_texted(given.get(name or str(number), Unknown(line)) if plain else Unknown(line)))
        except ValueError:
            return Unknown(line)
        return joined(line, parts)

    def _same(self, node: ast.Call, depth: int) -> Node:
        if node.args:
            return self.value(node.args[0], depth + 1)
        inner = node.func.value if isinstance(node.func, ast.Attribute) else None
        return self.value(inner, depth + 1)

    def _subscript(self, node: ast.Subscript, depth: int) -> Node:
        inside, key = self.value(node.value, depth + 1), self.value(node.slice, depth + 1)
        found: Node | None = None
        if isinstance(key, Scalar) and isinstance(inside, Struct) and isinstance(key.value, str):
            found = inside.get(key.value)
        elif isinstance(key, Scalar) and isinstance(inside, Items) and isinstance(key.value, int) and not inside.open:
            found = inside.items[key.value] if -len(inside.items) <= key.value < len(inside.items) else None
        return found or Unknown(self.line(node))

    def _unaryop(self, node: ast.UnaryOp, depth: int) -> Node:
        inner = self.value(node.operand, depth + 1)
        number = _number(inner)
        if isinstance(node.op, ast.USub) and number is not None:
            return Scalar(self.line(node), -number)
        return Unknown(self.line(node))

    def _binop(self, node: ast.BinOp, depth: int) -> Node:
        left, right = self.value(node.left, depth + 1), self.value(node.right, depth + 1)
        return combined(self.line(node), node.op, left, right)


def combined(line: int, operator: ast.operator, left: Node, right: Node) -> Node:
    """Two values with an operator between them: texts and lists one after the other, dicts merged, numbers."""
    if isinstance(operator, ast.Add) and isinstance(left, Items) and isinstance(right, Items):
        return items(left.line, (*left.items, *right.items), left.open or right.open)
    if isinstance(operator, ast.BitOr) and isinstance(left, Struct) and isinstance(right, Struct):
        return merged(left, right)
    one, other = _number(left), _number(right)
    if one is not None and other is not None and type(operator) in _ARITHMETIC:
        number = _ARITHMETIC[type(operator)](one, other)
        return Scalar(line, number) if number is not None and abs(number) <= _LARGEST else Unknown(line)
    if isinstance(operator, ast.Add) and (_is_text(left) or _is_text(right)):
        return joined(line, [_texted(left), _texted(right)])
    return Unknown(line)


def merged(under: Struct, over: Struct) -> Node:
    """One dict with the members of another put over its own."""
    kept = [member for member in under.members if member.name not in over.names]
    return struct(under.line, [*kept, *over.members], under.open or over.open)


def called(node: ast.Call) -> str:
    """The dotted name of what is called, as far as it is one."""
    names: list[str] = []
    inner: ast.AST = node.func
    while isinstance(inner, ast.Attribute):
        names.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        names.append(inner.id)
    return ".".join(reversed(names))


def _texted(node: Node) -> Node:
    return node if isinstance(node, (Scalar, Unknown)) else Unknown(node.line)


def _is_text(node: Node) -> bool:
    is_pieces = isinstance(node, Unknown) and any(piece is not None for piece in node.pieces)
    return is_pieces or (isinstance(node, Scalar) and isinstance(node.value, str))


def _number(node: Node) -> int | float | None:
    plain = isinstance(node, Scalar) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    return node.value if plain and abs(node.value) <= _LARGEST else None  # type: ignore[union-attr,operator,return-value,arg-type]
