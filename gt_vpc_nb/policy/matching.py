"""Globs of IAM: `*` and `?`, in linear time, and the six parts of an ARN.

A glob is cut at its stars and each piece is looked for once, from left to right; nothing ever backtracks over a star.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

#: Stand for `${*}`, `${?}` and `${$}`, which are the characters themselves and never wildcards.
LITERAL = {"*": "\ue010", "?": "\ue011", "$": "\ue012"}
_PLAIN = str.maketrans({mark: character for character, mark in LITERAL.items()})

Matcher = Callable[[str], bool]


def plain(pattern: str) -> str:
    """The pattern's text with the literal wildcards written out."""
    return pattern.translate(_PLAIN)


@lru_cache(maxsize=16384)
def glob(pattern: str) -> Matcher:
    """A test for a glob; `*` spans everything, newlines too, and `?` is one character."""
    if "*" not in pattern:
        return _exactly(pattern)
    first, *middle, last = pattern.split("*")
    if "?" not in pattern and not any(middle):
        start, end = plain(first), plain(last)
        least = len(start) + len(end)
        return lambda text: len(text) >= least and text.startswith(start) and text.endswith(end)
    return _in_order(first, [each for each in middle if each], last)


def matches(pattern: str, text: str) -> bool:
    """Whether a glob covers a text.

    >>> matches("arn:aws:s3:::b*", "arn:aws:s3:::b2/k"), matches("a?c", "ac")
    (True, False)
    """
    return glob(pattern)(text)


def _exactly(pattern: str) -> Matcher:
    if "?" not in pattern:
        return plain(pattern).__eq__
    whole = re.compile(_expression(pattern), re.DOTALL).fullmatch
    return lambda text: whole(text) is not None


def _expression(piece: str) -> str:
    return "".join("." if each == "?" else re.escape(plain(each)) for each in piece)


def _in_order(first: str, middle: list[str], last: str) -> Matcher:
    starts = re.compile(_expression(first), re.DOTALL).match
    ends = re.compile(_expression(last), re.DOTALL).fullmatch
    finds = [re.compile(_expression(each), re.DOTALL).search if "?" in each else None for each in middle]
    pieces = [(plain(each), len(each), find) for each, find in zip(middle, finds, strict=True)]

    def covers(text: str) -> bool:
        tail = len(text) - len(last)
        at = len(first)
        if tail < at or not starts(text) or not ends(text[tail:]):
            return False
        for piece, size, find in pieces:
            if find is None:
                at = text.find(piece, at, tail)
            else:
                found = find(text[:tail], at)
                at = found.start() if found else -1
            if at < 0:
                return False
            at += size
        return True

    return covers


@lru_cache(maxsize=16384)
def arn_glob(pattern: str) -> Matcher:
    """A test for an ARN pattern: six parts, each globbed alone; only the last spans colons."""
    wanted = pattern.split(":", 5)
    if len(wanted) < 6:
        return lambda arn: False
    parts = [glob(each) for each in wanted]

    def covers(arn: str) -> bool:
        given = arn.split(":", 5)
        return len(given) == 6 and all(part(each) for part, each in zip(parts, given, strict=True))

    return covers


@lru_cache(maxsize=16384)
def resource_glob(pattern: str) -> Matcher:
    """A test for a Resource element; `*` alone covers everything."""
    if pattern == "*":
        return lambda resource: True
    head, separator, last = pattern.rpartition(":")
    if head.count(":") == 4 and separator and not set("*?") & set(head):
        return glob(pattern)  # no wildcard before the last part, so none can span a colon that it must not
    return arn_glob(pattern)


def arn_matches(pattern: str, arn: str) -> bool:
    """Whether an ARN pattern covers an ARN."""
    return arn_glob(pattern)(arn)


def resource_matches(pattern: str, resource: str) -> bool:
    """Whether a Resource element covers a resource; `*` alone covers everything."""
    return resource_glob(pattern)(resource)


@lru_cache(maxsize=16384)
def action_matches(pattern: str, action: str) -> bool:
    """Whether an Action element covers an action: case-insensitive, wildcards only after the service's prefix."""
    if pattern == "*":
        return True
    service, _, name = pattern.lower().partition(":")
    asked_service, _, asked_name = action.lower().partition(":")
    return service == asked_service and glob(name)(asked_name)
