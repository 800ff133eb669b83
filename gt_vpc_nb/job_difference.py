"""What differs between two labeling jobs' requests, member by member and element by element."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.shown import Html, Rows, html, page
from gt_vpc_nb.shown_text import counted, told

_ABSENT = object()


@dataclass(frozen=True, repr=False)
class Differences:
    """What differs between two jobs' requests: (member, before, after), absent shown as None; empty when they agree.

    Of a list, the elements that only one of the two has are told, tags by their key; a list in another order as a
    whole.
    """

    rows: tuple[tuple[str, Any, Any], ...]

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        lines = [f"{member}: {before!r} -> {after!r}" for member, before, after in self.rows]
        return told(lines or ["no difference"])

    def _repr_html_(self) -> str:
        rows = [(member, _cell(before, "del"), _cell(after, "ins")) for member, before, after in self.rows]
        table = Rows("Differences", ("member", "before", "after"), rows, what="differences")
        return page(counted(len(rows), "difference") if rows else "no difference", *([table] if rows else []))


def _cell(value: Any, tag: str) -> Html:
    return Html("") if value is None else Html(f"<{tag}>{html(repr(value))}</{tag}>")


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """Member by member, down to the values; elements of a list by themselves."""
    return Differences(tuple(_differing(before, after, "")))


def _differing(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys([*before, *after]):
            inner = f"{path}.{name}" if path else str(name)
            yield from _differing(before.get(name, _ABSENT), after.get(name, _ABSENT), inner)
    elif isinstance(before, list) and isinstance(after, list) and not _same(before, after):
        yield from _of_lists(before, after, path)
    elif (before is _ABSENT or after is _ABSENT) and isinstance(after if before is _ABSENT else before, Mapping):
        yield from _of_one(before, after, path)
    elif not _same(before, after):
        yield path, None if before is _ABSENT else before, None if after is _ABSENT else after


def _of_one(before: Any, after: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """A structure that only one of the two has: its members, or itself where it has none."""
    there = after if before is _ABSENT else before
    if not there:
        yield path, None if before is _ABSENT else before, None if after is _ABSENT else after
    for name, each in there.items():
        pair = (_ABSENT, each) if before is _ABSENT else (each, _ABSENT)
        yield from _differing(*pair, f"{path}.{name}")


def _of_lists(before: list[Any], after: list[Any], path: str) -> Iterator[tuple[str, Any, Any]]:
    old, new = _tags(before), _tags(after)
    if old is not None and new is not None and old != new:
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) != new.get(key):
                yield f"{path}[{key}]", old.get(key), new.get(key)
        return
    gone, come = _beyond(before, after), _beyond(after, before)
    if not gone and not come:
        # The same elements in another order.
        yield path, before, after
    for element in gone:
        yield f"{path}[]", element, None
    for element in come:
        yield f"{path}[]", None, element


def _tags(value: list[Any]) -> dict[str, str] | None:
    """Tags by their keys, or None for another list or keys that come twice."""
    pairs = [each for each in value if isinstance(each, Mapping) and set(each) == {"Key", "Value"}]
    texts = all(isinstance(word, str) for each in pairs for word in each.values())
    found = {each["Key"]: each["Value"] for each in pairs} if texts else {}
    return found if len(found) == len(value) else None


def _beyond(these: list[Any], those: list[Any]) -> list[Any]:
    """The elements of one list that the other does not have as often."""
    left = [_written(each) for each in those]
    found = []
    for each in these:
        if _written(each) in left:
            left.remove(_written(each))
        else:
            found.append(each)
    return found


def _same(before: Any, after: Any) -> bool:
    return before is after or (_ABSENT not in (before, after) and _written(before) == _written(after))


def _written(value: Any) -> str:
    # True and 1, or 1 and 1.0, are equal to Python and not to AWS.
    return json.dumps(value, sort_keys=True, default=repr)
