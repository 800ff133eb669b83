"""Python read without running it: the calls with their keywords, the dicts, and what the names stand for.

Statements are gone through in their order, functions after everything around them. A name that is given its value
under a condition or in a loop is not known afterwards.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping

from gt_vpc_nb.linting_loose_cursor import Call, Loose
from gt_vpc_nb.linting_nodes import Items, Member, Node, Scalar, Struct, Unknown, items, struct
from gt_vpc_nb.linting_python_values import Expressions, called, combined, merged

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_BODIES = ("body", "orelse", "finalbody", "handlers", "cases")
#: More names than a script has, and more entries than are added to a list one by one; a bound for hostile text.
_NAMES, _ADDED = 5_000, 500
#: Methods that leave a dict or list as it is.
_READING = {"get", "keys", "values", "items", "copy", "index", "count"}


def parsed(text: str) -> ast.Module | SyntaxError:
    """The tree of Python that is right, or the first thing that Python says against it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as problem:
        return problem
    except (ValueError, RecursionError, MemoryError) as problem:
        return SyntaxError(str(problem) or "too deeply nested", ("", 1, 1, ""))


def read_python(tree: ast.Module, first: int = 1, names: Mapping[str, Node] | None = None) -> Loose:
    """Everything that stands literally in a tree whose first line has the number `first`."""
    reader = _Reader(first, names or {})
    reader.module(tree)
    return reader.found


