"""What limits a request besides the policies of bucket and caller: of its VPC endpoint, and of the organization."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.errors import LocalAwsError, PolicyError
from gt_vpc_nb.local.origin import Caller
from gt_vpc_nb.policy import Policy

Levels = tuple[tuple[Policy, ...], ...]
#: A policy as people give it: text, a dict, or read already.
Given = Policy | str | Mapping[str, Any]
_ALLOWS_ALL = [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]


@dataclass(frozen=True)
class Endpoint:
    """A VPC endpoint that somebody made: its VPC, and its policy where that is not the one that allows everything."""

    vpc: str
    policy: Policy | None = None
    unread: str = ""


@dataclass(frozen=True)
class Control:
    """The organization's policies for an account, an item a level from the root down."""

    service: Levels = ()
    resource: Levels = ()


class Guardrails:
    """The endpoints of all networks and the policies of the organization. `ec2(account, region)` is a client."""

    def __init__(self, ec2: Callable[[str, str], Any]) -> None:
        self._ec2 = ec2
        self._networks: set[tuple[str, str]] = set()
        self._endpoints: dict[str, Endpoint] | None = None
        self._control: dict[str, Control] = {}

    def written(self, account: str, region: str) -> None:
        """EC2 of an account and Region was written to: its endpoints are read again."""
        self._networks.add((account, region))
        self._endpoints = None

    def endpoint(self, vpc_endpoint: str | None) -> Endpoint | None:
        """What is known of an endpoint; None for one that nobody made here."""
        if vpc_endpoint is None or not self._networks:
            return None
        if self._endpoints is None:
            found = (each for network in sorted(self._networks) for each in self._read(*network))
            self._endpoints = dict(found)
        return self._endpoints.get(vpc_endpoint)

    def _read(self, account: str, region: str) -> Iterator[tuple[str, Endpoint]]:
        for told in self._ec2(account, region).describe_vpc_endpoints()["VpcEndpoints"]:
            yield told["VpcEndpointId"], _endpoint(told["VpcId"], told.get("PolicyDocument"))

    def control(self, account: str, service: Sequence[Any], resource: Sequence[Any]) -> dict[str, Any]:
        """Replaces the organization's policies for an account, and returns them as JSON has them.

        Raises LocalAwsError for what is no policy.
        """
        self._control[account] = Control(_levels(service, "identity"), _levels(resource, "bucket"))
        return {"account": account, "service": _documents(service), "resource": _documents(resource)}

    def of(self, caller: Caller, owner: str) -> dict[str, Any]:
        """What `evaluate` is given about a request of this caller to something of the account `owner`.

        Raises PolicyError for an endpoint whose policy cannot be read.
        """
        limits: dict[str, Any] = {}
        if (there := self.endpoint(caller.origin.vpc_endpoint)) is not None:
            if there.unread:
                raise PolicyError(f"the policy of {caller.origin.vpc_endpoint} cannot be read: {there.unread}")
            if there.policy is not None:
                limits["endpoint_policy"] = there.policy
        if caller.account in self._control:
            limits["service_control_policies"] = self._control[caller.account].service
        if owner in self._control:
            limits["resource_control_policies"] = self._control[owner].resource
        return limits


def _endpoint(vpc: str, document: str | None) -> Endpoint:
    if not document:
        return Endpoint(vpc)
    try:
        if json.loads(document).get("Statement") == _ALLOWS_ALL:
            return Endpoint(vpc)
        return Endpoint(vpc, Policy.parse(document))
    except (PolicyError, ValueError, AttributeError) as error:
        return Endpoint(vpc, unread=" ".join(str(error).split()))


def _levels(given: Sequence[Any], kind: str) -> Levels:
    if isinstance(given, Policy | str | Mapping):
        raise LocalAwsError("Give control policies as a list, an item a level of the organization from its root down.")
    levels = (level if isinstance(level, list | tuple) else (level,) for level in given)
    try:
        return tuple(tuple(Policy.parse(each, kind=kind) for each in level) for level in levels)
    except PolicyError as error:
        raise LocalAwsError(f"A control policy cannot be read: {error}") from error


def _documents(given: Sequence[Any]) -> list[Any]:
    """Control policies as JSON has them."""
    return [
        _documents(each) if isinstance(each, list | tuple) else each.document if isinstance(each, Policy) else each
        for each in given
    ]


#: What AWS calls each kind in the text of a refusal, by the name of evaluate's argument.
KINDS = {
    "endpoint_policy": "VPC endpoint policy",
    "permissions_boundary": "permissions boundary",
    "service_control_policies": "service control policy",
    "resource_control_policies": "resource control policy",
}
