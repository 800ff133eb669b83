"""Who may come in: the perimeter that a bucket policy is held against."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from gt_vpc_nb.errors import Problem, refuse
from gt_vpc_nb.facts import region
from gt_vpc_nb.shown import Pairs, page

_IDS = {"vpcs": re.compile(r"vpc-[0-9a-z]+"), "vpc_endpoints": re.compile(r"vpce-[0-9a-z]+")}
_ARN = re.compile(r"arn:aws[a-z-]*:(iam|sts)::\d{12}:[^\s*]+")
_TITLES = {
    "vpcs": "VPCs",
    "vpc_endpoints": "VPC endpoints",
    "principals": "principals, from any network",
    "ground_truth": "Ground Truth of the Region",
    "execution_role": "execution role",
    "administrators": "administrators",
    "console_users": "console users",
}
_LISTS = ("vpcs", "vpc_endpoints", "principals", "administrators", "console_users")


@dataclass(frozen=True)
class Perimeter:
    """Who may come in.

    `vpcs` and `vpc_endpoints` are yours; `principals` may come from any network; `ground_truth` is a Region, whose
    Ground Truth endpoint may come in; `execution_role` is the role that Ground Truth works as; `administrators` must
    always be able to repair the bucket policy; `console_users` launch jobs from the Ground Truth console.
    Raises RequestError with every id that is not one.
    """

    vpcs: Sequence[str] = ()
    vpc_endpoints: Sequence[str] = ()
    principals: Sequence[str] = ()
    ground_truth: str | None = None
    execution_role: str | None = None
    administrators: Sequence[str] = ()
    console_users: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name in _LISTS:
            given = getattr(self, name)
            several = isinstance(given, Iterable) and not isinstance(given, str)
            object.__setattr__(self, name, tuple(given) if several else () if given is None else (given,))
        refuse([*_wrong_ids(self), *_wrong_arns(self)], "The perimeter")
        if self.ground_truth is not None:
            region(self.ground_truth)

    @property
    def ground_truth_endpoint(self) -> str | None:
        """The id of the Region's Ground Truth endpoint, which all AWS customers share."""
        return None if self.ground_truth is None else region(self.ground_truth).ground_truth_endpoint

    def __repr__(self) -> str:
        # Code, which the magics print as the Python of what they did.
        given = ((each.name, getattr(self, each.name)) for each in fields(self))
        return f"Perimeter({', '.join(f'{name}={list(v) if name in _LISTS else v!r}' for name, v in given if v)})"

    def _repr_html_(self) -> str:
        rows = [(title, told) for name, title in _TITLES.items() if (told := _joined(getattr(self, name)))]
        shut = "Nobody may come in: this perimeter is empty."
        return page("Who may come in" if rows else shut, *([Pairs("Perimeter", rows)] if rows else []))


def _joined(value: str | Sequence[str] | None) -> str:
    return value if isinstance(value, str) else ", ".join(value or ())


def _wrong_ids(perimeter: Perimeter) -> list[Problem]:
    return [
        Problem(
            "S3P-05", "error", name, f"{given!r} is not an id of that kind.", f"Write it as {pattern.pattern[:-9]}…."
        )
        for name, pattern in _IDS.items()
        for given in getattr(perimeter, name)
        if not isinstance(given, str) or not pattern.fullmatch(given)
    ]


def _wrong_arns(perimeter: Perimeter) -> list[Problem]:
    roles = (perimeter.execution_role,) if perimeter.execution_role is not None else ()
    named = [(name, each) for name in _LISTS[2:] for each in getattr(perimeter, name)]
    return [
        Problem("S3P-07", "error", name, f"{given!r} is not the ARN of a user or role.", "Write arn:aws:iam::….")
        for name, given in [*named, *(("execution_role", each) for each in roles)]
        if not isinstance(given, str) or not _ARN.fullmatch(given)
    ]
