"""Who at all gets in: two policies compared over every class of request that they can tell apart.

A policy can only tell requests apart by what it names. So every key that it names gets its named values, one fresh
value and "missing"; every principal it names, a fresh one of the account, one of another and nobody; every action
falls into the group of those that the same statements match. Each combination is decided by `evaluate`. What cannot be
taken apart so (ranges of numbers, dates or addresses, several patterns, too many combinations) is an Opening without a
witness whose `why` starts with "undetermined:"; it is never left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from gt_vpc_nb.facts import s3_actions
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.evaluation import AccessRequest, Decision, evaluate
from gt_vpc_nb.policy.operators import spelled
from gt_vpc_nb.policy.origins import OTHER_ENDPOINT, OTHER_VPC, SOME_OBJECT, resource_for, signed_by
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.principals import principal_of
from gt_vpc_nb.policy.statement_reading import Condition, Statement

#: Decisions a comparison may cost; past it the answer is an undetermined Opening.
BUDGET = 60_000
DEFAULT_ACCOUNT = "111122223333"
OTHER_ACCOUNT = "999999999999"
_NETWORK = ("aws:sourcevpce", "aws:sourcevpc")
_WHO = ("aws:principalarn", "aws:principalaccount", "aws:securetransport")
_EXACT = ("string", "arn", "bool")


@dataclass(frozen=True)
class Opening:
    """A way in: a witness for a group of actions, and the statement that lets it in or no longer denies it."""

    action: str
    resource: str
    witness: AccessRequest | None
    statement: str
    why: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}: {self.why}"


@dataclass(frozen=True)
class Comparison:
    """What a change of policy opens and closes, each with a witness."""

    opened: tuple[Opening, ...]
    closed: tuple[Opening, ...]

    def __str__(self) -> str:
        parts = [("opens", self.opened), ("closes", self.closed)]
        lines = [f"{word}: {each}" for word, openings in parts for each in openings]
        return "\n".join(lines) or "opens nothing, closes nothing"


def compare(old: Policy, new: Policy, bucket: str) -> Comparison:
    """What changing `old` into `new` opens and closes on a bucket and its objects."""
    if old == new:
        return Comparison((), ())
    space = _Space((old, new), bucket)
    unknown = [*space.beyond]
    if space.size > BUDGET:
        unknown.append(f"{space.size:,} classes of requests are more than the {BUDGET:,} this comparison decides")
    open_parts = tuple(_undetermined(bucket, reason) for reason in dict.fromkeys(unknown))
    if space.size > BUDGET:
        return Comparison(open_parts, open_parts)
    opened, closed = _Found(), _Found()
    for group, request in space.requests():
        before, after = (evaluate(policy, request, account=space.account) for policy in (old, new))
        if _through(after) and not _through(before):
            opened.add(group, request, before, f"denied before, now {after.decision}")
        elif _through(before) and not _through(after):
            closed.add(group, request, after, f"{before.decision} before, now denied")
    return Comparison((*opened.openings(), *open_parts), (*closed.openings(), *open_parts))


def openings(policy: Policy, bucket: str, perimeter: Perimeter) -> tuple[Opening, ...]:
    """The ways past a policy from outside the perimeter; an empty tuple is a proof under the documented semantics.

    A request is inside when it comes through one of the perimeter's endpoints or VPCs, through the Region's Ground
    Truth endpoint, or from a principal that the perimeter names. The owner's root is not counted.
    """
    space = _Space((policy,), bucket, _account_of(perimeter))
    unknown = list(dict.fromkeys(space.beyond))
    if space.size > BUDGET:
        too_many = f"{space.size:,} classes of requests are more than the {BUDGET:,} this proof decides"
        return tuple(_undetermined(bucket, reason) for reason in [*unknown, too_many])
    found = _Found()
    for group, request in space.requests():
        if _inside(request, perimeter) or principal_of(request.principal).is_root:
            continue
        decision = evaluate(policy, request, account=space.account)
        if _through(decision):
            left = "no statement denies it" if decision.decision == "notDenied" else "allowed"
            found.add(group, request, decision, left)
        elif decision.decision == "undetermined":
            unknown.append(decision.reasons[0])
    return (*found.openings(), *(_undetermined(bucket, reason) for reason in dict.fromkeys(unknown)))


def _inside(request: AccessRequest, perimeter: Perimeter) -> bool:
    context = request.context
    endpoints = (*perimeter.vpc_endpoints, perimeter.ground_truth_endpoint)
    named = (*perimeter.principals, *perimeter.administrators, *perimeter.console_users)
    return (
        context.get("aws:SourceVpce", "") in endpoints
        or context.get("aws:SourceVpc", "") in perimeter.vpcs
        or request.principal in named
    )


def _account_of(perimeter: Perimeter) -> str | None:
    named = (perimeter.execution_role, *perimeter.administrators, *perimeter.principals, *perimeter.console_users)
    return next((who.account for who in map(principal_of, named) if who.account), None)


def _through(decision: Decision) -> bool:
    return decision.decision in ("allowed", "notDenied")


def _undetermined(bucket: str, reason: str) -> Opening:
    return Opening("s3:*", f"arn:aws:s3:::{bucket}", None, "", f"undetermined: {reason}")


class _Found:
    """Openings, one for each group of actions and each network, with the first witness of each."""

    def __init__(self) -> None:
        self._seen: dict[tuple[object, ...], Opening] = {}

    def add(self, group: tuple[str, ...], request: AccessRequest, denying: Decision, change: str) -> None:
        context = dict(request.context)
        network = tuple(f"{key} {value}" for key, value in context.items() if key.lower() in _NETWORK)
        # One witness for a network is enough where everybody gets in: the widest principal comes first.
        key = (group, request.resource, network)
        if key in self._seen:
            return
        actions = ", ".join(group[:5]) + (f" and {len(group) - 5} more" if len(group) > 5 else "")
        where = " and ".join(network) or "the internet"
        label = ", ".join(denying.matched_statements)
        who = request.principal or "an anonymous caller"
        why = f"{change} ({actions}): {who} through {where}"
        self._seen[key] = Opening(group[0], request.resource, request, label, why)

    def openings(self) -> tuple[Opening, ...]:
        return tuple(self._seen.values())


class _Space:
    """The classes of requests that some policies can tell apart on one bucket."""

    def __init__(self, policies: tuple[Policy, ...], bucket: str, account: str | None = None) -> None:
        self.bucket = bucket
        self.statements = tuple(each for policy in policies for each in policy.statements)
        self.beyond = [reason for statement in self.statements for reason in _beyond(statement)]
        self.account = account or _account(self.statements)
        self._values = self._key_values()
        self._networks = list(self._network_contexts())
        self._principals = self._principal_names()
        self._groups = self._action_groups()

    @property
    def size(self) -> int:
        combinations = 1
        for values in self._values.values():
            combinations *= len(values)
        return combinations * len(self._networks) * len(self._principals) * len(self._groups)

    def requests(self) -> Iterator[tuple[tuple[str, ...], AccessRequest]]:
        """Every class as (the actions it stands for, one request of it)."""
        for (group, resource), principal, network in itertools.product(self._groups, self._principals, self._networks):
            for chosen in itertools.product(*self._values.values()):
                extra = {key: value for key, value in zip(self._values, chosen, strict=True) if value is not None}
                context = {**signed_by(principal), **network, **extra}
                yield group, AccessRequest(principal, group[0], resource, context)

    def _conditions(self) -> Iterator[Condition]:
        return (condition for statement in self.statements for condition in statement.conditions)

    def _named(self, key: str) -> list[str]:
        return list(dict.fromkeys(v for each in self._conditions() if each.key.lower() == key for v in each.values))

    def _key_values(self) -> dict[str, list[str | None]]:
        keys = dict.fromkeys(each.key.lower() for each in self._conditions())
        own = [key for key in keys if key not in _NETWORK and key not in _WHO[:2]]
        return {key: [*self._named(key), "some-other-value", None] for key in own}

    def _network_contexts(self) -> Iterator[dict[str, str]]:
        yield {}
        for endpoint in [*self._named(_NETWORK[0]), OTHER_ENDPOINT]:
            for vpc in [*self._named(_NETWORK[1]), OTHER_VPC]:
                yield {"aws:SourceVpce": endpoint, "aws:SourceVpc": vpc}

    def _principal_names(self) -> list[str | None]:
        named = [
            name
            for statement in self.statements
            for kind, name in (*(statement.principal or ()), *(statement.not_principal or ()))
            if kind in ("AWS", "Service") and name != "*"
        ]
        arns = [each for each in self._named("aws:principalarn") if principal_of(each).account]
        fresh = [f"arn:aws:iam::{account}:role/some-role" for account in (OTHER_ACCOUNT, self.account)]
        return list(dict.fromkeys([None, *fresh, *named, *arns]))

    def _action_groups(self) -> list[tuple[tuple[str, ...], str]]:
        groups: dict[tuple[object, ...], list[str]] = {}
        for action in s3_actions():
            resource = resource_for(action, self.bucket)
            if resource is not None:
                for each in self._resources(resource):
                    groups.setdefault((each, *(s.covers(action) for s in self.statements)), []).append(action)
        return [(tuple(actions), key[0]) for key, actions in groups.items()]

    def _resources(self, resource: str) -> list[str]:
        if not resource.endswith(f"/{SOME_OBJECT}"):
            return [resource]
        prefix = f"arn:aws:s3:::{self.bucket}/"
        patterns = [p for s in self.statements for p in (*(s.resources or ()), *(s.not_resources or ()))]
        keys = [p.removeprefix(prefix) for p in patterns if p.startswith(prefix) and p != f"{prefix}*"]
        return list(dict.fromkeys([resource, *(prefix + key.replace("*", "x").replace("?", "x") for key in keys)]))


def _account(statements: tuple[Statement, ...]) -> str:
    named = [name for s in statements for _, name in (*(s.principal or ()), *(s.not_principal or ()))]
    named += [v for s in statements for c in s.conditions if c.key.lower() == "aws:principalarn" for v in c.values]
    return next((who.account for who in map(principal_of, named) if who.account), DEFAULT_ACCOUNT)


def _beyond(statement: Statement) -> Iterator[str]:
    """What of a statement classes of values do not take apart."""
    label = statement.label
    for condition in statement.conditions:
        how = spelled(condition.operator)
        if how is None:
            yield f"statement '{label}': {condition.operator} is not a condition operator"
        elif how.operator and not how.operator.name.lower().startswith(_EXACT):
            yield f"statement '{label}': {condition.operator} on {condition.key} cuts a range, not a list of values"
        elif how.quantifier and condition.key.lower() not in (*_NETWORK, *_WHO):
            yield f"statement '{label}': {condition.key} may have several values ({condition.operator})"
        elif any("${" in value for value in condition.values):
            yield f"statement '{label}': a variable stands in the values of {condition.key}"
        elif how.operator and "like" in how.operator.name.lower() and any(set("*?") & set(v) for v in condition.values):
            yield f"statement '{label}': a pattern stands in the values of {condition.key}"
    for pattern in (*(statement.resources or ()), *(statement.not_resources or ())):
        if "${" in pattern:
            yield f"statement '{label}': a variable stands in Resource {pattern}"
