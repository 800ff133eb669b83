"""Checks of the policies of S3 endpoints, and of what arrives through them: the VPC's ways to the buckets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gt_vpc_nb import facts
from gt_vpc_nb.policy import AccessRequest, Decision, evaluate
from gt_vpc_nb.policy.new_policies import PORTAL_ACTIONS
from gt_vpc_nb.policy.origins import resource_for, through
from gt_vpc_nb.preflight.buckets import let_in
from gt_vpc_nb.preflight.case import (
    INTERNET,
    Case,
    Outcome,
    failed,
    parsed,
    passed,
    together,
    undetermined,
    warned,
)
from gt_vpc_nb.preflight.permissions import account_of
from gt_vpc_nb.preflight.regions import in_a_vpc
from gt_vpc_nb.preflight.surroundings import Endpoint, Unknown, Workforce
from gt_vpc_nb.preflight.table import Check, automated

# The portal's pages sign as AWS itself; which role of AWS's it is, no document says.
_PORTAL = f"arn:aws:iam::{facts.HUMAN_TASK_UI_ACCOUNT}:role/worker-portal"


def portal_vpc(case: Case) -> str | None:
    """The VPC that the worker portal is bound to, or the job's."""
    workforce = case.surroundings.workforce
    return (workforce.vpc if isinstance(workforce, Workforce) else None) or case.vpc


def s3_endpoints_in(case: Case, vpc: str | None) -> tuple[Endpoint, ...]:
    """The S3 endpoints of a VPC that are there to be used."""
    found = case.surroundings.s3_endpoints
    known = () if isinstance(found, Unknown) else found
    return tuple(each for each in known if each.vpc == vpc and each.state in ("available", ""))


def training_endpoints(case: Case) -> tuple[Endpoint, ...]:
    """The S3 endpoints that training jobs come through: those that the subnets route to, else all of the VPC."""
    subnets = () if isinstance(case.surroundings.subnets, Unknown) else case.surroundings.subnets
    vpcs = {each.vpc for each in subnets} or {case.vpc}
    here = tuple(each for vpc in sorted(map(str, vpcs)) for each in s3_endpoints_in(case, vpc))
    tables = {each.route_table for each in subnets}
    routed = tuple(each for each in here if each.kind != "Gateway" or tables & set(each.route_tables))
    return routed or here


def endpoint_reaches_the_portal(case: Case) -> Outcome:
    vpc = portal_vpc(case)
    buckets = facts.region(case.region).system_buckets
    found = s3_endpoints_in(case, vpc)
    if found:
        return together((_reaches(case, each, _asked(buckets, PORTAL_ACTIONS), _PORTAL) for each in found), "")
    return warned(
        f"{vpc or 'the VPC'} has no S3 endpoint, and the worker portal reads s3://{buckets[0]} and s3://{buckets[1]}",
        "Create a Gateway endpoint for S3 there, or give workers another way to these buckets.",
    )


def endpoint_reaches_the_buckets(case: Case) -> Outcome:
    wanted = [(action, resource) for use in case.uses for action, resource in use.actions]
    endpoints = dict.fromkeys((*training_endpoints(case), *s3_endpoints_in(case, portal_vpc(case))))
    return together((_reaches(case, each, wanted, case.role) for each in endpoints), "no S3 endpoint, see NET-01")


def _asked(buckets: Iterable[str], actions: Iterable[str]) -> list[tuple[str, str]]:
    pairs = ((action, resource_for(action, bucket)) for bucket in buckets for action in actions)
    return [(action, resource) for action, resource in pairs if resource]


def _reaches(case: Case, endpoint: Endpoint, wanted: Iterable[tuple[str, str]], who: str) -> Outcome:
    """Whether an endpoint's policy lets somebody through to what is wanted; no policy of its own stops nobody."""
    if endpoint.policy is None:
        return passed(f"{endpoint.id} has AWS's own policy, which lets everything through")
    answers = [(action, resource, _through(endpoint, action, resource, who)) for action, resource in wanted]
    stopped = [(action, resource, each) for action, resource, each in answers if each.decision.endswith("Deny")]
    call = f"endpoint_policy({[use.bucket for use in case.uses]!r}, {case.region!r}).to_json()"
    remedy = (
        f"Give it this policy: boto3.client('ec2', {case.region!r}).modify_vpc_endpoint(VpcEndpointId={endpoint.id!r}, "
        f"PolicyDocument={call}), with endpoint_policy of gt_vpc_nb.policy.new_policies."
    )
    if stopped:
        actions = ", ".join(dict.fromkeys(action for action, _, _ in stopped))
        places = ", ".join(dict.fromkeys(resource for _, resource, _ in stopped))
        labels = dict.fromkeys(label for _, _, each in stopped for label in each.matched_statements)
        by = f"{', '.join(labels)} of its policy denies" if labels else "its policy does not allow"
        return failed(f"{endpoint.id}: {by} {actions} on {places}", remedy)
    unsure = dict.fromkeys("; ".join(each.reasons) for _, _, each in answers if each.decision == "undetermined")
    if unsure:
        return undetermined(f"the policy of {endpoint.id} is undetermined: {'; '.join(unsure)}", remedy)
    return passed(f"{endpoint.id} lets them through")


def _through(endpoint: Endpoint, action: str, resource: str, who: str) -> Decision:
    context = {**through(endpoint.id, endpoint.vpc), "aws:PrincipalArn": who, "aws:SecureTransport": "true"}
    context["aws:PrincipalAccount"] = account_of(who)
    request = AccessRequest(who, action, resource, context)
    # Of the caller's own account, so that the endpoint's policy alone can say no.
    return evaluate(None, request, endpoint_policy=parsed(endpoint.policy or "", "bucket"), account=account_of(who))


_IN_THE_VPC = (
    "Build the job with LabelingJob.in_vpc(…, subnets=[…], security_groups=[…]), "
    "so that training runs in the VPC that the bucket admits."
)


def training_gets_in(case: Case) -> Outcome:
    """Automated labeling trains in your VPC or outside every VPC: do the buckets take those requests?"""
    if case.vpc_config is None:
        who = "a training job outside your VPC"
        return together((let_in(case, use, INTERNET, who, _IN_THE_VPC) for use in case.uses), "")
    if isinstance(case.surroundings.endpoints, Unknown):
        return undetermined(f"the VPC's endpoints are not known: {case.surroundings.endpoints.reason}")
    return together(_through_each(case), "no S3 endpoint to come through, see NET-01")


def _through_each(case: Case) -> Iterator[Outcome]:
    for endpoint in training_endpoints(case):
        for use in case.uses:
            remedy = case.endpoint_remedy(use.bucket, endpoint.id, endpoint.vpc)
            yield let_in(case, use, through(endpoint.id, endpoint.vpc), f"a training job through {endpoint.id}", remedy)


CHECKS = (
    Check("NET-03", ("endpoints", "workforce"), endpoint_reaches_the_portal, in_a_vpc),
    Check("NET-04", ("endpoints",), endpoint_reaches_the_buckets, in_a_vpc),
    Check("NET-12", (), training_gets_in, automated),
)
