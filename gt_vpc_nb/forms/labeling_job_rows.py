"""The fields of the labeling job form: job, data, network and people; a new field is a new row."""

from __future__ import annotations

from typing import Any

from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.facts import limits, regions, task_type, task_types
from gt_vpc_nb.forms.labeling_job_row import Row, by_task, with_field
from gt_vpc_nb.job_arguments import audited_task

_SOURCE = "InputConfig.DataSource.S3DataSource"
_CLASSIFIERS = "InputConfig.DataAttributes.ContentClassifiers"
_VPC = "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig"
_HUMAN = "HumanTaskConfig"


def _regions(job: LabelingJob) -> list[tuple[str, Any]]:
    return [("The session's Region", None), *((each.code, each.code) for each in regions())]


def _tasks(job: LabelingJob) -> list[tuple[str, Any]]:
    own = ("A workflow of your own (custom)", None)
    return [own, *((f"{kind.display_name} ({kind.code})", kind.code) for kind in task_types())]


def _audits(job: LabelingJob) -> list[tuple[str, Any]]:
    return [("No, label anew", None), ("Adjust: correct them", "adjust"), ("Verify: judge them", "verify")]


def _with_task(job: LabelingJob, code: str | None) -> LabelingJob:
    kind = task_type(code) if code else None
    if kind and kind.base_task and not job.audit:
        job = job.exactly(audit="verify" if kind.job_kind == "verification" else "adjust")
    return job.task(code, title=job.title, description=job.description, keywords=job.keywords)


def _with_audit(job: LabelingJob, audit: str | None) -> LabelingJob:
    kind = job.task_type
    if kind is None:
        return job.exactly(audit=audit, audited=job.audited if audit else None)
    base = kind.base_task or kind.code
    code = audited_task(base, audit)
    said = job.exactly(audit=audit, audited=job.audited if audit else None)
    return said.task(code, title=job.title, description=job.description, keywords=job.keywords)


def _auditable(job: LabelingJob) -> bool:
    code = job.task_code
    return code is None or any(
        kind.base_task == code or (kind.code == code and kind.base_task) for kind in task_types()
    )


def _with_team(job: LabelingJob, team: str | None) -> LabelingJob:
    return with_field(job.exactly(public=job.public and team is None), "team", team)


def _with_public(job: LabelingJob, public: bool) -> LabelingJob:
    return job.exactly(public=public, team=None if public else job.team, price=job.price if public else None)


def _prices(job: LabelingJob) -> list[tuple[str, Any]]:
    return [(price, price) for price in (job.task_type.prices if job.task_type else ())]


def _classifiers(job: LabelingJob) -> list[tuple[str, Any]]:
    return [(each, each) for each in limits()[f"{_CLASSIFIERS}[]"].values]


JOB = (
    Row("The job", "task_code", "Task type", "choice", f"{_HUMAN}.PreHumanTaskLambdaArn",
        "What workers do. Fields below come and go with it.", options=_tasks, write=_with_task),
    Row("The job", "name", "Job name", "text", "LabelingJobName",
        "Unique in the account and Region: letters, digits and hyphens.", ("REQ-01",)),
    Row("The job", "region", "Region", "choice", "Region",
        "Where the job runs; its buckets and work team are there too.", ("SVC-02",), options=_regions),
    Row("The job", "title", "Title", "text", f"{_HUMAN}.TaskTitle", "What workers read in the list of their tasks."),
    Row("The job", "description", "Description", "long text", f"{_HUMAN}.TaskDescription",
        "What workers are asked to do, in a sentence or two."),
    Row("The job", "keywords", "Keywords", "lines", f"{_HUMAN}.TaskKeywords",
        "One a line, up to five: how workers find the task."),
    Row("The job", "audit", "Work on labels that exist?", "choice", "", "Labels that an earlier job made.",
        options=_audits, shown=_auditable, write=_with_audit),
    Row("The job", "audited", "Labels to look at", "text", "",
        "The label attribute name of the earlier job.", ("MAN-12",),
        shown=lambda job: bool(job.audit) or bool(job.task_type and job.task_type.base_task)),
    Row("The job", "attribute", "Label attribute name", "text", "LabelAttributeName",
        "Under this name labels stand in the output; left empty, it follows from the job's name.", ("REQ-02",)),
)  # fmt: skip

