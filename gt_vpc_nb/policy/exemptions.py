"""One Deny edited so that a request that meets an exemption passes, and every other request is decided as before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy.action_families import others_of
from gt_vpc_nb.policy.matching import action_matches
from gt_vpc_nb.policy.operators import Spelled, spelled
from gt_vpc_nb.policy.statement_reading import Statement

Element = dict[str, Any]
#: Operators whose wanted value is the text itself, by key: only there does one value more exempt exactly that value.
_LISTS = {
    "aws:sourcevpce": ("stringnotequals", "stringnotlike"),
    "aws:principalarn": ("stringnotequals", "stringnotlike", "arnnotequals", "arnnotlike"),
}


@dataclass(frozen=True)
class Exemption:
    """What of a request exempts it: one single-valued context key with one of these values, none with a wildcard."""

    key: str
    values: tuple[str, ...]


def exempted(
    statement: Statement, element: Element, actions: Sequence[str], exemptions: Sequence[Exemption], suffix: str
) -> list[Element]:
    """The statements that a Deny becomes when some of its actions pass for requests that meet every exemption.

    What else it denies stays denied. `suffix` makes the Sid of what is split off. Empty when nothing is left to deny.
    """
    rest = _rest(statement, actions)
    if rest is None:
        return _named(_copies(element, exemptions), statement, suffix)
    narrowed, others = _with_actions(element, {"Action": list(actions)}), _with_actions(element, rest)
    if not _by_family(statement, actions):
        return _named([others, *_copies(narrowed, exemptions)], statement, suffix)
    # S3 gets new actions that a wildcard means, so the pattern stays and the rest of it is shut again.
    return _named([*_copies(element, exemptions), _meeting(others, exemptions)], statement, suffix)


def _named(found: list[Element], statement: Statement, suffix: str) -> list[Element]:
    if statement.sid is None:
        return found
    counted = [suffix, *(f"{suffix}{number}" for number in range(2, len(found)))]
    return [
        *found[:1],
        *({**each, "Sid": statement.sid + word} for each, word in zip(found[1:], counted, strict=False)),
    ]


def _with_actions(element: Element, actions: Element) -> Element:
    """The statement with another action element in the place of its own."""
    found: Element = {}
    for key, value in element.items():
        found.update(actions if key in ("Action", "NotAction") else {key: value})
    return found


def _rest(statement: Statement, actions: Sequence[str]) -> Element | None:
    """The action element of what stays denied to everybody; None when the statement covers nothing else."""
    if statement.not_actions is not None:
        return {"NotAction": [*statement.not_actions, *actions]}
    patterns = statement.actions or ()
    if _everything(patterns):
        return {"NotAction": list(actions)}
    kept: list[str] = []
    for pattern in patterns:
        mine = any(action_matches(pattern, action) for action in actions)
        kept += others_of(pattern, actions, statement.resources) if mine else [pattern]
    return {"Action": list(dict.fromkeys(kept))} if kept else None


def _by_family(statement: Statement, actions: Sequence[str]) -> bool:
    patterns = statement.actions or ()
    if _everything(patterns):
        return False
    return any(set("*?") & set(each) and any(action_matches(each, one) for one in actions) for each in patterns)


def _everything(patterns: Sequence[str]) -> bool:
    return any(each.lower() in ("*", "s3:*") for each in patterns)


def _copies(element: Element, exemptions: Sequence[Exemption]) -> list[Element]:
    """A copy for each exemption: a request that lacks one of them is denied by the copy that asks for it."""
    found = (_lacking(element, each) for each in exemptions)
    return [each for each in found if each is not None]


def _lacking(element: Element, exemption: Exemption) -> Element | None:
    """The statement for requests that do not meet the exemption; None when it then means no request."""
    conditions = {operator: dict(keys) for operator, keys in element.get("Condition", {}).items()}
    for operator, keys in conditions.items():
        how, key = spelled(operator), _key(keys, exemption.key)
        if how is None or key is None:
            continue
        values = _as_list(keys[key])
        if _positive(how):
            left = [each for each in values if each not in exemption.values]
            if left and len(left) < len(values):
                keys[key] = left
                return {**element, "Condition": conditions}
            if not left and not _holds_without(how):
                return None
        elif _extends(how, exemption.key):
            keys[key] = [*values, *(each for each in exemption.values if each not in values)]
            return {**element, "Condition": conditions}
    return _and(element, ("StringNotEquals", "StringNotLike", "StringNotEqualsIfExists"), exemption)


def _meeting(element: Element, exemptions: Sequence[Exemption]) -> Element:
    """The statement for requests that meet every exemption."""
    for each in exemptions:
        element = _and(
            element, ("StringEquals", "StringLike", "ForAnyValue:StringEquals", "ForAnyValue:StringLike"), each
        )
    return element


def _and(element: Element, operators: Sequence[str], exemption: Exemption) -> Element:
    """One condition more, under the first of these operators that says nothing of the key yet."""
    conditions = {operator: dict(keys) for operator, keys in element.get("Condition", {}).items()}
    spellings = {each.lower(): each for each in conditions}
    for operator in operators:
        present = spellings.get(operator.lower(), operator)
        if _key(conditions.get(present, {}), exemption.key) is None:
            conditions.setdefault(present, {})[exemption.key] = list(exemption.values)
            return {**element, "Condition": conditions}
    raise PolicyError(f"No operator is left in one statement for {exemption.key}; merge its conditions.")


def _holds_without(how: Spelled) -> bool:
    return how.if_exists or how.quantifier == "forallvalues"


def _positive(how: Spelled) -> bool:
    return how.operator is not None and how.operator.name.lower() == "stringequals"


def _extends(how: Spelled, key: str) -> bool:
    return how.operator is not None and how.operator.name.lower() in _LISTS[key.lower()]


def _key(keys: Element, wanted: str) -> str | None:
    return next((each for each in keys if each.lower() == wanted.lower()), None)


def _as_list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]
