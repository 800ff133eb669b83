"""The people part of the survey: the execution role, the work team, its workforce, and a job of the same name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Executor, Future
from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.sessions import code_of
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.surroundings import Missing, Role, RolePolicy, Unknown, Workforce, WorkTeam

_NO_ENTITY = {"NoSuchEntity", "NoSuchEntityException"}


def survey_people(pool: Executor, request: Mapping[str, Any], iam: Any, sagemaker: Any) -> dict[str, Future[Any]]:
    """Starts the reading of `role`, `work_team`, `workforce` and `same_name_job`; the keys are Surroundings' fields."""
    team = str(places.member(request, places.WORK_TEAM) or "")
    described = pool.submit(_described_team, team, sagemaker)
    return {
        "role": pool.submit(_role, str(request.get("RoleArn") or ""), iam),
        "work_team": pool.submit(_work_team, team, described),
        "workforce": pool.submit(_workforce, described, sagemaker),
        "same_name_job": pool.submit(_same_name, str(request.get("LabelingJobName") or ""), sagemaker),
    }


def _role(arn: str, iam: Any) -> Role | Missing | Unknown | None:
    name = arn.rpartition("/")[2]
    if not name:
        return None
    role = known(
        "iam:GetRole", lambda: iam.get_role(RoleName=name)["Role"], _NO_ENTITY, Missing(f"there is no role {arn}")
    )
    if isinstance(role, Missing | Unknown):
        return role
    if role["Arn"] != arn:
        return Missing(f"there is no role {arn}; the role of that name is {role['Arn']}")
    return Role(role["Arn"], _text(role["AssumeRolePolicyDocument"]), _identity_policies(name, iam))


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _identity_policies(name: str, iam: Any) -> tuple[RolePolicy, ...] | Unknown:
    # One policy that cannot be read leaves the whole open: it might hold the Allow, or a Deny.
    inline = known("iam:ListRolePolicies and iam:GetRolePolicy", lambda: _inline(name, iam))
    if isinstance(inline, Unknown):
        return inline
    attached = known(
        "iam:ListAttachedRolePolicies, iam:GetPolicy and iam:GetPolicyVersion", lambda: _attached(name, iam)
    )
    return attached if isinstance(attached, Unknown) else (*inline, *attached)


def _inline(name: str, iam: Any) -> tuple[RolePolicy, ...]:
    names = [
        each for page in iam.get_paginator("list_role_policies").paginate(RoleName=name) for each in page["PolicyNames"]
    ]
    return tuple(
        RolePolicy(each, _text(iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"])) for each in names
    )


def _attached(name: str, iam: Any) -> tuple[RolePolicy, ...]:
    pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
    return tuple(
        RolePolicy(each["PolicyName"], _default_version(each["PolicyArn"], iam))
        for page in pages
        for each in page["AttachedPolicies"]
    )


def _default_version(arn: str, iam: Any) -> str:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return _text(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def _described_team(arn: str, sagemaker: Any) -> dict[str, Any] | Missing | Unknown | None:
    # A public or vendor team is not the account's, so nothing can be asked about it.
    if ":workteam/private-crowd/" not in arn:
        return None
    name = arn.rpartition("/")[2]
    return _present(
        "sagemaker:DescribeWorkteam",
        lambda: sagemaker.describe_workteam(WorkteamName=name)["Workteam"],
        f"there is no work team {name}",
    )


def _present(action: str, ask: Any, absence: str) -> Any:
    """SageMaker says "not found" with a ValidationException here and a ResourceNotFound there."""

    def found() -> Any:
        try:
            return ask()
        except ClientError as error:
            if code_of(error) in {"ResourceNotFound", "ValidationException"}:
                return Missing(f"{absence} ({error.response['Error'].get('Message', '')})")
            raise

    return known(action, found)


def _work_team(arn: str, described: Future[Any]) -> WorkTeam | Missing | Unknown | None:
    team = described.result()
    if not isinstance(team, dict):
        return team if arn else None
    return WorkTeam(team["WorkteamArn"], len(team.get("MemberDefinitions", ())))


def _workforce(described: Future[Any], sagemaker: Any) -> Workforce | Missing | Unknown | None:
    team = described.result()
    if not isinstance(team, dict):
        return team
    name = str(team.get("WorkforceArn") or "").rpartition("/")[2]
    if not name:
        return None
    found = _present(
        "sagemaker:DescribeWorkforce",
        lambda: sagemaker.describe_workforce(WorkforceName=name)["Workforce"],
        f"there is no workforce {name}",
    )
    if not isinstance(found, dict):
        return found
    return Workforce(
        found.get("WorkforceName", name),
        found.get("Status", ""),
        (found.get("WorkforceVpcConfig") or {}).get("VpcId"),
        tuple((found.get("SourceIpConfig") or {}).get("Cidrs", ())),
    )


def _same_name(name: str, sagemaker: Any) -> str | None | Unknown:
    if not name:
        return None

    def ask() -> str | None:
        try:
            return sagemaker.describe_labeling_job(LabelingJobName=name)["LabelingJobStatus"]
        except ClientError as error:
            said = str(error.response["Error"].get("Message", "")).lower()
            gone = code_of(error) == "ResourceNotFound" or (
                code_of(error) == "ValidationException" and ("not exist" in said or "not found" in said)
            )
            if gone:
                return None
            raise

    return known("sagemaker:DescribeLabelingJob", ask)
