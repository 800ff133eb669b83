"""How a plan is told: the verdict, then the job, where its values come from, the checks, the cost, the request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.shown import Code, Fold, Items, page
from gt_vpc_nb.shown_text import told

if TYPE_CHECKING:
    from gt_vpc_nb.plan import Plan

_NOT_RUN = "Preflight: not run, because the request itself has errors."
_LOST = "Configured, and not in this job:"


def text_of(plan: Plan) -> str:
    """The whole plan as text."""
    checks = _NOT_RUN if plan.preflight is None else repr(plan.preflight)
    parts = [
        plan.verdict,
        repr(plan.job),
        _sources(plan),
        checks,
        f"Cost: {plan.cost!r}",
        f"Request:\n{told(request(plan))}",
    ]
    return "\n\n".join(filter(None, parts))


def html_of(plan: Plan) -> str:
    """The whole plan as HTML; where the values come from and the request are folded away."""
    found, lost = plan.preflight, plan.filled.not_taken
    checks = [Items([_NOT_RUN])] if found is None else [Items([found.summary]), *found.parts()]
    sources = plan.filled.parts()
    return page(
        plan.verdict,
        *plan.job.parts(),
        *([Items(lost, _LOST)] if lost else []),
        *checks,
        Items([f"Cost: {plan.cost.summary}"]),
        *plan.cost.parts(),
        *([Fold("Where the values come from", sources)] if sources else []),
        Fold("The request", [Code(request(plan))]),
    )


def request(plan: Plan) -> str:
    """The CreateLabelingJob request as JSON, or why there is none yet."""
    try:
        return json.dumps(plan.job.to_request(), indent=2, ensure_ascii=False, default=str)
    except GtVpcError as error:
        return f"not complete: {error}"


def _sources(plan: Plan) -> str:
    taken = [f"  {row}" for row in plan.filled.of("filled in")]
    lost = [f"  {row}" for row in plan.filled.not_taken]
    given = ", ".join(row.field for row in plan.filled.of("given"))
    lines = ["Where the values come from:", *taken, f"  the job itself: {given or 'nothing that has a default'}"]
    return told(lines, [_LOST, *lost] if lost else ())
