"""Globs of IAM: `*` and `?`, in linear time, and the six parts of an ARN."""

from __future__ import annotations

from functools import lru_cache

#: Stand for `${*}`, `${?}` and `${$}`, which are the characters themselves and never wildcards.
LITERAL = {"*": "\ue010", "?": "\ue011", "$": "\ue012"}
_PLAIN = str.maketrans({mark: character for character, mark in LITERAL.items()})


def plain(pattern: str) -> str:
    """The pattern's text with the literal wildcards written out."""
    return pattern.translate(_PLAIN)


@lru_cache(maxsize=65536)
def matches(pattern: str, text: str) -> bool:
    """Whether a glob covers a text; `*` spans everything, `?` is one character; linear in the text for each star.

    >>> matches("arn:aws:s3:::b*", "arn:aws:s3:::b2/k"), matches("a?c", "ac")
    (True, False)
    """
    at = resume = 0
    star = -1
    length, size = len(text), len(pattern)
    here = 0
    while at < length:
        if here < size and pattern[here] == "*":
            star, resume = here, at
            here += 1
        elif here < size and (pattern[here] == "?" or plain(pattern[here]) == text[at]):
            here, at = here + 1, at + 1
        elif star >= 0:
            resume += 1
            here, at = star + 1, resume
        else:
            return False
    return all(character == "*" for character in pattern[here:])


def arn_matches(pattern: str, arn: str) -> bool:
    """Whether an ARN pattern covers an ARN: six parts, each globbed alone; only the last spans colons."""
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    if len(wanted) < 6 or len(given) < 6:
        return False
    return all(matches(one, other) for one, other in zip(wanted, given, strict=True))


def resource_matches(pattern: str, resource: str) -> bool:
    """Whether a Resource element covers a resource; `*` alone covers everything."""
    return pattern == "*" or arn_matches(pattern, resource)


def action_matches(pattern: str, action: str) -> bool:
    """Whether an Action element covers an action: case-insensitive, wildcards only after the service's prefix."""
    if pattern == "*":
        return True
    service, _, name = pattern.lower().partition(":")
    asked_service, _, asked_name = action.lower().partition(":")
    return service == asked_service and matches(name, asked_name)
