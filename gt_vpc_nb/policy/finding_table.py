"""How a check is written down: one row with its code, type, test, message and remedy.

A test is handed the place it judges (a condition, a statement, or the whole policy) and yields a `Spot` for each thing
it finds; the words of a spot fill the row's message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.operators import Spelled, spelled
from gt_vpc_nb.policy.statement_reading import Condition, Statement

FindingType = Literal["ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"]
#: Who has the check: IAM Access Analyzer (IAM User Guide, access-analyzer-reference-policy-checks), whose issue code it
#: then bears, though not always its type: a key that our table lacks may be a new one; or this package alone.
Origin = Literal["Access Analyzer", "ours"]
ANALYZER: Origin = "Access Analyzer"
OURS: Origin = "ours"


@dataclass(frozen=True)
class Case:
    """A policy with what is known of its bucket."""

    policy: Policy
    bucket: str | None = None
    region: str | None = None

    @cached_property
    def document(self) -> dict[str, Any]:
        return self.policy.document

    @cached_property
    def places(self) -> tuple[StatementPlace, ...]:
        alone = isinstance(self.document.get("Statement"), dict)
        return tuple(
            StatementPlace(self, each, "Statement" if alone else f"Statement[{each.index}]")
            for each in self.policy.statements
        )


@dataclass(frozen=True)
class StatementPlace:
    """One statement of a case."""

    case: Case
    statement: Statement
    path: str

    @property
    def denies(self) -> bool:
        return self.statement.effect == "Deny"

    @cached_property
    def conditions(self) -> tuple[ConditionPlace, ...]:
        return tuple(ConditionPlace(self, each) for each in self.statement.conditions)


@dataclass(frozen=True)
class ConditionPlace:
    """One condition of a statement: `how` is its operator as it was read, `key` is lower-cased."""

    place: StatementPlace
    condition: Condition

    @property
    def path(self) -> str:
        return f"{self.place.path}.Condition.{self.condition.operator}.{self.condition.key}"

    @cached_property
    def how(self) -> Spelled | None:
        return spelled(self.condition.operator)

    @cached_property
    def key(self) -> str:
        return self.condition.key.lower()

    @property
    def operator_name(self) -> str:
        """The bare operator, without quantifier and IfExists; empty for Null and for one that IAM does not have."""
        return self.how.operator.name if self.how and self.how.operator else ""

    @property
    def negated(self) -> bool:
        return bool(self.how and self.how.operator and self.how.operator.negated)

    @property
    def exempts(self) -> bool:
        """Whether, in a Deny, it lets the listed values go and still denies a request without the key."""
        return self.negated and self.how is not None and self.how.quantifier != "foranyvalue"


@dataclass(frozen=True)
class Spot:
    """One thing that a test found: the words for the message, and its path where that is not the place's own."""

    words: dict[str, object] = field(default_factory=dict)
    path: str | None = None


@dataclass(frozen=True)
class Check:
    """One row: what is looked for, and what is said of it."""

    code: str
    type: FindingType
    origin: Origin
    test: Callable[[Any], Iterable[Spot]]
    message: str
    remedy: str = ""


def quoted(values: Iterable[str], shown: int = 4) -> str:
    """Values in quotes; a long list is cut."""
    every = list(values)
    told = ", ".join(f"'{each}'" for each in every[:shown])
    return told + (f" and {len(every) - shown} more" if len(every) > shown else "")
