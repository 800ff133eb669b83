"""One row of the table that the labeling job form is made of: a field, how it is asked for, and what it stands for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.facts import TaskType

#: What a drop-down offers for a job: (what a person reads, value).
Options = Callable[[LabelingJob], list[tuple[str, Any]]]


@dataclass(frozen=True)
class Row:
    """A field of the form.

    `name` is the job's field or a part of its label category document, `kind` a key of `KINDS`, or "choice" or "flag".
    `member` is the API member to which it leads; `rules` are beginnings of rule ids that belong under it in any case.
    `offers` is what the account is asked for (a key of `aws.listing.KINDS`); `options` are known without it. `instead`
    is the field that has the last word where both are said. A row that holds something is always shown.
    """

    section: str
    name: str
    label: str
    kind: str
    member: str
    help: str = ""
    rules: tuple[str, ...] = ()
    offers: str = ""
    options: Options | None = None
    instead: str = ""
    shown: Callable[[LabelingJob], bool] = field(default=lambda job: True)
    read: Callable[[LabelingJob], Any] | None = None
    write: Callable[[LabelingJob, Any], LabelingJob] | None = None

    def value(self, job: LabelingJob) -> Any:
        """What the job says here."""
        return getattr(job, self.name) if self.read is None else self.read(job)

    def changed(self, job: LabelingJob, value: Any) -> LabelingJob:
        """The job that says this here. Raises RequestError for what the job cannot say."""
        if self.write is not None:
            return self.write(job, value)
        return with_field(job, self.name, value)

    def visible(self, job: LabelingJob) -> bool:
        """Whether the field is asked for in this job, or holds something."""
        return self.shown(job) or self.value(job) not in (None, (), {}, False, "", "{}")


def with_field(job: LabelingJob, name: str, value: Any) -> LabelingJob:
    """The job with one field set as a verb would set it: what is said is no longer left out on purpose."""
    empty = value in (None, (), "")
    return job.exactly(**{"left_out": tuple(each for each in job.left_out if empty or each != name), name: value})


def by_task(test: Callable[[TaskType], bool], custom: bool = False) -> Callable[[LabelingJob], bool]:
    """Shown for the task types that pass a test, and for a workflow of one's own or not."""

    def shown(job: LabelingJob) -> bool:
        kind = job.task_type
        return custom if kind is None else test(kind)

    return shown
