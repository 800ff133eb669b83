"""A pattern of actions without some of them means the others, and names none that S3 would refuse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.facts import GROUND_TRUTH_ACTIONS, s3_actions
from gt_vpc_nb.policy.action_families import others_of
from gt_vpc_nb.policy.matching import action_matches

PATTERNS = ["s3:Get*", "s3:List*", "s3:Put*", "S3:get*", "s3:*Object", "s3:*Bucket*", "s3:?etObject", "s3:GetObject*"]
PATTERNS += ["s3:GetBucketLocation", "s3:A*", "s3:Abort*", "s3:G*t", "s3:ListBucket*"]


def meant(patterns):
    return {name for name in s3_actions() if any(action_matches(each, name) for each in patterns)}


def fits(name, *kinds):
    return bool({"bucket", "object", *kinds} & set(s3_actions()[name].resource_types))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_others_are_all_that_a_bucket_policy_decides_but_those(pattern):
    found = others_of(pattern, GROUND_TRUTH_ACTIONS)
    wanted = meant([pattern]) - set(GROUND_TRUTH_ACTIONS)
    assert meant(found) <= wanted
    assert {name for name in wanted - meant(found) if fits(name)} == set()
    assert len(found) <= len(wanted)


@pytest.mark.parametrize("pattern", ["s3:Get*", "s3:List*", "s3:Put*"])
def test_each_pattern_means_an_action_that_works_on_a_bucket_or_object(pattern):
    assert all(any(map(fits, meant([each]))) for each in others_of(pattern, GROUND_TRUTH_ACTIONS))
    assert meant(others_of(pattern, GROUND_TRUTH_ACTIONS)) == meant([pattern]) - set(GROUND_TRUTH_ACTIONS)


def test_on_objects_alone_every_pattern_means_an_action_of_objects():
    found = others_of("s3:Get*", GROUND_TRUTH_ACTIONS, ["arn:aws:s3:::b/*"])
    for each in found:
        assert any("object" in s3_actions()[name].resource_types for name in meant([each])), each


@given(st.sampled_from(PATTERNS), st.sets(st.sampled_from(sorted(s3_actions())), min_size=1, max_size=8))
def test_any_actions_can_be_taken_out_of_any_pattern(pattern, actions):
    found = meant(others_of(pattern, sorted(actions)))
    wanted = meant([pattern]) - actions
    assert found <= wanted and {name for name in wanted - found if fits(name)} == set()
