"""What an account has that a labeling job could use: one short list a kind, for people to choose from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.sessions import client
from gt_vpc_nb.errors import AwsError
from gt_vpc_nb.preflight.surroundings import Unknown

#: Nobody chooses from a longer list; whoever has more types it.
LONGEST = 500
#: Somebody waits for the list: no six attempts.
_ATTEMPTS = 2


@dataclass(frozen=True)
class Choice:
    """One thing to choose: what goes into the request, and what tells it from others; `vpc` where it belongs to one."""

    value: str
    about: str = ""
    vpc: str = ""

    def __str__(self) -> str:
        return f"{self.value} ({self.about})" if self.about else self.value


@dataclass(frozen=True)
class _Kind:
    service: str
    action: str
    operation: str
    member: str
    read: Callable[[Mapping[str, Any]], Choice | None]


def _named(entry: Mapping[str, Any]) -> str:
    return next((tag["Value"] for tag in entry.get("Tags") or () if tag["Key"] == "Name"), "")


def _about(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)


def _vpc(entry: Mapping[str, Any]) -> Choice:
    default = "default VPC" if entry.get("IsDefault") else ""
    return Choice(entry["VpcId"], _about(_named(entry), entry.get("CidrBlock"), default))


def _subnet(entry: Mapping[str, Any]) -> Choice:
    about = _about(_named(entry), entry.get("AvailabilityZone"), entry.get("CidrBlock"))
    return Choice(entry["SubnetId"], about, entry["VpcId"])


def _group(entry: Mapping[str, Any]) -> Choice:
    return Choice(entry["GroupId"], _about(entry.get("GroupName")), entry.get("VpcId", ""))


def _endpoint(entry: Mapping[str, Any]) -> Choice | None:
    service = entry["ServiceName"].rpartition(".")[2]
    about = _about(_named(entry), service, entry.get("VpcEndpointType"))
    # Only endpoints for S3 can stand in a bucket policy.
    return Choice(entry["VpcEndpointId"], about, entry["VpcId"]) if service == "s3" else None


def _role(entry: Mapping[str, Any]) -> Choice | None:
    trusted = entry.get("AssumeRolePolicyDocument") or ""
    text = trusted if isinstance(trusted, str) else json.dumps(trusted)
    # Only a role that SageMaker may assume can be an execution role.
    return Choice(entry["Arn"]) if "sagemaker.amazonaws.com" in text else None


def _key(entry: Mapping[str, Any]) -> Choice | None:
    # The keys of AWS's own services, alias/aws/…, cannot be used for a labeling job's output or volumes.
    own = not entry["AliasName"].startswith("alias/aws/")
    return Choice(entry["AliasArn"]) if own and entry.get("TargetKeyId") else None


_KINDS: Mapping[str, _Kind] = {
    "vpcs": _Kind("ec2", "ec2:DescribeVpcs", "describe_vpcs", "Vpcs", _vpc),
    "subnets": _Kind("ec2", "ec2:DescribeSubnets", "describe_subnets", "Subnets", _subnet),
    "security groups": _Kind("ec2", "ec2:DescribeSecurityGroups", "describe_security_groups", "SecurityGroups", _group),
    "S3 endpoints": _Kind("ec2", "ec2:DescribeVpcEndpoints", "describe_vpc_endpoints", "VpcEndpoints", _endpoint),
    "work teams": _Kind(
        "sagemaker",
        "sagemaker:ListWorkteams",
        "list_workteams",
        "Workteams",
        lambda entry: Choice(entry["WorkteamName"], _about(entry.get("Description"))),
    ),
    "roles": _Kind("iam", "iam:ListRoles", "list_roles", "Roles", _role),
    "buckets": _Kind(
        "s3", "s3:ListAllMyBuckets", "list_buckets", "Buckets", lambda entry: Choice(f"s3://{entry['Name']}/")
    ),
    "SNS topics": _Kind("sns", "sns:ListTopics", "list_topics", "Topics", lambda entry: Choice(entry["TopicArn"])),
    "KMS keys": _Kind("kms", "kms:ListAliases", "list_aliases", "Aliases", _key),
    "Lambda functions": _Kind(
        "lambda",
        "lambda:ListFunctions",
        "list_functions",
        "Functions",
        lambda entry: Choice(entry["FunctionArn"], _about(entry.get("Runtime"))),
    ),
}
#: What can be asked for.
KINDS = tuple(_KINDS)


def choices(kind: str, session: Any = None, region: str | None = None) -> tuple[Choice, ...] | Unknown:
    """What there is of one of `KINDS`, at most `LONGEST`; Unknown with the reason where the session may not list it.

    Reads only, and asks no more often than the pages of one list need.
    """
    wanted = _KINDS[kind]
    try:
        asked = client(session, wanted.service, region, attempts=_ATTEMPTS)
        return known(wanted.action, lambda: tuple(_read(wanted, asked)))
    except AwsError as error:
        return Unknown(str(error))


def _read(kind: _Kind, asked: Any) -> Iterator[Choice]:
    for number, entry in enumerate(_entries(kind, asked)):
        if number >= LONGEST:
            return
        choice = kind.read(entry)
        if choice is not None:
            yield choice


def _entries(kind: _Kind, asked: Any) -> Iterator[Mapping[str, Any]]:
    if asked.can_paginate(kind.operation):
        for page in asked.get_paginator(kind.operation).paginate():
            yield from page.get(kind.member) or ()
    else:
        yield from getattr(asked, kind.operation)().get(kind.member) or ()
