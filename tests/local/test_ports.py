"""The ports of the local AWS, letter by letter: what HTTP allows, and who is let in."""

from __future__ import annotations

import contextlib
import io
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.serving import Places
from gt_vpc_nb.local.wire import body_of
from tests.local.callers import ONLY_FROM_VPC, VPCE, by_hand, client, fetch, signed

pytestmark = pytest.mark.sockets


@pytest.fixture
def aws() -> LocalAws:
    aws = LocalAws(seed=7)
    aws.session().client("s3").create_bucket(Bucket="signs-in")
    return aws


@pytest.fixture
def places(aws: LocalAws) -> Iterator[Places]:
    with aws.serve() as places:
        yield places


# -- HTTP -----------------------------------------------------------------------------------------


def test_a_sender_that_waits_is_told_to_go_on_and_an_empty_body_is_one(places: Places) -> None:
    head = f"PUT /signs-in/a HTTP/1.1\nHost: {{host}}\n{signed(places.env())}\n"
    answer = by_hand(places.url(), f"{head}Expect: 100-continue\nContent-Length: 5", b"hello")
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert by_hand(places.url(), f"{head}Content-Length: 0").startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_head_request_is_answered_without_a_body(places: Places) -> None:
    answer = by_hand(places.url(), f"HEAD /signs-in/none HTTP/1.1\nHost: {{host}}\n{signed(places.env())}")
    assert answer.startswith(b"HTTP/1.1 404 Not Found\r\n") and answer.endswith(b"\r\n\r\n")


UNSIGNED_CHUNKS = b"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"
SIGNED_CHUNKS = b"b;chunk-signature=00\r\nhello world\r\n0;chunk-signature=00\r\n\r\n"
AWS_CHUNKED = {
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER": UNSIGNED_CHUNKS,
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": SIGNED_CHUNKS,
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": SIGNED_CHUNKS[:-2]
    + b"x-amz-checksum-crc32:DUoRhQ==\r\nx-amz-trailer-signature:00\r\n\r\n",
}


@pytest.mark.parametrize("kind", AWS_CHUNKED)
@pytest.mark.parametrize("coding", ["Content-Length", "Transfer-Encoding"])
def test_a_body_in_chunks_arrives_whole(aws: LocalAws, places: Places, kind: str, coding: str) -> None:
    body = AWS_CHUNKED[kind]
    told = f"Content-Encoding: aws-chunked\nx-amz-content-sha256: {kind}\nx-amz-decoded-content-length: 11\n"
    if coding == "Transfer-Encoding":
        body = b"8;x=y\r\n" + body[:8] + b"\r\n%X\r\n" % (len(body) - 8) + body[8:] + b"\r\n0\r\ntrailer: x\r\n\r\n"
        told += "Transfer-Encoding: chunked"
    else:
        told += f"Content-Length: {len(body)}"
    head = f"PUT /signs-in/a HTTP/1.1\nHost: {{host}}\n{signed(places.env())}\n{told}"
    assert by_hand(places.url(), head, body).startswith(b"HTTP/1.1 200 OK\r\n")
    found = aws.session().client("s3").get_object(Bucket="signs-in", Key="a", ChecksumMode="ENABLED")
    assert found["Body"].read() == b"hello world" and "ContentEncoding" not in found
    assert found.get("ChecksumCRC32", "DUoRhQ==") == "DUoRhQ=="


STREAMED = "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n"


@pytest.mark.parametrize(
    ("told", "body", "code"),
    [
        ("Content-Length: five", b"hello", b"BadRequest"),
        ("Content-Length: -5", b"hello", b"BadRequest"),
        ("Transfer-Encoding: gzip", b"hello", b"BadRequest"),
        ("Transfer-Encoding: chunked\nContent-Length: 5", b"5\r\nhello\r\n0\r\n\r\n", b"BadRequest"),
        ("Transfer-Encoding: chunked", b"-5\r\nhello\r\n0\r\n\r\n", b"BadRequest"),
        ("Transfer-Encoding: chunked", b"3\r\nhello\r\n0\r\n\r\n", b"BadRequest"),
        ("Transfer-Encoding: chunked", b"FFFFFFFFF\r\n", b"EntityTooLarge"),
        (f"Content-Length: {300 * 2**20}", b"", b"EntityTooLarge"),
        (f"{STREAMED}Content-Length: 6", b"5\r\nhel", b"IncompleteBody"),
        (f"{STREAMED}Content-Length: 7", b"5\r\nhe\r\n", b"IncompleteBody"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_the_connection_closed(
    aws: LocalAws, places: Places, told: str, body: bytes, code: bytes
) -> None:
    head = f"PUT /signs-in/a HTTP/1.1\nHost: {{host}}\n{signed(places.env())}\n{told}"
    answer = by_hand(places.url(), head, body)
    assert answer.startswith(b"HTTP/1.1 400 ") and b"<Code>" + code in answer
    assert "Contents" not in aws.session().client("s3").list_objects_v2(Bucket="signs-in")


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6))
def test_chunks_of_any_size_are_one_body(chunks: list[bytes]) -> None:
    sent = b"".join(b"%x;any=thing\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\na: b\r\n\r\nnext"
    stream = io.BytesIO(sent)
    assert body_of({"Transfer-Encoding": "chunked"}, stream) == b"".join(chunks)
    assert stream.read() == b"next"


@given(st.binary(max_size=60) | st.from_regex(rb"([0-9a-fA-F]{1,3}(;x)?\r?\n[a-z]{0,5}\r?\n){0,4}", fullmatch=True))
def test_a_body_of_any_bytes_is_read_or_refused(sent: bytes) -> None:
    with contextlib.suppress(ApiError, EOFError):
        assert len(body_of({"Transfer-Encoding": "chunked"}, io.BytesIO(sent))) <= len(sent)


# -- who is let in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.1\nHost: rebound.example",
        "GET / HTTP/1.1\nHost: 127.0.0.1",
        "GET / HTTP/1.1\nHost: {host}.example",
        "GET / HTTP/1.1\nHost: {host}\nHost: rebound.example",
        "GET / HTTP/1.1\nX-Nothing: here",
        "GET http://s3.amazonaws.com/ HTTP/1.1\nHost: {host}",
        "CONNECT s3.amazonaws.com:443 HTTP/1.1\nHost: {host}",
        "PUT /signs-in/a HTTP/1.1\nHost: rebound.example\nExpect: 100-continue\nContent-Length: 5",
    ],
)
def test_a_request_that_is_not_for_this_machine_is_refused(aws: LocalAws, places: Places, head: str) -> None:
    before = len(aws.log)
    answer = by_hand(places.url(), f"{head}\n{signed(places.env())}")
    assert re.match(rb"HTTP/1.1 (403|501) ", answer)
    assert len(aws.log) == before


