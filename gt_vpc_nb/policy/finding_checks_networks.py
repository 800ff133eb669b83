"""Checks of the keys that say where a request comes from: VPC, VPC endpoint, address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from gt_vpc_nb.facts import regions
from gt_vpc_nb.policy.condition_keys import CALLER_KEYS
from gt_vpc_nb.policy.finding_table import OURS, Check, ConditionPlace, Spot, quoted
from gt_vpc_nb.policy.operators import Undecided, network
from gt_vpc_nb.policy.variables import has_variables

_VPC = re.compile(r"vpc-.*|<vpc(-?id)?>", re.DOTALL | re.IGNORECASE)
_VPCE = re.compile(r"vpce-.*|<(vpc-?endpoint|vpce)(-?id)?>|<ground-truth-endpoint>", re.DOTALL | re.IGNORECASE)
_OPEN_END = re.compile(r"[*?<]|\$\{|\{\{")
#: Keys that only a request through a VPC endpoint has; it has no aws:SourceIp then.
ENDPOINT_KEYS = frozenset(
    each.lower()
    for each in (
        *("aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce", "aws:VpcSourceIp"),
        *("aws:VpceAccount", "aws:VpceOrgID", "aws:VpceOrgPaths"),
    )
)
#: Addresses that never come out of the internet. Sources: RFC 1918, RFC 6598, RFC 4193.
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")


@cache
def ground_truth_endpoints() -> dict[str, str]:
    """Ground Truth's endpoint id -> its Region."""
    return {each.ground_truth_endpoint: each.code for each in regions()}


def _listed(key: str, means: Callable[[str], bool]) -> Callable[[ConditionPlace], Iterator[Spot]]:
    def test(place: ConditionPlace) -> Iterator[Spot]:
        if place.key == key and not (place.how and place.how.is_null):
            found = [each for each in place.condition.values if means(each)]
            if found:
                yield Spot({"operator": place.condition.operator, "values": quoted(found)})

    return test


def _is_vpc(value: str) -> bool:
    return bool(_VPC.fullmatch(value)) and not _VPCE.fullmatch(value)


def _is_vpce(value: str) -> bool:
    return bool(_VPCE.fullmatch(value))


def _neither(right: Callable[[str], bool], reverse: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda value: bool(value) and not right(value) and not reverse(value) and not _OPEN_END.search(value)


def _another_region(place: ConditionPlace) -> Iterator[Spot]:
    region = place.place.case.region
    if place.key != "aws:sourcevpce" or region is None:
        return
    endpoints = ground_truth_endpoints()
    for value in place.condition.values:
        if endpoints.get(value, region) != region:
            right = next((endpoint for endpoint, code in endpoints.items() if code == region), None)
            remedy = f"Ground Truth's in {region} is {right}." if right else f"Ground Truth does not run in {region}."
            yield Spot({"value": value, "theirs": endpoints[value], "region": region, "remedy": remedy})


def _private_source(place: ConditionPlace) -> Iterator[Spot]:
    if place.key == "aws:sourceip" and place.how and not place.how.is_null:
        private = [each for each in place.condition.values if not has_variables(each) and _is_private(each)]
        if private:
            yield Spot({"values": quoted(private)})


def _is_private(text: str) -> bool:
    try:
        version, first, last = network(text)
    except Undecided:
        return False
    ranges = map(network, PRIVATE)
    return any(version == each and low <= first and last <= high for each, low, high in ranges)


def _denies_endpoints(place: ConditionPlace) -> Iterator[Spot]:
    if place.key != "aws:sourceip" or not place.place.denies or not place.exempts:
        return
    if not any(each.key in ENDPOINT_KEYS for each in place.place.conditions):
        yield Spot({"operator": place.condition.operator})


def _shared_endpoint(place: ConditionPlace) -> Iterator[Spot]:
    statement = place.place.statement
    everybody = any(name == "*" for _, name in statement.principal or ()) or statement.not_principal is not None
    if place.place.denies or not everybody or place.key != "aws:sourcevpce" or place.negated:
        return
    shared = [each for each in place.condition.values if each in ground_truth_endpoints()]
    if shared and not any(each.key in CALLER_KEYS and not each.negated for each in place.place.conditions):
        yield Spot({"values": quoted(shared)})


NETWORK_CHECKS: tuple[Check, ...] = (
    Check(
        "VPC_ID_UNDER_SOURCE_VPCE",
        "WARNING",
        OURS,
        _listed("aws:sourcevpce", _is_vpc),
        "aws:SourceVpce holds the id of a VPC endpoint (vpce-…), so the VPC {values} never matches there.",
        "To mean the VPC, compare aws:SourceVpc in the same {operator}; otherwise remove the value.",
    ),
    Check(
        "VPCE_ID_UNDER_SOURCE_VPC",
        "WARNING",
        OURS,
        _listed("aws:sourcevpc", _is_vpce),
        "aws:SourceVpc holds the id of a VPC (vpc-…), so the VPC endpoint {values} never matches there.",
        "To mean the endpoint, compare aws:SourceVpce in the same {operator}; otherwise remove the value.",
    ),
    Check(
        "NOT_A_VPC_ENDPOINT_ID",
        "WARNING",
        OURS,
        _listed("aws:sourcevpce", _neither(_is_vpce, _is_vpc)),
        "aws:SourceVpce holds the id of a VPC endpoint (vpce-…), so {values} never matches.",
    ),
    Check(
        "NOT_A_VPC_ID",
        "WARNING",
        OURS,
        _listed("aws:sourcevpc", _neither(_is_vpc, _is_vpce)),
        "aws:SourceVpc holds the id of a VPC (vpc-…), so {values} never matches.",
    ),
    Check(
        "GROUND_TRUTH_ENDPOINT_OF_ANOTHER_REGION",
        "WARNING",
        OURS,
        _another_region,
        "{value} is Ground Truth's endpoint in {theirs}, and this bucket is in {region}, where no request comes "
        "through it.",
        "{remedy}",
    ),
    Check(
        "ALLOW_BY_SHARED_ENDPOINT",
        "SECURITY_WARNING",
        OURS,
        _shared_endpoint,
        "{values} is one endpoint of Ground Truth for all customers of AWS, so this Allow lets in the labeling jobs of "
        "every account.",
        "Name your execution role in Principal.",
    ),
    Check(
        "PRIVATE_RANGE_UNDER_SOURCE_IP",
        "WARNING",
        OURS,
        _private_source,
        "aws:SourceIp is the public address of a request and is missing through a VPC endpoint, so the private range "
        "{values} never matches.",
        "Compare aws:VpcSourceIp, together with aws:SourceVpc.",
    ),
    Check(
        "SOURCE_IP_DENIES_VPC_ENDPOINTS",
        "WARNING",
        OURS,
        _denies_endpoints,
        "A request through a VPC endpoint has no aws:SourceIp, so {operator} holds and this Deny denies your VPC and "
        "Ground Truth as well.",
        "Exempt the endpoints by aws:SourceVpce in the same Condition.",
    ),
)
