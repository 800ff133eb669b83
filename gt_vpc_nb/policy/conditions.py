"""One condition against one request, three-valued: True, False, or None with the reason it cannot be decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gt_vpc_nb.errors import near_miss
from gt_vpc_nb.policy.operators import NAMES, Operator, Spelled, Undecided, spelled
from gt_vpc_nb.policy.statement_reading import Condition
from gt_vpc_nb.policy.variables import has_variables, substituted

Context = Mapping[str, tuple[str, ...]]
#: What a condition says: True or False, or None (undecided), and the words for it.
Said = tuple[bool | None, str]


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """AND of three values: one False decides, then one None leaves it open."""
    seen = list(answers)
    return False if False in seen else None if None in seen else True


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """OR of three values: one True decides, then one None leaves it open."""
    seen = list(answers)
    return True if True in seen else None if None in seen else False


def decide(condition: Condition, context: Context, version: str | None) -> Said:
    """Whether a condition holds for a context (lower-cased keys), and the sentence that says why."""
    how = spelled(condition.operator)
    if how is None:
        return None, f"{condition.operator} is not a condition operator{near_miss(condition.operator, NAMES)}"
    given = context.get(condition.key.lower())
    if how.is_null:
        return _null(condition, how, given)
    if how.quantifier:
        return _each_value(condition, how, given, context, version)
    if given is None:
        holds = how.if_exists or how.operator.negated
        return holds, f"{condition.key} is missing, and {condition.operator} {_holds(holds)} for a missing key"
    if len(given) > 1:
        told = f"{condition.key} has {len(given)} values, and {condition.operator} needs ForAllValues or ForAnyValue"
        return None, f"{told} for them (AWS's documents leave it open)"
    return _compare(condition, how.operator, given, context, version, all_of)


def _null(condition: Condition, how: Spelled, given: tuple[str, ...] | None) -> Said:
    missing = not given or given == ("",)
    told = f"{condition.key} is {'missing' if missing else 'present'}"
    if missing and how.quantifier:
        return how.quantifier == "forallvalues", f"{told} under {condition.operator}"
    wanted = [value.lower() for value in condition.values]
    strange = [value for value in wanted if value not in ("true", "false")]
    if strange:
        return None, f"Null takes true or false, not '{strange[0]}'"
    return (("true" if missing else "false") in wanted), f"{told}, and Null wants {' or '.join(wanted)}"


def _each_value(
    condition: Condition, how: Spelled, given: tuple[str, ...] | None, context: Context, version: str | None
) -> Said:
    if not given or given == ("",):
        holds = how.quantifier == "forallvalues"
        return holds, f"{condition.key} has no value, and {condition.operator} {_holds(holds)} then"
    join = all_of if how.quantifier == "forallvalues" else any_of
    return _compare(condition, how.operator, given, context, version, join)


def _compare(
    condition: Condition,
    operator: Operator,
    given: tuple[str, ...],
    context: Context,
    version: str | None,
    join: Callable[[Iterable[bool | None]], bool | None],
) -> Said:
    wanted = _wanted(condition, operator, context, version)
    undecided: list[str] = []
    answers = [_one(operator, wanted, value, undecided) for value in given]
    answer = join(answers)
    if answer is None:
        return None, f"{condition.operator} {condition.key}: {undecided[0]}"
    listed = ", ".join(f"'{value}'" for value in condition.values)
    verb = "satisfies" if answer else "does not satisfy"
    return answer, f"{condition.key} {', '.join(map(repr, given))} {verb} {condition.operator} {listed}"


def _one(operator: Operator, wanted: list[str], value: str, undecided: list[str]) -> bool | None:
    answers: list[bool | None] = []
    for each in wanted:
        try:
            answers.append(operator.compare(each, value))
        except Undecided as reason:
            undecided.append(str(reason))
            answers.append(None)
    matched = any_of(answers)
    return matched if matched is None or not operator.negated else not matched


def _wanted(condition: Condition, operator: Operator, context: Context, version: str | None) -> list[str]:
    if not operator.takes_variables or version != "2012-10-17":
        return list(condition.values)
    filled = [substituted(each, context) if has_variables(each) else each for each in condition.values]
    # A variable without a value matches nothing, so a negated operator holds.
    return [each for each in filled if each is not None]


def _holds(holds: bool) -> str:
    return "holds" if holds else "does not hold"
