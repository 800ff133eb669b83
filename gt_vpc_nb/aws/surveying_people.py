"""The people part of the survey: the work team, its groups of workers, and the workforce behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.sessions import code_of
from gt_vpc_nb.aws.surveying_clients import Clients
from gt_vpc_nb.preflight.surroundings import MemberGroup, Missing, Unknown, Workforce, WorkTeam

#: A group of a work team is counted up to one page; nobody wants to know more than whether it is empty.
_PAGE = 60
_COUNTED_GROUPS = 3


def present(action: str, ask: Callable[[], Any], absence: str) -> Any:
    """What SageMaker answers; Missing where it says, with a ValidationException or a ResourceNotFound, "not found"."""

    def found() -> Any:
        try:
            return ask()
        except ClientError as error:
            if code_of(error) in {"ResourceNotFound", "ValidationException"}:
                return Missing(f"{absence} ({error.response['Error'].get('Message', '')})")
            raise

    return known(action, found)


def described_team(arn: str, clients: Clients) -> dict[str, Any] | Missing | Unknown | None:
    """DescribeWorkteam's answer; None for a public or vendor team, which is not the account's to ask about."""
    if ":workteam/private-crowd/" not in arn:
        return None
    name = arn.rpartition("/")[2]
    sagemaker = clients("sagemaker")
    return present(
        "sagemaker:DescribeWorkteam",
        lambda: sagemaker.describe_workteam(WorkteamName=name)["Workteam"],
        f"there is no work team {name}",
    )


def survey_team(arn: str, described: Future[Any], clients: Clients) -> WorkTeam | Missing | Unknown | None:
    """The work team as it was described, with its groups of workers."""
    team = described.result()
    if not isinstance(team, dict):
        return team if arn else None
    presign = (team.get("WorkerAccessConfiguration") or {}).get("S3Presign") or {}
    constraints = presign.get("IamPolicyConstraints") or {}
    members = team.get("MemberDefinitions", ())
    return WorkTeam(
        team["WorkteamArn"],
        len(members),
        tuple(_groups(members, clients)),
        constraints.get("SourceIp"),
        constraints.get("VpcSourceIp"),
        str(team.get("WorkforceArn") or ""),
    )


def _groups(members: Any, clients: Clients) -> Iterator[MemberGroup]:
    elsewhere = Unknown("not asked: the workers are in an identity provider of your own")
    for number, member in enumerate(members):
        if cognito := member.get("CognitoMemberDefinition"):
            group = MemberGroup(cognito["UserGroup"], "cognito", cognito["UserPool"])
            people = _people(group, clients) if number < _COUNTED_GROUPS else Unknown("not asked: one group of many")
            yield MemberGroup(group.name, group.provider, group.user_pool, people)
        for name in (member.get("OidcMemberDefinition") or {}).get("Groups", ()):
            yield MemberGroup(name, "oidc", "", elsewhere)


def _people(group: MemberGroup, clients: Clients) -> int | Unknown:
    def ask() -> int:
        cognito = clients("cognito-idp")
        return len(cognito.list_users_in_group(UserPoolId=group.user_pool, GroupName=group.name, Limit=_PAGE)["Users"])

    return known("cognito-idp:ListUsersInGroup", ask)


def survey_workforce(described: Future[Any], clients: Clients) -> Workforce | Missing | Unknown | None:
    """The workforce of the team."""
    team = described.result()
    if not isinstance(team, dict):
        return team
    name = str(team.get("WorkforceArn") or "").rpartition("/")[2]
    if not name:
        return None
    sagemaker = clients("sagemaker")
    found = present(
        "sagemaker:DescribeWorkforce",
        lambda: sagemaker.describe_workforce(WorkforceName=name)["Workforce"],
        f"there is no workforce {name}",
    )
    return _workforce(found, name) if isinstance(found, dict) else found


def _workforce(told: Mapping[str, Any], name: str) -> Workforce:
    network = told.get("WorkforceVpcConfig") or {}
    return Workforce(
        told.get("WorkforceName", name),
        told.get("Status", ""),
        network.get("VpcId"),
        tuple((told.get("SourceIpConfig") or {}).get("Cidrs", ())),
        told.get("WorkforceArn", ""),
        tuple(network.get("Subnets", ())),
        tuple(network.get("SecurityGroupIds", ())),
        network.get("VpcEndpointId"),
        "oidc" if told.get("OidcConfig") else "cognito" if told.get("CognitoConfig") else "",
        told.get("FailureReason", ""),
    )
