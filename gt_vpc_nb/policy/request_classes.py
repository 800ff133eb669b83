"""Every request that some policies can tell apart, as classes: actions, resources, principals, networks and other keys.

A statement matches where all its conditions hold, and a condition looks at one key. So a class of values of one key is
the set of statements that it leaves standing, and classes of whole requests are intersections of such sets: they are
joined key by key, and equal ones are kept once. That makes the number of keys harmless. Sets are masks of bits, a pair
of them each: the statements that surely stand, and those that may (where a condition cannot be decided).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gt_vpc_nb.policy.compiled import how_named
from gt_vpc_nb.policy.conditions import Test, condition_test
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.glob_classes import Shape
from gt_vpc_nb.policy.key_facts import ANONYMOUS, OF_THE_PRINCIPAL, SHAPES, holds_several, presence
from gt_vpc_nb.policy.operators import spelled
from gt_vpc_nb.policy.origins import OTHER_ENDPOINT, OTHER_VPC
from gt_vpc_nb.policy.principals import Principal
from gt_vpc_nb.policy.statement_reading import Condition
from gt_vpc_nb.policy.value_classes import value_classes
from gt_vpc_nb.policy.variables import names_a_key

#: Joined classes to make before the rest of a question is given up as undetermined.
BUDGET = 5_000
#: Classes of sets of values of one key.
_SETS = 200
#: (surely stand, may stand)
Masks = tuple[int, int]
Values = tuple[str, ...] | None
_PREFERRED = {"aws:sourcevpce": (OTHER_ENDPOINT,), "aws:sourcevpc": (OTHER_VPC,)}


@dataclass(frozen=True, slots=True)
class Option:
    """One class of values of one key: what it leaves standing, a value of it, and others like it."""

    key: str
    masks: Masks
    value: Values
    also: tuple[str, ...] = ()
    beyond: str = ""


@dataclass(frozen=True, slots=True)
class Reached:
    """One class of contexts: the statements that stand, and the options, a key each, that make it."""

    masks: Masks
    before: Reached | None = None
    option: Option | None = None

    def options(self) -> tuple[Option, ...]:
        """The class of each key's values; keys in the order in which they were joined."""
        found: list[Option] = []
        here: Reached | None = self
        while here is not None and here.option is not None:
            found.append(here.option)
            here = here.before
        return tuple(reversed(found))

    @property
    def beyond(self) -> str:
        """Why some values are unknown, or nothing."""
        return next((each.beyond for each in self.options() if each.beyond), "")


class Ruled:
    """The statements of one or two policies, numbered through, with their conditions compiled and sorted by key."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.policies = tuple(policies)
        self.statements = [(policy, each) for policy in policies for each in policy.statements]
        self.all = (1 << len(self.statements)) - 1
        self.denies = self.mask(each.effect == "Deny" for _, each in self.statements)
        self.by_key: dict[str, list[tuple[int, Condition, Test]]] = {}
        self.spelling: dict[str, str] = {}
        for index, (policy, statement) in enumerate(self.statements):
            for condition in statement.conditions:
                key = condition.key.lower()
                self.spelling.setdefault(key, condition.key)
                test = _certain_test(condition, policy.version)
                self.by_key.setdefault(key, []).append((index, condition, test))

    @staticmethod
    def mask(bits: Iterable[object]) -> int:
        return sum(1 << index for index, bit in enumerate(bits) if bit)

    def of_policy(self, policy: Policy) -> int:
        """The statements of one policy."""
        return self.mask(each is policy for each, _ in self.statements)

    def masks(self, key: str, value: Values) -> Masks:
        """What one value of one key leaves standing."""
        surely = may = self.all
        context = {} if value is None else {key: value}
        for index, _, test in self.by_key.get(key, ()):
            answer = test(context)
            if answer is not True:
                surely &= ~(1 << index)
            if answer is False:
                may &= ~(1 << index)
        return surely, may


def _certain_test(condition: Condition, version: str | None) -> Test:
    """The condition's test; undecided where a policy variable stands for what another key says."""
    how = spelled(condition.operator)
    varied = any(map(names_a_key, condition.values))
    if how and how.operator and how.operator.takes_variables and version == "2012-10-17" and varied:
        return lambda context: None
    return condition_test(condition, version)


def contexts(
    ruled: Ruled,
    keys: Iterable[str],
    *,
    endpoint: bool,
    caller: str,
    inside: Mapping[str, Sequence[str]],
    best_only: bool,
) -> list[Reached]:
    """The classes of contexts on one kind of network by one kind of caller, over these keys.

    `inside` are values of a key that the question leaves out. `best_only` leaves out a value where another one stops
    no less of what allows and no more of what denies: enough to ask whether anybody gets in, though not who else.
    """
    reached: dict[Masks, Reached] = {(ruled.all, ruled.all): Reached((ruled.all, ruled.all))}
    for key in keys:
        options = _options(ruled, key, endpoint, caller, tuple(inside.get(key, ())))
        if best_only and key not in SHAPES:
            options = _best(ruled, options)
        if len(reached) * len(options) > BUDGET:
            options = [_unknown(ruled, key, f"there are more than {BUDGET:,} classes of requests to tell apart")]
        joined: dict[Masks, Reached] = {}
        for one in reached.values():
            surely, may = one.masks
            for option in options:
                masks = surely & option.masks[0], may & option.masks[1]
                if masks not in joined:
                    joined[masks] = Reached(masks, one, option)
        reached = joined
    return list(reached.values())


