"""What the builder's verbs are given: made exact, or refused in one sentence."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.facts import task_types

#: The host of an object's address, with the bucket in it or without.
_HOST = re.compile(r"(?:(.+)\.)?s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?")


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
    """A list of texts; RequestError for a text alone, which would become its letters, and for what is none."""
    if isinstance(given, str):
        raise RequestError(f"{what} is the text {given!r}; give a list: [{given!r}].")
    if not isinstance(given, Iterable):
        raise RequestError(f"{what} is {given!r}; give a list of texts.")
    found = tuple(given)
    wrong = [each for each in found if not isinstance(each, str)]
    if wrong:
        raise RequestError(f"{what} holds {_kind(wrong[0])}; give texts, in quotes.")
    return found


def plain(value: Any) -> Any:
    """A value of a field as Python's own: what a DataFrame or an enum holds becomes the number or text that it is.

    Raises RequestError for what is neither text nor number nor a list of them.
    """
    if isinstance(value, tuple):
        return tuple(plain(each) for each in value)
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        value = value.item()
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return "".join(value) if kind is str else kind(value)
    if value is None or isinstance(value, (list, dict)):
        return value
    raise RequestError(f"This is {_kind(value)}; a labeling job is made of texts, numbers and lists of them.")


def _kind(value: Any) -> str:
    """What a value is, in a reader's words: ``an int, 5``."""
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}, {' '.join(repr(value).split())[:80]}"


def text_or_none(what: str, given: Any, example: str) -> str | None:
    """A text, or nothing; RequestError for anything else."""
    if given is not None and not isinstance(given, str):
        raise RequestError(f"{what} is {given!r}; give it as text, like {example!r}.")
    return given


def template_text(given: Any) -> str:
    """A template's URI or text; RequestError for a path of this machine and for what is no text."""
    if isinstance(given, os.PathLike):
        raise RequestError(f".template('{given}') is a path of this machine; give its text: path.read_text().")
    if not isinstance(given, str):
        raise RequestError(f".template({given!r}) is no template; give its s3:// URI, or its text.")
    return given


def tag_pairs(given: Any) -> tuple[tuple[str, str], ...]:
    """Tags as pairs; RequestError for what is no mapping."""
    if not isinstance(given, Mapping):
        raise RequestError(f"The tags are {given!r}; give a mapping, like {{'team': 'maps'}}.")
    return tuple(given.items())


def raw_json(members: Mapping[str, Any]) -> str:
    """Members of CreateLabelingJob as JSON; RequestError for what no request can hold."""
    try:
        return json.dumps(members)
    except (TypeError, ValueError) as error:
        raise RequestError(f"A request holds texts, numbers, lists and mappings, but with_raw: {error}.") from error


def uri(given: str, verb: str) -> str:
    """An S3 URI, also of an object's https:// address; RequestError for anything else.

    >>> uri("https://signs-in.s3.eu-west-1.amazonaws.com/a%20b.manifest", "input")
    's3://signs-in/a b.manifest'
    """
    host, _, path = str(given).removeprefix("https://").partition("/")
    at_s3 = _HOST.fullmatch(host) if str(given).startswith("https://") else None
    if at_s3:
        return f"s3://{f'{at_s3[1]}/' if at_s3[1] else ''}{unquote(path.partition('?')[0])}"
    if not str(given).startswith("s3://"):
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
