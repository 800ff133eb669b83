"""Who is asked about, from where, and with which context keys."""

from __future__ import annotations

import json

import pytest

from gt_vpc_nb import Perimeter, Policy
from gt_vpc_nb.facts import CONSOLE_ACTIONS, GROUND_TRUTH_ACTIONS
from gt_vpc_nb.policy.origins import OTHER_ENDPOINT, OTHER_VPC, decisions, origins

ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}:role"
FULL = Perimeter(
    vpcs=["vpc-0a", "vpc-0b"],
    vpc_endpoints=["vpce-0a", "vpce-0b"],
    principals=[f"{IAM}/CI", "arn:aws:iam::444455556666:role/Deploy"],
    ground_truth="us-east-1",
    execution_role=f"{IAM}/Execution",
    administrators=[f"{IAM}/Admin"],
    console_users=[f"arn:aws:iam::{ACCOUNT}:user/ann"],
)


def named(name, perimeter=FULL):
    return [each for each in origins(perimeter, ACCOUNT) if each.name == name]


def places(name):
    return [(each.context.get("aws:SourceVpce"), each.context.get("aws:SourceVpc")) for each in named(name)]


EACH = [(endpoint, vpc) for endpoint in ("vpce-0a", "vpce-0b") for vpc in ("vpc-0a", "vpc-0b")]


@pytest.mark.parametrize(
    ("name", "networks"),
    [
        ("your-endpoint", EACH),
        ("your-vpc-other-endpoint", [(OTHER_ENDPOINT, "vpc-0a"), (OTHER_ENDPOINT, "vpc-0b")]),
        ("ground-truth", [("vpce-08408e335ebf95b40", OTHER_VPC)]),
        ("automated-labeling", EACH),
        ("worker-browser", EACH),
        ("console-user", [(None, None)]),
        ("administrator", [(None, None)]),
        ("other-principal", [(None, None)] * 3),
        ("anyone", [(None, None)]),
    ],
)
def test_every_endpoint_and_every_vpc_of_the_perimeter_is_asked(name, networks):
    assert places(name) == networks
    for each in named(name):
        assert ("aws:SourceIp" in each.context) == (each.context.get("aws:SourceVpce") is None)


@pytest.mark.parametrize(
    ("name", "principals", "actions"),
    [
        ("ground-truth", [f"{IAM}/Execution"], GROUND_TRUTH_ACTIONS),
        ("automated-labeling", [f"{IAM}/Execution"] * 4, GROUND_TRUTH_ACTIONS),
        ("worker-browser", [f"{IAM}/Execution"] * 4, GROUND_TRUTH_ACTIONS),
        ("console-user", [f"arn:aws:iam::{ACCOUNT}:user/ann"], CONSOLE_ACTIONS),
        ("administrator", [f"{IAM}/Admin"], ("s3:GetBucketPolicy", "s3:PutBucketPolicy", *GROUND_TRUTH_ACTIONS)),
        ("anyone", [None], GROUND_TRUTH_ACTIONS),
    ],
)
def test_each_origin_is_somebody_who_does_something(name, principals, actions):
    assert [each.principal for each in named(name)] == principals
    assert {each.actions for each in named(name)} == {tuple(actions)}


def test_the_principals_of_the_perimeter_stand_beside_one_that_nobody_named():
    unnamed, *given = named("other-principal")
    assert "some-role" in unnamed.principal and tuple(each.principal for each in given) == FULL.principals


def test_origins_of_one_name_have_labels_of_their_own():
    labels = [each.label for each in origins(FULL, ACCOUNT)]
    assert len(labels) == len(set(labels))
    assert {"ground-truth", "administrator", "your-endpoint (vpce-0a in vpc-0b)"} < set(labels)
    small = Perimeter(["vpc-0a"], ["vpce-0a"], ground_truth="us-east-1")
    assert [each.label for each in origins(small, ACCOUNT)] == [each.name for each in origins(small, ACCOUNT)]


def test_a_perimeter_of_nothing_leaves_the_strangers():
    assert [each.name for each in origins(Perimeter(), ACCOUNT)] == ["other-principal", "anyone"]


@pytest.mark.parametrize(
    ("key", "value", "stopped"),
    [
        ("s3:authType", "REST-HEADER", {"worker-browser", "anyone"}),
        ("s3:authType", "REST-QUERY-STRING", {"your-endpoint", "ground-truth", "automated-labeling", "anyone"}),
        ("s3:signatureversion", "AWS4-HMAC-SHA256", {"anyone"}),
    ],
)
def test_a_policy_that_limits_how_requests_are_signed_meets_presigned_urls(key, value, stopped):
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
            "Condition": {"StringNotEquals": {key: value}}}  # fmt: skip
    policy = Policy.parse(json.dumps({"Version": "2012-10-17", "Statement": deny}))
    denied = {
        origin.name
        for origin, action, decision in decisions(policy, "b", FULL, ACCOUNT)
        if action == "s3:GetObject" and decision.decision == "explicitDeny"
    }
    assert stopped <= denied and not denied & ({"worker-browser", "ground-truth", "anyone"} - stopped)