DATA = (
    Row("Data", "manifest", "Input manifest", "text", f"{_SOURCE}.ManifestS3Uri",
        "s3://bucket/file: one JSON object a line.", ("MAN-01", "STR-01", "CORS-01"), offers="buckets"),
    Row("Data", "objects", "Or data objects", "objects", _SOURCE,
        "One a line: an s3:// URI, a text, or a whole JSON object. Written to S3 when the job is submitted.",
        ("MAN-05",), instead="manifest"),
    Row("Data", "topic", "Streaming: SNS topic for input", "text",
        "InputConfig.DataSource.SnsDataSource.SnsTopicArn",
        "With a topic the job runs on and takes data objects as they come.", offers="SNS topics"),
    Row("Data", "output_path", "Output path", "text", "OutputConfig.S3OutputPath",
        "s3://bucket/prefix: the job makes a folder of its own below it.", ("CORS-02", "REQ-11"), offers="buckets"),
    Row("Data", "output_key", "Output KMS key", "text", "OutputConfig.KmsKeyId",
        "Encrypts what the job writes; left empty, the account's key for S3 does.", ("KMS-01", "KMS-03"),
        offers="KMS keys"),
    Row("Data", "output_topic", "Streaming: SNS topic for output", "text", "OutputConfig.SnsTopicArn",
        "Labels are sent to it as they are made.", offers="SNS topics", shown=lambda job: job.topic is not None),
    Row("Data", "declared", "The data is", "lines", _CLASSIFIERS,
        "Mechanical Turk takes only data declared free of personal information.", options=_classifiers),
)  # fmt: skip

NETWORK = (
    Row("Network", "vpc", "VPC", "text", "", "The VPC in which the job's data stays.", ("NET-13",), offers="vpcs"),
    Row("Network", "subnets", "Subnets", "lines", f"{_VPC}.Subnets",
        "One a line. In the request only with automated labeling.", ("NET-05", "NET-07"), offers="subnets"),
    Row("Network", "security_groups", "Security groups", "lines", f"{_VPC}.SecurityGroupIds",
        "One a line. In the request only with automated labeling.", ("NET-09",), offers="security groups"),
    Row("Network", "endpoints", "VPC endpoints for S3", "lines", "",
        "One a line: the endpoints that the buckets' policies let in.", ("NET-01", "NET-03", "NET-04"),
        offers="S3 endpoints"),
)  # fmt: skip

PEOPLE = (
    Row("Workers", "team", "Work team", "text", f"{_HUMAN}.WorkteamArn",
        "A private work team by name, or any by ARN.", ("WF-",), offers="work teams",
        shown=lambda job: not job.public, write=_with_team),
    Row("Workers", "public", "Mechanical Turk in place of a work team", "flag", "",
        "Everybody may see the data: never for data that stays in a VPC.",
        shown=by_task(lambda kind: kind.public_crowd, custom=True), write=_with_public),
    Row("Workers", "price", "Price a task and worker (US dollars)", "money", f"{_HUMAN}.PublicWorkforceTaskPrice",
        "One of the prices of the task type, such as 0.036.", ("WF-12", "REQ-09"), options=_prices,
        shown=lambda job: job.public),
    Row("Workers", "per_object", "Workers for each data object", "number",
        f"{_HUMAN}.NumberOfHumanWorkersPerDataObject", "1 to 9; left empty, the task type's default."),
    Row("Workers", "time_limit", "Seconds for a task", "number", f"{_HUMAN}.TaskTimeLimitInSeconds",
        "Left empty, 3600: an hour.", ("REQ-04",)),
    Row("Workers", "availability", "Seconds a task stays on offer", "number",
        f"{_HUMAN}.TaskAvailabilityLifetimeInSeconds", "Left empty, ten days with a private work team.", ("REQ-05",)),
    Row("Workers", "in_flight", "Tasks at a time", "number", f"{_HUMAN}.MaxConcurrentTaskCount",
        "At most 5000; left empty, 1000."),
    Row("Workers", "role", "Execution role", "text", "RoleArn",
        "The ARN of the role as which Ground Truth reads and writes your buckets.", ("IAM-",), offers="roles"),
)  # fmt: skip
