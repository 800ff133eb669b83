"""A policy made ready to decide: masks of statements for each action, resource and principal, and compiled conditions.

What a statement says of actions, resources and principals is looked up once and kept; only conditions are asked for
every request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gt_vpc_nb.policy.access_request import AccessRequest
from gt_vpc_nb.policy.conditions import Context, Test, condition_test
from gt_vpc_nb.policy.matching import resource_glob
from gt_vpc_nb.policy.principals import Principal, means
from gt_vpc_nb.policy.statement_reading import Statement
from gt_vpc_nb.policy.variables import has_variables, substituted

ResourceTest = Callable[[str, Context], bool]
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
#: Look-ups kept for one policy; a policy asked about more than this starts over.
_KEPT = 4096


@dataclass(slots=True)
class Votes:
    """What one policy says: whether a Deny matches, and an Allow, by how it names the caller (None: undecided)."""

    deny: bool | None = False
    direct: bool | None = False
    role: bool | None = False
    account: bool | None = False

    @property
    def allow(self) -> bool | None:
        """An Allow, however it names the caller."""
        return _either(_either(self.direct, self.role), self.account)


def _either(one: bool | None, other: bool | None) -> bool | None:
    return one or other if one or other else None if one is None or other is None else False


NOTHING = Votes()


class CompiledPolicy:
    """One policy's statements, ready to vote."""

    def __init__(self, statements: Sequence[Statement], version: str | None) -> None:
        self.statements = tuple(statements)
        self.version = version
        self.conditions: list[tuple[Test, ...]] = [
            tuple(condition_test(each, version) for each in statement.conditions) for statement in self.statements
        ]
        self._resource_tests = [_resource_test(each, version) for each in self.statements]
        self._denies = [each.effect == "Deny" for each in self.statements]
        self._actions: dict[str, int] = {}
        self._resources: dict[str, int] = {}
        self._principals: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._order: dict[int, tuple[int, ...]] = {}

    def votes(self, request: AccessRequest, bounded: bool = False) -> Votes:
        """What the policy says of a request; a matching Deny ends the count.

        `bounded` says that the caller has a permissions boundary, for whom NotPrincipal exempts nobody.
        """
        caller, context = request.caller, request.folded
        whose = None if bounded else self._principals.get(caller.arn)
        whose = whose or self._look_up_principal(caller, bounded)
        mask = whose[0]
        for known, asked, look_up in (
            (self._actions, request.action, self._look_up_action),
            (self._resources, request.resource, self._look_up_resource),
        ):
            found = known.get(asked)
            mask &= look_up(asked) if found is None else found
        if not mask:
            return NOTHING
        votes = Votes()
        for index in self._order.get(mask) or self._look_up_order(mask):
            holds = self._holds(index, request.resource, context, whose[1][index])
            if holds is False:
                continue
            if self._denies[index]:
                votes.deny = holds
                if holds:
                    return votes
            else:
                how = whose[1][index]
                setattr(votes, how, holds or getattr(votes, how) or None)
        return votes

    def _holds(self, index: int, resource: str, context: Context, how: str) -> bool | None:
        """Whether a statement that means this action, resource and principal matches."""
        holds: bool | None = None if how == "open" else True
        test = self._resource_tests[index]
        if test is not None and not test(resource, context):
            return False
        for condition in self.conditions[index]:
            answer = condition(context)
            if answer is False:
                return False
            if answer is None:
                holds = None
        return holds

    def meets(self, index: int, request: AccessRequest, bounded: bool = False) -> tuple[bool, bool, str]:
        """Whether a statement means the request's action, its resource, and how it means its principal."""
        statement, test = self.statements[index], self._resource_tests[index]
        if test is None:
            resource = bool(_means_resource(statement, request.resource))
        else:
            resource = test(request.resource, request.folded)
        how = how_named(statement, request.caller, bounded)
        return bool(statement.covers(request.action)), resource, how

    def _look_up_action(self, action: str) -> int:
        return _kept(self._actions, action, _mask(each.covers(action) for each in self.statements))

    def _look_up_resource(self, resource: str) -> int:
        tests = zip(self.statements, self._resource_tests, strict=True)
        # Where a variable stands in a resource, the request's context decides; here such a statement stays in.
        mask = _mask(test is not None or _means_resource(each, resource) for each, test in tests)
        return _kept(self._resources, resource, mask)

    def _look_up_principal(self, caller: Principal, bounded: bool) -> tuple[int, tuple[str, ...]]:
        hows = tuple(how_named(each, caller, bounded) for each in self.statements)
        found = _mask(how != "nobody" for how in hows), hows
        return found if bounded else _kept(self._principals, caller.arn, found)

    def _look_up_order(self, mask: int) -> tuple[int, ...]:
        inside = [index for index in range(len(self.statements)) if mask >> index & 1]
        return _kept(self._order, mask, tuple(sorted(inside, key=lambda index: not self._denies[index])))


def _mask(bits: Iterable[object]) -> int:
    return sum(1 << index for index, bit in enumerate(bits) if bit)


def _kept(known: dict[_Key, _Value], key: _Key, value: _Value) -> _Value:
    if len(known) >= _KEPT:
        known.clear()
    known[key] = value
    return value


def _means_resource(statement: Statement, resource: str) -> bool:
    negated = statement.resources is None
    patterns = (statement.not_resources if negated else statement.resources) or ()
    return any(resource_glob(each)(resource) for each in patterns) is not negated


def _resource_test(statement: Statement, version: str | None) -> ResourceTest | None:
    """A test for resources with policy variables; None where there are none."""
    negated = statement.resources is None
    patterns = (statement.not_resources if negated else statement.resources) or ()
    if version != "2012-10-17" or not any(map(has_variables, patterns)):
        return None

    def holds(resource: str, context: Context) -> bool:
        filled = [substituted(each, context) if has_variables(each) else each for each in patterns]
        return any(each is not None and resource_glob(each)(resource) for each in filled) is not negated

    return holds


def how_named(statement: Statement, principal: Principal, bounded: bool = False) -> str:
    """How a statement means a principal: direct, role, account, nobody, or open (the documents do not say)."""
    if statement.principal is not None:
        found = {means(kind, named, principal) for kind, named in statement.principal}
        return next((how for how in ("direct", "role", "account") if how in found), "nobody")
    if statement.not_principal is None or (bounded and statement.effect == "Deny"):
        return "direct"
    named = {means(kind, each, principal) for kind, each in statement.not_principal} - {None}
    # An account alone in NotPrincipal exempts its root, not its users and roles.
    if not named & {"direct", "role"}:
        return "direct"
    if statement.effect == "Allow" or principal.account is None or principal.is_root or "account" in named:
        return "nobody"
    return "open"
