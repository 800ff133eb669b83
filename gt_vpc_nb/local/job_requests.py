"""What CreateLabelingJob checks at once, before anything is read: Region, functions, role, work team, task type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import TaskType, region, task_type
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.origin import Caller
from gt_vpc_nb.local.outputs import FORMS

#: Automated labeling with a real model; the other two algorithms of AWS draw boxes and masks.
AUTOMATED = ("ImageMultiClass", "TextMultiClass")


def checked_task_type(request: Mapping[str, Any], caller: Caller) -> TaskType:
    """The task type of a request that AWS would take; ApiError for one it would not, or that is not simulated.

    The texts and their order are guesses. Buckets are not looked at: AWS fails such jobs later.
    """
    _in_ground_truth_region(caller)
    found = _task_type(request["HumanTaskConfig"], caller)
    _refuse_unless(_account(request["RoleArn"]) == caller.account, "Cross-account pass role is not allowed.")
    team = request["HumanTaskConfig"]["WorkteamArn"]
    _refuse_unless(team.split(":")[3] == caller.region, f"Work team {team} is not in Region {caller.region}.")
    _attribute(request["LabelAttributeName"], found)
    _simulated(request, found)
    _automated(request, found, caller)
    for member, uri in _uris(request):
        bucket_and_object = uri.removeprefix("s3://")
        right = uri.startswith("s3://") and (member == "S3OutputPath" or "/" in bucket_and_object.rstrip("/"))
        _refuse_unless(right, f"{member} is {uri}; give an S3 URI like s3://bucket/key.")
    return found


def _in_ground_truth_region(caller: Caller) -> None:
    try:
        region(caller.region)
    except RequestError as error:
        raise ApiError("ValidationException", str(error)) from None


def _task_type(task: Mapping[str, Any], caller: Caller) -> TaskType:
    arn = task.get("PreHumanTaskLambdaArn")
    if arn is None:
        raise not_simulated("custom workflows without a pre-annotation Lambda (pass-through)")
    name = arn.split(":function:")[-1]
    if not name.startswith("PRE-"):
        raise not_simulated(f"custom workflows with a Lambda function of your own ({arn})")
    try:
        found = task_type(name.removeprefix("PRE-"))
    except RequestError as error:
        raise ApiError("ValidationException", str(error)) from None
    consolidation = task.get("AnnotationConsolidationConfig", {}).get("AnnotationConsolidationLambdaArn")
    for member, given, wanted in (
        ("PreHumanTaskLambdaArn", arn, found.pre_lambda(caller.region)),
        ("AnnotationConsolidationLambdaArn", consolidation, found.consolidation_lambda(caller.region)),
    ):
        _refuse_unless(given == wanted, f"{member} is {given}; for {found.code} in {caller.region} it is {wanted}.")
    return found


def _attribute(name: str, found: TaskType) -> None:
    _refuse_unless(name not in ("source", "source-ref"), f"LabelAttributeName {name} is reserved.")
    _refuse_unless(not name.endswith("-metadata"), f"LabelAttributeName {name} must not end with -metadata.")
    refused = found.forbids_ref and name.endswith("-ref")
    _refuse_unless(not refused, f"LabelAttributeName {name} must not end with -ref for {found.code}.")


def _simulated(request: Mapping[str, Any], found: TaskType) -> None:
    if found.code not in FORMS:
        raise not_simulated(f"{found.code} ({found.display_name})")
    if "S3DataSource" not in request["InputConfig"]["DataSource"]:
        raise not_simulated("streaming labeling jobs (SnsDataSource)")
    missing = [
        member
        for member, there in (
            ("LabelCategoryConfigS3Uri", "LabelCategoryConfigS3Uri" in request),
            ("UiTemplateS3Uri", "UiTemplateS3Uri" in request["HumanTaskConfig"]["UiConfig"]),
        )
        if not there
    ]
    _refuse_unless(not missing, f"{found.code} labeling jobs need {' and '.join(missing)}.")


def _automated(request: Mapping[str, Any], found: TaskType, caller: Caller) -> None:
    algorithms = request.get("LabelingJobAlgorithmsConfig")
    if algorithms is None:
        return
    given = algorithms["LabelingJobAlgorithmSpecificationArn"]
    wanted = found.algorithm_arn(caller.region)
    _refuse_unless(wanted is not None, f"Automated data labeling is not available for {found.code}.")
    message = f"LabelingJobAlgorithmSpecificationArn is {given}; for {found.code} in {caller.region} it is {wanted}."
    _refuse_unless(given == wanted, message)
    if found.code not in AUTOMATED:
        raise not_simulated(f"automated data labeling for {found.code}")
    if "InitialActiveLearningModelArn" in algorithms:
        raise not_simulated("automated data labeling that begins with a model of an earlier job")


def not_simulated(what: str) -> ApiError:
    """The answer to a request that AWS might take and the local AWS does not do."""
    return ApiError("UnsupportedOperation", f"The local AWS does not simulate {what} yet.", 501)


def _uris(request: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        ("ManifestS3Uri", request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"]),
        ("S3OutputPath", request["OutputConfig"]["S3OutputPath"]),
        ("LabelCategoryConfigS3Uri", request["LabelCategoryConfigS3Uri"]),
        ("UiTemplateS3Uri", request["HumanTaskConfig"]["UiConfig"]["UiTemplateS3Uri"]),
    ]


def _account(arn: str) -> str:
    return arn.split(":")[4]


def _refuse_unless(right: bool, message: str) -> None:
    if not right:
        raise ApiError("ValidationException", message)
