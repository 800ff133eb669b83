"""What befalls a labeling job: faults of its own reads and writes, and what somebody does in the middle of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.facts import task_type
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.clock import START

FOREIGN = "vpce-0a1b2c3d4e5f60718"


@pytest.fixture
def aws() -> LocalAws:
    """The small world with a job of its 20 pictures under way: ten are offered first, the rest when they are done."""
    aws = LocalAws.example(seed=7)
    session = aws.session()
    s3, world = session.client("s3"), aws.world
    s3.put_object(Bucket=world.input_bucket, Key="t.html", Body=b"<crowd-form></crowd-form>")
    labels = b'{"document-version": "2018-11-28", "labels": [{"label": "circle"}, {"label": "square"}]}'
    s3.put_object(Bucket=world.input_bucket, Key="labels.json", Body=labels)
    kind = task_type("ImageMultiClass")
    manifest = f"s3://{world.input_bucket}/images.manifest"
    session.client("sagemaker").create_labeling_job(
        LabelingJobName="shapes",
        LabelAttributeName="shape",
        InputConfig={"DataSource": {"S3DataSource": {"ManifestS3Uri": manifest}}},
        OutputConfig={"S3OutputPath": f"s3://{world.output_bucket}/jobs/"},
        RoleArn=world.role,
        LabelCategoryConfigS3Uri=f"s3://{world.input_bucket}/labels.json",
        HumanTaskConfig={
            "WorkteamArn": world.workteam,
            "UiConfig": {"UiTemplateS3Uri": f"s3://{world.input_bucket}/t.html"},
            "PreHumanTaskLambdaArn": kind.pre_lambda("us-east-1"),
            "TaskTitle": "Name it",
            "TaskDescription": "Which is it?",
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 300,
            "AnnotationConsolidationConfig": {
                "AnnotationConsolidationLambdaArn": kind.consolidation_lambda("us-east-1")
            },
        },
    )
    return aws


def described(aws: LocalAws) -> dict[str, Any]:
    return aws.session().client("sagemaker").describe_labeling_job(LabelingJobName="shapes")


def deny(aws: LocalAws) -> dict[str, Any]:
    bucket = f"arn:aws:s3:::{aws.world.output_bucket}"
    statement = {
        "Sid": "OnlyOurs",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"{bucket}/*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": FOREIGN}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_a_few_faults_are_survived_by_trying_again(aws: LocalAws) -> None:
    faults = [aws.faults.fail("s3:PutObject", times=3, on="jobs"), aws.faults.throttle("s3:Get*", times=3, on="jobs")]
    aws.clock.advance(hours=2)
    assert described(aws)["LabelingJobStatus"] == "Completed"
    assert [fault.struck for fault in faults] == [3, 3]


def test_an_object_that_cannot_be_read_counts_as_failed_and_the_rest_goes_on(aws: LocalAws) -> None:
    aws.faults.fail("s3:GetObject", key="images/0003.png", on="jobs")
    aws.clock.advance(hours=2)
    job = described(aws)
    assert job["LabelingJobStatus"] == "Completed"
    assert job["LabelCounters"]["FailedNonRetryableError"] == 1 and job["LabelCounters"]["TotalLabeled"] == 19


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda f: f.fail("s3:PutObject", on="jobs"), "InternalError (We encountered an internal error"),
        (lambda f: f.throttle("s3:PutObject", on="jobs"), "SlowDown"),
        (lambda f: f.drop("s3:PutObject", on="jobs"), "no answer: the connection is closed"),
        (lambda f: f.fail("s3:GetObject", key="images.manifest", on="jobs"), "InternalError"),
    ],
)
def test_an_input_or_output_that_cannot_be_had_fails_the_job_with_its_reason(
    aws: LocalAws, fault: Any, said: str
) -> None:
    fault(aws.faults)
    aws.clock.advance(hours=2)
    job = described(aws)
    assert job["LabelingJobStatus"] == "Failed"
    assert said in job["FailureReason"] and "Access Denied" not in job["FailureReason"]


def test_a_policy_changed_mid_job_stops_it_at_its_next_write(aws: LocalAws) -> None:
    aws.faults.put_policy(aws.world.output_bucket, deny(aws), seconds=110)
    aws.clock.advance(hours=2)
    job = described(aws)
    assert job["LabelingJobStatus"] == "Failed" and "Access Denied: s3:PutObject" in job["FailureReason"]
    decisions = [entry.decision for entry in aws.log if "worker-response" in entry.resource]
    assert decisions[0] == "allowed" and decisions[-1] == "explicitDeny"


def test_a_policy_taken_away_in_time_lets_it_complete(aws: LocalAws) -> None:
    aws.faults.put_policy(aws.world.output_bucket, deny(aws), seconds=1)
    aws.faults.put_policy(aws.world.output_bucket, None, seconds=2)
    aws.clock.advance(hours=2)
    assert described(aws)["LabelingJobStatus"] == "Completed"


def test_an_object_deleted_mid_job_fails_alone(aws: LocalAws) -> None:
    aws.faults.delete_object(f"s3://{aws.world.input_bucket}/images/0015.png", seconds=95)
    aws.clock.advance(hours=2)
    job = described(aws)
    assert job["LabelingJobStatus"] == "Completed" and job["LabelCounters"]["FailedNonRetryableError"] == 1


def test_a_role_removed_mid_job_stops_it_at_its_next_request(aws: LocalAws) -> None:
    aws.faults.remove_role(aws.world.role, seconds=110)
    aws.clock.advance(hours=2)
    job = described(aws)
    assert job["LabelingJobStatus"] == "Failed" and "Access Denied" in job["FailureReason"]


def test_a_leap_of_the_clock_mid_job_expires_it(aws: LocalAws) -> None:
    aws.staff(aws.world.workteam, ())
    aws.faults.later(lambda: aws.clock.advance(days=31), minutes=5)
    aws.clock.advance(hours=1)
    assert "expired" in described(aws)["FailureReason"]
    assert aws.clock.now() == START + timedelta(days=31, hours=1)


def test_your_own_function_is_called_at_its_time_with_the_job_as_it_then_is(aws: LocalAws) -> None:
    seen = []
    for seconds in (30, 100, 7200):
        aws.faults.later(lambda: seen.append(described(aws)["LabelingJobStatus"]), seconds=seconds)
    aws.clock.advance(hours=2)
    assert seen == ["Initializing", "InProgress", "Completed"]


def test_what_cannot_be_done_when_its_time_comes_is_told(aws: LocalAws) -> None:
    aws.faults.delete_object("s3://nowhere/1.png", minutes=5)
    with pytest.raises(LocalAwsError, match="What was planned cannot be done .*NoSuchBucket"):
        aws.clock.advance(hours=2)
