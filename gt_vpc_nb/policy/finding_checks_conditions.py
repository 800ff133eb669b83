"""Checks of a condition's operator and key: does IAM have them, and do they fit each other?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gt_vpc_nb.errors import near_miss
from gt_vpc_nb.policy.barriers import NETWORK_KEYS
from gt_vpc_nb.policy.condition_keys import CALLER_KEYS, MULTI_VALUED, is_known, is_single_valued, keys_of
from gt_vpc_nb.policy.finding_table import ANALYZER, OURS, Check, ConditionPlace, Spot
from gt_vpc_nb.policy.operators import NAMES


def _words(place: ConditionPlace) -> dict[str, object]:
    return {"operator": place.condition.operator, "key": place.condition.key}


def _is_null_if_exists(place: ConditionPlace) -> bool:
    return place.condition.operator.lower().rpartition(":")[2] == "nullifexists"


def _unknown_operator(place: ConditionPlace) -> Iterator[Spot]:
    if place.how is None and not _is_null_if_exists(place):
        near = near_miss(place.condition.operator.rpartition(":")[2], NAMES)
        yield Spot({**_words(place), "near": near})


def _null_if_exists(place: ConditionPlace) -> Iterator[Spot]:
    if _is_null_if_exists(place):
        yield Spot(_words(place))


def _quantified(quantifier: str, denies: bool) -> Callable[[ConditionPlace], Iterator[Spot]]:
    def test(place: ConditionPlace) -> Iterator[Spot]:
        how = place.how
        asked = how is not None and not how.is_null and how.quantifier == quantifier
        if asked and place.place.denies is denies and is_single_valued(place.condition.key):
            yield Spot({**_words(place), "plain": place.condition.operator.partition(":")[2]})

    return test


def _without_quantifier(place: ConditionPlace) -> Iterator[Spot]:
    if place.how and not place.how.quantifier and not place.how.is_null and place.key in MULTI_VALUED:
        yield Spot(_words(place))


def _key_without_namespace(place: ConditionPlace) -> Iterator[Spot]:
    namespace, _, name = place.key.partition(":")
    if not namespace or not name:
        yield Spot(_words(place))


def _unknown_key(namespace: str) -> Callable[[ConditionPlace], Iterator[Spot]]:
    def test(place: ConditionPlace) -> Iterator[Spot]:
        prefix, _, name = place.key.partition(":")
        if prefix == namespace and name and not is_known(place.condition.key):
            yield Spot({**_words(place), "near": near_miss(place.condition.key, keys_of(namespace))})

    return test


def _needless_if_exists(place: ConditionPlace) -> Iterator[Spot]:
    if place.how and place.how.if_exists and place.negated and not place.how.quantifier:
        name = place.condition.operator
        yield Spot({**_words(place), "plain": name[: -len("IfExists")]})


def _lets_in_without_key(place: ConditionPlace) -> Iterator[Spot]:
    if place.how is None or place.place.denies or place.how.quantifier:
        return
    if place.key not in NETWORK_KEYS | CALLER_KEYS or not (place.how.if_exists or place.negated):
        return
    if not any(_needs_key(each) for each in place.place.conditions if each.key == place.key):
        yield Spot(_words(place))


def _needs_key(place: ConditionPlace) -> bool:
    how = place.how
    if how is None or how.is_null:
        return how is not None and set(map(str.lower, place.condition.values)) == {"false"}
    return how.quantifier == "foranyvalue" or not (how.quantifier or how.if_exists or place.negated)


CONDITION_CHECKS: tuple[Check, ...] = (
    Check(
        "INVALID_CONDITION_OPERATOR",
        "ERROR",
        ANALYZER,
        _unknown_operator,
        "IAM has no condition operator '{operator}'{near}",
        "AWS refuses such a policy.",
    ),
    Check(
        "NULL_WITH_IF_EXISTS",
        "ERROR",
        ANALYZER,
        _null_if_exists,
        "{operator}: Null already asks whether a key is present, so it takes no IfExists.",
        "Write Null.",
    ),
    Check(
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        "SECURITY_WARNING",
        ANALYZER,
        _quantified("forallvalues", denies=False),
        "{operator} also holds for a request without {key}, which has one value at most, so this Allow lets it in.",
        "Write {plain}.",
    ),
    Check(
        "FORALLVALUES_WITH_SINGLE_VALUED_KEY",
        "SECURITY_WARNING",
        ANALYZER,
        _quantified("forallvalues", denies=True),
        "{operator} is for keys with several values, and {key} has one at most; without the key it holds, so this "
        "Deny denies then, too.",
        "Write {plain}.",
    ),
    Check(
        "FORANYVALUE_WITH_SINGLE_VALUED_KEY",
        "SECURITY_WARNING",
        OURS,
        _quantified("foranyvalue", denies=True),
        "{operator} does not hold for a request without {key}, so this Deny opens the bucket to it: a request from the "
        "internet has no VPC endpoint, an anonymous one no principal.",
        "Write {plain}.",
    ),
    Check(
        "FORANYVALUE_WITH_SINGLE_VALUED_KEY",
        "WARNING",
        OURS,
        _quantified("foranyvalue", denies=False),
        "{operator} is for keys with several values, and {key} has one at most.",
        "Write {plain}.",
    ),
    Check(
        "MISSING_QUALIFIER",
        "ERROR",
        ANALYZER,
        _without_quantifier,
        "{key} holds several values, and what {operator} does with them is not defined.",
        "Put ForAllValues: or ForAnyValue: before the operator.",
    ),
    Check(
        "INVALID_CONDITION_KEY_FORMAT",
        "ERROR",
        ANALYZER,
        _key_without_namespace,
        "'{key}' is not a condition key; it has no namespace.",
        "Write it as aws:Name or s3:name.",
    ),
    Check(
        "INVALID_GLOBAL_CONDITION_KEY",
        "WARNING",
        ANALYZER,
        _unknown_key("aws"),
        "'{key}' is not among the global condition keys{near}",
        "A key that no request has satisfies every negated operator and no other.",
    ),
    Check(
        "INVALID_SERVICE_CONDITION_KEY",
        "WARNING",
        ANALYZER,
        _unknown_key("s3"),
        "'{key}' is not among the condition keys of S3{near}",
        "A key that no request has satisfies every negated operator and no other.",
    ),
    Check(
        "REDUNDANT_IF_EXISTS",
        "SUGGESTION",
        OURS,
        _needless_if_exists,
        "IfExists changes nothing here: {plain} holds for a request without {key} anyway.",
        "Write {plain}.",
    ),
    Check(
        "ALLOW_WITHOUT_CONDITION_KEY",
        "SECURITY_WARNING",
        OURS,
        _lets_in_without_key,
        "{operator} also holds for a request without {key}, so this Allow lets it in: from the internet, if the key is "
        "of a network.",
        "Name what may come in, with a positive operator and without IfExists.",
    ),
)
