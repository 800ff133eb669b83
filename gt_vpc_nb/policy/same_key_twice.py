"""A key that stands twice in one JSON object: kept once, joined, or left because there are two readings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_CONDITION = re.compile(r"Statement(\[\d+\])?\.Condition")
_OPERATOR = re.compile(r"Statement(\[\d+\])?\.Condition\.[^.]+")


@dataclass(frozen=True)
class Pair:
    """A key and its value as they stood in the text."""

    key: str
    value: Any
    line: int


@dataclass(frozen=True)
class Note:
    """What became of a repeated key; not `certain` where its two values have two readings."""

    path: str
    line: int
    message: str
    remedy: str
    certain: bool
    code: str = "DUPLICATE_KEYS"


def joined(path: str, pairs: list[Pair]) -> tuple[dict[str, Any], list[Note]]:
    """The object of the pairs, and a note for each key that came again."""
    found: dict[str, Any] = {}
    notes: list[Note] = []
    spellings: dict[str, str] = {}
    folds = _OPERATOR.fullmatch(path) is not None  # condition keys are one key in any case
    for pair in pairs:
        known = spellings.setdefault(pair.key.casefold() if folds else pair.key, pair.key)
        if known not in found:
            found[pair.key] = pair.value
            continue
        value, message, remedy = _both(path, known, found[known], pair.value)
        place = f"{path}.{pair.key}" if path else pair.key
        code = "DUPLICATE_KEYS" if known == pair.key else "DUPLICATE_KEYS_WITH_DIFFERENT_CASE"
        notes.append(Note(place, pair.line, message, remedy, value is not _OPEN, code))
        if value is not _OPEN:
            found[known] = value
    return found, notes


_OPEN = object()


def _both(path: str, key: str, first: Any, second: Any) -> tuple[Any, str, str]:
    if _listed(first) == _listed(second):
        return first, f"'{key}' stands twice with the same value.", "Keep one of them."
    if _CONDITION.fullmatch(path) and isinstance(first, dict) and isinstance(second, dict):
        keys = _all_keys(first, second)
        if keys is not None:
            lost = ", ".join(first)
            told = f"{key} stands twice in one Condition, and many readers keep only the last, without {lost}."
            return keys, told, f"Put all keys under one {key}; all of them must hold."
    return _OPEN, f"'{key}' stands twice with different values, which has two readings.", "Keep one of them."


def _all_keys(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any] | None:
    """The keys of both; None where one key has different values, of which either, none or both may be meant."""
    found = dict(first)
    spellings = {key.casefold(): key for key in first}
    for key, value in second.items():
        same = spellings.get(key.casefold())
        if same is None:
            found[key] = value
        elif _listed(found[same]) != _listed(value):
            return None
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
