"""The rules a labeling job in a VPC has to keep: ids, severities, short titles, and where each is written."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from gt_vpc_nb.errors import RequestError, Severity, near_miss
from gt_vpc_nb.facts.tables import table


@dataclass(frozen=True)
class Rule:
    """One rule. `title` states what holds when it is kept; `area` groups rules of one subject."""

    id: str
    severity: Severity
    area: str
    title: str
    source: str


@functools.cache
def rules() -> dict[str, Rule]:
    """All rules by id, grouped by area; do not change the dict."""
    return {row["id"]: Rule(**row) for row in table("rules")["rules"]}


def rule(id: str) -> Rule:
    """One rule by its id.

    Raises:
        RequestError: there is no such rule; offers the nearest one.

    >>> rule("AUTO-03").title
    'Automated labeling starts at 1,250 objects'
    """
    known = rules()
    if id not in known:
        raise RequestError(f"There is no rule {id!r}, ids look like 'REQ-01' or 'S3P-01'{near_miss(id, known)}")
    return known[id]
