"""Policies made from a perimeter: for a new bucket, for a VPC endpoint, and with people exempted from what is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.facts import CONSOLE_ACTIONS, GROUND_TRUTH_ACTIONS, regions
from gt_vpc_nb.facts import region as region_facts
from gt_vpc_nb.policy.barriers import NETWORK_KEYS, Barrier, Guest, barriers, elements
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.exemptions import Exemption, exempted
from gt_vpc_nb.policy.operators import spelled
from gt_vpc_nb.policy.origins import resource_for, signed_by, through
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.principals import principal_of

#: What keeps a bucket policy repairable.
REPAIR_ACTIONS = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
#: An assumption: AWS says that the portal must reach its two buckets (rule NET-03) and names no actions.
PORTAL_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
#: S3's limit for a bucket policy, in bytes; rule S3P-11.
LARGEST_POLICY = 20 * 1024
_EXEMPT = {
    "aws:sourcevpce": re.compile(r"vpce-[0-9a-z]+"),
    "aws:sourcevpc": re.compile(r"vpc-[0-9a-z]+"),
    "aws:principalarn": re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(user|role)/[^\s*?$]+"),
}


def fresh_bucket_policy(bucket: str, perimeter: Perimeter) -> Policy:
    """A policy for a new bucket that lets in the perimeter and nobody else, over TLS only.

    Ground Truth's endpoint gets its five actions, administrators the repair of the policy, console users their
    actions; everything else comes from the perimeter's VPCs, endpoints and principals or is denied. It is made of
    Denies and grants nothing: identity policies allow. Raises PolicyError when S3 would refuse it for its size.
    """
    _plain_name(bucket)
    statements = _sealed(bucket, perimeter)
    tls = {"Bool": {"aws:SecureTransport": "false"}}
    statements.append(_deny("OnlyOverTls", bucket, {"Action": "s3:*"}, tls))
    return within_limit(Policy.parse({"Version": "2012-10-17", "Statement": statements}))


def exempting_administrators(policy: Policy, bucket: str, administrators: str | Sequence[str]) -> Policy:
    """The smallest edit with which these users and roles can read, put and delete the bucket policy from anywhere.

    A Deny of their other actions stays. Raises PolicyError when a Deny that stops them cannot be decided, or restricts
    neither networks nor callers; then `.proposal` exempts them from that one, too.
    """
    return _exempting(policy, bucket, administrators, REPAIR_ACTIONS, "ButAdministrators")


def exempting_console_users(policy: Policy, bucket: str, users: str | Sequence[str]) -> Policy:
    """The smallest edit with which these users and roles can create jobs in the console from anywhere.

    Covers the console's actions that a bucket policy decides (s3:ListAllMyBuckets is for identity policies alone).
    Raises PolicyError like `exempting_administrators`. Source: rule S3P-06.
    """
    actions = tuple(each for each in CONSOLE_ACTIONS if resource_for(each, bucket))
    return _exempting(policy, bucket, users, actions, "ButConsoleUsers")


def exempting_endpoint(policy: Policy, bucket: str, endpoint: str, *, vpc: str, role: str) -> Policy:
    """The smallest edit with which the role's training jobs and workers' browsers get in through an endpoint of yours.

    Whoever comes through it passes for Ground Truth's five actions, and only where a Deny asks for networks. Raises
    PolicyError when a Deny that stops them cannot be decided, or is of another kind.
    """
    guest = Guest(role, GROUND_TRUTH_ACTIONS, {**signed_by(role), **through(endpoint, vpc)}, frozenset({"s3:prefix"}))
    found = barriers(policy, bucket, guest)
    told = [each for each in found if each.undecided or (each.stopped and not each.of_networks)]
    if told:
        labels = ", ".join(each.statement.label for each in told)
        raise PolicyError(f"No edit of network rules lets {endpoint} into bucket '{bucket}': look at {labels}.")
    pass_by = [Exemption("aws:SourceVpce", (endpoint,))]
    statements: list[dict[str, Any]] = []
    for each, element in zip(found, elements(policy), strict=True):
        mine = list(each.stopped)
        statements += exempted(each.statement, element, mine, pass_by, "ButEndpoint") if mine else [element]
    if not statements:
        raise PolicyError(f"The policy of bucket '{bucket}' only stops {endpoint}; delete it instead.")
    return within_limit(Policy.parse({**policy.document, "Statement": statements}))


def endpoint_policy(buckets: str | Sequence[str], region: str, *, role: str | None = None) -> Policy:
    """The policy of your S3 endpoint: the job's buckets with Ground Truth's five actions, and the portal's buckets.

    With `role`, only that execution role reaches the job's buckets through it; the portal's two buckets are AWS's own
    and take any caller. Source: rules NET-03 and NET-04; AWS names no actions for the portal's buckets, so reading,
    writing and listing are an assumption.
    """
    names = [buckets] if isinstance(buckets, str) else list(buckets)
    if not names:
        raise PolicyError("An endpoint policy needs at least one bucket; name those of the job.")
    for each in names:
        _plain_name(each)
    job = _allow("GroundTruthBuckets", GROUND_TRUTH_ACTIONS, names)
    if role is not None:
        # A gateway endpoint takes no ARN under Principal, so the role is a condition.
        job["Condition"] = {"StringEquals": {"aws:PrincipalArn": _arn(role)}}
    portal = _allow("WorkerPortalBuckets", PORTAL_ACTIONS, region_facts(region).system_buckets)
    return within_limit(Policy.parse({"Version": "2012-10-17", "Statement": [job, portal]}))


def replacement(policy: Policy, bucket: str, perimeter: Perimeter) -> Policy:
    """A fresh policy in the place of one that cannot be edited: its Allows, and the perimeter with whom it exempted."""
    wider = replace(
        perimeter,
        vpc_endpoints=_exempted_by(policy, "aws:sourcevpce", perimeter.vpc_endpoints),
        vpcs=_exempted_by(policy, "aws:sourcevpc", perimeter.vpcs),
        principals=_exempted_by(policy, "aws:principalarn", perimeter.principals),
    )
    pairs = zip(policy.statements, elements(policy), strict=True)
    allows = [element for statement, element in pairs if statement.effect == "Allow"]
    fresh = fresh_bucket_policy(bucket, wider).document
    return within_limit(Policy.parse({**fresh, "Statement": [*allows, *fresh["Statement"]]}))


def _exempted_by(policy: Policy, key: str, given: Sequence[str]) -> tuple[str, ...]:
    """What was given, and the ids of that kind that the policy's Denies except; endpoints of AWS's own are not kept."""
    shared = {each.ground_truth_endpoint for each in regions()}
    denies = (each for each in policy.statements if each.effect == "Deny")
    conditions = (each for statement in denies for each in statement.conditions if each.key.lower() == key)
    negated = (each for each in conditions if (how := spelled(each.operator)) and how.operator and how.operator.negated)
    found = (value for each in negated for value in each.values if _EXEMPT[key].fullmatch(value))
    return tuple(dict.fromkeys((*given, *(each for each in found if each not in shared))))


def _sealed(bucket: str, perimeter: Perimeter) -> list[dict[str, Any]]:
    """Denies that leave in the perimeter alone, one for each group of actions that lets in the same people."""
    endpoint = perimeter.ground_truth_endpoint
    endpoints = dict.fromkeys(GROUND_TRUTH_ACTIONS if endpoint else (), (endpoint,))
    people = {action: perimeter.console_users for action in CONSOLE_ACTIONS if resource_for(action, bucket)}
    people.update({action: (*people.get(action, ()), *perimeter.administrators) for action in REPAIR_ACTIONS})
    groups: dict[tuple[Sequence[Any], Sequence[str]], list[str]] = {}
    for action in dict.fromkeys((*endpoints, *people)):
        who = endpoints.get(action, ()), tuple(people.get(action, ()))
        if any(who):
            groups.setdefault(who, []).append(action)
    special = [action for actions in groups.values() for action in actions]
    found = [_deny("OnlyThePerimeter", bucket, _other_than(special), _outside(perimeter, (), ()))]
    for number, (who, actions) in enumerate(groups.items(), 1):
        found.append(_deny(f"OnlyThePerimeterAnd{number}", bucket, {"Action": actions}, _outside(perimeter, *who)))
    return found


def _other_than(actions: list[str]) -> dict[str, Any]:
    return {"NotAction": actions} if actions else {"Action": "s3:*"}


def _outside(perimeter: Perimeter, endpoints: Iterable[str], people: Iterable[str]) -> dict[str, Any]:
    """The condition of a Deny: neither through these endpoints and VPCs, nor by these principals."""
    named = {
        "aws:SourceVpce": [*perimeter.vpc_endpoints, *endpoints],
        "aws:SourceVpc": list(perimeter.vpcs),
        "aws:PrincipalArn": [_arn(each) for each in (*perimeter.principals, *people)],
    }
    keys = {key: list(dict.fromkeys(values)) for key, values in named.items() if values}
    return {"StringNotEquals": keys} if keys else {}


def _deny(sid: str, bucket: str, actions: Mapping[str, Any], condition: Mapping[str, Any]) -> dict[str, Any]:
    both = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    statement = {"Sid": sid, "Effect": "Deny", "Principal": "*", **actions, "Resource": both}
    return {**statement, "Condition": dict(condition)} if condition else statement


def _allow(sid: str, actions: Sequence[str], buckets: Sequence[str]) -> dict[str, Any]:
    resources = [f"arn:aws:s3:::{bucket}{part}" for bucket in buckets for part in ("", "/*")]
    return {"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": list(actions), "Resource": resources}


def _exempting(
    policy: Policy, bucket: str, people: str | Sequence[str], actions: tuple[str, ...], suffix: str
) -> Policy:
    arns = tuple(dict.fromkeys(_arn(each) for each in ([people] if isinstance(people, str) else people)))
    columns = [barriers(policy, bucket, Guest(each, actions, signed_by(each), NETWORK_KEYS)) for each in arns]
    rows = list(zip(*columns, strict=True))
    if not any(each.stopped or each.undecided for row in rows for each in row):
        return policy
    statements: list[dict[str, Any]] = []
    for row, element in zip(rows, elements(policy), strict=True):
        stopped = [arn for arn, each in zip(arns, row, strict=True) if each.stopped and _to_exempt(each)]
        asked = [action for action in actions if any(action in each.stopped for each in row)]
        exemption = Exemption("aws:PrincipalArn", tuple(stopped))
        statements += exempted(row[0].statement, element, asked, [exemption], suffix) if stopped else [element]
    if not statements:
        raise PolicyError(f"The policy of bucket '{bucket}' only stops {', '.join(arns)}; delete it instead.")
    edited = within_limit(Policy.parse({**policy.document, "Statement": statements}))
    told = [text for row in rows for text in dict.fromkeys(map(_in_the_way, row)) if text]
    if told:
        raise PolicyError(f"No edit exempts {', '.join(arns)} on bucket '{bucket}': {'; '.join(told)}.", (), edited)
    return edited


def _to_exempt(barrier: Barrier) -> bool:
    """Whether a Deny that stops somebody is to let them pass: rules on requests (TLS, MFA …) hold for everybody."""
    return barrier.of_networks or barrier.guest_list or not barrier.of_requests


def _in_the_way(barrier: Barrier) -> str:
    label = f"Deny statement '{barrier.statement.label}'"
    if barrier.undecided is not None:
        return f"{label} cannot be decided ({barrier.why})"
    if barrier.stopped and not (barrier.of_networks or barrier.guest_list or barrier.of_requests):
        return f"{label} restricts neither networks nor callers but everybody ({barrier.why}), so change it yourself"
    return ""


def _arn(given: str) -> str:
    """The ARN that aws:PrincipalArn has for a principal; a session's is its role's."""
    who = principal_of(given)
    if who.account is None or set("*?$") & set(given):
        raise PolicyError(f"{given!r} is not the ARN of a user or role; write arn:aws:iam::<account>:role/<name>.")
    return signed_by(given)["aws:PrincipalArn"]


def _plain_name(bucket: str) -> None:
    if not bucket or set(bucket) & set(":/*?$ "):
        raise PolicyError(f"{bucket!r} is not a bucket's name; give the name alone, as in my-bucket.")


def within_limit(policy: Policy) -> Policy:
    """The policy itself; raises PolicyError when S3 would refuse it for its size."""
    size = len(policy.to_json(indent=None).encode())
    if size > LARGEST_POLICY:
        raise PolicyError(f"The policy would have {size:,} bytes and S3 takes {LARGEST_POLICY:,}; shorten it first.")
    return policy
