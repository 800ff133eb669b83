"""Sessions, clients, clocks, and what is said when AWS refuses or does not answer."""

from __future__ import annotations

from types import SimpleNamespace

import boto3
import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from gt_vpc_nb.aws import sessions
from gt_vpc_nb.errors import AwsError


def refusal(code: str, message: str = "no", operation: str = "GetBucketPolicy", status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal("AccessDenied"), ("AccessDenied", "GetBucketPolicy", "allow")),
        (refusal("404", "Not Found", "HeadObject"), ("404", "Not Found", "check the name")),
        (refusal("ExpiredToken"), ("ExpiredToken", "fresh credentials")),
        (refusal("ThrottlingException"), ("ThrottlingException", "try again")),
        (refusal("InternalFailure", status=500), ("InternalFailure", "wait a minute and try again")),
        (refusal("ServiceUnavailable", status=503), ("ServiceUnavailable", "wait a minute and try again")),
        (refusal("RequestTimeTooSkewed", status=403), ("RequestTimeTooSkewed", "set the clock of this machine right")),
        (refusal("InvalidSignatureException"), ("InvalidSignature", "set the clock of this machine right")),
        (refusal("ValidationException", "1 validation error."), ("1 validation error", "correct")),
        (exceptions.NoCredentialsError(), ("credentials", "aws configure", "local AWS")),
        (exceptions.NoRegionError(), ("region", ".in_region(")),
        (exceptions.ProfileNotFound(profile="maps"), ("maps", "~/.aws/config")),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), ("https://x", "VPC endpoint")),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), ("https://x", "NAT")),
    ],
)
def test_a_refusal_is_one_sentence_with_what_was_tried_what_aws_said_and_what_to_do(error, said):
    raised = sessions.raised(error, "reading the policy of s3://signs-in")
    text = str(raised)
    assert text.startswith("Reading the policy of s3://signs-in: ")
    assert all(word in text for word in said)
    assert text.endswith(".") and "\n" not in text
    assert raised.code == sessions.code_of(error)


def test_the_error_carries_the_operation():
    assert sessions.raised(refusal("AccessDenied"), "reading").operation == "GetBucketPolicy"


def test_asking_lets_other_errors_pass():
    with pytest.raises(ZeroDivisionError), sessions.asking("dividing"):
        _ = 1 / 0


def test_a_session_is_taken_as_it_is_or_from_its_boto_session():
    session = boto3.Session(region_name="us-east-1")
    assert sessions.open_session(session) is session
    assert sessions.open_session(SimpleNamespace(boto_session=session)) is session


def test_anything_else_is_refused_in_a_sentence():
    with pytest.raises(AwsError, match="session= was given int"):
        sessions.open_session(3)


def test_a_client_without_a_region_says_how_to_name_one():
    with pytest.raises(AwsError, match=r"\.in_region\("):
        sessions.client(boto3.Session(), "sagemaker")


def test_an_unknown_service_is_a_short_sentence():
    with pytest.raises(AwsError, match="Unknown service") as caught:
        sessions.client(boto3.Session(), "no-such-service", "us-east-1")
    assert len(str(caught.value)) < 200


def test_standing_without_credentials_says_how_to_get_some():
    with pytest.raises(AwsError, match="Unable to locate credentials"):
        sessions.standing(boto3.Session(region_name="us-east-1"))


def test_clients_are_patient_and_give_up():
    config = sessions.client(boto3.Session(), "s3", "us-east-1").meta.config
    assert config.retries["mode"] == "adaptive"
    assert (config.connect_timeout, config.read_timeout) == (5, 30)


def test_real_sessions_follow_the_real_clock():
    session = boto3.Session(region_name="us-east-1")
    clock = sessions.clock_of(session)
    assert clock.now().utcoffset().total_seconds() == 0
    clock.sleep(0)
    assert sessions.place_of(session) == "AWS"


def test_a_local_session_says_so_and_follows_its_own_clock():
    from gt_vpc_nb.local import LocalAws

    aws = LocalAws()
    session = aws.session()
    assert str(sessions.standing(session)) == f"local AWS · {aws.region} · {aws.account}"
    before = aws.clock.now()
    sessions.clock_of(session).sleep(3600)
    assert (aws.clock.now() - before).total_seconds() == 3600


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-north-1"])
def test_every_client_asks_the_endpoint_of_its_own_region(region: str) -> None:
    session = boto3.Session("a", "b", region_name=region)
    for service in ("sts", "s3", "sagemaker", "ec2"):
        assert f".{region}." in sessions.client(session, service).meta.endpoint_url


def test_sts_is_asked_in_the_region_also_where_botocore_would_ask_the_one_for_all(monkeypatch) -> None:
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    made = sessions.client(boto3.Session("a", "b", region_name="us-west-2"), "sts")
    signed = made.generate_presigned_url("get_caller_identity")
    assert signed.startswith("https://sts.us-west-2.amazonaws.com") and "us-east-1" not in signed


def test_an_endpoint_that_is_configured_is_asked(monkeypatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    session = boto3.Session("a", "b", region_name="us-east-1")
    assert {sessions.client(session, each).meta.endpoint_url for each in ("sts", "s3")} == {"http://127.0.0.1:9"}


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("", "AWS"),
        ("http://localhost:4566", "localhost:4566"),
        ("http://127.0.0.1:40123/", "127.0.0.1:40123"),
        ("https://vpce-0a1b.sts.us-east-1.vpce.amazonaws.com", "AWS"),
    ],
)
def test_an_address_that_leads_away_from_aws_is_told_in_its_place(address, place, monkeypatch):
    session = boto3.Session(region_name="us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("GT_VPC_NB_LOCAL_AWS", "http://127.0.0.1:5/")
    monkeypatch.delenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", raising=False)
    assert sessions.place_of(session) == place
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE")
    assert sessions.place_of(session) == "AWS"
