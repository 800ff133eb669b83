"""Where a CreateLabelingJob request points: its buckets, its network, its role, its task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gt_vpc_nb import facts
from gt_vpc_nb.errors import RequestError

MANIFEST = "InputConfig.DataSource.S3DataSource.ManifestS3Uri"
OUTPUT = "OutputConfig.S3OutputPath"
TEMPLATE = "HumanTaskConfig.UiConfig.UiTemplateS3Uri"
CATEGORIES = "LabelCategoryConfigS3Uri"
INPUT_TOPIC = "InputConfig.DataSource.SnsDataSource.SnsTopicArn"
OUTPUT_TOPIC = "OutputConfig.SnsTopicArn"
AUTOMATED = "LabelingJobAlgorithmsConfig"
VPC_CONFIG = "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig"
WORK_TEAM = "HumanTaskConfig.WorkteamArn"
OUTPUT_KEY = "OutputConfig.KmsKeyId"
VOLUME_KEY = "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VolumeKmsKeyId"
CONSOLIDATION_LAMBDA = "HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn"
PRE_LAMBDA = "HumanTaskConfig.PreHumanTaskLambdaArn"


def member(request: Mapping[str, Any], path: str) -> Any:
    """The member at a dotted path, or None.

    >>> member({"OutputConfig": {"S3OutputPath": "s3://b/out/"}}, OUTPUT)
    's3://b/out/'
    """
    value: Any = request
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def split_uri(uri: Any) -> tuple[str, str] | None:
    """Bucket and key, or None for anything that is not an s3:// URI; what is wrong with it is `problems()`' business.

    >>> split_uri("s3://signs-in/a/b.png")
    ('signs-in', 'a/b.png')
    """
    text = uri if isinstance(uri, str) else ""
    scheme, _, rest = text.partition("://")
    bucket, _, key = rest.partition("/")
    return (bucket, key) if scheme == "s3" and bucket else None


def named_buckets(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The buckets that the request itself names, each once, the manifest's first."""
    places = (split_uri(member(request, path)) for path in (MANIFEST, OUTPUT, TEMPLATE, CATEGORIES))
    return tuple(dict.fromkeys(place[0] for place in places if place))


def task_of(request: Mapping[str, Any]) -> facts.TaskType | None:
    """The built-in task type that the pre-annotation Lambda names; None for a custom workflow."""
    name = str(member(request, PRE_LAMBDA) or "").rpartition(":")[2]
    try:
        return facts.task_type(name.removeprefix("PRE-")) if name.startswith("PRE-") else None
    except RequestError:
        return None
