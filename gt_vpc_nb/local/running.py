"""One labeling job at work: batches go to people, answers come back, labels are written.

Nothing here knows HTTP, moto or the heap of events: it is given views of S3, a work team and the simulated time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from gt_vpc_nb.local.automation import Automation
from gt_vpc_nb.local.consolidation import Trust
from gt_vpc_nb.local.dataset import BadInput, DataObject, View, read_labels, read_objects, read_template
from gt_vpc_nb.local.failures import Missing, Refused
from gt_vpc_nb.local.job import Counters, Job
from gt_vpc_nb.local.outputs import (
    FORMS,
    consolidation_request,
    consolidation_response,
    image_size,
    label_members,
    manifest,
    stamp,
    worker_response,
)
from gt_vpc_nb.local.shift import Shift, Terms
from gt_vpc_nb.local.workers import Task, Worker

#: AWS offers ten objects first, to find mistakes early, and then up to MaxConcurrentTaskCount (knowledge center).
FIRST_BATCH = 10
#: From the end of a human batch to the machine's labels: training, and inference on the rest [guess].
TRAINING_TIME = timedelta(minutes=20)
_LIFETIME = 2_592_000  # seconds; the documented default of private teams

Later = Callable[..., None]


class Run:
    """The workings of one job. Its steps return the status the job changes to, or None.

    A step raises BadInput when the job has to fail; the text is the FailureReason. `later(when, step, *payload)`
    registers what happens next.
    """

    def __init__(self, job: Job, view: View, workers: Sequence[Worker], later: Later) -> None:
        self.job, self.view, self._later = job, view, later
        self.form = FORMS[job.task_type.code]
        self.counters = Counters()
        self.objects: list[DataObject] = []
        self.labels: tuple[str, ...] = ()
        self.automation: Automation | None = None
        self._trust = Trust()
        self._queue: list[int] = []
        self._batch: list[int] = []
        self._offered_at = job.created
        self._iteration = 0
        self._shift = self._new_shift(workers)

    def _new_shift(self, workers: Sequence[Worker]) -> Shift:
        task = self.job.request["HumanTaskConfig"]
        limit = timedelta(seconds=task["TaskTimeLimitInSeconds"])
        lifetime = timedelta(seconds=task.get("TaskAvailabilityLifetimeInSeconds", _LIFETIME))
        return Shift(workers, Terms(task["NumberOfHumanWorkersPerDataObject"], limit, lifetime), self.form)

    def start(self, now: datetime, automation: Callable[[Run], Automation] | None) -> str | None:
        """Reads the inputs and offers the first batch; the job is then InProgress."""
        request = self.job.request
        read_template(self.view, request["HumanTaskConfig"]["UiConfig"]["UiTemplateS3Uri"])
        self.labels = read_labels(self.view, request["LabelCategoryConfigS3Uri"], self.job.task_type)
        self.objects = read_objects(self.view, self.job.manifest_uri, self.job.task_type, self.job.attribute)
        self._queue = [data.number for data in self.objects if not data.known]
        self.counters.total = len(self._queue)
        if automation is not None:
            self.automation = automation(self)
            self._queue = self.automation.begin(self._queue)
        return self._next(now) or "InProgress"

    def staffed(self, now: datetime, workers: Sequence[Worker]) -> str | None:
        """Other people are in the team from now on; they take over the tasks that nobody has finished."""
        if not self.counters.offered:  # the job is training; the people are there for its next batch
            self._shift = self._new_shift(workers)
            return None
        self._shift = self._new_shift(workers)
        for number in self._batch:
            if self.objects[number].state == "offered":
                self.counters.offered -= 1
                self._offer(self.objects[number], now)
        return None if self.counters.offered else self._end_batch(now)

    def answered(self, now: datetime, number: int, turn: int) -> str | None:
        """The workers are done with an object, or its time is up."""
        data = self.objects[number]
        if data.turn != turn or data.state != "offered":
            return None
        self.counters.offered -= 1
        if data.answers:
            data.verdict = self.form.consolidate(data.answers, self.labels, self._trust)
            response = worker_response(self.form, data, self.job.region, self.job.account)
            folder = f"annotations/worker-response/iteration-{self._iteration}/{number}"
            self.put(f"{folder}/{stamp(now)}.json", response, "application/json")
            self.label(data, now, human=True)
        else:
            self.fail(data)
        if self._satisfied():
            return "Stopping"
        return None if self.counters.offered else self._end_batch(now)

    def label(self, data: DataObject, now: datetime, *, human: bool) -> None:
        """Books the object's verdict as its label."""
        data.state, data.human = "labeled", human
        data.output = label_members(
            self.form,
            data,
            self.labels,
            attribute=self.job.attribute,
            job=self.job.name,
            output_type=str(self.job.task_type.output_type),
            when=now,
        )
        if human:
            self.counters.human += 1
        else:
            self.counters.machine += 1

    def fail(self, data: DataObject) -> None:
        """Books the object as one that cannot be labeled."""
        data.state = "failed"
        self.counters.failed += 1

    def trained(self, now: datetime) -> str | None:
        """A round of automated labeling ends: the model labels what it is sure of, people get the next part."""
        assert self.automation is not None
        self._queue = self.automation.round(now)
        return "Stopping" if self._satisfied() else self._next(now)

    def finish(self) -> str:
        """Writes the output manifest as far as it goes, and returns its URI; nothing if the input was never read."""
        return self.put("manifests/output/output.manifest", manifest(self.objects), "application/json")

    def put(self, path: str, data: bytes, content_type: str, view: View | None = None) -> str:
        """Writes one file into the job's folder; BadInput names action and ARN when that is refused [guess: text]."""
        bucket, prefix = self.job.folder
        try:
            (view or self.view).put(bucket, prefix + path, data, content_type)
        except (Refused, Missing) as error:
            arn = f"arn:aws:s3:::{bucket}/{prefix}{path}"
            why = error.said if isinstance(error, Refused) else "NoSuchBucket"
            reason = f"ClientError: Unable to write the output of the job. {why}: s3:PutObject on {arn}."
            raise BadInput(reason) from error
        return f"s3://{bucket}/{prefix}{path}"

    def _next(self, now: datetime) -> str | None:
        while self._queue:
            size = self._batch_size()
            batch, self._queue = self._queue[:size], self._queue[size:]
            self._iteration += 1
            self._offered_at = now
            self._batch = [number for number in batch if self._offer(self.objects[number], now)]
            if self._batch:
                return None
        if self.automation is not None and self.automation.pending:
            self._later(now + TRAINING_TIME, "trained")
            return None
        return "Completed"

    def _batch_size(self) -> int:
        most = self.job.request["HumanTaskConfig"].get("MaxConcurrentTaskCount", 1000)
        size = FIRST_BATCH if self._iteration == 0 else most
        return max(1, min(size, most, self._room()))

    def _room(self) -> int:
        """How many more objects may be labeled before a stopping condition is met."""
        conditions = self.job.request.get("StoppingConditions", {})
        humans = conditions.get("MaxHumanLabeledObjectCount", math.inf) - self.counters.human
        share = conditions.get("MaxPercentageOfInputDatasetLabeled", math.inf)
        labeled = self.counters.human + self.counters.machine
        allowed = math.inf if share == math.inf else math.ceil(share / 100 * self.counters.total) - labeled
        room = min(humans, allowed)
        return int(room) if room < math.inf else self.counters.total

    def _satisfied(self) -> bool:
        # All labeled is Completed, whatever the conditions say: 100 % is no reason to be Stopped.
        unlabeled = self.counters.label_counters()["Unlabeled"]
        return bool(self.job.request.get("StoppingConditions")) and unlabeled > 0 and self._room() <= 0

    def _offer(self, data: DataObject, now: datetime) -> bool:
        try:
            content = data.read(self.view)
            data.image_size = image_size(content, data.key) if self.form.needs_image_size else None
        except (Refused, Missing, BadInput):
            self.fail(data)
            return False
        data.state = "offered"
        self.counters.offered += 1
        self._schedule(data, now, content)
        return True

    def _schedule(self, data: DataObject, now: datetime, content: bytes) -> None:
        task = Task(data.key, self.job.task_type.code, self.labels, data.line, content)
        schedule = self._shift.schedule(task, now, self._offered_at)
        data.turn += 1
        data.answers = schedule.answers
        self._later(schedule.done, "answered", data.number, data.turn)

    def _end_batch(self, now: datetime) -> str | None:
        done = [self.objects[number] for number in self._batch if self.objects[number].labeled]
        if done:
            self._write_consolidation(done, now)
        return self._next(now)

    def _write_consolidation(self, done: Sequence[DataObject], now: datetime) -> None:
        files: dict[str, Any] = {
            "consolidation-request": consolidation_request(done, self.job.region, self.form),
            "consolidation-response": consolidation_response(done),
        }
        for name, data in files.items():
            path = f"annotations/consolidated-annotation/{name}/iteration-{self._iteration}/{stamp(now)}.json"
            self.put(path, data, "application/json")
        self.put(f"annotations/intermediate/{self._iteration}/annotations.manifest", manifest(done), "application/json")
