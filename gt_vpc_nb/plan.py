"""What a labeling job would do, checked before anything is sent: the plan that magics and forms show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.errors import Problem, RequestError, near_miss

if TYPE_CHECKING:
    from gt_vpc_nb.jobs import SubmittedJob
    from gt_vpc_nb.preflight import Preflight


@dataclass(frozen=True, repr=False)
class Plan:
    """A labeling job, the problems of its request, and what the preflight found; nothing was sent."""

    job: LabelingJob
    problems: tuple[Problem, ...]
    preflight: Preflight | None
    session: Any

    @property
    def ready(self) -> bool:
        """Whether no problem and no failed check stands in the way."""
        errors = [problem for problem in self.problems if problem.severity == "error"]
        return not errors and self.preflight is not None and self.preflight.passed

    def submit(self, despite: Sequence[str] = ()) -> SubmittedJob:
        """Submits the job unless a check of the preflight failed that `despite` does not name.

        Raises RequestError for problems of the request, for failed checks, and for a `despite` that did not fail.
        """
        if self.preflight is not None:
            _refuse_failed(self.preflight, tuple(despite), self.job)
        return self.job.submit(self.session)

    def __repr__(self) -> str:
        parts = ["Plan: nothing was sent, nothing was changed.", repr(self.job)]
        if self.preflight is None:
            parts.append("Preflight: not run, because the request itself has errors.")
        else:
            parts.append(repr(self.preflight))
        return "\n\n".join(parts)

    def _repr_html_(self) -> str:
        checks = (
            "<p>Preflight: not run, because the request itself has errors.</p>"
            if self.preflight is None
            else self.preflight._repr_html_()
        )
        return f"<p>{escape('Plan: nothing was sent, nothing was changed.')}</p>{self.job._repr_html_()}{checks}"


def plan_of(job: LabelingJob, session: object = None) -> Plan:
    """Looks at a job without sending it: the problems of its request, then the preflight when there is no error."""
    problems = tuple(job.problems())
    failed = any(problem.severity == "error" for problem in problems)
    return Plan(job, problems, None if failed else job.preflight(session), session)


def _refuse_failed(preflight: Preflight, despite: tuple[str, ...], job: LabelingJob) -> None:
    failures = {row.id: row for row in preflight.failures}
    unknown = [name for name in despite if name not in failures]
    if unknown:
        raise RequestError(
            f"--despite names {unknown[0]}, which did not fail{near_miss(unknown[0], failures)}; "
            f"failed checks: {', '.join(failures) or 'none'}."
        )
    open_failures = [row for name, row in failures.items() if name not in despite]
    if open_failures:
        lines = [f"  {row.id}: {row.evidence} {row.remedy}" for row in open_failures]
        names = " ".join(row.id for row in open_failures)
        raise RequestError(
            "\n".join(
                [
                    f"Labeling job '{job.name}' was not submitted; the preflight failed:",
                    *lines,
                    f"Mend these, or submit although they failed: --despite {names}",
                ]
            )
        )