class _Reader:
    def __init__(self, first: int, names: Mapping[str, Node]) -> None:
        self.found = Loose()
        self._expressions = Expressions(first, names)
        self._later: list[tuple[_Function, dict[str, Node] | None]] = []

    @property
    def _names(self) -> dict[str, Node]:
        return self._expressions.names

    def module(self, tree: ast.Module) -> None:
        self._scope(tree.body)
        outside = dict(self._names)
        self.found.names = outside
        while self._later:
            function, inside = self._later.pop(0)
            self._expressions.names = dict(outside if inside is None else inside)
            arguments = function.args
            for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                self._names.pop(each.arg, None)
            for star in filter(None, (arguments.vararg, arguments.kwarg)):
                self._names.pop(star.arg, None)
            self._scope(function.body, inside=True)

    def _scope(self, body: list[ast.stmt], *, inside: bool = False) -> None:
        before, waiting = dict(self._names), len(self._later)
        self._body(body)
        for name, value in self._names.items():
            if before.get(name) is not value and isinstance(value, (Items, Struct)):
                self.found.values.append((value, 0, 0))
        if inside:
            known = dict(self._names)
            self._later[waiting:] = [(function, known) for function, _ in self._later[waiting:]]

    def _body(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._expressions.forget()
            for expression in _expressions_of(statement):
                self._collect(expression)
            self._statement(statement)

    def _statement(self, statement: ast.stmt) -> None:
        if isinstance(statement, _Function):
            self._later.append((statement, None))
            self._names.pop(statement.name, None)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets if statement.value is not None else ():
                self._assign(target, self._expressions.value(statement.value))
        elif isinstance(statement, ast.AugAssign):
            before, more = self._expressions.value(statement.target), self._expressions.value(statement.value)
            self._assign(statement.target, combined(self._expressions.line(statement), statement.op, before, more))
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            self._changed_by(statement.value)
        elif isinstance(statement, ast.ClassDef):
            kept = dict(self._names)
            self._scope(statement.body)
            self._expressions.names = kept
        else:
            self._compound(statement)

    def _compound(self, statement: ast.stmt) -> None:
        for target in _targets(statement):
            self._assign(target, Unknown(self._expressions.line(target)))
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            self._body(statement.body)
            return
        if isinstance(statement, (ast.Try, getattr(ast, "TryStar", ast.Try))):
            self._body(statement.body)
        before = dict(self._names)
        for field in _BODIES:
            if field == "body" and isinstance(statement, (ast.Try, getattr(ast, "TryStar", ast.Try))):
                continue
            for tests, body in _bodies(getattr(statement, field, [])):
                for test in tests:
                    self._collect(test)
                self._branch(body, before)

    def _branch(self, body: list[ast.stmt], before: dict[str, Node]) -> None:
        """A body that may or may not be gone through: what it changes is not known afterwards."""
        after = dict(self._names)
        self._expressions.names = dict(before)
        self._body(body)
        for name, value in self._names.items():
            if value is not before.get(name):
                if isinstance(value, (Items, Struct)):
                    self.found.values.append((value, 0, 0))
                after[name] = _blurred(before.get(name), value)
        self._expressions.names = after

    def _assign(self, target: ast.AST, value: Node) -> None:
        if isinstance(target, ast.Name):
            self._names[target.id] = value
            if len(self._names) > _NAMES:
                self._names.pop(next(iter(self._names)))
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = value.items if isinstance(value, Items) and len(value.items) == len(target.elts) else None
            for number, each in enumerate(target.elts):
                self._assign(each, known[number] if known else Unknown(value.line))
        elif isinstance(target, ast.Starred):
            self._assign(target.value, Unknown(value.line))
        elif isinstance(target, ast.Subscript):
            self._put(target, value)

    def _put(self, target: ast.Subscript, value: Node) -> None:
        """`name[key] = value`: the dict with that member, or one that may hold more where the key is not known."""
        inside, key = self._expressions.value(target.value), self._expressions.value(target.slice)
        if isinstance(inside, Items):
            changed = items(inside.line, (), True)
        elif not isinstance(inside, Struct):
            return
        elif isinstance(key, Scalar) and isinstance(key.value, str):
            member = Member(key.value, self._expressions.line(target), value)
            changed = merged(inside, Struct(inside.line, (member,)))
        else:
            changed = struct(inside.line, inside.members, True)
        self._expressions.forget()
        self._assign(target.value, changed)

    def _changed_by(self, call: ast.Call) -> None:
        """`name.update(…)`, `name.append(…)` and their like."""
        if not isinstance(call.func, ast.Attribute):
            return
        inside, method = self._expressions.value(call.func.value), call.func.attr
        first = self._expressions.value(call.args[0]) if call.args else self._expressions.keywords(call)
        if isinstance(inside, Struct) and method == "update":
            known = isinstance(first, Struct)
            changed = merged(inside, first) if known else struct(inside.line, inside.members, True)
        elif isinstance(inside, Items) and len(inside.items) > _ADDED:
            changed = items(inside.line, (), True)
        elif isinstance(inside, Items) and method == "append":
            changed = items(inside.line, (*inside.items, first), inside.open)
        elif isinstance(inside, Items) and method == "extend" and isinstance(first, Items):
            changed = items(inside.line, (*inside.items, *first.items), inside.open or first.open)
        elif method in _READING or not isinstance(inside, (Items, Struct)):
            return
        else:
            changed = Unknown(inside.line)
        self._assign(call.func.value, changed)

    def _collect(self, expression: ast.AST) -> None:
        """The calls of an expression, and the dicts and lists that stand in it."""
        waiting = [(expression, True)]
        while waiting:
            node, outermost = waiting.pop()
            if isinstance(node, ast.Call):
                self._call(node)
            if isinstance(node, (ast.Dict, ast.List)) and outermost:
                self.found.values.append((self._expressions.value(node), 0, 0))
            is_value = isinstance(node, (ast.Dict, ast.List, ast.Tuple))
            waiting += [(each, outermost and not is_value) for each in ast.iter_child_nodes(node)]

    def _call(self, node: ast.Call) -> None:
        name, keywords = called(node), self._expressions.keywords(node)
        if isinstance(keywords, Struct):
            arguments = tuple(self._expressions.value(each) for each in node.args)
            self.found.calls.append(Call(name, self._expressions.line(node), keywords, arguments))


def _expressions_of(statement: ast.stmt) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr):
            yield child
        elif isinstance(child, (ast.withitem, ast.arguments)):
            yield from (each for each in ast.iter_child_nodes(child) if isinstance(each, ast.expr))


def _targets(statement: ast.stmt) -> list[ast.AST]:
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return [statement.target]
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return [each.optional_vars for each in statement.items if each.optional_vars]
    return list(statement.targets) if isinstance(statement, ast.Delete) else []


def _bodies(field: list[ast.AST]) -> Iterator[tuple[list[ast.expr], list[ast.stmt]]]:
    """The bodies in a part of a statement, with the conditions of each; one for each `elif` of a long row."""
    while len(field) == 1 and isinstance(field[0], ast.If):
        yield [field[0].test], field[0].body
        field = field[0].orelse  # type: ignore[assignment]
    if field and isinstance(field[0], ast.stmt):
        yield [], field  # type: ignore[misc]
    else:
        yield from (([], each.body) for each in field if hasattr(each, "body"))


def _blurred(before: Node | None, after: Node) -> Node:
    """What is known of a name that a branch may have changed."""
    if isinstance(before, Struct) and isinstance(after, Struct):
        kept = [member for member in before.members if member in after.members]
        return struct(before.line, kept, True)
    return Unknown(after.line)
