"""Python read without being run: calls, and their arguments as far as they are literal."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.job_code_found import Placed

#: More values than any script of a labeling job has, and deeper; names of names can make more out of a few lines.
_VALUES, _DEPTH = 20_000, 60


class PythonReader:
    """A Python text. A name is what it is assigned, where the text assigns it once; the rest is marked as unknown.

    Raises:
        RequestError: the text is not Python; the sentence names the line.
    """

    def __init__(self, text: str) -> None:
        try:
            self._nodes = list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            said = getattr(error, "msg", None) or str(error) or "too deep"
            raise RequestError(f"Line {getattr(error, 'lineno', None) or 1}: {said}; this is not Python.") from error
        self._text = text
        self._values = 0
        self._names: dict[str, ast.expr | None] = {}
        for node in self._nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
                self._names[node.id] = None
        for node in self._nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                self._names[name] = node.value if self._stores(name) == 1 else None

    def _stores(self, name: str) -> int:
        return sum(isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load) for n in self._nodes)

    def calls(self, method: str) -> Iterator[ast.Call]:
        """Every call of a method of this name."""
        for node in self._nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
                yield node

    def keywords(self, call: ast.Call) -> Placed:
        """The keyword arguments of a call as one mapping, those of ``**`` among them."""
        return self._mapping(((each.arg, each.value) for each in call.keywords), call.lineno, 0, call)

    def tree(self, node: ast.expr, depth: int = 0) -> Placed:
        """The value of an expression, or its text where it has to be run."""
        self._values += 1
        if depth > _DEPTH or self._values > _VALUES:
            return Placed("…", node.lineno, "…")
        if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, (str, bytes, int, float))):
            return Placed(node.value, node.lineno)
        if isinstance(node, (ast.List, ast.Tuple)) and not any(isinstance(each, ast.Starred) for each in node.elts):
            return Placed(tuple(self.tree(each, depth + 1) for each in node.elts), node.lineno)
        if isinstance(node, ast.Dict):
            return self._dict(node, depth)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            number = self.tree(node.operand, depth + 1)
            return Placed(-number.value, node.lineno) if type(number.value) in (int, float) else self._open(node)
        if isinstance(node, ast.Name) and (there := self._names.get(node.id)) is not None:
            tree = self.tree(there, depth + 1)
            return tree if tree.unknown is None else self._open(node)
        return self._open(node)

    def _dict(self, node: ast.Dict, depth: int) -> Placed:
        keys = [None if key is None else self.tree(key, depth + 1) for key in node.keys]
        if any(key and key.unknown is not None for key in keys):
            return self._open(node)
        names = (str(key.value) if key else None for key in keys)
        return self._mapping(zip(names, node.values, strict=True), node.lineno, depth, node)

    def _mapping(self, pairs: Iterable[tuple[str | None, ast.expr]], line: int, depth: int, node: ast.expr) -> Placed:
        members: dict[str, Placed] = {}
        unknown = None
        for name, value in pairs:
            tree = self.tree(value, depth + 1)
            if name is not None:
                members[name] = tree
            elif isinstance(tree.value, dict):
                members |= tree.value
                unknown = unknown or tree.unknown
            else:
                unknown = f"**{tree.unknown}"
        return Placed(members, line, unknown)

    def _open(self, node: ast.expr) -> Placed:
        # Not ast.unparse, which would follow the deepest expression.
        written = ast.get_source_segment(self._text, node) or "?"
        return Placed(written, node.lineno, written)
