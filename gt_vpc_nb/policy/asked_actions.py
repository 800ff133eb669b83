"""What can be asked of a bucket: every s3 action on it and its objects, in groups that policies cannot tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from gt_vpc_nb.facts import GROUND_TRUTH_ACTIONS, s3_actions
from gt_vpc_nb.policy.callers import partition_of
from gt_vpc_nb.policy.glob_classes import Shape, arn_pattern, glob_pattern, witnesses
from gt_vpc_nb.policy.matching import resource_glob
from gt_vpc_nb.policy.origins import SOME_OBJECT
from gt_vpc_nb.policy.request_classes import Masks, Ruled
from gt_vpc_nb.policy.statement_reading import Statement
from gt_vpc_nb.policy.variables import has_variables, names_a_key, substituted


@dataclass(frozen=True)
class Asked:
    """A group of actions on one resource, and the statements that mean them."""

    actions: tuple[str, ...]
    resource: str
    masks: Masks
    beyond: str = ""


def asked(ruled: Ruled, bucket: str) -> list[Asked]:
    """Every s3 action on the bucket and on its objects, in groups that the policies cannot tell apart."""
    bucket_arn = f"arn:{partition_of(ruled.policies)}:s3:::{bucket}"
    objects, beyond = _objects(ruled, bucket_arn)
    resources = {"bucket": [bucket_arn], "object": objects}
    masks = {each: _resource_masks(ruled, each) for found in resources.values() for each in found}
    covered = [_covered(each.actions, each.not_actions) for _, each in ruled.statements]
    groups: dict[tuple[str, int], list[str]] = {}
    for action, facts in s3_actions().items():
        mask = Ruled.mask(action in each for each in covered)
        for kind in resources:
            if kind in facts.resource_types:
                groups.setdefault((kind, mask), []).append(action)
    found: list[Asked] = []
    for (kind, mask), actions in groups.items():
        ordered = tuple(sorted(actions, key=lambda each: (each not in GROUND_TRUTH_ACTIONS, each)))
        found += [Asked(ordered, each, (masks[each][0] & mask, masks[each][1] & mask)) for each in resources[kind]]
        if kind == "object" and beyond:
            found.append(Asked(ordered, objects[0], (0, mask), beyond))
    return found


@lru_cache(maxsize=1024)
def _covered(actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None) -> frozenset[str]:
    bare = Statement(0, None, "Deny", None, None, actions, not_actions, None, None, ())
    return frozenset(each for each in s3_actions() if bare.covers(each))


def _patterns_of(statement: Statement) -> tuple[str, ...]:
    return (statement.not_resources if statement.resources is None else statement.resources) or ()


def _objects(ruled: Ruled, bucket_arn: str) -> tuple[list[str], str]:
    """Objects for every set of Resource patterns that one can match, and what these do not stand for."""
    given = dict.fromkeys(each for _, statement in ruled.statements for each in _patterns_of(statement))
    texts = dict.fromkeys(each for text in given for each in (text, substituted(text, {})) if each is not None)
    patterns = [arn_pattern(each) or glob_pattern(each) for each in texts]
    some = f"{bucket_arn}/{SOME_OBJECT}"
    found = witnesses(patterns, Shape(f"{bucket_arn}/", 1), (some,))
    return (found, "") if found else ([some], "the Resource patterns are too many to tell all their overlaps apart")


def _resource_masks(ruled: Ruled, resource: str) -> Masks:
    surely = may = ruled.all
    for index, (policy, statement) in enumerate(ruled.statements):
        negated = statement.resources is None
        answers = [_covers(each, resource, policy.version) for each in _patterns_of(statement)]
        any_covers = True if True in answers else None if None in answers else False
        means = any_covers if any_covers is None or not negated else not any_covers
        surely &= ~0 if means is True else ~(1 << index)
        may &= ~0 if means is not False else ~(1 << index)
    return surely, may


def _covers(pattern: str, resource: str, version: str | None) -> bool | None:
    if version != "2012-10-17" or not has_variables(pattern):
        return resource_glob(pattern)(resource)
    return None if names_a_key(pattern) else resource_glob(str(substituted(pattern, {})))(resource)
