"""Objects encrypted with KMS keys: who may read and write them, by the policy of the key."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gt_vpc_nb.local import LocalAws
from tests.local.callers import lay_out_a_job

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Reader"
OWNERS = {"Sid": "Owners", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Resource": "*", **each} for each in statements]})


@pytest.fixture
def aws() -> LocalAws:
    aws = LocalAws()
    iam, s3 = aws.session().client("iam"), aws.session().client("s3")
    iam.create_role(
        RoleName="Reader", AssumeRolePolicyDocument=document({"Effect": "Deny", "Principal": "*", "Action": "*"})
    )
    may(aws, "s3:*")
    s3.create_bucket(Bucket="signs-in")
    return aws


def may(aws: LocalAws, *actions: str) -> None:
    text = document({"Effect": "Allow", "Action": list(actions)})
    aws.session().client("iam").put_role_policy(RoleName="Reader", PolicyName="P", PolicyDocument=text)


def key(aws: LocalAws, *statements: dict[str, Any]) -> str:
    return aws.session().client("kms").create_key(Policy=document(*statements))["KeyMetadata"]["Arn"]


def put(aws: LocalAws, arn: str | None, principal: str | None = None, **more: Any) -> None:
    how = {"ServerSideEncryption": "aws:kms", **({"SSEKMSKeyId": arn} if arn else {})}
    s3 = aws.session(principal=principal).client("s3")
    s3.put_object(**{"Bucket": "signs-in", "Key": "k", "Body": b"hello", **how, **more})


def get(aws: LocalAws, principal: str | None = ROLE, **more: Any) -> bytes:
    s3 = aws.session(principal=principal, **more).client("s3")
    return s3.get_object(Bucket="signs-in", Key="k")["Body"].read()


@pytest.mark.parametrize(
    ("statements", "actions", "opens"),
    [
        ([OWNERS], ["s3:*"], False),
        ([OWNERS], ["s3:*", "kms:Decrypt"], True),
        ([{**OWNERS, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Other"}}], ["*"], False),
        ([OWNERS, {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt"}], ["s3:*"], True),
        ([OWNERS, {"Effect": "Deny", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt"}], ["*"], False),
        ([{**OWNERS, "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}], ["*"], True),
        ([{**OWNERS, "Condition": {"StringEquals": {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}}}], ["*"], False),
        ([OWNERS, {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt",
          "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}}}], ["*"], False),
    ],
)  # fmt: skip
def test_an_object_opens_to_whom_its_key_lets_in(
    aws: LocalAws, statements: list[dict[str, Any]], actions: list[str], opens: bool
) -> None:
    arn = key(aws, OWNERS)
    put(aws, arn)
    aws.session().client("kms").put_key_policy(KeyId=arn, PolicyName="default", Policy=document(*statements))
    may(aws, *actions)
    if opens:
        assert get(aws) == b"hello"
    else:
        with pytest.raises(ClientError, match=f"AccessDenied.*kms:Decrypt on resource: .{arn}"):
            get(aws)
    entry = next(each for each in reversed(aws.log) if each.action.startswith("kms:"))
    assert (entry.action, entry.resource, entry.decision == "allowed") == ("kms:Decrypt", arn, opens)
    if "SourceVpce" in str(statements):
        assert get(aws, vpc_endpoint="vpce-0a1b2c3d4e5f60718") == b"hello"


def test_writing_needs_a_data_key_and_an_upload_in_parts_decrypts_too(aws: LocalAws) -> None:
    arn = key(aws, OWNERS)
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        put(aws, arn, ROLE)
    may(aws, "s3:*", "kms:GenerateDataKey")
    put(aws, arn, ROLE)
    s3 = aws.session(principal=ROLE).client("s3")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        s3.create_multipart_upload(Bucket="signs-in", Key="m", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn)
    with pytest.raises(ClientError, match="kms:Decrypt"):
        s3.copy_object(Bucket="signs-in", Key="c", CopySource="signs-in/k")
    put(aws, None, ROLE, ServerSideEncryption="AES256")
    assert get(aws) == b"hello"


def test_the_default_of_a_bucket_counts_and_aws_own_key_is_for_its_account(aws: LocalAws) -> None:
    arn, s3 = key(aws, OWNERS), aws.session().client("s3")
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]}
    s3.put_bucket_encryption(Bucket="signs-in", ServerSideEncryptionConfiguration=rules)
    s3.put_object(Bucket="signs-in", Key="k", Body=b"hello")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        get(aws)
    s3.delete_bucket_encryption(Bucket="signs-in")
    put(aws, None)
    assert get(aws) == b"hello"
    stranger = "arn:aws:iam::444455556666:root"
    letting = {"Effect": "Allow", "Principal": {"AWS": stranger}, "Action": "s3:GetObject"}
    policy = document({**letting, "Resource": "arn:aws:s3:::signs-in/*"})
    s3.put_bucket_policy(Bucket="signs-in", Policy=policy)
    with pytest.raises(ClientError, match="AccessDenied"):
        get(aws, stranger)


def test_a_key_that_is_not_there_or_not_enabled_is_told(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="KMS.NotFoundException"):
        put(aws, f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000")
    arn = key(aws, OWNERS)
    put(aws, arn)
    aws.session().client("kms").disable_key(KeyId=arn.rpartition("/")[2])
    with pytest.raises(ClientError, match="KMS.DisabledException"):
        get(aws, None)


@pytest.mark.parametrize(("actions", "status"), [((), "Failed"), (("kms:GenerateDataKey", "kms:Decrypt"), "Completed")])
def test_a_job_encrypts_its_outputs_with_the_key_it_names(actions: tuple[str, ...], status: str) -> None:
    aws = LocalAws.example()
    arn, request = key(aws, OWNERS), lay_out_a_job(aws)
    request["OutputConfig"]["KmsKeyId"] = arn
    if actions:
        text = document({"Effect": "Allow", "Action": list(actions)})
        name = aws.world.role.rpartition("/")[2]
        aws.session().client("iam").put_role_policy(RoleName=name, PolicyName="Kms", PolicyDocument=text)
    sagemaker, s3 = aws.session().client("sagemaker"), aws.session().client("s3")
    sagemaker.create_labeling_job(**request)
    aws.clock.advance(days=1)
    told = sagemaker.describe_labeling_job(LabelingJobName="shapes")
    assert told["LabelingJobStatus"] == status
    if status == "Failed":
        assert f"kms:GenerateDataKey on {arn}" in told["FailureReason"]
        return
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="labels-out", Prefix="shapes/"):
        for each in page["Contents"]:
            assert s3.head_object(Bucket="labels-out", Key=each["Key"])["SSEKMSKeyId"] == arn
