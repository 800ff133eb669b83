"""Other labeling jobs in the survey: of the same name, in progress on the same buckets, or continued by this one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.sessions import code_of
from gt_vpc_nb.aws.surveying_clients import Clients
from gt_vpc_nb.aws.surveying_data import survey_text
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.surroundings import NOT_SURVEYED, EarlierJob, JobInProgress, Manifest, Missing, Model, Unknown

RUNNING = ("Initializing", "InProgress", "Stopping")
_PAGE = 100
#: The output path is in no list: so many running jobs are described.
_DESCRIBED = 5
_EARLIER = 3
INITIAL_MODEL = "LabelingJobAlgorithmsConfig.InitialActiveLearningModelArn"


def survey_same_name(name: str, clients: Clients) -> str | None | Unknown:
    """The status of the job of that name, or None when there is none."""
    if not name:
        return None
    return known("sagemaker:DescribeLabelingJob", lambda: (_described(name, clients) or {}).get("LabelingJobStatus"))


def _described(name: str, clients: Clients) -> dict[str, Any] | None:
    try:
        return clients("sagemaker").describe_labeling_job(LabelingJobName=name)
    except ClientError as error:
        said = str(error.response["Error"].get("Message", "")).lower()
        if code_of(error) == "ResourceNotFound" or (
            code_of(error) == "ValidationException" and ("not exist" in said or "not found" in said)
        ):
            return None
        raise


def survey_running(clients: Clients) -> tuple[tuple[JobInProgress, ...] | Unknown, bool | Unknown]:
    """The jobs in progress, and whether the account ever had a labeling job here: one call for up to 100 jobs."""
    sagemaker = clients("sagemaker")
    listed = known("sagemaker:ListLabelingJobs", lambda: _listed(sagemaker))
    if isinstance(listed, Unknown):
        return listed, listed
    running = [job for job in listed if job["LabelingJobStatus"] in RUNNING]
    found = (_in_progress(job, sagemaker if number < _DESCRIBED else None) for number, job in enumerate(running))
    return tuple(found), bool(listed)


def _listed(sagemaker: Any) -> list[dict[str, Any]]:
    newest = sagemaker.list_labeling_jobs(MaxResults=_PAGE, SortBy="CreationTime", SortOrder="Descending")
    listed = newest["LabelingJobSummaryList"]
    if not newest.get("NextToken"):
        return listed
    pages = (
        page
        for status in RUNNING
        for page in sagemaker.get_paginator("list_labeling_jobs").paginate(StatusEquals=status, MaxResults=_PAGE)
    )
    running = [job for page in pages for job in page["LabelingJobSummaryList"]]
    # The first page stands for "there have been jobs", and brings no running job a second time.
    return [*running, *(job for job in listed if job["LabelingJobStatus"] not in RUNNING)]


def _in_progress(summary: Mapping[str, Any], sagemaker: Any) -> JobInProgress:
    name, status = summary["LabelingJobName"], summary["LabelingJobStatus"]
    if sagemaker is None:
        return JobInProgress(name, status, Unknown(f"not asked: {_DESCRIBED} jobs in progress were described"))
    told = known("sagemaker:DescribeLabelingJob", lambda: sagemaker.describe_labeling_job(LabelingJobName=name))
    return JobInProgress(name, status, told if isinstance(told, Unknown) else places.named_buckets(told))


def earlier_names(request: Mapping[str, Any], manifest: Any) -> tuple[str, ...]:
    """The jobs whose labels are on the manifest's lines, and the one whose output manifest it is.

    >>> uri = "s3://out/labels/first-round/manifests/output/output.manifest"
    >>> earlier_names({"InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": uri}}}}, None)
    ('first-round',)
    """
    uri = str(places.member(request, places.MANIFEST) or "")
    before, found, _ = uri.partition("/manifests/output/")
    attributes = manifest.attributes if isinstance(manifest, Manifest) else ()
    names = (before.rpartition("/")[2] if found else "", *(each.job for each in attributes))
    return tuple(dict.fromkeys(filter(None, names)))[:_EARLIER]


def survey_earlier(names: Iterable[str], clients: Clients, *, forms: bool = False) -> tuple[EarlierJob, ...]:
    """What each of these jobs was, by DescribeLabelingJob; with `forms` also what was drawn, by its categories."""
    return tuple(_earlier(name, clients, forms) for name in names)


def _drawn(uri: str, clients: Clients) -> str | Missing | Unknown:
    """The annotationType of a label category file; AWS takes BoundingBox where it says nothing."""
    file = survey_text(uri, clients("s3"), {})
    if file is None or not isinstance(file.text, str):
        return file.text if file else Unknown("not asked: the job names no label category file")
    try:
        return str(json.loads(file.text).get("annotationType") or "BoundingBox")
    except (ValueError, AttributeError) as error:
        return Unknown(f"{uri} is no label category file ({error})")


def _earlier(name: str, clients: Clients, forms: bool) -> EarlierJob:
    told = known("sagemaker:DescribeLabelingJob", lambda: _described(name, clients))
    if not isinstance(told, Mapping):
        return EarlierJob(name, told or Missing(f"there is no labeling job {name}"))
    output = told.get("LabelingJobOutput") or {}
    return EarlierJob(
        name,
        told["LabelingJobStatus"],
        told.get("LabelAttributeName", ""),
        places.member(told, places.PRE_LAMBDA) or "",
        places.member(told, "HumanTaskConfig.UiConfig.HumanTaskUiArn") or "",
        told.get("LabelCategoryConfigS3Uri", ""),
        output.get("OutputDatasetS3Uri", ""),
        output.get("FinalActiveLearningModelArn", ""),
        _drawn(told.get("LabelCategoryConfigS3Uri", ""), clients) if forms else NOT_SURVEYED,
    )


def survey_model(request: Mapping[str, Any], clients: Clients) -> Model | None:
    """The model that automated labeling starts from."""
    arn = str(places.member(request, INITIAL_MODEL) or "")
    if not arn:
        return None

    def ask() -> bool:
        try:
            clients("sagemaker").describe_model(ModelName=arn.rpartition("/")[2])
        except ClientError as error:
            if code_of(error) in {"ResourceNotFound", "ValidationException"}:
                return False
            raise
        return True

    return Model(arn, known("sagemaker:DescribeModel", ask))