def test_localhost_is_this_machine_too(places: Places) -> None:
    answer = by_hand(
        places.url(), f"GET / HTTP/1.1\nHost: LOCALHOST:{urlsplit(places.url()).port}\n{signed(places.env())}"
    )
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")


def test_what_a_request_says_of_its_origin_has_no_effect(aws: LocalAws, places: Places) -> None:
    aws.session().client("s3").put_bucket_policy(Bucket="signs-in", Policy=ONLY_FROM_VPC)
    spoofs = ("X-Gtlocal-Origin", "x-gt-local-origin", "X-Forwarded-For", "x-amz-source-vpce", "aws:SourceVpce")
    told = "\n".join(f"{name}: {VPCE}" for name in (*spoofs, "x-gt-local-patience", "x-moto-account-id"))
    answer = by_hand(places.url(), f"GET /signs-in/a HTTP/1.1\nHost: {{host}}\n{signed(places.env())}\n{told}")
    assert answer.startswith(b"HTTP/1.1 403 ") and aws.log[-1].origin.vpc_endpoint is None


def test_a_request_without_a_signature_is_anonymous(aws: LocalAws, places: Places) -> None:
    assert fetch(f"{places.url()}/signs-in/a")[0] == 403
    assert aws.log[-1].principal == "anonymous"


def test_a_page_of_another_site_may_not_read_an_answer(places: Places) -> None:
    for method in ("GET", "OPTIONS"):
        asked = "Origin: https://elsewhere.example\nAccess-Control-Request-Method: GET"
        answer = by_hand(
            places.url(), f"{method} /signs-in/a HTTP/1.1\nHost: {{host}}\n{signed(places.env())}\n{asked}"
        )
        assert b"access-control-allow-origin" not in answer.lower()


@pytest.mark.parametrize("path", ["/moto-api/reset", "/moto-api/", "/moto-api/data.json", "/_localstack/health"])
def test_there_is_no_way_to_reset_or_look_behind(aws: LocalAws, places: Places, path: str) -> None:
    for method in ("GET", "POST"):
        assert fetch(f"{places.url()}{path}", method=method)[0] in (403, 404, 501)
    assert [each["Name"] for each in aws.session().client("s3").list_buckets()["Buckets"]] == ["signs-in"]


@pytest.mark.parametrize(
    "credential",
    ["x", "{key}/20260105/us-east-1/no.such/aws4_request", "{key}/20260105/../s3/aws4_request"],
)
def test_a_signature_for_nothing_that_can_be_is_refused(places: Places, credential: str) -> None:
    told = f"AWS4-HMAC-SHA256 Credential={credential.format(key=places.env()['AWS_ACCESS_KEY_ID'])}, Signature=0"
    assert fetch(places.url(), {"Authorization": told})[0] == 400


def test_a_service_that_nobody_has_is_refused(places: Places) -> None:
    answer = by_hand(
        places.url(), f"POST / HTTP/1.1\nHost: {{host}}\n{signed(places.env(), 'nosuch')}\nContent-Length: 0"
    )
    assert answer.startswith(b"HTTP/1.1 501 ") and b"does not answer for nosuch" in answer


def test_what_breaks_inside_is_an_internal_error_without_a_word_on_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    aws = LocalAws(clock=1_000_000)
    with aws.serve() as places:
        s3 = client(places.env(), "s3")
        aws.faults.later(lambda: 1 / 0, seconds=0)
        with pytest.raises(ClientError, match="InternalError.*ZeroDivisionError"):
            s3.list_buckets()
        with socket.create_connection(urlsplit(places.url()).netloc.split(":")) as hasty:
            hasty.sendall(b"PUT /signs-in/a HTTP/1.1\r\nContent-Length: 900\r\n")
        for nonsense in ("nonsense", f"GET /{'x' * 70_000} HTTP/1.1\nHost: {{host}}"):
            by_hand(places.url(), nonsense)
        assert s3.list_buckets()["Buckets"] == []
    assert capfd.readouterr() == ("", "")
