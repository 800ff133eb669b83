"""What IAM holds about a principal: the policies it carries, and what bounds them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy import Policy


@dataclass(frozen=True)
class Carried:
    """What IAM holds about a principal: its unique id, its policies, and its permissions boundary if it has one.

    `undecided` says why nothing can be decided about it, where that is so.
    """

    user_id: str
    policies: tuple[Policy, ...]
    undecided: str = ""
    boundary: Policy | None = None

    @property
    def limits(self) -> dict[str, Any]:
        """What `evaluate` is given about it besides its policies."""
        return {} if self.boundary is None else {"permissions_boundary": self.boundary}


def carried_by_user(iam: Any, user: dict[str, Any]) -> Carried:
    """What a user carries, its groups' policies among it; `user` is IAM's answer."""
    return _carried(iam, user["UserId"], user, _of_user(iam, user["UserName"]))


def carried_by_role(iam: Any, role: dict[str, Any], session: str) -> Carried:
    """What a session of a role carries; `role` is IAM's answer."""
    return _carried(iam, f"{role['RoleId']}:{session}", role, _of_role(iam, role["RoleName"]))


def _carried(iam: Any, user_id: str, held: dict[str, Any], policies: Iterator[Policy]) -> Carried:
    boundary = held.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    try:
        return Carried(user_id, tuple(policies), boundary=_managed(iam, boundary) if boundary else None)
    except ClientError as missing:
        return Carried(user_id, (), f"a managed policy of the principal is not there: {missing}")
    except PolicyError as unread:
        return Carried(user_id, (), f"an identity policy of the principal cannot be read: {unread}")


def _of_role(iam: Any, name: str) -> Iterator[Policy]:
    for each in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        yield Policy.parse(iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"], kind="identity")
    yield from _attached(iam, iam.list_attached_role_policies(RoleName=name))


def _of_user(iam: Any, name: str) -> Iterator[Policy]:
    for each in iam.list_user_policies(UserName=name)["PolicyNames"]:
        yield Policy.parse(iam.get_user_policy(UserName=name, PolicyName=each)["PolicyDocument"], kind="identity")
    yield from _attached(iam, iam.list_attached_user_policies(UserName=name))
    for group in iam.list_groups_for_user(UserName=name)["Groups"]:
        own = group["GroupName"]
        for each in iam.list_group_policies(GroupName=own)["PolicyNames"]:
            yield Policy.parse(iam.get_group_policy(GroupName=own, PolicyName=each)["PolicyDocument"], kind="identity")
        yield from _attached(iam, iam.list_attached_group_policies(GroupName=own))


def _attached(iam: Any, listed: dict[str, Any]) -> Iterator[Policy]:
    for each in listed["AttachedPolicies"]:
        yield _managed(iam, each["PolicyArn"])


def _managed(iam: Any, arn: str) -> Policy:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    held = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
    return Policy.parse(held["Document"], kind="identity")
