"""Labeling jobs that exist, watched, waited for, stopped and diagnosed on the local AWS."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from gt_vpc_nb import manifest
from gt_vpc_nb.errors import AwsError, JobFailed, RequestError, WaitTimeout
from gt_vpc_nb.facts import region, task_type
from gt_vpc_nb.jobs import SubmittedJob, labeling_job, labeling_jobs
from gt_vpc_nb.local import LocalAws

DENY_ALL_BUT = """{"Version": "2012-10-17", "Statement": [{"Sid": "OnlyMyEndpoint", "Effect": "Deny", "Principal": "*",
 "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::%s/*",
 "Condition": {"StringNotEquals": {"aws:sourceVpce": "%s"}}}]}"""


_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    """One world for all tests: to lay one out takes seconds. Each test has jobs of its own and mends its policies."""
    return LocalAws.example()


@pytest.fixture
def close(aws: LocalAws) -> Iterator[Callable[[str], None]]:
    """Closes a bucket to all but the VPC's own endpoint, for the time of the test."""
    s3, closed = aws.session().client("s3"), []

    def put(bucket: str) -> None:
        s3.put_bucket_policy(Bucket=bucket, Policy=DENY_ALL_BUT % (bucket, aws.world.vpc_endpoint))
        closed.append(bucket)

    yield put
    for bucket in closed:
        s3.delete_bucket_policy(Bucket=bucket)


def submitted(aws: LocalAws, name: str = "", team: str = "") -> SubmittedJob:
    """A job on the example's pictures, created as boto3 users do."""
    name = name or f"shapes-{next(_NUMBERS)}"
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
            "WorkteamArn": team or world.workteam,
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
    )
    return labeling_job(name, session)


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
    assert ": Initializing" in lines[0] and ": Completed, 20 of 20" in lines[-1]
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
    assert f"No longer watching; labeling job '{job.name}' goes on." in out.getvalue()
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
def test_a_job_that_ground_truth_cannot_serve_names_the_statement(
    aws: LocalAws, close: Callable[[str], None], which: str
) -> None:
    bucket = getattr(aws.world, which)
    job = submitted(aws)
    close(bucket)
    with pytest.raises(JobFailed, match="ended as Failed: "):
        job.wait()
    said = repr(job.diagnose())
    assert "Failed: Ground Truth does not get to the data." in said
    assert f"'{bucket}' stops Ground Truth (endpoint {region(aws.region).ground_truth_endpoint})" in said
    assert "OnlyMyEndpoint" in said
    assert job.status().failure_reason in said


def test_a_policy_change_that_will_hold_up_a_running_job_is_seen_before_it_fails(
    aws: LocalAws, close: Callable[[str], None]
) -> None:
    job = submitted(aws)
    assert job.diagnose().verdict == "Initializing; nothing holds it up."
    close(aws.world.output_bucket)
    assert "OnlyMyEndpoint" in repr(job.diagnose())


def test_a_completed_job_has_nothing_to_diagnose(aws: LocalAws) -> None:
    job = submitted(aws)
    job.wait()
    answered = f"local AWS · us-east-1 · {aws.world.account}"
    assert repr(job.diagnose()) == f"{job.name}: Completed; nothing is left to label. ({answered})"
    for shown in (job.labels(), job.labels().objects):
        assert repr(shown).splitlines()[0].endswith(f" · {answered}") and answered in shown._repr_html_()


def test_a_job_that_is_not_there_is_named(aws: LocalAws) -> None:
    with pytest.raises(AwsError, match=r"labeling job 'nobody'.*check the name, the account and the Region"):
        labeling_job("nobody", aws.session())


def test_jobs_are_listed_newest_first_over_regions(aws: LocalAws) -> None:
    first = submitted(aws, "listed-1")
    aws.clock.advance(hours=2)
    submitted(aws, "listed-2")
    jobs = labeling_jobs(first.session, regions=["us-east-1", "eu-west-1"], name_contains="listed")
    assert jobs["name"].tolist() == ["listed-2", "listed-1"]
    assert jobs["status"].tolist() == ["Initializing", "Completed"]
    assert jobs.iloc[1][["region", "task_type", "total", "human", "percent"]].tolist() == [
        "us-east-1", "ImageMultiClass", 20, 20, 100.0,
    ]  # fmt: skip
    assert jobs["age"].tolist()[0] == pd.Timedelta(0) and jobs["attention"].tolist() == ["", ""]
    assert repr(jobs).startswith("Labeling jobs — 1 Initializing, 1 Completed · local AWS · us-east-1, eu-west-1 · ")


def test_every_result_about_jobs_says_whose_account_answered(aws: LocalAws) -> None:
    job = submitted(aws, "whose-1")
    account = aws.world.account
    assert repr(job).endswith(f"local AWS · us-east-1 · {account}")
    assert repr(labeling_job("whose-1", job.session)).endswith(f" · {account}") and account in job._repr_html_()
    for found in (labeling_jobs(job.session), labeling_jobs(job.session, name_contains="nothing-of-that-name")):
        assert repr(found).splitlines()[0].endswith(f"local AWS · us-east-1 · {account}")


def test_jobs_are_filtered_by_status_and_name(aws: LocalAws) -> None:
    job = submitted(aws, "filtered")
    assert len(labeling_jobs(job.session, status="Completed", name_contains="filtered")) == 0
    assert len(labeling_jobs(job.session, status="Initializing", name_contains="filter")) == 1
    assert len(labeling_jobs(job.session, name_contains="signs")) == 0
    with pytest.raises(RequestError, match="did you mean 'Completed'"):
        labeling_jobs(job.session, status="complete")


def test_a_region_that_does_not_answer_is_told_and_the_others_are_shown(aws: LocalAws) -> None:
    job = submitted(aws)
    jobs = labeling_jobs(job.session, regions=["us-east-1", "not a region"])
    assert job.name in jobs["name"].tolist()
    assert "not a region" in jobs.note
    with pytest.raises(AwsError, match="not a region"):
        labeling_jobs(job.session, regions=["not a region"])


def test_a_job_nobody_works_on_is_stale_after_a_day(aws: LocalAws) -> None:
    sagemaker = aws.session().client("sagemaker")
    members = [{"OidcMemberDefinition": {"Groups": ["nobody"]}}]
    team = sagemaker.create_workteam(WorkteamName="nobody", Description="Empty.", MemberDefinitions=members)
    job = submitted(aws, team=team["WorkteamArn"])
    aws.clock.advance(days=2)
    assert "stale" in labeling_jobs(job.session, name_contains=job.name)["attention"].tolist()[0]
    assert "no worker has labeled anything yet" in repr(job.diagnose())
    assert job.status().age >= timedelta(days=2)


def test_manifests_and_pictures_go_to_and_from_s3(aws: LocalAws, tmp_path: Path) -> None:
    session, source = aws.session(), f"s3://{aws.world.input_bucket}"
    built = manifest.build(f"{source}/images/", f"{source}/again.manifest", session=session)
    report = manifest.validate(built.uri, "ImageMultiClass", {aws.world.input_bucket: aws.region}, session)
    assert (built.objects, report.objects, report.problems) == (20, 20, ())
    job = submitted(aws)
    job.wait()
    picture = job.labels().show(tmp_path / "shapes.png")
    assert "20 labeled by people" in repr(picture) and (tmp_path / "shapes.png").exists()
