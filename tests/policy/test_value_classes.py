"""Classes of values, held to brute force: whatever a value does to the conditions, some class value does too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_vpc_nb.policy import Condition
from gt_vpc_nb.policy.conditions import condition_test
from gt_vpc_nb.policy.glob_classes import Shape
from gt_vpc_nb.policy.value_classes import value_classes

KEY = "aws:x"
START = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = [str(each) for each in (-2, -1, 0, 0.5, 1, 1.5, 2, 3, 7)]
DATES = [(START + timedelta(hours=each)).isoformat() for each in range(-2, 8)]
ADDRESSES = [str(ip_address(0x0A000000 + each)) for each in range(40)] + ["9.255.255.255", "11.0.0.0", "::1"]
ADDRESSES += [str(ip_address((0x20010DB8 << 96) + each)) for each in range(20)] + ["2001:db9::"]
NETWORKS = [
    "10.0.0.0/28",
    "10.0.0.0/30",
    "10.0.0.4/31",
    "10.0.0.16",
    "0.0.0.0/0",
    "10.0.0.0/8",
    "2001:db8::/125",
    "::/0",
]
TEXTS = ["", "a", "A", "ab", "aB", "b", "ba", "*", "a*"]

FAMILIES = {
    "number": (["NumericEquals", "NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals"], NUMBERS[1:-1]),
    "date": (["DateEquals", "DateLessThanEquals", "DateGreaterThan", "DateNotEquals"], DATES[1:-1]),
    "address": (["IpAddress", "NotIpAddress"], NETWORKS),
    "boolean": (["Bool"], ["true", "false"]),
    "binary": (["BinaryEquals"], ["QQ==", "QUI="]),
    "text": (["StringEquals", "StringLike", "StringNotEqualsIgnoreCase", "StringNotLike"], ["a", "A", "a*", "*b", "?"]),
}
VALUES = {"number": NUMBERS, "date": DATES, "address": ADDRESSES, "boolean": ["true", "false"],
          "binary": ["QQ==", "QUI=", "Qg=="], "text": TEXTS}  # fmt: skip


def conditions(family):
    operators, wanted = FAMILIES[family]
    values = st.lists(st.sampled_from(wanted), min_size=1, max_size=3).map(tuple)
    return st.lists(st.builds(Condition, st.sampled_from(operators), st.just(KEY), values), min_size=1, max_size=4)


def truths(found, values):
    tests = [condition_test(each, "2012-10-17") for each in found]
    return {tuple(test({KEY: (value,)}) for test in tests) for value in values}


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_what_any_value_does_to_the_conditions_some_class_does(family, data):
    found = data.draw(conditions(family))
    classes = value_classes(KEY, found, Shape(), ())
    assert classes.beyond == ""
    assert truths(found, VALUES[family]) <= truths(found, classes.values)


def test_a_key_compared_in_two_ways_says_that_it_is_beyond():
    found = [Condition("StringLike", KEY, ("10.*",)), Condition("IpAddress", KEY, ("10.0.0.0/8",))]
    assert "as text and as address" in value_classes(KEY, found, Shape(), ()).beyond


def test_listed_texts_beside_ranges_are_classes_of_their_own():
    found = [Condition("StringEquals", KEY, ("10.0.0.7",)), Condition("IpAddress", KEY, ("10.0.0.0/8",))]
    classes = value_classes(KEY, found, Shape(), ())
    assert classes.beyond == "" and truths(found, [*ADDRESSES, "10.0.0.7"]) <= truths(found, classes.values)


def test_what_cannot_be_read_leaves_the_others_apart():
    found = [Condition("NumericEquals", KEY, ("ten", "10"))]
    assert (
        truths(found, ["10", "11"])
        == {(True,), (None,)}
        <= truths(found, value_classes(KEY, found, Shape(), ()).values)
    )
