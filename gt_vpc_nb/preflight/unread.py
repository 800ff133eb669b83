"""What a survey notes where it has no fact: what may not be read, and what is not there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unknown:
    """What the survey was not allowed, or not able, to read; `reason` names the error and the action."""

    reason: str


@dataclass(frozen=True)
class Missing:
    """What AWS says is not there; `reason` names it."""

    reason: str


#: The default of facts that a value made by hand leaves out: no check may take them for good.
NOT_SURVEYED = Unknown("not surveyed")
