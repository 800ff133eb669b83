"""What may follow {{: the notebook's variables, and what they hold, looked at without running any code of theirs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any

from gt_vpc_nb.expansion import STEP

#: IPython's own names: nobody means them in a job.
_IPYTHON = {"In", "Out", "exit", "quit", "get_ipython", "open"}
_OPEN_ITEM = re.compile(r"\[(?P<quote>['\"]?)[^\]]*$")
_ITEMS = 50


def paths(path: str, names: Mapping[str, Any]) -> list[str]:
    """What the last step of a path may be: a variable, an attribute, an item.

    >>> paths("subnets[", {"subnets": ["subnet-0a"]})
    ['subnets[0]']
    """
    item = _OPEN_ITEM.search(path)
    if item:
        base = path[: item.start()]
        found, value = _value(base, names)
        last = base.rpartition(".")[2]
        return [text for text in (f"{last}[{key}]" for key in _keys(value) if found) if text.startswith(_last(path))]
    base, dot, start = path.rpartition(".")
    if not dot:
        return [name for name in _variables(names) if name.casefold().startswith(start.casefold())]
    found, value = _value(base, names)
    return [name for name in _attributes(value) if name.startswith(start)] if found else []


def _last(path: str) -> str:
    return path.rpartition(".")[2]


def _variables(names: Mapping[str, Any]) -> list[str]:
    return [
        name
        for name, value in names.items()
        if not name.startswith("_") and name not in _IPYTHON and not isinstance(value, (ModuleType, type, FunctionType))
    ]


def _value(path: str, names: Mapping[str, Any]) -> tuple[bool, Any]:
    """Whether a path leads to a value that is simply there, and the value; a property is code and is not run."""
    root = re.match(r"\w+", path)
    if root is None or root[0] not in names:
        return False, None
    value = names[root[0]]
    for step in STEP.finditer(path, root.end()):
        attribute, number, single, double = step.groups()
        if attribute is not None:
            value = _held(value, attribute)
        elif type(value) in (list, tuple, dict):
            try:
                value = value[int(number) if number is not None else single if single is not None else double]
            except (LookupError, TypeError):
                return False, None
        else:
            return False, None
        if value is _NOTHING:
            return False, None
    return True, value


_NOTHING = object()


def _held(value: Any, name: str) -> Any:
    """An attribute that the object holds as such."""
    own = _own(value)
    if name in own:
        return own[name]
    found = inspect.getattr_static(type(value), name, _NOTHING)
    return _NOTHING if hasattr(type(found), "__get__") else found


def _own(value: Any) -> dict[str, Any]:
    """What the object itself holds; its own way of looking attributes up is not asked."""
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return own if type(own) is dict else {}


def _attributes(value: Any) -> list[str]:
    if value is None or isinstance(value, (str, int, float, bool, Mapping, Sequence)):
        return []
    kinds = (FunctionType, classmethod, staticmethod)
    return [
        name
        for name in dict.fromkeys([*_own(value), *type.__dir__(type(value))])
        if not name.startswith("_") and not isinstance(inspect.getattr_static(type(value), name, None), kinds)
    ]


def _keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [repr(key) for key in list(value)[:_ITEMS] if isinstance(key, (str, int))]
    return list(map(str, range(min(len(value), _ITEMS)))) if isinstance(value, (list, tuple)) else []
