"""A pattern of actions without some of them, as a few patterns that S3 takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from gt_vpc_nb.facts import s3_actions
from gt_vpc_nb.policy.matching import action_matches

_WILD = frozenset("*?")


def others_of(pattern: str, actions: Sequence[str], resources: Sequence[str] | None = None) -> list[str]:
    """Patterns that together mean the S3 actions of a pattern but these, on a statement's resources.

    S3 refuses a policy that names an action which works on none of its resources, so such actions are left out, or
    stand behind a wildcard that means others, too. A pattern that only starts with a text stays a few such patterns.

    >>> others_of("s3:ListB*", ["s3:ListBucket"])
    ['s3:ListBucketM*', 's3:ListBucketV*']
    """
    found = [name for name in s3_actions() if action_matches(pattern, name) and name not in actions]
    kinds = _kinds(resources)
    fitting = [name for name in found if kinds & set(s3_actions()[name].resource_types)]
    head = pattern.rstrip("*")
    if head == pattern or _WILD & set(head):
        return fitting
    shut = [_shortest(name, head, actions) for name in fitting]
    unmeant = [name for name in found if not any(action_matches(each, name) for each in shut) and _is_elsewhere(name)]
    return list(dict.fromkeys([*shut, *_by_piece(unmeant, head, fitting, actions)]))


def _shortest(name: str, head: str, actions: Sequence[str]) -> str:
    """The widest pattern from the start of a name that means none of some actions, or the name itself."""
    folded = [each.lower() for each in actions]
    for size in range(len(head) + 1, len(name) + 1):
        if not any(each.startswith(name[:size].lower()) for each in folded):
            return name[:size] + "*"
    return name


def _by_piece(names: Sequence[str], head: str, fitting: Sequence[str], actions: Sequence[str]) -> list[str]:
    """Patterns for names that no resource fits, by the longest piece that each shares with one that fits."""
    found: list[str] = []
    for name in names:
        if any(action_matches(each, name) for each in found):
            continue
        shared = (f"{head}*{piece}*" for piece in _pieces(name[len(head) :]))
        means = (each for each in shared if any(action_matches(each, one) for one in fitting))
        found += itertools.islice((each for each in means if not _means_any(each, actions)), 1)
    return found


def _pieces(text: str) -> Iterator[str]:
    for size in range(len(text), 0, -1):
        yield from (text[start : start + size] for start in range(len(text) - size + 1))


def _means_any(pattern: str, actions: Sequence[str]) -> bool:
    return any(action_matches(pattern, each) for each in actions)


def _is_elsewhere(name: str) -> bool:
    return not {"bucket", "object"} & set(s3_actions()[name].resource_types)


def _kinds(resources: Sequence[str] | None) -> set[str]:
    """What the resources of a statement can be; a NotResource (None) leaves both."""
    kinds: set[str] = set()
    for each in resources or ("*",):
        wild = bool(set("*?$") & set(each))
        kinds |= {"object"} if "/" in each else {"bucket", "object"} if wild else {"bucket"}
    return kinds
