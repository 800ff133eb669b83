"""Bucket policies: read strictly, evaluated with their reasons, compared and rewritten."""

from __future__ import annotations

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.evaluation import AccessRequest, Decision, evaluate
from gt_vpc_nb.policy.lint_result import Lint
from gt_vpc_nb.policy.statement_reading import Condition, Finding, Statement

__all__ = [
    "AccessRequest",
    "Condition",
    "Decision",
    "Finding",
    "Lint",
    "Policy",
    "PolicyError",
    "Statement",
    "evaluate",
]
