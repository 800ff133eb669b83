"""Checks of the service and its Regions: who may use Ground Truth, and what has to be where."""

from __future__ import annotations

from collections.abc import Iterator

from gt_vpc_nb.preflight.case import Case, Outcome, failed, passed, together, undetermined
from gt_vpc_nb.preflight.surroundings import Missing, Unknown
from gt_vpc_nb.preflight.table import Check, always, offline


def account_uses_ground_truth(case: Case) -> Outcome:
    """Nothing tells whether AWS lets an account in; that it has labeling jobs already is the best sign."""
    if case.surroundings.used_before:
        return passed(f"account {case.surroundings.account} has labeling jobs in {case.region}")
    return undetermined(
        f"account {case.surroundings.account} has no labeling job in {case.region}, and AWS takes no new customers",
        "Look for labeling jobs in your other Regions, or ask AWS Support whether the account may use Ground Truth.",
    )


def everything_in_one_region(case: Case) -> Outcome:
    """The Regions of ARNs are in the request; here are those of buckets and keys, which only AWS knows."""
    return together((*_buckets(case), *_keys(case)), "the request names no bucket")


def _buckets(case: Case) -> Iterator[Outcome]:
    for use in case.uses:
        region, name = case.bucket(use.bucket).region, f"s3://{use.bucket} ({use.purpose})"
        if isinstance(region, Unknown):
            yield undetermined(f"the Region of {name} is not known: {region.reason}")
        elif isinstance(region, Missing):
            yield failed(f"{name}: {region.reason}", f"Create the bucket in {case.region}, or name one that is there.")
        elif region != case.region:
            yield failed(
                f"{name} is in {region}, the job in {case.region}",
                f"Use a bucket in {case.region}, or create the job in {region}: .in_region({region!r}).",
            )
        else:
            yield passed(f"{name} is in {region}")


def _keys(case: Case) -> Iterator[Outcome]:
    for key in case.surroundings.keys:
        if key.region and key.region != case.region:
            yield failed(f"the KMS key {key.name} is in {key.region}, the job in {case.region}", "Use a key there.")
        elif key.region:
            yield passed(f"the KMS key {key.name} is in {key.region}")


def endpoints_in_the_region(case: Case) -> Outcome:
    endpoints = case.surroundings.endpoints
    assert not isinstance(endpoints, Unknown)
    found = {each.id: each for each in endpoints}
    return together(
        (
            *(_named(case, id, id in found) for id in case.vpc_endpoints),
            *(_there(case, each) for each in found.values()),
        ),
        "the job names no VPC endpoint, and its VPC has none",
    )


def _named(case: Case, id: str, found: bool) -> Outcome:
    if found:
        return passed(f"{id} is in {case.region}")
    remedy = f"Name VPC endpoints of {case.region}: .in_vpc(…, vpc_endpoints=[…])."
    return failed(f"the job names {id}, which the job's VPC in {case.region} does not have", remedy)


def _there(case: Case, endpoint: object) -> Outcome:
    service = getattr(endpoint, "service", "")
    parts = service.split(".")
    region = getattr(endpoint, "region", "") or (parts[2] if len(parts) > 3 and parts[1] == "amazonaws" else "")
    id = getattr(endpoint, "id", "")
    if region and region != case.region:
        remedy = f"Create an endpoint for com.amazonaws.{case.region}.{parts[-1]} instead."
        return failed(f"{id} leads to {service} in {region}, the job is in {case.region}", remedy)
    return passed(f"{id} leads to {service}")


def in_a_vpc(case: Case) -> str | None:
    return None if case.in_vpc else "the job is not in a VPC"


CHECKS = (
    Check("SVC-01", ("used_before",), account_uses_ground_truth),
    offline("SVC-02"),
    Check("SVC-03", (), everything_in_one_region, always),
    Check("SVC-04", ("endpoints",), endpoints_in_the_region, in_a_vpc),
    offline("SVC-05"),
)
