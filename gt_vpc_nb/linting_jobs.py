"""The problems of a labeling job written in YAML, at the lines of its text."""

from __future__ import annotations

from collections.abc import Iterator

from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.linting_requests import Said


def job_rows(text: str, first: int, *, verbatim: bool = True) -> Iterator[Said]:
    """The problems of the job that `LabelingJob.from_yaml` reads in a text beginning in a line."""
    from gt_vpc_nb.builder import LabelingJob

    try:
        problems = LabelingJob.from_yaml(text).problems()
    except GtVpcError as error:
        yield Said(first, "YAML-SYNTAX", "error", "", str(error), "")
        return
    for each in problems:
        yield Said(first, each.code, each.severity, each.field, each.message, each.remedy)
