"""What may come next in the body of a %%gt_vpc cell: the keys of a job in YAML, and values of some of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gt_vpc_nb.commands import BY_NAME, Kind

_COMMAND = re.compile(r"\s*%%gt_vpc\s+([a-z-]+)")
_KEY = re.compile(r"\w*$")
_VALUE = re.compile(r"\s*(?:-\s+)?(?P<key>\w+):\s+(?P<start>[\w:/.-]*)$")
#: Keys of a job's YAML whose values are of a kind that is known.
_KINDS: Mapping[str, Kind] = {
    "region": "region", "type": "task", "role": "arn", "id": "vpc", "verifying": "job", "adjusting": "job",
}  # fmt: skip


def body_language(cell: str) -> str:
    """YAML or JSON, or nothing where the command takes no body."""
    named = _COMMAND.match(cell)
    command = BY_NAME.get(named[1]) if named else None
    return command.body if command else ""


def keys(line: str) -> list[str] | None:
    """The keys of a job that a line may begin with; None where it does not begin one."""
    if not _KEY.match(line):
        return None
    from gt_vpc_nb.job_verbs import VERBS

    return [key for key in VERBS if key.startswith(line)]


def kind_of_value(line: str) -> tuple[Kind, str] | None:
    """What kind of value the line waits for, and what is written of it."""
    found = _VALUE.match(line)
    return (_KINDS[found["key"]], found["start"]) if found and found["key"] in _KINDS else None
