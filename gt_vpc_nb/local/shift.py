"""Who of a work team takes which task, and when it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.consolidation import Answer
from gt_vpc_nb.local.outputs import Form
from gt_vpc_nb.local.workers import Task, Worker


@dataclass(frozen=True)
class Schedule:
    """The answers an object will get, and when it leaves the workers' hands."""

    answers: tuple[Answer, ...]
    done: datetime
    expired: bool


@dataclass(frozen=True)
class Terms:
    """The human task configuration in short: workers per object, and the two time limits."""

    workers: int
    time_limit: timedelta
    lifetime: timedelta


class Shift:
    """A work team at one labeling job: each worker does one task after the other."""

    def __init__(self, workers: Sequence[Worker], terms: Terms, form: Form) -> None:
        self.workers = tuple(workers)
        self._terms, self._form = terms, form
        self._free: dict[str, datetime] = {}

    def schedule(self, task: Task, now: datetime, offered: datetime) -> Schedule:
        """Gives the task to the workers who are free first, each at most once.

        Declines, and tasks that take longer than the task time limit, count against the object: as many of them as
        workers were wanted end it (developer guide, sms-monitor-cloud-watch, declined tasks). What is missing at the
        end of the availability lifetime is not waited for.
        """
        deadline, wanted = offered + self._terms.lifetime, self._terms.workers
        answers: list[Answer] = []
        ends, given_up = [now], 0
        for worker in sorted(self.workers, key=lambda each: self._free.get(each.name, now)):
            if len(answers) == wanted or given_up == wanted:
                break
            begins = max(self._free.get(worker.name, now), now)
            answer, ends_at = self._one(worker, task, begins)
            if ends_at > deadline:
                break
            self._free[worker.name] = ends_at
            ends.append(ends_at)
            if answer is None:
                given_up += 1
            else:
                answers.append(answer)
        complete = len(answers) == wanted or given_up == wanted
        return Schedule(tuple(answers), max(ends) if complete else deadline, not complete)

    def _one(self, worker: Worker, task: Task, begins: datetime) -> tuple[Answer | None, datetime]:
        needed = timedelta(seconds=worker.seconds(task))
        if needed > self._terms.time_limit:
            return None, begins + self._terms.time_limit
        value = worker.answer(task)
        ends = begins + needed
        return (None if value is None else Answer(worker.name, self._checked(worker, task, value), begins, ends)), ends

    def _checked(self, worker: Worker, task: Task, value: Any) -> Any:
        if not self._form.valid(value, task.labels):
            raise LocalAwsError(
                f"{worker.name} answered {value!r} for {task.key!r}, which is no {task.task_type} label; "
                f"the job's labels are: {', '.join(task.labels)}."
            )
        return value