def _options(ruled: Ruled, key: str, endpoint: bool, caller: str, inside: tuple[str, ...]) -> list[Option]:
    may, may_lack = presence(key, endpoint=endpoint, caller=caller)
    values: list[Values] = []
    beyond = ""
    if may:
        values, beyond = _values(ruled, key, inside)
    elif caller == "anonymous" and key in ANONYMOUS:
        values.append((ANONYMOUS[key],))
    if may_lack:
        values.append(None)
    grouped: dict[Masks, list[Values]] = {}
    for value in values:
        grouped.setdefault(ruled.masks(key, value), []).append(value)
    options = [Option(key, masks, found[0], _names(key, found[1:])) for masks, found in grouped.items()]
    return [*options, _unknown(ruled, key, beyond)] if beyond else options


def _best(ruled: Ruled, options: list[Option]) -> list[Option]:
    """The options that no other one beats."""

    def beaten(one: Option, other: Option) -> bool:
        if one.masks[0] != one.masks[1]:
            return False  # undecided is to be told, also where another value gets in for certain
        pairs = list(zip(one.masks, other.masks, strict=True))
        as_open = all(theirs & ruled.denies & ~mine == 0 for mine, theirs in pairs)
        return as_open and all(mine & ~ruled.denies & ~theirs == 0 for mine, theirs in pairs)

    best: list[Option] = []
    for each in options:
        if not any(beaten(each, other) for other in best):
            best = [other for other in best if not beaten(other, each)] + [each]
    return best


def _names(key: str, values: list[Values]) -> tuple[str, ...]:
    return tuple(value[0] for value in values if value and len(value) == 1) if key in SHAPES else ()


def _unknown(ruled: Ruled, key: str, why: str) -> Option:
    touched = Ruled.mask(index in {each[0] for each in ruled.by_key[key]} for index in range(len(ruled.statements)))
    return Option(key, (ruled.all & ~touched, ruled.all), None, (), why)


def _values(ruled: Ruled, key: str, inside: tuple[str, ...]) -> tuple[list[Values], str]:
    conditions = tuple(condition for _, condition, _ in ruled.by_key.get(key, ()))
    found = value_classes(key, conditions, SHAPES.get(key, Shape()), _PREFERRED.get(key, ()), inside)
    single: list[Values] = [(each,) for each in found.values if each not in inside]
    hows = [how for each in conditions if (how := spelled(each.operator))]
    quantified = any(how.quantifier for how in hows)
    if key not in SHAPES and (quantified or any(how.is_null for how in hows)) and found.textual:
        single += [] if ("",) in single else [("",)]  # these read empty text as no value
    if not holds_several(key, quantified):
        return single, found.beyond
    values = _several(ruled, key, single)
    if len(values) >= _SETS:
        return values, f"{key} can hold too many different sets of values to tell them all apart"
    return values, found.beyond


def _several(ruled: Ruled, key: str, single: list[Values]) -> list[Values]:
    """Sets of values: more are added as long as they answer the conditions in a new way.

    Ways are told apart condition by condition: one statement may ask for two values at once.
    """
    conditions = ruled.by_key.get(key, ())
    seen: dict[tuple[bool | None, ...], Values] = {}
    waiting: list[Values] = [(), *single]
    for values in waiting:
        answers = tuple(test({key: values or ()}) for _, _, test in conditions)
        if answers in seen:
            continue
        if len(seen) >= _SETS:
            break
        seen[answers] = values
        waiting += [(*(values or ()), each[0]) for each in single if each and each[0] not in (values or ())]
    return list(seen.values())


def who(ruled: Ruled, principal: Principal, context: Mapping[str, str], same_account: bool) -> Masks:
    """The statements that mean a principal and whose conditions on its own keys hold.

    An Allow that names only an account of the bucket's own delegates to it: it does not count here.
    """
    surely = may = ruled.all
    for key in OF_THE_PRINCIPAL:
        value = next(((each,) for name, each in context.items() if name.lower() == key), None)
        found = ruled.masks(key, value)
        surely, may = surely & found[0], may & found[1]
    for index, (_, statement) in enumerate(ruled.statements):
        how = how_named(statement, principal)
        if how == "nobody" or (how == "account" and same_account and statement.effect == "Allow"):
            may &= ~(1 << index)
            surely &= ~(1 << index)
        elif how == "open":
            surely &= ~(1 << index)
    return surely, may


def other_keys(ruled: Ruled) -> Iterator[str]:
    """The keys that the policies name, besides those that the principal decides."""
    return (key for key in ruled.by_key if key not in OF_THE_PRINCIPAL)
