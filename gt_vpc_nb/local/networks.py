"""Which S3 endpoint the traffic of a subnet takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.guardrails import Endpoint
from gt_vpc_nb.local.origin import Origin


def region_name(given: str) -> str:
    """The name of a Region, as AWS writes them. Raises LocalAwsError for what cannot be one.

    >>> region_name("us-gov-west-1")
    'us-gov-west-1'
    """
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d{1,2}", str(given)):
        raise LocalAwsError(f"region={given!r} is not the name of a Region; give one like 'us-east-1'.")
    return given


def origin_behind(vpc_endpoint: str | None, known: Endpoint | None = None) -> Origin:
    """The place of whoever calls through a VPC endpoint, with its VPC where that is known; the internet for None.

    Raises LocalAwsError for what cannot be the id of one.
    """
    if vpc_endpoint is None:
        return Origin()
    if not re.fullmatch(r"vpce-[0-9a-f]{8,17}", str(vpc_endpoint)):
        raise LocalAwsError(
            f"vpc_endpoint={vpc_endpoint!r} is not the id of a VPC endpoint; give one like vpce-0a1b2c3d4e5f60718."
        )
    return Origin(vpc=known.vpc if known else None, vpc_endpoint=vpc_endpoint, ip="10.0.0.10")


def endpoint_of(ec2: Any, subnet_ids: Sequence[str], region: str) -> Origin | None:
    """The S3 gateway endpoint on the route tables of all the subnets, or None when one of them has none."""
    endpoints = [
        each
        for each in ec2.describe_vpc_endpoints()["VpcEndpoints"]
        if each["ServiceName"] == f"com.amazonaws.{region}.s3" and each["State"].lower() == "available"
    ]
    tables = ec2.describe_route_tables()["RouteTables"]
    vpcs = {each["SubnetId"]: each["VpcId"] for each in ec2.describe_subnets()["Subnets"]}
    found = [_of_subnet(subnet, vpcs.get(subnet), tables, endpoints) for subnet in subnet_ids]
    if not found or None in found:
        return None
    return Origin(vpc=found[0]["VpcId"], vpc_endpoint=found[0]["VpcEndpointId"], ip="10.0.0.20")


def _of_subnet(
    subnet: str, vpc: str | None, tables: list[dict[str, Any]], endpoints: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """The gateway endpoint that a subnet's route table leads to; a subnet without one of its own has its VPC's main."""
    own = [each for each in tables if any(a.get("SubnetId") == subnet for a in each["Associations"])]
    main = [each for each in tables if each["VpcId"] == vpc and any(a.get("Main") for a in each["Associations"])]
    table = next(iter(own or main), None)
    if table is None:
        return None
    return next((each for each in endpoints if table["RouteTableId"] in each.get("RouteTableIds", ())), None)
