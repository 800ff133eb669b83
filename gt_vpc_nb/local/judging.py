"""Who may do what to S3, and to the keys its objects are encrypted with: every kind of policy, by one evaluator."""

from __future__ import annotations

from collections.abc import Callable
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


@dataclass(frozen=True)
class Judged:
    """A decision in the evaluator's word, its reason in one line, and what the caller is told where it is a refusal."""

    decision: str
    reason: str
    told: Callable[[], str] = lambda: "Access Denied"

    @property
    def allowed(self) -> bool:
        return self.decision == "allowed"


#: What there is to say of somebody who has no identity: no policies, and nothing that bounds them.
_NOBODY = Carried(ANONYMOUS, ())


class Judge:
    """Decides one permission at a time. `now` is the simulated time."""

    def __init__(self, identities: Identities, guardrails: Guardrails, now: Callable[[], datetime]) -> None:
        self._identities, self.guardrails, self._now = identities, guardrails, now

    def of_bucket(self, ask: Ask, bucket: Bucket | None, caller: Caller, restricts: Callable[[], bool]) -> Judged:
        """Whether a caller has a permission on a bucket or an object. `restricts` is asked for public ones alone."""
        owner = bucket.account if bucket else caller.account
        policy = bucket.policy if bucket else None
        carried = self._carried(caller)
        request = self._request(ask.action, ask.resource, ask.context, bucket, caller, carried)
        limits = self._limits(carried, caller, owner)
        if isinstance(limits, Judged):
            return limits
        if policy is not None and caller.account != owner and is_public(policy):
            limits["restrict_public_buckets"] = restricts()
        decision = evaluate(policy, request, identity_policies=carried.policies, account=owner, **limits)
        return self._judged(decision, request, policy, carried, limits, same=caller.account == owner)

    def of_key(self, use: Use, bucket: Bucket, caller: Caller, object_arn: str) -> Judged:
        """Whether a caller may use a key through S3. AWS's own key for S3 is for everybody of its account."""
        key = use.key
        if key.policy is None:
            if caller.account == key.account:
                return Judged("allowed", "AWS's own key for S3 is for its account")
            return Judged("implicitDeny", "AWS's own key for S3 is for no other account")
        carried = self._carried(caller)
        context = {
            "kms:ViaService": f"s3.{bucket.region}.amazonaws.com",
            "kms:CallerAccount": caller.account,
            "kms:EncryptionContext:aws:s3:arn": object_arn,
        }
        request = self._request(use.action, key.arn, context, None, caller, carried)
        limits = self._limits(carried, caller, key.account)
        if isinstance(limits, Judged):
            return limits
        policies = carried.policies
        # The key's policy names the caller itself, or lets the caller's account in, whose own policies then decide:
        # the second is how IAM decides between two accounts.
        found = [evaluate(key.policy, request, identity_policies=policies, account="000000000000", **limits)]
        if caller.account == key.account and not caller.principal.endswith(":root"):
            found.append(evaluate(key.policy, request, identity_policies=(), account=key.account, **limits))
        decision = next((each for each in found if each.decision == "allowed"), found[0])
        return self._judged(decision, request, key.policy, carried, limits, same=caller.account == key.account)

    def _carried(self, caller: Caller) -> Carried:
        if caller.principal == ANONYMOUS:
            return _NOBODY
        return self._identities.carried(Principal.parse(caller.principal))

    def _limits(self, carried: Carried, caller: Caller, owner: str) -> dict[str, Any] | Judged:
        """What `evaluate` is given besides; a judgement where some policy cannot be read."""
        if carried.undecided:
            return Judged("undetermined", carried.undecided)
        try:
            return {**carried.limits, **self.guardrails.of(caller, owner)}
        except PolicyError as unread:
            return Judged("undetermined", str(unread))

    def _judged(
        self,
        decision: Decision,
        request: AccessRequest,
        policy: Policy | None,
        carried: Carried,
        limits: dict[str, Any],
        *,
        same: bool,
    ) -> Judged:
        where = f"{', '.join(decision.matched_statements)}: " if decision.matched_statements else ""
        reason = where + ("; ".join(decision.reasons) or decision.decision)
        if request.principal is None or not same:  # AWS names the kind of policy only inside of one account
            return Judged(decision.decision, reason)
        return Judged(
            decision.decision, reason, lambda: denial(request, decision.decision, policy, carried.policies, limits)
        )

    def _request(
        self, action: str, resource: str, more: Any, bucket: Bucket | None, caller: Caller, carried: Carried
    ) -> AccessRequest:
        now = self._now()
        context = {
            **more,
            **caller.origin.context(),
            "aws:CurrentTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "aws:EpochTime": str(int(now.timestamp())),
            "aws:RequestedRegion": bucket.region if bucket else caller.region,
        }
        if action.startswith("s3:"):
            context |= {"s3:signatureversion": "AWS4-HMAC-SHA256", "s3:TlsVersion": "1.3"}
        if bucket:
            context["aws:ResourceAccount"] = context["s3:ResourceAccount"] = bucket.account
        if caller.principal == ANONYMOUS:
            context |= {"aws:PrincipalType": "Anonymous", "aws:PrincipalAccount": "anonymous"}
            return AccessRequest(None, action, resource, context)
        context |= Principal.parse(caller.principal).context(carried.user_id)
        return AccessRequest(caller.principal, action, resource, context)
