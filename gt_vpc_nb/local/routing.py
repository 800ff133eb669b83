"""Which service a request is for, and for which Region and whose key it was signed."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.limits import OPERATIONS, SERVICES
from gt_vpc_nb.local.s3_operations import is_s3

_SCOPE = re.compile(r"Credential=([^/,]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
_AWS_HOST = re.compile(r"(?:[\w.-]+\.)?amazonaws\.com(?:\.cn)?|(?:[\w.-]+\.)?api\.aws")
_READING = ("Get", "List", "Describe", "Simulate", "Generate")


def is_aws_host(host: str) -> bool:
    """Whether a host name is one of AWS's own."""
    return _AWS_HOST.fullmatch(host) is not None


def scope(request: AWSPreparedRequest, host: str) -> tuple[str, str | None, str | None]:
    """Service, Region and access key that a request was signed for; an unsigned request has neither of the last two."""
    signed = _SCOPE.search(request.headers.get("Authorization", ""))
    query = parse_qs(urlsplit(request.url).query)
    if signed is None and "X-Amz-Credential" in query:
        signed = _SCOPE.search(f"Credential={query['X-Amz-Credential'][0]}")
    if signed:
        return signed[3], signed[2], signed[1]
    if is_s3(host):
        old = re.match(r"AWS ([^:]+):", request.headers.get("Authorization", ""))
        key = old[1] if old else query.get("AWSAccessKeyId", [None])[0]
        return "s3", None, key
    return host.partition(".")[0], None, None


def changes(service: str, request: AWSPreparedRequest) -> bool:
    """Whether a request could change anything: all but the reads that can be told by their name or method."""
    named = "" if service == "s3" else target(request)
    named = named or ("" if service == "s3" else form_action(request.body))
    return (
        not named.startswith(("Get", "List", "Describe", "Render", "Simulate"))
        if named
        else request.method not in ("GET", "HEAD", "OPTIONS")
    )


def form_action(body: bytes) -> str:
    """The Action of a request in the query protocol, as of IAM, STS and EC2; empty for any other request."""
    return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]


def only_reads(body: bytes) -> bool:
    """Whether a request in the query protocol changes nothing."""
    return form_action(body).startswith(_READING)


def target(request: AWSPreparedRequest) -> str:
    """The operation of a request in the JSON protocols; empty for any other request."""
    return request.headers.get("X-Amz-Target", "").rpartition(".")[2]


def refuse_left_out(service: str, request: AWSPreparedRequest) -> None:
    """Raises ApiError 501 for what stands behind would answer, and not as AWS does: see `limits`."""
    if service not in SERVICES:
        message = f"The local AWS does not answer for {service}; LocalAws.not_simulated says what it leaves out."
        raise ApiError("UnsupportedOperation", message, 501)
    if service == "sagemaker" and target(request) not in OPERATIONS:
        message = f"The local AWS does not answer sagemaker {target(request)}; it answers Ground Truth's operations."
        raise ApiError("UnsupportedOperation", message, 501)
    if service == "iam" and any(
        each.startswith("arn:aws:iam::aws:policy/")
        for name in ("PolicyArn", "PermissionsBoundary")
        for each in parse_qs(request.body.decode("utf-8", "replace")).get(name, ())
    ):
        message = "The local AWS has none of the policies that AWS manages; put the statements as one of your own."
        raise ApiError("UnsupportedOperation", message, 501)
    if service == "ec2" and parse_qs(request.body.decode("utf-8", "replace")).get("DryRun") == ["true"]:
        message = (
            f"The local AWS does not answer ec2 {form_action(request.body)} with DryRun: it decides no permission."
        )
        raise ApiError("UnsupportedOperation", message, 501)
