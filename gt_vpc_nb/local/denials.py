"""The text of a refusal, as AWS words it: who, what, and which kind of policy is the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gt_vpc_nb.local.guardrails import KINDS
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate

_ANY = Policy.parse(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}', kind="identity"
)


def denial(
    request: AccessRequest,
    decision: str,
    policy: Policy | None,
    identity: Sequence[Policy],
    limits: Mapping[str, Any],
) -> str:
    """AWS's text for a request of the owner's own account.

    >>> told = denial(AccessRequest("arn:aws:iam::111122223333:user/ada", "s3:GetObject", "arn:aws:s3:::b/k"),
    ...               "implicitDeny", None, (), {})
    >>> told.endswith('because no identity-based policy allows the s3:GetObject action')
    True
    """
    told = (
        f'User: {request.principal} is not authorized to perform: {request.action} on resource: "{request.resource}" '
    )
    if decision == "explicitDeny":
        kind = next(_denying(request, policy, identity, limits), "identity-based policy")
        return f"{told}with an explicit deny in {'an' if kind[0] in 'aeio' else 'a'} {kind}"
    return f"{told}because no {_lacking(request, limits)} allows the {request.action} action"


def _denying(
    request: AccessRequest, policy: Policy | None, identity: Sequence[Policy], limits: Mapping[str, Any]
) -> Iterator[str]:
    """The kinds of policy that have a Deny for this request."""
    kinds = (("resource-based policy", [policy] if policy else []), ("identity-based policy", list(identity)))
    kinds += tuple((KINDS[name], _flat(given)) for name, given in limits.items() if name in KINDS)
    for kind, policies in kinds:
        if any(evaluate(each, request).decision == "explicitDeny" for each in policies):
            yield kind


def _lacking(request: AccessRequest, limits: Mapping[str, Any]) -> str:
    """The kind of policy without which everything would allow it."""
    for name, kind in KINDS.items():
        if name not in limits:
            continue
        alone = evaluate(None, request, identity_policies=(_ANY,), **{name: limits[name]})
        if alone.decision != "allowed":
            return kind
    return "identity-based policy"


def _flat(given: Any) -> list[Policy]:
    if isinstance(given, Policy):
        return [given]
    return [policy for level in given for policy in ([level] if isinstance(level, Policy) else level)]
