"""HTTP/1.1 as tools of AWS speak it: a request's whole body in, an answer in one piece out."""

from __future__ import annotations

import io
from collections.abc import Mapping
from email.message import Message
from http.client import responses
from typing import BinaryIO

from botocore.compat import HTTPHeaders

from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.failures import ApiError

#: S3 itself takes 5 GiB in one piece; here a body stays in memory. Larger objects go up in parts, as tools send them.
LARGEST_BODY = 256 * 2**20
_LONGEST_LINE = 4096
#: What concerns one connection alone and is not passed on, and what only our own sessions may say.
_DROPPED = {
    "connection",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
_INTERNAL = ("x-gt-local-", "x-moto-")


def kept_headers(headers: Message) -> HTTPHeaders:
    """A request's headers without those of the connection and those that steer the local AWS from inside."""
    kept = HTTPHeaders()
    for name in dict.fromkeys(name.lower() for name in headers):
        if name not in _DROPPED and not name.startswith(_INTERNAL):
            kept[name] = ",".join(headers.get_all(name, []))
    return kept


def body_of(headers: Mapping[str, str], stream: BinaryIO, largest: int = LARGEST_BODY) -> bytes:
    """A request's body as it was before it was sent, in chunks or in one piece.

    Raises ApiError for one that is too large or badly framed, and EOFError when the sender goes away.
    """
    length, coding = headers.get("Content-Length"), headers.get("Transfer-Encoding")
    if coding is not None:
        if coding.strip().lower() != "chunked" or length is not None:
            raise _malformed(f"Transfer-Encoding {coding!r}")
        return _chunks(stream, largest)
    if length is None:
        return b""
    if not (length.isascii() and length.isdigit()):
        raise _malformed(f"Content-Length {length!r}")
    return _exactly(stream, _within(int(length), largest))


def without_aws_chunks(headers: HTTPHeaders, body: bytes) -> bytes:
    """A body without S3's own framing (aws-chunked); checksums that came behind it become headers.

    The framing is taken from the headers, too. Raises ApiError for a body that ends too early.
    """
    if not headers.get("x-amz-content-sha256", "").startswith("STREAMING-"):
        return body
    trailer: list[bytes] = []
    try:
        body = _chunks(io.BytesIO(body), LARGEST_BODY, trailer)
    except EOFError:
        message = "You did not provide the number of bytes specified by the Content-Length HTTP header."
        raise ApiError("IncompleteBody", message, 400) from None
    codings = [each.strip() for each in headers.get("Content-Encoding", "").split(",")]
    told = {
        "Content-Encoding": ",".join(each for each in codings if each != "aws-chunked"),
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        "x-amz-decoded-content-length": "",
        "x-amz-trailer": "",
        **dict(_header(line) for line in trailer if line.startswith(b"x-amz-checksum-")),
    }
    for name, value in told.items():
        del headers[name]
        if value:
            headers[name] = value
    return body


def _header(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("latin-1").partition(":")
    return name, value.strip()


def _chunks(stream: BinaryIO, largest: int, trailer: list[bytes] | None = None) -> bytes:
    body = bytearray()
    while size := _size(_line(stream)):
        body += _exactly(stream, _within(len(body) + size, largest) - len(body))
        if _line(stream):
            raise _malformed("the end of a chunk")
    for _ in range(100):
        if not (line := _line(stream)):
            return bytes(body)
        if trailer is not None:
            trailer.append(line)
    raise _malformed("the trailer")


def _size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not digits or digits.strip(b"0123456789abcdefABCDEF"):
        raise _malformed("the size of a chunk")
    return int(digits, 16)


def _line(stream: BinaryIO) -> bytes:
    line = stream.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise EOFError if len(line) < _LONGEST_LINE else _malformed("a line of the body")
    return line.rstrip(b"\r\n")


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _within(length: int, largest: int) -> int:
    if length > largest:
        message = f"The local AWS takes up to {largest} bytes in one request; send more in parts."
        raise ApiError("EntityTooLarge", message, 400)
    return length


def _malformed(what: str) -> ApiError:
    return ApiError("BadRequest", f"The local AWS cannot read the body of the request: {what}.", 400)


def as_sent(answer: Answer, *, head: bool, close: bool, date: str) -> bytes:
    """An answer as bytes: one piece, because a second packet would wait for the receipt of the first."""
    status, headers, body = answer
    bodiless = status in (204, 304) or status < 200
    told = {name.lower(): (name, value) for name, value in headers.items() if name.lower() not in _DROPPED}
    if bodiless:
        told.pop("content-length", None)
    elif not (head and "content-length" in told):
        # The length that HEAD tells is that of the object; a body is always as long as it is.
        told["content-length"] = ("Content-Length", str(len(body)))
    told.setdefault("date", ("Date", date))
    if close:
        told["connection"] = ("Connection", "close")
    lines = [f"HTTP/1.1 {status} {responses.get(status, '')}"]
    lines += [f"{name}: {_one_line(value)}" for name, value in told.values()]
    start = "\r\n".join([*lines, "", ""]).encode("utf-8")
    return start if head or bodiless else start + body


def _one_line(value: str) -> str:
    return "".join(" " if letter in "\r\n\0" else letter for letter in value)
