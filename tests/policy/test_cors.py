"""CORS rules are added to, never overwritten, and what S3 would refuse is refused before."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import PolicyError
from gt_vpc_nb.facts import rules
from gt_vpc_nb.policy.cors import MOST_RULES, NEEDED, merged

IMAGES = NEEDED["CORS-01"]
OTHER = {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://a.example"], "ID": "mine", "MaxAgeSeconds": 60}
READING = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}
UNEXPOSED = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
EVERYTHING = {
    "AllowedHeaders": ["*"],
    "AllowedMethods": ["GET", "HEAD", "PUT", "POST"],
    "AllowedOrigins": ["*"],
    "ExposeHeaders": ["ETag", "access-control-allow-origin"],
}
# The rules that are there, the rule that is needed (None: that for images), and whether one is added.
MERGES = {
    "no rules": ([], None, True),
    "a rule of another method": ([OTHER], None, True),
    "a rule of another origin": ([READING], None, True),
    "a rule that exposes nothing": ([UNEXPOSED], None, True),
    "the rule itself": ([OTHER, IMAGES], None, False),
    "a wider rule": ([EVERYTHING], None, False),
    "images where frames are needed": ([IMAGES], NEEDED["CORS-02"], True),
    "a wider rule where frames are needed": ([OTHER, EVERYTHING], NEEDED["CORS-02"], False),
    "two rules that only together give it": ([UNEXPOSED, {**READING, "ExposeHeaders": ["*"]}], None, True),
}


@pytest.mark.parametrize("case", MERGES)
def test_what_is_missing_is_added_last_and_nothing_else_moves(case):
    given_rules, needed, added = MERGES[case]
    before = copy.deepcopy(given_rules)
    found = merged(given_rules, needed)
    assert given_rules == before
    assert found == before + ([dict(needed or IMAGES)] if added else [])


def test_each_needed_rule_has_its_rule_id():
    assert set(NEEDED) <= set(rules())


def test_the_result_is_nobody_elses_value():
    found = merged([OTHER])
    found[0]["AllowedMethods"].append("DELETE")
    found[1]["AllowedMethods"].append("DELETE")
    assert OTHER["AllowedMethods"] == ["PUT"] and IMAGES["AllowedMethods"] == ["GET"]


def test_more_rules_than_s3_takes_are_refused_in_one_sentence():
    full = [{**OTHER, "ID": str(number)} for number in range(MOST_RULES)]
    with pytest.raises(PolicyError, match="101 CORS rules and S3 takes 100") as caught:
        merged(full)
    assert "\n" not in str(caught.value)
    assert len(merged([*full[:-1], EVERYTHING])) == MOST_RULES


@pytest.mark.parametrize(
    "rule",
    [
        *(None, "GET", {}, {"AllowedMethods": ["GET"]}),
        *({**READING, "AllowedOrigins": []}, {**READING, "AllowedMethods": "GET"}),
        *({**READING, "ExposeHeaders": None}, {**READING, "AllowedHeaders": [1]}),
    ],
)
def test_what_is_no_rule_is_named_by_its_place(rule):
    with pytest.raises(PolicyError, match="CORS rule 2 is not"):
        merged([READING, rule])


texts = st.lists(st.sampled_from(["*", "GET", "PUT", "ETag", "Access-Control-Allow-Origin", "https://a"]), max_size=3)
some = texts.filter(bool)
any_rule = st.fixed_dictionaries(
    {"AllowedMethods": some, "AllowedOrigins": some}, optional={"AllowedHeaders": texts, "ExposeHeaders": texts}
)


@given(st.lists(any_rule, max_size=5), st.sampled_from([None, *NEEDED.values()]))
def test_a_second_merge_finds_nothing_to_do(existing, needed):
    once = merged(existing, needed)
    assert merged(once, needed) == once and once[: len(existing)] == existing
