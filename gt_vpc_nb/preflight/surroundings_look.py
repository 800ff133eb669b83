"""How a survey shows itself: where and when, what was not read, and what was found of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from gt_vpc_nb.preflight.unread import Missing, Unknown
from gt_vpc_nb.shown import Items, Part, Rows, badge
from gt_vpc_nb.shown_text import counted

if TYPE_CHECKING:
    from gt_vpc_nb.preflight.surroundings import Surroundings

_PLACE = ("place", "region", "account", "taken_at")
_WORST = ("not read", "missing", "known", "not named")
#: So many things of one kind are named.
_FEW = 8


def answer(found: Surroundings) -> str:
    """The survey in one line."""
    when = f", read {found.taken_at}" if found.taken_at else ""
    gaps = len(list(_gaps(found, "")))
    unread = f"{counted(gaps, 'thing')} not read" if gaps else "everything asked for was read"
    there = [counted(len(found.buckets), "bucket")] if found.buckets else []
    for name, one in (("subnets", "subnet"), ("security_groups", "security group"), ("endpoints", "VPC endpoint")):
        several = getattr(found, name)
        there += [counted(len(several), one)] if isinstance(several, tuple) and several else []
    where = f"{found.place} · {found.region} · {found.account}{when}"
    return f"Surroundings: {', '.join([*there, unread])} ({where})"


def lines(found: Surroundings) -> Iterator[str]:
    """What was not read, why, and what was found of each kind, for a terminal."""
    yield from (f"  not read   {gap}" for gap in _gaps(found, ""))
    for name, state, told in _rows(found):
        if state in ("missing", "known"):
            yield f"  {state:<10} {name}: {told}"


def parts(found: Surroundings) -> list[Part]:
    """What a page shows of a survey."""
    rows = [(name, badge(state), told) for name, state, told in _rows(found)]
    gaps = list(_gaps(found, ""))
    table = Rows("What the survey found", ("what", "state", "found"), rows)
    return [Items(gaps, "Not read:"), table]


def _rows(found: Surroundings) -> list[tuple[str, str, str]]:
    """A row a field: its name, whether it is known, and what it holds; what is not known comes first."""
    rows = [(each.name.replace("_", " "), *_told(getattr(found, each.name)))
            for each in fields(found) if each.name not in _PLACE]  # fmt: skip
    return sorted(rows, key=lambda row: _WORST.index(row[1]))


def _told(value: Any) -> tuple[str, str]:
    if isinstance(value, Unknown):
        return "not read", value.reason
    if isinstance(value, Missing):
        return "missing", value.reason
    if value is None or value == ():
        return "not named", ""
    if isinstance(value, tuple):
        more = f" and {len(value) - _FEW:,} more" if len(value) > _FEW else ""
        return "known", f"{len(value):,}: {', '.join(map(_name, value[:_FEW]))}{more}"
    return "known", _name(value)


def _name(value: Any) -> str:
    """What a thing goes by: its first member that is a text."""
    if not is_dataclass(value):
        return str(value)
    texts = (getattr(value, each.name) for each in fields(value))
    return next((text for text in texts if isinstance(text, str) and text), type(value).__name__)


def _gaps(value: Any, place: str) -> Iterator[str]:
    """Everything within that was not read, with its place and the reason."""
    if isinstance(value, Unknown):
        yield f"{place}: {value.reason}"
    elif isinstance(value, tuple):
        for each in value:
            yield from _gaps(each, f"{place} {_name(each)}" if is_dataclass(each) else place)
    elif is_dataclass(value):
        for each in fields(value):
            name = each.name.replace("_", " ")
            yield from _gaps(getattr(value, each.name), f"{place}, {name}" if place else name)
