"""What the local AWS leaves out: each row of its table against what the door really answers."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.limits import NOT_SIMULATED, SERVICES
from tests.local.callers import lay_out_a_job

LEFT_OUT = NOT_SIMULATED.of("left out")


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    return LocalAws.example()


def _crowd(aws: LocalAws, kind: str) -> Any:
    request = lay_out_a_job(aws)
    account = {"public": "394669845002", "vendor": "111122223333"}[kind]
    team = f"arn:aws:sagemaker:us-east-1:{account}:workteam/{kind}-crowd/default"
    request["HumanTaskConfig"]["WorkteamArn"] = team
    return aws.session().client("sagemaker").create_labeling_job(**request)


def _client(aws: LocalAws, service: str) -> Any:
    return aws.session().client(service)


def _assume(aws: LocalAws, **more: Any) -> Any:
    return _client(aws, "sts").assume_role(RoleArn=aws.world.role, RoleSessionName="ada", **more)


def _attach(aws: LocalAws, name: str) -> Any:
    arn = f"arn:aws:iam::aws:policy/{name}"
    return _client(aws, "iam").attach_role_policy(RoleName=aws.world.role.rpartition("/")[2], PolicyArn=arn)


#: By the beginning of a row's name: what asks for it, and the code of the answer.
ASKED: list[tuple[str, Callable[[LocalAws], Any], str]] = [
    ("other services", lambda aws: _client(aws, "cloudwatch").list_metrics(), "UnsupportedOperation"),
    ("other services", lambda aws: _client(aws, "logs").describe_log_groups(), "UnsupportedOperation"),
    ("other services", lambda aws: _client(aws, "dynamodb").list_tables(), "UnsupportedOperation"),
    ("other services", lambda aws: _client(aws, "service-quotas").list_services(), "UnsupportedOperation"),
    (
        "other services",
        lambda aws: _client(aws, "textract").detect_document_text(Document={"Bytes": b"x"}),
        "UnsupportedOperation",
    ),
    ("SageMaker besides", lambda aws: _client(aws, "sagemaker").list_training_jobs(), "UnsupportedOperation"),
    ("SageMaker besides", lambda aws: _client(aws, "sagemaker").describe_model(ModelName="m"), "UnsupportedOperation"),
    ("SageMaker besides", lambda aws: _client(aws, "sagemaker").list_flow_definitions(), "UnsupportedOperation"),
    ("public and vendor", lambda aws: _crowd(aws, "public"), "UnsupportedOperation"),
    ("public and vendor", lambda aws: _crowd(aws, "vendor"), "UnsupportedOperation"),
    ("public and vendor", lambda aws: _client(aws, "sagemaker").list_subscribed_workteams(), "UnsupportedOperation"),
    (
        "S3 access points",
        lambda aws: _client(aws, "s3control").get_public_access_block(AccountId="111122223333"),
        "NotImplemented",
    ),
    (
        "S3 access points",
        lambda aws: _client(aws, "s3").get_object(
            Bucket="arn:aws:s3:us-east-1:111122223333:accesspoint/mine", Key="a"
        ),
        "NotImplemented",
    ),
    ("S3 access points", lambda aws: _client(aws, "s3").get_bucket_website(Bucket="images-in"), "NotImplemented"),
    ("S3 access points", lambda aws: _client(aws, "s3").get_bucket_replication(Bucket="images-in"), "NotImplemented"),
    (
        "IAM's policy simulator",
        lambda aws: _client(aws, "iam").simulate_principal_policy(
            PolicySourceArn=aws.world.role, ActionNames=["s3:GetObject"], CallerArn=aws.world.role
        ),
        "UnsupportedOperation",
    ),
    ("STS besides", lambda aws: _client(aws, "sts").get_session_token(), "UnsupportedOperation"),
    ("STS besides", lambda aws: _assume(aws, Policy="{}"), "UnsupportedOperation"),
    ("STS besides", lambda aws: _assume(aws, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/A"}]),
     "UnsupportedOperation"),
    ("STS besides", lambda aws: _assume(aws, Tags=[{"Key": "team", "Value": "maps"}]), "UnsupportedOperation"),
    ("STS besides", lambda aws: _assume(aws, SerialNumber="arn:aws:iam::111122223333:mfa/ada", TokenCode="123456"),
     "UnsupportedOperation"),
    ("policies that AWS manages", lambda aws: _attach(aws, "AmazonSageMakerFullAccess"), "UnsupportedOperation"),
    (
        "policies that AWS manages",
        lambda aws: _client(aws, "iam").get_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess"),
        "UnsupportedOperation",
    ),
    ("DryRun", lambda aws: _client(aws, "ec2").describe_vpcs(DryRun=True), "UnsupportedOperation"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "ask", "code"), ASKED)
def test_what_is_left_out_is_a_clear_error(aws: LocalAws, row: str, ask: Callable[[LocalAws], Any], code: str) -> None:
    assert sum(each.name.startswith(row) for each in LEFT_OUT) == 1
    with pytest.raises(ClientError) as refused:
        ask(aws)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "local AWS" in refused.value.response["Error"]["Message"]
    told = next(each for each in LEFT_OUT if each.name.startswith(row))
    assert code in told.here


def test_every_row_that_is_left_out_is_asked_for() -> None:
    """The last two become a job's failure; test_task_types and test_functions have them."""
    asked = {row for row, _, _ in ASKED} | {"polygons, polylines", "Lambda functions without Docker"}
    assert all(any(each.name.startswith(row) for row in asked) for each in LEFT_OUT)


def test_the_services_are_those_of_labeling_jobs() -> None:
    for service in SERVICES:
        assert service in LocalAws().session().get_available_services()


def test_the_table_is_for_people() -> None:
    shown = repr(LocalAws.not_simulated)
    assert shown.startswith("left out:\n") and "\nguess:\n" in shown
    lines = LocalAws.not_simulated.to_markdown().splitlines()
    assert len(lines) == len(NOT_SIMULATED) + 2
    assert all(line.count(" | ") == 3 for line in lines)
    assert len({each.name for each in NOT_SIMULATED}) == len(NOT_SIMULATED)


def test_no_machine_image_is_made_in_any_region_and_whoever_uses_moto_besides_has_them(monkeypatch) -> None:
    monkeypatch.delenv("MOTO_EC2_LOAD_DEFAULT_AMIS", raising=False)
    aws = LocalAws.example(seed=7)
    for region in ("us-east-1", "eu-west-1"):
        assert aws.session(region=region).client("ec2").describe_images()["Images"] == []
    assert os.environ.get("MOTO_EC2_LOAD_DEFAULT_AMIS", "true") == "true"
    assert any(each.name == "machine images of EC2" for each in NOT_SIMULATED)
