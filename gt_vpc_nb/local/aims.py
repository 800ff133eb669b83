"""What a request asks for, as services and operations, and what a fault aims at."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import UnknownServiceError

from gt_vpc_nb.errors import LocalAwsError, near_miss
from gt_vpc_nb.local.carrying import service_models
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.routing import form_action
from gt_vpc_nb.local.s3_operations import ACTIONS, read

_FORM = re.compile(r"(\*|[a-z0-9-]+):([A-Za-z0-9*?]+)")


@dataclass(frozen=True)
class Asked:
    """One thing a request asks for: ``s3:GetObject`` on a bucket and key, or ``sagemaker:DescribeLabelingJob``."""

    action: str
    bucket: str = ""
    key: str = ""


def asked_of(service: str, request: AWSPreparedRequest) -> tuple[Asked, ...]:
    """What a request asks for: S3 in IAM's names, other services in their operations' names.

    >>> from botocore.awsrequest import AWSPreparedRequest
    >>> asked_of("s3", AWSPreparedRequest("HEAD", "https://s3.amazonaws.com/signs-in/1.png", {}, b"", False))
    (Asked(action='s3:GetObject', bucket='signs-in', key='1.png'),)
    """
    if service != "s3":
        named = request.headers.get("X-Amz-Target", "").rpartition(".")[2] or form_action(request.body)
        return (Asked(f"{service}:{named}"),)
    try:
        found = read(request)
    except ApiError:
        return (Asked("s3:"),)
    return tuple(Asked(ask.action, ask.bucket, ask.key) for ask in found.asks) or (Asked("s3:"),)


@dataclass(frozen=True)
class Aim:
    """What a fault strikes: an action with wildcards, in a bucket, at a key; of callers, or of the labeling jobs."""

    action: str
    bucket: str | None = None
    key: str | None = None
    on: str = "callers"

    def hits(self, asked: Asked) -> bool:
        """Whether this is what the fault is after; actions whatever their case, as IAM has it."""
        if not fnmatchcase(asked.action.lower(), self.action.lower()):
            return False
        wanted = ((self.bucket, asked.bucket), (self.key, asked.key))
        return all(pattern is None or fnmatchcase(given, pattern) for pattern, given in wanted)

    def __str__(self) -> str:
        where = f" on {self.bucket or '*'}/{self.key or '*'}" if self.bucket or self.key else ""
        return f"{self.action}{where}{' of labeling jobs' if self.on == 'jobs' else ''}"


def aimed(action: str, bucket: str | None, key: str | None, on: str) -> Aim:
    """An aim that can be met. Raises LocalAwsError for an action no service has, or a narrowing that means nothing."""
    if on not in ("callers", "jobs"):
        raise LocalAwsError(f"on={on!r} is nobody; give 'callers' or 'jobs', whose own reads and writes are meant.")
    if action != "*":
        _check_action(action)
    for name, given in (("bucket", bucket), ("key", key)):
        if given is not None and not (isinstance(given, str) and given):
            raise LocalAwsError(f"{name}={given!r} is no name; give a {name}, or leave it out.")
    if (bucket or key) and not fnmatchcase("s3", action.partition(":")[0]):
        raise LocalAwsError(f"{action} has no bucket and no key; leave out bucket= and key=.")
    return Aim(action, bucket, key, on)


def _check_action(action: str) -> None:
    parts = _FORM.fullmatch(str(action))
    if parts is None:
        raise LocalAwsError(f"{action!r} is no action; write it as service:Operation, like s3:GetObject or s3:*.")
    service, operation = parts.groups()
    known = _operations(service)
    if not any(fnmatchcase(each.lower(), operation.lower()) for each in known):
        raise LocalAwsError(f"{service} has no {operation}{near_miss(operation, known) or '; see its API reference.'}")


def _operations(service: str) -> Collection[str]:
    if service == "*":
        return ("",)
    if service == "s3":
        return [action.partition(":")[2] for action in ACTIONS]
    try:
        return service_models().load_service_model(service, "service-2")["operations"]
    except UnknownServiceError:
        known = service_models().list_available_services("service-2")
        hint = near_miss(service, known) or "; see boto3's list of services"
        raise LocalAwsError(f"AWS has no service {service!r}{hint}.") from None
