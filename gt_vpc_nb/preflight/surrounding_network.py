"""The network part of a survey: VPCs, subnets, security groups, endpoints."""

from __future__ import annotations

from dataclasses import dataclass

from gt_vpc_nb.preflight.unread import NOT_SURVEYED, Unknown


@dataclass(frozen=True)
class Vpc:
    """A VPC of the job, or of the worker portal; `tenancy` is default, dedicated or host."""

    id: str
    tenancy: str | Unknown = NOT_SURVEYED
    dns_support: bool | Unknown = NOT_SURVEYED
    dns_hostnames: bool | Unknown = NOT_SURVEYED
    cidrs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subnet:
    """A subnet of the VpcConfig, with the route table that rules it.

    `default_route` is where 0.0.0.0/0 goes (a nat-, igw- or other id), None when nothing leaves the VPC that way.
    """

    id: str
    vpc: str
    route_table: str | Unknown
    free_addresses: int = 0
    zone: str = ""
    default_route: str | None | Unknown = NOT_SURVEYED


@dataclass(frozen=True)
class TrafficRule:
    """A rule of a security group: `protocol` is tcp, udp, icmp … or -1 for all; no ports means all of them."""

    protocol: str = "-1"
    from_port: int | None = None
    to_port: int | None = None
    cidrs: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    prefix_lists: tuple[str, ...] = ()

    def covers(self, port: int) -> bool:
        """Whether the rule lets TCP through on that port."""
        if self.protocol not in ("tcp", "6", "-1"):
            return False
        return self.protocol == "-1" or self.from_port is None or self.from_port <= port <= (self.to_port or port)


@dataclass(frozen=True)
class SecurityGroup:
    """A security group of the VpcConfig, with its rules."""

    id: str
    vpc: str
    ingress: tuple[TrafficRule, ...] | Unknown = NOT_SURVEYED
    egress: tuple[TrafficRule, ...] | Unknown = NOT_SURVEYED


@dataclass(frozen=True)
class Endpoint:
    """A VPC endpoint, of any service: `kind` is Gateway or Interface, `state` in lower case, as in available.

    `region` is the service's Region where AWS names it; `policy` None: AWS's own, which allows everything.
    """

    id: str
    vpc: str
    service: str
    kind: str
    state: str
    route_tables: tuple[str, ...] = ()
    policy: str | None = None
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    private_dns: bool = False
    region: str = ""

    @property
    def is_s3(self) -> bool:
        """Whether it leads to S3."""
        return self.service.endswith(".s3")


@dataclass(frozen=True)
class PrefixList:
    """AWS's list of the addresses of a service, as in com.amazonaws.us-east-1.s3."""

    id: str
    name: str
