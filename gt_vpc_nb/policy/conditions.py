"""One condition against a request's context: compiled to a function that answers True, False or None (undecided).

Several keys of a condition block are joined by AND, several values of one key by OR, and a negated operator means none
of them; a missing key fails a positive operator and satisfies a negated one.
Source: IAM User Guide, reference_policies_multi-value-conditions and reference_policies_elements_condition_operators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gt_vpc_nb.policy.operators import Operator, Spelled, Undecided, spelled
from gt_vpc_nb.policy.statement_reading import Condition
from gt_vpc_nb.policy.variables import has_variables, substituted

Context = Mapping[str, tuple[str, ...]]
Test = Callable[[Context], bool | None]
_ValueTest = Callable[[str], bool | None]


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """AND of three values: one False decides, then one None leaves it open."""
    seen = list(answers)
    return False if False in seen else None if None in seen else True


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """OR of three values: one True decides, then one None leaves it open."""
    seen = list(answers)
    return True if True in seen else None if None in seen else False


def condition_test(condition: Condition, version: str | None) -> Test:
    """A function from a context (lower-cased keys) to whether the condition holds."""
    how = spelled(condition.operator)
    if how is None:
        return lambda context: None
    key = condition.key.lower()
    if how.is_null:
        return _null_test(condition, how, key)
    operator = how.operator
    if uses_variables(condition, operator, version):
        return lambda context: _joined(how, key, value_test(operator, _filled(condition, context)))(context)
    return _joined(how, key, value_test(operator, condition.values))


def uses_variables(condition: Condition, operator: Operator | None, version: str | None) -> bool:
    """Whether values of the condition hold policy variables, which only Version 2012-10-17 has."""
    takes = operator is not None and operator.takes_variables and version == "2012-10-17"
    return takes and any(map(has_variables, condition.values))


def _null_test(condition: Condition, how: Spelled, key: str) -> Test:
    wanted = {value.lower() for value in condition.values}
    if how.quantifier:
        missing: bool | None = how.quantifier == "forallvalues"
        present = "false" in wanted
    else:
        missing, present = "true" in wanted, "false" in wanted
    if not wanted <= {"true", "false"}:
        return lambda context: missing if how.quantifier and _is_absent(context, key) else None
    return lambda context: missing if _is_absent(context, key) else present


def _is_absent(context: Context, key: str) -> bool:
    given = context.get(key)
    return not given or given == ("",)


def _joined(how: Spelled, key: str, test: _ValueTest) -> Test:
    if how.quantifier:
        return _each_value(how.quantifier == "forallvalues", key, test)
    negated = how.operator is not None and how.operator.negated
    missing = how.if_exists or negated

    def holds(context: Context) -> bool | None:
        given = context.get(key)
        if given is None:
            return missing
        if len(given) == 1:
            return test(given[0])
        # AWS's documents leave several values under a plain operator open; no value at all matches nothing.
        return None if given else negated

    return holds


def _each_value(for_all: bool, key: str, test: _ValueTest) -> Test:
    join = all_of if for_all else any_of

    def holds(context: Context) -> bool | None:
        given = context.get(key)
        if not given or given == ("",):
            return for_all
        return join(map(test, given))

    return holds


def value_test(operator: Operator, wanted: Iterable[str]) -> _ValueTest:
    """A function from one value of the request to whether it satisfies an operator's wanted values."""
    read, unreadable = _read(operator, wanted)
    if operator.exact and operator.family == "text":
        return _member_test(operator, frozenset(read))
    negated, read_given, test = operator.negated, operator.read_given, operator.test

    def holds(value: str) -> bool | None:
        try:
            given = read_given(value)
        except Undecided:
            return None if read or unreadable else negated
        for each in read:
            if test(each, given):
                return not negated
        return None if unreadable else negated

    return holds


def _member_test(operator: Operator, wanted: frozenset[str]) -> _ValueTest:
    read_given = operator.read_given
    if read_given is str.lower:
        return lambda value: (value.lower() in wanted) is not operator.negated
    if operator.negated:
        return lambda value: value not in wanted
    return wanted.__contains__


def _read(operator: Operator, wanted: Iterable[str]) -> tuple[list[object], list[str]]:
    read: list[object] = []
    unreadable: list[str] = []
    for each in wanted:
        try:
            read.append(operator.read_wanted(each))
        except Undecided as reason:
            unreadable.append(str(reason))
    return read, unreadable


def _filled(condition: Condition, context: Context) -> list[str]:
    filled = [substituted(each, context) if has_variables(each) else each for each in condition.values]
    # A variable without a value matches nothing, so a negated operator holds.
    return [each for each in filled if each is not None]


def unread_value(condition: Condition, operator: Operator, given: tuple[str, ...]) -> str:
    """Why a comparison is undecided: the first value that cannot be read."""
    for value in given:
        try:
            operator.read_given(value)
        except Undecided as reason:
            return str(reason)
    return _read(operator, condition.values)[1][0]
