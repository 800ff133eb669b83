"""DeleteObjects: each object is decided on its own, and the denied ones are left and named in the answer."""

from __future__ import annotations

from collections.abc import Callable
from xml.sax.saxutils import escape

from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.local.answers import xml_answer
from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.s3_operations import Ask, S3Request, keys_to_delete, without


def delete_many(
    request: AWSPreparedRequest,
    asked: S3Request,
    check: Callable[[Ask], None],
    pass_on: Callable[[AWSPreparedRequest], Answer],
) -> Answer:
    """The answer to DeleteObjects. `check` raises ApiError for what may not be deleted; the rest is passed on."""
    denied: dict[tuple[str, str], str] = {}
    wanted = keys_to_delete(request.body)
    for key, version in wanted:
        action = "s3:DeleteObjectVersion" if version else "s3:DeleteObject"
        try:
            check(Ask(action, asked.bucket, key, asked.asks[0].context))
        except ApiError as error:
            denied[(key, version)] = error.message
    if not denied:
        return pass_on(request)
    told = "".join(_delete_error(key, version, message) for (key, version), message in denied.items())
    if len(denied) == len(set(wanted)):
        return xml_answer(f'<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{told}</DeleteResult>')
    status, headers, body = pass_on(_with_body(request, without(request.body, set(denied))))
    headers = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    return status, headers, body.replace(b"</DeleteResult>", f"{told}</DeleteResult>".encode())


def _with_body(request: AWSPreparedRequest, body: bytes) -> AWSPreparedRequest:
    """The request with another body, and without the digests of the old one."""
    for name in ("Content-MD5", "Content-Length", "x-amz-checksum-crc32", "x-amz-content-sha256"):
        del request.headers[name]
    request.headers["Content-Length"] = str(len(body))
    return AWSPreparedRequest(request.method, request.url, request.headers, body, request.stream_output)


def _delete_error(key: str, version: str, message: str) -> str:
    told = f"<VersionId>{escape(version)}</VersionId>" if version else ""
    code = "<Code>AccessDenied</Code>"
    return f"<Error><Key>{escape(key)}</Key>{told}{code}<Message>{escape(message)}</Message></Error>"
