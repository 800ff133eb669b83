"""Checks of who works: the work team and its portal, the execution role, the job's name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.policy import AccessRequest, evaluate
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.buckets import restricted_input
from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, undetermined, warned
from gt_vpc_nb.preflight.surroundings import Missing, Role, RolePolicy, Unknown, Workforce, WorkTeam
from gt_vpc_nb.preflight.table import Check

_LOG_ACTIONS = ("logs:CreateLogStream", "logs:CreateLogGroup", "logs:DescribeLogStreams", "logs:PutLogEvents")


def team_is_private(case: Case) -> Outcome:
    """That the team is a private one, the request shows; here, that there is such a team."""
    team = str(places.member(case.request, places.WORK_TEAM) or "")
    found = case.surroundings.work_team
    if isinstance(found, Missing):
        return failed(found.reason, f"Create the work team in {case.region}, or name one that is there.")
    if ":workteam/private-crowd/" in team:
        if isinstance(found, WorkTeam) and found.arn != team:
            return failed(f"the request names {team}, AWS has {found.arn}", "Name the team by its own ARN.")
        return passed(f"{team.rpartition('/')[2]} is a private work team")
    return not_applicable("not a private work team")


def team_applies(case: Case) -> str | None:
    """A reason not to ask: any team may work on a job that has nothing to do with a VPC."""
    private = ":workteam/private-crowd/" in str(places.member(case.request, places.WORK_TEAM) or "")
    return None if case.in_vpc or private else "the job is not in a VPC"


def portal_is_in_the_vpc(case: Case) -> Outcome:
    restricted = restricted_input(case)
    if isinstance(restricted, Unknown):
        return undetermined(f"whether the input is restricted to a VPC is not known: {restricted.reason}")
    if restricted is None:
        return not_applicable("the bucket policies let a worker's browser read from anywhere")
    workforce = case.surroundings.workforce
    if isinstance(workforce, Missing):
        return not_applicable(f"{workforce.reason}, see WF-03")
    name = workforce.name if isinstance(workforce, Workforce) else "…"
    remedy = (
        f"Workers must open the portal from the VPC (or a network connected to it); bind it with "
        f"update_workforce(WorkforceName={name!r}, WorkforceVpcConfig=…)."
    )
    denied = f"s3://{restricted} is closed to the internet"
    if not isinstance(workforce, Workforce) or workforce.vpc is None:
        return warned(f"{denied}, and the worker portal is not bound to a VPC", remedy)
    if case.vpc and workforce.vpc != case.vpc:
        return failed(f"{denied}, the worker portal is in {workforce.vpc} and the job in {case.vpc}", remedy)
    return passed(f"the worker portal is in {workforce.vpc}")


def workforce_is_active(case: Case) -> Outcome:
    workforce = case.surroundings.workforce
    if workforce is None:
        return not_applicable("AWS names no private workforce for the team")
    if isinstance(workforce, Missing):
        return failed(workforce.reason, "Create a private workforce in the console or with create_workforce.")
    assert isinstance(workforce, Workforce)
    if workforce.status == "Active":
        return passed(f"the workforce {workforce.name} is Active")
    return failed(f"the workforce {workforce.name} is {workforce.status}", "Wait until it is Active, or repair it.")


def task_loads_in_portal(case: Case) -> Outcome:
    workforce = case.surroundings.workforce
    if case.task is None or not isinstance(workforce, Workforce) or workforce.vpc is None:
        return not_applicable("no worker portal in a VPC, or a custom workflow")
    if case.task.loads_in_vpc_portal:
        return passed(f"{case.task.code} tasks load in a portal in a VPC")
    return failed(
        f"{case.task.code} ({case.task.modality}) tasks do not load in the portal in {workforce.vpc}",
        "Use a workforce without a VPC for point cloud and video tasks, or another task type.",
    )


def sagemaker_may_assume(case: Case) -> Outcome:
    role = case.surroundings.role
    if isinstance(role, Missing):
        return failed(role.reason, "Create the role, or name one that is there: .as_role(arn).")
    if role is None:
        return not_applicable("the request names no role")
    assert isinstance(role, Role)
    remedy = f"Let Service sagemaker.amazonaws.com do sts:AssumeRole in the trust policy of {role.arn}."
    try:
        matching = [each for each in _statements(role.trust) if _lets_sagemaker(each)]
    except ValueError as error:
        return undetermined(f"the trust policy of {role.arn} is not JSON ({error})")
    if any(each.get("Effect") == "Deny" for each in matching):
        return undetermined(f"the trust policy of {role.arn} also denies sts:AssumeRole to SageMaker", remedy)
    allowing = [each for each in matching if each.get("Effect") == "Allow"]
    if not allowing:
        return failed(f"the trust policy of {role.arn} does not let sagemaker.amazonaws.com assume it", remedy)
    if all(each.get("Condition") for each in allowing):
        return undetermined(
            f"the trust policy of {role.arn} lets SageMaker in under {allowing[0]['Condition']}", remedy
        )
    return passed(f"SageMaker may assume {role.arn}")


def _statements(text: str) -> list[Mapping[str, Any]]:
    found = json.loads(text).get("Statement", [])
    return found if isinstance(found, list) else [found]


def _lets_sagemaker(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = _many(principal.get("Service", ())) if isinstance(principal, Mapping) else _many(principal)
    actions = [each.lower() for each in _many(statement.get("Action", ()))]
    named = any(each in ("sagemaker.amazonaws.com", "*") for each in services)
    return named and any(fnmatchcase("sts:assumerole", each) for each in actions)


def _many(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def role_may_report(case: Case) -> Outcome:
    """The role's actions besides S3's, which S3P-02 decides together with the bucket policies."""
    role = case.surroundings.role
    if role is None or isinstance(role, Missing):
        return not_applicable("no role, see IAM-01")
    assert isinstance(role, Role)
    if isinstance(role.policies, Unknown):
        return undetermined(f"the policies of {role.arn} are not known: {role.policies.reason}")
    try:
        decided = list(_reporting(case, role))
    except GtVpcError as error:
        return undetermined(f"a policy of {role.arn} cannot be read ({' '.join(str(error).split())})")
    lacking = [action for action, word in decided if word in ("implicitDeny", "explicitDeny")]
    if lacking:
        return failed(
            f"{role.arn} is not allowed {', '.join(lacking)}",
            f"Add an Allow of {', '.join(lacking)} on * to the role's policy.",
        )
    unclear = [action for action, word in decided if word != "allowed"]
    if unclear:
        return undetermined(f"{', '.join(unclear)} of {role.arn} is undetermined")
    return passed(f"{role.arn} may write metrics and logs ({_named(role.policies)})")


def _reporting(case: Case, role: Role) -> Iterator[tuple[str, str]]:
    account = role.arn.split(":")[4]
    group = f"arn:aws:logs:{case.region}:{account}:log-group:/aws/sagemaker/LabelingJobs"
    wanted = [("cloudwatch:PutMetricData", "*"), *((action, group) for action in _LOG_ACTIONS)]
    for action, resource in wanted:
        # A grant on log streams names the group with a tail, one on groups without: either is enough.
        words = []
        for tail in ("", ":*") if resource != "*" else ("",):
            request = AccessRequest(role.arn, action, resource + tail, {"aws:PrincipalArn": role.arn})
            words.append(evaluate(None, request, identity_policies=case.identity_policies, account=account).decision)
        yield action, "allowed" if "allowed" in words else words[0]


def _named(policies: tuple[RolePolicy, ...]) -> str:
    return ", ".join(each.name for each in policies) or "no policy"


CHECKS = (
    Check("WF-01", ("work_team",), team_is_private, team_applies),
    Check("WF-02", ("workforce",), portal_is_in_the_vpc),
    Check("WF-03", ("workforce",), workforce_is_active),
    Check("WF-04", ("workforce",), task_loads_in_portal),
    Check("IAM-01", ("role",), sagemaker_may_assume),
    Check("IAM-02", ("role",), role_may_report),
)
