"""Under which field a problem stands, and why a job cannot be sent yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.errors import Problem
from gt_vpc_nb.forms.labeling_job_row import Row


def placed(problems: Iterable[Problem], rows: Sequence[Row], job: LabelingJob) -> dict[str, list[Problem]]:
    """The problems by the name of the row that they stand under, "" for those of no row that is shown."""
    shown = [row for row in rows if row.visible(job)]
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        found.setdefault(row_of(problem.code, problem.field, shown, job), []).append(problem)
    return found


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
