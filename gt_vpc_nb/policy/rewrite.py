"""The smallest edit of a bucket policy that lets Ground Truth in, and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.facts import GROUND_TRUTH_ACTIONS, s3_actions
from gt_vpc_nb.facts import region as region_facts
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.evaluation import AccessRequest, Decision, evaluate
from gt_vpc_nb.policy.matching import action_matches
from gt_vpc_nb.policy.origins import OTHER_VPC, resource_for, signed_by, through
from gt_vpc_nb.policy.principals import principal_of
from gt_vpc_nb.policy.statement_reading import Statement

_KEY = "aws:SourceVpce"
#: Operators whose list of values is a list of exemptions when they stand in a Deny.
_EXEMPTING = ("stringnotequals", "stringnotlike", "stringnotequalsignorecase", "arnnotequals", "arnnotlike")


def letting_in_ground_truth(
    policy: Policy, region: str, bucket: str, *, role: str, vpc: str | None = None, vpc_endpoints: Sequence[str] = ()
) -> Policy:
    """Exempts the Region's Ground Truth endpoint from every Deny that stops one of its five actions on the bucket.

    A Deny that covers more than those actions is split, so that everything else stays denied. An Allow is never
    widened. `vpc` and `vpc_endpoints` are yours; an edit that would shut one of them out is refused. Returns the same
    policy where nothing stops Ground Truth. Raises PolicyError with the reason where no edit does it.
    """
    endpoint = region_facts(region).ground_truth_endpoint
    stopped = _stopped(policy, bucket, endpoint, role)
    if not stopped:
        return policy
    document = policy.document
    given = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    statements: list[dict[str, Any]] = []
    for statement, element in zip(policy.statements, given, strict=True):
        stopping = (action for action, decision in stopped.items() if statement.label in decision.matched_statements)
        covered = [action for action in stopping if statement.covers(action)]
        statements += _exempted(statement, element, covered, endpoint) if covered else [element]
    edited = Policy.parse({**document, "Statement": statements})
    still = _stopped(edited, bucket, endpoint, role)
    if still:
        action, decision = next(iter(still.items()))
        raise PolicyError(
            f"No exemption of {endpoint} lets Ground Truth do {action} on bucket '{bucket}': {decision.reasons[0]}"
        )
    _keep_inside(policy, edited, bucket, role, vpc, vpc_endpoints)
    return edited


def _keep_inside(
    old: Policy, new: Policy, bucket: str, role: str, vpc: str | None, vpc_endpoints: Sequence[str]
) -> None:
    for endpoint in vpc_endpoints:
        for action in GROUND_TRUTH_ACTIONS:
            resource = resource_for(action, bucket) or f"arn:aws:s3:::{bucket}"
            context = {**signed_by(role), **through(endpoint, vpc or OTHER_VPC)}
            request = AccessRequest(role, action, resource, context)
            before, after = evaluate(old, request), evaluate(new, request)
            if (before.decision, after.decision) in {("notDenied", "explicitDeny"), ("allowed", "explicitDeny")}:
                raise PolicyError(f"The edit would shut {endpoint} out of {action}: {after.reasons[0]}")


def ground_truth_request(action: str, bucket: str, endpoint: str, role: str) -> AccessRequest:
    """One of Ground Truth's requests: its endpoint, a VPC that is not yours, and the execution role."""
    resource = resource_for(action, bucket) or f"arn:aws:s3:::{bucket}"
    return AccessRequest(role, action, resource, {**signed_by(role), **through(endpoint, OTHER_VPC)})


def _stopped(policy: Policy, bucket: str, endpoint: str, role: str) -> dict[str, Decision]:
    account = principal_of(role).account
    asked = {
        action: evaluate(policy, ground_truth_request(action, bucket, endpoint, role), account=account)
        for action in GROUND_TRUTH_ACTIONS
    }
    undecided = [each for each in asked.values() if each.decision == "undetermined"]
    if undecided:
        raise PolicyError(f"Whether Ground Truth gets in cannot be decided: {undecided[0].reasons[0]}")
    return {action: decision for action, decision in asked.items() if decision.decision == "explicitDeny"}


def _exempted(statement: Statement, element: dict[str, Any], covered: list[str], endpoint: str) -> list[dict[str, Any]]:
    rest = _without(statement, covered)
    if rest is None:
        return [_with_exemption(element, endpoint)]
    narrow = {key: value for key, value in element.items() if key not in ("Action", "NotAction")}
    exempt = _with_exemption({**narrow, "Action": covered}, endpoint)
    if statement.sid:
        exempt["Sid"] = f"{statement.sid}ButGroundTruth"
    return [{**narrow, **rest}, exempt]


def _without(statement: Statement, covered: list[str]) -> dict[str, Any] | None:
    """The action element of what stays denied to everybody; None when the statement covers nothing else."""
    if statement.not_actions is not None:
        return {"NotAction": [*statement.not_actions, *covered]}
    patterns = statement.actions or ()
    if any(each in ("*", "s3:*") for each in (pattern.lower() for pattern in patterns)):
        return {"NotAction": covered}
    kept: list[str] = []
    for pattern in patterns:
        if any(action_matches(pattern, action) for action in covered):
            named = (name for name in s3_actions() if action_matches(pattern, name))
            kept += [name for name in named if name not in covered]
        else:
            kept.append(pattern)
    return {"Action": list(dict.fromkeys(kept))} if kept else None


def _with_exemption(element: dict[str, Any], endpoint: str) -> dict[str, Any]:
    conditions = {operator: dict(keys) for operator, keys in element.get("Condition", {}).items()}
    for operator, keys in conditions.items():
        name = operator.lower().removeprefix("forallvalues:").removesuffix("ifexists")
        key = next((each for each in keys if each.lower() == _KEY.lower()), None)
        if name in _EXEMPTING and key:
            values = keys[key] if isinstance(keys[key], list) else [keys[key]]
            keys[key] = [*values, endpoint]
            return {**element, "Condition": conditions}
    # Conditions are ANDed: one more "not through this endpoint" exempts exactly that endpoint.
    beside = next((each for each in conditions if each.lower() == "stringnotequals"), "StringNotEquals")
    conditions.setdefault(beside, {})[_KEY] = [endpoint]
    return {**element, "Condition": conditions}
