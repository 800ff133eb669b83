"""Under which field a problem stands, and why a job cannot be sent yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.errors import Problem
from gt_vpc_nb.forms.labeling_job_row import Row
from gt_vpc_nb.preflight import Preflight
from gt_vpc_nb.request import beside_output, brings_template


def placed(problems: Iterable[Problem], rows: Sequence[Row], job: LabelingJob) -> dict[str, list[Problem]]:
    """The problems by the name of the row that they stand under, "" for those of no row that is shown."""
    shown = [row for row in rows if row.visible(job)]
    labels = {row.name: row.label for row in shown}
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        name = row_of(problem.code, problem.field, shown, job)
        found.setdefault(name, []).append(_in_words_of_a_form(problem, labels.get(name), job))
    return {name: list(dict.fromkeys(each)) for name, each in found.items()}


def _in_words_of_a_form(problem: Problem, label: str | None, job: LabelingJob) -> Problem:
    """A problem as a form says it: a remedy that names a verb of the builder is no help to whoever fills in."""
    for (code, path), (follows, told) in _FOLLOWING.items():
        if problem.code == code and problem.field == path and follows(job):
            return replace(problem, severity="info", message=told, remedy="")
    if label is None or not problem.remedy.startswith("Add ."):
        return problem
    return replace(problem, remedy=f"Fill in {label}.")


def _placeless(job: LabelingJob) -> bool:
    return brings_template(job) and beside_output(job, "") is None


_OWN = "The template is written beside the output as soon as the job has a name and an output path."
#: What is missing only because something else is, which has its own error: (rule, member) -> (when, what is told).
_FOLLOWING: Mapping[tuple[str, str], tuple[Callable[[LabelingJob], bool], str]] = {
    ("REQ-02", "LabelAttributeName"): (lambda job: not job.name and not job.attribute, "It follows from the name."),
    ("TPL-01", "HumanTaskConfig.UiConfig"): (_placeless, _OWN),
}


def failed_checks(preflight: Preflight | None, rows: Sequence[Row], job: LabelingJob) -> dict[str, list[Problem]]:
    """The checks that failed by the name of the row that claims them; the others stand in the plan alone."""
    failures = preflight.failures if preflight is not None else ()
    problems = [Problem(each.id, "error", "", f"Check failed: {each.evidence}", each.remedy) for each in failures]
    return {name: found for name, found in placed(problems, rows, job).items() if name}


def row_of(code: str, path: str, shown: Sequence[Row], job: LabelingJob) -> str:
    """The row that claims the rule, or stands for the member, or for the nearest structure around or inside it."""
    claims = [row for row in shown if code.startswith(row.rules)] if code else []
    exact = [row for row in shown if path and row.member == path]
    near = sorted((row for row in shown if _near(row.member, path)), key=lambda row: -_shared(row.member, path))
    nearest = [row for row in near if _shared(row.member, path) == _shared(near[0].member, path)]
    for rows in (claims, exact, nearest):
        if rows:
            # Of several inputs for one member the one that is filled in is meant.
            return next((row.name for row in rows if row.value(job)), rows[0].name)
    return ""


def _near(member: str, path: str) -> bool:
    return bool(member and path) and (_within(member, path) or _within(path, member))


def _within(inner: str, outer: str) -> bool:
    return inner.startswith((f"{outer}.", f"{outer}["))


def _shared(member: str, path: str) -> int:
    return min(len(member), len(path))


def reasons(unread: Sequence[str], errors: dict[str, int], no_region: bool, sent: str | None) -> list[str]:
    """Why a job cannot be sent, one sentence each: labels of fields that cannot be read, errors by label."""
    found = []
    if unread:
        found.append(f"What stands under {', '.join(unread)} cannot be read.")
    if errors:
        count = sum(errors.values())
        where = ", ".join(errors)
        found.append(f"{count} error{'s' if count > 1 else ''}: see {where}.")
    if no_region:
        found.append("Neither the job nor the session names a Region: choose one.")
    if sent:
        found.append(f"Labeling job '{sent}' was sent; for another, change the name.")
    return found
