"""What the policies say of one request; the reasons are made when somebody reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

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
        return f"Decision({self.decision!r}, matched_statements={self.matched_statements!r}, reasons={self.reasons!r})"
