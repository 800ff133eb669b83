"""Checks of who works: the work team, the workforce behind it, and its worker portal."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.buckets import restricted_input
from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, together, undetermined, warned
from gt_vpc_nb.preflight.surroundings import MemberGroup, Missing, Unknown, Workforce, WorkTeam
from gt_vpc_nb.preflight.table import Check, fact, offline, private_team

#: How many a workforce's VPC may have. Source: botocore 1.44.5, WorkforceVpcConfigRequest.
MOST_SUBNETS, MOST_GROUPS = 16, 5


def team_is_there(case: Case) -> Outcome:
    """That the team is a private one, the request shows; here, that there is such a team."""
    team, found = str(places.member(case.request, places.WORK_TEAM) or ""), case.surroundings.work_team
    if isinstance(found, Missing):
        return failed(found.reason, f"Create the work team in {case.region}, or name one that is there: .workers(…).")
    if not isinstance(found, WorkTeam):
        return not_applicable("the request names no private work team")
    if found.arn != team:
        return failed(f"the request names {team}, AWS has {found.arn}", "Name the team by its own ARN: .workers(…).")
    return passed(f"{team.rpartition('/')[2]} is a private work team")


def portal_is_in_the_vpc(case: Case) -> Outcome:
    restricted, workforce = restricted_input(case), case.surroundings.workforce
    if isinstance(restricted, Unknown):
        return undetermined(f"whether the input is restricted to a VPC is not known: {restricted.reason}")
    if restricted is None:
        return not_applicable("the bucket policies let a worker's browser read from anywhere")
    if isinstance(workforce, Missing) or isinstance(case.surroundings.work_team, Missing):
        return not_applicable("there is no such team or workforce, see WF-01 and WF-03")
    denied = f"s3://{restricted} is closed to the internet"
    remedy = f"Workers must open the portal from the VPC, or a network connected to it{_bound(case)}."
    if not isinstance(workforce, Workforce) or workforce.vpc is None:
        return warned(f"{denied}, and the worker portal is not bound to a VPC", remedy)
    if case.vpc and workforce.vpc != case.vpc:
        return failed(f"{denied}, the worker portal is in {workforce.vpc} and the job in {case.vpc}", remedy)
    return passed(f"the worker portal is in {workforce.vpc}")


def _bound(case: Case) -> str:
    if _must_stay_outside(case):
        return ", and the portal itself stays in no VPC, where such tasks do not load (WF-04)"
    return f": {_bind(case)}"


def _must_stay_outside(case: Case) -> bool:
    return case.task is not None and not case.task.loads_in_vpc_portal


def _bind(case: Case) -> str:
    """The call that binds the portal to the job's VPC."""
    workforce = case.surroundings.workforce
    name = workforce.name if isinstance(workforce, Workforce) else "…"
    vpc = {
        "VpcId": case.vpc or "vpc-…",
        "SecurityGroupIds": list(case.security_groups or ("sg-…",)),
        "Subnets": list(case.subnets or ("subnet-…",)),
    }
    client = f"boto3.client('sagemaker', {case.region!r})"
    return f"{client}.update_workforce(WorkforceName={name!r}, WorkforceVpcConfig={vpc!r})"


def workforce_is_active(case: Case) -> Outcome:
    workforce = case.surroundings.workforce
    if workforce is None or isinstance(case.surroundings.work_team, Missing):
        return not_applicable("AWS names no private workforce for the team, see WF-01")
    if isinstance(workforce, Missing):
        return failed(workforce.reason, "Create a private workforce in the console or with create_workforce.")
    assert isinstance(workforce, Workforce)
    if workforce.status == "Active":
        return passed(f"the workforce {workforce.name} is Active")
    why = f" ({workforce.failure_reason})" if workforce.failure_reason else ""
    return failed(
        f"the workforce {workforce.name} is {workforce.status}{why}", "Wait until it is Active, or repair it."
    )


def task_loads_in_portal(case: Case) -> Outcome:
    workforce = case.surroundings.workforce
    if case.task is None or not isinstance(workforce, Workforce) or workforce.vpc is None:
        return not_applicable("no worker portal in a VPC, or a custom workflow")
    if not _must_stay_outside(case):
        return passed(f"{case.task.code} tasks load in a portal in a VPC")
    return failed(
        f"{case.task.code} ({case.task.modality}) tasks do not load in the portal in {workforce.vpc}",
        "Use a workforce without a VPC for point cloud and video tasks, or another task type.",
    )


def portal_has_source_addresses(case: Case) -> Outcome:
    workforce = case.surroundings.workforce
    if not isinstance(workforce, Workforce) or not (workforce.vpc or case.in_vpc):
        return not_applicable("neither the job nor its worker portal is in a VPC")
    wide = [each for each in workforce.source_cidrs if _is_everything(each)]
    if workforce.source_cidrs and not wide:
        return passed(f"the portal of {workforce.name} admits {', '.join(workforce.source_cidrs)} from the internet")
    admits = f"admits {', '.join(wide)}" if wide else "has no SourceIpConfig"
    return warned(
        f"the workforce {workforce.name} {admits}: its portal is open to the internet",
        f"boto3.client('sagemaker', {case.region!r}).update_workforce(WorkforceName={workforce.name!r}, "
        "SourceIpConfig={'Cidrs': ['203.0.113.0/24']}), with up to 10 ranges of yours.",
    )


def _is_everything(cidr: str) -> bool:
    try:
        return ipaddress.ip_network(cidr, strict=False).prefixlen == 0
    except ValueError:
        return False


