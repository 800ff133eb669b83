"""What somebody does to the local AWS at a moment of the simulated time, in the middle of a labeling job."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.origin import Caller

if TYPE_CHECKING:
    from gt_vpc_nb.local.door import LocalAws

_OBJECT = re.compile(r"s3://([^/]+)/(.+)", re.DOTALL)
_ROLE = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/(?:.+/)?([^/]+)")


@dataclass(frozen=True, eq=False)
class Planned:
    """One thing that is to happen; `facts` are its arguments, None for a function of the caller's own."""

    when: datetime
    what: str
    facts: Mapping[str, Any] | None
    number: int = 0

    def __str__(self) -> str:
        told = " ".join(str(value) for name, value in (self.facts or {}).items() if name != "policy")
        return " ".join(filter(None, [self.what.replace("_", " "), told, f"at {self.when:%Y-%m-%d %H:%M:%S} UTC"]))


class Upheavals:
    """What is planned for a local AWS, and has not happened yet."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self._waiting: dict[Planned, Callable[[], None]] = {}
        self._planned = 0

    @property
    def waiting(self) -> tuple[Planned, ...]:
        """What has not happened yet, in the order it was planned."""
        return tuple(self._waiting)

    def later(self, do: Callable[[], object], after: timedelta) -> Callable[[], None]:
        """Plans the caller's own function; the answer calls it off."""
        if not callable(do):
            raise LocalAwsError(f"{do!r} cannot be called; give a function without arguments, like lambda: …")
        return self._put(Planned(self._moment(after), "call your function", None), do)

    def plan(self, what: str, facts: Mapping[str, Any], after: timedelta) -> Callable[[], None]:
        """Plans one of the table below; the answer calls it off. Raises LocalAwsError for what cannot be named."""
        _CHECKS[what](**facts)
        self._planned += 1
        planned = Planned(self._moment(after), what, facts, self._planned)
        self._aws.history.add("plan", what=what, facts=dict(facts), seconds=after.total_seconds())
        return self._put(planned, partial(self._do, planned))

    def cancel(self, number: int) -> None:
        """Calls off what was planned as the so-manieth of the table below."""
        for planned in self.waiting:
            if planned.number == number:
                self._call_off(planned)

    def clear(self) -> None:
        """Calls off everything that has not happened yet."""
        for planned in self.waiting:
            self._call_off(planned)

    def _moment(self, after: timedelta) -> datetime:
        if after < timedelta(0):
            raise LocalAwsError(f"The time is {after}; give a duration of zero or more.")
        return self._aws.clock.now() + after

    def _put(self, planned: Planned, do: Callable[[], object]) -> Callable[[], None]:
        def happen() -> None:
            self._waiting.pop(planned, None)
            do()

        self._waiting[planned] = self._aws.clock.at(planned.when, happen)
        return partial(self._call_off, planned)

    def _call_off(self, planned: Planned) -> None:
        if planned in self._waiting:
            self._waiting.pop(planned)()
            if planned.number:
                self._aws.history.add("cancel", number=planned.number)

    def _do(self, planned: Planned) -> None:
        try:
            _DOING[planned.what](self._aws, **(planned.facts or {}))
        except (ApiError, ClientError) as error:
            raise LocalAwsError(f"What was planned cannot be done ({planned}): {error}") from error


def _put_policy(aws: LocalAws, bucket: str, policy: str | Mapping[str, Any] | None) -> None:
    owner = aws.gate.buckets.get(bucket)
    account = owner.account if owner else aws.account
    text = "" if policy is None else policy if isinstance(policy, str) else json.dumps(policy)
    headers = HTTPHeaders()
    headers["Content-Length"] = str(len(text.encode()))
    method, url = ("PUT" if text else "DELETE"), f"https://s3.{aws.region}.amazonaws.com/{bucket}?policy"
    # The root of the bucket's owner may always write its policy, whatever the policy says.
    root = Caller(f"arn:aws:iam::{account}:root", account, aws.region)
    aws.gate.answer(AWSPreparedRequest(method, url, headers, text.encode(), False), root)


def _delete_object(aws: LocalAws, uri: str) -> None:
    bucket, key = _named_object(uri)
    owner = aws.gate.buckets.get(bucket)
    if owner is None:
        raise ApiError("NoSuchBucket", "The specified bucket does not exist", 404)
    aws.backstage("s3", owner.account).delete_object(Bucket=bucket, Key=key)
    aws.gate.kept.gone(bucket, key)


def _remove_role(aws: LocalAws, role: str) -> None:
    account, name = _named_role(role)
    iam = aws.backstage("iam", account)
    for each in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=each)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    with suppress(iam.exceptions.NoSuchEntityException):
        iam.delete_role(RoleName=name)
    aws.identities.forget()


def _named_object(uri: str) -> tuple[str, str]:
    named = _OBJECT.fullmatch(str(uri))
    if named is None:
        raise LocalAwsError(f"{uri!r} is no object; write it as s3://bucket/key.")
    return named[1], named[2]


def _named_role(role: str) -> tuple[str, str]:
    named = _ROLE.fullmatch(str(role))
    if named is None:
        raise LocalAwsError(f"{role!r} is no role; give its ARN, like arn:aws:iam::111122223333:role/Labeler.")
    return named[1], named[2]


def _named_bucket(bucket: str, policy: object) -> None:
    if not isinstance(bucket, str) or not bucket or not isinstance(policy, str | Mapping | None):
        raise LocalAwsError(f"bucket={bucket!r}: give a bucket's name, and its policy as text, as a dict, or as None.")


_CHECKS: dict[str, Callable[..., object]] = {
    "put_policy": _named_bucket,
    "delete_object": _named_object,
    "remove_role": _named_role,
}
_DOING: dict[str, Callable[..., None]] = {
    "put_policy": _put_policy,
    "delete_object": _delete_object,
    "remove_role": _remove_role,
}
