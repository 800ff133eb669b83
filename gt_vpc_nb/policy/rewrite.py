"""The smallest edit of a bucket policy that lets Ground Truth in, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.facts import GROUND_TRUTH_ACTIONS
from gt_vpc_nb.facts import region as region_facts
from gt_vpc_nb.policy.barriers import Barrier, Guest, barriers, elements
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.evaluation import AccessRequest, evaluate
from gt_vpc_nb.policy.exemptions import Exemption, exempted
from gt_vpc_nb.policy.new_policies import replacement, within_limit
from gt_vpc_nb.policy.origins import OTHER_VPC, resource_for, signed_by, through
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.principals import principal_of

#: What nobody but AWS knows of a request through Ground Truth's endpoint: keys that it carries, keys that it may carry.
_CARRIES = frozenset({"aws:vpcsourceip"})
_MAY_CARRY = frozenset({"aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths", "s3:prefix"})


def letting_in_ground_truth(
    policy: Policy,
    region: str,
    bucket: str,
    *,
    role: str,
    vpc: str | None = None,
    vpc_endpoints: Sequence[str] = (),
    account: str | None = None,
) -> Policy:
    """Exempts the Region's Ground Truth endpoint from every Deny that stops one of its five actions on the bucket.

    The endpoint is one id that all AWS customers share: whoever comes through it still needs an Allow. A Deny that
    covers more than those actions is split, so that everything else stays denied. A Deny that lists who may pass and
    says nothing of networks exempts the role, and only through the endpoint. An Allow is never widened; a role of
    another account than the bucket's (`account`; left out, the role's own) gets one of its own, through the endpoint.
    `vpc` and `vpc_endpoints` are yours. Returns the same policy where nothing stops Ground Truth.

    Raises PolicyError with the reason where no such edit exists: a Deny cannot be decided, or it is no restriction of
    networks or callers but another rule (encryption, TLS, one role by name) that an edit would undo. Its `.proposal`
    is a policy that lets Ground Truth in all the same.
    """
    endpoint = region_facts(region).ground_truth_endpoint
    guest = _ground_truth(role, endpoint)
    found = barriers(policy, bucket, guest)
    told = _no_edit(found, endpoint, bucket)
    if told:
        if any(each.undecided for each in found):
            inside = Perimeter((vpc,) if vpc else (), vpc_endpoints, ground_truth=region, execution_role=role)
            raise PolicyError(told, proposal=replacement(policy, bucket, inside))
        raise PolicyError(told, proposal=_edited(policy, found, guest, endpoint))
    edited = _with_allow(_edited(policy, found, guest, endpoint), bucket, guest, endpoint, account)
    return edited if edited is policy else within_limit(edited)


def ground_truth_request(action: str, bucket: str, endpoint: str, role: str) -> AccessRequest:
    """One of Ground Truth's requests: its endpoint, a VPC that is not yours, and the execution role."""
    resource = resource_for(action, bucket) or f"arn:aws:s3:::{bucket}"
    return AccessRequest(role, action, resource, {**signed_by(role), **through(endpoint, OTHER_VPC)})


def _ground_truth(role: str, endpoint: str) -> Guest:
    if principal_of(role).account is None:
        raise PolicyError(f"{role!r} is not the ARN of an execution role; write arn:aws:iam::<account>:role/<name>.")
    context = {**signed_by(role), **through(endpoint, OTHER_VPC)}
    return Guest(role, GROUND_TRUTH_ACTIONS, context, _MAY_CARRY, _CARRIES)


def _no_edit(found: Sequence[Barrier], endpoint: str, bucket: str) -> str:
    """Why no edit lets Ground Truth in, or nothing."""
    reasons = []
    for each in found:
        label = f"Deny statement '{each.statement.label}'"
        if each.undecided is not None:
            reasons.append(f"whether {label} stops Ground Truth cannot be decided ({each.why})")
        elif each.stopped and not (each.of_networks or each.guest_list):
            action = next(iter(each.stopped))
            reasons.append(f"{label} stops its {action} and restricts neither networks nor callers ({each.why})")
    if not reasons:
        return ""
    return (
        f"No edit of network rules lets Ground Truth ({endpoint}) into bucket '{bucket}': {'; '.join(reasons)}; "
        "change the statement yourself, or look at the policy in this error's .proposal."
    )


def _edited(policy: Policy, found: Sequence[Barrier], guest: Guest, endpoint: str) -> Policy:
    if not any(each.stopped for each in found):
        return policy
    by_endpoint = Exemption("aws:SourceVpce", (endpoint,))
    by_role = Exemption("aws:PrincipalArn", (guest.context["aws:PrincipalArn"],))
    statements: list[dict[str, Any]] = []
    for barrier, element in zip(found, elements(policy), strict=True):
        exemptions = [by_endpoint] if barrier.of_networks else [by_role, by_endpoint]
        actions = list(barrier.stopped)
        statements += (
            exempted(barrier.statement, element, actions, exemptions, "ButGroundTruth") if actions else [element]
        )
    if not statements:
        raise PolicyError("The policy does nothing but stop Ground Truth's endpoint; delete the bucket policy instead.")
    return Policy.parse({**policy.document, "Statement": statements})


def _with_allow(policy: Policy, bucket: str, guest: Guest, endpoint: str, account: str | None) -> Policy:
    """The policy with an Allow for the role through the endpoint, where the role's own policies cannot be enough."""
    asked = {
        action: evaluate(policy, ground_truth_request(action, bucket, endpoint, guest.principal), account=account)
        for action in GROUND_TRUTH_ACTIONS
    }
    for action, decision in asked.items():
        if decision.decision in ("undetermined", "explicitDeny"):
            raise PolicyError(f"Whether Ground Truth gets {action} cannot be decided: {decision.reasons[0]}")
    lacking = [action for action, decision in asked.items() if decision.decision == "implicitDeny"]
    if not lacking:
        return policy
    resources = {str(resource_for(action, bucket)) for action in lacking}
    whole = f"arn:aws:s3:::{bucket}"
    arn = guest.context["aws:PrincipalArn"]
    allow = {
        "Sid": _unused(f"AllowGroundTruthAs{re.sub('[^0-9A-Za-z]', '', principal_of(arn).role or '')}", policy),
        "Effect": "Allow",
        "Principal": {"AWS": arn},
        "Action": lacking,
        "Resource": [each for each in (whole, f"{whole}/*") if (each == whole) in {one == whole for one in resources}],
        "Condition": {"StringEquals": {"aws:SourceVpce": endpoint}},
    }
    return Policy.parse({"Version": "2012-10-17", **policy.document, "Statement": [*elements(policy), allow]})


def _unused(sid: str, policy: Policy) -> str:
    taken = {each.sid for each in policy.statements}
    return next(name for name in (sid, *(f"{sid}{number}" for number in range(2, 1000))) if name not in taken)
