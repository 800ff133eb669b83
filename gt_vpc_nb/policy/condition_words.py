"""What a condition says of a request, in a sentence: the operator, the key and the values that decided."""

from __future__ import annotations

from gt_vpc_nb.errors import near_miss
from gt_vpc_nb.policy.conditions import Context, condition_test, unread_value
from gt_vpc_nb.policy.operators import NAMES, Spelled, spelled
from gt_vpc_nb.policy.statement_reading import Condition

#: Values of a list to print before "… and N more".
_SHOWN = 6


def decide(condition: Condition, context: Context, version: str | None) -> tuple[bool | None, str]:
    """Whether a condition holds for a context (lower-cased keys), and the sentence that says why."""
    answer = condition_test(condition, version)(context)
    return answer, why(condition, context, answer)


def why(condition: Condition, context: Context, answer: bool | None) -> str:
    """The sentence for an answer that a condition gave."""
    how = spelled(condition.operator)
    if how is None:
        return f"{condition.operator} is not a condition operator{near_miss(condition.operator, NAMES)}"
    given = context.get(condition.key.lower())
    if how.is_null:
        return _null(condition, how, given)
    if how.quantifier and (not given or given == ("",)):
        return f"{condition.key} has no value, and {condition.operator} {_holds(answer)} then"
    if given is None:
        return f"{condition.key} is missing, and {condition.operator} {_holds(answer)} for a missing key"
    if not how.quantifier and len(given) != 1:
        told = f"{condition.key} has {len(given)} values, and {condition.operator} needs ForAllValues or ForAnyValue"
        return f"{told} for them (AWS's documents leave it open)"
    if answer is None and how.operator:
        return f"{condition.operator} {condition.key}: {unread_value(condition, how.operator, given)}"
    verb = "satisfies" if answer else "does not satisfy"
    return f"{condition.key} {', '.join(map(repr, given))} {verb} {condition.operator} {listed(condition.values)}"


def remedy(condition: Condition, wanted: bool) -> str:
    """What would have to differ for a condition to hold, or not to hold."""
    how = spelled(condition.operator)
    if how is None:
        return f"{condition.operator} were an operator"
    if how.is_null:
        missing = ("true" in [value.lower() for value in condition.values]) is wanted
        return f"{condition.key} were {'missing' if missing else 'present'}"
    negated = how.operator is not None and how.operator.negated
    relation = "satisfied" if negated is not wanted else "did not satisfy"
    positive = _positive_name(how)
    return f"{condition.key} {relation} {positive} {listed(condition.values)}"


def listed(values: tuple[str, ...]) -> str:
    """Values in quotes; a long list is cut."""
    shown = ", ".join(f"'{value}'" for value in values[:_SHOWN])
    return shown + (f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else "")


def _positive_name(how: Spelled) -> str:
    name = how.operator.name if how.operator else "Null"
    return name.replace("Not", "", 1) if how.operator and how.operator.negated else name


def _null(condition: Condition, how: Spelled, given: tuple[str, ...] | None) -> str:
    missing = not given or given == ("",)
    told = f"{condition.key} is {'missing' if missing else 'present'}"
    if missing and how.quantifier:
        return f"{told} under {condition.operator}"
    wanted = [value.lower() for value in condition.values]
    strange = [value for value in wanted if value not in ("true", "false")]
    if strange:
        return f"Null takes true or false, not '{strange[0]}'"
    return f"{told}, and Null wants {' or '.join(wanted)}"


def _holds(holds: bool | None) -> str:
    return "holds" if holds else "does not hold"
