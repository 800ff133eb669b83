"""One access request against the policies: a decision with its reasons.

Source: IAM User Guide, reference_policies_evaluation-logic and its cross-account page; S3 for the owner's root. Every
decision holds under those documented semantics; nothing here was run on AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy.condition_words import decide
from gt_vpc_nb.policy.conditions import Context, all_of, any_of
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.matching import resource_matches
from gt_vpc_nb.policy.principals import Principal, means, principal_of
from gt_vpc_nb.policy.statement_reading import Statement
from gt_vpc_nb.policy.variables import has_variables, substituted

Verdict = Literal["allowed", "explicitDeny", "implicitDeny", "notDenied", "undetermined"]
REPAIRS = ("s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy")


@dataclass(frozen=True)
class AccessRequest:
    """Who wants to do what to which resource, and what the request carries.

    `principal` is an IAM ARN (user, role, role session, root), a service name such as "sagemaker.amazonaws.com", or
    None for an anonymous caller. `context` maps condition keys to a value or a tuple of values; no key is derived.
    """

    principal: str | None
    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if ":" not in self.action:
            raise PolicyError(f"action {self.action!r} names no service; write it as in s3:GetObject.")
        empty = [key for key, each in self.context.items() if each is None]
        if empty:
            raise PolicyError(f"context key {empty[0]!r} was given None; leave a key out to say that it is missing.")
        values = {key: _value(each) for key, each in dict(self.context).items()}
        object.__setattr__(self, "context", MappingProxyType(values))

    def __hash__(self) -> int:
        return hash((self.principal, self.action, self.resource, tuple(sorted(map(repr, self.context.items())))))


def _value(value: object) -> str | tuple[str, ...]:
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(map(_text, value))
    return _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Decision:
    """What the policies say of one request, and why; `reasons` are true sentences, the decisive one first."""

    decision: Verdict
    matched_statements: tuple[str, ...]
    missing_context_keys: tuple[str, ...]
    reasons: tuple[str, ...]

    def explain(self) -> str:
        """The decision and its reasons, a line each."""
        return "\n".join([f"{self.decision}:", *(f"  {reason}" for reason in self.reasons)])

    def __str__(self) -> str:
        return f"{self.decision}: {self.reasons[0]}" if self.reasons else self.decision


@dataclass(frozen=True)
class _Match:
    """One statement against one request; `how` says whether the principal was named or only its account."""

    statement: Statement
    holds: bool | None
    how: str
    why: str


def evaluate(
    policy: Policy | None,
    request: AccessRequest,
    *,
    identity_policies: Sequence[Policy] | None = None,
    account: str | None = None,
) -> Decision:
    """Decides one request by a bucket policy (or None) and the caller's identity policies (None: not known).

    `account` is the bucket owner's; left out, the caller is taken to be of that account. Raises nothing: what cannot be
    decided by rule is `undetermined`, with the reason.
    """
    principal = principal_of(request.principal)
    context = {key.lower(): each if isinstance(each, tuple) else (each,) for key, each in request.context.items()}
    bucket = list(_matches(policy, request, context, principal)) if policy else []
    identity = [each for one in identity_policies or () for each in _matches(one, request, context, None)]
    missing = _missing_keys([policy, *(identity_policies or ())], context)
    verdict, statements, reasons = _judge(bucket, identity, identity_policies is not None, principal, account, request)
    return Decision(verdict, statements, missing, reasons)


Judged = tuple[Verdict, tuple[str, ...], tuple[str, ...]]


def _judge(
    bucket: list[_Match],
    identity: list[_Match],
    identity_known: bool,
    principal: Principal,
    account: str | None,
    request: AccessRequest,
) -> Judged:
    same = principal.account is not None and account in (None, principal.account)
    if principal.is_root and same and request.action.lower() in REPAIRS:
        return (
            "allowed",
            (),
            ("The root of the bucket's account can always repair its bucket policy.",),
        )
    denied = _said("Deny", bucket + identity)
    if denied.holds:
        return "explicitDeny", denied.labels, denied.reasons
    if denied.holds is None:
        return "undetermined", denied.labels, denied.reasons
    by_bucket = _said("Allow", [each for each in bucket if each.how == "direct" or not same])
    by_identity = _said("Allow", identity)
    if principal.account is None:
        return _alone(by_bucket, principal)
    if same and principal.is_root:
        return "allowed", by_bucket.labels, ("The account's root needs no policy, and none denies it.",)
    if not same:
        return _both(by_bucket, by_identity, identity_known, principal, account)
    return _either(by_bucket, by_identity, identity_known)


@dataclass(frozen=True)
class _Said:
    """What the statements of one effect say together."""

    holds: bool | None
    labels: tuple[str, ...]
    reasons: tuple[str, ...]


def _said(effect: str, found: list[_Match]) -> _Said:
    mine = [each for each in found if each.statement.effect == effect]
    holds = any_of(each.holds for each in mine)
    decisive = [each for each in mine if each.holds is holds and holds is not False]
    return _Said(
        holds, tuple(each.statement.label for each in decisive), tuple(_sentence(effect, each) for each in decisive)
    )


def _sentence(effect: str, match: _Match) -> str:
    told = "cannot be decided" if match.holds is None else "matches"
    return f"{effect} statement '{match.statement.label}' {told}: {match.why}."


def _alone(by_bucket: _Said, principal: Principal) -> Judged:
    if by_bucket.holds is False:
        who = "An anonymous caller" if principal.kind == "anonymous" else f"{principal.arn}"
        return (
            "implicitDeny",
            (),
            (f"{who} has no identity policies, and no statement of the bucket policy allows it.",),
        )
    return ("allowed" if by_bucket.holds else "undetermined"), by_bucket.labels, by_bucket.reasons


def _both(bucket: _Said, identity: _Said, known: bool, principal: Principal, account: str | None) -> Judged:
    told = f"The caller is of account {principal.account}, the bucket of {account}"
    if bucket.holds is False:
        return "implicitDeny", (), (f"{told}, and no statement of the bucket policy allows it.",)
    if known and identity.holds is False:
        return "implicitDeny", bucket.labels, (f"{told}, and its identity policies do not allow it.",)
    both = all_of((bucket.holds, identity.holds if known else True))
    labels, reasons = bucket.labels + identity.labels, bucket.reasons + identity.reasons
    if both is None:
        return "undetermined", labels, reasons
    if known:
        return "allowed", labels, reasons
    return (
        "notDenied",
        labels,
        (*reasons, f"{told}, so its identity policies, which were not given, must allow it too."),
    )


def _either(bucket: _Said, identity: _Said, known: bool) -> Judged:
    for said in (bucket, identity):
        if said.holds:
            return "allowed", said.labels, said.reasons
    undecided = bucket if bucket.holds is None else identity
    if undecided.holds is None:
        return "undetermined", undecided.labels, undecided.reasons
    if not known:
        return (
            "notDenied",
            (),
            ("No statement denies it; the caller's identity policies, which were not given, decide.",),
        )
    return "implicitDeny", (), ("No statement of the bucket policy or the identity policies allows it.",)


def _matches(policy: Policy, request: AccessRequest, context: Context, principal: Principal | None) -> Iterator[_Match]:
    for statement in policy.statements:
        asked = statement.covers(request.action) and _resource(statement, request.resource, context, policy.version)
        how, whose = ("direct", "") if principal is None else _principal(statement, principal)
        if not asked or how == "nobody":
            continue
        said = [decide(condition, context, policy.version) for condition in statement.conditions]
        open_principal = None if how == "open" else True
        holds = all_of([open_principal, *(holds for holds, _ in said)])
        decisive = [why for held, why in said if held is holds] if said else []
        why = "; ".join([whose] * (how == "open") + decisive) or f"{request.action} on {request.resource}"
        yield _Match(statement, holds, how, why)


def _resource(statement: Statement, resource: str, context: Context, version: str | None) -> bool:
    negated = statement.resources is None
    patterns = (statement.not_resources if negated else statement.resources) or ()
    if version == "2012-10-17":
        filled = [substituted(each, context) if has_variables(each) else each for each in patterns]
        patterns = tuple(each for each in filled if each is not None)
    return any(resource_matches(each, resource) for each in patterns) is not negated


def _principal(statement: Statement, principal: Principal) -> tuple[str, str]:
    if statement.principal is not None:
        found = {means(kind, named, principal) for kind, named in statement.principal} - {None}
        return ("direct" if "direct" in found else "account" if found else "nobody"), ""
    named = {means(kind, each, principal) for kind, each in statement.not_principal or ()} - {None}
    # An account alone in NotPrincipal exempts its root, not its users and roles.
    if "direct" not in named:
        return "direct", ""
    if statement.effect == "Allow" or principal.account is None or principal.is_root or "account" in named:
        return "nobody", ""
    return "open", f"NotPrincipal names {principal.arn} but not its account, and both must be listed"


def _missing_keys(policies: Sequence[Policy | None], context: Context) -> tuple[str, ...]:
    keys = {
        condition.key.lower(): condition.key
        for policy in policies
        if policy
        for statement in policy.statements
        for condition in statement.conditions
    }
    return tuple(sorted(key for folded, key in keys.items() if folded not in context))
