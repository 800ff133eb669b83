"""Which Denies stand in somebody's way, and what kind of Deny each is.

A request carries keys whose values nobody knows beforehand (the private address behind Ground Truth's endpoint, the
prefix that is listed). A Deny stands in the way when some such value makes it match. Keys are taken one by one, for a
statement joins them by AND.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.evaluation import AccessRequest, Decision, evaluate
from gt_vpc_nb.policy.operators import Undecided, network, spelled
from gt_vpc_nb.policy.origins import INTERNET_ADDRESS, OTHER_ENDPOINT, OTHER_VPC, PRIVATE_ADDRESS, resource_for
from gt_vpc_nb.policy.statement_reading import Condition, Statement

#: Context keys that tell where a request comes from. Source: IAM User Guide, reference_policies_condition-keys
#: (network properties); s3:AccessPointNetworkOrigin is S3's own.
NETWORK_KEYS = frozenset(
    each.lower()
    for each in (
        *("aws:SourceVpce", "aws:SourceVpc", "aws:SourceIp", "aws:VpcSourceIp", "aws:SourceVpcArn"),
        *("aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths"),
        *("aws:Ec2InstanceSourceVpc", "aws:Ec2InstanceSourcePrivateIPv4", "s3:AccessPointNetworkOrigin"),
    )
)
_SAYS_WHO = ("aws:principal", "aws:userid", "aws:username")
_ADDRESSES = (PRIVATE_ADDRESS, INTERNET_ADDRESS, "172.16.0.10", "192.168.0.10", "2001:db8::10")
#: Object keys that few patterns mean together, so that a NotResource leaves one of them.
_OBJECTS = ("any-object", "Zz/other", "0~")
_ABSENT = "absent"
_STATEMENT = re.compile(r"^Deny statement '.*?' (matches|cannot be decided): ")
#: Keys with values worth trying besides the ones that a policy names.
_TRIED: Mapping[str, Sequence[str]] = {
    "aws:sourcevpce": (_ABSENT, OTHER_ENDPOINT),
    "aws:sourcevpc": (_ABSENT, OTHER_VPC),
    "aws:sourceip": (INTERNET_ADDRESS, _ABSENT, *_ADDRESSES),
    "aws:vpcsourceip": (_ABSENT, *_ADDRESSES),
}


@dataclass(frozen=True)
class Guest:
    """Somebody who is to get in.

    `context` is what every request of theirs carries; `may_carry` are lower-cased keys that it may carry with any value
    or not at all, and `carries` those that it carries with a value that nobody knows.
    """

    principal: str
    actions: tuple[str, ...]
    context: Mapping[str, str]
    may_carry: frozenset[str] = frozenset()
    carries: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Barrier:
    """One Deny against a guest: the actions that it stops, each with its decision, or what cannot be decided."""

    statement: Statement
    stopped: Mapping[str, Decision] = field(default_factory=dict)
    undecided: Decision | None = None

    @property
    def of_networks(self) -> bool:
        """Whether the Deny asks where a request comes from."""
        return any(each.key.lower() in NETWORK_KEYS for each in self.statement.conditions)

    @property
    def guest_list(self) -> bool:
        """Whether it denies everybody but those it names."""
        return self.statement.not_principal is not None or any(map(_not_these, self.statement.conditions))

    @property
    def of_requests(self) -> bool:
        """Whether it asks what a request brings along (encryption, TLS, MFA …), not who asks or from where."""
        keys = (each.key.lower() for each in self.statement.conditions)
        return any(key not in NETWORK_KEYS and not key.startswith(_SAYS_WHO) for key in keys)

    @property
    def why(self) -> str:
        """The decisive reason of a decision, in one line, without the statement's name."""
        decision = self.undecided or next(iter(self.stopped.values()))
        reason = " ".join(decision.reasons[0].split()).rstrip(".")
        return _STATEMENT.sub("", reason)


def barriers(policy: Policy, bucket: str, guest: Guest) -> list[Barrier]:
    """The policy's statements, in order, each with what it denies to the guest; an Allow denies nothing."""
    return [
        _barrier(statement, alone, bucket, guest) if statement.effect == "Deny" else Barrier(statement)
        for statement, alone in zip(policy.statements, _each_alone(policy), strict=True)
    ]


