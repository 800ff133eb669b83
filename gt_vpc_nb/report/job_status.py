"""What SageMaker says about a labeling job at one moment, as a value that shows itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gt_vpc_nb.report.cells import cell
from gt_vpc_nb.report.progress import duration, split_bar, split_bar_html
from gt_vpc_nb.shown import Drawn, Pairs, badge, page
from gt_vpc_nb.shown_text import told

STATUSES = ("Initializing", "InProgress", "Completed", "Failed", "Stopping", "Stopped")
ENDED = frozenset({"Completed", "Failed", "Stopped"})
_LAMBDA = re.compile(r":function:(?:PRE|ACS)-([A-Za-z0-9]+)(?::[^:]+)?$")


@dataclass(frozen=True, repr=False)
class JobStatus:
    """A labeling job's state and label counters.

    `status` is one of AWS's six words. `total` is labeled + failed + unlabeled data objects, `labeled` is human +
    machine; all are 0 until the manifest was read. `percent` (0 to 100) of the total is labeled or failed, None while
    the total is unknown. `per_hour` counts labeled objects an hour since the job's creation; `eta` is the time left at
    that rate, None where nothing can be said. Times are UTC. `place` says which AWS answered.
    """

    name: str
    status: str
    total: int
    labeled: int
    human: int
    machine: int
    failed: int
    unlabeled: int
    created: datetime
    modified: datetime
    seen: datetime
    failure_reason: str = ""
    task_type: str = "custom"
    output_manifest: str = ""
    region: str = ""
    account: str = ""
    place: str = ""
    streaming: bool = False

    @property
    def ended(self) -> bool:
        """Whether the job is Completed, Failed or Stopped: it will not change any more."""
        return self.status in ENDED

    @property
    def percent(self) -> float | None:
        return round(100 * (self.labeled + self.failed) / self.total, 1) if self.total else None

    @property
    def age(self) -> timedelta:
        """How long the job has run, or ran."""
        return max(timedelta(0), (self.modified if self.ended else self.seen) - self.created)

    @property
    def per_hour(self) -> float | None:
        hours = self.age.total_seconds() / 3600
        return round(self.labeled / hours, 1) if hours > 0 and self.labeled else None

    @property
    def eta(self) -> timedelta | None:
        """The time left when labeling goes on at the rate so far."""
        if self.status != "InProgress" or not self.per_hour or not self.unlabeled:
            return None
        return timedelta(seconds=round(self.unlabeled / self.per_hour * 3600))

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The counters that add up to the total, in the order of a bar."""
        counts = (self.human, self.machine, self.failed, self.unlabeled)
        return tuple(zip(("human", "machine", "failed", "unlabeled"), counts, strict=True))

    def line(self) -> str:
        """One line of text: name, status, counters, rate, time left."""
        words = [f"{self.name}: {self.status}"]
        if self.total:
            words.append(f"{self.labeled:,} of {self.total:,} labeled ({self.human:,} human, {self.machine:,} machine)")
        words += [f"{self.failed:,} failed"] if self.failed else []
        words += [f"{self.per_hour:,g} an hour"] if self.per_hour else []
        words += [f"about {duration(self.eta.total_seconds())} left"] if self.eta else []
        words += [cell(self.failure_reason)] if self.failure_reason else []
        return ", ".join(words)

    def __repr__(self) -> str:
        lines = [self._answer()]
        if self.total:
            legend = ", ".join(f"{count:,} {name}" for name, count in self.parts)
            lines.append(f"[{split_bar(self.parts)}] {legend}")
        return told(lines)

    def _repr_html_(self) -> str:
        bar = [Drawn(f"<div>{split_bar_html(self.parts)}</div>")] if self.total else []
        rows = [
            ("status", badge(self.status)),
            ("labeled", f"{self.labeled:,} of {self.total:,}" if self.total else "not known yet"),
            ("task type", self.task_type),
            ("created", cell(self.created)),
            ("last change", cell(self.modified)),
            ("labels go to", self.output_manifest or "no output manifest yet"),
            ("failure reason", self.failure_reason),
        ]
        return page(self._answer(), *bar, Pairs("Labeling job", [row for row in rows if row[1]]))

    def _answer(self) -> str:
        return f"{self.line()} · {self.place}" if self.place else self.line()


def job_status(answer: Mapping[str, Any], now: datetime, aws: str) -> JobStatus:
    """A DescribeLabelingJob answer, or a summary of ListLabelingJobs -> JobStatus; `aws` is AWS or local AWS."""
    counters = answer.get("LabelCounters") or {}
    human, machine = counters.get("HumanLabeled", 0), counters.get("MachineLabeled", 0)
    labeled = counters.get("TotalLabeled", human + machine)
    failed, unlabeled = counters.get("FailedNonRetryableError", 0), counters.get("Unlabeled", 0)
    region, account = (str(answer.get("LabelingJobArn", "")).split(":") + [""] * 5)[3:5]
    created = _utc(answer["CreationTime"])
    return JobStatus(
        name=answer["LabelingJobName"],
        status=answer["LabelingJobStatus"],
        total=labeled + failed + unlabeled,
        labeled=labeled,
        human=human,
        machine=machine,
        failed=failed,
        unlabeled=unlabeled,
        created=created,
        modified=_utc(answer.get("LastModifiedTime", created)),
        seen=now,
        failure_reason=answer.get("FailureReason") or "",
        task_type=task_type_of(answer),
        output_manifest=(answer.get("LabelingJobOutput") or {}).get("OutputDatasetS3Uri") or "",
        region=region,
        account=account,
        place=" · ".join(filter(None, (aws, region, account))),
        streaming="SnsDataSource" in (answer.get("InputConfig") or {}).get("DataSource", {}),
    )


def task_type_of(answer: Mapping[str, Any]) -> str:
    """The task type, from the name of AWS's Lambda function; ``custom`` where a job has functions of its own."""
    human = answer.get("HumanTaskConfig") or {}
    consolidation = human.get("AnnotationConsolidationConfig", {}).get("AnnotationConsolidationLambdaArn")
    found = _LAMBDA.search(answer.get("AnnotationConsolidationLambdaArn") or consolidation or "")
    found = found or _LAMBDA.search(answer.get("PreHumanTaskLambdaArn") or human.get("PreHumanTaskLambdaArn") or "")
    return found[1] if found else "custom"


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


#: When a job deserves a look. The numbers are ours, except the 30 days after which a labeling job expires and the
#: 10 days after which an idle streaming job is stopped (SageMaker developer guide, sms-monitor-cloud-watch,
#: sms-streaming-labeling-job): we speak up some days before.
STALE = timedelta(hours=24)
NEARLY_THIRTY_DAYS = timedelta(days=25)
NEARLY_IDLE = timedelta(days=7)
MANY_FAILURES = 0.05


def attention(status: JobStatus) -> str:
    """What deserves a look, by counters and times: stale, thirty-days, many-failures, idle-stream; or nothing."""
    still = status.seen - status.modified
    done = status.labeled + status.failed
    signs = {
        "stale": status.status in {"Initializing", "InProgress", "Stopping"} and still > STALE and not status.streaming,
        "thirty-days": not status.ended and status.age > NEARLY_THIRTY_DAYS,
        "many-failures": bool(done) and status.failed > MANY_FAILURES * done,
        "idle-stream": status.streaming and status.status == "InProgress" and still > NEARLY_IDLE,
    }
    return ", ".join(name for name, holds in signs.items() if holds)
