"""What linting a policy's text gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gt_vpc_nb.policy.statement_reading import Finding, Findings
from gt_vpc_nb.shown import Code, Fold, page
from gt_vpc_nb.shown_text import told

if TYPE_CHECKING:
    from gt_vpc_nb.policy.document import Policy


@dataclass(frozen=True, repr=False)
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
        repairs = "`.repaired` is the policy with repairs." if self.repaired else "Nothing was repaired."
        return "\n".join([*lines, repairs])

    def __repr__(self) -> str:
        return told(str(self))

    def _repr_html_(self) -> str:
        repaired = [Fold("The repaired policy", [Code(self.repaired.to_json())])] if self.repaired else []
        return page(str(self).partition("\n")[0], *Findings(self.findings).parts(), *repaired)
