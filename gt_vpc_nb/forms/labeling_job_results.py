"""What stays of the labeling job form when its widgets are gone: plain HTML and text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gt_vpc_nb.aws.sessions import clock_of
from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.forms.fields import problems_html, table_html
from gt_vpc_nb.job_text import heading, job_lines

if TYPE_CHECKING:
    from gt_vpc_nb.jobs import SubmittedJob
    from gt_vpc_nb.report.job_status import JobStatus


def job_html(job: LabelingJob) -> str:
    """A job that is not submitted: what, where, who, and its problems."""
    problems = job.problems()
    rows = [(what, text) for what, text in job_lines(job, []) if what != "problems"]
    return table_html(f"{heading(job.name)} (not submitted)", ("part", "as it stands"), rows) + problems_html(problems)


def submitted_result(submitted: SubmittedJob, job: LabelingJob) -> tuple[str, str]:
    """A submitted job as HTML and text."""
    rows = [(what, text) for what, text in job_lines(job, []) if what != "problems"]
    when = f"{clock_of(submitted.session).now():%Y-%m-%d %H:%M UTC}"
    rows += [("submitted", when), ("again", f"labeling_job({submitted.name!r}, session)")]
    title = f"Submitted: {submitted}"
    return table_html(title, ("part", "as sent"), rows), _as_text(title, rows)


def ended_result(submitted: SubmittedJob, status: JobStatus) -> tuple[str, str]:
    """A job that has ended as HTML and text."""
    return status_html(status), f"{submitted}\n{status.line()}"


def status_html(status: JobStatus) -> str:
    """How a job gets on, as its status shows itself."""
    return status._repr_html_()


def _as_text(title: str, rows: list[tuple[str, str]]) -> str:
    return "\n".join([title, *(f"  {what:<10}{text}" for what, text in rows)])
