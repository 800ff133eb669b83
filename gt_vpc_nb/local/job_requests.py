"""What CreateLabelingJob checks at once, before anything is read: Region, functions, role, work team, task type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import TaskType, region, task_type
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.functions import is_aws_function
from gt_vpc_nb.local.origin import Caller


def checked_task_type(request: Mapping[str, Any], caller: Caller) -> TaskType:
    """The task type of a request that AWS would take; ApiError for one it would not, or that is not simulated.

    The texts and their order are guesses. Buckets are not looked at: AWS fails such jobs later.
    """
    _in_ground_truth_region(caller)
    found = _task_type(request["HumanTaskConfig"], caller)
    _refuse_unless(_account(request["RoleArn"]) == caller.account, "Cross-account pass role is not allowed.")
    team = request["HumanTaskConfig"]["WorkteamArn"]
    if "workteam/public-crowd/" in team or "workteam/vendor-crowd/" in team:
        raise not_simulated(f"the work team {team}; give one of private-crowd")
    _refuse_unless(team.split(":")[3] == caller.region, f"Work team {team} is not in Region {caller.region}.")
    _attribute(request["LabelAttributeName"], found)
    _materials(request, found, caller)
    _source(request, caller)
    _automated(request, found, caller)
    for member, uri in named_uris(request):
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
    """The built-in task type behind AWS's functions; PassThrough for a workflow of one's own, or of none."""
    before = task.get("PreHumanTaskLambdaArn")
    after = task.get("AnnotationConsolidationConfig", {}).get("AnnotationConsolidationLambdaArn")
    named = [arn for arn in (before, after) if arn is not None]
    for arn in named:
        _refuse_unless(arn.split(":")[3] == caller.region, f"The function {arn} is not in Region {caller.region}.")
    if not any(is_aws_function(arn) for arn in named):
        return task_type("PassThrough")
    try:
        found = task_type(next(arn for arn in named if is_aws_function(arn)).split(":function:")[-1][4:])
    except RequestError as error:
        raise ApiError("ValidationException", str(error)) from None
    for member, given, wanted in (
        ("PreHumanTaskLambdaArn", before, found.pre_lambda(caller.region)),
        ("AnnotationConsolidationLambdaArn", after, found.consolidation_lambda(caller.region)),
    ):
        # A workflow of one's own may take AWS's pass-through on one side, and a function of its own on the other.
        free = found.code == "PassThrough" and (given is None or not is_aws_function(given))
        _refuse_unless(
            free or given == wanted, f"{member} is {given}; for {found.code} in {caller.region} it is {wanted}."
        )
    return found


def _attribute(name: str, found: TaskType) -> None:
    _refuse_unless(name not in ("source", "source-ref"), f"LabelAttributeName {name} is reserved.")
    _refuse_unless(not name.endswith("-metadata"), f"LabelAttributeName {name} must not end with -metadata.")
    refused = found.forbids_ref and name.endswith("-ref")
    _refuse_unless(not refused, f"LabelAttributeName {name} must not end with -ref for {found.code}.")
    lacks = found.needs_ref and not name.endswith("-ref")
    _refuse_unless(not lacks, f"LabelAttributeName {name} must end with -ref for {found.code}.")


def _materials(request: Mapping[str, Any], found: TaskType, caller: Caller) -> None:
    """What workers are shown comes from a template, or from AWS's own interface for the task type."""
    ui = request["HumanTaskConfig"]["UiConfig"]
    given = [member for member in ("UiTemplateS3Uri", "HumanTaskUiArn") if member in ui]
    wanted = "UiTemplateS3Uri" if found.ui == "template" else "HumanTaskUiArn"
    if found.job_kind == "custom" and given:
        wanted = given[0]
    _refuse_unless(given == [wanted], f"{found.code} labeling jobs need {wanted} in UiConfig, and nothing else.")
    if found.ui == "human-task-ui":
        right = found.human_task_ui_arn(caller.region)
        message = f"HumanTaskUiArn is {ui[wanted]}; for {found.code} in {caller.region} it is {right}."
        _refuse_unless(ui[wanted] == right, message)
    needed = found.job_kind == "custom" or "LabelCategoryConfigS3Uri" in request
    _refuse_unless(needed, f"{found.code} labeling jobs need LabelCategoryConfigS3Uri.")


def _source(request: Mapping[str, Any], caller: Caller) -> None:
    source = request["InputConfig"]["DataSource"]
    _refuse_unless(bool(source), "InputConfig.DataSource needs S3DataSource, SnsDataSource or both.")
    topics = [
        ("SnsDataSource.SnsTopicArn", source.get("SnsDataSource", {}).get("SnsTopicArn")),
        ("OutputConfig.SnsTopicArn", request["OutputConfig"].get("SnsTopicArn")),
    ]
    for member, arn in topics:
        if arn:
            _refuse_unless(arn.split(":")[3] == caller.region, f"{member} {arn} is not in Region {caller.region}.")


def _automated(request: Mapping[str, Any], found: TaskType, caller: Caller) -> None:
    algorithms = request.get("LabelingJobAlgorithmsConfig")
    if algorithms is None:
        return
    given = algorithms["LabelingJobAlgorithmSpecificationArn"]
    wanted = found.algorithm_arn(caller.region)
    _refuse_unless(wanted is not None, f"Automated data labeling is not available for {found.code}.")
    message = f"LabelingJobAlgorithmSpecificationArn is {given}; for {found.code} in {caller.region} it is {wanted}."
    _refuse_unless(given == wanted, message)
    streaming = "SnsDataSource" in request["InputConfig"]["DataSource"]
    _refuse_unless(not streaming, "Automated data labeling is not available for streaming labeling jobs.")


def not_simulated(what: str) -> ApiError:
    """The answer to a request that AWS might take and the local AWS does not do."""
    return ApiError("UnsupportedOperation", f"The local AWS does not simulate {what}.", 501)


def named_uris(request: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a request names in S3, by the member that does."""
    found = [
        ("ManifestS3Uri", request["InputConfig"]["DataSource"].get("S3DataSource", {}).get("ManifestS3Uri")),
        ("S3OutputPath", request["OutputConfig"]["S3OutputPath"]),
        ("LabelCategoryConfigS3Uri", request.get("LabelCategoryConfigS3Uri")),
        ("UiTemplateS3Uri", request["HumanTaskConfig"]["UiConfig"].get("UiTemplateS3Uri")),
    ]
    return [(member, uri) for member, uri in found if uri is not None]


def _account(arn: str) -> str:
    return arn.split(":")[4]


def _refuse_unless(right: bool, message: str) -> None:
    if not right:
        raise ApiError("ValidationException", message)
