"""Who may do what to S3, and to the keys its objects are encrypted with: every kind of policy, by one evaluator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.local.carried import Carried
from gt_vpc_nb.local.denials import denial
from gt_vpc_nb.local.guardrails import Guardrails
from gt_vpc_nb.local.identities import ANONYMOUS, Identities
from gt_vpc_nb.local.kms_keys import Use
from gt_vpc_nb.local.origin import Caller
from gt_vpc_nb.local.principals import Principal
from gt_vpc_nb.local.s3_operations import Ask
from gt_vpc_nb.policy import AccessRequest, Decision, Policy, evaluate
from gt_vpc_nb.policy.public_access import is_public


@dataclass(frozen=True)
class Bucket:
    """What the gate knows of a bucket: whose it is, where, and its policy as it was put."""

    account: str
    region: str
    policy: Policy | None = None
    text: str = ""


#: What there is to say of somebody who has no identity: no policies, and nothing that bounds them.
_NOBODY = Carried(ANONYMOUS, ())


@dataclass(frozen=True, slots=True)
class Question:
    """One permission that somebody asks for, with every policy as it was then.

    It is small, and answers again whenever somebody wants the reason: a job asks for ten thousand, and hardly anybody
    reads why. `owner` is the account of the bucket or the key that `policy` belongs to.
    """

    action: str
    resource: str
    more: Mapping[str, str]
    bucket: Bucket | None
    caller: Caller
    carried: Carried
    limits: Mapping[str, Any]
    now: datetime
    owner: str
    policy: Policy | None

    def decided(self) -> Decision:
        """The evaluator's decision."""
        identity = self.carried.policies
        if not self.action.startswith("kms:"):
            return evaluate(self.policy, self.request(), identity_policies=identity, account=self.owner, **self.limits)
        # The key's policy names the caller itself, or lets the caller's account in, whose own policies then decide:
        # the second is how IAM decides between two accounts.
        request = self.request()
        both = evaluate(self.policy, request, identity_policies=identity, account="000000000000", **self.limits)
        if both.decision == "allowed" or self.caller.account != self.owner or self.caller.principal.endswith(":root"):
            return both
        named = evaluate(self.policy, request, identity_policies=(), account=self.owner, **self.limits)
        return named if named.decision == "allowed" else both

    def reason(self) -> str:
        """Why it was decided so, in one line."""
        decision = self.decided()
        where = f"{', '.join(decision.matched_statements)}: " if decision.matched_statements else ""
        return where + ("; ".join(decision.reasons) or decision.decision)

    def told(self) -> str:
        """What the caller hears of a refusal: AWS names the kind of policy only inside of one account."""
        if self.caller.principal == ANONYMOUS or self.caller.account != self.owner:
            return "Access Denied"
        return denial(self.request(), self.decided().decision, self.policy, self.carried.policies, self.limits)

    def request(self) -> AccessRequest:
        """The question as the evaluator has it."""
        bucket, now = self.bucket, self.now
        context = {
            **self.more,
            **self.caller.origin.context(),
            "aws:CurrentTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "aws:EpochTime": str(int(now.timestamp())),
            "aws:RequestedRegion": bucket.region if bucket else self.caller.region,
        }
        if self.action.startswith("s3:"):
            context |= {"s3:signatureversion": "AWS4-HMAC-SHA256", "s3:TlsVersion": "1.3"}
            if bucket:
                context["s3:ResourceAccount"] = self.owner
        if bucket:
            context["aws:ResourceAccount"] = self.owner
        if self.caller.principal == ANONYMOUS:
            context |= {"aws:PrincipalType": "Anonymous", "aws:PrincipalAccount": "anonymous"}
            return AccessRequest(None, self.action, self.resource, context)
        context |= Principal.parse(self.caller.principal).context(self.carried.user_id)
        return AccessRequest(self.caller.principal, self.action, self.resource, context)


@dataclass(frozen=True)
class Judged:
    """A decision in the evaluator's word; its reason, and what the caller hears of a refusal, are made when asked."""

    decision: str
    reason: Callable[[], str]
    told: Callable[[], str] = lambda: "Access Denied"

    @property
    def allowed(self) -> bool:
        return self.decision == "allowed"

    @classmethod
    def plainly(cls, decision: str, reason: str) -> Judged:
        """A decision that no policy is needed for."""
        return cls(decision, lambda: reason)


class Judge:
    """Decides one permission at a time. `now` is the simulated time."""

    def __init__(self, identities: Identities, guardrails: Guardrails, now: Callable[[], datetime]) -> None:
        self._identities, self.guardrails, self._now = identities, guardrails, now

    def of_bucket(self, ask: Ask, bucket: Bucket | None, caller: Caller, restricts: Callable[[], bool]) -> Judged:
        """Whether a caller has a permission on a bucket or an object. `restricts` is asked for public ones alone."""
        owner = bucket.account if bucket else caller.account
        policy = bucket.policy if bucket else None
        more: dict[str, Any] = {}
        if policy is not None and caller.account != owner and is_public(policy):
            more["restrict_public_buckets"] = restricts()
        return self._judged(ask.action, ask.resource, ask.context, bucket, caller, owner, policy, more)

    def of_key(self, use: Use, bucket: Bucket, caller: Caller, object_arn: str) -> Judged:
        """Whether a caller may use a key through S3. AWS's own key for S3 is for everybody of its account."""
        key = use.key
        if key.policy is None:
            mine = caller.account == key.account
            told = "AWS's own key for S3 is for its account alone"
            return Judged.plainly("allowed" if mine else "implicitDeny", told)
        context = {
            "kms:ViaService": f"s3.{bucket.region}.amazonaws.com",
            "kms:CallerAccount": caller.account,
            "kms:EncryptionContext:aws:s3:arn": object_arn,
        }
        return self._judged(use.action, key.arn, context, bucket, caller, key.account, key.policy, {})

    def _judged(
        self,
        action: str,
        resource: str,
        context: Mapping[str, str],
        bucket: Bucket | None,
        caller: Caller,
        owner: str,
        policy: Policy | None,
        more: dict[str, Any],
    ) -> Judged:
        carried = _NOBODY
        if caller.principal != ANONYMOUS:
            carried = self._identities.carried(Principal.parse(caller.principal))
        if carried.undecided:
            return Judged.plainly("undetermined", carried.undecided)
        try:
            limits = {**carried.limits, **self.guardrails.of(caller, owner), **more}
        except PolicyError as unread:
            return Judged.plainly("undetermined", str(unread))
        question = Question(
            action, resource, context, bucket, caller, carried, limits or _NONE, self._now(), owner, policy
        )
        return Judged(question.decided().decision, question.reason, question.told)


_NONE: Mapping[str, Any] = {}
