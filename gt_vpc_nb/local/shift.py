"""Who of a work team takes which task, and when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from numbers import Real
from typing import Any

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.consolidation import Answer
from gt_vpc_nb.local.dataset import DataObject
from gt_vpc_nb.local.forms import Form
from gt_vpc_nb.local.workers import ANSWERS, Person, Task, Worker


@dataclass(frozen=True)
class Schedule:
    """The answers an object will get of simulated workers, when the last of them comes, and when it leaves their hands.

    `done` is `ready` unless answers are still wanted at the end of the object's time; real people may bring those.
    """

    answers: tuple[Answer, ...]
    ready: datetime
    done: datetime


@dataclass(frozen=True)
class Terms:
    """The human task configuration in short: workers per object, and the two time limits."""

    workers: int
    time_limit: timedelta
    lifetime: timedelta


class Shift:
    """A work team at one labeling job: each worker does one task after the other."""

    def __init__(self, workers: Sequence[Worker | Person], terms: Terms, form: Form) -> None:
        self.workers = tuple(each for each in workers if isinstance(each, Worker))
        self.people = tuple(each for each in workers if isinstance(each, Person))
        self.terms, self._form = terms, form
        self._free: dict[str, datetime] = {}

    def schedule(self, task: Task, data: DataObject, now: datetime, offered: datetime) -> Schedule:
        """Gives the task to the workers who are free first, each at most once.

        Declines, and tasks that take longer than the task time limit, count against the object: as many of them as
        workers were wanted end it (developer guide, sms-monitor-cloud-watch, declined tasks). What is missing at the
        end of the availability lifetime is not waited for.
        """
        deadline, wanted = offered + self.terms.lifetime, self.terms.workers
        answers: list[Answer] = []
        ends, given_up = [now], 0
        for worker in sorted(self.workers, key=lambda each: self._free.get(each.name, now)):
            if len(answers) == wanted or given_up == wanted:
                break
            begins = max(self._free.get(worker.name, now), now)
            answer, ends_at = self._one(worker, task, data, begins)
            if ends_at > deadline:
                break
            self._free[worker.name] = ends_at
            ends.append(ends_at)
            if answer is None:
                given_up += 1
            else:
                answers.append(answer)
        complete = len(answers) == wanted or given_up == wanted
        return Schedule(tuple(answers), max(ends), max(ends) if complete else deadline)

    def _one(self, worker: Worker, task: Task, data: DataObject, begins: datetime) -> tuple[Answer | None, datetime]:
        seconds = worker.seconds(task)
        if isinstance(seconds, bool) or not isinstance(seconds, Real) or not seconds >= 0:
            raise LocalAwsError(f"{worker.name} takes {seconds!r} seconds for {task.key!r}; give 0 or more.")
        if seconds > self.terms.time_limit.total_seconds():
            return None, begins + self.terms.time_limit
        needed = timedelta(seconds=float(seconds))
        value = worker.answer(task)
        ends = begins + needed
        if value is None:
            return None, ends
        return Answer(worker.name, self.checked(worker.name, task, data, value), begins, ends), ends

    def checked(self, who: str, task: Task, data: DataObject, value: Any) -> Any:
        """A worker's value in the one form of the task type. Raises LocalAwsError for what is no answer to the task."""
        if self._form.valid(value, task.labels):
            return self._form.settle(value, task.labels, data)
        shown = repr(value)
        wanted = ANSWERS[task.task_type.removeprefix("Adjustment")]
        raise LocalAwsError(
            f"{who} answered {shown if len(shown) < 200 else shown[:200] + '…'} for {task.key!r}, which is no "
            f"{task.task_type} label; give {wanted}. The job's labels are: {', '.join(task.labels)}."
        )
