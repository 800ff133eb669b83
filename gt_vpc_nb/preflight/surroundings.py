"""What a survey found around a labeling job, as one frozen value to save, send, edit and check."""

from __future__ import annotations

import json
from dataclasses import dataclass

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.preflight.surrounding_data import (
    Attribute,
    Bucket,
    CorsRule,
    Count,
    DataObject,
    Manifest,
    ManifestProblem,
    Notification,
    PublicAccessBlock,
    Rendered,
    RenderProblem,
    TextFile,
)
from gt_vpc_nb.preflight.surrounding_network import Endpoint, PrefixList, SecurityGroup, Subnet, TrafficRule, Vpc
from gt_vpc_nb.preflight.surrounding_people import (
    Caller,
    EarlierJob,
    JobInProgress,
    Key,
    LambdaFunction,
    MemberGroup,
    Model,
    Permission,
    Queue,
    Quota,
    Role,
    RolePolicy,
    Topic,
    Workforce,
    WorkTeam,
)
from gt_vpc_nb.preflight.unread import NOT_SURVEYED, Missing, Unknown
from gt_vpc_nb.preflight.written_values import read, written
from gt_vpc_nb.shown import page
from gt_vpc_nb.shown_text import told

__all__ = [
    "NOT_SURVEYED",
    "VERSION",
    "Attribute",
    "Bucket",
    "Caller",
    "CorsRule",
    "Count",
    "DataObject",
    "EarlierJob",
    "Endpoint",
    "JobInProgress",
    "Key",
    "LambdaFunction",
    "Manifest",
    "ManifestProblem",
    "MemberGroup",
    "Missing",
    "Model",
    "Notification",
    "Permission",
    "PrefixList",
    "PublicAccessBlock",
    "Queue",
    "Quota",
    "RenderProblem",
    "Rendered",
    "Role",
    "RolePolicy",
    "SecurityGroup",
    "Subnet",
    "Surroundings",
    "TextFile",
    "Topic",
    "TrafficRule",
    "Unknown",
    "Vpc",
    "WorkTeam",
    "Workforce",
]

VERSION = 2
_MARK = "gt_vpc_nb_surroundings"


@dataclass(frozen=True, repr=False)
class Surroundings:
    """Everything AWS knows that the preflight checks of one labeling job need; no secrets.

    None stands for "the request names no such thing"; `Missing` for what is not there; `Unknown` for what could not
    be read. Change it with `dataclasses.replace` to ask what would be if.

    `endpoints` are those of every service in the job's and the portal's VPCs. `vpcs` are the same VPCs. `keys`,
    `functions` and `topics` are those that the job names. `s3_prefix_list` None: no security group names a prefix
    list. `leftovers` are the first keys under the folder that the job would write, without the package's own files.
    `used_before` tells whether the account has a labeling job already. `quotas` are those of instances for automated
    labeling, and those with labeling in their name.
    """

    place: str
    region: str
    account: str
    taken_at: str = ""
    caller: Caller | Unknown = NOT_SURVEYED
    buckets: tuple[Bucket, ...] = ()
    manifest: Manifest | Missing | Unknown | None = None
    data_objects: tuple[DataObject, ...] = ()
    sequence_files: tuple[TextFile, ...] = ()
    category_file: TextFile | None = None
    template: TextFile | None = None
    rendered: Rendered | Unknown | None = None
    leftovers: tuple[str, ...] | Unknown = NOT_SURVEYED
    vpcs: tuple[Vpc, ...] | Unknown = ()
    subnets: tuple[Subnet, ...] | Unknown = ()
    security_groups: tuple[SecurityGroup, ...] | Unknown = ()
    endpoints: tuple[Endpoint, ...] | Unknown = ()
    s3_prefix_list: PrefixList | None | Unknown = None
    role: Role | Missing | Unknown | None = None
    keys: tuple[Key, ...] = ()
    work_team: WorkTeam | Missing | Unknown | None = None
    workforce: Workforce | Missing | Unknown | None = None
    same_name_job: str | None | Unknown = None
    jobs_in_progress: tuple[JobInProgress, ...] | Unknown = NOT_SURVEYED
    used_before: bool | Unknown = NOT_SURVEYED
    earlier_jobs: tuple[EarlierJob, ...] = ()
    initial_model: Model | None = None
    functions: tuple[LambdaFunction, ...] = ()
    topics: tuple[Topic, ...] = ()
    queue: Queue | Missing | Unknown | None = None
    quotas: tuple[Quota, ...] | Unknown = NOT_SURVEYED

    def bucket(self, name: str) -> Bucket:
        """The bucket of that name; one that was not surveyed is Unknown throughout."""
        unseen = Unknown(f"s3://{name} was not surveyed")
        known = {bucket.name: bucket for bucket in self.buckets}
        return known.get(name) or Bucket(name, *[unseen] * 9)

    @property
    def s3_endpoints(self) -> tuple[Endpoint, ...] | Unknown:
        """The endpoints that lead to S3."""
        known = self.endpoints
        return known if isinstance(known, Unknown) else tuple(each for each in known if each.is_s3)

    def vpc(self, id: str) -> Vpc | Unknown:
        """The VPC of that id, or why it is not known."""
        if isinstance(self.vpcs, Unknown):
            return self.vpcs
        return next((each for each in self.vpcs if each.id == id), Unknown(f"{id} was not surveyed"))

    def key(self, name: str) -> Key:
        """The KMS key that goes by that name or ARN; one that was not surveyed is Unknown throughout."""
        unseen = Unknown(f"the KMS key {name} was not surveyed")
        found = (each for each in self.keys if name in (each.name, each.arn))
        return next(found, Key(name, unseen, unseen, unseen, unseen))

    def function(self, arn: str) -> LambdaFunction:
        """The Lambda function of that ARN; one that was not surveyed is Unknown throughout."""
        unseen = Unknown(f"{arn} was not surveyed")
        return next(
            (each for each in self.functions if each.arn == arn),
            LambdaFunction(arn, unseen, role=unseen, policy=unseen),
        )

    def topic(self, arn: str) -> Topic:
        """The SNS topic of that ARN; one that was not surveyed is Unknown throughout."""
        unseen = Unknown(f"{arn} was not surveyed")
        return next((each for each in self.topics if each.arn == arn), Topic(arn, unseen, unseen, unseen))

    def earlier_job(self, name: str) -> EarlierJob:
        """The earlier job of that name; one that was not surveyed is Unknown."""
        unseen = EarlierJob(name, Unknown(f"the labeling job {name} was not surveyed"))
        return next((each for each in self.earlier_jobs if each.name == name), unseen)

    def __repr__(self) -> str:
        from gt_vpc_nb.preflight.surroundings_look import answer, lines

        return told(answer(self), lines(self))

    def _repr_html_(self) -> str:
        from gt_vpc_nb.preflight.surroundings_look import answer, parts

        return page(answer(self), *parts(self))

    def to_json(self) -> str:
        """JSON text that `from_json` reads back to an equal value."""
        return json.dumps({_MARK: VERSION, **written(self)}, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Surroundings:
        """Reads what `to_json` wrote. Raises RequestError for other JSON, and for another version's."""
        try:
            document = json.loads(text)
            version = document.pop(_MARK)
            if version != VERSION:
                raise RequestError(
                    f"This survey has version {version}, and this package reads version {VERSION}; survey again."
                )
            return read(cls, document)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            if isinstance(error, RequestError):
                raise
            said = f"a survey has no part {error}" if isinstance(error, KeyError) else error
            raise RequestError(
                f"This is not a survey's JSON ({said}); give what Surroundings.to_json() wrote."
            ) from error
