"""Checks of the VPC that automated labeling trains in: subnets, security groups, routes, DNS."""

from __future__ import annotations

from collections.abc import Iterator

from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, together, undetermined, warned
from gt_vpc_nb.preflight.regions import in_a_vpc
from gt_vpc_nb.preflight.surroundings import Endpoint, SecurityGroup, Subnet, TrafficRule, Unknown, Workforce
from gt_vpc_nb.preflight.table import Check, fact, offline, with_vpc_config

#: Private addresses that one training instance takes. Source: SageMaker developer guide, train-vpc (no EFA).
ADDRESSES_NEEDED = 2
_HTTPS = 443
_EVERYWHERE = ("0.0.0.0/0", "::/0")


def vpc_has_an_s3_endpoint(case: Case) -> Outcome:
    vpcs = sorted({subnet.vpc for subnet in _subnets(case)})
    return together((_reaches_s3(case, vpc) for vpc in vpcs), "none of the subnets was found, see NET-06")


def _reaches_s3(case: Case, vpc: str) -> Outcome:
    here = [each for each in _endpoints(case) if each.vpc == vpc]
    ready = [each for each in here if each.state == "available"]
    service = f"com.amazonaws.{case.region}.s3"
    tables = sorted({each.route_table for each in _subnets(case) if isinstance(each.route_table, str)})
    remedy = (
        f"Create a Gateway endpoint: boto3.client('ec2', {case.region!r}).create_vpc_endpoint(VpcId={vpc!r}, "
        f"ServiceName={service!r}, VpcEndpointType='Gateway', RouteTableIds={tables!r})."
    )
    gateways = [each for each in ready if each.kind == "Gateway"]
    if gateways:
        return passed(f"{vpc} has {gateways[0].id} for {service}")
    if ready:
        return warned(f"{vpc} reaches S3 by the {ready[0].kind} endpoint {ready[0].id} only", remedy)
    if here:
        return failed(f"the S3 endpoint {here[0].id} of {vpc} is {here[0].state or 'in no known state'}", remedy)
    return failed(f"{vpc} has no S3 endpoint", remedy)


def subnets_route_to_s3(case: Case) -> Outcome:
    gateways = [each for each in _endpoints(case) if each.kind == "Gateway"]
    return together((_routed(case, subnet, gateways) for subnet in _subnets(case)), "no subnet was found, see NET-06")


def _routed(case: Case, subnet: Subnet, every_gateway: list[Endpoint]) -> Outcome:
    gateways = [each for each in every_gateway if each.vpc == subnet.vpc]
    if not gateways:
        return not_applicable("no Gateway endpoint to route to, see NET-01")
    if isinstance(subnet.route_table, Unknown):
        return undetermined(f"the route table of {subnet.id} is not known: {subnet.route_table.reason}")
    own = [each for each in gateways if subnet.route_table in each.route_tables]
    if own:
        return passed(f"{subnet.id} routes to {own[0].id} by {subnet.route_table}")
    return failed(
        f"{subnet.id}'s route table {subnet.route_table} has no route to {', '.join(each.id for each in gateways)}",
        f"Attach it: boto3.client('ec2', {case.region!r}).modify_vpc_endpoint(VpcEndpointId={gateways[0].id!r}, "
        f"AddRouteTableIds=[{subnet.route_table!r}]).",
    )


def one_vpc(case: Case) -> Outcome:
    config = case.vpc_config or {}
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


def subnets_have_addresses(case: Case) -> Outcome:
    return together(map(_has_addresses, _subnets(case)), "no subnet was found, see NET-06")


def _has_addresses(subnet: Subnet) -> Outcome:
    if subnet.free_addresses >= ADDRESSES_NEEDED:
        return passed(f"{subnet.id} has {subnet.free_addresses} free addresses")
    return warned(
        f"{subnet.id} has {subnet.free_addresses} free addresses; a training instance takes {ADDRESSES_NEEDED}",
        "Add a subnet with room: .in_vpc(…, subnets=[…]).",
    )


def tenancy_is_default(case: Case) -> Outcome:
    vpcs = sorted({subnet.vpc for subnet in _subnets(case)})
    return together((_tenancy(case, each) for each in vpcs), "no subnet was found, see NET-06")


def _tenancy(case: Case, vpc: str) -> Outcome:
    found = case.surroundings.vpc(vpc)
    tenancy = found if isinstance(found, Unknown) else found.tenancy
    if isinstance(tenancy, Unknown):
        return undetermined(f"the tenancy of {vpc} is not known: {tenancy.reason}")
    if tenancy == "default":
        return passed(f"{vpc} has default tenancy")
    return failed(f"{vpc} has {tenancy} tenancy", "Train in subnets of a VPC with default tenancy.")


def groups_let_training_talk(case: Case) -> Outcome:
    """An instance has all the groups, so what one of them lets through is let through."""
    groups = _groups(case)
    unread = [each for each in groups if isinstance(each.ingress, Unknown) or isinstance(each.egress, Unknown)]
    for each in unread:
        gap = each.ingress if isinstance(each.ingress, Unknown) else each.egress
        return undetermined(f"the rules of {each.id} are not known: {gap.reason}")  # type: ignore[union-attr]
    if not groups:
        return not_applicable("no security group was found, see NET-06")
    return together((_talks_to_s3(case, groups), _talks_to_itself(case, groups)), "")


