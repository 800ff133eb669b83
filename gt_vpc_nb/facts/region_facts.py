"""The Regions where Ground Truth runs, and what AWS itself owns there."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.facts.tables import frozen, table

#: Owns the worker interfaces (`human-task-ui`) of every Region. Source: botocore 1.44.5, UiConfig.HumanTaskUiArn.
HUMAN_TASK_UI_ACCOUNT = "394669845002"
#: Owns the automated labeling algorithms of every Region. Source: botocore 1.44.5,
#: LabelingJobAlgorithmsConfig.LabelingJobAlgorithmSpecificationArn.
ALGORITHM_ACCOUNT = "027400017018"


@dataclass(frozen=True)
class Region:
    """A Region with Ground Truth.

    `ground_truth_endpoint` is the VPC endpoint (vpce-…) through which Ground Truth reads and writes your buckets there:
    one id that all customers share. `lambda_account` owns the built-in pre-annotation and consolidation functions.
    `system_buckets` are the two buckets of AWS that a worker portal in a VPC must reach.
    """

    code: str
    name: str
    ground_truth_endpoint: str
    lambda_account: str
    system_buckets: tuple[str, ...]
    source: tuple[str, ...]


@functools.cache
def _by_code() -> dict[str, Region]:
    data = table("regions")
    return {row["code"]: Region(**frozen(row), source=tuple(data["source"])) for row in data["regions"]}


def regions() -> tuple[Region, ...]:
    """The 12 Regions with Ground Truth, in the order of AWS's own table."""
    return tuple(_by_code().values())


def region(code: str) -> Region:
    """What AWS owns in one Region.

    Raises:
        RequestError: Ground Truth does not run there; names the Regions where it does.

    >>> region("us-east-1").ground_truth_endpoint
    'vpce-08408e335ebf95b40'
    """
    known = _by_code()
    if code not in known:
        raise RequestError(
            f"Ground Truth does not run in Region {code!r}; "
            f"choose one of its {len(known)} Regions: {', '.join(sorted(known))}{near_miss(code, known)}"
        )
    return known[code]
