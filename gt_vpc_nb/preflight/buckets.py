"""Checks of the buckets: their Regions, their policies, their CORS rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from gt_vpc_nb import facts
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.policy import Decision
from gt_vpc_nb.policy.cors import NEEDED
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.case import (
    INTERNET,
    Case,
    Outcome,
    Use,
    failed,
    not_applicable,
    passed,
    together,
    undetermined,
    warned,
)
from gt_vpc_nb.preflight.surroundings import Missing, Unknown
from gt_vpc_nb.preflight.table import Check, automated


def region_has_ground_truth(case: Case) -> Outcome:
    try:
        return passed(f"{facts.region(case.region).code} has Ground Truth")
    except RequestError as error:
        return failed(str(error), "Choose one of the 12 Regions with .in_region(…).")


def everything_in_one_region(case: Case) -> Outcome:
    return together((*_bucket_regions(case), *_team_region(case)), "the request names no bucket and no work team")


def _bucket_regions(case: Case) -> Iterator[Outcome]:
    for use in case.uses:
        region, name = case.bucket(use.bucket).region, f"s3://{use.bucket} ({use.purpose})"
        if isinstance(region, Unknown):
            yield undetermined(f"the Region of {name} is not known: {region.reason}")
        elif isinstance(region, Missing):
            yield failed(f"{name}: {region.reason}", f"Create the bucket in {case.region}, or name one that is there.")
        elif region != case.region:
            yield failed(
                f"{name} is in {region}, the job in {case.region}",
                f"Use a bucket in {case.region}, or create the job in {region}.",
            )
        else:
            yield passed(f"{name} is in {region}")


def _team_region(case: Case) -> Iterator[Outcome]:
    team = str(places.member(case.request, places.WORK_TEAM) or "")
    region = team.split(":")[3] if team.count(":") >= 5 else ""
    if region and region != case.region:
        yield failed(f"the work team is in {region}, the job in {case.region}", f"Use a work team in {case.region}.")
    elif region:
        yield passed(f"the work team is in {region}")


def ground_truth_gets_in(case: Case) -> Outcome:
    """Does a policy stop requests that come through Ground Truth's own endpoint?"""
    return together((_lets_in(case, use) for use in case.uses), "the request names no bucket")


def _lets_in(case: Case, use: Use) -> Outcome:
    decided = [
        (action, case.decide(use.bucket, action, resource, case.ground_truth_network))
        for action, resource in use.actions
    ]
    stopped = [(action, each) for action, each in decided if _says(each, "explicitDeny")]
    if stopped:
        statements = dict.fromkeys(label for _, decision in stopped for label in decision.matched_statements)
        network = case.ground_truth_network["aws:SourceVpce"]
        return failed(
            f"s3://{use.bucket} ({use.purpose}): {_listed(statements)} denies {_listed(a for a, _ in stopped)} "
            f"to Ground Truth's endpoint {network}",
            f"Plan the repair with {case.grant_call(use.bucket)}, read its .diff, then .apply() it.",
        )
    open_ends = [_open_end(action, each) for action, each in decided if not _decidable(each)]
    if open_ends:
        return undetermined(f"s3://{use.bucket} ({use.purpose}): {'; '.join(dict.fromkeys(open_ends))}")
    return passed(f"s3://{use.bucket} ({use.purpose}) does not stop Ground Truth's endpoint")


def ground_truth_is_allowed(case: Case) -> Outcome:
    """Does anything allow the five actions? Denies are the business of S3P-01."""
    return together((_allows(case, use) for use in case.uses), "the request names no bucket")


def _allows(case: Case, use: Use) -> Outcome:
    decided = [
        (action, case.decide(use.bucket, action, resource, case.ground_truth_network, identity=True))
        for action, resource in use.actions
    ]
    name = f"s3://{use.bucket} ({use.purpose})"
    lacking = [action for action, each in decided if _says(each, "implicitDeny")]
    if lacking:
        return failed(
            f"{name}: nothing allows {case.role} {_listed(lacking)}",
            f"Add an Allow of {_listed(lacking)} on arn:aws:s3:::{use.bucket} and arn:aws:s3:::{use.bucket}/* "
            "to the role's policy.",
        )
    own = [action for action, each in decided if _says(each, "explicitDeny") and not _bucket_denies(case, use, action)]
    if own:
        return failed(
            f"{name}: a policy of {case.role} denies {_listed(own)}", "Take the Deny out of the role's own policy."
        )
    unread = [action for action, each in decided if _says(each, "notDenied")]
    if unread:
        return undetermined(
            f"{name} leaves {_listed(unread)} to the role's own policies, which were not read: {_role_gap(case)}"
        )
    open_ends = [_open_end(action, each) for action, each in decided if not _decidable(each)]
    if open_ends:
        return undetermined(f"{name}: {'; '.join(dict.fromkeys(open_ends))}")
    if all(_says(each, "explicitDeny") for _, each in decided):
        return not_applicable(f"{name}: a Deny decides, see S3P-01")
    return passed(f"{name}: {case.role} is allowed what Ground Truth needs")


def _bucket_denies(case: Case, use: Use, action: str) -> bool:
    return _says(case.decide(use.bucket, action, dict(use.actions)[action], case.ground_truth_network), "explicitDeny")


