"""A labeling job's fields, and the CreateLabelingJob request that they make."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import HUMAN_TASK_UI_ACCOUNT, TaskType, task_type
from gt_vpc_nb.templates import templated

#: Seconds a worker has for one task where nobody says otherwise: an hour, which every task type allows.
TIME_LIMIT = 3600


@dataclass(frozen=True)
class JobFields:
    """Everything a labeling job is made of, in the order of the builder's verbs.

    None and () mean "not said": the request then has what follows from the other fields, or nothing. `left_out` names
    fields that must not be filled in, because the request that the job was read from does not have them.
    `raw` is JSON: members of CreateLabelingJob that are merged over everything else.
    """

    name: str | None = None
    region: str | None = None
    vpc: str | None = None
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    task_code: str | None = None
    title: str | None = None
    description: str | None = None
    keywords: tuple[str, ...] = ()
    manifest: str | None = None
    objects: tuple[str, ...] = ()
    topic: str | None = None
    output_path: str | None = None
    output_key: str | None = None
    output_topic: str | None = None
    category_file: str | None = None
    categories: tuple[str, ...] = ()
    category_document: str | None = None
    template_file: str | None = None
    template_text: str | None = None
    human_task_ui: str | None = None
    team: str | None = None
    public: bool = False
    per_object: int | None = None
    time_limit: int | None = None
    availability: int | None = None
    in_flight: int | None = None
    role: str | None = None
    automated: bool = False
    algorithm: str | None = None
    initial_model: str | None = None
    volume_key: str | None = None
    stop_objects: int | None = None
    stop_percentage: int | None = None
    tags: tuple[tuple[str, str], ...] = ()
    attribute: str | None = None
    pre_function: str | None = None
    consolidation_function: str | None = None
    audited: str | None = None
    audit: str | None = None
    declared: tuple[str, ...] = ()
    price: Decimal | None = None
    raw: str = "{}"
    left_out: tuple[str, ...] = ()

    @property
    def task_type(self) -> TaskType | None:
        """The built-in task type, or None for a custom workflow."""
        return task_type(self.task_code) if self.task_code else None

    @property
    def attribute_name(self) -> str | None:
        """The label attribute name: as said, or the job's name, with ``-ref`` where the task type needs it."""
        if self.attribute or "attribute" in self.left_out or not self.name:
            return self.attribute
        kind = self.task_type
        return f"{self.name}-ref" if kind and kind.needs_ref and not self.name.endswith("-ref") else self.name

    @property
    def needs_region(self) -> bool:
        """Whether an ARN of the request can only be written when the Region is known."""
        return self.region is None and (self.task_code is not None or self.public or _by_name(self.team))


def beside_output(fields: JobFields, file: str) -> str | None:
    """The URI of a file that the job brings along, or None while its name or output path is missing."""
    if not fields.name or not fields.output_path:
        return None
    return f"{fields.output_path.rstrip('/')}/{fields.name}/gt-vpc-nb/{file}"


def create_request(fields: JobFields) -> dict[str, Any]:
    """The dict for CreateLabelingJob; members that follow from nothing said are absent.

    Raises:
        RequestError: an ARN depends on the Region, and no Region is named.
    """
    if fields.needs_region:
        raise RequestError(
            "The job names no Region, and its ARNs depend on one; add .in_region('us-east-1'), "
            "or check and submit with a session that has a Region."
        )
    request = {
        "LabelingJobName": fields.name,
        "LabelAttributeName": fields.attribute_name,
        "InputConfig": _input(fields),
        "OutputConfig": _said(
            S3OutputPath=fields.output_path, KmsKeyId=fields.output_key, SnsTopicArn=fields.output_topic
        ),
        "RoleArn": fields.role,
        "LabelCategoryConfigS3Uri": _categories(fields),
        "StoppingConditions": _said(
            MaxHumanLabeledObjectCount=fields.stop_objects, MaxPercentageOfInputDatasetLabeled=fields.stop_percentage
        ),
        "LabelingJobAlgorithmsConfig": _algorithms(fields),
        "HumanTaskConfig": _human_task(fields),
        "Tags": [{"Key": key, "Value": value} for key, value in fields.tags] or None,
    }
    return merged(_said(**request) or {}, json.loads(fields.raw))


def merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """One request over another: structures member by member, everything else replaced.

    >>> merged({"A": {"B": 1, "C": 2}}, {"A": {"B": 3}})
    {'A': {'B': 3, 'C': 2}}
    """
    result = dict(under)
    for key, value in over.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
    return result


def _said(**members: Any) -> dict[str, Any] | None:
    return {key: value for key, value in members.items() if value is not None} or None


