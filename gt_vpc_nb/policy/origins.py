"""The places that requests come from: who stands there, and which context keys S3 sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from gt_vpc_nb.facts import CONSOLE_ACTIONS, GROUND_TRUTH_ACTIONS, s3_actions
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.evaluation import AccessRequest, Decision, evaluate
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.principals import principal_of

# Nobody's ids: AWS prints no id for the VPC behind Ground Truth's endpoint, only that it is not the customer's.
OTHER_VPC = "vpc-00000000000000000"
OTHER_ENDPOINT = "vpce-00000000000000000"
INTERNET_ADDRESS = "203.0.113.10"
PRIVATE_ADDRESS = "10.0.0.10"
SOME_OBJECT = "any-object"


@dataclass(frozen=True)
class Origin:
    """One place that requests come from; `actions` are what is asked there.

    `detail` tells it from others of the same name: an endpoint and its VPC, or a principal.
    """

    name: str
    principal: str | None
    context: Mapping[str, str]
    actions: tuple[str, ...] = GROUND_TRUTH_ACTIONS
    detail: str = ""

    @property
    def label(self) -> str:
        """Its name, and what tells it from others of that name."""
        return f"{self.name} ({self.detail})" if self.detail else self.name


def signed_by(principal: str | None) -> dict[str, str]:
    """The context keys that a signed request carries about its principal; a role's session carries the role's ARN."""
    if principal is None:
        return {"aws:SecureTransport": "true", "aws:PrincipalAccount": "anonymous"}
    who = principal_of(principal)
    if who.kind == "service":
        # An AWS service that asks by itself has no ARN and no account.
        return {
            "aws:SecureTransport": "true",
            "aws:PrincipalIsAWSService": "true",
            "aws:PrincipalServiceName": principal,
        }
    partition = principal.split(":")[1] if who.kind == "session" else ""
    arn = f"arn:{partition}:iam::{who.account}:role/{who.role}" if partition else principal
    keys = {"aws:SecureTransport": "true", "aws:PrincipalArn": arn}
    return {**keys, "aws:PrincipalAccount": who.account} if who.account else keys


def through(endpoint: str, vpc: str) -> dict[str, str]:
    """The context keys of a request through a VPC endpoint: no aws:SourceIp, its private address instead."""
    return {"aws:SourceVpce": endpoint, "aws:SourceVpc": vpc, "aws:VpcSourceIp": PRIVATE_ADDRESS}


INTERNET = {"aws:SourceIp": INTERNET_ADDRESS}
# How S3 names the two ways to sign. Source: Amazon S3 API reference, bucket-policy-s3-sigv4-conditions.
_BY_HEADER = {"s3:authType": "REST-HEADER", "s3:signatureversion": "AWS4-HMAC-SHA256"}
_PRESIGNED = {**_BY_HEADER, "s3:authType": "REST-QUERY-STRING"}


@lru_cache(maxsize=16)
def origins(perimeter: Perimeter, account: str) -> tuple[Origin, ...]:
    """Everybody the audit asks about; places that the perimeter does not name are left out.

    The perimeter does not say which endpoint is in which VPC, so each endpoint is asked with each VPC. Its `principals`
    (a CI role, say) are asked from the internet, as `other-principal`, and so is a role that nobody named.
    """
    some_role = f"arn:aws:iam::{account}:role/some-role-of-this-account"
    role = perimeter.execution_role or some_role
    own = [(endpoint, vpc) for endpoint in perimeter.vpc_endpoints for vpc in perimeter.vpcs or (OTHER_VPC,)]
    shared = [(each, OTHER_VPC) for each in (perimeter.ground_truth_endpoint,) if each]
    inside = [
        ("your-endpoint", some_role, own, _BY_HEADER),
        ("your-vpc-other-endpoint", some_role, [(OTHER_ENDPOINT, vpc) for vpc in perimeter.vpcs], _BY_HEADER),
        ("ground-truth", role, shared, _BY_HEADER),
        ("automated-labeling", role, own, _BY_HEADER),
        ("worker-browser", role, own, _PRESIGNED),
    ]
    found = [
        Origin(name, who, {**signed_by(who), **through(*network), **how}, detail=" in ".join(network))
        for name, who, networks, how in inside
        for network in networks
    ]
    people = [("console-user", each, CONSOLE_ACTIONS) for each in perimeter.console_users]
    people += [("administrator", each, _REPAIRS) for each in perimeter.administrators]
    people += [("other-principal", each, GROUND_TRUTH_ACTIONS) for each in (some_role, *perimeter.principals)]
    found += [
        Origin(name, who, {**signed_by(who), **INTERNET, **_BY_HEADER}, actions, detail=who)
        for name, who, actions in people
    ]
    found.append(Origin("anyone", None, {**signed_by(None), **INTERNET}))
    alike = Counter(each.name for each in found)
    return tuple(each if alike[each.name] > 1 else replace(each, detail="") for each in found)


_REPAIRS = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", *GROUND_TRUTH_ACTIONS)


def resource_for(action: str, bucket: str) -> str | None:
    """A resource of the bucket that an action works on; None when it works on neither the bucket nor its objects."""
    kinds = s3_actions()[action].resource_types if action in s3_actions() else ()
    if "object" in kinds:
        return f"arn:aws:s3:::{bucket}/{SOME_OBJECT}"
    return f"arn:aws:s3:::{bucket}" if "bucket" in kinds else None


def decisions(
    policy: Policy | None, bucket: str, perimeter: Perimeter, account: str
) -> Iterator[tuple[Origin, str, Decision | None]]:
    """Every origin's actions on a bucket, decided; None for an action that no bucket policy decides."""
    for origin in origins(perimeter, account):
        for action in origin.actions:
            yield origin, action, decision_for(policy, bucket, origin, action, account)


def decision_for(policy: Policy | None, bucket: str, origin: Origin, action: str, account: str) -> Decision | None:
    """What a bucket policy says of one origin's action; None when no bucket policy decides it."""
    resource = resource_for(action, bucket)
    if resource is None:
        return None
    return evaluate(policy, AccessRequest(origin.principal, action, resource, origin.context), account=account)
