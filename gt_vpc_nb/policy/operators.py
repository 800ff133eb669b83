"""Condition operators as one table: a new operator is a row.

A row says how a wanted value and a value of the request are read, and which test joins them. Reading raises Undecided
where AWS's documents do not say what happens (a number, date, address or boolean that does not parse).
Source: IAM User Guide, reference_policies_elements_condition_operators.
"""

from __future__ import annotations

import base64
import binascii
import operator as compare
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Literal

from gt_vpc_nb.policy.matching import arn_glob, glob, plain

#: Digits of a number, before or after its point, that are still compared.
LONGEST_NUMBER = 400
Family = Literal["text", "number", "date", "boolean", "binary", "address"]


class Undecided(ValueError):
    """A comparison that the documents leave open; carries the reason."""


@dataclass(frozen=True)
class Operator:
    """A condition operator: how values are read and compared, and whether the whole is negated.

    `family` says what kind of values it compares; `test(wanted, given)` gets both as they were read; `exact` says that
    the test is equality, so that many wanted values are one look-up.
    """

    name: str
    family: Family
    read_wanted: Callable[[str], Any]
    read_given: Callable[[str], Any]
    test: Callable[[Any, Any], bool]
    negated: bool = False

    @property
    def exact(self) -> bool:
        return self.test is compare.eq

    @property
    def takes_variables(self) -> bool:
        return self.family == "text"


def number(text: str) -> Decimal:
    """A decimal number; raises Undecided."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise Undecided(f"'{text}' is not a number") from None
    if not value.is_finite():
        raise Undecided(f"'{text}' is not a number")
    if len(text) > LONGEST_NUMBER or abs(value.adjusted()) > LONGEST_NUMBER:
        raise Undecided(f"'{text[:40]}' is a number of more than {LONGEST_NUMBER} digits")
    return value


def moment(text: str) -> datetime:
    """An ISO 8601 date or epoch seconds, as UTC; raises Undecided."""
    stripped = text.strip()
    try:
        if stripped.replace(".", "", 1).lstrip("-").isdigit():
            return datetime.fromtimestamp(float(stripped), UTC)
        found = datetime.fromisoformat(stripped)
    except (ValueError, OverflowError, OSError):
        raise Undecided(f"'{text}' is neither an ISO 8601 date nor epoch seconds") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def boolean(text: str) -> bool:
    """True or false in any case; raises Undecided."""
    if text.lower() not in ("true", "false"):
        raise Undecided(f"'{text}' is neither true nor false")
    return text.lower() == "true"


def binary(text: str) -> bytes:
    """Bytes from base64; raises Undecided."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Undecided(f"'{text}' is not base64") from None


@lru_cache(maxsize=4096)
def network(text: str) -> tuple[int, int, int]:
    """An address or CIDR range as (version, first, last) with the addresses as integers; raises Undecided."""
    try:
        found = ip_network(text.strip(), strict=False)
    except ValueError:
        raise Undecided(f"'{text}' is not an IP address or CIDR range") from None
    return found.version, int(found.network_address), int(found.broadcast_address)


@lru_cache(maxsize=4096)
def address(text: str) -> IPv4Address | IPv6Address:
    """An IP address; raises Undecided."""
    try:
        return ip_address(text.strip())
    except ValueError:
        raise Undecided(f"'{text}' is not an IP address") from None


def _in_network(wanted: tuple[int, int, int], given: IPv4Address | IPv6Address) -> bool:
    version, first, last = wanted
    return given.version == version and first <= int(given) <= last


def _as_given(text: str) -> str:
    return text


def _folded(text: str) -> str:
    return plain(text).lower()


def _covers(pattern: Callable[[str], bool], given: str) -> bool:
    return pattern(given)


_BOTH_WAYS: list[tuple[str, str, Family, Callable[[str], Any], Callable[[str], Any], Callable[[Any, Any], bool]]] = [
    ("StringEquals", "StringNotEquals", "text", plain, _as_given, compare.eq),
    ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "text", _folded, str.lower, compare.eq),
    ("StringLike", "StringNotLike", "text", glob, _as_given, _covers),
    ("ArnEquals", "ArnNotEquals", "text", arn_glob, _as_given, _covers),
    ("ArnLike", "ArnNotLike", "text", arn_glob, _as_given, _covers),
    ("NumericEquals", "NumericNotEquals", "number", number, number, compare.eq),
    ("DateEquals", "DateNotEquals", "date", moment, moment, compare.eq),
    ("IpAddress", "NotIpAddress", "address", network, address, _in_network),
]
_ORDERS = {
    "LessThan": compare.gt,
    "LessThanEquals": compare.ge,
    "GreaterThan": compare.lt,
    "GreaterThanEquals": compare.le,
}

_ROWS = [
    *(Operator(name, *row) for name, _, *row in _BOTH_WAYS),
    *(Operator(opposite, *row, negated=True) for _, opposite, *row in _BOTH_WAYS),
    *(Operator(f"Numeric{name}", "number", number, number, test) for name, test in _ORDERS.items()),
    *(Operator(f"Date{name}", "date", moment, moment, test) for name, test in _ORDERS.items()),
    Operator("Bool", "boolean", boolean, boolean, compare.eq),
    Operator("BinaryEquals", "binary", binary, binary, compare.eq),
]
#: Lower-cased name -> operator; `Null` is not here because it asks about presence, not about values.
OPERATORS: dict[str, Operator] = {each.name.lower(): each for each in _ROWS}
NAMES = (*(each.name for each in _ROWS), "Null")


@dataclass(frozen=True)
class Spelled:
    """An operator as a policy spells it: ``ForAllValues:StringNotEqualsIfExists``."""

    operator: Operator | None
    quantifier: str
    if_exists: bool
    is_null: bool


@lru_cache(maxsize=1024)
def spelled(name: str) -> Spelled | None:
    """Reads an operator's name, case-insensitively; None for one that IAM does not have."""
    rest, quantifier = name.lower(), ""
    for prefix in ("forallvalues:", "foranyvalue:"):
        if rest.startswith(prefix):
            rest, quantifier = rest.removeprefix(prefix), prefix[:-1]
    if rest == "null":
        return Spelled(None, quantifier, False, True)
    if_exists = rest.endswith("ifexists")
    operator = OPERATORS.get(rest.removesuffix("ifexists") if if_exists else rest)
    return Spelled(operator, quantifier, if_exists, False) if operator else None
