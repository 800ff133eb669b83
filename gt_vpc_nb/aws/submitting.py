"""Creates a labeling job: first the files that it brings along, then the one CreateLabelingJob call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb.aws.objects import write_new
from gt_vpc_nb.aws.sessions import SILENCES, asking, client, code_of, raised
from gt_vpc_nb.errors import AwsError
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
    sagemaker, doing = client(session, "sagemaker", region), f"creating labeling job '{request['LabelingJobName']}'"
    try:
        return str(sagemaker.create_labeling_job(**request)["LabelingJobArn"])
    except ClientError as error:
        if arn := _created_before(error, request, sagemaker):
            return arn
        raise raised(error, doing) from error
    except SILENCES as error:
        told = raised(error, doing)
        unknown = "whether it was created is unknown, look for it before you submit again"
        raise AwsError(f"{str(told).rstrip('.')}; {unknown}.", code=told.code) from error


def _created_before(error: ClientError, request: Mapping[str, Any], sagemaker: Any) -> str | None:
    """The ARN of the job when an earlier try of the same call made it, and only the answer to that try was lost."""
    tried_again = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    if code_of(error) != "ResourceInUse" or not tried_again:
        return None
    name = request["LabelingJobName"]
    with asking(f"looking whether labeling job '{name}' is the one just created"):
        described = sagemaker.describe_labeling_job(LabelingJobName=name)
    return str(described["LabelingJobArn"]) if _request_in(described) == dict(request) else None


def request_of(name: str, session: Any = None, region: str | None = None) -> dict[str, Any]:
    """The CreateLabelingJob request that made a job, as SageMaker describes it. Raises AwsError when there is none."""
    sagemaker = client(session, "sagemaker", region)
    with asking(f"describing labeling job '{name}'"):
        described = sagemaker.describe_labeling_job(LabelingJobName=name)
    return _request_in(described)


def _request_in(described: Mapping[str, Any]) -> dict[str, Any]:
    return {member: described[member] for member in _OF_THE_REQUEST if described.get(member) not in (None, [], {})}
