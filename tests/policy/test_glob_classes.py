"""Witnesses of patterns, held to brute force: every set of patterns that some text meets has a witness."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_vpc_nb.policy import glob_classes
from gt_vpc_nb.policy.glob_classes import Shape, arn_pattern, glob_pattern, literal, witnesses
from gt_vpc_nb.policy.matching import arn_matches, matches

TEXTS = ["".join(each) for size in range(6) for each in itertools.product("abz", repeat=size)]
globs = st.lists(st.text("ab*?", max_size=4), min_size=1, max_size=3)


def signs(patterns, text):
    return tuple(matches(each, text) for each in patterns)


@settings(max_examples=200, deadline=None)
@given(globs)
def test_every_set_of_globs_that_a_text_meets_has_a_witness(patterns):
    found = witnesses(map(glob_pattern, patterns), Shape(), ())
    assert found is not None
    assert {signs(patterns, text) for text in TEXTS} <= {signs(patterns, text) for text in found}


@settings(max_examples=100, deadline=None)
@given(globs, st.text("ab", max_size=2), st.integers(0, 2), st.lists(st.text("ab", max_size=4), max_size=3))
def test_witnesses_have_the_shape_and_are_never_by_chance_what_is_to_be_avoided(patterns, prefix, more, avoid):
    shape = Shape(prefix, more)
    found = witnesses(map(glob_pattern, patterns), shape, (), avoid)
    assert found is not None and all(shape.fits(each) for each in found)
    wanted = {signs(patterns, text) for text in TEXTS if shape.fits(text) and text not in avoid}
    assert wanted <= {signs(patterns, text) for text in found if text not in avoid}


@given(st.text("aAbB", min_size=1, max_size=4), st.text("aAbB", max_size=4))
def test_a_literal_in_either_case_is_what_its_lower_case_says(wanted, text):
    pattern = literal(wanted, either_case=True)
    places = pattern.start()
    for character in text:
        places = pattern.step(places, character)
    assert pattern.accepts(places) is (wanted.lower() == text.lower())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "*", "a*", "?", "b:c", "*/x"]), min_size=6, max_size=6).map(":".join),
    st.lists(st.sampled_from(["a", "ab", "b", "", "b:c"]), min_size=5, max_size=7).map(":".join),
)
def test_an_arn_pattern_matches_what_the_evaluator_says(pattern, text):
    automaton = arn_pattern(pattern)
    places = automaton.start()
    for character in text:
        places = automaton.step(places, character)
    assert automaton.accepts(places) is arn_matches(pattern, text)


def test_what_is_no_arn_is_no_pattern():
    assert arn_pattern("role/R") is None


def test_preferred_texts_are_taken_where_they_meet_the_same_patterns():
    assert "vpce-nobody" in witnesses([glob_pattern("vpce-0*")], Shape("vpce-", 1), ("vpce-nobody",))


def test_past_the_budget_there_is_no_answer(monkeypatch):
    monkeypatch.setattr(glob_classes, "STATES", 3)
    assert witnesses([glob_pattern("*a*b*c*")], Shape(), ()) is None


@pytest.mark.parametrize("text", ["\ue010", "a\ue011", "\ue012"])
def test_an_escaped_wildcard_is_the_character_itself(text):
    (found,) = [each for each in witnesses([glob_pattern(text)], Shape(), ("x",)) if each != "x"]
    assert re.fullmatch(r"a?[*?$]", found)
