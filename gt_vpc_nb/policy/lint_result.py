"""What linting a policy's text gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gt_vpc_nb.policy.statement_reading import Finding

if TYPE_CHECKING:
    from gt_vpc_nb.policy.document import Policy


@dataclass(frozen=True)
class Lint:
    """What `Policy.lint` found; `repaired` is a policy where something was to repair and there is one way to do it."""

    findings: tuple[Finding, ...]
    repaired: Policy | None = None

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __bool__(self) -> bool:
        return bool(self.findings)

    def __str__(self) -> str:
        if not self.findings:
            return "The policy has no findings."
        count = "1 finding" if len(self) == 1 else f"{len(self)} findings"
        lines = [f"The policy has {count}:", *(f"  {each.type} {each.issue_code} {each}" for each in self.findings)]
        told = "`.repaired` is the policy with repairs." if self.repaired else "Nothing was repaired."
        return "\n".join([*lines, told])

    __repr__ = __str__
