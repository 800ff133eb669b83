"""What limits a request besides the policies of bucket and caller: each stops a read that all others allow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gt_vpc_nb import LocalAwsError, Policy
from gt_vpc_nb.local import LocalAws
from tests.local.callers import lay_out_a_job

ANY = {"Effect": "Allow", "Action": "*", "Resource": "*"}
READ = {**ANY, "Action": "s3:GetObject"}
OTHER = {**ANY, "Action": "s3:ListBucket"}
DENY = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::images-in/images/*"}
EVERYBODY = {"Principal": "*"}
KEY = "images/0000.png"
ROLE = "arn:aws:iam::111122223333:role/Reader"


def document(*statements: dict[str, Any], **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{**each, **more} for each in statements]})


@pytest.fixture
def aws() -> LocalAws:
    aws = LocalAws.example()
    iam = aws.session().client("iam")
    iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=document(READ, **EVERYBODY))
    iam.put_role_policy(RoleName="Reader", PolicyName="All", PolicyDocument=document(ANY))
    return aws


def endpoint(aws: LocalAws, *statements: dict[str, Any]) -> None:
    text = document(*statements, **EVERYBODY)
    aws.session().client("ec2").modify_vpc_endpoint(VpcEndpointId=aws.world.vpc_endpoint, PolicyDocument=text)


def boundary(aws: LocalAws, *statements: dict[str, Any]) -> None:
    iam = aws.session().client("iam")
    made = iam.create_policy(PolicyName="B", PolicyDocument=document(*statements))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="Reader", PermissionsBoundary=made)


def service(aws: LocalAws, *statements: dict[str, Any]) -> None:
    aws.control_policies(service=[document(ANY), [document(*statements)]])


def resource(aws: LocalAws, *statements: dict[str, Any]) -> None:
    aws.control_policies(resource=[document(*statements, **EVERYBODY)])


def read(aws: LocalAws, **place: Any) -> bytes:
    s3 = aws.session(principal=ROLE, **{"vpc_endpoint": aws.world.vpc_endpoint, **place}).client("s3")
    return s3.get_object(Bucket="images-in", Key=KEY)["Body"].read()


@pytest.mark.parametrize(
    ("limit", "kind"),
    [
        (endpoint, "VPC endpoint policy"),
        (boundary, "permissions boundary"),
        (service, "service control policy"),
        (resource, "resource control policy"),
    ],
)
def test_each_kind_of_policy_must_allow_and_may_deny(aws: LocalAws, limit: Any, kind: str) -> None:
    limit(aws, READ)
    assert read(aws)
    limit(aws, OTHER) if limit is not boundary else _new_version(aws, OTHER)
    with pytest.raises(ClientError, match=f"because no {kind} allows the s3:GetObject action"):
        read(aws)
    assert aws.log[-1].decision == "implicitDeny" and kind.removeprefix("VPC ") in aws.log[-1].reason
    limit(aws, ANY, DENY) if limit is not boundary else _new_version(aws, ANY, DENY)
    with pytest.raises(ClientError, match=f"with an explicit deny in a {kind}"):
        read(aws)
    assert aws.log[-1].decision == "explicitDeny"


def _new_version(aws: LocalAws, *statements: dict[str, Any]) -> None:
    arn = "arn:aws:iam::111122223333:policy/B"
    aws.session().client("iam").create_policy_version(
        PolicyArn=arn, PolicyDocument=document(*statements), SetAsDefault=True
    )


def test_a_policy_of_one_endpoint_is_no_other_ones(aws: LocalAws) -> None:
    endpoint(aws, OTHER)
    assert read(aws, vpc_endpoint=None) and read(aws, vpc_endpoint="vpce-0ffffffffffffffff")
    with pytest.raises(ClientError, match="VPC endpoint policy"):
        read(aws)


def test_control_policies_limit_the_roots_repair_and_only_their_account(aws: LocalAws) -> None:
    aws.control_policies(service=[document(ANY, {"Effect": "Deny", "Action": "s3:*", "Resource": "*"})])
    root = aws.session(principal="arn:aws:iam::111122223333:root").client("s3")
    with pytest.raises(ClientError, match="AccessDenied"):
        root.delete_bucket_policy(Bucket="images-in")
    elsewhere = aws.session(account="444455556666").client("s3")
    elsewhere.create_bucket(Bucket="elsewhere")
    aws.control_policies()
    root.delete_bucket_policy(Bucket="images-in")


def test_an_organization_may_keep_its_buckets_to_itself(aws: LocalAws) -> None:
    """The data perimeter of an RCP: nobody from another account, whatever the bucket's policy says."""
    stranger = "arn:aws:iam::444455556666:root"
    letting_in = document({**READ, "Resource": "arn:aws:s3:::images-in/*"}, Principal={"AWS": stranger})
    aws.session().client("s3").put_bucket_policy(Bucket="images-in", Policy=letting_in)
    assert aws.session(principal=stranger).client("s3").get_object(Bucket="images-in", Key=KEY)
    outside = {"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}
    fence = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": outside}
    aws.control_policies(resource=[Policy.parse(document(ANY, fence, **EVERYBODY))])
    with pytest.raises(ClientError, match=r"AccessDenied.*Access Denied$"):
        aws.session(principal=stranger).client("s3").get_object(Bucket="images-in", Key=KEY)
    assert read(aws)


@pytest.mark.parametrize("given", [[{"Statement": 7}], "{}", ["no json"]])
def test_what_is_no_control_policy_is_one_sentence(aws: LocalAws, given: Any) -> None:
    with pytest.raises(LocalAwsError, match="ontrol polic"):
        aws.control_policies(service=given)


def test_a_boundary_that_is_not_there_leaves_it_undecided(aws: LocalAws) -> None:
    missing = "arn:aws:iam::111122223333:policy/Missing"
    aws.backstage("iam", aws.account).put_role_permissions_boundary(RoleName="Reader", PermissionsBoundary=missing)
    aws.identities.forget()
    with pytest.raises(ClientError, match="AccessDenied"):
        read(aws)
    assert aws.log[-1].decision == "undetermined"


def test_training_containers_meet_the_policy_of_the_endpoint_on_their_route_tables(aws: LocalAws) -> None:
    endpoint(aws, {**ANY, "Resource": "arn:aws:s3:::elsewhere/*"})
    from gt_vpc_nb.local.failures import Refused
    from gt_vpc_nb.local.job_world import JobWorld

    world = JobWorld(aws)
    there = world.vpc_endpoint_for(aws.world.subnets, "us-east-1")
    assert there is not None and there.vpc_endpoint == aws.world.vpc_endpoint
    with pytest.raises(Refused, match="VPC endpoint policy"):
        world.view(aws.world.role, there, "us-east-1").get("images-in", KEY)


def test_a_job_under_a_service_control_policy_fails_with_action_and_arn(aws: LocalAws) -> None:
    sagemaker = aws.session().client("sagemaker")
    sagemaker.create_labeling_job(**lay_out_a_job(aws))
    service(aws, ANY, {**DENY, "Action": "s3:PutObject", "Resource": "*"})
    aws.clock.advance(days=1)
    told = sagemaker.describe_labeling_job(LabelingJobName="shapes")
    assert told["LabelingJobStatus"] == "Failed" and "s3:PutObject on arn:aws:s3:::labels-out" in told["FailureReason"]


def test_control_policies_and_endpoint_policies_are_in_a_saved_file(aws: LocalAws, tmp_path: Path) -> None:
    resource(aws, ANY, DENY)
    endpoint(aws, READ)
    aws.save(tmp_path / "state")
    again = LocalAws.load(tmp_path / "state")
    with pytest.raises(ClientError, match="explicit deny in a resource control policy"):
        read(again)
    again.control_policies()
    assert read(again)
    again.save(tmp_path / "more")
    assert read(LocalAws.load(tmp_path / "more"))
