"""A CreateLabelingJob request as the rules look at it: members by their paths, ARNs by their parts, the task type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.facts import TaskType, task_types
from gt_vpc_nb.request_reading import member

PRE_FUNCTION = "HumanTaskConfig.PreHumanTaskLambdaArn"
CONSOLIDATION = "HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn"
WORK_TEAM = "HumanTaskConfig.WorkteamArn"


@dataclass(frozen=True)
class Look:
    """A request as the rules see it: members by dotted path, the Region of the job, and whether it runs in a VPC."""

    request: Mapping[str, Any]
    region: str | None
    in_vpc: bool

    def text(self, path: str) -> str:
        """The text at a path, or '' where there is none."""
        found = member(self.request, path)
        return found if isinstance(found, str) else ""

    def number(self, path: str) -> int | None:
        found = member(self.request, path)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def has(self, path: str) -> bool:
        return member(self.request, path) is not None

    def built_in(self, path: str, prefix: str) -> str | None:
        """The task type that a Lambda ARN names after ``PRE-`` or ``ACS-``, whatever its account; None for your own."""
        name = self.text(path).rpartition(":function:")[2]
        code = name.removeprefix(prefix)
        known = {kind.code for kind in task_types()}
        return code if name.startswith(prefix) and code in known else None

    @property
    def kind(self) -> TaskType | None:
        """The built-in task type, or None for a custom workflow."""
        code = self.built_in(PRE_FUNCTION, "PRE-") or self.built_in(CONSOLIDATION, "ACS-")
        return next((kind for kind in task_types() if kind.code == code), None)

    @property
    def crowd(self) -> str:
        """``private-crowd``, ``vendor-crowd``, ``public-crowd``, or '' when the work team's ARN says none of them."""
        found = self.text(WORK_TEAM).partition(":workteam/")[2].partition("/")[0]
        return found if found in ("private-crowd", "vendor-crowd", "public-crowd") else ""


def region_of(arn: str) -> str | None:
    """The Region that an ARN names, or None."""
    parts = arn.split(":")
    return parts[3] or None if len(parts) >= 6 and parts[0] == "arn" else None


def account_in(arn: str) -> str:
    """The account that an ARN names, or ''."""
    parts = arn.split(":")
    return parts[4] if len(parts) >= 6 else ""
