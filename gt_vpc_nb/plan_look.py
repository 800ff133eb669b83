"""How a plan is told: the verdict, then the job, where its values come from, the checks, the cost, the request."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING

from gt_vpc_nb.errors import GtVpcError

if TYPE_CHECKING:
    from gt_vpc_nb.plan import Plan

_NOT_RUN = "Preflight: not run, because the request itself has errors."
_LOST = "Configured, and not in this job:"


def text_of(plan: Plan) -> str:
    """The whole plan as text."""
    checks = _NOT_RUN if plan.preflight is None else repr(plan.preflight)
    parts = [plan.verdict, repr(plan.job), _sources(plan), checks, f"Cost: {plan.cost!r}", f"Request:\n{request(plan)}"]
    return "\n\n".join(filter(None, parts))


def html_of(plan: Plan) -> str:
    """The whole plan as HTML; the request is folded away."""
    checks = f"<p>{escape(_NOT_RUN)}</p>" if plan.preflight is None else plan.preflight._repr_html_()
    sources = plan.filled._repr_html_() if plan.filled.provenance else ""
    lost = "".join(f"<li>{escape(str(row))}</li>" for row in plan.filled.not_taken)
    lost = f'<p role="note"><strong>{escape(_LOST)}</strong></p><ul>{lost}</ul>' if lost else ""
    folded = f'<pre style="white-space:pre-wrap">{escape(request(plan))}</pre>'
    return (
        f"<p><strong>{escape(plan.verdict)}</strong></p>{plan.job._repr_html_()}{lost}{checks}"
        f"<div>{plan.cost._repr_html_()}</div><details><summary>Where the values come from</summary>{sources}</details>"
        f"<details><summary>The request</summary>{folded}</details>"
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
    return "\n".join([*lines, *([_LOST, *lost] if lost else [])])
