"""Every condition operator, as a table: what one value does, and what a missing key does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.policy import Condition
from gt_vpc_nb.policy.condition_words import decide
from gt_vpc_nb.policy.operators import NAMES, OPERATORS

KEY = "aws:SourceVpce"
CASES = [
    ("StringEquals", ["a"], "a", True),
    ("StringEquals", ["a"], "A", False),
    ("StringEquals", ["a*"], "ab", False),
    ("StringEquals", ["a", "b"], "b", True),
    ("stringequals", ["a"], "a", True),
    ("StringNotEquals", ["a", "b"], "b", False),
    ("StringNotEquals", ["a", "b"], "c", True),
    ("StringEqualsIgnoreCase", ["Ab"], "aB", True),
    ("StringNotEqualsIgnoreCase", ["Ab"], "aB", False),
    ("StringLike", ["a*c?"], "abbcd", True),
    ("StringLike", ["a*"], "ba", False),
    ("StringNotLike", ["a*"], "ab", False),
    ("ArnEquals", ["arn:aws:iam::1:role/*"], "arn:aws:iam::1:role/x/y", True),
    ("ArnLike", ["arn:aws:iam::*:role/R"], "arn:aws:iam::1:role/R", True),
    ("ArnLike", ["arn:aws:*:role/R"], "arn:aws:iam::1:role/R", False),
    ("ArnLike", ["arn:aws:iam::1:role/R"], "not an arn", False),
    ("ArnNotLike", ["arn:aws:iam::1:role/R"], "not an arn", True),
    ("ArnNotEquals", ["arn:aws:iam::1:role/R"], "arn:aws:iam::1:role/R", False),
    ("NumericEquals", ["10"], "10.0", True),
    ("NumericNotEquals", ["10"], "11", True),
    ("NumericLessThan", ["10"], "9", True),
    ("NumericLessThanEquals", ["10"], "10", True),
    ("NumericGreaterThan", ["10"], "9", False),
    ("NumericGreaterThanEquals", ["10"], "10", True),
    ("NumericEquals", ["ten"], "10", None),
    ("NumericNotEquals", ["10"], "ten", None),
    ("DateEquals", ["2026-01-01T00:00:00Z"], "1767225600", True),
    ("DateNotEquals", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:01Z", True),
    ("DateLessThan", ["2026-01-01T00:00:00Z"], "2025-12-31T23:59:59Z", True),
    ("DateLessThanEquals", ["2026-01-01"], "2026-01-01T00:00:00Z", True),
    ("DateGreaterThan", ["2026-01-01T00:00:00Z"], "2026-01-01T01:00:00+02:00", False),
    ("DateGreaterThanEquals", ["2026-01-01T00:00:00Z"], "2026-01-01T00:00:00Z", True),
    ("DateEquals", ["tomorrow"], "2026-01-01", None),
    ("Bool", ["true"], "TRUE", True),
    ("Bool", ["false"], "true", False),
    ("Bool", ["false"], "perhaps", None),
    ("BinaryEquals", ["QmluYXJ5"], "QmluYXJ5", True),
    ("BinaryEquals", ["QmluYXJ5"], "Qmlu", False),
    ("BinaryEquals", ["QmluYXJ5"], "?", None),
    ("IpAddress", ["203.0.113.0/24"], "203.0.113.7", True),
    ("IpAddress", ["203.0.113.7"], "203.0.113.7", True),
    ("IpAddress", ["2001:db8::/32"], "2001:db8::1", True),
    ("IpAddress", ["2001:db8::/32"], "203.0.113.7", False),
    ("NotIpAddress", ["203.0.113.0/24"], "198.51.100.1", True),
    ("NotIpAddress", ["2001:db8::/32"], "203.0.113.7", True),
    ("IpAddress", ["everywhere"], "203.0.113.7", None),
    ("StringEqualz", ["a"], "a", None),
    ("Null", ["true"], "a", False),
    ("Null", ["false"], "a", True),
    ("Null", ["perhaps"], "a", None),
]


@pytest.mark.parametrize(("operator", "wanted", "value", "holds"), CASES)
def test_one_value_meets_the_wanted_ones(operator, wanted, value, holds):
    assert decide(Condition(operator, KEY, tuple(wanted)), {KEY.lower(): (value,)}, "2012-10-17")[0] is holds


def test_every_operator_has_a_row_in_the_table_above():
    assert {name.lower() for name in NAMES} <= {case[0].lower() for case in CASES}


POSITIVE = [each.name for each in OPERATORS.values() if not each.negated]
NEGATED = [each.name for each in OPERATORS.values() if each.negated]


@pytest.mark.parametrize(
    ("operators", "spelling", "holds"),
    [
        (POSITIVE, "{}", False),
        (NEGATED, "{}", True),
        (POSITIVE + NEGATED, "{}IfExists", True),
        (POSITIVE + NEGATED, "ForAllValues:{}", True),
        (POSITIVE + NEGATED, "ForAllValues:{}IfExists", True),
        (POSITIVE + NEGATED, "ForAnyValue:{}", False),
        (POSITIVE + NEGATED, "ForAnyValue:{}IfExists", False),
        (["Null"], "{}", True),
        (["Null"], "ForAllValues:{}", True),
        (["Null"], "ForAnyValue:{}", False),
    ],
)
def test_a_missing_key_is_decided_by_the_spelling_alone(operators, spelling, holds):
    for operator in operators:
        condition = Condition(spelling.format(operator), KEY, ("true",))
        assert decide(condition, {}, "2012-10-17")[0] is holds, condition


@pytest.mark.parametrize(
    ("operator", "values", "holds"),
    [
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "c"), False),
        ("ForAnyValue:StringEquals", ("a", "c"), True),
        ("ForAnyValue:StringEquals", ("c",), False),
        ("ForAllValues:StringNotEquals", ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ("a", "d"), False),
        ("ForAnyValue:StringNotEquals", ("a", "d"), True),
        ("ForAnyValue:StringNotEquals", ("a", "b"), False),
        ("ForAllValues:StringEquals", (), True),
        ("ForAnyValue:StringEquals", (), False),
        ("ForAllValues:StringEquals", ("",), True),
        ("ForAnyValue:StringEquals", ("",), False),
        ("StringEquals", ("a", "b"), None),
        ("StringNotEquals", ("c", "d"), None),
    ],
)
def test_several_values_need_a_set_operator(operator, values, holds):
    assert decide(Condition(operator, KEY, ("a", "b")), {KEY.lower(): values}, "2012-10-17")[0] is holds


@pytest.mark.parametrize(
    ("wanted", "context", "version", "operator", "holds"),
    [
        ("${aws:username}", {"aws:username": ("a",)}, "2012-10-17", "StringEquals", True),
        ("${aws:username}", {"aws:username": ("a",)}, "2008-10-17", "StringEquals", False),
        ("${aws:username}", {"aws:username": ("a",)}, None, "StringEquals", False),
        ("${aws:username}", {}, "2012-10-17", "StringEquals", False),
        ("${aws:username}", {}, "2012-10-17", "StringNotEquals", True),
        ("${aws:username, 'a'}", {}, "2012-10-17", "StringEquals", True),
        ("x${*}", {}, "2012-10-17", "StringLike", False),
        ("${aws:username}", {"aws:username": ("*",)}, "2012-10-17", "StringLike", False),
    ],
)
def test_variables_are_filled_in_under_the_current_version_only(wanted, context, version, operator, holds):
    said = decide(Condition(operator, KEY, (wanted,)), {KEY.lower(): ("a",), **context}, version)
    assert said[0] is holds


@given(st.sampled_from([(p, n) for p, n in zip(POSITIVE[:8], NEGATED, strict=True)]), st.text(), st.text())
def test_a_negated_operator_is_the_opposite_of_its_positive_one(pair, wanted, value):
    one, other = (decide(Condition(name, KEY, (wanted,)), {KEY.lower(): (value,)}, "2012-10-17")[0] for name in pair)
    assert (one is None and other is None) or one is (not other)
