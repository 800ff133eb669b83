"""What the policies say of one request; the reasons are made when somebody reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gt_vpc_nb.shown import Items, Pairs, badge, page
from gt_vpc_nb.shown_text import told

if TYPE_CHECKING:
    from gt_vpc_nb.policy.access_request import AccessRequest
    from gt_vpc_nb.policy.evaluation import Policies
    from gt_vpc_nb.policy.explanation import Explanation

Verdict = Literal["allowed", "explicitDeny", "implicitDeny", "notDenied", "undetermined"]


class Decision:
    """What the policies say of one request, and why; `reasons` are true sentences, the decisive one first.

    `decision` is allowed, explicitDeny, implicitDeny, notDenied (only identity policies, which were not given, are
    open) or undetermined. `near_misses` tell what would have had to differ. The sentences are made at the first look.
    """

    __slots__ = ("_explanation", "_policies", "_request", "_topic", "decision")

    def __init__(self, decision: Verdict, topic: str, policies: Policies, request: AccessRequest) -> None:
        self.decision: Verdict = decision
        self._topic = topic
        self._policies = policies
        self._request = request
        self._explanation: Explanation | None = None

    @property
    def matched_statements(self) -> tuple[str, ...]:
        """The statements that decided, by Sid or place."""
        return self._explained().statements

    @property
    def missing_context_keys(self) -> tuple[str, ...]:
        """Keys that the policies' conditions name and the request does not carry."""
        return self._explained().missing_keys

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in true sentences; the decisive one comes first."""
        return self._explained().reasons

    @property
    def near_misses(self) -> tuple[str, ...]:
        """What would have had to differ for another decision, a sentence a statement."""
        return self._explained().near_misses

    def explain(self) -> str:
        """The decision, its reasons, and what would have had to differ; a line each."""
        return "\n".join([f"{self.decision}:", *(f"  {line}" for line in (*self.reasons, *self.near_misses))])

    def _explained(self) -> Explanation:
        if self._explanation is None:
            from gt_vpc_nb.policy.explanation import explained

            self._explanation = explained(self._topic, self._policies, self._request)
        return self._explanation

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Decision):
            return NotImplemented
        mine, theirs = self._explained(), other._explained()
        return (self.decision, mine) == (other.decision, theirs)

    def __hash__(self) -> int:
        return hash((self.decision, self._topic))

    def __str__(self) -> str:
        return f"{self.decision}: {self.reasons[0]}" if self.reasons else self.decision

    def __repr__(self) -> str:
        return told(str(self), (f"  {line}" for line in (*self.reasons[1:], *self.near_misses)))

    def _repr_html_(self) -> str:
        asked = self._request
        rows = (
            ("decision", badge(self.decision)),
            ("statements", ", ".join(self.matched_statements) or "none"),
            ("keys not in the request", ", ".join(self.missing_context_keys) or "none"),
            ("who", asked.principal or "anonymous"),
            ("does", asked.action),
            ("on", asked.resource),
            ("with", ", ".join(f"{key}={value}" for key, value in asked.context.items()) or "no context keys"),
        )
        further = (Items(self.reasons[1:], "Also:"), Items(self.near_misses, "What would have had to differ:"))
        return page(str(self), Pairs("Decision", rows), *further)
