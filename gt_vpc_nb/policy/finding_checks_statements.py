"""Checks of one statement: its actions, its resources and how they fit, and its variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from gt_vpc_nb.errors import near_miss
from gt_vpc_nb.facts import s3_actions
from gt_vpc_nb.policy.finding_checks_principals import PRINCIPAL_CHECKS
from gt_vpc_nb.policy.finding_checks_values import PLACEHOLDER
from gt_vpc_nb.policy.finding_table import ANALYZER, OURS, Check, Spot, StatementPlace, quoted
from gt_vpc_nb.policy.matching import action_matches, matches
from gt_vpc_nb.policy.variables import has_variables

#: Operations of the S3 API that no action is named after -> the action that decides them.
#: Source: Amazon S3 User Guide, using-with-s3-policy-actions.
NAMED_OTHERWISE = {
    "s3:completemultipartupload": "s3:PutObject",
    "s3:copyobject": "s3:PutObject",
    "s3:createmultipartupload": "s3:PutObject",
    "s3:deletebucketcors": "s3:PutBucketCORS",
    "s3:deleteobjects": "s3:DeleteObject",
    "s3:headbucket": "s3:ListBucket",
    "s3:headobject": "s3:GetObject",
    "s3:listbuckets": "s3:ListAllMyBuckets",
    "s3:listmultipartuploads": "s3:ListBucketMultipartUploads",
    "s3:listobjects": "s3:ListBucket",
    "s3:listobjectsv2": "s3:ListBucket",
    "s3:listobjectversions": "s3:ListBucketVersions",
    "s3:listparts": "s3:ListMultipartUploadParts",
    "s3:uploadpart": "s3:PutObject",
}
_RESOURCE = re.compile(r"arn:[a-z*?-]+:s3:::(?P<bucket>[^/]+)(?P<object>/.*)?", re.DOTALL)
#: How many near misses one statement gets; each costs a millisecond.
_NEAR_MISSES = 10
KINDS = ("bucket", "object")
_WORKS_ON = {"bucket": "the bucket", "object": "objects"}


@cache
def _by_folded_name() -> dict[str, str]:
    return {each.lower(): each for each in s3_actions()}


@lru_cache(maxsize=4096)
def actions_meant(pattern: str) -> tuple[str, ...]:
    """The actions of S3 that an Action element means."""
    if not set("*?") & set(pattern):
        known = _by_folded_name().get(pattern.lower())
        return (known,) if known else ()
    return tuple(each for each in s3_actions() if action_matches(pattern, each))


@lru_cache(maxsize=4096)
def kinds_of_action(pattern: str) -> frozenset[str]:
    """Which of "bucket" and "object" the meant actions work on; empty where a bucket policy cannot decide them."""
    known = s3_actions()
    return frozenset(kind for each in actions_meant(pattern) for kind in known[each].resource_types if kind in KINDS)


@lru_cache(maxsize=4096)
def kinds_of_resource(pattern: str) -> frozenset[str]:
    """Which of "bucket" and "object" a Resource element can mean."""
    found = _RESOURCE.fullmatch(pattern)
    if found is None:
        return frozenset(KINDS)
    if found["object"]:
        return frozenset(("object",))
    return frozenset(KINDS) if "*" in pattern else frozenset(("bucket",))


def _listed_actions(place: StatementPlace) -> tuple[tuple[str, str], ...]:
    name = "Action" if place.statement.actions is not None else "NotAction"
    given = place.statement.actions if place.statement.actions is not None else place.statement.not_actions
    return tuple((each, f"{place.path}.{name}") for each in dict.fromkeys(given or ()))


def _unknown_action(place: StatementPlace) -> Iterator[Spot]:
    wrong = [
        (action, path)
        for action, path in _listed_actions(place)
        if action.lower().startswith("s3:") and not actions_meant(action)
    ]
    for number, (action, path) in enumerate(wrong):
        other = NAMED_OTHERWISE.get(action.lower())
        if set("*?") & set(action):
            told = "matches no action of S3."
        elif other:
            told = f"is an operation of the API and no action; {other} decides it."
        else:
            told = f"is no action of S3{near_miss(action, s3_actions()) if number < _NEAR_MISSES else '.'}"
        yield Spot({"action": action, "told": told}, path)


def _of_identity_policy(place: StatementPlace) -> bool:
    return place.statement.principal is None and place.statement.not_principal is None


def _foreign_action(place: StatementPlace) -> Iterator[Spot]:
    for action, path in () if _of_identity_policy(place) else _listed_actions(place):
        if action != "*" and not action.lower().startswith("s3:"):
            yield Spot({"action": action}, path)


def _action_without_resource(place: StatementPlace) -> Iterator[Spot]:
    for action, path in () if _of_identity_policy(place) else _listed_actions(place):
        if actions_meant(action) and not kinds_of_action(action):
            yield Spot({"action": action}, path)


def _resource_kinds(place: StatementPlace) -> frozenset[str]:
    given = place.statement.resources
    return frozenset().union(*map(kinds_of_resource, given)) if given else frozenset(KINDS)


def _kinds_apart(place: StatementPlace) -> Iterator[Spot]:
    if place.statement.actions is None:
        return
    there = _resource_kinds(place)
    apart = [each for each in place.statement.actions if kinds_of_action(each) and not kinds_of_action(each) & there]
    if apart:
        (wanted,) = {"bucket", "object"} - there
        form = {"bucket": "arn:aws:s3:::BUCKET", "object": "arn:aws:s3:::BUCKET/*"}[wanted]
        words = {"actions": quoted(apart), "wanted": _WORKS_ON[wanted], "form": form}
        yield Spot({**words, "verb": "denied" if place.denies else "allowed"}, f"{place.path}.Action")


def _half_of_everything(place: StatementPlace) -> Iterator[Spot]:
    there = _resource_kinds(place)
    if place.denies and len(there) == 1 and {"*", "s3:*"} & set(place.statement.actions or ()):
        (kind,) = there
        left = {"object": "the bucket's own actions, such as s3:ListBucket", "bucket": "the actions on objects"}
        yield Spot({"kind": _WORKS_ON[kind], "open": left[kind]}, f"{place.path}.Resource")


def _needless_resource(place: StatementPlace) -> Iterator[Spot]:
    if not place.statement.actions or not place.statement.resources:
        return
    kinds = frozenset().union(*map(kinds_of_action, place.statement.actions))
    needless = [each for each in place.statement.resources if kinds and not kinds_of_resource(each) & kinds]
    if needless and len(needless) < len(place.statement.resources):
        (kind,) = kinds_of_resource(needless[0])
        yield Spot({"values": quoted(needless), "kind": _WORKS_ON[kind]}, f"{place.path}.Resource")


def _listed_resources(place: StatementPlace) -> tuple[tuple[str, str], ...]:
    name = "Resource" if place.statement.resources is not None else "NotResource"
    given = place.statement.resources if place.statement.resources is not None else place.statement.not_resources
    return tuple((each, f"{place.path}.{name}") for each in dict.fromkeys(given or ()))


def _not_a_bucket(place: StatementPlace) -> Iterator[Spot]:
    listed = () if _of_identity_policy(place) else _listed_resources(place)
    for value, path in [(each, path) for each, path in listed if not _RESOURCE.fullmatch(each)]:
        yield Spot({"value": value, "bucket": place.case.bucket or "BUCKET"}, path)


def _another_bucket(place: StatementPlace) -> Iterator[Spot]:
    for value, path in _listed_resources(place):
        found = _RESOURCE.fullmatch(value)
        told = place.case.bucket and found and not has_variables(found["bucket"])
        if told and not matches(found["bucket"], place.case.bucket):
            yield Spot({"value": value, "bucket": place.case.bucket}, path)


def _placeholder(place: StatementPlace) -> Iterator[Spot]:
    left = [(each, path) for each, path in _listed_resources(place) if PLACEHOLDER.search(each)]
    for value, path in left:
        yield Spot({"value": value}, path)


def _literal_variables(place: StatementPlace) -> Iterator[Spot]:
    if place.case.policy.version != "2012-10-17":
        for value, path in _listed_resources(place):
            if has_variables(value):
                yield Spot({"value": value}, path)


STATEMENT_CHECKS: tuple[Check, ...] = (
    *PRINCIPAL_CHECKS,
    Check(
        "INVALID_ACTION",
        "ERROR",
        ANALYZER,
        _unknown_action,
        "'{action}' {told}",
        "AWS refuses a bucket policy with an action that it does not know.",
    ),
    Check(
        "UNSUPPORTED_ACTION_IN_POLICY",
        "ERROR",
        ANALYZER,
        _foreign_action,
        "'{action}' is no action of S3, and a bucket policy decides only those.",
        "Put it into an identity policy.",
    ),
    Check(
        "UNSUPPORTED_ACTION_IN_POLICY",
        "ERROR",
        ANALYZER,
        _action_without_resource,
        "'{action}' works neither on a bucket nor on its objects, so a bucket policy can neither allow nor deny it.",
        "Put it into an identity policy.",
    ),
    Check(
        "ACTION_WITHOUT_MATCHING_RESOURCE",
        "ERROR",
        OURS,
        _kinds_apart,
        "{actions} works on {wanted}, and no Resource here means that, so it is not {verb}.",
        "Add {form} to Resource; S3 refuses the policy as it is.",
    ),
    Check(
        "DENY_ON_ONE_KIND_OF_RESOURCE",
        "SUGGESTION",
        OURS,
        _half_of_everything,
        "Every action is denied, but only on {kind}, so this Deny leaves {open} open.",
    ),
    Check(
        "REDUNDANT_RESOURCE",
        "SUGGESTION",
        ANALYZER,
        _needless_resource,
        "None of these actions works on {kind}, so {values} adds nothing.",
        "Remove it, or add the actions that you mean.",
    ),
    Check(
        "INVALID_ARN_RESOURCE",
        "ERROR",
        ANALYZER,
        _not_a_bucket,
        "'{value}' is not the ARN of a bucket or its objects, and S3 refuses other resources in a bucket policy.",
        "Write arn:aws:s3:::{bucket} and arn:aws:s3:::{bucket}/*.",
    ),
    Check(
        "RESOURCE_OF_ANOTHER_BUCKET",
        "ERROR",
        OURS,
        _another_bucket,
        "'{value}' is not in the bucket '{bucket}', and S3 refuses a policy that speaks of another bucket.",
        "Write arn:aws:s3:::{bucket} and arn:aws:s3:::{bucket}/*.",
    ),
    Check(
        "PLACEHOLDER_LEFT",
        "ERROR",
        OURS,
        _placeholder,
        "'{value}' holds a placeholder that nobody filled in.",
        "Write the bucket's name.",
    ),
    Check(
        "VARIABLES_WITHOUT_VERSION",
        "WARNING",
        OURS,
        _literal_variables,
        'Without "Version": "2012-10-17" a policy variable is plain text, so \'{value}\' means only these characters.',
        'Add "Version": "2012-10-17" if the variable is meant.',
    ),
)
