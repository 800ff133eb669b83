"""What the builder's verbs are given: made exact, or refused in one sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.facts import task_types


class StartOrStep:
    """A verb that also starts a chain: on the class it begins with an empty job, on a job it goes on from there."""

    def __init__(self, verb: Callable[..., Any]) -> None:
        self.verb = verb
        functools.update_wrapper(self, verb)

    def __get__(self, job: Any, kind: type) -> Callable[..., Any]:
        return functools.wraps(self.verb)(functools.partial(self.verb, kind() if job is None else job))


def known_task(code: str) -> str:
    """A task type by its exact name; RequestError with the nearest one for any other."""
    codes = [kind.code for kind in task_types()]
    if code not in codes:
        near = near_miss(str(code), codes)
        raise RequestError(f"task_type {code!r} is not known{near or '; choose one of: ' + ', '.join(codes)}")
    return code


def audited_task(code: str, audit: str | None) -> str:
    """The task type that audits the labels of another, or the same where it is one already."""
    if audit is None:
        return code
    word = {"adjust": "adjustment", "verify": "verification"}[audit]
    kinds = [kind for kind in task_types() if word in kind.job_kind.split("|")]
    if code in {kind.code for kind in kinds}:
        return code
    found = [kind.code for kind in kinds if kind.base_task == code]
    if not found:
        raise RequestError(
            f"Labels of {code} have no {word} job; there is one for {', '.join(str(kind.base_task) for kind in kinds)}."
        )
    return found[0]


def texts(what: str, given: Iterable[str]) -> tuple[str, ...]:
    """A list of texts; RequestError for a text alone, which would become its letters."""
    if isinstance(given, str):
        raise RequestError(f"{what} is the text {given!r}; give a list: [{given!r}].")
    return tuple(given)


def uri(given: str, verb: str) -> str:
    """An S3 URI; RequestError for anything else."""
    if not str(given).startswith(("s3://", "https://")):
        raise RequestError(f".{verb}({given!r}) is not an s3:// URI; write it as s3://bucket/key.")
    return given


def money(price: str | Decimal) -> Decimal:
    """US dollars with at most three decimals; RequestError for a float, which is none of the published prices."""
    try:
        amount = Decimal(price) if isinstance(price, (str, Decimal)) else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or amount < 0 or amount * 1000 != int(amount * 1000):
        raise RequestError(f"The price {price!r} is not US dollars with at most 3 decimals as text; write '0.036'.")
    return amount


def listed(value: Any) -> Any:
    """Tuples as lists, for YAML."""
    return [listed(each) for each in value] if isinstance(value, tuple) else value
