"""The network part of the survey: VPCs, subnets with their routes, security groups, endpoints of every service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.surveying_clients import Clients
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.surroundings import (
    Endpoint,
    PrefixList,
    SecurityGroup,
    Subnet,
    TrafficRule,
    Unknown,
    Vpc,
    Workforce,
)

_NO_PORTAL = Unknown("not asked: no worker portal is in this VPC")


def survey_network(
    pool: Executor,
    request: Mapping[str, Any],
    clients: Clients,
    workforce: Future[Any],
    *,
    vpc: str | None,
    vpc_endpoints: Sequence[str],
) -> dict[str, Future[Any]]:
    """Starts the reading of everything in VPCs; the keys are Surroundings' fields. Without a VPC nothing is asked."""
    config = places.member(request, places.VPC_CONFIG) or {}
    subnets = pool.submit(_subnets, tuple(config.get("Subnets", ())), clients)
    groups = pool.submit(_security_groups, tuple(config.get("SecurityGroupIds", ())), clients)
    return {
        "subnets": subnets,
        "security_groups": groups,
        "s3_prefix_list": pool.submit(_s3_prefix_list, groups, clients),
        "vpcs": pool.submit(_vpcs, subnets, workforce, vpc, clients),
        "endpoints": pool.submit(_endpoints, subnets, workforce, vpc, tuple(vpc_endpoints), clients),
    }


def _only(name: str, values: Iterable[str]) -> list[dict[str, Any]]:
    # A filter leaves out what is not there; asking by id would fail for all because of one.
    return [{"Name": name, "Values": list(values)}]


def _subnets(ids: tuple[str, ...], clients: Clients) -> tuple[Subnet, ...] | Unknown:
    if not ids:
        return ()
    ask = partial(clients("ec2").describe_subnets, Filters=_only("subnet-id", ids))
    found = known("ec2:DescribeSubnets", lambda: ask()["Subnets"])
    if isinstance(found, Unknown):
        return found
    vpcs = sorted({subnet["VpcId"] for subnet in found})
    tables = known("ec2:DescribeRouteTables", lambda: _route_tables(vpcs, clients("ec2")))
    return tuple(_subnet(each, tables) for each in found)


def _subnet(entry: Mapping[str, Any], tables: Mapping[str, Any] | Unknown) -> Subnet:
    unread = tables if isinstance(tables, Unknown) else None
    table = None if unread else tables.get(entry["SubnetId"]) or tables.get(entry["VpcId"])
    unread = unread or Unknown(f"no route table names {entry['SubnetId']} and none is its VPC's main one")
    return Subnet(
        entry["SubnetId"],
        entry["VpcId"],
        table["RouteTableId"] if table else unread,
        entry.get("AvailableIpAddressCount", 0),
        entry.get("AvailabilityZone", ""),
        _default_route(table) if table else unread,
    )


def _route_tables(vpcs: list[str], ec2: Any) -> dict[str, Mapping[str, Any]]:
    """Subnet id, or VPC id for the main table, to the route table."""
    if not vpcs:
        return {}
    ruled: dict[str, Mapping[str, Any]] = {}
    for page in ec2.get_paginator("describe_route_tables").paginate(Filters=_only("vpc-id", vpcs)):
        for table in page["RouteTables"]:
            for association in table.get("Associations", ()):
                subnet = association.get("SubnetId") or (table["VpcId"] if association.get("Main") else None)
                if subnet:
                    ruled[subnet] = table
    return ruled


_WAYS = ("NatGatewayId", "GatewayId", "TransitGatewayId", "InstanceId", "NetworkInterfaceId", "VpcPeeringConnectionId")


def _default_route(table: Mapping[str, Any]) -> str | None:
    for route in table.get("Routes", ()):
        if route.get("DestinationCidrBlock") == "0.0.0.0/0" and route.get("State", "active") == "active":
            return next((route[name] for name in _WAYS if route.get(name)), None)
    return None


def _security_groups(ids: tuple[str, ...], clients: Clients) -> tuple[SecurityGroup, ...] | Unknown:
    if not ids:
        return ()

    def ask() -> tuple[SecurityGroup, ...]:
        groups = clients("ec2").describe_security_groups(Filters=_only("group-id", ids))["SecurityGroups"]
        return tuple(
            SecurityGroup(
                group["GroupId"],
                group["VpcId"],
                tuple(map(_rule, group.get("IpPermissions", ()))),
                tuple(map(_rule, group.get("IpPermissionsEgress", ()))),
            )
            for group in groups
        )

    return known("ec2:DescribeSecurityGroups", ask)


