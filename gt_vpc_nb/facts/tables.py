"""How the tables beside this file are read: once, as JSON, when somebody asks."""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import Any


@functools.cache
def table(name: str) -> dict[str, Any]:
    """One data file of this room, for instance ``table("regions")``; callers must not change it."""
    return json.loads(files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8"))


def frozen(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose lists are tuples, so that a frozen dataclass made of it is frozen all through."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
