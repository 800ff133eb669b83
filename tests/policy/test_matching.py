from __future__ import annotations

import fnmatch
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.policy.matching import action_matches, matches, resource_matches


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=10))
def test_globs_agree_with_the_standard_library(pattern, text):
    assert matches(pattern, text) is fnmatch.fnmatchcase(text, pattern)


@given(st.text(), st.text())
def test_a_star_spans_everything_newlines_and_brackets_too(before, after):
    assert matches("*", before) and matches("a*b", f"a{before}[\n{after}b")


def test_thirty_stars_against_ten_thousand_characters_do_not_backtrack():
    started = time.process_time()
    assert not matches("*a" * 30 + "*b", "a" * 10_000)
    small = time.process_time() - started
    started = time.process_time()
    assert not matches("*a" * 30 + "*b", "a" * 40_000)
    assert time.process_time() - started < 20 * small + 0.05, "four times the text costs about four times the time"


@pytest.mark.parametrize(
    ("pattern", "resource", "covers"),
    [
        ("*", "arn:aws:s3:::b/k", True),
        ("arn:aws:s3:::b", "arn:aws:s3:::b/k", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b", False),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z", True),
        ("arn:aws:s3:::b*", "arn:aws:s3:::b2/k", True),
        ("arn:aws:s3:::b/K", "arn:aws:s3:::b/k", False),
        ("arn:*:s3:::b/k", "arn:aws-cn:s3:::b/k", True),
        ("arn:aws:*", "arn:aws:s3:::b", False),
        ("b", "b", False),
    ],
)
def test_resources_are_globbed_part_by_part(pattern, resource, covers):
    assert resource_matches(pattern, resource) is covers


@pytest.mark.parametrize(
    ("pattern", "action", "covers"),
    [
        ("*", "s3:GetObject", True),
        ("s3:*", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:GetObjec?", "s3:GetObject", True),
        ("s?:GetObject", "s3:GetObject", False),
        ("*:GetObject", "s3:GetObject", False),
        ("sns:*", "s3:GetObject", False),
    ],
)
def test_actions_are_globbed_after_the_service(pattern, action, covers):
    assert action_matches(pattern, action) is covers
