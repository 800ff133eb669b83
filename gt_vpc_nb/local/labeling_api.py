"""The SageMaker operations of Ground Truth, from dict to dict."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from gt_vpc_nb.errors import LocalAwsError, near_miss
from gt_vpc_nb.local.clock import Clock
from gt_vpc_nb.local.engine import Engine, Surroundings
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.human_task_uis import HumanTaskUis
from gt_vpc_nb.local.job import TERMINAL, Job
from gt_vpc_nb.local.job_requests import checked_task_type, not_simulated
from gt_vpc_nb.local.limits import OPERATIONS
from gt_vpc_nb.local.origin import Caller
from gt_vpc_nb.local.paging import ordered, page
from gt_vpc_nb.local.validation import service_model, validation_message, violations
from gt_vpc_nb.local.work_teams import WorkTeams
from gt_vpc_nb.local.workers import Worker

#: Labeling jobs at work at the same time in an account and Region [guess: the published tables do not name it].
MAX_RUNNING_JOBS = 50


class LocalWorld(Surroundings, Protocol):
    """What the operations need of the local AWS, besides what the engine needs."""

    clock: Clock
    account: str
    region: str

    def presigned(self, role_arn: str, region: str) -> Callable[[str], str]: ...


class LabelingApi:
    """Labeling jobs, work teams and workforces of one local AWS.

    `handle` takes an operation's name and parameters as boto3 does, and returns its answer with Python values; it
    raises ApiError for what AWS would refuse.
    """

    def __init__(self, aws: LocalWorld) -> None:
        self._aws = aws
        self._engine = Engine(aws)
        self._teams = WorkTeams(self._team_in_use)
        self._uis = HumanTaskUis(aws.presigned)
        self._tags: dict[str, dict[str, str]] = {}

    operations = OPERATIONS

    def handle(self, operation: str, params: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Answers one operation; `params` are checked against botocore's model, patterns and maximums included."""
        if operation not in self.operations:
            raise not_simulated(f"the operation {operation}")
        found = violations(service_model().operation_model(operation).input_shape, params)
        if found:
            raise ApiError("ValidationException", validation_message(found))
        now = self._aws.clock.now()
        self.tick(now)
        method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation)
        if hasattr(self, method):
            return getattr(self, method)(params, caller, now)
        rooms = (self._teams, self._teams.workforces, self._uis)
        room = next(each for each in rooms if hasattr(each, method.lstrip("_")))
        answer = getattr(room, method.lstrip("_"))(params, caller, now)
        if operation.startswith("Create"):
            (arn,) = answer.values()
            self._tags[arn] = _as_dict(params.get("Tags", ()))
        return answer

    def tick(self, now: datetime) -> None:
        """Lets everything happen that is due by now."""
        self._teams.workforces.settle(now)
        self._engine.tick(now)

    @property
    def engine(self) -> Engine:
        """The jobs at work, for whoever stands in for a worker."""
        return self._engine

    @property
    def streaming(self) -> bool:
        """Whether a streaming job is at work."""
        return any(job.topic and job.status == "InProgress" for job in self._engine.jobs.values())

    def sent(self, now: datetime) -> None:
        """Something may have been sent to a topic."""
        self._engine.sent(now)

    def staff(self, team: str, workers: Sequence[Worker]) -> None:
        """Puts simulated workers into a work team, given by its ARN or, in the world's own account, by its name."""
        arn = self._teams.arn(team, self._aws.account, self._aws.region)
        if arn is None:
            names = [each.rpartition("/")[2] for each in self._teams.arns()]
            hint = near_miss(team, names)
            raise LocalAwsError(f"There is no work team {team!r}{hint or '; create it with CreateWorkteam first.'}")
        names = [worker.name for worker in workers]
        if len(set(names)) != len(names):
            raise LocalAwsError(f"The workers are named {', '.join(names)}; give each a name of its own.")
        self._engine.staff(arn, workers, self._aws.clock.now())

    def _create_labeling_job(self, params: dict[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        found = checked_task_type(params, caller)
        team = params["HumanTaskConfig"]["WorkteamArn"]
        if self._teams.arn(team, caller.account, caller.region) is None:
            raise ApiError("ValidationException", f"Work team {team} does not exist.")
        reference = hashlib.sha256(
            f"{self._aws.seed}/{caller.account}/{params['LabelingJobName']}".encode()
        ).hexdigest()
        job = Job(caller.account, caller.region, params, found, now, now, f"local-{reference[:20]}")
        if job.key in self._engine.jobs:
            raise ApiError("ResourceInUse", f"Labeling job name {job.name} is already in use.")
        running = [each for each in self._jobs(caller) if each.status not in TERMINAL]
        if len(running) >= MAX_RUNNING_JOBS:
            message = f"The account already has {len(running)} labeling jobs at work; the limit is {MAX_RUNNING_JOBS}."
            raise ApiError("ResourceLimitExceeded", message)
        self._tags[job.arn] = _as_dict(params.get("Tags", ()))
        self._engine.create(job)
        return {"LabelingJobArn": job.arn}

    def _describe_labeling_job(self, params: dict[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        job = self._job(params["LabelingJobName"], caller)
        copied = (
            "LabelingJobName", "LabelAttributeName", "InputConfig", "OutputConfig", "RoleArn", "HumanTaskConfig",
            "LabelCategoryConfigS3Uri", "StoppingConditions", "LabelingJobAlgorithmsConfig",
        )  # fmt: skip
        answer = {
            **{member: job.request[member] for member in copied if member in job.request},
            **_state(job),
            "LabelCounters": self._engine.counters(job).label_counters(),
            "JobReferenceCode": job.reference_code,
            "Tags": _as_list(self._tags[job.arn]),
        }
        return answer

    def _list_labeling_jobs(self, params: dict[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        rows = [self._summary(job) for job in self._jobs(caller) if _wanted(job, params)]
        columns = {"Name": "LabelingJobName", "CreationTime": "CreationTime", "Status": "LabelingJobStatus"}
        return page(ordered(rows, params, columns, "CreationTime"), params, "LabelingJobSummaryList")

    def _summary(self, job: Job) -> dict[str, Any]:
        task = job.request["HumanTaskConfig"]
        functions = {**task, **task.get("AnnotationConsolidationConfig", {})}
        named = ("PreHumanTaskLambdaArn", "AnnotationConsolidationLambdaArn")
        return {
            "LabelingJobName": job.name,
            **_state(job),
            "LabelCounters": self._engine.counters(job).label_counters(),
            "WorkteamArn": job.team,
            **{member: functions[member] for member in named if member in functions},
            "InputConfig": job.request["InputConfig"],
        }

    def _list_labeling_jobs_for_workteam(self, params: dict[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        team = params["WorkteamArn"]
        if self._teams.arn(team, caller.account, caller.region) != team:
            raise ApiError("ResourceNotFound", f"Work team {team} does not exist.")
        rows = [
            {
                "LabelingJobName": job.name,
                "JobReferenceCode": job.reference_code,
                "WorkRequesterAccountId": job.account,
                "CreationTime": job.created,
                "LabelCounters": self._workteam_counters(job),
                "NumberOfHumanWorkersPerDataObject": job.request["HumanTaskConfig"][
                    "NumberOfHumanWorkersPerDataObject"
                ],
            }
            for job in self._engine.jobs.values()
            if job.team == team and _wanted(job, params)
        ]
        return page(
            ordered(rows, params, {"CreationTime": "CreationTime"}, "CreationTime"), params, "LabelingJobSummaryList"
        )

    def _workteam_counters(self, job: Job) -> dict[str, int]:
        counters = self._engine.counters(job).workteam_counters()
        return {**counters, "PendingHuman": counters["PendingHuman"] if job.status == "InProgress" else 0}

    def _stop_labeling_job(self, params: dict[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        job = self._job(params["LabelingJobName"], caller)
        if job.status in TERMINAL:
            # The wording is that of StopTrainingJob [guess that it is the same here].
            message = f"The request was rejected because the labeling job is in status {job.status}."
            raise ApiError("ValidationException", message)
        if job.status != "Stopping":
            self._engine.stop(job, now)
        return {}

    def _add_tags(self, params: dict[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        tags = self._tags_of(params["ResourceArn"], caller)
        merged = {**tags, **_as_dict(params["Tags"])}
        if len(merged) > 50:
            raise ApiError("ResourceLimitExceeded", f"The resource would have {len(merged)} tags; the limit is 50.")
        tags.update(merged)
        return {"Tags": _as_list(tags)}

    def _list_tags(self, params: dict[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        return page(_as_list(self._tags_of(params["ResourceArn"], caller)), params, "Tags")

    def _delete_tags(self, params: dict[str, Any], caller: Caller, now: datetime) -> dict[str, Any]:
        tags = self._tags_of(params["ResourceArn"], caller)
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _tags_of(self, arn: str, caller: Caller) -> dict[str, str]:
        _, _, _, region, account, named = arn.split(":", 5)
        if account != caller.account:
            raise ApiError("AccessDeniedException", f"{caller.principal} may not see the tags of {arn}.")
        if region != caller.region:
            raise ApiError("ResourceNotFound", f"{arn} does not exist in Region {caller.region}.")
        kind = named.split("/")[0]
        if kind not in ("labeling-job", "workteam", "workforce", "human-task-ui"):
            raise not_simulated(f"tags of a {kind}")
        if arn not in self._tags or not self._there(arn, kind):
            raise ApiError("ResourceNotFound", f"{arn} does not exist.")
        return self._tags[arn]

    def _there(self, arn: str, kind: str) -> bool:
        """Whether what was tagged is still there; labeling jobs always are."""
        rooms = {"workteam": self._teams, "workforce": self._teams.workforces, "human-task-ui": self._uis}
        return kind not in rooms or arn in rooms[kind].arns()

    def _team_in_use(self, arn: str) -> bool:
        return any(job.team == arn and job.status not in TERMINAL for job in self._engine.jobs.values())

    def _jobs(self, caller: Caller) -> list[Job]:
        return [job for key, job in self._engine.jobs.items() if key[:2] == (caller.account, caller.region)]

    def _job(self, name: str, caller: Caller) -> Job:
        job = self._engine.jobs.get((caller.account, caller.region, name.lower()))
        if job is None:
            raise ApiError("ResourceNotFound", f"Labeling job {name} does not exist.")
        return job


def _state(job: Job) -> dict[str, Any]:
    state: dict[str, Any] = {
        "LabelingJobArn": job.arn,
        "LabelingJobStatus": job.status,
        "CreationTime": job.created,
        "LastModifiedTime": job.modified,
    }
    if job.failure_reason:
        state["FailureReason"] = job.failure_reason
    if job.output:
        state["LabelingJobOutput"] = {"OutputDatasetS3Uri": job.output}
        if job.model_arn:
            state["LabelingJobOutput"]["FinalActiveLearningModelArn"] = job.model_arn
    return state


def _wanted(job: Job, params: Mapping[str, Any]) -> bool:
    """Whether a job passes the filters of a List operation."""
    times = (("CreationTime", job.created), ("LastModifiedTime", job.modified))
    return (
        params.get("StatusEquals", job.status) == job.status
        and params.get("NameContains", "").lower() in job.name.lower()
        and params.get("JobReferenceCodeContains", "") in job.reference_code
        and all(params.get(f"{name}After", time) <= time <= params.get(f"{name}Before", time) for name, time in times)
    )


def _as_dict(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _as_list(tags: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
