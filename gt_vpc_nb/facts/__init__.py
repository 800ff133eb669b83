"""What AWS says about Ground Truth, each fact written once with its source.

Regions, task types, limits of the API, rules and S3 actions. Facts are JSON tables in this folder, read when
somebody asks; look-ups return frozen values.
"""

from __future__ import annotations

from gt_vpc_nb.facts.api_facts import Limit, limit, limits
from gt_vpc_nb.facts.region_facts import ALGORITHM_ACCOUNT, HUMAN_TASK_UI_ACCOUNT, Region, region, regions
from gt_vpc_nb.facts.rule_facts import Rule, rule, rules
from gt_vpc_nb.facts.s3_facts import CONSOLE_ACTIONS, GROUND_TRUTH_ACTIONS, S3Action, s3_actions
from gt_vpc_nb.facts.task_facts import AUTO_LABELING_MIN_OBJECTS, TaskType, task_type, task_types

__all__ = [
    "ALGORITHM_ACCOUNT",
    "AUTO_LABELING_MIN_OBJECTS",
    "CONSOLE_ACTIONS",
    "GROUND_TRUTH_ACTIONS",
    "HUMAN_TASK_UI_ACCOUNT",
    "Limit",
    "Region",
    "Rule",
    "S3Action",
    "TaskType",
    "limit",
    "limits",
    "region",
    "regions",
    "rule",
    "rules",
    "s3_actions",
    "task_type",
    "task_types",
]