def _rule(entry: Mapping[str, Any]) -> TrafficRule:
    ranges = (
        *(each["CidrIp"] for each in entry.get("IpRanges", ())),
        *(each["CidrIpv6"] for each in entry.get("Ipv6Ranges", ())),
    )
    return TrafficRule(
        str(entry.get("IpProtocol", "-1")),
        entry.get("FromPort"),
        entry.get("ToPort"),
        ranges,
        tuple(each.get("GroupId", "") for each in entry.get("UserIdGroupPairs", ())),
        tuple(each["PrefixListId"] for each in entry.get("PrefixListIds", ())),
    )


def _s3_prefix_list(groups: Future[Any], clients: Clients) -> PrefixList | None | Unknown:
    found = groups.result()
    if isinstance(found, Unknown):
        return found
    if not any(rule.prefix_lists for group in found for rule in group.egress):
        return None
    name = f"com.amazonaws.{clients.region}.s3"

    def ask() -> PrefixList | Unknown:
        told = clients("ec2").describe_managed_prefix_lists(Filters=_only("prefix-list-name", [name]))["PrefixLists"]
        return PrefixList(told[0]["PrefixListId"], name) if told else Unknown(f"AWS names no prefix list {name}")

    return known("ec2:DescribeManagedPrefixLists", ask)


def _named_vpcs(subnets: Any, workforce: Any, vpc: str | None) -> list[str]:
    portal = workforce.vpc if isinstance(workforce, Workforce) else None
    trained = () if isinstance(subnets, Unknown) else (subnet.vpc for subnet in subnets)
    return [each for each in dict.fromkeys((vpc, portal, *trained)) if each]


def _vpcs(subnets: Future[Any], workforce: Future[Any], vpc: str | None, clients: Clients) -> tuple[Vpc, ...] | Unknown:
    ids = _named_vpcs(subnets.result(), workforce.result(), vpc)
    if not ids:
        return ()
    portal = workforce.result().vpc if isinstance(workforce.result(), Workforce) else None
    ec2 = clients("ec2")
    found = known("ec2:DescribeVpcs", lambda: ec2.describe_vpcs(Filters=_only("vpc-id", ids))["Vpcs"])
    if isinstance(found, Unknown):
        return found
    return tuple(
        Vpc(
            each["VpcId"],
            each.get("InstanceTenancy", ""),
            *(
                (_attribute(each["VpcId"], name, ec2) for name in _DNS)
                if each["VpcId"] == portal
                else (_NO_PORTAL,) * 2
            ),
            tuple(block["CidrBlock"] for block in each.get("CidrBlockAssociationSet", ())),
        )
        for each in found
    )


_DNS = ("enableDnsSupport", "enableDnsHostnames")


def _attribute(vpc: str, name: str, ec2: Any) -> bool | Unknown:
    answered = name[0].upper() + name[1:]
    return known(
        "ec2:DescribeVpcAttribute",
        lambda: bool(ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name)[answered]["Value"]),
    )


def _endpoints(
    subnets: Future[Any], workforce: Future[Any], vpc: str | None, named: tuple[str, ...], clients: Clients
) -> tuple[Endpoint, ...] | Unknown:
    vpcs = _named_vpcs(subnets.result(), workforce.result(), vpc)
    if not vpcs and not named:
        return ()
    ec2 = clients("ec2")

    def ask() -> tuple[Endpoint, ...]:
        pages = ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=_only("vpc-id", vpcs))
        found = {each["VpcEndpointId"]: _endpoint(each) for page in pages for each in page["VpcEndpoints"]}
        return tuple(found.values())

    here = known("ec2:DescribeVpcEndpoints", ask) if vpcs else ()
    if isinstance(here, Unknown):
        return here
    elsewhere = (_named(id, ec2) for id in named if id not in {each.id for each in here})
    return (*here, *(each for each in elsewhere if each))


def _named(id: str, ec2: Any) -> Endpoint | None:
    """An endpoint by its id; None when it is not there, or is not to be read: nothing hangs on it alone."""
    ask = partial(ec2.describe_vpc_endpoints, VpcEndpointIds=[id])
    found = known("ec2:DescribeVpcEndpoints", ask)
    return None if isinstance(found, Unknown) else _endpoint(found["VpcEndpoints"][0])


def _endpoint(entry: Mapping[str, Any]) -> Endpoint:
    return Endpoint(
        entry["VpcEndpointId"],
        entry["VpcId"],
        entry["ServiceName"],
        entry.get("VpcEndpointType") or "Gateway",
        str(entry.get("State", "")).lower(),
        tuple(entry.get("RouteTableIds", ())),
        entry.get("PolicyDocument"),
        tuple(entry.get("SubnetIds", ())),
        tuple(each["GroupId"] for each in entry.get("Groups", ())),
        bool(entry.get("PrivateDnsEnabled", False)),
        str(entry.get("ServiceRegion") or ""),
    )
