"""What a survey found around a labeling job, as one frozen value to save, send, edit and check."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from gt_vpc_nb.errors import RequestError

VERSION = 1
_MARK = "gt_vpc_nb_surroundings"


@dataclass(frozen=True)
class Unknown:
    """What the survey was not allowed, or not able, to read; `reason` names the error and the action."""

    reason: str


@dataclass(frozen=True)
class Missing:
    """What AWS says is not there; `reason` names it."""

    reason: str


@dataclass(frozen=True)
class CorsRule:
    """One rule of a bucket's CORS configuration."""

    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bucket:
    """One bucket: its Region, its policy's text (None: it has none), its CORS rules, its default encryption."""

    name: str
    region: str | Missing | Unknown
    policy: str | None | Unknown = None
    cors: tuple[CorsRule, ...] | Unknown = ()
    encryption: str | None | Unknown = None


@dataclass(frozen=True)
class Manifest:
    """An input manifest: how many data objects, and its first lines.

    Bytes that are not UTF-8 are kept in `sample` as lone surrogates.
    """

    uri: str
    objects: int
    sample: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataObject:
    """One data object that a sampled line names, and whether it is there."""

    uri: str
    exists: bool | Unknown


@dataclass(frozen=True)
class Subnet:
    """A subnet of the VpcConfig, with the route table that rules it."""

    id: str
    vpc: str
    route_table: str | Unknown
    free_addresses: int = 0


@dataclass(frozen=True)
class SecurityGroup:
    """A security group of the VpcConfig."""

    id: str
    vpc: str


@dataclass(frozen=True)
class Endpoint:
    """A VPC endpoint for S3."""

    id: str
    vpc: str
    service: str
    kind: str
    state: str
    route_tables: tuple[str, ...] = ()
    policy: str | None = None


@dataclass(frozen=True)
class RolePolicy:
    """An identity policy of the execution role, inline or attached."""

    name: str
    document: str


@dataclass(frozen=True)
class Role:
    """The execution role: the ARN AWS knows it by, its trust policy and its identity policies."""

    arn: str
    trust: str
    policies: tuple[RolePolicy, ...] | Unknown = ()


@dataclass(frozen=True)
class WorkTeam:
    """The job's work team."""

    arn: str
    members: int = 1


@dataclass(frozen=True)
class Workforce:
    """The private workforce behind the team: its status, and the VPC its worker portal is bound to (None: none)."""

    name: str
    status: str
    vpc: str | None = None
    source_cidrs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """Everything AWS knows that the preflight checks of one labeling job need; no secrets.

    None stands for "the request names no such thing"; `Missing` for what is not there; `Unknown` for what could not
    be read. Change it with `dataclasses.replace` to ask what would be if.
    """

    place: str
    region: str
    account: str
    taken_at: str = ""
    buckets: tuple[Bucket, ...] = ()
    manifest: Manifest | Missing | Unknown | None = None
    data_objects: tuple[DataObject, ...] = ()
    subnets: tuple[Subnet, ...] | Unknown = ()
    security_groups: tuple[SecurityGroup, ...] | Unknown = ()
    endpoints: tuple[Endpoint, ...] | Unknown = ()
    role: Role | Missing | Unknown | None = None
    work_team: WorkTeam | Missing | Unknown | None = None
    workforce: Workforce | Missing | Unknown | None = None
    same_name_job: str | None | Unknown = None

    def bucket(self, name: str) -> Bucket:
        """The bucket of that name; one that was not surveyed is Unknown throughout."""
        unseen = Unknown(f"s3://{name} was not surveyed")
        known = {bucket.name: bucket for bucket in self.buckets}
        return known.get(name) or Bucket(name, unseen, unseen, unseen, unseen)

    def to_json(self) -> str:
        """JSON text that `from_json` reads back to an equal value."""
        return json.dumps({_MARK: VERSION, **_written(self)}, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Surroundings:
        """Reads what `to_json` wrote. Raises RequestError for other JSON, and for another version's."""
        try:
            document = json.loads(text)
            version = document.pop(_MARK, None)
            if version != VERSION:
                raise RequestError(
                    f"This survey has version {version}, and this package reads version {VERSION}; survey again."
                )
            return _read(cls, document)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            if isinstance(error, RequestError):
                raise
            raise RequestError(
                f"This is not a survey's JSON ({error}); give what Surroundings.to_json() wrote."
            ) from error


def _written(value: Any) -> Any:
    if isinstance(value, Unknown | Missing):
        return {type(value).__name__.lower(): value.reason}
    if is_dataclass(value):
        return {field.name: _written(getattr(value, field.name)) for field in fields(value)}
    return [_written(each) for each in value] if isinstance(value, tuple) else value


def _read(kind: Any, value: Any) -> Any:
    """A JSON value as the type hint `kind`: the hints of the dataclasses are the one description of the format."""
    if isinstance(kind, types.UnionType):
        return _read_union(typing.get_args(kind), value)
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise TypeError(f"a list is wanted, not {value!r}")
        return tuple(_read(typing.get_args(kind)[0], each) for each in value)
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{name: _read(hints[name], each) for name, each in value.items()})
    if kind is not type(value):
        raise TypeError(f"{kind.__name__} is wanted, not {value!r}")
    return value


def _read_union(kinds: tuple[Any, ...], value: Any) -> Any:
    for gap in (Unknown, Missing):
        if gap in kinds and isinstance(value, dict) and set(value) == {gap.__name__.lower()}:
            return gap(value[gap.__name__.lower()])
    if value is None and type(None) in kinds:
        return None
    return _read(next(kind for kind in kinds if kind not in (Unknown, Missing, type(None))), value)
