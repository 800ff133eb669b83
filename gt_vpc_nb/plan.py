"""What a labeling job would do, checked before anything is sent: the plan that magics and forms show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_vpc_nb.builder import LabelingJob, survey
from gt_vpc_nb.defaults import Filled, with_defaults
from gt_vpc_nb.errors import AwsError, Problem, RequestError, near_miss
from gt_vpc_nb.job_costs import Estimate
from gt_vpc_nb.plan_look import html_of, text_of

if TYPE_CHECKING:
    from gt_vpc_nb.jobs import SubmittedJob
    from gt_vpc_nb.preflight import Preflight
    from gt_vpc_nb.preflight.surroundings import Surroundings


@dataclass(frozen=True, repr=False)
class Plan:
    """A labeling job, the problems of its request, and what the preflight found; nothing was sent.

    `filled` tells where each value comes from, and what is configured and not taken. `preflight` and `surroundings` are
    None where the request itself has errors: then nothing was asked.
    """

    job: LabelingJob
    problems: tuple[Problem, ...]
    preflight: Preflight | None
    session: Any
    filled: Filled
    surroundings: Surroundings | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that AWS would refuse."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def ready(self) -> bool:
        """Whether no problem and no failed check stands in the way."""
        return not self.errors and self.preflight is not None and self.preflight.passed

    @property
    def objects(self) -> int | None:
        """How many data objects the input manifest has, or None where that is not known."""
        return getattr(self.surroundings.manifest, "objects", None) if self.surroundings else None

    @property
    def cost(self) -> Estimate:
        """What the job takes at the most; prices that are not in the request are not known."""
        return self.job.estimate(self.objects)

    @property
    def verdict(self) -> str:
        """The answer in one line."""
        return f"Plan: {self._state()}; nothing was sent, nothing was changed."

    def _state(self) -> str:
        if self.ready:
            return "ready to submit"
        if self.preflight is None:
            return f"not ready, the request has {_count(len(self.errors), 'error')}"
        failed, open_ones = len(self.preflight.failures), self._undetermined()
        told = [f"{_count(failed, 'check')} failed"] if failed else []
        told += [f"{_count(open_ones, 'check')} could not be decided"] if open_ones else []
        return f"not ready, {' and '.join(told)}"

    def _undetermined(self) -> int:
        rows = self.preflight.rows if self.preflight else ()
        return sum(row.status == "undetermined" and row.severity == "error" for row in rows)

    def submit(self, despite: Sequence[str] = ()) -> SubmittedJob:
        """Submits the job unless a check of the preflight failed that `despite` does not name.

        Raises RequestError for problems of the request, for failed checks, and for a `despite` that did not fail;
        AwsError when AWS refuses, with what the preflight knows about who was denied what.
        """
        from gt_vpc_nb.plan_denied import diagnosed

        if self.preflight is not None:
            _refuse_failed(self.preflight, tuple(despite), self.job)
        try:
            return self.job.submit(self.session)
        except AwsError as error:
            raise diagnosed(error, self.job, self.surroundings) from error

    def __repr__(self) -> str:
        return text_of(self)

    def _repr_html_(self) -> str:
        return html_of(self)


def plan_of(job: LabelingJob, session: object = None, settings: Mapping[str, Any] | None = None) -> Plan:
    """Looks at a job without sending it: what fills its open fields, the problems of its request, then the preflight.

    `settings` are the defaults of ``%config GtVpcMagics``. The preflight runs when the request has no error.
    """
    filled = with_defaults(job, session, magics=settings)
    problems = tuple(filled.job.problems())
    if any(problem.severity == "error" for problem in problems):
        return Plan(filled.job, problems, None, session, filled)
    found = survey(filled.job, session)
    return Plan(filled.job, problems, filled.job.preflight(surroundings=found), session, filled, found)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


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
