"""What a policy leaves open from outside the perimeter: witnesses that hold, and no false proof."""

from __future__ import annotations

import random

import pytest

from gt_vpc_nb import Perimeter
from gt_vpc_nb.facts import s3_actions
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.origins import resource_for

ACCOUNT = "111122223333"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/Admin"
INSIDE = Perimeter(vpcs=["vpc-0mine"], vpc_endpoints=["vpce-0mine"], ground_truth="us-east-1", administrators=[ADMIN])
BOTH = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
CLOSED = {"aws:SourceVpce": ["vpce-0mine", "vpce-08408e335ebf95b40"], "aws:SourceVpc": "vpc-0mine"}


def deny(condition, action="s3:*", resource=BOTH):
    statement = {"Sid": "D", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource}
    return Policy.parse({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})


CLOSED_POLICIES = {
    "endpoints and VPC": deny({"StringNotEquals": CLOSED}),
    "with the administrator": deny({"StringNotEquals": {**CLOSED, "aws:PrincipalArn": ADMIN}}),
    "ForAllValues": deny({"ForAllValues:StringNotEquals": CLOSED}),
    "to everybody": deny({}),
}
OPEN_POLICIES = {
    "two actions": deny({"StringNotEquals": CLOSED}, ["s3:GetObject", "s3:PutObject"]),
    "objects only": deny({"StringNotEquals": CLOSED}, resource="arn:aws:s3:::b/*"),
    "one folder": deny({"StringNotEquals": CLOSED}, resource=["arn:aws:s3:::b", "arn:aws:s3:::b/private/*"]),
    "ForAnyValue": deny({"ForAnyValue:StringNotEquals": CLOSED}),
    "another endpoint": deny({"StringNotEquals": {"aws:SourceVpce": ["vpce-0mine", "vpce-0other"]}}),
    "a role from everywhere": deny(
        {"StringNotEquals": {**CLOSED, "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/X"}}
    ),
    "a tag": deny({"StringNotEquals": {**CLOSED, "aws:PrincipalTag/team": "maps"}}),
}


@pytest.mark.parametrize("name", CLOSED_POLICIES)
def test_a_closed_policy_is_proven_closed(name):
    assert CLOSED_POLICIES[name].openings("b", INSIDE) == []


@pytest.mark.parametrize("name", OPEN_POLICIES)
def test_an_open_policy_has_witnesses_that_get_in(name):
    ways = OPEN_POLICIES[name].openings("b", INSIDE)
    assert ways
    for each in ways:
        assert evaluate(OPEN_POLICIES[name], each.witness).decision in ("allowed", "notDenied"), each
        assert each.witness.context.get("aws:SourceVpce") not in ("vpce-0mine", "vpce-08408e335ebf95b40")


@pytest.mark.parametrize("name", CLOSED_POLICIES)
def test_a_proven_policy_survives_random_requests_from_outside(name):
    policy, rng, actions = CLOSED_POLICIES[name], random.Random(7), sorted(s3_actions())
    for _ in range(3000):
        action = rng.choice(actions)
        resource = resource_for(action, "b")
        if resource is None:
            continue
        principal = rng.choice([None, f"arn:aws:iam::{ACCOUNT}:role/X", "arn:aws:iam::999999999999:user/u"])
        context = {"aws:PrincipalArn": principal} if principal else {}
        if rng.random() < 0.5:
            context |= {"aws:SourceVpce": f"vpce-{rng.random()}", "aws:SourceVpc": f"vpc-{rng.random()}"}
        decision = evaluate(policy, AccessRequest(principal, action, resource, context), account=ACCOUNT)
        assert decision.decision in ("explicitDeny", "implicitDeny"), decision.explain()


@pytest.mark.parametrize(
    "condition",
    [
        {"NotIpAddress": {"aws:SourceIp": "0.0.0.0/1"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        {"StringNotLike": {"aws:SourceVpce": "vpce-0*"}},
        {"StringNotEqualz": {"aws:SourceVpce": "vpce-0mine"}},
        {"StringNotEquals": {"aws:userid": "${aws:username}"}},
    ],
)
def test_what_is_beyond_the_proof_is_never_an_empty_list(condition):
    ways = deny(condition).openings("b", INSIDE)
    assert any(each.witness is None and each.why.startswith("undetermined:") for each in ways)


def test_past_the_budget_the_answer_is_undetermined_and_not_slow():
    keys = {f"aws:RequestTag/{number}": ["a", "b", "c"] for number in range(9)}
    ways = deny({"StringNotEquals": keys}).openings("b", INSIDE)
    assert [each.why.split(":")[0] for each in ways] == ["undetermined"]
