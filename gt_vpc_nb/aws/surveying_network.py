"""The network part of the survey: subnets, security groups, S3 endpoints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from functools import partial
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

    def ask() -> tuple[Endpoint, ...]:
        pages = ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=_only("vpc-id", sorted(vpcs)))
        found = {each["VpcEndpointId"]: _endpoint(each) for page in pages for each in page["VpcEndpoints"]}
        return tuple(each for each in found.values() if each.service.endswith(".s3"))

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
    )
