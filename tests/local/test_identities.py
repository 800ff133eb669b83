from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.failures import Missing, Refused
from gt_vpc_nb.local.job_world import JobWorld
from gt_vpc_nb.local.origin import Origin
from gt_vpc_nb.local.principals import Principal

ROLE = "arn:aws:iam::111122223333:role/R"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::signs-in/*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: dict[str, str]) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


@pytest.fixture
def aws() -> LocalAws:
    aws = LocalAws(seed=7)
    s3 = aws.session().client("s3")
    s3.create_bucket(Bucket="signs-in")
    s3.put_object(Bucket="signs-in", Key="k", Body=b"hello")
    return aws


def role(aws: LocalAws, principal: dict[str, str], *statements: dict[str, Any], name: str = "R") -> None:
    iam = aws.session().client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(principal))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="P", PolicyDocument=document(*statements))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "arn:aws:sts::111122223333:assumed-role/Administrator/session"),
        (ROLE, "arn:aws:sts::111122223333:assumed-role/R/session"),
        ("arn:aws:iam::111122223333:role/teams/R", "arn:aws:sts::111122223333:assumed-role/R/session"),
        ("arn:aws:sts::111122223333:assumed-role/R/me", "arn:aws:sts::111122223333:assumed-role/R/me"),
        ("arn:aws:iam::111122223333:user/ann", "arn:aws:iam::111122223333:user/ann"),
        ("arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:root"),
    ],
)
def test_sts_says_who_calls(aws: LocalAws, given: str | None, said: str) -> None:
    answer = aws.session(principal=given).client("sts").get_caller_identity()
    assert answer["Arn"] == said
    assert answer["Account"] == said.split(":")[4]


def test_the_role_of_a_session_is_what_conditions_see() -> None:
    principal = Principal.parse("arn:aws:sts::111122223333:assumed-role/R/me")
    context = principal.context("AROAEXAMPLE:me")
    assert context["aws:PrincipalArn"] == ROLE
    assert context["aws:userid"] == "AROAEXAMPLE:me"


def test_a_role_may_what_its_policies_allow_and_no_more(aws: LocalAws) -> None:
    role(aws, {"Service": "sagemaker.amazonaws.com"}, READ)
    s3 = aws.session(principal=ROLE).client("s3")
    assert s3.get_object(Bucket="signs-in", Key="k")["Body"].read() == b"hello"
    with pytest.raises(ClientError, match="no identity-based policy allows the s3:PutObject action"):
        s3.put_object(Bucket="signs-in", Key="k", Body=b"")


def test_a_changed_role_policy_counts_from_the_next_request(aws: LocalAws) -> None:
    role(aws, {"Service": "sagemaker.amazonaws.com"}, READ)
    s3 = aws.session(principal=ROLE).client("s3")
    s3.get_object(Bucket="signs-in", Key="k")
    aws.session().client("iam").delete_role_policy(RoleName="R", PolicyName="P")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket="signs-in", Key="k")


def test_a_user_has_attached_policies_and_those_of_its_groups(aws: LocalAws) -> None:
    iam = aws.session().client("iam")
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(UserName="ann", GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="P", PolicyDocument=document(READ))
    write = {**READ, "Action": "s3:PutObject"}
    made = iam.create_policy(PolicyName="W", PolicyDocument=document(write))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=made)
    s3 = aws.session(principal="arn:aws:iam::111122223333:user/ann").client("s3")
    s3.put_object(Bucket="signs-in", Key="k", Body=s3.get_object(Bucket="signs-in", Key="k")["Body"].read())
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    own = aws.session().client(
        "sts", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    assert own.get_caller_identity()["Arn"] == "arn:aws:iam::111122223333:user/ann"


def test_whom_iam_does_not_know_may_nothing(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.session(principal=ROLE).client("s3").get_object(Bucket="signs-in", Key="k")


def test_a_role_is_assumed_by_those_it_trusts(aws: LocalAws) -> None:
    role(aws, {"AWS": "arn:aws:iam::111122223333:root"}, READ)
    role(aws, {"Service": "sagemaker.amazonaws.com"}, READ, name="Closed")
    sts = aws.session().client("sts")
    given = sts.assume_role(RoleArn=ROLE, RoleSessionName="me")
    assert given["AssumedRoleUser"]["Arn"] == "arn:aws:sts::111122223333:assumed-role/R/me"
    keys = given["Credentials"]
    s3 = aws.session().client(
        "s3",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    assert s3.get_object(Bucket="signs-in", Key="k")["Body"].read() == b"hello"
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="signs-in", Key="k")
    for arn in ("arn:aws:iam::111122223333:role/Closed", "arn:aws:iam::111122223333:role/Nowhere"):
        with pytest.raises(ClientError, match="not authorized to perform: sts:AssumeRole"):
            sts.assume_role(RoleArn=arn, RoleSessionName="me")


def test_ground_truth_sees_s3_with_the_role_it_assumes(aws: LocalAws) -> None:
    everywhere = {**READ, "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
    role(aws, {"Service": "sagemaker.amazonaws.com"}, everywhere)
    view = JobWorld(aws).view(ROLE, Origin(vpc_endpoint="vpce-0a1b2c3d4e5f60718"), "us-east-1")
    assert view.get("signs-in", "k") == b"hello"
    assert view.list("signs-in", "") == ["k"]
    with pytest.raises(Missing):
        view.get("signs-in", "nothing")
    with pytest.raises(Missing):
        view.get("nowhere", "k")
    with pytest.raises(Refused) as refused:
        view.put("signs-in", "k", b"")
    assert (refused.value.action, refused.value.resource_arn) == ("s3:PutObject", "arn:aws:s3:::signs-in/k")
    with pytest.raises(Refused):
        view.location("signs-in")


@pytest.mark.parametrize("name", ["R", "Nowhere"])
def test_a_role_that_does_not_trust_sagemaker_gives_no_view(aws: LocalAws, name: str) -> None:
    role(aws, {"AWS": "arn:aws:iam::111122223333:root"}, READ)
    with pytest.raises(Refused, match="sts:AssumeRole"):
        JobWorld(aws).view(f"arn:aws:iam::111122223333:role/{name}", Origin(), "us-east-1")
