"""One labeling job at work: objects go to people, answers come back, labels are written.

Nothing here knows HTTP, moto or the heap of events: it is given views of S3, a work team and the simulated time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.automation import Automation
from gt_vpc_nb.local.consolidation import Answer, Trust
from gt_vpc_nb.local.dataset import BadInput, DataObject, View, read_objects
from gt_vpc_nb.local.failures import Missing, Refused
from gt_vpc_nb.local.forms import FORMS
from gt_vpc_nb.local.functions import Functions
from gt_vpc_nb.local.job import Counters, Job
from gt_vpc_nb.local.job_folder import JobFolder
from gt_vpc_nb.local.materials import Materials, audited, read_materials
from gt_vpc_nb.local.outputs import function_members, label_members
from gt_vpc_nb.local.shift import Shift, Terms
from gt_vpc_nb.local.workers import Person, Task, Worker

#: AWS offers ten objects first, to find mistakes early, and then up to MaxConcurrentTaskCount (knowledge center).
FIRST_BATCH = 10
#: From the end of a human batch to the machine's labels: training, and inference on the rest [guess].
TRAINING_TIME = timedelta(minutes=20)
_LIFETIME = 2_592_000  # seconds; the documented default of private teams

Later = Callable[..., None]


class Run:
    """The workings of one job. Its steps return the status the job changes to, or None.

    A step raises BadInput when the job has to fail; the text is the FailureReason. `later(when, step, *payload)`
    registers what happens next; `functions` are those of a workflow of the customer's own.
    """

    def __init__(
        self, job: Job, view: View, workers: Sequence[Worker | Person], later: Later, functions: Functions
    ) -> None:
        self.job, self.view, self._later, self._functions = job, view, later, functions
        self.form, self.folder = FORMS[job.task_type.code], JobFolder(job, view)
        self.counters = Counters()
        self.objects: list[DataObject] = []
        self.materials = Materials()
        self.automation: Automation | None = None
        self._audited: str | None = None
        self._trust = Trust()
        self._queue: list[int] = []
        self._batch: list[int] = []
        self._offered_at = job.created
        self._iteration = 0
        self._shift = self._new_shift(workers)

    @property
    def labels(self) -> tuple[str, ...]:
        """The job's label categories, in their order."""
        return self.materials.labels

    def _new_shift(self, workers: Sequence[Worker | Person]) -> Shift:
        task = self.job.request["HumanTaskConfig"]
        limit = timedelta(seconds=task["TaskTimeLimitInSeconds"])
        lifetime = timedelta(seconds=task.get("TaskAvailabilityLifetimeInSeconds", _LIFETIME))
        return Shift(workers, Terms(task["NumberOfHumanWorkersPerDataObject"], limit, lifetime), self.form)

    def start(self, now: datetime, automation: Callable[[Run], Automation] | None) -> str | None:
        """Reads the inputs and offers the first batch; the job is then InProgress."""
        self.materials = read_materials(self.view, self.job)
        if self.job.manifest_uri:
            self.objects = read_objects(self.view, self.job.manifest_uri, self.job.task_type, self.job.attribute)
        self._audited = audited(self.job, self.materials, self.objects)
        self._queue = [data.number for data in self.objects if not data.known]
        self.counters.total = len(self._queue)
        if automation is not None:
            self.automation = automation(self)
            self._queue = self.automation.begin(self._queue)
        return self._next(now) or "InProgress"

    def staffed(self, now: datetime, workers: Sequence[Worker | Person]) -> str | None:
        """Other people are in the team from now on; they take over the tasks that nobody has finished."""
        self._shift = self._new_shift(workers)
        if not self.counters.offered:  # the job is training; the people are there for its next batch
            return None
        for number in self._batch:
            if self.objects[number].state == "offered":
                self.counters.offered -= 1
                self._offer(self.objects[number], now)
        return None if self.counters.offered else self._end_batch(now)

    # -- people ----------------------------------------------------------------------------------------------------

    def open_tasks(self, person: str) -> list[Task]:
        """The tasks that a real person of the team may take up now."""
        if all(each.name != person for each in self._shift.people):
            return []
        offered = [self.objects[number] for number in self._batch if self.objects[number].state == "offered"]
        return [self.task(data) for data in offered if self._free_for(data, person)]

    def _free_for(self, data: DataObject, person: str) -> bool:
        answered = any(answer.worker == person for answer in data.answers)
        return not answered and len(data.answers) < self._shift.terms.workers and person not in data.declined

    def submitted(self, now: datetime, person: str, key: str, value: Any, accepted: datetime) -> None:
        """A real person answers the task of a data object, or declines it with None.

        Raises LocalAwsError for a task that is not theirs, and for a value that is no answer to it.
        """
        offered = [self.objects[number] for number in self._batch if self.objects[number].state == "offered"]
        data = next((each for each in offered if each.key == key and self._free_for(each, person)), None)
        if data is None:
            raise LocalAwsError(f"There is no task of {key!r} open for {person}.")
        if value is None:
            data.declined += (person,)
            return
        settled = self._shift.checked(person, self.task(data), data, value)
        data.answers += (Answer(person, settled, accepted, now),)
        if len(data.answers) == self._shift.terms.workers:
            data.turn += 1
            self._later(max(now, data.ready or now), "answered", data.number, data.turn)

    def answered(self, now: datetime, number: int, turn: int) -> str | None:
        """The workers are done with an object, or its time is up."""
        data = self.objects[number]
        if data.turn != turn or data.state != "offered":
            return None
        self.counters.offered -= 1
        if data.answers:
            self.folder.put_answers(data, self._iteration, now)
            if self._functions.consolidates:
                data.state = "answered"
            else:
                data.verdict = self.form.consolidate(data.answers, self.labels, self._trust)
                self.label(data, now, human=True)
        else:
            self.fail(data)
        return self._after_object(now)

    def _after_object(self, now: datetime) -> str | None:
        if self._satisfied():
            return "Stopping"
        return None if self.counters.offered else self._end_batch(now)

    # -- labels ----------------------------------------------------------------------------------------------------

    def label(self, data: DataObject, now: datetime, *, human: bool) -> None:
        """Books the object's verdict as its label."""
        assert data.verdict is not None
        data.human = human
        written = self.form.write(data.verdict, self.labels, data, self.folder.place)
        for file in written.files:
            self.folder.put(file.path, file.data, file.content_type)
        output_type = self.job.task_type.output_type
        data.output = label_members(
            self.form,
            data,
            written,
            attribute=self.job.attribute,
            job=self.job.name,
            output_type=output_type,
            when=now,
        )
        self._book(data)

    def _book(self, data: DataObject) -> None:
        data.state = "labeled"
        if data.human:
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
        return self.folder.put_manifest(self.objects)

    # -- batches ---------------------------------------------------------------------------------------------------

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
            data.category = self.materials.category
            data.facts = self.form.learn(data, self.view, self.labels)
            if self._audited:
                data.prior = self.form.prior(data, self._audited, self.view)
            wanted = self._functions.prepare(data)
        except (Refused, Missing, BadInput):
            self.fail(data)
            return False
        if not wanted:
            data.state = "skipped"
            return False
        data.state = "offered"
        self.counters.offered += 1
        self._schedule(data, now)
        return True

    def task(self, data: DataObject) -> Task:
        """What a worker sees of a data object."""
        code = self.job.task_type.code
        return Task(
            data.key, code, self.labels, data.line, lambda: data.read(self.view), data.facts, data.prior, data.input
        )

    def _schedule(self, data: DataObject, now: datetime) -> None:
        schedule = self._shift.schedule(self.task(data), data, now, self._offered_at)
        data.turn += 1
        data.answers, data.ready = schedule.answers, schedule.ready
        self._later(schedule.done, "answered", data.number, data.turn)

    def _end_batch(self, now: datetime) -> str | None:
        if self._functions.consolidates:
            self._consolidate_by_function(now)
        done = [self.objects[number] for number in self._batch if self.objects[number].labeled]
        if done and not self._functions.consolidates:
            self.folder.put_request(done, self._iteration, now)
        if done:
            self.folder.put_response(done, self._iteration, now)
        return "Stopping" if self._satisfied() else self._next(now)

    def _consolidate_by_function(self, now: datetime) -> None:
        """A function of the customer's own makes the labels of a batch; what it leaves out has failed."""
        answered = [self.objects[number] for number in self._batch if self.objects[number].state == "answered"]
        if not answered:
            return
        uri = self.folder.put_request(answered, self._iteration, now)
        labels = self._functions.consolidate(uri, self.labels)
        for data in answered:
            if data.number in labels:
                made = labels[data.number]
                data.output = function_members(made, attribute=self.job.attribute, job=self.job.name, when=now)
                self._book(data)
            else:
                self.fail(data)