def _role_gap(case: Case) -> str:
    role = case.surroundings.role
    if role is None:
        return "the request names no role"
    if isinstance(role, Missing | Unknown):
        return role.reason
    return role.policies.reason if isinstance(role.policies, Unknown) else "no reason given"


def images_have_cors(case: Case) -> Outcome:
    if case.task is not None and case.task.modality != "image":
        return not_applicable(f"{case.task.code} shows no images from the bucket")
    if case.task is None:
        return not_applicable("a custom workflow: its template decides what the browser loads")
    return together((_cors(case, name) for name in case.data_buckets), "the request names no input bucket")


def _cors(case: Case, name: str) -> Outcome:
    rules = case.bucket(name).cors
    if isinstance(rules, Unknown):
        return undetermined(f"the CORS rules of s3://{name} are not known: {rules.reason}")
    wanted = json.dumps([NEEDED["CORS-01"]], separators=(",", ":"))
    remedy = f"Add this rule to the CORS configuration of s3://{name}: {wanted}."
    reading = [rule for rule in rules if "GET" in rule.methods]
    if not reading:
        having = "no CORS rule allows GET" if rules else "it has no CORS configuration"
        return failed(f"s3://{name}: {having}, so the worker's browser may not load its images", remedy)
    anywhere = [rule for rule in reading if "*" in rule.origins]
    if not anywhere:
        origins = sorted({origin for rule in reading for origin in rule.origins})
        return failed(f"s3://{name}: CORS allows GET only to {_listed(origins)}", remedy)
    if not any("access-control-allow-origin" in (each.lower() for each in rule.exposed) for rule in anywhere):
        return warned(f"s3://{name}: CORS does not expose Access-Control-Allow-Origin", remedy)
    return passed(f"s3://{name} allows GET from any origin")


def training_gets_in(case: Case) -> Outcome:
    """Automated labeling trains in your VPC or outside every VPC: do the buckets take those requests?"""
    if not case.automated:
        return not_applicable("no automated labeling")
    if case.vpc_config is None:
        return together((_trains(case, use, INTERNET, "a training job outside your VPC") for use in case.uses), "")
    endpoints = case.surroundings.s3_endpoints
    if isinstance(endpoints, Unknown):
        return undetermined(f"the VPC's endpoints are not known: {endpoints.reason}")
    ways = [({"aws:SourceVpce": each.id, "aws:SourceVpc": each.vpc}, each.id) for each in endpoints]
    return together(
        (_trains(case, use, way, f"a training job through {name}") for use in case.uses for way, name in ways),
        "no S3 endpoint to come through, see NET-01",
    )


def _trains(case: Case, use: Use, network: dict[str, str], who: str) -> Outcome:
    decided = [(action, case.decide(use.bucket, action, resource, network)) for action, resource in use.actions]
    stopped = [(action, each) for action, each in decided if _says(each, "explicitDeny")]
    if stopped:
        statements = dict.fromkeys(label for _, decision in stopped for label in decision.matched_statements)
        remedy = (
            f"Let the VPC in: {case.grant_call(use.bucket)}, read its .diff, then .apply() it."
            if case.vpc_config
            else "Build the job with LabelingJob.in_vpc(…, subnets=[…], security_groups=[…]), "
            "so that training runs in the VPC that the bucket admits."
        )
        denied = _listed(action for action, _ in stopped)
        return failed(f"s3://{use.bucket} ({use.purpose}): {_listed(statements)} denies {denied} to {who}", remedy)
    open_ends = [_open_end(action, each) for action, each in decided if not _decidable(each)]
    if open_ends:
        return undetermined(f"s3://{use.bucket} ({use.purpose}): {'; '.join(dict.fromkeys(open_ends))}")
    return passed(f"s3://{use.bucket} ({use.purpose}) does not stop {who}")


def restricted_input(case: Case) -> str | Unknown | None:
    """The first bucket of data objects that a worker's browser cannot read from the internet; None if it can."""
    for name in case.data_buckets:
        key = next((place[1] for place in map(places.split_uri, case.data_uris) if place and place[0] == name), "data")
        # The browser opens presigned URLs, which are signed by the execution role.
        decision = case.decide(name, "s3:GetObject", f"arn:aws:s3:::{name}/{key}", INTERNET)
        if isinstance(decision, Unknown):
            return decision
        if _says(decision, "explicitDeny"):
            return name
    return None


def _says(decision: Decision | Unknown, word: str) -> bool:
    return not isinstance(decision, Unknown) and decision.decision == word


def _decidable(decision: Decision | Unknown) -> bool:
    return not isinstance(decision, Unknown) and decision.decision != "undetermined"


def _open_end(action: str, decision: Decision | Unknown) -> str:
    if isinstance(decision, Unknown):
        return f"its policy is not known: {decision.reason}"
    return f"{action} is undetermined: {'; '.join(decision.reasons)}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


CHECKS = (
    Check("SVC-02", (), region_has_ground_truth),
    Check("SVC-03", (), everything_in_one_region),
    Check("NET-12", (), training_gets_in, automated),
    Check("S3P-01", (), ground_truth_gets_in),
    Check("S3P-02", (), ground_truth_is_allowed),
    Check("CORS-01", (), images_have_cors),
)