def elements(policy: Policy) -> list[dict[str, Any]]:
    """The policy's statements as its document has them."""
    given = policy.document.get("Statement", [])
    return given if isinstance(given, list) else [given]


def _each_alone(policy: Policy) -> Iterator[Policy]:
    for element in elements(policy):
        yield Policy.parse({**policy.document, "Statement": [element]})


def _barrier(statement: Statement, alone: Policy, bucket: str, guest: Guest) -> Barrier:
    covered = [action for action in guest.actions if statement.covers(action)]
    if not covered:
        return Barrier(statement)
    context = {**{key.lower(): each for key, each in guest.context.items()}, **_worst(statement, alone, guest)}
    stopped: dict[str, Decision] = {}
    undecided = None
    for action in covered:
        for resource in _resources(statement, action, bucket):
            decision = evaluate(alone, AccessRequest(guest.principal, action, resource, context))
            if decision.decision == "explicitDeny":
                stopped.setdefault(action, decision)
            elif decision.decision == "undetermined":
                undecided = undecided or decision
    return Barrier(statement, stopped, undecided)


def _resources(statement: Statement, action: str, bucket: str) -> list[str]:
    """Resources of the bucket that an action works on: any ones, and those that the statement singles out."""
    one = resource_for(action, bucket)
    whole = f"arn:aws:s3:::{bucket}"
    if one is None or one == whole:
        return [one] if one else []
    named = (each.partition("/")[2] for each in (statement.resources or statement.not_resources or ()))
    singled = (each.replace("*", "x").replace("?", "x") for each in named if each and "${" not in each)
    return [f"{whole}/{key}" for key in dict.fromkeys((*_OBJECTS, *singled))]


def _worst(statement: Statement, alone: Policy, guest: Guest) -> dict[str, str]:
    """Values for the keys that nobody knows, chosen so that the statement's conditions on them hold if they can."""
    keys = dict.fromkeys(each.key.lower() for each in statement.conditions)
    chosen: dict[str, str] = {}
    for key in keys:
        if key in guest.may_carry or key in guest.carries:
            found = _holding(statement, alone, key, guest)
            if found is not None and found != _ABSENT:
                chosen[key] = found
    return chosen


def _holding(statement: Statement, alone: Policy, key: str, guest: Guest) -> str | None:
    mine = [each for each in statement.conditions if each.key.lower() == key]
    block: dict[str, dict[str, list[str]]] = {}
    for each in mine:
        block.setdefault(each.operator, {})[each.key] = list(each.values)
    anything = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": block}
    asking = Policy.parse({**alone.document, "Statement": [anything]})
    context = {name: value for name, value in guest.context.items() if name.lower() != key}
    for value in _values(mine, key, guest):
        given = context if value == _ABSENT else {**context, key: value}
        asked = AccessRequest(guest.principal, guest.actions[0], "arn:aws:s3:::any", given)
        if evaluate(asking, asked).decision == "explicitDeny":
            return value
    return None


def _values(conditions: Sequence[Condition], key: str, guest: Guest) -> Iterator[str]:
    """Values to try for a key, the ones that anybody's request has first."""
    for each in (*_TRIED.get(key, (_ABSENT,)), "some-other-value", *_named(conditions)):
        if each != _ABSENT or key in guest.may_carry:
            yield each


def _named(conditions: Sequence[Condition]) -> Iterator[str]:
    for condition in conditions:
        how = spelled(condition.operator)
        for value in condition.values:
            yield (
                _first_address(value) if how and how.operator and how.operator.family == "address" else _fitting(value)
            )


def _first_address(text: str) -> str:
    try:
        network(text)
    except Undecided:
        return text
    return text.partition("/")[0]


def _fitting(pattern: str) -> str:
    return pattern.replace("*", "x").replace("?", "x")


def _not_these(condition: Condition) -> bool:
    how = spelled(condition.operator)
    negated = how is not None and how.operator is not None and how.operator.negated
    return negated and condition.key.lower().startswith(_SAYS_WHO)
