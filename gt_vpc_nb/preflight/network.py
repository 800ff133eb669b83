"""Checks of the VPC that automated labeling trains in."""

from __future__ import annotations

from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, together, undetermined, warned
from gt_vpc_nb.preflight.surroundings import Endpoint, Subnet, Unknown
from gt_vpc_nb.preflight.table import Check, with_vpc_config

_NO_VPC = "no VpcConfig: nothing trains in your VPC"


def vpc_has_an_s3_endpoint(case: Case) -> Outcome:
    if case.vpc_config is None:
        return not_applicable(_NO_VPC)
    vpcs = sorted({subnet.vpc for subnet in _subnets(case)})
    return together((_reaches_s3(case, vpc) for vpc in vpcs), "none of the subnets was found, see NET-06")


def _reaches_s3(case: Case, vpc: str) -> Outcome:
    here = [each for each in _endpoints(case) if each.vpc == vpc]
    ready = [each for each in here if each.state == "available"]
    service = f"com.amazonaws.{case.region}.s3"
    remedy = f"Create a Gateway endpoint for {service} in {vpc} and attach the subnets' route tables."
    gateways = [each for each in ready if each.kind == "Gateway"]
    if gateways:
        return passed(f"{vpc} has {gateways[0].id} for {service}")
    if ready:
        return warned(f"{vpc} reaches S3 by the {ready[0].kind} endpoint {ready[0].id} only", remedy)
    if here:
        return failed(f"the S3 endpoint {here[0].id} of {vpc} is {here[0].state or 'in no known state'}", remedy)
    return failed(f"{vpc} has no S3 endpoint", remedy)


def subnets_route_to_s3(case: Case) -> Outcome:
    if case.vpc_config is None:
        return not_applicable(_NO_VPC)
    gateways = [each for each in _endpoints(case) if each.kind == "Gateway"]
    if not gateways:
        return not_applicable("no Gateway endpoint to route to, see NET-01")
    return together((_routed(subnet, gateways) for subnet in _subnets(case)), "no subnet was found, see NET-06")


def _routed(subnet: Subnet, gateways: list[Endpoint]) -> Outcome:
    if isinstance(subnet.route_table, Unknown):
        return undetermined(f"the route table of {subnet.id} is not known: {subnet.route_table.reason}")
    own = [each for each in gateways if subnet.route_table in each.route_tables]
    if own:
        return passed(f"{subnet.id} routes to {own[0].id} by {subnet.route_table}")
    return failed(
        f"{subnet.id}'s route table {subnet.route_table} has no route to {', '.join(each.id for each in gateways)}",
        f"Attach it: aws ec2 modify-vpc-endpoint --vpc-endpoint-id {gateways[0].id} "
        f"--add-route-table-ids {subnet.route_table}",
    )


def one_vpc(case: Case) -> Outcome:
    config = case.vpc_config
    if config is None:
        return not_applicable(_NO_VPC)
    found = {each.id: each.vpc for each in (*_subnets(case), *_groups(case))}
    asked = (*config.get("Subnets", ()), *config.get("SecurityGroupIds", ()))
    absent = [each for each in asked if each not in found]
    if absent:
        return failed(
            f"{', '.join(absent)} not found in {case.region}", "Name subnets and security groups that exist there."
        )
    vpcs = sorted({*found.values(), *([case.vpc] if case.vpc else [])})
    if len(vpcs) > 1:
        spread = ", ".join(f"{name} in {vpc}" for name, vpc in found.items())
        wanted = f"; the job is built in {case.vpc}" if case.vpc else ""
        return failed(f"{spread}{wanted}", "Take every subnet and security group from one VPC.")
    return passed(f"all in {vpcs[0]}" if vpcs else "no subnet named")


def _subnets(case: Case) -> tuple[Subnet, ...]:
    return case.surroundings.subnets  # type: ignore[return-value]


def _groups(case: Case) -> tuple:
    return case.surroundings.security_groups  # type: ignore[return-value]


def _endpoints(case: Case) -> tuple[Endpoint, ...]:
    return case.surroundings.s3_endpoints  # type: ignore[return-value]


CHECKS = (
    Check("NET-01", ("subnets", "endpoints"), vpc_has_an_s3_endpoint, with_vpc_config),
    Check("NET-02", ("subnets", "endpoints"), subnets_route_to_s3, with_vpc_config),
    Check("NET-06", ("subnets", "security_groups"), one_vpc, with_vpc_config),
)
