"""The places of the local AWS on this machine, and the environment that leads a program there."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError

from gt_vpc_nb import labeling_jobs
from gt_vpc_nb.aws.sessions import standing
from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.serving import Places
from tests.local.callers import ONLY_FROM_VPC, POISON, VPCE, client, fetch, lay_out_a_job

pytestmark = pytest.mark.sockets


@pytest.fixture
def aws() -> LocalAws:
    aws = LocalAws(seed=7)
    aws.session().client("s3").create_bucket(Bucket="signs-in")
    return aws


@pytest.fixture
def places(aws: LocalAws) -> Iterator[Places]:
    with aws.serve() as places:
        yield places


# -- places ---------------------------------------------------------------------------------------------------------


def test_the_port_decides_where_a_request_comes_from(aws: LocalAws, places: Places) -> None:
    aws.session().client("s3").put_bucket_policy(Bucket="signs-in", Policy=ONLY_FROM_VPC)
    inside, outside = client(places.env(vpc_endpoint=VPCE), "s3"), client(places.env("internet"), "s3")
    inside.put_object(Bucket="signs-in", Key="a", Body=b"hello")
    assert inside.get_object(Bucket="signs-in", Key="a")["Body"].read() == b"hello"
    with pytest.raises(ClientError, match="with an explicit deny in a resource-based policy"):
        outside.get_object(Bucket="signs-in", Key="a")
    assert [entry.origin.vpc_endpoint for entry in aws.log[-3:]] == [VPCE, VPCE, None]


def test_a_place_has_one_port_that_is_opened_when_first_asked_for(places: Places) -> None:
    assert repr(places) == "Places(none asked for yet)"
    assert places.url() == places.url("internet") == places.env()["AWS_ENDPOINT_URL"]
    assert places.url(VPCE) == places.url(vpc_endpoint=VPCE) != places.url()
    assert urlsplit(places.url()).hostname == "127.0.0.1"
    assert repr(places) == f"Places(the internet at {places.url()}, {VPCE} at {places.url(VPCE)})"


def test_an_endpoint_of_the_world_brings_its_vpc(places: Places, aws: LocalAws) -> None:
    ec2 = client(places.env(), "ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3")["VpcEndpoint"]
    client(places.env(made["VpcEndpointId"]), "s3").list_buckets()
    assert aws.log[-1].origin.vpc == vpc


def test_a_principal_and_a_region_are_those_that_were_asked_for(places: Places) -> None:
    ada = "arn:aws:iam::111122223333:user/ada"
    env = places.env(principal=ada, region="eu-west-1")
    assert env["AWS_REGION"] == env["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert client(env, "sts").get_caller_identity()["Arn"] == ada
    assert client(places.env(account="444455556666"), "sts").get_caller_identity()["Account"] == "444455556666"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("the moon",), "no place"),
        (("vpce-x",), "VPC endpoint"),
        ((VPCE, VPCE), "two places"),
    ],
)
def test_what_is_no_place_is_one_sentence(places: Places, arguments: tuple[str, ...], word: str) -> None:
    with pytest.raises(LocalAwsError, match=word):
        places.env(arguments[0], vpc_endpoint=arguments[1] if len(arguments) > 1 else None)


# -- the environment ------------------------------------------------------------------------------------------------

PROGRAM = """
import boto3
s3 = boto3.client("s3")
s3.put_object(Bucket="signs-in", Key="a", Body=b"hello")
print(s3.get_object(Bucket="signs-in", Key="a")["Body"].read(), s3.meta.region_name)
print(boto3.client("sts").get_caller_identity()["Arn"])
print(boto3.client("sagemaker").list_labeling_jobs()["LabelingJobSummaryList"])
print(boto3.client("sqs").list_queues().get("QueueUrls", []))
"""


@pytest.mark.parametrize("around", [{}, POISON], ids=["clean", "poisoned"])
def test_the_environment_steers_a_program_whatever_is_set_around_it(
    places: Places, monkeypatch: pytest.MonkeyPatch, around: dict[str, str]
) -> None:
    for name, value in around.items():
        monkeypatch.setenv(name, value)
    env = {**os.environ, **places.env()}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    administrator = "arn:aws:sts::111122223333:assumed-role/Administrator/session"
    assert done.stdout.splitlines() == ["b'hello' us-east-1", administrator, "[]", "[]"]


def test_the_environment_is_text_alone(places: Places) -> None:
    assert all(isinstance(part, str) for pair in places.env().items() for part in pair)
    assert Path(places.env()["AWS_CONFIG_FILE"]).read_text(encoding="utf-8").endswith("[default]\n")


def test_an_access_key_cannot_be_guessed_from_another_run(aws: LocalAws, places: Places) -> None:
    key = places.env()["AWS_ACCESS_KEY_ID"]
    with LocalAws(seed=7).serve() as others:
        assert others.env()["AWS_ACCESS_KEY_ID"] != key


# -- the protocols --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "operation", "key"),
    [
        ("s3", "list_buckets", "Buckets"),
        ("sagemaker", "list_labeling_jobs", "LabelingJobSummaryList"),
        ("sagemaker", "list_workteams", "Workteams"),
        ("sts", "get_caller_identity", "Account"),
        ("iam", "list_roles", "Roles"),
        ("ec2", "describe_vpcs", "Vpcs"),
        ("sns", "list_topics", "Topics"),
        ("kms", "list_keys", "Keys"),
        ("lambda", "list_functions", "Functions"),
        ("sqs", "list_queues", "ResponseMetadata"),
    ],
)
def test_each_protocol_of_aws_is_spoken(places: Places, service: str, operation: str, key: str) -> None:
    assert key in getattr(client(places.env(), service), operation)()


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "code"),
    [
        ("s3", "get_object", {"Bucket": "signs-in", "Key": "none"}, "NoSuchKey"),
        ("s3", "head_object", {"Bucket": "signs-in", "Key": "none"}, "404"),
        ("sagemaker", "describe_labeling_job", {"LabelingJobName": "none"}, "ResourceNotFound"),
        ("sagemaker", "list_hubs", {}, "UnsupportedOperation"),
        ("ec2", "describe_trunk_interface_associations", {}, "UnsupportedOperation"),
        ("ec2", "describe_vpcs", {"VpcIds": ["vpc-0123456789abcdef0"]}, "InvalidVpcID.NotFound"),
        ("iam", "get_role", {"RoleName": "none"}, "NoSuchEntity"),
        ("cloudwatch", "list_metric_streams", {}, "UnsupportedOperation"),
        ("macie2", "list_findings", {}, "UnsupportedOperation"),
        ("lambda", "get_function", {"FunctionName": "none"}, "ResourceNotFoundException"),
    ],
)
def test_an_error_comes_in_the_services_own_protocol(
    places: Places, service: str, operation: str, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(places.env(), service), operation)(**arguments)
    assert refused.value.response["Error"]["Code"] == code


def test_a_large_file_goes_up_and_down_in_parts_and_a_range_is_a_range(places: Places) -> None:
    s3 = client(places.env(), "s3")
    data = bytes(range(256)) * 80_000
    s3.upload_fileobj(io.BytesIO(data), "signs-in", "large")
    back = io.BytesIO()
    s3.download_fileobj("signs-in", "large", back)
    assert back.getvalue() == data
    assert s3.head_object(Bucket="signs-in", Key="large")["ContentLength"] == len(data)
    assert s3.get_object(Bucket="signs-in", Key="large", Range="bytes=300-309")["Body"].read() == data[300:310]


@pytest.mark.parametrize("key", ["a b/ü+c%20", "//x", "a//b", "..", "q?x=1&y", "~!*'()", "日本"])
def test_a_key_of_any_letters_is_the_same_through_a_port_and_in_process(
    aws: LocalAws, places: Places, key: str
) -> None:
    client(places.env(), "s3").put_object(Bucket="signs-in", Key=key, Body=b"")
    assert aws.session().client("s3").get_object(Bucket="signs-in", Key=key)["Body"].read() == b""


def test_sixteen_threads_at_once_lose_nothing(places: Places) -> None:
    s3 = client(places.env(), "s3", max_pool_connections=16)

    def put_and_get(number: int) -> bytes:
        s3.put_object(Bucket="signs-in", Key=f"{number:03}", Body=str(number).encode())
        return s3.get_object(Bucket="signs-in", Key=f"{number:03}")["Body"].read()

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(put_and_get, range(160))) == [str(number).encode() for number in range(160)]
    assert s3.list_objects_v2(Bucket="signs-in")["KeyCount"] == 160


@pytest.mark.parametrize("signature_version", ["s3", "s3v4"])
def test_a_presigned_url_works_at_the_place_that_the_policy_lets_in(
    aws: LocalAws, places: Places, signature_version: str
) -> None:
    aws.session(VPCE).client("s3").put_object(Bucket="signs-in", Key="a b", Body=b"hello")
    aws.session().client("s3").put_bucket_policy(Bucket="signs-in", Policy=ONLY_FROM_VPC)
    s3 = client(places.env(VPCE), "s3", signature_version=signature_version)
    url = s3.generate_presigned_url("get_object", {"Bucket": "signs-in", "Key": "a b"})
    assert fetch(url) == (200, b"hello")
    status, body = fetch(url.replace(places.url(VPCE), places.url()))
    assert status == 403 and b"<Code>AccessDenied</Code>" in body


def test_a_labeling_job_goes_on_in_scaled_time_with_each_request() -> None:
    aws = LocalAws.example(clock=36_000)
    with aws.serve() as places:
        s3, sagemaker = client(places.env(), "s3"), client(places.env(), "sagemaker")
        sagemaker.create_labeling_job(**lay_out_a_job(aws))
        deadline = time.monotonic() + 60
        while (found := sagemaker.describe_labeling_job(LabelingJobName="shapes"))["LabelingJobStatus"] != "Completed":
            assert time.monotonic() < deadline, found
            time.sleep(0.02)
        manifest = "shapes/manifests/output/output.manifest"
        lines = s3.get_object(Bucket=aws.world.output_bucket, Key=manifest)["Body"].read()
    assert lines.count(b"\n") == 20


# -- the end --------------------------------------------------------------------------------------------------------


def test_closed_places_have_no_ports_and_give_no_addresses(aws: LocalAws) -> None:
    places = aws.serve()
    s3, url = client(places.env(), "s3"), places.url()
    s3.list_buckets()
    places.close()
    places.close()
    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        s3.list_buckets()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(urlsplit(url).netloc.split(":"), timeout=10)
    with pytest.raises(LocalAwsError, match=r"serve\(\)"):
        places.env()
    assert repr(places) == "Places(closed)"


def test_the_places_of_a_replaced_local_aws_say_so(places: Places) -> None:
    s3 = client(places.env(), "s3")
    newer = LocalAws()
    with pytest.raises(ClientError, match="LocalAwsReplaced.*replaced by a newer one"):
        s3.list_buckets()
    with pytest.raises(LocalAwsError, match="replaced"):
        places.env()
    with newer.serve() as others:
        assert client(others.env(), "s3").list_buckets()["Buckets"] == []


def test_the_port_goes_with_the_process() -> None:
    program = "from gt_vpc_nb.local import LocalAws; print(LocalAws().serve().url())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and done.stderr == ""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(urlsplit(done.stdout.strip()).netloc.split(":"), timeout=10)


def test_a_fault_closes_the_connection_or_answers_and_the_port_lives_on(aws: LocalAws, places: Places) -> None:
    s3 = client(places.env(), "s3")
    aws.faults.drop("s3:ListAllMyBuckets", times=1)
    with pytest.raises(ConnectionClosedError):
        s3.list_buckets()
    aws.faults.throttle("s3:ListAllMyBuckets", times=1)
    with pytest.raises(ClientError, match="SlowDown"):
        s3.list_buckets()
    assert s3.list_buckets()["Buckets"]


def test_a_program_with_this_package_says_that_the_local_aws_answers(places, monkeypatch):
    for name, value in places.env("internet").items():
        monkeypatch.setenv(name, value)
    assert repr(labeling_jobs(session=boto3.Session())).startswith("Labeling jobs — none · local AWS · us-east-1")
    assert str(standing(boto3.Session())) == "local AWS · us-east-1 · 111122223333"
