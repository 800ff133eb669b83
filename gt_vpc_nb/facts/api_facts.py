"""What CreateLabelingJob takes: kind, size, pattern and values of every member, from the API's own model."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.facts.tables import frozen, table


@dataclass(frozen=True)
class Limit:
    """The bounds of one member of CreateLabelingJob.

    `member` is its dotted path; ``[]`` stands for each element of a list (``Tags[].Key``). `minimum` and `maximum` are
    characters of a string, elements of a list, or the value of an integer. `pattern` is the API's regular expression
    for the whole text; `matches` applies it. `required` is relative to the structure that holds the member.
    """

    member: str
    kind: Literal["string", "integer", "list", "structure", "boolean"]
    minimum: int | None
    maximum: int | None
    pattern: str | None
    values: tuple[str, ...]
    required: bool
    source: str

    def matches(self, text: str) -> bool:
        """Whether the whole text fits `pattern`; true where the API has none.

        >>> limit("Tags[].Key").matches("Équipe 1"), limit("LabelingJobName").matches("street_signs")
        (True, False)
        """
        return self.pattern is None or _compiled(self.pattern).fullmatch(text) is not None


#: The API's patterns speak Java's dialect; Python's `re` has no Unicode categories. `\w` is letters, numbers and the
#: underscore, which every class of the model that has these categories lists too.
_CATEGORIES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    for category, characters in _CATEGORIES.items():
        pattern = pattern.replace(category, characters)
    return re.compile(pattern)


@functools.cache
def limits() -> dict[str, Limit]:
    """Every member of CreateLabelingJob by its dotted path, in the API's order; do not change the dict."""
    data = table("api_limits")
    rows = (frozen(row) for row in data["limits"])
    return {
        row["member"]: Limit(**{**row, "source": f"{data['source']}, {shape}"})
        for row, shape in ((row, row.pop("shape")) for row in rows)
    }


def _nearest(member: str, known: Iterable[str]) -> str:
    """A bare name is looked for at the end of every path before the spelling is doubted."""
    ends = [path for path in known if path.endswith(f".{member}")]
    return f"; did you mean '{ends[0]}'?" if ends else near_miss(member, known)


def limit(member: str) -> Limit:
    """The bounds of one member of CreateLabelingJob.

    Raises:
        RequestError: CreateLabelingJob has no such member; offers the nearest one.

    >>> limit("HumanTaskConfig.TaskKeywords").maximum
    5
    """
    known = limits()
    if member not in known:
        raise RequestError(f"CreateLabelingJob has no member {member!r}{_nearest(member, known)}")
    return known[member]
