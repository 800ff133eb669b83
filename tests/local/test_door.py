from __future__ import annotations

import io

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local import LocalAws
from tests.local.callers import lay_out_a_job


@pytest.fixture
def aws() -> LocalAws:
    return LocalAws(seed=7)


def test_an_object_comes_back_as_it_was_written(aws: LocalAws) -> None:
    s3 = aws.session().client("s3")
    s3.create_bucket(Bucket="signs-in")
    s3.put_object(Bucket="signs-in", Key="a b/ü+c%20", Body=b"hello")
    assert s3.get_object(Bucket="signs-in", Key="a b/ü+c%20")["Body"].read() == b"hello"


def test_a_session_says_that_it_is_local_and_carries_the_clock(aws: LocalAws) -> None:
    place = aws.session().gt_vpc_nb_place
    assert place.name == "local AWS" and place.clock is aws.clock


def test_the_surroundings_of_the_process_have_no_effect(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {
        "AWS_PROFILE": "missing",
        "AWS_CONFIG_FILE": "/nowhere/config",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_DEFAULT_REGION": "xx-none-1",
        "AWS_ACCESS_KEY_ID": "AKIAOTHEROTHEROTHER1",
        "AWS_USE_FIPS_ENDPOINT": "true",
    }
    for name, value in elsewhere.items():
        monkeypatch.setenv(name, value)
    aws = LocalAws()
    session = aws.session()
    assert session.client("s3").list_buckets()["Buckets"] == []
    assert session.client("ec2").describe_vpcs()["Vpcs"]
    assert session.client("sts").get_caller_identity()["Account"] == "111122223333"


def test_a_client_pointed_elsewhere_is_refused(aws: LocalAws) -> None:
    s3 = aws.session().client("s3", endpoint_url="http://localhost:4566")
    with pytest.raises(LocalAwsError, match="localhost"):
        s3.list_buckets()


@pytest.mark.sockets
def test_a_session_that_is_not_local_goes_to_the_network_as_ever(aws: LocalAws) -> None:
    aws.session().client("s3").list_buckets()
    real = boto3.Session("AKIAOTHEROTHEROTHER1", "secret", region_name="us-east-1")
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    with pytest.raises(EndpointConnectionError):
        real.client("s3", endpoint_url="http://127.0.0.1:9", config=once).list_buckets()


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_trunk_interface_associations", "UnsupportedOperation"),
        ("macie2", "list_findings", "UnsupportedOperation"),
        ("sts", "get_session_token", "UnsupportedOperation"),
        ("sagemaker", "list_hubs", "UnsupportedOperation"),
        ("iam", "list_service_specific_credentials", "UnsupportedOperation"),
        ("cloudwatch", "list_metric_streams", "UnsupportedOperation"),
    ],
)
def test_what_nobody_here_can_answer_is_an_error_in_the_services_own_protocol(
    aws: LocalAws, service: str, operation: str, code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(aws.session().client(service), operation)()
    assert refused.value.response["Error"]["Code"] == code
    assert "local AWS does not answer" in refused.value.response["Error"]["Message"]


def test_large_files_go_up_and_down_through_threads_from_the_same_place(aws: LocalAws) -> None:
    s3 = aws.session(vpc_endpoint="vpce-0a1b2c3d4e5f60718").client("s3")
    s3.create_bucket(Bucket="signs-in")
    s3.upload_fileobj(io.BytesIO(b"x" * 17_000_000), "signs-in", "large")
    back = io.BytesIO()
    s3.download_fileobj("signs-in", "large", back)
    assert len(back.getvalue()) == 17_000_000
    assert {entry.origin.vpc_endpoint for entry in aws.log} == {"vpce-0a1b2c3d4e5f60718"}


def test_an_unknown_access_key_and_no_key_at_all_are_told_apart(aws: LocalAws) -> None:
    session = aws.session()
    stranger = session.client("s3", aws_access_key_id="AKIASTRANGERSTRANGER", aws_secret_access_key="no")
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        stranger.list_buckets()
    session.client("s3").create_bucket(Bucket="signs-in")
    nobody = session.client("s3", config=Config(signature_version=UNSIGNED))
    with pytest.raises(ClientError, match="AccessDenied"):
        nobody.get_object(Bucket="signs-in", Key="k")
    assert aws.log[-1].principal == "anonymous"


def test_a_newer_local_aws_replaces_the_older_one() -> None:
    older = LocalAws()
    s3 = older.session().client("s3")
    s3.create_bucket(Bucket="signs-in")
    newer = LocalAws()
    with pytest.raises(LocalAwsError, match="newer"):
        s3.list_buckets()
    assert newer.session().client("s3").list_buckets()["Buckets"] == []


def test_ids_depend_on_the_seed_alone() -> None:
    def vpc(seed: int) -> str:
        return LocalAws(seed).session().client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    assert vpc(7) == vpc(7) != vpc(8)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"vpc_endpoint": "vpc-0a1b2c3d4e5f60718"}, "VPC endpoint"),
        ({"principal": "somebody"}, "ARN"),
        ({"principal": "arn:aws:iam::444455556666:root", "account": "111122223333"}, "one of the two"),
    ],
)
def test_a_standpoint_that_cannot_be_is_one_sentence(aws: LocalAws, arguments: dict[str, str], word: str) -> None:
    with pytest.raises(LocalAwsError, match=word):
        aws.session(**arguments)


