"""Frozen dataclasses to JSON values and back: their type hints are the one description of the format."""

from __future__ import annotations

import types
import typing
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from gt_vpc_nb.preflight.unread import Missing, Unknown


def written(value: Any) -> Any:
    """A value made of dataclasses, tuples and scalars, as json.dumps takes it."""
    if isinstance(value, Unknown | Missing):
        return {type(value).__name__.lower(): value.reason}
    if is_dataclass(value):
        return {field.name: written(getattr(value, field.name)) for field in fields(value)}
    return [written(each) for each in value] if isinstance(value, tuple) else value


def read(kind: Any, value: Any) -> Any:
    """A JSON value as the type hint `kind`. Raises TypeError for a value of another type."""
    if isinstance(kind, types.UnionType):
        return _read_union(typing.get_args(kind), value)
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise TypeError(f"a list is wanted, not {value!r}")
        return tuple(read(typing.get_args(kind)[0], each) for each in value)
    if typing.get_origin(kind) is typing.Literal:
        if value not in typing.get_args(kind):
            raise TypeError(f"one of {', '.join(typing.get_args(kind))} is wanted, not {value!r}")
        return value
    if is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: read(hints[name], each) for name, each in value.items()})
    if kind is float and type(value) is int:
        return float(value)
    if kind is not type(value):
        raise TypeError(f"{kind.__name__} is wanted, not {value!r}")
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _read_union(kinds: tuple[Any, ...], value: Any) -> Any:
    for gap in (Unknown, Missing):
        if gap in kinds and isinstance(value, dict) and set(value) == {gap.__name__.lower()}:
            return gap(value[gap.__name__.lower()])
    if value is None and type(None) in kinds:
        return None
    return read(next(kind for kind in kinds if kind not in (Unknown, Missing, type(None))), value)