def _input(fields: JobFields) -> dict[str, Any] | None:
    manifest = fields.manifest or (beside_output(fields, "input.manifest") if fields.objects else None)
    source = _said(S3DataSource=_said(ManifestS3Uri=manifest), SnsDataSource=_said(SnsTopicArn=fields.topic))
    return _said(DataSource=source, DataAttributes=_said(ContentClassifiers=list(fields.declared) or None))


def _categories(fields: JobFields) -> str | None:
    if fields.category_file or not (fields.categories or fields.category_document):
        return fields.category_file
    return beside_output(fields, "label-categories.json")


def _algorithms(fields: JobFields) -> dict[str, Any] | None:
    if not fields.automated:
        return None
    kind = fields.task_type if "algorithm" not in fields.left_out else None
    algorithm = fields.algorithm or (kind.algorithm_arn(fields.region or "") if kind else None)
    vpc = _said(SecurityGroupIds=list(fields.security_groups) or None, Subnets=list(fields.subnets) or None)
    config = _said(
        LabelingJobAlgorithmSpecificationArn=algorithm,
        InitialActiveLearningModelArn=fields.initial_model,
        LabelingJobResourceConfig=_said(VolumeKmsKeyId=fields.volume_key, VpcConfig=vpc),
    )
    # Without an algorithm the empty structure says that automated labeling was asked for; the rules then say why not.
    return config or {}


def _human_task(fields: JobFields) -> dict[str, Any] | None:
    kind = fields.task_type
    default_workers = kind.default_workers if kind and "per_object" not in fields.left_out else None
    default_time = None if "time_limit" in fields.left_out else TIME_LIMIT
    price = _dollars(fields.price) if fields.price is not None else None
    return _said(
        WorkteamArn=team_arn(fields),
        UiConfig=_ui(fields),
        PreHumanTaskLambdaArn=fields.pre_function or _function(fields, "pre_function"),
        TaskKeywords=list(fields.keywords) or None,
        TaskTitle=fields.title,
        TaskDescription=fields.description,
        NumberOfHumanWorkersPerDataObject=default_workers if fields.per_object is None else fields.per_object,
        TaskTimeLimitInSeconds=default_time if fields.time_limit is None else fields.time_limit,
        TaskAvailabilityLifetimeInSeconds=fields.availability,
        MaxConcurrentTaskCount=fields.in_flight,
        AnnotationConsolidationConfig=_said(
            AnnotationConsolidationLambdaArn=fields.consolidation_function
            or _function(fields, "consolidation_function")
        ),
        PublicWorkforceTaskPrice=_said(AmountInUsd=price),
    )


def _by_name(team: str | None) -> bool:
    return isinstance(team, str) and team != "" and not team.startswith("arn:")


def team_arn(fields: JobFields) -> str | None:
    """The work team's ARN; a name is a private work team in the execution role's account and the job's Region."""
    if fields.public:
        return f"arn:aws:sagemaker:{fields.region}:{HUMAN_TASK_UI_ACCOUNT}:workteam/public-crowd/default"
    if not _by_name(fields.team):
        return fields.team
    account = account_of(fields.role)
    return f"arn:aws:sagemaker:{fields.region}:{account}:workteam/private-crowd/{fields.team}" if account else None


def account_of(arn: str | None) -> str | None:
    """The account of an ARN, or None where it has none."""
    parts = arn.split(":", 5) if isinstance(arn, str) else []
    return parts[4] if len(parts) == 6 and len(parts[4]) == 12 and parts[4].isdigit() else None


def _ui(fields: JobFields) -> dict[str, Any] | None:
    return _said(UiTemplateS3Uri=_template(fields), HumanTaskUiArn=fields.human_task_ui or _aws_ui(fields))


def _aws_ui(fields: JobFields) -> str | None:
    kind = fields.task_type
    return kind.human_task_ui_arn(fields.region or "") if kind and "human_task_ui" not in fields.left_out else None


def brings_template(fields: JobFields) -> bool:
    """Whether the worker task template is a file of ours: the text given, or the package's own for the task type."""
    if fields.template_file or fields.template_text:
        return not fields.template_file
    kind = fields.task_type
    return (
        kind is not None
        and kind.code in templated()
        and not fields.human_task_ui
        and "template_file" not in fields.left_out
    )


def _template(fields: JobFields) -> str | None:
    return beside_output(fields, "template.liquid.html") if brings_template(fields) else fields.template_file


def _function(fields: JobFields, which: str) -> str | None:
    kind = fields.task_type
    if kind is None or which in fields.left_out:
        return None
    return (kind.pre_lambda if which == "pre_function" else kind.consolidation_lambda)(fields.region or "")


def _dollars(price: Decimal) -> dict[str, int]:
    tenths = int(price * 1000)
    return {"Dollars": tenths // 1000, "Cents": tenths // 10 % 100, "TenthFractionsOfACent": tenths % 10}
