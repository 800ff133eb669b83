from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gt_vpc_nb.local import LocalAws

BUCKET = "signs-in"
INSIDE, OUTSIDE = "vpce-0a1b2c3d4e5f60718", "vpce-0fffffffffffffff1"
ROOT = "arn:aws:iam::111122223333:root"
ROLE = "arn:aws:iam::111122223333:role/R"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def fence(*actions: str, effect: str = "Deny", **more: Any) -> dict[str, Any]:
    resources = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    base = {"Sid": "Fence", "Effect": effect, "Principal": "*", "Action": list(actions), "Resource": resources}
    return {**base, **more}


ONLY_INSIDE = {"StringNotEquals": {"aws:SourceVpce": INSIDE}}


@pytest.fixture
def aws() -> LocalAws:
    aws = LocalAws(seed=7)
    s3 = aws.session().client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"hello")
    return aws


def restrict(aws: LocalAws, *statements: dict[str, Any]) -> None:
    aws.session(principal=ROOT).client("s3").put_bucket_policy(Bucket=BUCKET, Policy=document(*statements))


def refusal(call: Any, **arguments: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response


def test_a_bucket_closed_to_all_but_an_endpoint_opens_only_from_there(aws: LocalAws) -> None:
    restrict(aws, fence("s3:GetObject", Condition=ONLY_INSIDE))
    inside = aws.session(vpc_endpoint=INSIDE).client("s3")
    assert inside.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"hello"
    for place in (None, OUTSIDE):
        s3 = aws.session(vpc_endpoint=place).client("s3")
        answer = refusal(s3.get_object, Bucket=BUCKET, Key="k")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
        assert answer["Error"]["Code"] == "AccessDenied"
        assert "explicit deny in a resource-based policy" in answer["Error"]["Message"]
        assert refusal(s3.head_object, Bucket=BUCKET, Key="k")["Error"]["Code"] == "403"
    assert aws.log[-1].decision == "explicitDeny" and "Fence" in aws.log[-1].reason


CALLS = [
    ("get_object", {"Key": "k"}, "s3:GetObject"),
    ("head_object", {"Key": "k"}, "s3:GetObject"),
    ("put_object", {"Key": "n", "Body": b""}, "s3:PutObject"),
    ("create_multipart_upload", {"Key": "n"}, "s3:PutObject"),
    ("upload_part", {"Key": "n", "UploadId": "u", "PartNumber": 1, "Body": b""}, "s3:PutObject"),
    ("complete_multipart_upload", {"Key": "n", "UploadId": "u"}, "s3:PutObject"),
    ("abort_multipart_upload", {"Key": "n", "UploadId": "u"}, "s3:AbortMultipartUpload"),
    ("list_parts", {"Key": "n", "UploadId": "u"}, "s3:ListMultipartUploadParts"),
    ("delete_object", {"Key": "k"}, "s3:DeleteObject"),
    ("delete_object", {"Key": "k", "VersionId": "1"}, "s3:DeleteObjectVersion"),
    ("get_object", {"Key": "k", "VersionId": "1"}, "s3:GetObjectVersion"),
    ("copy_object", {"Key": "n", "CopySource": f"{BUCKET}/k"}, "s3:GetObject"),
    ("copy_object", {"Key": "n", "CopySource": f"{BUCKET}/k"}, "s3:PutObject"),
    ("get_object_tagging", {"Key": "k"}, "s3:GetObjectTagging"),
    ("list_objects", {}, "s3:ListBucket"),
    ("list_objects_v2", {}, "s3:ListBucket"),
    ("head_bucket", {}, "s3:ListBucket"),
    ("list_object_versions", {}, "s3:ListBucketVersions"),
    ("list_multipart_uploads", {}, "s3:ListBucketMultipartUploads"),
    ("get_bucket_location", {}, "s3:GetBucketLocation"),
    ("get_bucket_cors", {}, "s3:GetBucketCORS"),
    ("put_bucket_cors", {"CORSConfiguration": {"CORSRules": []}}, "s3:PutBucketCORS"),
    ("get_bucket_policy", {}, "s3:GetBucketPolicy"),
    ("put_bucket_policy", {"Policy": "{}"}, "s3:PutBucketPolicy"),
    ("delete_bucket_policy", {}, "s3:DeleteBucketPolicy"),
    ("get_bucket_policy_status", {}, "s3:GetBucketPolicyStatus"),
    ("get_bucket_encryption", {}, "s3:GetEncryptionConfiguration"),
    ("get_public_access_block", {}, "s3:GetBucketPublicAccessBlock"),
    ("delete_public_access_block", {}, "s3:PutBucketPublicAccessBlock"),
    ("get_bucket_tagging", {}, "s3:GetBucketTagging"),
    ("get_bucket_versioning", {}, "s3:GetBucketVersioning"),
    ("delete_bucket", {}, "s3:DeleteBucket"),
]


@pytest.mark.parametrize(("operation", "arguments", "action"), CALLS)
def test_each_operation_needs_its_iam_action(
    aws: LocalAws, operation: str, arguments: dict[str, Any], action: str
) -> None:
    restrict(aws, fence(action))
    answer = refusal(getattr(aws.session().client("s3"), operation), Bucket=BUCKET, **arguments)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert (aws.log[-1].action, aws.log[-1].decision) == (action, "explicitDeny")


@pytest.mark.parametrize(
    "operation", ["get_bucket_website", "get_bucket_replication", "list_bucket_metrics_configurations"]
)
def test_a_request_whose_permission_is_not_known_is_refused_loudly(aws: LocalAws, operation: str) -> None:
    answer = refusal(getattr(aws.session().client("s3"), operation), Bucket=BUCKET)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert answer["Error"]["Code"] == "NotImplemented"


def test_a_delete_of_many_objects_leaves_the_denied_ones(aws: LocalAws) -> None:
    s3 = aws.session().client("s3")
    for key in ("a", "b", "keep/c"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    restrict(aws, {**fence("s3:DeleteObject"), "Resource": f"arn:aws:s3:::{BUCKET}/keep/*"})
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": key} for key in ("a", "keep/c", "b")]})
    assert {each["Key"] for each in answer["Deleted"]} == {"a", "b"}
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [("keep/c", "AccessDenied")]
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == ["k", "keep/c"]
    only_denied = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "keep/c"}]})
    assert only_denied["Errors"][0]["Key"] == "keep/c" and "Deleted" not in only_denied