def test_an_account_has_twelve_digits() -> None:
    with pytest.raises(LocalAwsError, match="12 digits"):
        LocalAws(account="123")
    aws = LocalAws(account="444455556666")
    assert aws.session().client("sts").get_caller_identity()["Account"] == "444455556666"


def test_a_presigned_url_is_worth_what_its_signer_may(aws: LocalAws) -> None:
    from botocore.awsrequest import AWSRequest

    s3 = aws.session().client("s3")
    s3.create_bucket(Bucket="signs-in")
    s3.put_object(Bucket="signs-in", Key="k", Body=b"hello")
    for version in ("s3v4", "s3"):
        signer = aws.session().client("s3", config=Config(signature_version=version))
        url = signer.generate_presigned_url("get_object", Params={"Bucket": "signs-in", "Key": "k"})
        status, _, body = aws.handle(AWSRequest("GET", url).prepare())
        assert (status, body) == (200, b"hello")
    status, _, _ = aws.handle(AWSRequest("GET", url.partition("?")[0]).prepare())
    assert status == 403


def test_tags_are_told_to_their_own_account_and_region_alone() -> None:
    aws = LocalAws.example()
    team = aws.world.workteam
    mine = aws.session().client("sagemaker")
    mine.add_tags(ResourceArn=team, Tags=[{"Key": "team", "Value": "maps"}])
    assert mine.list_tags(ResourceArn=team)["Tags"] == [{"Key": "team", "Value": "maps"}]
    for place, code in (({"account": "999988887777"}, "AccessDenied"), ({"region": "eu-west-1"}, "ResourceNotFound")):
        other = aws.session(**place).client("sagemaker")
        with pytest.raises(ClientError, match=code):
            other.list_tags(ResourceArn=team)
        with pytest.raises(ClientError, match=code):
            other.delete_tags(ResourceArn=team, TagKeys=["team"])
    assert mine.list_tags(ResourceArn=team)["Tags"]


def test_a_bucket_is_in_the_region_that_its_maker_names(aws: LocalAws) -> None:
    s3 = aws.session(region="us-east-1").client("s3")
    s3.create_bucket(Bucket="maps-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.create_bucket(Bucket="maps-here")
    regions = {name: bucket.region for name, bucket in aws.gate.buckets.items()}
    assert regions == {"maps-eu": "eu-west-1", "maps-here": "us-east-1"}
    assert s3.get_bucket_location(Bucket="maps-eu")["LocationConstraint"] == "eu-west-1"


@pytest.mark.parametrize("name", ["My_Bucket", "ab", "-maps", "maps-", "a..b", "maps.-in", "10.0.0.1", "m" * 64])
def test_a_name_that_s3_takes_for_no_bucket_makes_none(aws: LocalAws, name: str) -> None:
    with pytest.raises(ClientError, match="InvalidBucketName"):
        aws.session(region="us-east-1").client("s3").create_bucket(Bucket=name)
    assert not aws.gate.buckets


def test_a_labeling_job_fails_whose_bucket_is_in_another_region(aws: LocalAws) -> None:
    aws = LocalAws.example()
    request = lay_out_a_job(aws)
    s3, sagemaker = aws.session().client("s3"), aws.session().client("sagemaker")
    s3.create_bucket(Bucket="labels-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    sagemaker.create_labeling_job(**request | {"OutputConfig": {"S3OutputPath": "s3://labels-eu/"}})
    aws.clock.advance(hours=1)
    told = sagemaker.describe_labeling_job(LabelingJobName=request["LabelingJobName"])
    assert told["LabelingJobStatus"] == "Failed"
    assert "S3OutputPath is in bucket labels-eu in Region eu-west-1" in told["FailureReason"]
