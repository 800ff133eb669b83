"""One access request against the policies: a decision, whose reasons are made when somebody asks.

Source: IAM User Guide, reference_policies_evaluation-logic and its cross-account page, access_policies_boundaries,
reference_policies_elements_notprincipal; S3 for the owner's root and for RestrictPublicBuckets. Every decision holds
under those documented semantics; nothing here was run on AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy.access_request import AccessRequest
from gt_vpc_nb.policy.compiled import NOTHING, Votes
from gt_vpc_nb.policy.conditions import all_of, any_of
from gt_vpc_nb.policy.decision import Decision, Verdict
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.public_access import is_public

__all__ = ["REPAIRS", "AccessRequest", "Decision", "Policies", "Verdict", "evaluate", "judged"]

#: What the root of the bucket's account can always do, whatever its bucket policy says.
REPAIRS = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
#: Levels of policies, all of which must allow; within a level one is enough.
Levels = tuple[tuple[Policy, ...], ...]


@dataclass(frozen=True, eq=False)
class Policies:
    """Everything that decides a request; None means that it was not given."""

    bucket: Policy | None
    account: str | None = None
    identity: tuple[Policy, ...] | None = None
    endpoint: tuple[Policy, ...] | None = None
    boundary: tuple[Policy, ...] | None = None
    session: tuple[Policy, ...] | None = None
    service_control: Levels = ()
    resource_control: Levels = ()
    restrict_public: bool = False

    def named(self) -> Iterator[tuple[str, Policy]]:
        """Every policy with the name of its kind, the bucket policy first."""
        if self.bucket is not None:
            yield "bucket policy", self.bucket
        kinds = (
            ("identity policy", (self.identity or (),)),
            ("endpoint policy", (self.endpoint or (),)),
            ("permissions boundary", (self.boundary or (),)),
            ("session policy", (self.session or (),)),
            ("service control policy", self.service_control),
            ("resource control policy", self.resource_control),
        )
        yield from ((kind, policy) for kind, levels in kinds for level in levels for policy in level)


def evaluate(
    policy: Policy | None,
    request: AccessRequest,
    *,
    identity_policies: Sequence[Policy | Mapping[str, Any] | str] | Policy | None = None,
    account: str | None = None,
    endpoint_policy: Policy | None = None,
    permissions_boundary: Policy | None = None,
    session_policies: Sequence[Policy] | None = None,
    service_control_policies: Sequence[Policy | Sequence[Policy]] = (),
    resource_control_policies: Sequence[Policy | Sequence[Policy]] = (),
    restrict_public_buckets: bool = False,
) -> Decision:
    """Decides one request by a bucket policy (or None) and the caller's identity policies (None: not known).

    Identity policies may be given as dicts or JSON text too, which name no Principal; PolicyError for what is none.
    `account` is the bucket owner's; left out, the caller is taken to be of that account. The other policies limit what
    these allow, where they are given: `endpoint_policy` of the VPC endpoint that the request comes through, the
    caller's `permissions_boundary` and `session_policies`, and the organization's `service_control_policies` and
    `resource_control_policies`, an item a level (a policy, or several of which one must allow).
    `restrict_public_buckets` is that setting of S3's Block Public Access. Raises nothing else: what cannot be decided
    by rule is `undetermined`, with the reason.
    """
    if identity_policies is None and not (
        endpoint_policy
        or permissions_boundary
        or session_policies is not None
        or service_control_policies
        or resource_control_policies
        or restrict_public_buckets
    ):
        try:
            votes = NOTHING if policy is None else policy.compiled.votes(request)
            verdict, topic = _by_bucket(votes, request, account)
        except AttributeError:
            _refuse_types(policy, request)
            raise
        return Decision(verdict, topic, Policies(policy, account), request)
    identity = _of_identity(identity_policies)
    for each in (policy, endpoint_policy, permissions_boundary, *(identity or ()), *(session_policies or ())):
        _refuse_types(each, request)
    policies = Policies(
        policy,
        account,
        identity,
        None if endpoint_policy is None else (endpoint_policy,),
        None if permissions_boundary is None else (permissions_boundary,),
        None if session_policies is None else tuple(session_policies),
        _levels(service_control_policies),
        _levels(resource_control_policies),
        restrict_public_buckets,
    )
    verdict, topic = judged(policies, request)
    return Decision(verdict, topic, policies, request)


def _of_identity(given: Any) -> tuple[Policy, ...] | None:
    if given is None:
        return None
    several = (given,) if isinstance(given, (Policy, Mapping, str)) else given
    return tuple(each if isinstance(each, Policy) else Policy.parse(each, kind="identity") for each in several)


def _refuse_types(policy: object, request: object) -> None:
    if policy is not None and not isinstance(policy, Policy):
        raise PolicyError(
            f"evaluate takes a Policy, not {type(policy).__name__}; read it with Policy.parse(...) first."
        )
    if not isinstance(request, AccessRequest):
        told = "AccessRequest(principal, action, resource, context)"
        raise PolicyError(f"evaluate takes an {told}, not {type(request).__name__}.")


def _levels(given: Sequence[Policy | Sequence[Policy]]) -> Levels:
    return tuple((each,) if isinstance(each, Policy) else tuple(each) for each in given)


Judged = tuple[Verdict, str]


def _by_bucket(votes: Votes, request: AccessRequest, account: str | None) -> Judged:
    """The short way: a bucket policy alone."""
    caller = request.caller
    same = caller.account is not None and account in (None, caller.account)
    if same and caller.is_root:
        if request.action.lower() in REPAIRS:
            return "allowed", "root repairs"
        return _denied(votes.deny) or ("allowed", "root")
    if votes.deny is not False:
        return _denied(votes.deny)
    if same:
        direct, role = votes.direct, votes.role
        if direct or role:
            return "allowed", "bucket allows"
        return ("undetermined", "bucket allows") if direct is None or role is None else ("notDenied", "left")
    allow = votes.allow
    if allow is None:
        return "undetermined", "bucket allows"
    if caller.account is None:
        return ("allowed", "bucket allows") if allow else ("implicitDeny", "nobody allows")
    return ("notDenied", "cross-account left") if allow else ("implicitDeny", "cross-account bucket")


def _denied(deny: bool | None) -> Judged | None:
    if deny is False:
        return None
    return ("explicitDeny" if deny else "undetermined"), "denied"


def judged(policies: Policies, request: AccessRequest) -> Judged:
    """The verdict of all policies that were given, and what decided it."""
    caller = request.caller
    same = caller.account is not None and policies.account in (None, caller.account)
    limits = _limits(policies, request)
    repairing = same and caller.is_root and request.action.lower() in REPAIRS
    bounded = policies.boundary is not None
    bucket = policies.bucket.compiled.votes(request, bounded) if policies.bucket and not repairing else NOTHING
    own = [each.compiled.votes(request) for each in policies.identity or ()]
    inner = [_votes(policies.boundary, request), _votes(policies.session, request)]
    everyone = [bucket, *own, *(votes for level in limits.values() for votes in level)]
    everyone += [votes for given in inner for votes in given or ()]
    denied = _denied(any_of(votes.deny for votes in everyone))
    if denied:
        return denied
    for kind, level in limits.items():
        allow = any_of(votes.allow for votes in level)
        if allow is not True:
            return ("implicitDeny" if allow is False else "undetermined"), f"limit {kind}"
    if repairing:
        return "allowed", "root repairs"
    if policies.restrict_public and not same and caller.kind != "service" and is_public(policies.bucket):
        return "implicitDeny", "public access blocked"
    identity = None if policies.identity is None else any_of(votes.allow for votes in own)
    known = policies.identity is not None
    within = all_of(any_of(votes.allow for votes in given) for given in inner if given is not None)
    return _allowed(bucket, identity, known, within, request, same)


def _votes(given: tuple[Policy, ...] | None, request: AccessRequest) -> list[Votes] | None:
    return None if given is None else [each.compiled.votes(request) for each in given]


def _limits(policies: Policies, request: AccessRequest) -> dict[str, list[Votes]]:
    """The policies that only limit, by kind and level: each must allow."""
    caller = request.caller
    limits: dict[str, list[Votes]] = {}
    if policies.endpoint is not None:
        limits["endpoint policy"] = _votes(policies.endpoint, request) or []
    # Organizations: neither kind limits service-linked roles, and the first limits only principals of accounts.
    if "/aws-service-role/" in caller.arn:
        return limits
    if caller.account is not None:
        for number, level in enumerate(policies.service_control):
            limits[f"service control policy of level {number + 1}"] = _votes(level, request) or []
    for number, level in enumerate(policies.resource_control):
        limits[f"resource control policy of level {number + 1}"] = _votes(level, request) or []
    return limits


def _allowed(
    bucket: Votes, identity: bool | None, known: bool, within: bool | None, request: AccessRequest, same: bool
) -> Judged:
    caller = request.caller
    if caller.account is None:
        allow = bucket.allow
        if allow is False:
            return "implicitDeny", "nobody allows"
        return ("allowed" if allow else "undetermined"), "bucket allows"
    if same and caller.is_root:
        return "allowed", "root"
    own = identity if known else None
    if not same:
        return _across(bucket.allow, own, known, within)
    # A policy that names the user, the session or everybody passes a boundary by; one that names the role does not.
    if bucket.direct or (bucket.role and within):
        return "allowed", "bucket allows"
    if known and own and within:
        return "allowed", "identity allows"
    if within is False:
        return ("undetermined", "bucket allows") if bucket.direct is None else ("implicitDeny", "boundary")
    if None in (bucket.direct, bucket.role) or (known and own is None) or within is None:
        return "undetermined", "undecided"
    return ("implicitDeny", "nothing allows") if known else ("notDenied", "left")


def _across(bucket: bool | None, identity: bool | None, known: bool, within: bool | None) -> Judged:
    if bucket is False:
        return "implicitDeny", "cross-account bucket"
    if within is False:
        return "implicitDeny", "boundary"
    if known and identity is False:
        return "implicitDeny", "cross-account identity"
    if bucket is None or within is None or (known and identity is None):
        return "undetermined", "undecided"
    return ("allowed", "both allow") if known else ("notDenied", "cross-account left")
