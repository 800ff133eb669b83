"""Labeling jobs that exist: how far they are, why they are stuck, how to stop them, what they wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from gt_vpc_nb.aws.diagnosing import Diagnosis, diagnosed
from gt_vpc_nb.aws.sessions import asking, client, clock_of, open_session, place_of, standing
from gt_vpc_nb.errors import AwsError, JobFailed, RequestError, WaitTimeout, near_miss
from gt_vpc_nb.facts import region
from gt_vpc_nb.jobs_watching import POLL, watch
from gt_vpc_nb.report.bars import with_bar
from gt_vpc_nb.report.job_status import ENDED, STATUSES, JobStatus, attention, job_status
from gt_vpc_nb.report.progress import duration
from gt_vpc_nb.report.tables import Table, table
from gt_vpc_nb.request import account_of
from gt_vpc_nb.shown import Pairs, page
from gt_vpc_nb.shown_text import told

if TYPE_CHECKING:
    from gt_vpc_nb.labels import Labels
    from gt_vpc_nb.report.live import Watch

_COLUMNS = {
    "name": "string", "region": "string", "status": "string", "task_type": "string", "total": "Int64",
    "labeled": "Int64", "human": "Int64", "machine": "Int64", "failed": "Int64", "unlabeled": "Int64",
    "percent": "float64", "created": "datetime64[us, UTC]", "age": "timedelta64[us]", "eta": "timedelta64[us]",
    "attention": "string",
}  # fmt: skip
_SHOWN = ("name", "region", "status", "task_type", "percent", "total", "human", "machine", "failed", "age", "eta",
          "attention")  # fmt: skip

_VERBS = (
    ("how far is it", ".status(), or .watch() to go on looking"),
    ("why is it stuck, or failed", ".diagnose()"),
    ("what is labeled", ".labels()"),
    ("end it", ".stop()"),
)


@dataclass(frozen=True, repr=False)
class SubmittedJob:
    """A labeling job that SageMaker knows. Every verb asks SageMaker again; nothing is kept here but its name."""

    name: str
    session: Any = field(default=None, repr=False, compare=False)
    region: str | None = None
    #: The account in which it was found or made; empty where only its name was given.
    account: str = field(default="", compare=False)

    def describe(self) -> dict[str, Any]:
        """SageMaker's own description of the job. Raises AwsError when there is no such job."""
        with asking(f"describing labeling job '{self.name}'"):
            return client(self.session, "sagemaker", self.region).describe_labeling_job(LabelingJobName=self.name)

    def status(self) -> JobStatus:
        """How far the job is: counters, rate, time left, failure reason."""
        return job_status(self.describe(), clock_of(self.session).now(), place_of(self.session))

    def wait(self, timeout: float | None = None, poll: float = POLL) -> JobStatus:
        """Waits until the job is Completed, looking every `poll` seconds; `timeout` is in seconds, None is for ever.

        Ctrl-C ends the waiting and leaves the job alone. Raises JobFailed with the failure reason when the job ends
        as Failed or Stopped, WaitTimeout when the time is up.
        """
        for status in self._looks(timeout, poll):
            if status.status == "Completed":
                return status
            if status.ended:
                why = status.failure_reason or (
                    "it was stopped" if status.status == "Stopped" else "no reason is given"
                )
                raise JobFailed(f"Labeling job '{self.name}' ended as {status.status}: {why}")
        raise WaitTimeout(
            f"Labeling job '{self.name}' is {status.status} after {duration(timeout or 0)}; "
            "it goes on: wait again, or ask diagnose() what holds it up."
        )

    def watch(
        self, poll: float | None = None, out: TextIO | None = None, live: bool | None = None
    ) -> JobStatus | Watch:
        """Shows how far the job is until it ends; Ctrl-C and Stop end the watch and leave the job alone.

        Where somebody sits at a notebook it returns at once with a live view, a `Watch`: a bar split human / machine /
        failed / unlabeled, rate, time left, Stop and Refresh. It looks every `poll` seconds, or less and less often
        (after 5 seconds at first, then up to 60), and its cell keeps plain HTML and text when the job has ended. A
        local AWS on a manual clock is moved on by each look, so that the job ends in a moment.

        In a terminal, in a notebook that runs by itself (papermill, nbconvert, nbval), with `out`, `live=False` or
        GT_VPC_NB_LIVE=0 it prints a line each time something changes, every `poll` seconds (30), until the job ends,
        and returns its last `JobStatus`. `live=True` or GT_VPC_NB_LIVE=1 asks for the view.
        """
        view = watch(self, poll=poll, out=out, live=live)
        return view if view.showing else view.statuses[0]

    def _looks(self, timeout: float | None, poll: float) -> Iterator[JobStatus]:
        """The status now, and after each poll, until the job ends or the time is up."""
        numbers = all(isinstance(each, int | float) for each in (poll, 0 if timeout is None else timeout))
        if not numbers or not poll > 0 or (timeout is not None and not timeout >= 0):
            raise RequestError(
                f"poll={poll!r}, timeout={timeout!r}: give seconds, poll above 0 and timeout at least 0."
            )
        clock = clock_of(self.session)
        start = clock.now()
        while True:
            status = self.status()
            yield status
            left = poll if timeout is None else timeout - (clock.now() - start).total_seconds()
            if status.ended or left <= 0:
                return
            clock.sleep(min(poll, left))

    def stop(self) -> JobStatus:
        """Asks SageMaker to stop the job; what is labeled so far is kept, and the job cannot be started again."""
        with asking(f"stopping labeling job '{self.name}'"):
            client(self.session, "sagemaker", self.region).stop_labeling_job(LabelingJobName=self.name)
        return self.status()

    def diagnose(self) -> Diagnosis:
        """Why the job failed or does not get on, with the bucket policy statement that stops Ground Truth, if any."""
        return diagnosed(self.describe(), self.status(), self.session)

    def labels(self) -> Labels:
        """What the job has labeled so far. Raises RequestError while there is no output manifest."""
        from gt_vpc_nb.labels import read

        answer = self.describe()
        uri = (answer.get("LabelingJobOutput") or {}).get("OutputDatasetS3Uri")
        if not uri:
            raise RequestError(
                f"Labeling job '{self.name}' is {answer['LabelingJobStatus']} and has no output manifest; "
                + ("ask diagnose() why." if answer["LabelingJobStatus"] in ENDED else "wait() for it.")
            )
        found = read(uri, answer["LabelAttributeName"], self.session)
        found.answered = f" · {job_status(answer, clock_of(self.session).now(), place_of(self.session)).place}"
        return found

    def to_sagemaker(self) -> Any:
        """sagemaker-core's `LabelingJob` resource of this job, as SageMaker describes it now (extra `sagemaker`)."""
        from gt_vpc_nb.aws.sdk_resources import resource_of

        return resource_of(self.describe())

    def __str__(self) -> str:
        region = self.region or open_session(self.session).region_name or "no Region"
        where = " · ".join(filter(None, (place_of(self.session), region, self.account)))
        return f"labeling job '{self.name}' · {where}"

    def __repr__(self) -> str:
        return told(f"L{str(self)[1:]}")

    def _repr_html_(self) -> str:
        # What there is to ask, and no call: a job shows itself also where AWS does not answer.
        return page(f"L{str(self)[1:]}", Pairs("What to ask it", _VERBS))


