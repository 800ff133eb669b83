"""The life of labeling jobs: Initializing, InProgress, then Completed, Failed, or Stopping and Stopped.

A heap of events on the simulated clock, no threads: `tick` does whatever is due. Everything is decided by the seed of
the local AWS and the job's name, so two runs are alike. Times AWS does not publish are guesses and say so.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.facts import region as region_facts
from gt_vpc_nb.local.automation import Automation
from gt_vpc_nb.local.dataset import BadInput, NotSimulated, View
from gt_vpc_nb.local.failures import Refused
from gt_vpc_nb.local.functions import functions_of
from gt_vpc_nb.local.job import Counters, Job
from gt_vpc_nb.local.materials import refuse_other_regions
from gt_vpc_nb.local.origin import Origin
from gt_vpc_nb.local.running import Run
from gt_vpc_nb.local.streaming import StreamRun
from gt_vpc_nb.local.topics import Stream
from gt_vpc_nb.local.workers import Person, Task, Worker

#: Ground Truth reaches S3 through an endpoint of a VPC that is its own.
GROUND_TRUTH_VPC = "vpc-0a6d5f3c9e1b7d824"
#: Overall a job ends after 30 days (API, LabelingJobStoppingConditions).
LONGEST = timedelta(days=30)
#: From StopLabelingJob to Stopped [guess].
STOPPING_TIME = timedelta(minutes=1)


class Surroundings(Protocol):
    """What the engine needs of the local AWS."""

    seed: int

    def view(self, role_arn: str, origin: Origin, region: str, kms_key: str | None = None) -> View: ...

    def vpc_endpoint_for(self, subnet_ids: Sequence[str], region: str) -> Origin | None: ...

    def invoke(self, arn: str, event: Mapping[str, Any], role_arn: str) -> Any: ...

    def stream(self, job: Job) -> Stream: ...


class Engine:
    """All labeling jobs of a local AWS."""

    def __init__(self, aws: Surroundings) -> None:
        self._aws = aws
        self.jobs: dict[tuple[str, str, str], Job] = {}
        self._runs: dict[tuple[str, str, str], Run] = {}
        self._models: dict[str, tuple[str, Any]] = {}
        self._teams: dict[str, tuple[Worker | Person, ...]] = {}
        self._events: list[tuple[datetime, int, tuple[str, str, str], str, tuple[Any, ...]]] = []
        self._order = itertools.count()
        self._busy = False
        #: Told of each answer of a real person, who answers it only once.
        self.told: Callable[..., object] = lambda do, **facts: None

    def create(self, job: Job) -> None:
        """Takes a new job in; it is Initializing for a minute or so [guess]."""
        self.jobs[job.key] = job
        chance = random.Random(f"{self._aws.seed}/{job.name}")
        self._later(job, job.created + timedelta(seconds=round(chance.uniform(60, 90), 3)), "start")
        if not job.topic:
            self._later(job, job.created + LONGEST, "expired")

    def stop(self, job: Job, now: datetime) -> None:
        """StopLabelingJob: Stopping now, Stopped with what is labeled a minute later."""
        self._change(job, now, "Stopping")

    def counters(self, job: Job) -> Counters:
        """Where the job's data objects are; all zero before the input manifest was read."""
        run = self._runs.get(job.key)
        return run.counters if run else Counters()

    def staff(self, team: str, workers: Sequence[Worker | Person], now: datetime) -> None:
        """Puts these workers into the work team with this ARN, also for tasks that are already offered."""
        self._teams[team] = tuple(workers)
        for key in self._runs:
            if self.jobs[key].team == team:
                self._later(self.jobs[key], now, "staffed")
        self.tick(now)

    def open_tasks(self, person: str) -> list[tuple[Job, Task]]:
        """What a real person may take up now, in the teams they are in: jobs in progress, and tasks of theirs."""
        at_work = [job for job in self.jobs.values() if job.status == "InProgress" and job.key in self._runs]
        return [(job, task) for job in at_work for task in self._runs[job.key].open_tasks(person)]

    def submitted(self, job: Job, now: datetime, person: str, key: str, value: Any, accepted: datetime) -> None:
        """A real person answers a task, or declines it with None. Raises LocalAwsError for what is no answer to it."""
        self._runs[job.key].submitted(now, person, key, value, accepted)
        self.told("submitted", job=job.key, now=now, person=person, key=key, value=value, accepted=accepted)
        self.tick(now)

    def people(self) -> list[str]:
        """The real people in all work teams."""
        return sorted({each.name for team in self._teams.values() for each in team if isinstance(each, Person)})

    def sent(self, now: datetime) -> None:
        """Something may have been sent to a topic: the streaming jobs look."""
        for job in self.jobs.values():
            if job.topic and job.status == "InProgress":
                self._later(job, now, "arrived")
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """Lets everything happen that is due by now, in the order of its time."""
        if self._busy:  # the jobs' own reads and writes must not start the next event in the middle of one
            return
        self._busy = True
        try:
            while self._events and self._events[0][0] <= now:
                when, _, key, step, payload = heapq.heappop(self._events)
                self._step(self.jobs[key], when, step, payload)
        finally:
            self._busy = False

    def _later(self, job: Job, when: datetime, step: str, *payload: Any) -> None:
        heapq.heappush(self._events, (when, next(self._order), job.key, step, payload))

    def _step(self, job: Job, when: datetime, step: str, payload: tuple[Any, ...]) -> None:
        if job.status not in _STEPS[step]:
            return
        try:
            status = getattr(self, f"_{step}")(job, when, *payload)
            if status is not None and status != job.status:
                self._change(job, when, status)
        except (BadInput, NotSimulated) as reason:
            self._fail(job, when, str(reason))
        except Refused as refused:
            denied = f"{refused.said}: {refused.action} on {refused.resource_arn}"
            self._fail(job, when, f"ClientError: {denied}.")
        except LocalAwsError as error:
            self._fail(job, when, f"InternalServerError: the simulated work team could not answer: {error}")

    def _start(self, job: Job, when: datetime) -> str | None:
        endpoint = region_facts(job.region).ground_truth_endpoint
        service = "sagemaker.amazonaws.com"
        origin = Origin(vpc=GROUND_TRUTH_VPC, vpc_endpoint=endpoint, ip="10.0.0.10", via_service=service)
        view = self._aws.view(job.request["RoleArn"], origin, job.region, job.output_key)
        refuse_other_regions(view, job)

        def later(at: datetime, step: str, *payload: Any) -> None:
            self._later(job, at, step, *payload)

        workers, functions = self._teams.get(job.team, ()), functions_of(job, self._aws.invoke)
        if job.topic:
            run: Run = StreamRun(job, view, workers, later, functions, self._aws.stream(job))
        else:
            run = Run(job, view, workers, later, functions)
        self._runs[job.key] = run
        return run.start(when, self._automation if job.automated else None)

    def _automation(self, run: Run) -> Automation:
        job = run.job
        return Automation(run, lambda: self._training_view(job), f"{self._aws.seed}/{job.name}", self._initial(job))

    def _initial(self, job: Job) -> Any:
        """The model of an earlier job of the same kind; BadInput [guess: text] when the request names another."""
        arn = job.initial_model
        if arn is None:
            return None
        code, model = self._models.get(arn, (None, None))
        if code != job.task_type.code:
            why = "there is no such model" if code is None else f"it was trained for {code}"
            raise BadInput(f"ClientError: {arn} cannot be the initial model of a {job.task_type.code} job: {why}.")
        return model

    def _training_view(self, job: Job) -> View:
        """S3 as the training containers see it: from the job's subnets, through the endpoint on their route tables."""
        if job.subnets is None:
            return self._aws.view(job.request["RoleArn"], Origin(ip="198.51.100.20"), job.region, job.output_key)
        origin = self._aws.vpc_endpoint_for(job.subnets, job.region)
        if origin is None:
            raise BadInput(
                "ClientError: Training job failed: data download failed. No S3 VPC endpoint is on the route tables of "
                f"{', '.join(job.subnets)}, so the training job cannot reach S3."
            )
        return self._aws.view(job.request["RoleArn"], origin, job.region, job.output_key)

    def _answered(self, job: Job, when: datetime, number: int, turn: int) -> str | None:
        return self._runs[job.key].answered(when, number, turn)

    def _trained(self, job: Job, when: datetime) -> str | None:
        return self._runs[job.key].trained(when)

    def _arrived(self, job: Job, when: datetime) -> str | None:
        run = self._runs[job.key]
        assert isinstance(run, StreamRun)
        return run.arrived(when)

    def _idle(self, job: Job, when: datetime) -> str | None:
        run = self._runs[job.key]
        assert isinstance(run, StreamRun)
        return run.idle(when)

    def _staffed(self, job: Job, when: datetime) -> str | None:
        return self._runs[job.key].staffed(when, self._teams[job.team])

    def _stopped(self, job: Job, when: datetime) -> str:
        return "Stopped"

    def _expired(self, job: Job, when: datetime) -> str | None:
        raise BadInput("ClientError: The labeling job has expired: it ran for more than 30 days.")

    def _change(self, job: Job, when: datetime, status: str) -> None:
        changed = replace(job, status=status, modified=when)
        run = self._runs.get(job.key)
        if status in ("Completed", "Stopped") and run is not None and run.objects:
            changed = replace(changed, output=run.finish(), model_arn=self._kept_model(run))
        self.jobs[job.key] = changed
        if status == "Stopping":
            self._later(changed, when + STOPPING_TIME, "stopped")

    def _kept_model(self, run: Run) -> str | None:
        """The ARN of the last round's model, which later jobs may begin with; None without one."""
        if run.automation is None or not run.automation.model_name:
            return None
        arn = f"arn:aws:sagemaker:{run.job.region}:{run.job.account}:model/{run.automation.model_name}"
        self._models[arn] = (run.job.task_type.code, run.automation.model)
        return arn

    def _fail(self, job: Job, when: datetime, reason: str) -> None:
        self.jobs[job.key] = replace(job, status="Failed", failure_reason=reason[:1024], modified=when)


#: In which statuses a step still counts; a job that has ended ignores what was planned for it.
_STEPS: dict[str, tuple[str, ...]] = {
    "start": ("Initializing",),
    "answered": ("InProgress",),
    "trained": ("InProgress",),
    "staffed": ("InProgress",),
    "arrived": ("InProgress",),
    "idle": ("InProgress",),
    "stopped": ("Stopping",),
    "expired": ("Initializing", "InProgress"),
}
