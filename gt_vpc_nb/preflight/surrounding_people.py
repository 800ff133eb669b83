"""The people part of a survey: roles, the caller, keys, work team and workforce, other jobs, functions and topics."""

from __future__ import annotations

from dataclasses import dataclass

from gt_vpc_nb.preflight.unread import NOT_SURVEYED, Missing, Unknown


@dataclass(frozen=True)
class RolePolicy:
    """An identity policy of a role; `arn` is empty for an inline one."""

    name: str
    document: str
    arn: str = ""


@dataclass(frozen=True)
class Role:
    """A role: the ARN AWS knows it by, its trust policy, its identity policies, its permissions boundary (or None)."""

    arn: str
    trust: str
    policies: tuple[RolePolicy, ...] | Unknown = ()
    boundary: RolePolicy | None | Unknown = None


@dataclass(frozen=True)
class Permission:
    """What IAM's simulator says of one action of the caller: allowed, explicitDeny or implicitDeny."""

    action: str
    resource: str
    decision: str


@dataclass(frozen=True)
class Caller:
    """Who surveyed: the ARN that STS tells, and, for an assumed role, the role's own ARN with its path.

    `principal` is what aws:PrincipalArn holds in the caller's requests.
    """

    arn: str
    account: str
    principal: str | Unknown = NOT_SURVEYED
    permissions: tuple[Permission, ...] | Unknown = NOT_SURVEYED

    def may(self, action: str, resource: str | None = None) -> bool | Unknown:
        """Whether the caller may do an action, as the simulator said."""
        if isinstance(self.permissions, Unknown):
            return self.permissions
        found = [
            each.decision == "allowed"
            for each in self.permissions
            if each.action == action and resource in (None, each.resource)
        ]
        return all(found) if found else Unknown(f"{action} was not simulated")


@dataclass(frozen=True)
class Key:
    """A KMS key that the request, a bucket, an object or a topic names; `name` is as it is named there.

    `manager` is AWS or CUSTOMER, `state` as in Enabled; Missing where there is no such key.
    """

    name: str
    arn: str | Missing | Unknown
    state: str | Unknown = NOT_SURVEYED
    manager: str | Unknown = NOT_SURVEYED
    policy: str | Unknown = NOT_SURVEYED

    @property
    def region(self) -> str:
        """The key's Region by its ARN; empty where that is not known."""
        return self.arn.split(":")[3] if isinstance(self.arn, str) and self.arn.count(":") >= 5 else ""


@dataclass(frozen=True)
class MemberGroup:
    """A group of workers of a work team; `people` are counted for Amazon Cognito groups, where that may be read."""

    name: str
    provider: str = "cognito"
    user_pool: str = ""
    people: int | Unknown = NOT_SURVEYED


@dataclass(frozen=True)
class WorkTeam:
    """The job's work team: how many groups of workers, and how presigned URLs are bound to the worker's address.

    `source_ip` and `vpc_source_ip` are Enabled or Disabled, None where the team says nothing.
    """

    arn: str
    members: int = 1
    groups: tuple[MemberGroup, ...] = ()
    source_ip: str | None | Unknown = None
    vpc_source_ip: str | None | Unknown = None
    workforce: str = ""


@dataclass(frozen=True)
class Workforce:
    """The private workforce behind the team: its status, and the VPC its worker portal is bound to (None: none)."""

    name: str
    status: str
    vpc: str | None = None
    source_cidrs: tuple[str, ...] = ()
    arn: str = ""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    endpoint: str | None = None
    identity_provider: str = ""
    failure_reason: str = ""


@dataclass(frozen=True)
class JobInProgress:
    """A labeling job that is Initializing, InProgress or Stopping, with the buckets it uses."""

    name: str
    status: str
    buckets: tuple[str, ...] | Unknown = ()


@dataclass(frozen=True)
class EarlierJob:
    """A job whose labels the manifest holds, or whose model this one starts from; `status` Missing: it is gone.

    `annotation_type` is what its label category file says, BoundingBox where it says nothing; read for video frames.
    """

    name: str
    status: str | Missing | Unknown
    label_attribute: str = ""
    pre_lambda: str = ""
    human_task_ui: str = ""
    label_categories: str = ""
    output_manifest: str = ""
    final_model: str = ""
    annotation_type: str | Missing | Unknown = NOT_SURVEYED


@dataclass(frozen=True)
class Model:
    """The model that automated labeling starts from; `exists` Missing: there is none of that ARN."""

    arn: str
    exists: bool | Unknown


@dataclass(frozen=True)
class LambdaFunction:
    """A Lambda function of a custom workflow; `state` as in Active, Missing where there is no such function.

    `role` is its own execution role; `policy` the text of its resource policy (None: it has none).
    """

    arn: str
    state: str | Missing | Unknown
    runtime: str = ""
    role: Role | Missing | Unknown | None = None
    policy: str | None | Unknown = None


@dataclass(frozen=True)
class Topic:
    """An SNS topic of a streaming job; `kms_key` None: not encrypted."""

    arn: str
    exists: bool | Unknown
    policy: str | None | Unknown = None
    kms_key: str | None | Unknown = None


@dataclass(frozen=True)
class Queue:
    """The SQS queue that a streaming job of that name would have, or left behind."""

    name: str
    url: str


@dataclass(frozen=True)
class Quota:
    """A service quota of SageMaker's that is applied to the account, by AWS's name and code."""

    name: str
    value: float
    code: str = ""
