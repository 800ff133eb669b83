"""Labeling jobs that exist, watched, waited for, stopped and diagnosed on the local AWS."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from gt_vpc_nb.errors import AwsError, JobFailed, RequestError, WaitTimeout
from gt_vpc_nb.facts import region, task_type
from gt_vpc_nb.jobs import labeling_job, labeling_jobs
from gt_vpc_nb.local import LocalAws

DENY_ALL_BUT = """{"Version": "2012-10-17", "Statement": [{"Sid": "OnlyMyEndpoint", "Effect": "Deny", "Principal": "*",
 "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::%s/*",
 "Condition": {"StringNotEquals": {"aws:sourceVpce": "%s"}}}]}"""


@pytest.fixture
def aws() -> LocalAws:
    return LocalAws.example()


def submitted(aws: LocalAws, name: str = "shapes-1", **more: Any) -> Any:
    """A job on the example's pictures, created as boto3 users do, and its session."""
    world, session = aws.world, aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    s3, task = session.client("s3"), task_type("ImageMultiClass")
    labels = {"document-version": "2018-11-28", "labels": [{"label": "circle"}, {"label": "square"}]}
    s3.put_object(Bucket=world.input_bucket, Key="labels.json", Body=json.dumps(labels).encode())
    s3.put_object(Bucket=world.input_bucket, Key="ui.html", Body=b"<crowd-form></crowd-form>")
    source = f"s3://{world.input_bucket}"
    session.client("sagemaker").create_labeling_job(
        LabelingJobName=name,
        LabelAttributeName="shape",
        InputConfig={"DataSource": {"S3DataSource": {"ManifestS3Uri": f"{source}/images.manifest"}}},
        OutputConfig={"S3OutputPath": f"s3://{world.output_bucket}/jobs/"},
        RoleArn=world.role,
        LabelCategoryConfigS3Uri=f"{source}/labels.json",
        HumanTaskConfig={
            "WorkteamArn": world.workteam,
            "UiConfig": {"UiTemplateS3Uri": f"{source}/ui.html"},
            "PreHumanTaskLambdaArn": task.pre_lambda(world.region),
            "TaskTitle": "Which shape?",
            "TaskDescription": "Choose the shape you see",
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 300,
            "AnnotationConsolidationConfig": {
                "AnnotationConsolidationLambdaArn": task.consolidation_lambda(world.region)
            },
        },
        **more,
    )
    return labeling_job(name, session)


def close(aws: LocalAws, bucket: str) -> None:
    policy = DENY_ALL_BUT % (bucket, aws.world.vpc_endpoint)
    aws.session().client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)


def test_waiting_advances_the_local_clock_until_the_job_is_completed(aws: LocalAws) -> None:
    job = submitted(aws)
    before = aws.clock.now()
    status = job.wait()
    assert (status.status, status.labeled, status.human, status.percent) == ("Completed", 20, 20, 100.0)
    assert aws.clock.now() > before
    assert f"local AWS · {aws.region} · {aws.account}" in repr(status)


def test_the_labels_of_a_completed_job_are_a_table(aws: LocalAws) -> None:
    job = submitted(aws)
    job.wait()
    objects = job.labels().objects
    right = objects["class_name"] == objects["object"].map(aws.truth)
    assert (len(objects), objects["human"].all(), right.mean() > 0.8) == (20, True, True)


def test_watching_prints_a_line_each_change_and_nothing_twice(aws: LocalAws) -> None:
    out = io.StringIO()
    status = submitted(aws).watch(out=out)
    lines = [line[9:] for line in out.getvalue().splitlines()]
    assert status.status == "Completed"
    assert lines[0].startswith("shapes-1: Initializing") and lines[-1].startswith("shapes-1: Completed, 20 of 20")
    assert len(set(lines)) == len(lines) >= 3


def test_a_job_that_is_not_done_in_time_goes_on(aws: LocalAws) -> None:
    job = submitted(aws)
    with pytest.raises(WaitTimeout, match="is Initializing after 10 s; it goes on"):
        job.wait(timeout=10)
    assert not job.status().ended


@pytest.mark.parametrize("wrong", [{"poll": 0}, {"poll": float("nan")}, {"timeout": -1}])
def test_times_that_make_no_sense_are_refused(aws: LocalAws, wrong: dict[str, float]) -> None:
    with pytest.raises(RequestError, match="give seconds"):
        submitted(aws).wait(**wrong)