def links_are_bound(case: Case) -> Outcome:
    team, workforce = case.surroundings.work_team, case.surroundings.workforce
    if not isinstance(team, WorkTeam) or not isinstance(workforce, Workforce) or workforce.vpc is None:
        return not_applicable("the worker portal is in no VPC")
    for value in (team.source_ip, team.vpc_source_ip):
        if isinstance(value, Unknown):
            return undetermined(f"how the team binds presigned links is not known: {value.reason}")
    name = team.arn.rpartition("/")[2]
    if team.vpc_source_ip == "Enabled":
        return passed(f"presigned links of {name} work at the worker's address in the VPC alone")
    constraints = {"S3Presign": {"IamPolicyConstraints": {"VpcSourceIp": "Enabled"}}}
    return warned(
        f"presigned links of {name} work from any address in the VPC: VpcSourceIp is not Enabled",
        f"boto3.client('sagemaker', {case.region!r}).update_workteam(WorkteamName={name!r}, "
        f"WorkerAccessConfiguration={constraints!r}).",
    )


def portal_vpc_keeps_its_sizes(case: Case) -> Outcome:
    workforce = case.surroundings.workforce
    if not isinstance(workforce, Workforce) or workforce.vpc is None:
        return not_applicable("the worker portal is in no VPC")
    return together(_sizes(workforce), "")


def _sizes(workforce: Workforce) -> Iterator[Outcome]:
    given = (("subnets", workforce.subnets, MOST_SUBNETS), ("security groups", workforce.security_groups, MOST_GROUPS))
    for name, ids, most in given:
        if 1 <= len(ids) <= most:
            yield passed(f"{len(ids)} {name} of 1 to {most}")
        else:
            yield failed(f"the portal's VpcConfig has {len(ids)} {name}, 1 to {most} wanted", f"Give 1 to {most}.")
    if not str(workforce.vpc).startswith("vpc-"):
        yield failed(f"the portal's VpcConfig names {workforce.vpc!r}, which is no VPC", "Name a VPC as vpc-….")


def team_has_members(case: Case) -> Outcome:
    team = case.surroundings.work_team
    if not isinstance(team, WorkTeam):
        return not_applicable("no work team, see WF-01")
    name = team.arn.rpartition("/")[2]
    remedy = f"Add workers to the team {name}: in the console, or by update_workteam(MemberDefinitions=[…])."
    if not team.members:
        return failed(f"the work team {name} has no members", remedy)
    counted = [each.people for each in team.groups if each.provider == "cognito"]
    if not counted or len(counted) < len(team.groups):
        return passed(f"{name} has {team.members} member definitions")
    if any(isinstance(each, int) and each for each in counted):
        return passed(f"{name} has {sum(each for each in counted if isinstance(each, int))} workers")
    return together((_people(name, each, remedy) for each in team.groups), "")


def _people(team: str, group: MemberGroup, remedy: str) -> Outcome:
    if isinstance(group.people, Unknown):
        return undetermined(f"how many workers are in the group {group.name} is not known: {group.people.reason}")
    return failed(f"nobody is in the group {group.name} of the work team {team}", remedy)


def somebody_can_bind_the_portal(case: Case) -> Outcome:
    workforce = case.surroundings.workforce
    restricted = restricted_input(case)
    if not isinstance(workforce, Workforce) or workforce.vpc is not None or not isinstance(restricted, str):
        return not_applicable("no VPC has to be added to the workforce")
    if _must_stay_outside(case):
        return not_applicable("such tasks do not load in a portal in a VPC, see WF-04")
    return undetermined(
        f"s3://{restricted} is closed to the internet and the portal of {workforce.name} is in no VPC; "
        "who will add one is not known",
        "They need ec2:CreateVpcEndpoint, ec2:DescribeVpcEndpoints and ec2:DeleteVpcEndpoints; AWS's managed policy "
        "allows these for the portal's own services only.",
    )


def team_kind_is_permitted(case: Case) -> Outcome:
    """IAM may allow only some kinds of teams; the simulator was asked with this team's ARN and kind."""
    caller = case.surroundings.caller
    assert not isinstance(caller, Unknown)
    team = str(places.member(case.request, places.WORK_TEAM) or "")
    if not team:
        return not_applicable("the request names no work team")
    may = caller.may("sagemaker:CreateLabelingJob")
    if isinstance(may, Unknown):
        return undetermined(f"whether IAM lets {caller.arn} use {team} is not known: {may.reason}")
    if may:
        return passed(f"{caller.arn} may create jobs for {team.rpartition(':workteam/')[2]}")
    kind = team.rpartition(":workteam/")[2].partition("/")[0]
    return warned(
        f"{caller.arn} may not create a job for this {kind} team",
        "See IAM-08; look for sagemaker:WorkteamType and sagemaker:WorkteamArn in the caller's policies.",
    )


CHECKS = (
    Check("WF-01", ("work_team",), team_is_there, private_team),
    Check("WF-02", ("workforce",), portal_is_in_the_vpc, private_team),
    Check("WF-03", ("workforce",), workforce_is_active, private_team),
    Check("WF-04", ("workforce",), task_loads_in_portal),
    fact("WF-05", "an account has one private workforce a Region, in at most one VPC, where AWS adds two endpoints"),
    Check("WF-06", ("workforce",), portal_has_source_addresses, private_team),
    Check("WF-07", ("work_team", "workforce"), links_are_bound, private_team),
    Check("WF-08", ("workforce",), portal_vpc_keeps_its_sizes, private_team),
    Check("WF-09", ("work_team",), team_has_members, private_team),
    Check("WF-10", ("workforce",), somebody_can_bind_the_portal, private_team),
    Check("WF-11", ("caller",), team_kind_is_permitted),
    offline("WF-12"),
)
