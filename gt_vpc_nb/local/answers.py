"""Answers in the wire formats of AWS's services."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import Shape

from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.failures import ApiError

_REQUESTS = itertools.count(1)


def request_id() -> str:
    """A new request id; the ids of a process are the same on every run."""
    digest = hashlib.sha256(f"request {next(_REQUESTS)}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def json_answer(result: Mapping[str, Any]) -> Answer:
    """awsJson1.1: times become seconds since 1970."""
    body = json.dumps(result, default=_epoch, ensure_ascii=False).encode()
    return 200, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": request_id()}, body


def xml_answer(body: str, status: int = 200) -> Answer:
    """An XML document, with S3's request id headers."""
    headers = {"Content-Type": "application/xml", "x-amz-request-id": request_id(), "x-amz-id-2": "local"}
    return status, headers, f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode()


def error_answer(error: ApiError, service: str, headers: Mapping[str, str], *, head: bool = False) -> Answer:
    """The error in the protocol the request was written in; a HEAD request gets no body."""
    if service == "s3":
        told = {"x-amz-request-id": request_id(), **error.headers}
        return (error.status, told, b"") if head else _s3_error(error)
    lowered = {name.lower(): value for name, value in headers.items()}
    kind = lowered.get("content-type", "")
    if "cbor" in lowered.get("smithy-protocol", ""):
        return _cbor_error(error)
    if kind.startswith("application/x-www-form-urlencoded"):
        return _ec2_error(error) if service == "ec2" else _query_error(error)
    return _json_error(error)


def _s3_error(error: ApiError) -> Answer:
    told = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    status, own, body = xml_answer(f"<Error>{told}<RequestId>{request_id()}</RequestId></Error>", error.status)
    return status, {**own, **error.headers}, body


def _query_error(error: ApiError) -> Answer:
    told = f"<Type>Sender</Type><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    return xml_answer(
        f"<ErrorResponse><Error>{told}</Error><RequestId>{request_id()}</RequestId></ErrorResponse>", error.status
    )


def _ec2_error(error: ApiError) -> Answer:
    told = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    return xml_answer(
        f"<Response><Errors><Error>{told}</Error></Errors><RequestID>{request_id()}</RequestID></Response>",
        error.status,
    )


def _json_error(error: ApiError) -> Answer:
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "x-amzn-RequestId": request_id(),
        "x-amzn-ErrorType": error.code,
    }
    return error.status, headers, json.dumps({"__type": error.code, "message": error.message}).encode()


def _cbor_error(error: ApiError) -> Answer:
    body = b"\xa2" + b"".join(map(_cbor_text, ("__type", error.code, "message", error.message)))
    headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "x-amzn-RequestId": request_id()}
    return error.status, headers, body


def _cbor_text(text: str) -> bytes:
    data = text.encode()
    return b"\x7a" + len(data).to_bytes(4, "big") + data


def with_times(shape: Shape | None, value: Any) -> Any:
    """A JSON request's values as boto3 had them: numbers where the service's model wants a time become datetimes."""
    if shape is None or value is None:
        return value
    if shape.type_name == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if shape.type_name == "structure" and isinstance(value, dict):
        return {name: with_times(shape.members.get(name), each) for name, each in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [with_times(shape.member, each) for each in value]
    return value


def _epoch(value: object) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} has no place in an answer")
