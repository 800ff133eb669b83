"""The values of one condition key that some conditions can tell apart: a witness for every class of them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from gt_vpc_nb.policy.glob_classes import Pattern, Shape, arn_pattern, glob_pattern, literal, witnesses
from gt_vpc_nb.policy.operators import LONGEST_NUMBER, Operator, Undecided, binary, moment, network, number, spelled
from gt_vpc_nb.policy.statement_reading import Condition
from gt_vpc_nb.policy.variables import substituted

#: Enough to tell any two numbers apart that `number` reads.
_DIGITS = 3 * LONGEST_NUMBER
SOME_VALUE = "some-other-value"
_FOUR, _SIX = 1 << 32, 1 << 128
#: Addresses that the documentation ranges keep for examples: 203.0.113.10 and 2001:db8::.
_PLEASANT = {4: 0xCB00710A, 6: 0x20010DB8 << 96}


@dataclass(frozen=True)
class Classes:
    """Values that stand for all values of a key; `beyond` tells what they do not stand for, or is empty."""

    values: tuple[str, ...]
    beyond: str = ""
    textual: bool = False


def value_classes(
    key: str, conditions: Sequence[Condition], shape: Shape, preferred: Sequence[str], avoid: Iterable[str] = ()
) -> Classes:
    """The classes of one key's values under these conditions.

    `preferred` values are tried as witnesses first; `avoid` are values that only stand for themselves.
    """
    read = [(how.operator, each) for each in conditions if (how := spelled(each.operator)) and how.operator]
    families = list(dict.fromkeys(operator.family for operator, _ in read))
    if not families or families == ["text"]:
        return _texts(key, read, shape, preferred, avoid)
    texts = [pair for pair in read if pair[0].family == "text"]
    wanted = [each for operator, condition in read if operator.family != "text" for each in condition.values]
    others = [family for family in families if family != "text"]
    values = tuple(dict.fromkeys(value for family in others for value in _FAMILIES[family](wanted)))
    listed = tuple(each for _, condition in texts for each in condition.values)
    if len(others) > 1 or any(operator.name not in ("StringEquals", "StringNotEquals") for operator, _ in texts):
        return Classes((*values, *listed), f"{key} is compared as {' and as '.join(families)}")
    clash = set(values) & set(listed)
    return Classes((*values, *listed), f"{key} is compared as text and as {others[0]}" if clash else "")


def _texts(
    key: str,
    read: Sequence[tuple[Operator, Condition]],
    shape: Shape,
    preferred: Sequence[str],
    avoid: Iterable[str],
) -> Classes:
    patterns = [each for operator, condition in read for each in text_patterns(operator, condition.values)]
    found = witnesses(patterns, shape, (*preferred, SOME_VALUE), avoid)
    if found is None:
        return Classes((), f"the patterns for {key} are too many to tell all their overlaps apart")
    return Classes(tuple(found), textual=True)


def text_patterns(operator: Operator, values: Iterable[str]) -> Iterator[Pattern]:
    """Wanted texts of an operator as patterns; a value with a policy variable has none."""
    name = operator.name.replace("Not", "", 1) if operator.negated else operator.name
    # With variables, once as Version 2012-10-17 reads it (escapes) and once as the literal text that it is before.
    both = (each for value in values for each in (value, substituted(value, {})))
    for filled in filter(None, dict.fromkeys(both)):
        if name.startswith("Arn"):
            pattern = arn_pattern(filled)
        elif name == "StringLike":
            pattern = glob_pattern(filled)
        else:
            pattern = literal(filled, either_case=name == "StringEqualsIgnoreCase")
        if pattern:
            yield pattern


def _read(reader: Callable[[str], Any], wanted: Iterable[str]) -> list[Any]:
    found = []
    for each in wanted:
        try:
            found.append(reader(each))
        except Undecided:
            continue  # no class of its own: every comparison with it is undecided
    return sorted(set(found))


def _numbers(wanted: Sequence[str]) -> Iterator[str]:
    known = _read(number, wanted) or [Decimal(0)]
    with localcontext(prec=_DIGITS):
        found = [known[0] - 1, *known, known[-1] + 1]
        for low, high in zip(known, known[1:], strict=False):
            whole = (low + 1).to_integral_value(rounding="ROUND_FLOOR")
            found.append(whole if low < whole < high else (low + high) / 2)
    yield from (format(each, "f") for each in found)


def _dates(wanted: Sequence[str]) -> Iterator[str]:
    known = _read(moment, wanted) or [datetime(2026, 1, 1, tzinfo=UTC)]
    second = timedelta(seconds=1)
    between = [low + (high - low) / 2 for low, high in zip(known, known[1:], strict=False)]
    earlier = [known[0] - second] if known[0].year > 1 else []
    later = [known[-1] + second] if known[-1].year < 9999 else []
    yield from (each.isoformat() for each in (*earlier, *known, *between, *later))


def _booleans(wanted: Sequence[str]) -> Iterator[str]:
    yield from ("true", "false")


def _binaries(wanted: Sequence[str]) -> Iterator[str]:
    known = _read(binary, wanted)
    fresh = max(known, key=len, default=b"") + b"!"
    yield from (base64.b64encode(each).decode("ascii") for each in (*known, fresh))


def _addresses(wanted: Sequence[str]) -> Iterator[str]:
    """Ranges nest or are apart, so each has one class: what no smaller range takes; and so has all the rest."""
    known = _read(network, wanted)
    spaces = [(4, 0, _FOUR - 1), (6, 0, _SIX - 1)]
    for version, first, last in [*spaces, *(each for each in known if each not in spaces)]:
        inner = [each for each in known if each[0] == version and (each[1], each[2]) != (first, last)]
        inside = sorted((low, high) for _, low, high in inner if first <= low and high <= last)
        free = _first_free(_PLEASANT[version], first, last, inside)
        if free is not None:
            yield str(IPv4Address(free) if version == 4 else IPv6Address(free))


def _first_free(pleasant: int, first: int, last: int, inside: list[tuple[int, int]]) -> int | None:
    for start in (pleasant, first):
        at = start
        if not first <= at <= last:
            continue
        for low, high in inside:
            if low <= at <= high:
                at = high + 1
        if at <= last:
            return at
    return None


_FAMILIES: dict[str, Callable[[Sequence[str]], Iterator[str]]] = {
    "number": _numbers,
    "date": _dates,
    "boolean": _booleans,
    "binary": _binaries,
    "address": _addresses,
}
