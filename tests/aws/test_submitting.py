"""Submitting: files first and never over others, one CreateLabelingJob call, and nothing when there are errors."""

from __future__ import annotations

import boto3
import pytest

from gt_vpc_nb import LabelingJob, SubmittedJob, survey
from gt_vpc_nb.aws.objects import listing, read
from gt_vpc_nb.errors import AwsError, RequestError


@pytest.fixture(scope="module")
def aws():
    """One world for all; every test submits under a name of its own."""
    from gt_vpc_nb.local import LocalAws

    return LocalAws.example(seed=7)


def shapes(aws, name) -> LabelingJob:
    world = aws.world
    return (
        LabelingJob.in_vpc(world.vpc, subnets=world.subnets, security_groups=world.security_groups)
        .named(name)
        .task("ImageMultiClass", title="Sort shapes", description="Choose one", keywords=["Images"])
        .input(f"s3://{world.input_bucket}/images.manifest")
        .output(f"s3://{world.output_bucket}/labels/")
        .label_categories(["circle", "square"])
        .workers(world.workteam, per_object=3, time_limit=300)
        .as_role(world.role)
    )


def names(session):
    return [
        job["LabelingJobName"] for job in session.client("sagemaker").list_labeling_jobs()["LabelingJobSummaryList"]
    ]


def test_submit_writes_the_files_and_creates_the_job_in_the_sessions_region(aws):
    session = aws.session()
    job = shapes(aws, "shapes-1")
    created = []
    session.events.register("before-call.sagemaker.CreateLabelingJob", lambda **call: created.append(call))
    submitted = job.submit(session)
    assert isinstance(submitted, SubmittedJob) and len(created) == 1
    assert (submitted.name, submitted.region) == ("shapes-1", session.region_name)
    placed = job.in_region(session.region_name)
    assert {uri: read(uri, session) for uri in placed.files()} == placed.files()
    types = {uri: _content_type(session, uri) for uri in placed.files()}
    assert {uri.rpartition(".")[2]: kind for uri, kind in types.items()} == {
        "json": "application/json",
        "html": "text/html; charset=utf-8",
    }


def _content_type(session, uri):
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return session.client("s3").head_object(Bucket=bucket, Key=key)["ContentType"]


def test_a_submitted_job_reads_back_as_the_request_that_made_it(aws):
    session = aws.session()
    job = shapes(aws, "shapes-2").in_region(session.region_name).with_tags({"team": "maps"})
    job.submit(session)
    assert LabelingJob.from_job("shapes-2", session).to_request() == job.to_request()


def test_data_objects_given_as_a_list_are_labeled(aws):
    session = aws.session()
    uris = [uri for uri, _ in listing(f"s3://{aws.world.input_bucket}/", session) if uri.endswith(".png")][:4]
    submitted = shapes(aws, "shapes-3").input(uris).submit(session)
    submitted.wait()
    assert submitted.describe()["LabelCounters"]["TotalLabeled"] == len(uris)


def test_a_job_with_errors_is_refused_with_all_of_them_and_nothing_is_written(aws):
    session = aws.session()
    job = shapes(aws, "shapes-4").label_attribute("x-ref").stop_after(percentage=123)
    with pytest.raises(RequestError, match="has 2 problems") as refused:
        job.submit(session)
    assert {problem.code for problem in refused.value.problems} >= {"REQ-02", "REQ-03"}
    assert not list(listing(f"s3://{aws.world.output_bucket}/labels/shapes-4/", session))
    assert "shapes-4" not in names(session)


def test_a_different_file_already_there_is_never_overwritten(aws):
    session = aws.session()
    job = shapes(aws, "shapes-5").in_region(session.region_name)
    uri = next(uri for uri in job.files() if uri.endswith("label-categories.json"))
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    session.client("s3").put_object(Bucket=bucket, Key=key, Body=b"mine")
    with pytest.raises(RequestError, match="already there with other content"):
        job.submit(session)
    assert read(uri, session) == b"mine"
    assert "shapes-5" not in names(session)


def test_a_name_that_is_taken_is_awss_own_refusal(aws):
    session = aws.session()
    shapes(aws, "shapes-6").submit(session)
    with pytest.raises(AwsError, match="creating labeling job 'shapes-6'|Creating labeling job 'shapes-6'") as refused:
        shapes(aws, "shapes-6").submit(session)
    assert refused.value.code == "ResourceInUse"


def test_a_job_and_a_session_without_a_region_say_so(aws):
    with pytest.raises(RequestError, match="Neither the job nor the session names a Region"):
        shapes(aws, "shapes-7").submit(boto3.Session())


def test_preflight_with_surroundings_makes_no_call(aws):
    session = aws.session()
    job = shapes(aws, "shapes-8")
    found = survey(job, session)
    before = len(aws.log)
    rows = job.preflight(surroundings=found).rows
    assert len(aws.log) == before and rows
    assert [(row.id, row.status) for row in job.preflight(session).rows] == [(row.id, row.status) for row in rows]


def test_a_job_that_exists_can_be_adjusted(aws):
    session = aws.session()
    first = shapes(aws, "shapes-9").submit(session)
    second = LabelingJob().named("again").task("BoundingBox").adjusting(first)
    assert (second.task_code, second.audited) == ("AdjustmentBoundingBox", "shapes-9")
    assert second.manifest == f"s3://{aws.world.output_bucket}/labels/shapes-9/manifests/output/output.manifest"
