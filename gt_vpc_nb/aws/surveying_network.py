"""The network part of the survey: subnets, security groups, S3 endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from typing import Any

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.surroundings import Endpoint, SecurityGroup, Subnet, Unknown


def survey_network(
    pool: Executor, request: Mapping[str, Any], ec2: Any, *, vpc: str | None, vpc_endpoints: Sequence[str]
) -> dict[str, Future[Any]]:
    """Starts the reading of `subnets`, `security_groups` and `endpoints`; the keys are Surroundings' fields."""
    config = places.member(request, places.VPC_CONFIG) or {}
    subnets = pool.submit(_subnets, tuple(config.get("Subnets", ())), ec2)
    return {
        "subnets": subnets,
        "security_groups": pool.submit(_security_groups, tuple(config.get("SecurityGroupIds", ())), ec2),
        "endpoints": pool.submit(_endpoints, subnets, vpc, tuple(vpc_endpoints), ec2),
    }


def _only(name: str, values: Iterable[str]) -> list[dict[str, Any]]:
    # A filter leaves out what is not there; asking by id would fail for all because of one.
    return [{"Name": name, "Values": list(values)}]


def _subnets(ids: tuple[str, ...], ec2: Any) -> tuple[Subnet, ...] | Unknown:
    if not ids:
        return ()
    found = known("ec2:DescribeSubnets", lambda: ec2.describe_subnets(Filters=_only("subnet-id", ids))["Subnets"])
    if isinstance(found, Unknown):
        return found
    vpcs = sorted({subnet["VpcId"] for subnet in found})
    tables = known("ec2:DescribeRouteTables", lambda: _route_tables(vpcs, ec2))
    return tuple(
        Subnet(
            subnet["SubnetId"],
            subnet["VpcId"],
            tables if isinstance(tables, Unknown) else _ruling(tables, subnet),
            subnet.get("AvailableIpAddressCount", 0),
        )
        for subnet in found
    )


def _route_tables(vpcs: list[str], ec2: Any) -> dict[str, str]:
    """Subnet id, or VPC id for the main table, to route table id."""
    if not vpcs:
        return {}
    ruled: dict[str, str] = {}
    for page in ec2.get_paginator("describe_route_tables").paginate(Filters=_only("vpc-id", vpcs)):
        for table in page["RouteTables"]:
            for association in table.get("Associations", ()):
                subnet = association.get("SubnetId") or (table["VpcId"] if association.get("Main") else None)
                if subnet:
                    ruled[subnet] = table["RouteTableId"]
    return ruled


def _ruling(tables: Mapping[str, str], subnet: Mapping[str, Any]) -> str | Unknown:
    own = tables.get(subnet["SubnetId"]) or tables.get(subnet["VpcId"])
    return own or Unknown(f"no route table names {subnet['SubnetId']} and none is its VPC's main one")


def _security_groups(ids: tuple[str, ...], ec2: Any) -> tuple[SecurityGroup, ...] | Unknown:
    if not ids:
        return ()

    def ask() -> tuple[SecurityGroup, ...]:
        groups = ec2.describe_security_groups(Filters=_only("group-id", ids))["SecurityGroups"]
        return tuple(SecurityGroup(group["GroupId"], group["VpcId"]) for group in groups)

    return known("ec2:DescribeSecurityGroups", ask)


def _endpoints(
    subnets: Future[Any], vpc: str | None, named: tuple[str, ...], ec2: Any
) -> tuple[Endpoint, ...] | Unknown:
    seen = subnets.result()
    vpcs = {vpc} if vpc else set()
    vpcs |= set() if isinstance(seen, Unknown) else {subnet.vpc for subnet in seen}
    asked = ([_only("vpc-id", sorted(vpcs))] if vpcs else []) + ([_only("vpc-endpoint-id", named)] if named else [])

    def ask() -> tuple[Endpoint, ...]:
        found: dict[str, Endpoint] = {}
        for filters in asked:
            for page in ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=filters):
                found |= {entry["VpcEndpointId"]: _endpoint(entry) for entry in page["VpcEndpoints"]}
        return tuple(each for each in found.values() if each.service.endswith(".s3") or each.id in named)

    return known("ec2:DescribeVpcEndpoints", ask)


def _endpoint(entry: Mapping[str, Any]) -> Endpoint:
    return Endpoint(
        entry["VpcEndpointId"],
        entry["VpcId"],
        entry["ServiceName"],
        entry.get("VpcEndpointType") or "Gateway",
        str(entry.get("State", "")).lower(),
        tuple(entry.get("RouteTableIds", ())),
        entry.get("PolicyDocument"),
    )
