"""What is wrong with a policy that can be read: Access Analyzer's finding types, and what Ground Truth's buckets add.

The checks are tables in `finding_checks_*`; a new check is a row there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.finding_checks_conditions import CONDITION_CHECKS
from gt_vpc_nb.policy.finding_checks_networks import NETWORK_CHECKS
from gt_vpc_nb.policy.finding_checks_policy import POLICY_CHECKS
from gt_vpc_nb.policy.finding_checks_statements import STATEMENT_CHECKS
from gt_vpc_nb.policy.finding_checks_values import VALUE_CHECKS
from gt_vpc_nb.policy.finding_table import Case, Check
from gt_vpc_nb.policy.json_places import PlacedReader
from gt_vpc_nb.policy.statement_reading import Finding, Findings

#: Checks of one condition, of one statement, and of the policy as a whole.
CHECKS: tuple[tuple[Check, ...], ...] = (
    (*CONDITION_CHECKS, *VALUE_CHECKS, *NETWORK_CHECKS),
    STATEMENT_CHECKS,
    POLICY_CHECKS,
)
_ORDER = {"ERROR": 0, "SECURITY_WARNING": 1, "WARNING": 2, "SUGGESTION": 3}


def findings(policy: Policy, bucket: str | None = None, region: str | None = None) -> Findings:
    """Everything worth knowing of a policy, the worst first; empty for a policy that means what it says.

    `bucket` adds what is wrong for this bucket, `region` (the bucket's) what is wrong there.
    """
    case = Case(policy, bucket, region)
    of_conditions, of_statements, of_policy = CHECKS
    found = [
        *_judged(of_policy, [case], ""),
        *(each for place in case.places for each in _judged(of_statements, [place], place.path)),
        *(
            each
            for place in case.places
            for condition in place.conditions
            for each in _judged(of_conditions, [condition], condition.path)
        ),
    ]
    return Findings(sorted(_with_lines(policy, found), key=lambda each: _ORDER[each.type]))


def _judged(checks: Iterable[Check], places: Iterable[Any], path: str) -> Iterator[Finding]:
    for check in checks:
        for place in places:
            for spot in check.test(place):
                where = path if spot.path is None else spot.path
                message, remedy = (text.format(**spot.words) for text in (check.message, check.remedy))
                yield Finding(check.type, check.code, where, None, message, remedy)


def _with_lines(policy: Policy, found: list[Finding]) -> list[Finding]:
    if not found or policy.text is None:
        return found
    reader = PlacedReader(policy.text)
    reader.read()
    return [
        Finding(each.type, each.issue_code, each.path, reader.lines.get(each.path), each.message, each.remedy)
        for each in found
    ]
