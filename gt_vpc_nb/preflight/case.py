"""One labeling job and its surroundings, as the checks look at them, and what a check says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal

from gt_vpc_nb import facts
from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.policy import AccessRequest, Decision, Policy, evaluate
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.surroundings import Bucket, Manifest, Missing, Surroundings, Unknown

Status = Literal["passed", "failed", "warned", "undetermined", "not applicable"]
_WORST: tuple[Status, ...] = ("failed", "undetermined", "warned", "passed", "not applicable")
# Nobody's VPC: AWS prints no id for the one behind Ground Truth's endpoint, only that it is not the customer's.
OTHER_VPC = "vpc-00000000000000000"
INTERNET = {"aws:SourceIp": "203.0.113.10"}
_READING = ("s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation")


@dataclass(frozen=True)
class Outcome:
    """What a check says: its status, the evidence, and what to do."""

    status: Status
    evidence: str
    remedy: str = ""


def passed(evidence: str) -> Outcome:
    return Outcome("passed", evidence)


def failed(evidence: str, remedy: str) -> Outcome:
    return Outcome("failed", evidence, remedy)


def warned(evidence: str, remedy: str) -> Outcome:
    return Outcome("warned", evidence, remedy)


def undetermined(evidence: str, remedy: str = "") -> Outcome:
    return Outcome(
        "undetermined", evidence, remedy or "Let somebody who may read it survey, or see to it that it is right."
    )


def not_applicable(evidence: str) -> Outcome:
    return Outcome("not applicable", evidence)


def together(outcomes: Iterable[Outcome], nothing: str) -> Outcome:
    """The worst of several outcomes with the evidence and the remedies of all that are as bad."""
    found = list(outcomes)
    if not found:
        return not_applicable(nothing)
    worst = min((each.status for each in found), key=_WORST.index)
    same = [each for each in found if each.status == worst]
    remedies = dict.fromkeys(each.remedy for each in same if each.remedy)
    return Outcome(worst, "; ".join(dict.fromkeys(each.evidence for each in same)), " ".join(remedies))


@dataclass(frozen=True)
class Use:
    """A bucket of the job: what for, and a resource for each action that Ground Truth needs on it."""

    bucket: str
    purpose: str
    actions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Case:
    """The request, its surroundings, and the VPC that the job was built in: `network` has VpcConfig's members."""

    request: Mapping[str, Any]
    surroundings: Surroundings
    vpc: str | None = None
    vpc_endpoints: tuple[str, ...] = ()
    network: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _decided: dict[Any, Decision | Unknown] = field(default_factory=dict, repr=False, compare=False)

    @property
    def region(self) -> str:
        return self.surroundings.region

    @property
    def role(self) -> str:
        return str(self.request.get("RoleArn") or "")

    @property
    def automated(self) -> bool:
        return bool(places.member(self.request, places.AUTOMATED))

    @property
    def vpc_config(self) -> Mapping[str, Any] | None:
        return places.member(self.request, places.VPC_CONFIG)

    @property
    def subnets(self) -> tuple[str, ...]:
        """Those of the request's VpcConfig, or else those that the job was built with."""
        return tuple((self.vpc_config or self.network).get("Subnets", ()))

    @property
    def security_groups(self) -> tuple[str, ...]:
        return tuple((self.vpc_config or self.network).get("SecurityGroupIds", ()))

    @property
    def in_vpc(self) -> bool:
        return bool(self.vpc or self.vpc_endpoints or self.vpc_config)

    @cached_property
    def task(self) -> facts.TaskType | None:
        return places.task_of(self.request)

    @property
    def manifest(self) -> Manifest | None:
        found = self.surroundings.manifest
        return found if isinstance(found, Manifest) else None

    @cached_property
    def data_uris(self) -> tuple[str, ...]:
        return tuple(each.uri for each in self.surroundings.data_objects)

    @cached_property
    def data_places(self) -> dict[str, str]:
        """The buckets of the data objects, each with the key of one; the manifest's where no line names one."""
        counted = ((each.name, "data") for each in (self.manifest.buckets if self.manifest else ()))
        named = (place for place in map(places.split_uri, self.data_uris) if place)
        own = places.split_uri(places.member(self.request, places.MANIFEST))
        # The sampled objects come last, for their keys are real ones; the order is that of the manifest's buckets.
        found = {**dict(counted), **dict(reversed([*named]))}
        return found or ({own[0]: "data"} if own else {})

    @property
    def data_buckets(self) -> tuple[str, ...]:
        return tuple(self.data_places)

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Every bucket once, under its first purpose: manifest and output need all five actions, the rest reading."""
        found: dict[str, Use] = {}
        manifest = places.member(self.request, places.MANIFEST)
        output = str(places.member(self.request, places.OUTPUT) or "").rstrip("/")
        written = f"{output}/{self.request.get('LabelingJobName') or 'job'}/manifests/output/output.manifest"
        for purpose, uri, actions in (
            ("input manifest", manifest, facts.GROUND_TRUTH_ACTIONS),
            ("output", written if output else None, facts.GROUND_TRUTH_ACTIONS),
            ("worker template", places.member(self.request, places.TEMPLATE), _READING),
            ("label categories", places.member(self.request, places.CATEGORIES), _READING),
            *(("data objects", f"s3://{name}/{key}", _READING) for name, key in self.data_places.items()),
        ):
            place = places.split_uri(uri)
            if place and place[0] not in found:
                found[place[0]] = Use(place[0], purpose, tuple((each, _resource(each, *place)) for each in actions))
        return tuple(found.values())

    def bucket(self, name: str) -> Bucket:
        return self.surroundings.bucket(name)

    def decide(
        self, bucket: str, action: str, resource: str, network: Mapping[str, str], *, identity: bool = False
    ) -> Decision | Unknown:
        """What the bucket's policy says to the execution role from a network; with the role's policies on request."""
        key = (bucket, action, resource, tuple(sorted(network.items())), identity)
        if key not in self._decided:
            self._decided[key] = self._decision(bucket, action, resource, network, identity)
        return self._decided[key]

    def _decision(
        self, bucket: str, action: str, resource: str, network: Mapping[str, str], identity: bool
    ) -> Decision | Unknown:
        document = self.bucket(bucket).policy
        if isinstance(document, Unknown):
            return document
        account = self.role.split(":")[4] if self.role.count(":") >= 5 else self.surroundings.account
        context = {**network, "aws:PrincipalArn": self.role, "aws:PrincipalAccount": account}
        context |= {"aws:PrincipalType": "AssumedRole", "aws:SecureTransport": "true"}
        if action == "s3:PutObject":
            # Without a key of the job's own, results are encrypted with the account's key for S3 (KMS-03).
            context["s3:x-amz-server-side-encryption"] = "aws:kms"
        boundary = self.boundary if identity else None
        if isinstance(boundary, Unknown):
            return boundary
        try:
            policy = parsed(document) if document else None
            policies = self.identity_policies if identity else None
            request = AccessRequest(principal=self.role, action=action, resource=resource, context=context)
            return evaluate(policy, request, identity_policies=policies, permissions_boundary=boundary, account=account)
        except GtVpcError as error:
            return Unknown(f"the policies for s3://{bucket} cannot be evaluated ({' '.join(str(error).split())})")

    @cached_property
    def identity_policies(self) -> list[Policy] | None:
        """The role's parsed policies, or None when they are not known."""
        role = self.surroundings.role
        if role is None or isinstance(role, Missing | Unknown) or isinstance(role.policies, Unknown):
            return None
        return [parsed(each.document, "identity") for each in role.policies]

    @cached_property
    def boundary(self) -> Policy | None | Unknown:
        """The role's permissions boundary, None where it has none, or why it is not known."""
        role = self.surroundings.role
        if role is None or isinstance(role, Missing | Unknown) or role.boundary is None:
            return None
        if isinstance(role.boundary, Unknown):
            return Unknown(f"the role's permissions boundary is not known: {role.boundary.reason}")
        return parsed(role.boundary.document, "identity")

    @property
    def ground_truth_network(self) -> dict[str, str]:
        """How a request of Ground Truth's looks: its own endpoint, in a VPC that is not yours."""
        return {"aws:SourceVpce": facts.region(self.region).ground_truth_endpoint, "aws:SourceVpc": OTHER_VPC}

    def grant_call(self, bucket: str) -> str:
        """The call that lets Ground Truth and the perimeter in."""
        return f"grant({bucket!r}, {self.perimeter_call})"

    def endpoint_remedy(self, bucket: str, endpoint: str, vpc: str) -> str:
        """The calls that let in a VPC endpoint, which `grant` leaves to its owner."""
        read = f"Policy.parse(boto3.client('s3', {self.region!r}).get_bucket_policy(Bucket={bucket!r})['Policy'])"
        edited = f"exempting_endpoint({read}, {bucket!r}, {endpoint!r}, vpc={vpc!r}, role={self.role!r})"
        return (
            f"Let {endpoint} in: plan_policy({bucket!r}, {edited}.to_json(), {self.perimeter_call}), read its .diff, "
            "then .apply() it; plan_policy is of gt_vpc_nb.access, exempting_endpoint of gt_vpc_nb.policy.new_policies."
        )

    @property
    def perimeter_call(self) -> str:
        """The job's perimeter as Python."""
        given = [f"ground_truth={self.region!r}", f"execution_role={self.role!r}"]
        vpc = self.vpc or next((each.vpc for each in self._subnets), None)
        endpoints = self.vpc_endpoints or tuple(each.id for each in self._endpoints)
        given += [f"vpcs=[{vpc!r}]"] if vpc else []
        given += [f"vpc_endpoints={list(endpoints)!r}"] if endpoints else []
        return f"Perimeter({', '.join(given)})"

    @property
    def _subnets(self) -> tuple[Any, ...]:
        return () if isinstance(self.surroundings.subnets, Unknown) else self.surroundings.subnets

    @property
    def _endpoints(self) -> tuple[Any, ...]:
        return () if isinstance(self.surroundings.s3_endpoints, Unknown) else self.surroundings.s3_endpoints


def _resource(action: str, bucket: str, key: str) -> str:
    on_objects = "object" in facts.s3_actions()[action].resource_types
    return f"arn:aws:s3:::{bucket}" + (f"/{key}" if on_objects else "")


@lru_cache(maxsize=256)
def parsed(document: str, kind: str = "bucket") -> Policy:
    """A policy's text, parsed once for all checks."""
    return Policy.parse(document, kind=kind)
