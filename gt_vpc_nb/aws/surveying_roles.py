"""The IAM part of the survey: roles with everything that is attached to them, and what the caller may do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.surveying_clients import Clients
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.surroundings import Caller, Missing, Permission, Role, RolePolicy, Unknown

_NO_ENTITY = {"NoSuchEntity", "NoSuchEntityException"}


def survey_role(arn: str, iam: Any) -> Role | Missing | Unknown:
    """A role by its ARN, with its trust policy, its identity policies and its permissions boundary."""
    name = arn.rpartition("/")[2]
    role = known(
        "iam:GetRole", lambda: iam.get_role(RoleName=name)["Role"], _NO_ENTITY, Missing(f"there is no role {arn}")
    )
    if isinstance(role, Missing | Unknown):
        return role
    if role["Arn"] != arn:
        return Missing(f"there is no role {arn}; the role of that name is {role['Arn']}")
    boundary = (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    return Role(
        role["Arn"],
        _text(role["AssumeRolePolicyDocument"]),
        _identity_policies(name, iam),
        _boundary(boundary, iam) if boundary else None,
    )


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _boundary(arn: str, iam: Any) -> RolePolicy | Unknown:
    name = arn.rpartition("/")[2]
    return known("iam:GetPolicy and iam:GetPolicyVersion", lambda: RolePolicy(name, _default_version(arn, iam), arn))


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
        RolePolicy(each["PolicyName"], _default_version(each["PolicyArn"], iam), each["PolicyArn"])
        for page in pages
        for each in page["AttachedPolicies"]
    )


def _default_version(arn: str, iam: Any) -> str:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return _text(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def survey_caller(told: Mapping[str, Any], request: Mapping[str, Any], role: Future[Any], clients: Clients) -> Caller:
    """Who asks, by STS's answer; the simulator is asked what this caller may do with the job."""
    arn, account = told["Arn"], told["Account"]
    principal = _principal(arn, role, clients)
    if isinstance(principal, Unknown):
        permissions: Any = Unknown(f"not asked: {principal.reason}")
    elif principal.endswith(":root"):
        permissions = Unknown("not asked: IAM's simulator takes no root user, who may do everything")
    else:
        permissions = known("iam:SimulatePrincipalPolicy", lambda: _permissions(principal, account, request, clients))
    return Caller(arn, account, principal, permissions)


def _principal(arn: str, role: Future[Any], clients: Clients) -> str | Unknown:
    if ":assumed-role/" not in arn:
        return arn
    name = arn.split("/")[1]
    own = role.result()
    # In a notebook the caller often is the execution role itself.
    if isinstance(own, Role) and own.arn.rpartition("/")[2] == name and own.arn.split(":")[4] == arn.split(":")[4]:
        return own.arn
    return known("iam:GetRole", lambda: clients("iam").get_role(RoleName=name)["Role"]["Arn"])


_ON_JOBS = ("CreateLabelingJob", "DescribeLabelingJob", "StopLabelingJob", "ListLabelingJobs")


def _permissions(principal: str, account: str, request: Mapping[str, Any], clients: Clients) -> tuple[Permission, ...]:
    region, role = clients.region, str(request.get("RoleArn") or "")
    job = f"arn:aws:sagemaker:{region}:{account}:labeling-job/{request.get('LabelingJobName') or 'job'}".lower()
    team = str(places.member(request, places.WORK_TEAM) or "")
    kind = team.partition(":workteam/")[2].partition("/")[0]
    asked = [
        (
            tuple(f"sagemaker:{each}" for each in _ON_JOBS),
            job,
            {"sagemaker:WorkteamArn": team, "sagemaker:WorkteamType": kind},
        ),
        (("iam:PassRole",), role, {"iam:PassedToService": "sagemaker.amazonaws.com"}),
    ]
    iam = clients("iam")
    return tuple(
        Permission(each["EvalActionName"], resource, each["EvalDecision"])
        for actions, resource, context in asked
        if resource
        for each in iam.simulate_principal_policy(
            PolicySourceArn=principal,
            ActionNames=list(actions),
            ResourceArns=[resource],
            ContextEntries=[
                {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
                for name, value in context.items()
                if value
            ],
        )["EvaluationResults"]
    )
