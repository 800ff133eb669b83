"""Faults on demand, seen by a plain boto3 client of the local AWS that asks once."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local import LocalAws

ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def aws() -> LocalAws:
    aws = LocalAws(seed=7)
    aws.session().client("s3").create_bucket(Bucket="signs-in")
    return aws


def client(aws: LocalAws, service: str = "s3", **config: Any) -> Any:
    return aws.session().client(service, config=ONCE.merge(Config(**config)))


def code(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as failed:
        call(**params)
    return failed.value.response["Error"]["Code"]


CALLS = {
    "s3": ("get_bucket_location", {"Bucket": "signs-in"}, "s3:GetBucketLocation"),
    "sagemaker": ("list_labeling_jobs", {}, "sagemaker:ListLabelingJobs"),
    "iam": ("list_roles", {}, "iam:ListRoles"),
    "sts": ("get_caller_identity", {}, "sts:GetCallerIdentity"),
    "ec2": ("describe_vpcs", {}, "ec2:DescribeVpcs"),
}


@pytest.mark.parametrize(
    ("service", "throttled", "broken", "unavailable", "skewed"),
    [
        ("s3", "SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeTooSkewed"),
        ("sagemaker", "ThrottlingException", "InternalFailure", "ServiceUnavailable", "InvalidSignatureException"),
        ("iam", "Throttling", "InternalFailure", "ServiceUnavailable", "SignatureDoesNotMatch"),
        ("sts", "Throttling", "InternalFailure", "ServiceUnavailable", "SignatureDoesNotMatch"),
        ("ec2", "RequestLimitExceeded", "InternalError", "Unavailable", "RequestExpired"),
    ],
)
def test_each_service_is_busy_and_broken_in_its_own_words(
    aws: LocalAws, service: str, throttled: str, broken: str, unavailable: str, skewed: str
) -> None:
    name, params, action = CALLS[service]
    call = getattr(client(aws, service), name)
    aws.faults.throttle(action, times=1)
    aws.faults.fail(action, times=1)
    aws.faults.fail(action, 503, times=1)
    aws.faults.skew(action, times=1)
    assert [code(call, **params) for _ in range(4)] == [throttled, broken, unavailable, skewed]
    assert call(**params)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_status_of_your_own_comes_with_its_code(aws: LocalAws) -> None:
    aws.faults.fail("s3:ListAllMyBuckets", 418, code="Teapot", times=1)
    assert code(client(aws).list_buckets) == "Teapot"


def test_a_fault_counts_how_often_it_struck_and_ends_after_its_times(aws: LocalAws) -> None:
    s3, fault = client(aws), aws.faults.throttle("s3:PutObject", times=2)
    for _ in range(2):
        assert code(s3.put_object, Bucket="signs-in", Key="k", Body=b"") == "SlowDown"
    s3.put_object(Bucket="signs-in", Key="k", Body=b"")
    assert fault.struck == 2 and fault.spent and aws.faults.active == ()


@pytest.mark.parametrize(
    ("action", "narrowed", "strikes"),
    [
        ("s3:PutObject", {"key": "1.png"}, True),
        ("s3:Put*", {"bucket": "signs-*", "key": "*.png"}, True),
        ("S3:putobject", {}, True),
        ("*", {}, True),
        ("*:*", {}, True),
        ("s3:PutObject", {"key": "2.png"}, False),
        ("s3:PutObject", {"bucket": "labels-out"}, False),
        ("s3:GetObject", {}, False),
        ("sagemaker:*", {}, False),
        ("s3:PutObject", {"on": "jobs"}, False),
    ],
)
def test_a_fault_strikes_what_it_aims_at(aws: LocalAws, action: str, narrowed: dict, strikes: bool) -> None:
    aws.faults.fail(action.replace("S3", "s3"), **narrowed)
    try:
        client(aws).put_object(Bucket="signs-in", Key="1.png", Body=b"")
        assert not strikes
    except ClientError as failed:
        assert strikes and failed.response["Error"]["Code"] == "InternalError"


def test_a_share_is_drawn_by_the_seed() -> None:
    def struck(seed: int) -> str:
        aws = LocalAws(seed)
        s3, fault = client(aws), aws.faults.fail("s3:ListAllMyBuckets", share=0.3)
        met = ""
        for _ in range(60):
            before = fault.struck
            with suppress(ClientError):
                s3.list_buckets()
            met += str(fault.struck - before)
        return met

    assert struck(7) == struck(7) != struck(8)
    assert 5 < struck(7).count("1") < 32


@pytest.mark.parametrize(
    ("how", "raised"), [("closed", ConnectionClosedError), ("unreachable", EndpointConnectionError)]
)
def test_a_dropped_connection_is_botocores_own_exception(aws: LocalAws, how: str, raised: type[Exception]) -> None:
    aws.faults.drop("s3:PutObject", how, times=1)
    with pytest.raises(raised):
        client(aws).put_object(Bucket="signs-in", Key="k", Body=b"")
    assert code(client(aws).get_object, Bucket="signs-in", Key="k") == "NoSuchKey"


@pytest.mark.parametrize("fault", ["drop", "fail"])
def test_what_is_done_although_its_answer_is_lost_is_there(aws: LocalAws, fault: str) -> None:
    getattr(aws.faults, fault)("s3:PutObject", times=1, done=True)
    with pytest.raises((ConnectionClosedError, ClientError)):
        client(aws).put_object(Bucket="signs-in", Key="k", Body=b"there")
    assert client(aws).get_object(Bucket="signs-in", Key="k")["Body"].read() == b"there"


def test_a_refusal_is_lost_like_any_other_answer(aws: LocalAws) -> None:
    aws.faults.drop("sagemaker:DescribeLabelingJob", times=1, done=True)
    with pytest.raises(ConnectionClosedError):
        client(aws, "sagemaker").describe_labeling_job(LabelingJobName="none")
    assert code(client(aws, "sagemaker").describe_labeling_job, LabelingJobName="none") == "ResourceNotFound"


def test_a_slow_answer_lets_simulated_time_pass(aws: LocalAws) -> None:
    before, fault = aws.clock.now(), aws.faults.slow("s3:ListAllMyBuckets", seconds=20, times=1)
    assert client(aws).list_buckets()["Buckets"]
    assert aws.clock.now() - before == timedelta(seconds=20) and fault.struck == 1


@pytest.mark.parametrize(("patience", "seconds"), [(60, 61), (5, 5.5)])
def test_a_client_with_less_patience_gives_up_when_its_read_timeout_is_over(
    aws: LocalAws, patience: float, seconds: float
) -> None:
    before = aws.clock.now()
    aws.faults.slow("s3:PutObject", seconds=seconds, times=1)
    s3 = client(aws, read_timeout=patience)
    with pytest.raises(ReadTimeoutError):
        s3.put_object(Bucket="signs-in", Key="k", Body=b"there")
    assert aws.clock.now() - before == timedelta(seconds=patience)
    assert s3.get_object(Bucket="signs-in", Key="k")["Body"].read() == b"there"


def test_a_fault_is_called_off_at_the_end_of_its_block_and_all_by_clear(aws: LocalAws) -> None:
    s3 = client(aws)
    with aws.faults.fail("s3:*") as fault:
        assert code(s3.list_buckets) == "InternalError"
    assert s3.list_buckets()["Buckets"] and fault.struck == 1
    aws.faults.drop("s3:*")
    aws.faults.remove_role("arn:aws:iam::111122223333:role/Labeler", minutes=5)
    aws.faults.clear()
    aws.clock.advance(hours=1)
    assert s3.list_buckets()["Buckets"] and repr(aws.faults) == "Faults: none"


def test_what_is_active_and_planned_can_be_read(aws: LocalAws) -> None:
    aws.faults.throttle("s3:Get*", bucket="signs-in", times=3)
    aws.faults.fail("s3:PutObject", share=0.2, on="jobs")
    aws.faults.delete_object("s3://signs-in/1.png", minutes=5)
    aws.faults.later(print, hours=1)
    assert repr(aws.faults).splitlines() == [
        "Faults:",
        "  throttle s3:Get* on signs-in/*, 3 times; struck 0",
        "  fail s3:PutObject of labeling jobs, always for 20% of the requests; struck 0",
        "  delete object s3://signs-in/1.png at 2026-01-05 09:05:00 UTC",
        "  call your function at 2026-01-05 10:00:00 UTC",
    ]


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda f: f.throttle("s3:GetObjekt"), "did you mean 'GetObject'"),
        (lambda f: f.throttle("sagemakr:*"), "did you mean 'sagemaker'"),
        (lambda f: f.throttle("GetObject"), "service:Operation"),
        (lambda f: f.throttle("iam:GetRole", bucket="b"), "leave out bucket= and key="),
        (lambda f: f.throttle("s3:*", bucket=""), "bucket='' is no name"),
        (lambda f: f.throttle("s3:*", times=0), "give 1 or more"),
        (lambda f: f.throttle("s3:*", share=1.5), "above 0 and up to 1"),
        (lambda f: f.throttle("s3:*", on="workers"), "'callers' or 'jobs'"),
        (lambda f: f.fail("s3:*", 200), "from 400 to 599"),
        (lambda f: f.fail("s3:*", 418), "give code= as well"),
        (lambda f: f.slow("s3:*", 0), "seconds above 0"),
        (lambda f: f.slow("s3:*", 5, on="jobs"), "leave out on='jobs'"),
        (lambda f: f.drop("s3:*", "gone"), "give 'closed', or 'unreachable'"),
        (lambda f: f.later(3, minutes=5), "give a function"),
        (lambda f: f.later(print, fortnights=1), "days=, hours="),
        (lambda f: f.later(print, minutes=-5), "zero or more"),
        (lambda f: f.delete_object("signs-in/1.png", minutes=5), "s3://bucket/key"),
        (lambda f: f.remove_role("Labeler", minutes=5), "give its ARN"),
        (lambda f: f.put_policy("", {}, minutes=5), "give a bucket's name"),
    ],
)
def test_a_fault_that_cannot_be_meant_is_refused_in_one_sentence(aws: LocalAws, ask: Any, told: str) -> None:
    with pytest.raises(LocalAwsError, match=told) as refused:
        ask(aws.faults)
    assert "\n" not in str(refused.value) and repr(aws.faults) == "Faults: none"
