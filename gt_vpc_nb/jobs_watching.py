"""Watching labeling jobs: a live view where somebody sits at a notebook, one text line a change everywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from gt_vpc_nb.aws.sessions import MAX_ATTEMPTS, asking, client, clock_of, place_of
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.report.job_status import JobStatus, job_status
from gt_vpc_nb.report.live_places import is_live

if TYPE_CHECKING:
    from gt_vpc_nb.jobs import SubmittedJob
    from gt_vpc_nb.report.live import Watch
    from gt_vpc_nb.report.live_poller import Line

#: Seconds between two looks at a job; DescribeLabelingJob is throttled for a whole account.
POLL = 30.0
#: One thread looks at all jobs in a live view: a Region that does not answer must not hold up the others for long.
_ATTEMPTS = 2


def watch(
    jobs: Iterable[str | SubmittedJob] | str | SubmittedJob,
    session: Any = None,
    region: str | None = None,
    *,
    poll: float | None = None,
    out: TextIO | None = None,
    live: bool | None = None,
) -> Watch:
    """Watches labeling jobs, given by name or as `SubmittedJob`, until the last one ends.

    Where somebody sits at a notebook it returns at once with a live view; everywhere else, or with `live=False`, it
    prints a line each time something changes. `SubmittedJob.watch` tells more. Raises AwsError for a job that is not
    there.
    """
    from gt_vpc_nb.report.live import Watch

    named = _as_jobs(jobs, session, region)
    shown = out is None and is_live(live)
    _check(poll)
    view = Watch([line_of(each, poll, attempts=_ATTEMPTS if shown else MAX_ATTEMPTS) for each in named])
    for line in view.lines:
        # A wrong name is an error of the call, not a line in a view.
        line.status = line.look()
        if line.status.ended:
            line.over.set()
    return view.show().start() if shown else _printed(view, named, poll or POLL, out or sys.stdout)


def line_of(job: SubmittedJob, poll: float | None = None, attempts: int = _ATTEMPTS) -> Line:
    """A job as the line of a live view. Its client is made here and now: threads may share clients, not sessions."""
    from gt_vpc_nb.report.live_poller import Line

    return Line(job.name, _looking(job, attempts), clock_of(job.session), poll)


def _looking(job: SubmittedJob, attempts: int) -> Callable[[], JobStatus]:
    asked = client(job.session, "sagemaker", job.region, attempts=attempts)
    clock, place = clock_of(job.session), place_of(job.session)

    def look() -> JobStatus:
        with asking(f"describing labeling job '{job.name}'"):
            answer = asked.describe_labeling_job(LabelingJobName=job.name)
        return job_status(answer, clock.now(), place)

    return look


def news(status: JobStatus) -> tuple[object, ...]:
    """What is worth a line: the rate and the time left change with every look, and alone are no news."""
    return (status.status, status.human, status.machine, status.failed, status.unlabeled)


def _as_jobs(jobs: Any, session: Any, region: str | None) -> list[SubmittedJob]:
    from gt_vpc_nb.jobs import SubmittedJob

    given = [jobs] if isinstance(jobs, str | SubmittedJob) else list(jobs)
    wrong = [each for each in given if not isinstance(each, str | SubmittedJob)]
    if wrong or not given:
        what = f"was given {wrong[0]!r}" if wrong else "was given none"
        raise RequestError(f"watch takes names of labeling jobs, or what labeling_job() returns, and {what}.")
    found = [each if isinstance(each, SubmittedJob) else SubmittedJob(each, session, region) for each in given]
    return list(dict.fromkeys(found))


def _check(poll: float | None) -> None:
    if poll is not None and not (isinstance(poll, int | float) and poll > 0):
        raise RequestError(f"poll={poll}: give seconds above 0.")


def _printed(view: Watch, jobs: Sequence[SubmittedJob], poll: float, out: TextIO) -> Watch:
    """A line each time something changes; the clocks of the places that answer are let pass in between."""
    from gt_vpc_nb.report.live import no_longer

    said: dict[Line, tuple[object, ...]] = {}
    clocks = list({id(clock): clock for clock in (clock_of(each.session) for each in jobs)}.values())
    left = list(view.lines)
    try:
        while left:
            for line in left:
                status = line.status
                if status is not None and news(status) != said.get(line):
                    print(f"{status.seen:%H:%M:%S} {status.line()}", file=out, flush=True)
                    said[line] = news(status)
            left = [line for line in left if line.status is None or not line.status.ended]
            if left:
                for clock in clocks:
                    clock.sleep(poll)
                for line in left:
                    line.status = line.look()
    except KeyboardInterrupt:
        print(no_longer(left), file=out)
    for line in view.lines:
        line.over.set()
    return view
