"""Condition operators as one table: a new operator is a row.

Source: IAM User Guide, reference_policies_elements_condition_operators. A comparison answers True, False, or raises
Undecided where AWS's documents do not say what happens (a number, date, address or boolean that does not parse).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network

from gt_vpc_nb.policy.matching import arn_matches, matches, plain


class Undecided(ValueError):
    """A comparison that the documents leave open; carries the reason."""


Compare = Callable[[str, str], bool]


@dataclass(frozen=True)
class Operator:
    """A condition operator: how one wanted value meets one value of the request, and whether the whole is negated."""

    name: str
    compare: Compare
    negated: bool = False
    takes_variables: bool = False


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise Undecided(f"'{text}' is not a number") from None
    if not value.is_finite():
        raise Undecided(f"'{text}' is not a number")
    return value


def _moment(text: str) -> datetime:
    stripped = text.strip()
    try:
        if stripped.replace(".", "", 1).lstrip("-").isdigit():
            return datetime.fromtimestamp(float(stripped), UTC)
        moment = datetime.fromisoformat(stripped)
    except (ValueError, OverflowError, OSError):
        raise Undecided(f"'{text}' is neither an ISO 8601 date nor epoch seconds") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise Undecided(f"'{text}' is neither true nor false")
    return text.lower() == "true"


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Undecided(f"'{text}' is not base64") from None


def _in_network(wanted: str, given: str) -> bool:
    try:
        network = ip_network(wanted.strip(), strict=False)
    except ValueError:
        raise Undecided(f"'{wanted}' is not an IP address or CIDR range") from None
    try:
        address = ip_address(given.strip())
    except ValueError:
        raise Undecided(f"'{given}' is not an IP address") from None
    return address.version == network.version and address in network


def _equal(wanted: str, given: str) -> bool:
    return plain(wanted) == given


_POSITIVE: dict[str, tuple[Compare, bool]] = {
    "StringEquals": (_equal, True),
    "StringEqualsIgnoreCase": (lambda wanted, given: plain(wanted).lower() == given.lower(), True),
    "StringLike": (matches, True),
    "ArnEquals": (arn_matches, True),
    "ArnLike": (arn_matches, True),
    "NumericEquals": (lambda wanted, given: _number(given) == _number(wanted), False),
    "DateEquals": (lambda wanted, given: _moment(given) == _moment(wanted), False),
    "IpAddress": (_in_network, False),
}
_ONE_WAY: dict[str, Compare] = {
    "NumericLessThan": lambda wanted, given: _number(given) < _number(wanted),
    "NumericLessThanEquals": lambda wanted, given: _number(given) <= _number(wanted),
    "NumericGreaterThan": lambda wanted, given: _number(given) > _number(wanted),
    "NumericGreaterThanEquals": lambda wanted, given: _number(given) >= _number(wanted),
    "DateLessThan": lambda wanted, given: _moment(given) < _moment(wanted),
    "DateLessThanEquals": lambda wanted, given: _moment(given) <= _moment(wanted),
    "DateGreaterThan": lambda wanted, given: _moment(given) > _moment(wanted),
    "DateGreaterThanEquals": lambda wanted, given: _moment(given) >= _moment(wanted),
    "Bool": lambda wanted, given: _boolean(given) == _boolean(wanted),
    "BinaryEquals": lambda wanted, given: _bytes(given) == _bytes(wanted),
}


def _negation(name: str) -> str:
    if name == "IpAddress":
        return "NotIpAddress"
    for stem in ("String", "Arn", "Numeric", "Date"):
        if name.startswith(stem):
            return f"{stem}Not{name.removeprefix(stem)}"
    raise AssertionError(name)


_ROWS = [
    *(Operator(name, compare, False, variables) for name, (compare, variables) in _POSITIVE.items()),
    *(Operator(_negation(name), compare, True, variables) for name, (compare, variables) in _POSITIVE.items()),
    *(Operator(name, compare) for name, compare in _ONE_WAY.items()),
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
