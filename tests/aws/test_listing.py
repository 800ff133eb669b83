"""What can be chosen from in an account: only what a labeling job could use, and reasons where nothing can be read."""

from __future__ import annotations

import json

import boto3
import pytest

from gt_vpc_nb.aws.listing import KINDS, Choice, choices
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.preflight.surroundings import Unknown


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    aws = LocalAws.example(seed=7)
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    aws.session().client("iam").create_role(RoleName="Other", AssumeRolePolicyDocument=json.dumps(trust))
    return aws


def listed(kind: str, aws: LocalAws) -> tuple[Choice, ...]:
    found = choices(kind, aws.session(), aws.region)
    assert isinstance(found, tuple), found
    return found


@pytest.mark.parametrize(
    ("kind", "of_world"),
    [
        ("vpcs", lambda world: {world.vpc}),
        ("subnets", lambda world: set(world.subnets)),
        ("security groups", lambda world: set(world.security_groups)),
        ("S3 endpoints", lambda world: {world.vpc_endpoint}),
        ("work teams", lambda world: {world.workteam.rpartition("/")[2]}),
        ("roles", lambda world: {world.role}),
        ("buckets", lambda world: {f"s3://{world.input_bucket}/", f"s3://{world.output_bucket}/"}),
    ],
)
def test_what_the_account_has_is_listed(kind: str, of_world: object, aws: LocalAws) -> None:
    assert of_world(aws.world) <= {each.value for each in listed(kind, aws)}


def test_subnets_and_groups_say_which_vpc_they_are_in(aws: LocalAws) -> None:
    of_vpc = {each.value for each in listed("subnets", aws) if each.vpc == aws.world.vpc}
    assert of_vpc == set(aws.world.subnets)


def test_only_roles_that_sagemaker_may_assume_are_listed(aws: LocalAws) -> None:
    assert [each.value for each in listed("roles", aws)] == [aws.world.role]


def test_keys_of_aws_services_are_not_listed(aws: LocalAws) -> None:
    assert listed("KMS keys", aws) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_is_read_without_changing_anything(kind: str, aws: LocalAws) -> None:
    session, asked = aws.session(), []
    session.events.register("before-call", lambda model, **_: asked.append(model.name))
    assert isinstance(choices(kind, session, aws.region), tuple)
    assert asked
    assert all(name.startswith(("List", "Describe")) for name in asked)


def test_a_session_that_may_not_list_is_told_why(aws: LocalAws) -> None:
    with aws.faults.fail("ec2:DescribeVpcs", 403, "UnauthorizedOperation"):
        found = choices("vpcs", aws.session(), aws.region)
    assert isinstance(found, Unknown)
    assert "ec2:DescribeVpcs" in found.reason


def test_a_session_without_a_region_is_told_so() -> None:
    found = choices("vpcs", boto3.Session(aws_access_key_id="a", aws_secret_access_key="b"))
    assert isinstance(found, Unknown)
    assert "Region" in found.reason


def test_a_choice_says_what_tells_it_from_others() -> None:
    assert str(Choice("subnet-1", "left, us-east-1a", "vpc-1")) == "subnet-1 (left, us-east-1a)"