def test_the_owners_root_can_always_repair_a_policy_that_locks_everybody_out(aws: LocalAws) -> None:
    s3 = aws.session().client("s3")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=document(fence("s3:*")))
    for call in (s3.get_bucket_policy, s3.delete_bucket_policy, s3.list_objects_v2):
        assert refusal(call, Bucket=BUCKET)["Error"]["Code"] == "AccessDenied"
    root = aws.session(principal=ROOT).client("s3")
    assert "Fence" in root.get_bucket_policy(Bucket=BUCKET)["Policy"]
    assert refusal(root.get_object, Bucket=BUCKET, Key="k")["Error"]["Code"] == "AccessDenied"
    root.delete_bucket_policy(Bucket=BUCKET)
    assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"hello"
    assert refusal(s3.get_bucket_policy, Bucket=BUCKET)["Error"]["Code"] == "NoSuchBucketPolicy"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{not json", ""),
        ('{"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]}', ""),
        (document({"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}), "Principal"),
        (document(fence("s3:GetObject", Resource="arn:aws:s3:::another/*")), "invalid resource"),
        (document(fence("s3:GetObject", Resource="*")), "invalid resource"),
        (document(fence("s3:HeadObject")), "invalid action"),
        (document(fence("ec2:RunInstances")), "invalid action"),
        (document(fence("s3:ListBucket", Resource=f"arn:aws:s3:::{BUCKET}/*")), "does not apply"),
        (document(fence("s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}")), "does not apply"),
        (document(fence("s3:ListAllMyBuckets")), "does not apply"),
        (document(fence("s3:GetObject", Sid="x" * 21_000)), "20 kilobytes"),
    ],
)
def test_a_policy_that_s3_would_not_take_is_malformed(aws: LocalAws, text: str, said: str) -> None:
    s3 = aws.session().client("s3")
    answer = refusal(s3.put_bucket_policy, Bucket=BUCKET, Policy=text)
    assert answer["Error"]["Code"] == "MalformedPolicy"
    assert said in answer["Error"]["Message"]
    assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"hello"


def test_a_policy_reads_back_as_the_document_that_was_put(aws: LocalAws) -> None:
    s3 = aws.session().client("s3")
    statement = fence("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "false"}})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(json.loads(document(statement)), indent=4))
    assert json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"]) == json.loads(document(statement))
    assert s3.get_bucket_policy_status(Bucket=BUCKET)["PolicyStatus"]["IsPublic"] is False


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({}, True),
        ({"StringEquals": {"aws:SourceVpce": INSIDE}}, False),
        ({"StringLike": {"aws:SourceVpce": "vpce-*"}}, True),
        ({"ForAllValues:StringEquals": {"aws:SourceVpce": INSIDE}}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, True),
    ],
)
def test_block_public_access_refuses_a_public_policy(aws: LocalAws, condition: dict[str, Any], public: bool) -> None:
    s3 = aws.session().client("s3")
    text = document(fence("s3:GetObject", effect="Allow", **({"Condition": condition} if condition else {})))
    if public:
        assert refusal(s3.put_bucket_policy, Bucket=BUCKET, Policy=text)["Error"]["Code"] == "AccessDenied"
        s3.delete_public_access_block(Bucket=BUCKET)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=text)
    assert s3.get_bucket_policy_status(Bucket=BUCKET)["PolicyStatus"]["IsPublic"] is public