def _talks_to_s3(case: Case, groups: tuple[SecurityGroup, ...]) -> Outcome:
    listed = case.surroundings.s3_prefix_list
    if any(_reaches(rule, case) for group in groups for rule in group.egress):  # type: ignore[union-attr]
        return passed("HTTPS goes out to S3")
    names = ", ".join(each.id for each in groups)
    if isinstance(listed, Unknown):
        return undetermined(f"{names} let HTTPS out to prefix lists; S3's is not known: {listed.reason}")
    target = {"PrefixListIds": [{"PrefixListId": listed.id}]} if listed else {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    rule = {"IpProtocol": "tcp", "FromPort": _HTTPS, "ToPort": _HTTPS, **target}
    return warned(
        f"no rule of {names} lets HTTPS (443) out to S3",
        f"Let it out: boto3.client('ec2', {case.region!r}).authorize_security_group_egress(GroupId={groups[0].id!r}, "
        f"IpPermissions=[{rule!r}]); narrower is S3's prefix list, com.amazonaws.{case.region}.s3.",
    )


def _reaches(rule: TrafficRule, case: Case) -> bool:
    listed = case.surroundings.s3_prefix_list
    own = listed is not None and not isinstance(listed, Unknown) and listed.id in rule.prefix_lists
    return rule.covers(_HTTPS) and (own or any(each in _EVERYWHERE for each in rule.cidrs))


def _talks_to_itself(case: Case, groups: tuple[SecurityGroup, ...]) -> Outcome:
    ids = {each.id for each in groups}
    for group in groups:
        if any(ids & set(rule.groups) for rule in group.ingress):  # type: ignore[union-attr]
            return passed(f"{group.id} lets its own members in")
    first = groups[0].id
    return warned(
        f"no rule of {', '.join(sorted(ids))} lets members of the group reach each other, as distributed training does",
        f"Let them: boto3.client('ec2', {case.region!r}).authorize_security_group_ingress(GroupId={first!r}, "
        f"IpPermissions=[{{'IpProtocol': '-1', 'UserIdGroupPairs': [{{'GroupId': {first!r}}}]}}]).",
    )


def portal_resolves_names(case: Case) -> Outcome:
    workforce = case.surroundings.workforce
    if not isinstance(workforce, Workforce) or workforce.vpc is None:
        return not_applicable("the worker portal is in no VPC")
    return together(_resolves(case, workforce.vpc), "")


def _resolves(case: Case, vpc: str) -> Iterator[Outcome]:
    found = case.surroundings.vpc(vpc)
    for name, attribute in (("EnableDnsSupport", "dns_support"), ("EnableDnsHostnames", "dns_hostnames")):
        value = found if isinstance(found, Unknown) else getattr(found, attribute)
        if isinstance(value, Unknown):
            yield undetermined(f"{name} of the portal's {vpc} is not known: {value.reason}")
        elif value:
            yield passed(f"{name} is on in the portal's {vpc}")
        else:
            call = f"boto3.client('ec2', {case.region!r}).modify_vpc_attribute(VpcId={vpc!r}, {name}={{'Value': True}})"
            yield failed(f"{name} is off in the portal's {vpc}", f"Turn it on: {call}.")


def notebook_reaches_sagemaker(case: Case) -> Outcome:
    """Whoever submits from a closed VPC needs a way to SageMaker's API."""
    endpoints = case.surroundings.endpoints
    assert not isinstance(endpoints, Unknown)
    service = f"com.amazonaws.{case.region}.sagemaker.api"
    own = [each for each in endpoints if each.service == service and each.state == "available"]
    if own:
        url = "" if own[0].private_dns else f"; without private DNS, give its name as endpoint_url ({own[0].id})"
        return passed(f"{own[0].vpc} has {own[0].id} for {service}{url}")
    ways = [each.default_route for each in _subnets(case)]
    out = [each for each in ways if isinstance(each, str)]
    if out:
        return passed(f"no endpoint for {service}, but {out[0]} leads out of the VPC")
    return warned(
        f"{case.vpc or 'the VPC'} has no endpoint for {service}: a notebook in it may not reach the SageMaker API",
        f"Create an interface endpoint for {service} with private DNS, unless you submit from elsewhere.",
    )


def _subnets(case: Case) -> tuple[Subnet, ...]:
    return () if isinstance(case.surroundings.subnets, Unknown) else case.surroundings.subnets


def _groups(case: Case) -> tuple[SecurityGroup, ...]:
    return () if isinstance(case.surroundings.security_groups, Unknown) else case.surroundings.security_groups


def _endpoints(case: Case) -> tuple[Endpoint, ...]:
    found = case.surroundings.s3_endpoints
    return () if isinstance(found, Unknown) else found


CHECKS = (
    Check("NET-01", ("subnets", "endpoints"), vpc_has_an_s3_endpoint, with_vpc_config),
    Check("NET-02", ("subnets", "endpoints"), subnets_route_to_s3, with_vpc_config),
    offline("NET-05", with_vpc_config),
    Check("NET-06", ("subnets", "security_groups"), one_vpc, with_vpc_config),
    Check("NET-07", ("subnets",), subnets_have_addresses, with_vpc_config),
    Check("NET-08", ("subnets",), tenancy_is_default, with_vpc_config),
    Check("NET-09", ("security_groups",), groups_let_training_talk, with_vpc_config),
    Check("NET-10", ("workforce",), portal_resolves_names),
    Check("NET-11", ("endpoints",), notebook_reaches_sagemaker, in_a_vpc),
    fact("NET-13", "CreateLabelingJob takes a VpcConfig only as part of automated labeling"),
)