def labeling_job(name: str, session: Any = None, region: str | None = None) -> SubmittedJob:
    """The labeling job of that name in the session's Region, or in `region`. Raises AwsError when there is none."""
    answer = SubmittedJob(name, session, region).describe()
    return SubmittedJob(name, session, region, account_of(answer.get("LabelingJobArn")) or "")


def labeling_jobs(
    session: Any = None,
    regions: Sequence[str] | None = None,
    status: str | None = None,
    name_contains: str | None = None,
) -> Table:
    """The account's labeling jobs, newest first, in the session's Region or in `regions`.

    Columns: name, region, status, task_type, total, labeled, human, machine, failed, unlabeled, percent (0 to 100),
    created (UTC), age, eta, attention. A Region that does not answer is named in the note while the others are shown.
    Raises RequestError for an unknown status, AwsError when no Region answers.
    """
    if status is not None and status not in STATUSES:
        raise RequestError(f"'{status}' is no status of labeling jobs; give one of {', '.join(STATUSES)}"
                           f"{near_miss(status, STATUSES)}")  # fmt: skip
    opened = open_session(session)
    wanted = _regions(regions, opened)
    filters = {"StatusEquals": status, "NameContains": name_contains}
    filters = {name: value for name, value in filters.items() if value}
    with ThreadPoolExecutor(min(8, len(wanted))) as pool:
        asked = pool.map(lambda each: (regions and _nowhere(each)) or _listed(opened, each, filters), wanted)
        answers = list(with_bar(asked, "listing labeling jobs", "Region", len(wanted)))
    silent = [answer for answer in answers if isinstance(answer, AwsError)]
    if len(silent) == len(answers):
        raise silent[0]
    found = [status for answer in answers if not isinstance(answer, AwsError) for status in answer]
    note = "\n".join(f"Not asked in full: {error}" for error in silent)
    where = [place_of(opened), ", ".join(filter(None, wanted)), _account(found, opened)]
    return _as_table(found, note, " · ".join(filter(None, where)))


def _account(found: list[JobStatus], session: Any) -> str:
    """Whose jobs these are: their ARNs say it, and STS where there are none; empty where STS does not tell."""
    told = ", ".join(dict.fromkeys(filter(None, (status.account for status in found))))
    try:
        return told or standing(session).account
    except AwsError:
        return ""


def _regions(regions: Sequence[str] | None, session: Any) -> list[str | None]:
    if isinstance(regions, str):
        return [regions]
    return list(dict.fromkeys(regions)) if regions else [session.region_name]


def _nowhere(named: str | None) -> AwsError | None:
    """Why a Region that somebody named cannot have labeling jobs: asking there would only find none."""
    try:
        region(str(named))
    except RequestError as error:
        return AwsError(str(error))
    return None


def _listed(session: Any, region: str | None, filters: dict[str, str]) -> list[JobStatus] | AwsError:
    now, place = clock_of(session).now(), place_of(session)
    try:
        with asking(f"listing labeling jobs in {region or 'no Region'}"):
            pages = client(session, "sagemaker", region).get_paginator("list_labeling_jobs").paginate(
                SortBy="CreationTime", SortOrder="Descending", PaginationConfig={"PageSize": 100}, **filters
            )  # fmt: skip
            return [job_status(each, now, place) for page in pages for each in page["LabelingJobSummaryList"]]
    except AwsError as error:
        return error


def _as_table(found: list[JobStatus], note: str, where: str) -> Table:
    found = sorted(found, key=lambda status: status.created, reverse=True)
    rows = [{name: getattr(status, name, None) for name in _COLUMNS} | {"attention": attention(status)}
            for status in found]  # fmt: skip
    counts = {word: sum(status.status == word for status in found) for word in STATUSES}
    words = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "none"
    looks = sum(bool(row["attention"]) for row in rows)
    summary = f"{words}{f', {looks} to look at' if looks else ''} · {where}"
    return table(
        rows, list(_COLUMNS), title="Labeling jobs", summary=summary, note=note, shown=_SHOWN, bars=("percent",),
        dtypes=_COLUMNS,
    )  # fmt: skip
