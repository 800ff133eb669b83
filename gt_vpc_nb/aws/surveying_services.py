"""What else a job may name: KMS keys, Lambda functions, SNS topics, a queue; and SageMaker's quotas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb import facts
from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.sessions import code_of
from gt_vpc_nb.aws.surveying_clients import Clients
from gt_vpc_nb.aws.surveying_roles import survey_role
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.surroundings import (
    Bucket,
    DataObject,
    Key,
    LambdaFunction,
    Missing,
    Queue,
    Quota,
    Topic,
    Unknown,
)

OUTPUT_KEY = "OutputConfig.KmsKeyId"
VOLUME_KEY = "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VolumeKmsKeyId"
CONSOLIDATION = "HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn"
INPUT_TOPIC = "InputConfig.DataSource.SnsDataSource.SnsTopicArn"
OUTPUT_TOPIC = "OutputConfig.SnsTopicArn"
#: SageMaker has well over a thousand quotas, a hundred a page, and they cannot be asked for by name.
QUOTA_PAGES = 12


def named_keys(
    request: Mapping[str, Any], buckets: Iterable[Bucket], objects: Iterable[DataObject], topics: Iterable[Topic]
) -> tuple[str, ...]:
    """Every KMS key that the job depends on, by the name or ARN it goes by there, each once."""
    found = (
        places.member(request, OUTPUT_KEY),
        places.member(request, VOLUME_KEY),
        *(each.kms_key for each in (*buckets, *objects, *topics)),
    )
    return tuple(dict.fromkeys(each for each in found if each and isinstance(each, str)))


def survey_key(name: str, clients: Clients) -> Key:
    """A KMS key, asked for where its ARN says it is."""
    region = name.split(":")[3] if name.count(":") >= 5 else None
    gone = Missing(f"there is no KMS key {name}")
    told = known(
        "kms:DescribeKey",
        lambda: clients("kms", region).describe_key(KeyId=name)["KeyMetadata"],
        {"NotFoundException"},
        gone,
    )
    if not isinstance(told, Mapping):
        unread = told if isinstance(told, Unknown) else Unknown(gone.reason)
        return Key(name, told, unread, unread, unread)
    policy = known(
        "kms:GetKeyPolicy",
        lambda: clients("kms", region).get_key_policy(KeyId=told["Arn"], PolicyName="default")["Policy"],
    )
    return Key(name, told["Arn"], told.get("KeyState", ""), told.get("KeyManager", ""), policy)


def own_functions(request: Mapping[str, Any], region: str) -> Iterator[tuple[str, bool]]:
    """The Lambda functions that are not AWS's own, and whether each is the one that consolidates."""
    try:
        aws_account = facts.region(region).lambda_account
    except facts.RequestError:
        aws_account = ""
    for path in (places.PRE_LAMBDA, CONSOLIDATION):
        arn = str(places.member(request, path) or "")
        if arn.count(":") >= 6 and arn.split(":")[4] != aws_account:
            yield arn, path == CONSOLIDATION


def survey_function(arn: str, consolidates: bool, clients: Clients) -> LambdaFunction:
    """A Lambda function with its resource policy; the role of the one that consolidates must read the output."""
    gone = Missing(f"there is no Lambda function {arn}")
    region = arn.split(":")[3] or None
    told = known(
        "lambda:GetFunctionConfiguration",
        lambda: clients("lambda", region).get_function_configuration(FunctionName=arn),
        {"ResourceNotFoundException"},
        gone,
    )
    if not isinstance(told, Mapping):
        unread = told if isinstance(told, Unknown) else Unknown(gone.reason)
        return LambdaFunction(arn, told, "", unread, unread)
    return LambdaFunction(
        arn,
        # Older functions and moto tell no state: they answer, so they are there to be invoked.
        told.get("State") or "Active",
        told.get("Runtime", ""),
        survey_role(told["Role"], clients("iam")) if consolidates and told.get("Role") else None,
        known(
            "lambda:GetPolicy",
            lambda: clients("lambda", region).get_policy(FunctionName=arn)["Policy"],
            {"ResourceNotFoundException"},
        ),
    )


def named_topics(request: Mapping[str, Any]) -> tuple[str, ...]:
    """The SNS topics of a streaming job."""
    found = (places.member(request, INPUT_TOPIC), places.member(request, OUTPUT_TOPIC))
    return tuple(dict.fromkeys(str(each) for each in found if each))


def survey_topic(arn: str, clients: Clients) -> Topic:
    """An SNS topic, asked for where its ARN says it is."""
    region = arn.split(":")[3] if arn.count(":") >= 5 else None
    told = known(
        "sns:GetTopicAttributes",
        lambda: clients("sns", region).get_topic_attributes(TopicArn=arn)["Attributes"],
        {"NotFound", "NotFoundException"},
    )
    if told is None:
        gone = Unknown(f"there is no topic {arn}")
        return Topic(arn, False, gone, gone)
    if isinstance(told, Unknown):
        return Topic(arn, told, told, told)
    return Topic(arn, True, told.get("Policy"), told.get("KmsMasterKeyId"))


def survey_queue(request: Mapping[str, Any], clients: Clients) -> Queue | Missing | Unknown | None:
    """The queue that a streaming job of this name reads from, if one was left behind."""
    if not places.member(request, INPUT_TOPIC):
        return None
    name = f"GroundTruth-{str(request.get('LabelingJobName') or '').lower()}"

    def ask() -> Queue | Missing:
        try:
            return Queue(name, clients("sqs").get_queue_url(QueueName=name)["QueueUrl"])
        except ClientError as error:
            if "NonExistentQueue" in code_of(error) or "QueueDoesNotExist" in code_of(error):
                return Missing(f"there is no queue {name}")
            raise

    return known("sqs:GetQueueUrl", ask)


def survey_quotas(request: Mapping[str, Any], clients: Clients) -> tuple[Quota, ...] | Unknown:
    """The quotas of the instances that automated labeling takes, and those that speak of labeling."""
    task = places.task_of(request)
    if not places.member(request, places.AUTOMATED) or task is None:
        return Unknown("not asked: no automated labeling")
    wanted = task.instance_quotas(clients.region)
    found = known("servicequotas:ListServiceQuotas", lambda: _quotas(set(wanted), clients))
    if isinstance(found, Unknown) or all(any(quota.name == name for quota in found) for name in wanted):
        return found
    lacking = ", ".join(name for name in wanted if all(quota.name != name for quota in found))
    return Unknown(f"the first {QUOTA_PAGES * 100:,} quotas of SageMaker name no {lacking}")


def _quotas(wanted: set[str], clients: Clients) -> tuple[Quota, ...]:
    pages = (
        clients("service-quotas")
        .get_paginator("list_service_quotas")
        .paginate(ServiceCode="sagemaker", PaginationConfig={"MaxItems": QUOTA_PAGES * 100, "PageSize": 100})
    )
    found: dict[str, Quota] = {}
    for page in pages:
        for each in page["Quotas"]:
            name = each["QuotaName"]
            if name in wanted or "labeling" in name.lower():
                found[name] = Quota(name, float(each["Value"]), each.get("QuotaCode", ""))
    return tuple(found.values())
