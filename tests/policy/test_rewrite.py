"""The smallest edit lets in Ground Truth's endpoint, and what it opens is exactly that."""

from __future__ import annotations

import pytest

from gt_vpc_nb import PolicyError
from gt_vpc_nb.facts import GROUND_TRUTH_ACTIONS, regions, s3_actions
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.origins import OTHER_VPC, resource_for, through
from gt_vpc_nb.policy.rewrite import ground_truth_request

ACCOUNT, ENDPOINT = "111122223333", "vpce-08408e335ebf95b40"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/R"
TWO = ["s3:GetObject", "s3:PutObject"]
BOTH = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]


def deny(condition, action=TWO, **more):
    statement = {"Sid": "D", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": BOTH, **more}
    return Policy.parse({"Version": "2012-10-17", "Id": "kept", "Statement": [{**statement, "Condition": condition}]})


MINE = {"StringNotEquals": {"aws:SourceVpce": "vpce-0mine"}}
STYLES = {
    "endpoint only": deny(MINE),
    "VPC only": deny({"StringNotEquals": {"aws:SourceVpc": "vpc-0mine"}}),
    "VPC id under the endpoint key": deny({"StringNotEquals": {"aws:sourceVpce": ["vpce-0mine", "vpc-0mine"]}}),
    "ForAllValues": deny({"ForAllValues:StringNotEquals": {"aws:sourceVpce": ["vpce-0mine"], "aws:SourceVpc": "v"}}),
    "IfExists": deny({"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-0mine"}}),
    "NotLike": deny({"StringNotLike": {"aws:SourceVpce": ["vpce-0mine"]}}),
    "addresses": deny({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
    "every action": deny(MINE, "s3:*"),
    "a family of actions": deny(MINE, ["s3:Get*", "s3:DeleteObject"]),
    "NotAction": Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Deny",
                "Principal": "*",
                "NotAction": "s3:GetBucketPolicy",
                "Resource": BOTH,
                "Condition": MINE,
            },
        }
    ),
    "two statements of one name": Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [deny(MINE, action).document["Statement"][0] for action in (*TWO, "s3:*")],
        }
    ),
}


NETWORKS = [("vpce-0mine", "vpc-0mine"), ("vpce-0x", "vpc-0mine"), ("vpce-0x", "vpc-0x")]


def let_in(policy, **options):
    return policy.letting_in_ground_truth("us-east-1", "b", role=ROLE, **options)


def gets(policy, action, context):
    resource = resource_for(action, "b") or "arn:aws:s3:::b"
    decision = evaluate(policy, AccessRequest(ROLE, action, resource, {"aws:PrincipalArn": ROLE, **context}))
    return decision.decision in ("allowed", "notDenied")


@pytest.mark.parametrize("style", STYLES)
def test_ground_truth_gets_in_with_all_five_actions(style):
    new = let_in(STYLES[style])
    decisions = [evaluate(new, ground_truth_request(a, "b", ENDPOINT, ROLE)).decision for a in GROUND_TRUTH_ACTIONS]
    assert decisions == ["notDenied"] * 5


@pytest.mark.parametrize("style", STYLES)
def test_nothing_else_changes_for_any_action_from_anywhere(style):
    old, new = STYLES[style], let_in(STYLES[style])
    for action in s3_actions():
        for context in (
            {},
            through("vpce-0mine", "vpc-0mine"),
            through("vpce-0x", "vpc-0mine"),
            through("vpce-0x", "v"),
        ):
            assert gets(old, action, context) == gets(new, action, context), (action, context)
        if action not in GROUND_TRUTH_ACTIONS:
            context = through(ENDPOINT, OTHER_VPC)
            assert gets(old, action, context) == gets(new, action, context), action


@pytest.mark.parametrize("style", [name for name in STYLES if name != "addresses"])
def test_compare_shows_ground_truths_endpoint_and_nobody_else(style):
    change = STYLES[style].compare(let_in(STYLES[style]), "b")
    assert change.opened and change.closed == ()
    for each in change.opened:
        assert dict(each.witness.context)["aws:SourceVpce"] == ENDPOINT
        assert each.action in GROUND_TRUTH_ACTIONS
        assert evaluate(let_in(STYLES[style]), each.witness).decision in ("allowed", "notDenied")
        assert evaluate(STYLES[style], each.witness).decision == "explicitDeny"


def test_a_range_of_addresses_is_said_to_be_undecided_and_not_left_out():
    change = STYLES["addresses"].compare(let_in(STYLES["addresses"]), "b")
    assert any(each.witness is None and each.why.startswith("undetermined:") for each in change.opened)


@pytest.mark.parametrize("style", STYLES)
def test_a_second_edit_finds_nothing_to_do(style):
    once = let_in(STYLES[style])
    assert let_in(once) == once
    assert once.compare(once, "b").opened == once.compare(once, "b").closed == ()


def test_one_value_more_is_the_whole_edit_where_that_suffices():
    new = let_in(STYLES["VPC id under the endpoint key"])
    values = ["vpce-0mine", "vpc-0mine", ENDPOINT]
    assert new == deny({"StringNotEquals": {"aws:sourceVpce": values}})


@pytest.mark.parametrize("region", [each.code for each in regions()])
def test_each_region_has_its_own_endpoint(region):
    new = STYLES["endpoint only"].letting_in_ground_truth(region, "b", role=ROLE)
    mine = next(each.ground_truth_endpoint for each in regions() if each.code == region)
    assert new.statements[0].conditions[0].values == ("vpce-0mine", mine)


def test_an_allow_is_never_widened():
    allow = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
        "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0mine"}},
    }
    policy = Policy.parse({"Version": "2012-10-17", "Statement": [allow]})
    assert let_in(policy) == policy


def test_a_deny_that_cannot_be_decided_is_not_edited_on_a_guess():
    with pytest.raises(PolicyError, match="cannot be decided"):
        let_in(deny({"StringNotEqualz": {"aws:SourceVpce": "vpce-0mine"}}))
