"""A CreateLabelingJob request read back into a labeling job's fields, with nothing lost and nothing added."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import HUMAN_TASK_UI_ACCOUNT, TaskType, regions, task_types
from gt_vpc_nb.request import JobFields, account_of, create_request

_ALGORITHMS = "LabelingJobAlgorithmsConfig"
_VPC = f"{_ALGORITHMS}.LabelingJobResourceConfig.VpcConfig"
_HUMAN = "HumanTaskConfig"

#: Fields that are one member of the request, as it stands.
_PLAIN: tuple[tuple[str, str, type], ...] = (
    ("name", "LabelingJobName", str),
    ("attribute", "LabelAttributeName", str),
    ("manifest", "InputConfig.DataSource.S3DataSource.ManifestS3Uri", str),
    ("topic", "InputConfig.DataSource.SnsDataSource.SnsTopicArn", str),
    ("output_path", "OutputConfig.S3OutputPath", str),
    ("output_key", "OutputConfig.KmsKeyId", str),
    ("output_topic", "OutputConfig.SnsTopicArn", str),
    ("role", "RoleArn", str),
    ("category_file", "LabelCategoryConfigS3Uri", str),
    ("stop_objects", "StoppingConditions.MaxHumanLabeledObjectCount", int),
    ("stop_percentage", "StoppingConditions.MaxPercentageOfInputDatasetLabeled", int),
    ("algorithm", f"{_ALGORITHMS}.LabelingJobAlgorithmSpecificationArn", str),
    ("initial_model", f"{_ALGORITHMS}.InitialActiveLearningModelArn", str),
    ("volume_key", f"{_ALGORITHMS}.LabelingJobResourceConfig.VolumeKmsKeyId", str),
    ("team", f"{_HUMAN}.WorkteamArn", str),
    ("template_file", f"{_HUMAN}.UiConfig.UiTemplateS3Uri", str),
    ("human_task_ui", f"{_HUMAN}.UiConfig.HumanTaskUiArn", str),
    ("pre_function", f"{_HUMAN}.PreHumanTaskLambdaArn", str),
    (
        "consolidation_function",
        f"{_HUMAN}.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn",
        str,
    ),
    ("title", f"{_HUMAN}.TaskTitle", str),
    ("description", f"{_HUMAN}.TaskDescription", str),
    ("per_object", f"{_HUMAN}.NumberOfHumanWorkersPerDataObject", int),
    ("time_limit", f"{_HUMAN}.TaskTimeLimitInSeconds", int),
    ("availability", f"{_HUMAN}.TaskAvailabilityLifetimeInSeconds", int),
    ("in_flight", f"{_HUMAN}.MaxConcurrentTaskCount", int),
)
#: Fields that are a list of strings.
_LISTS = (
    ("declared", "InputConfig.DataAttributes.ContentClassifiers"),
    ("keywords", f"{_HUMAN}.TaskKeywords"),
    ("subnets", f"{_VPC}.Subnets"),
    ("security_groups", f"{_VPC}.SecurityGroupIds"),
)
#: Fields that a job fills in by itself unless told not to.
_FILLED_IN = ("attribute", "per_object", "time_limit", "template_file", "human_task_ui", "pre_function")
_FILLED_IN += ("consolidation_function", "algorithm")


def member(request: Mapping[str, Any], path: str) -> Any:
    """The member at a dotted path of a request, or None where there is none."""
    found: Any = request
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def read_request(request: Mapping[str, Any]) -> JobFields:
    """The fields of a CreateLabelingJob request; `create_request` makes exactly this request of them again.

    What has no field of its own (members of a newer API, values of a wrong kind) goes into `raw`.

    Raises:
        RequestError: the request holds something that is not text, number, list or structure.
    """
    exact = _plain_json(request)
    found = {name: value for name, path, kind in _PLAIN if type(value := member(exact, path)) is kind and value != ""}
    found |= {name: tuple(value) for name, path in _LISTS if _is_texts(value := member(exact, path))}
    if not found.get("team", "arn:").startswith("arn:"):
        # In a request a work team is its ARN; a name there is a mistake, and not the builder's way to say a team.
        del found["team"]
    found["tags"] = _tags(exact.get("Tags"))
    found["price"] = _price(member(exact, f"{_HUMAN}.PublicWorkforceTaskPrice.AmountInUsd"))
    found["automated"] = _ALGORITHMS in exact and isinstance(exact[_ALGORITHMS], dict)
    found |= _recognised(found)
    # What follows from the task type is the same again, and stays free to follow another Region.
    fields = _nothing_filled_in(JobFields(**found), found)
    fields = replace(fields, raw=json.dumps(_beyond(exact, create_request(fields))))
    if create_request(fields) != exact:
        raise RequestError("This request cannot be read without changing it; report it with the request as it is.")
    return fields


def _nothing_filled_in(fields: JobFields, found: Mapping[str, Any]) -> JobFields:
    """Leaves out what the job would fill in by itself and the request does not have; only what makes a difference."""
    absent = tuple(name for name in _FILLED_IN if name not in found)
    bare = replace(fields, left_out=absent)
    request = create_request(bare)
    needless = {
        n for n in absent if create_request(replace(bare, left_out=tuple(a for a in absent if a != n))) == request
    }
    return replace(bare, left_out=tuple(name for name in absent if name not in needless))


def _plain_json(request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        plain = json.loads(json.dumps(request, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestError(
            f"A CreateLabelingJob request holds text, numbers, lists and structures, but here: {error}."
        ) from error
    if not isinstance(plain, dict):
        raise RequestError(f"A CreateLabelingJob request is a dict, not {type(request).__name__}.")
    return plain


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _tags(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        return ()
    pairs = [each for each in value if isinstance(each, dict) and set(each) == {"Key", "Value"}]
    texts = all(_is_texts(list(each.values())) for each in pairs)
    return tuple((each["Key"], each["Value"]) for each in pairs) if texts and len(pairs) == len(value) else ()


def _price(value: Any) -> Decimal | None:
    """The price where its three parts are plain digits; anything else stays raw, for the rules to refuse."""
    names = ("Dollars", "Cents", "TenthFractionsOfACent")
    if not isinstance(value, dict) or not set(names) <= set(value):
        return None
    dollars, cents, tenths = (value[name] for name in names)
    if not all(type(each) is int for each in (dollars, cents, tenths)):
        return None
    in_range = dollars >= 0 and 0 <= cents <= 99 and 0 <= tenths <= 9
    return Decimal(dollars * 1000 + cents * 10 + tenths) / 1000 if in_range else None


def _recognised(found: Mapping[str, Any]) -> dict[str, Any]:
    """Replaces ARNs by the task type, Region and work team name that they follow from."""
    recognised: dict[str, Any] = {}
    pre, consolidation = found.get("pre_function"), found.get("consolidation_function")
    for kind, region in _built_in(pre, consolidation):
        recognised = {"task_code": kind.code, "region": region}
        same = {
            "pre_function": kind.pre_lambda(region),
            "consolidation_function": kind.consolidation_lambda(region),
            "human_task_ui": kind.human_task_ui_arn(region),
            "algorithm": kind.algorithm_arn(region),
        }
        recognised |= {name: None for name, arn in same.items() if found.get(name) == arn and name in found}
    region = recognised.get("region") or _region_of(found.get("team"))
    if region is None:
        return recognised
    return recognised | {"region": region} | _team(found, region)


def _built_in(*arns: str | None) -> Iterator[tuple[TaskType, str]]:
    """The task type and Region that the first recognisable of the two functions names, if any."""
    places = {each.code for each in regions()}
    kinds = {each.code: each for each in task_types()}
    for arn in arns:
        region = _region_of(arn)
        kind = kinds.get((arn or "").rpartition(":function:")[2].partition("-")[2])
        if kind and region in places and arn in (kind.pre_lambda(region), kind.consolidation_lambda(region)):
            yield kind, region
            return


def _region_of(arn: str | None) -> str | None:
    parts = (arn or "").split(":")
    return (parts[3] or None) if len(parts) >= 6 and parts[0] == "arn" else None


def _team(found: Mapping[str, Any], region: str) -> dict[str, Any]:
    team = found.get("team")
    private = f"arn:aws:sagemaker:{region}:{account_of(found.get('role'))}:workteam/private-crowd/"
    if team == f"arn:aws:sagemaker:{region}:{HUMAN_TASK_UI_ACCOUNT}:workteam/public-crowd/default":
        return {"public": True, "team": None}
    name = team.removeprefix(private) if team and team.startswith(private) else ""
    return {"team": name} if name and not name.startswith("arn:") else {}


def _beyond(wanted: Mapping[str, Any], built: Mapping[str, Any]) -> dict[str, Any]:
    """What the wanted request has beyond the one built from the fields."""
    left = {}
    for key, value in wanted.items():
        have = built.get(key)
        if key not in built:
            left[key] = value
        elif isinstance(value, dict) and isinstance(have, dict):
            left |= {key: deeper} if (deeper := _beyond(value, have)) else {}
        elif value != have or type(value) is not type(have):
            left[key] = value
    return left
