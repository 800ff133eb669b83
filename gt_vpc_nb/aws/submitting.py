"""Creates a labeling job: first the files that it brings along, then the one CreateLabelingJob call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gt_vpc_nb.aws.objects import write_new
from gt_vpc_nb.aws.sessions import asking, client
from gt_vpc_nb.job_files import CONTENT_TYPES

#: What DescribeLabelingJob tells of the request that made a job.
_OF_THE_REQUEST = (
    "LabelingJobName",
    "LabelAttributeName",
    "InputConfig",
    "OutputConfig",
    "RoleArn",
    "LabelCategoryConfigS3Uri",
    "StoppingConditions",
    "LabelingJobAlgorithmsConfig",
    "HumanTaskConfig",
    "Tags",
)


def create_labeling_job(
    request: Mapping[str, Any], files: Mapping[str, bytes], session: Any = None, region: str | None = None
) -> str:
    """Writes the files, creates the job, and returns its ARN.

    A file is never overwritten: the same bytes already there are fine. Raises RequestError for different ones, before
    anything is created, and AwsError with what SageMaker or S3 said.
    """
    for uri, data in files.items():
        ending = next((ending for ending in CONTENT_TYPES if uri.endswith(ending)), "")
        write_new(uri, data, session, CONTENT_TYPES.get(ending, "application/octet-stream"))
    sagemaker = client(session, "sagemaker", region)
    with asking(f"creating labeling job '{request['LabelingJobName']}'"):
        return str(sagemaker.create_labeling_job(**request)["LabelingJobArn"])


def request_of(name: str, session: Any = None, region: str | None = None) -> dict[str, Any]:
    """The CreateLabelingJob request that made a job, as SageMaker describes it. Raises AwsError when there is none."""
    sagemaker = client(session, "sagemaker", region)
    with asking(f"describing labeling job '{name}'"):
        described = sagemaker.describe_labeling_job(LabelingJobName=name)
    return {member: described[member] for member in _OF_THE_REQUEST if described.get(member) not in (None, [], {})}