def test_ctrl_c_ends_the_watch_and_leaves_the_job_alone(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    job, out = submitted(aws), io.StringIO()

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(aws.clock, "sleep", interrupted)
    assert job.watch(out=out).status == "Initializing"
    assert "No longer watching; labeling job 'shapes-1' goes on." in out.getvalue()
    with pytest.raises(KeyboardInterrupt):
        job.wait()
    assert job.status().status == "Initializing"


def test_a_stopped_job_keeps_what_is_labeled_and_cannot_be_waited_for(aws: LocalAws) -> None:
    job = submitted(aws)
    aws.clock.advance(minutes=3)
    assert job.stop().status in {"Stopping", "Stopped"}
    with pytest.raises(JobFailed, match="ended as Stopped"):
        job.wait()
    assert job.labels().total == 20


@pytest.mark.parametrize("which", ["input_bucket", "output_bucket"])
def test_a_job_that_ground_truth_cannot_serve_names_the_statement(aws: LocalAws, which: str) -> None:
    bucket = getattr(aws.world, which)
    job = submitted(aws)
    close(aws, bucket)
    with pytest.raises(JobFailed, match="ended as Failed: "):
        job.wait()
    said = repr(job.diagnose())
    assert "Failed: Ground Truth does not get to the data." in said
    assert f"'{bucket}' stops Ground Truth (endpoint {region(aws.region).ground_truth_endpoint})" in said
    assert "OnlyMyEndpoint" in said
    assert job.status().failure_reason in said


def test_a_policy_change_that_will_hold_up_a_running_job_is_seen_before_it_fails(aws: LocalAws) -> None:
    job = submitted(aws)
    assert repr(job.diagnose()) == "shapes-1: Initializing; nothing holds it up."
    close(aws, aws.world.output_bucket)
    assert "OnlyMyEndpoint" in repr(job.diagnose())


def test_a_completed_job_has_nothing_to_diagnose(aws: LocalAws) -> None:
    job = submitted(aws)
    job.wait()
    assert repr(job.diagnose()) == "shapes-1: Completed; nothing is left to label."


def test_a_job_that_is_not_there_is_named(aws: LocalAws) -> None:
    with pytest.raises(AwsError, match=r"labeling job 'nobody'.*check the name, the account and the Region"):
        labeling_job("nobody", aws.session())


def test_jobs_are_listed_newest_first_over_regions(aws: LocalAws) -> None:
    first = submitted(aws)
    aws.clock.advance(hours=2)
    submitted(aws, "shapes-2")
    jobs = labeling_jobs(first.session, regions=["us-east-1", "eu-west-1"])
    assert jobs["name"].tolist() == ["shapes-2", "shapes-1"]
    assert jobs["status"].tolist() == ["Initializing", "Completed"]
    assert jobs.iloc[1][["region", "task_type", "total", "human", "percent"]].tolist() == [
        "us-east-1", "ImageMultiClass", 20, 20, 100.0,
    ]  # fmt: skip
    assert jobs["age"].tolist()[0] == pd.Timedelta(0) and jobs["attention"].tolist() == ["", ""]
    assert repr(jobs).startswith("Labeling jobs — 1 Initializing, 1 Completed · local AWS · us-east-1, eu-west-1")


def test_jobs_are_filtered_by_status_and_name(aws: LocalAws) -> None:
    job = submitted(aws)
    assert len(labeling_jobs(job.session, status="Completed")) == 0
    assert len(labeling_jobs(job.session, status="Initializing", name_contains="shapes")) == 1
    assert len(labeling_jobs(job.session, name_contains="signs")) == 0
    with pytest.raises(RequestError, match="did you mean 'Completed'"):
        labeling_jobs(job.session, status="complete")


def test_a_region_that_does_not_answer_is_told_and_the_others_are_shown(aws: LocalAws) -> None:
    job = submitted(aws)
    jobs = labeling_jobs(job.session, regions=["us-east-1", "not a region"])
    assert jobs["name"].tolist() == ["shapes-1"]
    assert "not a region" in jobs.note
    with pytest.raises(AwsError, match="not a region"):
        labeling_jobs(job.session, regions=["not a region"])


def test_a_job_nobody_works_on_is_stale_after_a_day(aws: LocalAws) -> None:
    aws.staff(aws.world.workteam, ())
    job = submitted(aws)
    aws.clock.advance(days=2)
    assert "stale" in labeling_jobs(job.session)["attention"].tolist()[0]
    assert "no worker has labeled anything yet" in repr(job.diagnose())
    assert job.status().age >= timedelta(days=2)
