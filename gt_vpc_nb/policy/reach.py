"""Who at all gets in: exact, over every class of request that a policy can tell apart.

Classes come from `request_classes`, `asked_actions` and `callers`: every s3 action, the bucket and its objects, every
key that the policy names. What cannot be taken apart so (policy variables that stand for another key, values that
cannot be read, keys compared in two ways, more classes than the budget) is an Opening without a witness whose `why`
starts with "undetermined:"; it is never left out. Every witness was confirmed by `evaluate`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy.access_request import AccessRequest
from gt_vpc_nb.policy.asked_actions import Asked, asked
from gt_vpc_nb.policy.callers import Caller, callers
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.evaluation import Decision, evaluate
from gt_vpc_nb.policy.openings import Comparison, Opening
from gt_vpc_nb.policy.origins import INTERNET, OTHER_ENDPOINT, OTHER_VPC, through
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.request_classes import Masks, Reached, Ruled, contexts, other_keys, who

__all__ = ["Comparison", "Opening", "compare", "openings", "witness_of"]

_NETWORK = ("aws:sourcevpce", "aws:sourcevpc", "aws:sourceip", "aws:vpcsourceip")


@dataclass(frozen=True)
class _Case:
    """One class of requests: what is asked, by whom, in which context."""

    asked: Asked
    caller: Caller
    who: Masks
    reached: Reached
    endpoint: bool

    def standing(self, policy: int) -> Masks:
        """The statements of a policy (a mask) that surely match, and those that may."""
        masks = zip(self.asked.masks, self.who, self.reached.masks, strict=True)
        surely, may = (one & two & three & policy for one, two, three in masks)
        return surely, may

    def through(self, ruled: Ruled, policy: int) -> bool | None:
        """Whether a policy (a mask) lets the class through; None where that is not certain."""
        surely, may = self.standing(policy)
        if surely & ruled.denies:
            return False
        undecided = bool(may & ruled.denies)
        if self.caller.same_account:
            return None if undecided else True
        if not may & ~ruled.denies:
            return False
        return None if undecided or not surely & ~ruled.denies else True


def openings(policy: Policy, bucket: str, perimeter: Perimeter, account: str | None = None) -> tuple[Opening, ...]:
    """The ways past a policy from outside the perimeter, for any s3 action on the bucket or its objects.

    `account` is the bucket's; left out, it is that of the perimeter's people, or any that the policy names.
    """
    _refuse_no_bucket(bucket)
    if not isinstance(perimeter, Perimeter):
        raise PolicyError(f"perimeter is a Perimeter(vpcs=…, vpc_endpoints=…), not {type(perimeter).__name__}.")
    ruled = Ruled((policy,))
    space = _Space(ruled, bucket, perimeter, account)
    found = _Found(ruled, bucket, space.beyond)
    for case in space.cases():
        through = case.through(ruled, ruled.all)
        if through is not False:
            found.add(case, policy, None)
    return found.openings()


def compare(old: Policy, new: Policy, bucket: str, account: str | None = None) -> Comparison:
    """What changing `old` into `new` opens and closes on a bucket and its objects."""
    _refuse_no_bucket(bucket)
    if not isinstance(new, Policy):
        raise PolicyError(f"A policy is compared with a Policy, not {type(new).__name__}; use Policy.parse(...) first.")
    if old == new:
        return Comparison((), ())
    ruled = Ruled((old, new))
    sides = ruled.of_policy(old), ruled.of_policy(new)
    space = _Space(ruled, bucket, None, account)
    opened, closed = _Found(ruled, bucket, space.beyond), _Found(ruled, bucket, space.beyond)
    for case in space.cases():
        before, after = (case.through(ruled, side) for side in sides)
        if after is not False and before is not True:
            opened.add(case, new, old)
        if before is not False and after is not True:
            closed.add(case, old, new)
    return Comparison(opened.openings(), closed.openings())


def _refuse_no_bucket(bucket: object) -> None:
    if not isinstance(bucket, str) or not bucket or set(":/*") & set(bucket):
        raise PolicyError(f"{bucket!r} is not a bucket's name; write it as in 'signs-in', without s3:// and ARN.")


class _Space:
    """Every class of requests that the question is about."""

    def __init__(self, ruled: Ruled, bucket: str, perimeter: Perimeter | None, account: str | None) -> None:
        self._ruled = ruled
        self._inside = _inside_networks(perimeter)
        self._inside_people = _inside_people(perimeter)
        self._groups = asked(ruled, bucket)
        self._keys = list(other_keys(ruled))
        self._callers, self.beyond = callers(ruled.policies, account, _people(perimeter))
        self._best_only = perimeter is not None
        self._contexts: dict[tuple[str, bool], list[Reached]] = {}

    def cases(self) -> Iterator[_Case]:
        for caller, masks in self._different_callers():
            for endpoint in (False, True):
                for group in self._groups:
                    for reached in self._reached(caller.kind, endpoint):
                        yield _Case(group, caller, masks, reached, endpoint)

    def _different_callers(self) -> Iterator[tuple[Caller, Masks]]:
        seen: set[tuple[object, ...]] = set()
        for caller in self._callers:
            if {caller.principal, caller.context.get("aws:PrincipalArn")} & self._inside_people:
                continue
            masks = who(self._ruled, caller.read, caller.context, caller.same_account)
            mark = (caller.kind, caller.same_account, masks)
            if mark not in seen:
                seen.add(mark)
                yield caller, masks

    def _reached(self, kind: str, endpoint: bool) -> list[Reached]:
        if (kind, endpoint) not in self._contexts:
            inside = self._inside if endpoint else {}
            self._contexts[kind, endpoint] = contexts(
                self._ruled, self._keys, endpoint=endpoint, caller=kind, inside=inside, best_only=self._best_only
            )
        return self._contexts[kind, endpoint]


def _inside_networks(perimeter: Perimeter | None) -> Mapping[str, Sequence[str]]:
    if perimeter is None:
        return {}
    endpoints = (*perimeter.vpc_endpoints, *filter(None, [perimeter.ground_truth_endpoint]))
    return {"aws:sourcevpce": endpoints, "aws:sourcevpc": tuple(perimeter.vpcs)}


def _inside_people(perimeter: Perimeter | None) -> set[str | None]:
    if perimeter is None:
        return set()
    return {*perimeter.principals, *perimeter.administrators, *perimeter.console_users}


def _people(perimeter: Perimeter | None) -> tuple[str, ...]:
    if perimeter is None:
        return ()
    role = [perimeter.execution_role] if perimeter.execution_role else []
    return (*role, *perimeter.administrators, *perimeter.principals, *perimeter.console_users)


class _Found:
    """Openings, one for each group of actions and each network, with the first witness of each."""

    def __init__(self, ruled: Ruled, bucket: str, beyond: str) -> None:
        self._ruled = ruled
        self._bucket = bucket
        self._seen: dict[tuple[object, ...], Opening] = {}
        self._unknown: dict[str, Opening] = {}
        if beyond:
            self._give_up(beyond)

    def add(self, case: _Case, policy: Policy, stopping: Policy | None) -> None:
        """Keeps a class that may get through `policy`; `stopping` is the policy that stops it, where there is one."""
        network = tuple(each.value for each in case.reached.options() if each.key in _NETWORK)
        key = (case.asked, case.endpoint, network)
        if key in self._seen:
            return
        request = witness_of(case, self._ruled)
        account = case.caller.read.account if case.caller.same_account else _somebody_else(case.caller)
        decision = evaluate(policy, request, account=account)
        before = evaluate(stopping, request, account=account) if stopping else None
        if not _gets_in(decision) or (before and before.decision not in ("explicitDeny", "implicitDeny")):
            self._give_up(self._reason(case, [each for each in (decision, before) if each]))
            return
        labels = decision.matched_statements or (before.matched_statements if before else ())
        told = _told(case, request, "allowed" if decision.decision == "allowed" else "no statement denies it")
        self._seen[key] = Opening(case.asked.actions[0], case.asked.resource, request, ", ".join(labels), told)

    def _reason(self, case: _Case, decisions: list[Decision]) -> str:
        beyond = case.asked.beyond or case.reached.beyond
        undecided = [each.reasons[0] for each in decisions if each.decision == "undetermined"]
        if beyond or undecided:
            return beyond or undecided[0]
        surely, may = case.standing(self._ruled.all)
        unsure = [each for n, (_, each) in enumerate(self._ruled.statements) if (may & ~surely) >> n & 1]
        label = unsure[0].label if unsure else "?"
        return f"statement '{label}' compares with a policy variable, whose value depends on another key of the request"

    def _give_up(self, reason: str) -> None:
        resource = f"arn:aws:s3:::{self._bucket}"
        self._unknown.setdefault(reason, Opening("s3:*", resource, None, "", f"undetermined: {reason}"))

    def openings(self) -> tuple[Opening, ...]:
        return (*self._seen.values(), *self._unknown.values())


def _gets_in(decision: Decision) -> bool:
    return decision.decision in ("allowed", "notDenied")


def _somebody_else(caller: Caller) -> str:
    return "111122223333" if caller.read.account != "111122223333" else "444455556666"


def _told(case: _Case, request: AccessRequest, change: str) -> str:
    carried = {key.lower(): f"{key} {value}" for key, value in request.context.items()}
    network = [carried[key] for key in _NETWORK[:2] if key in carried]
    where = " and ".join(network) or "the internet"
    others = [name for each in case.reached.options() for name in each.also]
    also = f" (or {_few(others)})" if others else ""
    asks = case.caller.principal or "an anonymous caller"
    return f"{asks} through {where}{also}: {change} ({_few(case.asked.actions)})"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def witness_of(case: _Case, ruled: Ruled) -> AccessRequest:
    """One request of a class, with the keys that such a request carries."""
    network = through(OTHER_ENDPOINT, OTHER_VPC) if case.endpoint else INTERNET
    context: dict[str, str | tuple[str, ...]] = {**case.caller.context, **network}
    names = {each.lower(): each for each in context}
    for each in case.reached.options():
        name = names.get(each.key, ruled.spelling[each.key])
        context.pop(name, None)
        if each.value is not None:
            context[name] = each.value[0] if len(each.value) == 1 else each.value
    return AccessRequest(case.caller.principal, case.asked.actions[0], case.asked.resource, context)
