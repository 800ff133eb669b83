"""The SageMaker Python SDK, version 2 or 3, whichever is here: its sessions are taken, its resources handed over."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import boto3
import pytest

from gt_vpc_nb import LabelingJob, Perimeter, audit, labeling_job, labeling_jobs
from gt_vpc_nb.job_examples import example_names
from gt_vpc_nb.local import LocalAws

try:
    MAJOR = int(version("sagemaker").split(".")[0])
except PackageNotFoundError:
    # The SDK 3 has its session and its resources from sagemaker-core 2; that alone is half of its size.
    MAJOR = int(version("sagemaker-core").split(".")[0]) + 1
pytestmark = pytest.mark.sockets


def sdk_session(session: boto3.Session) -> Any:
    """A session of the SDK over a boto3 session, made as its documentation says."""
    if MAJOR == 2:
        from sagemaker import Session
    else:
        from sagemaker.core.helper.session_helper import Session
    return Session(boto_session=session)


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    return LocalAws.example(seed=7)


@pytest.fixture(scope="module")
def session(aws: LocalAws) -> Any:
    return sdk_session(aws.session(vpc_endpoint=aws.world.vpc_endpoint))


def job_of(aws: LocalAws, name: str) -> LabelingJob:
    world = aws.world
    return (
        LabelingJob.in_vpc(world.vpc, vpc_endpoints=[world.vpc_endpoint])
        .named(name)
        .in_region(world.region)
        .task("ImageMultiClass", title="Name the shape", description="Which is it?", keywords=["Shapes"])
        .input(f"s3://{world.input_bucket}/images.manifest")
        .output(f"s3://{world.output_bucket}/")
        .label_categories(["circle", "square"])
        .workers(world.workteam)
        .as_role(world.role)
    )


def test_a_session_of_the_sdk_answers_as_the_boto3_session_inside_it(aws: LocalAws, session: Any) -> None:
    world = aws.world
    perimeter = Perimeter(vpcs=[world.vpc], vpc_endpoints=[world.vpc_endpoint], ground_truth=world.region)
    inside = aws.session(vpc_endpoint=world.vpc_endpoint)
    assert (
        audit([world.input_bucket], perimeter, session).to_json()
        == audit([world.input_bucket], perimeter, inside).to_json()
    )


def test_a_job_is_checked_submitted_and_listed_with_a_session_of_the_sdk(aws: LocalAws, session: Any) -> None:
    job = job_of(aws, "with-the-sdk")
    assert job.preflight(session).row("REQ-01").status == "passed"
    submitted = job.submit(session)
    assert submitted.status().status in ("Initializing", "InProgress")
    assert "with-the-sdk" in list(labeling_jobs(session=session)["name"])


@pytest.mark.parametrize("what", example_names())
def test_a_job_of_every_task_type_goes_to_the_sdks_resource_and_back(what: str) -> None:
    job = LabelingJob.example(what).in_region("us-east-1")
    resource = job.to_sagemaker()
    assert resource.labeling_job_name == job.name
    assert LabelingJob.from_sagemaker(resource).to_request() == job.to_request()


def test_the_resource_of_a_job_that_exists_is_the_job_again(aws: LocalAws) -> None:
    session = aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    job = job_of(aws, "handed-over")
    job.submit(session)
    resource = labeling_job("handed-over", session).to_sagemaker()
    assert resource.labeling_job_status in ("Initializing", "InProgress")
    assert LabelingJob.from_sagemaker(resource).to_request() == job.to_request()
