"""Checks of the policy as a whole: what its statements do to each other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, permutations

from gt_vpc_nb.policy.barriers import NETWORK_KEYS
from gt_vpc_nb.policy.finding_checks_networks import ENDPOINT_KEYS, ground_truth_endpoints
from gt_vpc_nb.policy.finding_checks_statements import actions_meant, kinds_of_resource
from gt_vpc_nb.policy.finding_table import ANALYZER, OURS, Case, Check, Spot, StatementPlace, quoted
from gt_vpc_nb.policy.matching import matches
from gt_vpc_nb.policy.new_policies import LARGEST_POLICY

#: Denies that are compared with each other; a policy of 20 KB with more is not written by hand.
_COMPARED = 60
#: Caller keys that exempt people one by one; whole accounts and organizations are a perimeter of their own.
_ONE_BY_ONE = frozenset(("aws:principalarn", "aws:userid", "aws:username"))


def _without_version(case: Case) -> Iterator[Spot]:
    if case.policy.version is None:
        yield Spot(path="Version")


def _old_version(case: Case) -> Iterator[Spot]:
    if case.policy.version == "2008-10-17":
        yield Spot(path="Version")


def _too_large(case: Case) -> Iterator[Spot]:
    text = json.dumps(case.document, separators=(",", ":"), ensure_ascii=False)
    size = len(text.encode("utf-8", errors="surrogatepass"))
    if size > LARGEST_POLICY:
        yield Spot({"size": f"{size:,}", "largest": f"{LARGEST_POLICY:,}"})


def _sids_twice(case: Case) -> Iterator[Spot]:
    counts = Counter(each.sid for each in case.policy.statements if each.sid)
    seen: set[str] = set()
    for place in case.places:
        sid = place.statement.sid
        if sid in seen and counts[sid] > 1:
            yield Spot({"sid": sid}, f"{place.path}.Sid")
        seen.add(sid or "")


def _empty_sid(case: Case) -> Iterator[Spot]:
    for place in case.places:
        if place.statement.sid == "":
            yield Spot(path=f"{place.path}.Sid")


def _empty_condition(case: Case) -> Iterator[Spot]:
    given = case.document["Statement"]
    for place, element in zip(case.places, given if isinstance(given, list) else [given], strict=True):
        block = element.get("Condition")
        if block == {}:
            yield Spot(path=f"{place.path}.Condition")
        for operator, keys in (block or {}).items():
            if keys == {}:
                yield Spot(path=f"{place.path}.Condition.{operator}")


def _denies_alone(case: Case) -> Iterator[Spot]:
    if all(place.denies for place in case.places):
        yield Spot()


def _by_network(place: StatementPlace) -> bool:
    return any(each.key in NETWORK_KEYS for each in place.conditions)


def _only_allows_by_network(case: Case) -> Iterator[Spot]:
    if any(place.denies and _by_network(place) for place in case.places):
        return
    for place in case.places:
        if not place.denies and _by_network(place):
            keys = dict.fromkeys(each.condition.key for each in place.conditions if each.key in NETWORK_KEYS)
            yield Spot({"keys": quoted(keys)}, place.path)


def _several_regions(case: Case) -> Iterator[Spot]:
    if case.region is not None:
        return
    known = ground_truth_endpoints()
    found: dict[str, str] = {}
    for place in case.places:
        for condition in place.conditions:
            if condition.key == "aws:sourcevpce":
                found |= {known[each]: condition.path for each in condition.condition.values if each in known}
    if len(found) > 1:
        yield Spot({"regions": ", ".join(sorted(found))}, list(found.values())[-1])


def _exempted(place: StatementPlace) -> frozenset[tuple[str, str]] | None:
    """What a Deny lets go, as (key, value); None for a Deny that asks anything else, such as for an organization."""
    if not place.denies or not place.conditions:
        return None
    if not all(each.exempts and each.key in NETWORK_KEYS | _ONE_BY_ONE for each in place.conditions):
        return None
    return frozenset((each.key, value) for each in place.conditions for value in each.condition.values)


def _meet(one: StatementPlace, other: StatementPlace) -> bool:
    """Whether two Denies cover an action on a resource that both mean."""
    first = {action for each in one.statement.actions or ("s3:*",) for action in actions_meant(each)}
    second = {action for each in other.statement.actions or ("s3:*",) for action in actions_meant(each)}
    if not any(one.statement.covers(each) and other.statement.covers(each) for each in first & second):
        return False
    if one.statement.resources is None or other.statement.resources is None:
        return True
    return any(
        kinds_of_resource(a) & kinds_of_resource(b) and (matches(a, b) or matches(b, a))
        for a in one.statement.resources
        for b in other.statement.resources
    )


def _none_passes(one: frozenset[tuple[str, str]], other: frozenset[tuple[str, str]]) -> bool:
    first, second = {key for key, _ in one}, {key for key, _ in other}
    if first == second and len(first) == 1:
        return not one & other and not any(set("*?/") & set(value) for _, value in one | other)
    # No request has both: its address on the internet, or the endpoint that it came through.
    return any(a == {"aws:sourceip"} and b <= ENDPOINT_KEYS for a, b in ((first, second), (second, first)))


_Pair = tuple[StatementPlace, frozenset[tuple[str, str]]]


def _exempting(case: Case) -> list[_Pair]:
    found = [(place, exempted) for place in case.places if (exempted := _exempted(place)) is not None]
    return found[:_COMPARED]


def _split_exemptions(case: Case) -> Iterator[Spot]:
    told: set[str] = set()
    for (one, mine), (other, theirs) in combinations(_exempting(case), 2):
        if other.path in told or not (_by_network(one) or _by_network(other)):
            continue
        if mine - theirs and theirs - mine and _meet(one, other):
            told.add(other.path)
            keys = quoted(dict.fromkeys(key.condition.key for place in (one, other) for key in place.conditions))
            nobody = _none_passes(mine, theirs)
            who = "everybody is denied" if nobody else f"only who satisfies {keys} at once passes both"
            values = quoted(sorted(value for _, value in mine ^ theirs))
            words = {"one": one.statement.label, "other": other.statement.label, "who": who, "values": values}
            yield Spot(words, other.path)


def _ground_truth_denied_elsewhere(case: Case) -> Iterator[Spot]:
    told: set[str] = set()
    for (one, mine), (other, theirs) in permutations(_exempting(case), 2):
        lost = [value for _, value in mine - theirs if value in ground_truth_endpoints()]
        by_network_alone = all(key in NETWORK_KEYS for key, _ in theirs)
        if other.path not in told and lost and theirs < mine and by_network_alone and _meet(one, other):
            told.add(other.path)
            words = {"one": one.statement.label, "other": other.statement.label, "values": quoted(lost)}
            yield Spot(words, other.path)


POLICY_CHECKS: tuple[Check, ...] = (
    Check(
        "POLICY_SIZE_EXCEEDS_BUCKET_POLICY_QUOTA",
        "ERROR",
        OURS,
        _too_large,
        "The policy has {size} bytes without spaces, and S3 takes {largest}.",
        "Join statements, or use wildcards.",
    ),
    Check(
        "MISSING_VERSION",
        "WARNING",
        ANALYZER,
        _without_version,
        "There is no Version, so the policy is read as of 2008, without policy variables.",
        'Add "Version": "2012-10-17".',
    ),
    Check(
        "OLD_VERSION",
        "SUGGESTION",
        OURS,
        _old_version,
        "Version 2008-10-17 has no policy variables.",
        'Write "2012-10-17".',
    ),
    Check(
        "UNIQUE_SIDS_RECOMMENDED",
        "WARNING",
        ANALYZER,
        _sids_twice,
        "The Sid '{sid}' stands in several statements.",
        "Give each its own, so that a decision can name its statement.",
    ),
    Check(
        "EMPTY_SID_VALUE",
        "SUGGESTION",
        ANALYZER,
        _empty_sid,
        "The Sid is empty.",
        "Name the statement, or leave it out.",
    ),
    Check(
        "EMPTY_OBJECT_CONDITION",
        "SUGGESTION",
        ANALYZER,
        _empty_condition,
        "An empty condition asks nothing.",
        "Remove it, or say what it should ask.",
    ),
    Check(
        "DENY_ONLY_POLICY",
        "SUGGESTION",
        OURS,
        _denies_alone,
        "Every statement is a Deny, so this policy grants nothing.",
        "The execution role needs its permission from its identity policy, or from an Allow here.",
    ),
    Check(
        "ALLOW_DOES_NOT_RESTRICT",
        "WARNING",
        OURS,
        _only_allows_by_network,
        "This Allow looks like a restriction to {keys} and is none: callers whose identity policies allow the action "
        "come in from anywhere.",
        "Deny with StringNotEquals on these keys.",
    ),
    Check(
        "GROUND_TRUTH_ENDPOINTS_OF_SEVERAL_REGIONS",
        "WARNING",
        OURS,
        _several_regions,
        "The policy names Ground Truth's endpoints of {regions}, and a bucket needs the one of its own Region.",
        "Remove the others.",
    ),
    Check(
        "EXEMPTIONS_SPLIT_OVER_DENIES",
        "WARNING",
        OURS,
        _split_exemptions,
        "{one} and {other} are two Denies, and each denies what the other exempts ({values}): {who}.",
        "Put the exemptions into one Condition of one Deny, unless both are wanted of everybody.",
    ),
    Check(
        "GROUND_TRUTH_DENIED_ELSEWHERE",
        "WARNING",
        OURS,
        _ground_truth_denied_elsewhere,
        "{one} exempts Ground Truth's endpoint {values}, and {other} denies some of the same actions to it.",
        "Exempt the endpoint there as well, or part the actions.",
    ),
)
