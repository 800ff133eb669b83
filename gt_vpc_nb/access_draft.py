"""A bucket policy of one's own, before it is put: linted, evaluated, and compared with the policy that is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.access import plan_policy
from gt_vpc_nb.access_change import PolicyChange
from gt_vpc_nb.aws.sessions import standing
from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy import Policy
from gt_vpc_nb.policy.lint_result import Lint
from gt_vpc_nb.policy.openings import Opening, Openings
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.statement_reading import Finding, Findings
from gt_vpc_nb.shown import Items, page
from gt_vpc_nb.shown_text import told

_SHOWN = 12


@dataclass(frozen=True, repr=False)
class PolicyDraft:
    """What a policy would do to a bucket; nothing is changed until `.apply()`.

    `lint` is what is wrong with the text; `findings` are those of the policy on this bucket; `change` compares it with
    the bucket's policy and guards it, None where the text is no policy; `openings` are the ways past it from outside
    the perimeter, empty where the perimeter names nobody.
    """

    bucket: str
    text: str
    lint: Lint
    findings: tuple[Finding, ...]
    change: PolicyChange | None
    openings: tuple[Opening, ...] = ()

    def apply(self, **options: Any) -> PolicyChange:
        """Puts the policy as `PolicyChange.apply` does. Raises PolicyError when the text is no policy."""
        if self.change is None:
            Policy.parse(self.text)
            raise PolicyError(f"The policy for bucket '{self.bucket}' cannot be read.", self.lint.findings)
        return self.change.apply(**options)

    @property
    def summary(self) -> str:
        """The answer in one line."""
        if self.change is None:
            return f"This is no policy for bucket '{self.bucket}' yet: {_count(len(self.lint), 'finding')}"
        told = [_count(len(self.findings), "finding"), _count(len(self.openings), "way past it", "ways past it")]
        return f"Draft for the policy of bucket '{self.bucket}': {', '.join(told)}; nothing was changed"

    def _lines(self) -> list[str]:
        found = self.findings if self.change else self.lint.findings
        lines = [f"  {each.type} {each.issue_code} {each}" for each in found[:_SHOWN]]
        lines += [f"  … and {len(found) - _SHOWN} more in .findings"] if len(found) > _SHOWN else []
        lines += [f"  gets in from outside: {each}" for each in self.openings[:_SHOWN]]
        rest = len(self.openings) - _SHOWN
        return [*lines, *([f"  … and {rest} more in .openings"] if rest > 0 else [])]

    def __repr__(self) -> str:
        return told(self.summary, self._lines(), repr(self.change) if self.change else ())

    def _repr_html_(self) -> str:
        found = Findings(self.findings if self.change else self.lint.findings)
        change = [Items([self.change.summary]), *self.change.parts()] if self.change else []
        return page(self.summary, *found.parts(), *Openings(self.openings).parts(), *change)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number or 'no'} {one if number == 1 else many or f'{one}s'}"


def draft(bucket: str, text: str, perimeter: Perimeter | None = None, session: Any = None) -> PolicyDraft:
    """Holds a policy's text against a bucket: findings, who gets in before and after, what opens and closes.

    Raises AwsError when the policy that is there cannot be read.
    """
    who = perimeter or Perimeter()
    lint = Policy.lint(text)
    try:
        policy = Policy.parse(text)
    except PolicyError:
        return PolicyDraft(bucket, text, lint, (), None)
    change = plan_policy(bucket, text, who, session)
    findings = tuple(policy.findings(bucket, who.ground_truth))
    named = who.vpcs or who.vpc_endpoints or who.principals or who.execution_role
    openings = tuple(policy.openings(bucket, who, standing(session).account)) if named else ()
    return PolicyDraft(bucket, text, lint, findings, change, openings)