def test_another_account_needs_both_sides(aws: LocalAws) -> None:
    other = aws.session(account="444455556666").client("s3")
    answer = refusal(other.get_object, Bucket=BUCKET, Key="k")
    assert answer["Error"]["Message"] == "Access Denied"
    restrict(aws, fence("s3:GetObject", effect="Allow", Principal={"AWS": "arn:aws:iam::444455556666:root"}))
    assert other.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"hello"
    assert other.list_buckets()["Buckets"] == []
    assert refusal(other.create_bucket, Bucket=BUCKET)["Error"]["Code"] == "BucketAlreadyExists"
    expected = {"Bucket": BUCKET, "Key": "k", "ExpectedBucketOwner": "444455556666"}
    assert refusal(other.get_object, **expected)["Error"]["Code"] == "AccessDenied"


def test_a_bucket_policy_alone_lets_in_a_role_of_the_account_that_it_names(aws: LocalAws) -> None:
    aws.session().client("iam").create_role(
        RoleName="R",
        AssumeRolePolicyDocument=document(
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ),
    )
    s3 = aws.session(principal=ROLE).client("s3")
    assert refusal(s3.get_object, Bucket=BUCKET, Key="k")["Error"]["Code"] == "AccessDenied"
    restrict(aws, fence("s3:GetObject", effect="Allow", Principal={"AWS": ROLE}))
    assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"hello"


def test_a_missing_object_is_told_only_to_those_who_may_list(aws: LocalAws) -> None:
    s3 = aws.session().client("s3")
    assert refusal(s3.get_object, Bucket=BUCKET, Key="nothing")["Error"]["Code"] == "NoSuchKey"
    restrict(aws, fence("s3:ListBucket"))
    assert refusal(s3.get_object, Bucket=BUCKET, Key="nothing")["Error"]["Code"] == "AccessDenied"
    assert refusal(s3.get_object, Bucket="nowhere", Key="k")["Error"]["Code"] == "NoSuchBucket"


def test_a_listing_is_decided_by_its_prefix(aws: LocalAws) -> None:
    restrict(aws, fence("s3:ListBucket", Condition={"StringNotLike": {"s3:prefix": "shared/*"}}))
    s3 = aws.session().client("s3")
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="shared/x")["KeyCount"] == 0
    assert refusal(s3.list_objects_v2, Bucket=BUCKET, Prefix="k")["Error"]["Code"] == "AccessDenied"


def test_a_new_bucket_has_the_defaults_of_today(aws: LocalAws) -> None:
    s3 = aws.session().client("s3")
    rules = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert set(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values()) == {True}
    owned = s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"]
    assert owned == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_times_in_conditions_come_from_the_simulated_clock(aws: LocalAws) -> None:
    until = f"{aws.clock.now():%Y}-06-01T00:00:00Z"
    restrict(aws, fence("s3:GetObject", Condition={"DateGreaterThan": {"aws:CurrentTime": until}}))
    s3 = aws.session().client("s3")
    assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"hello"
    aws.clock.advance(days=365)
    assert refusal(s3.get_object, Bucket=BUCKET, Key="k")["Error"]["Code"] == "AccessDenied"


@pytest.mark.newest
def test_a_conditional_write_is_answered_as_s3_does(aws: LocalAws) -> None:
    s3 = aws.session().client("s3")
    answer = refusal(s3.put_object, Bucket=BUCKET, Key="k", Body=b"other", IfNoneMatch="*")
    assert answer["Error"]["Code"] == "PreconditionFailed"
