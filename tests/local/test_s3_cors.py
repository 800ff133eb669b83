"""CORS as a browser meets it: the question before a request, and the headers on the answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from gt_vpc_nb.local import LocalAws
from tests.local.callers import fetch

pytestmark = pytest.mark.sockets
PAGE = "https://labels.example"
RULES = [
    {"AllowedOrigins": ["https://*.example"], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["x-amz-*"],
     "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 60},
    {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]},
]  # fmt: skip


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    aws = LocalAws()
    s3 = aws.session().client("s3")
    for bucket in ("signs-in", "closed"):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="a", Body=b"hello")
    s3.put_bucket_cors(Bucket="signs-in", CORSConfiguration={"CORSRules": RULES})
    return aws


@pytest.fixture(scope="module")
def url(aws: LocalAws) -> Iterator[str]:
    with aws.serve() as places:
        yield places.url()


def answered(url: str, method: str, **headers: str) -> dict[str, str]:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    with build_opener(ProxyHandler({})).open(Request(url, headers=told, method=method)) as answer:
        return {name.lower(): value for name, value in answer.headers.items()}


def test_a_browser_that_asks_first_is_told_what_the_first_rule_allows(url: str) -> None:
    asked = {"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "X-Amz-Date, x-amz-acl"}
    told = answered(f"{url}/signs-in/a", "OPTIONS", Origin=PAGE, **asked)
    assert told["access-control-allow-origin"] == PAGE
    assert told["access-control-allow-methods"] == "GET, PUT"
    assert told["access-control-allow-headers"] == "x-amz-date, x-amz-acl"
    assert (told["access-control-expose-headers"], told["access-control-max-age"]) == ("ETag", "60")
    assert told["access-control-allow-credentials"] == "true" and "Origin" in told["vary"]


@pytest.mark.parametrize(
    ("path", "headers", "status", "text"),
    [
        ("signs-in/a", {"Origin": "https://a.else", "Access-Control-Request-Method": "GET"}, 403, b"AccessForbidden"),
        ("signs-in/a", {"Origin": PAGE, "Access-Control-Request-Method": "DELETE"}, 403, b"AccessForbidden"),
        ("signs-in/a", {"Origin": PAGE, "Access-Control-Request-Method": "GET",
                        "Access-Control-Request-Headers": "authorization"}, 403, b"AccessForbidden"),
        ("closed/a", {"Origin": PAGE, "Access-Control-Request-Method": "GET"}, 403, b"CORS is not enabled"),
        ("none/a", {"Origin": PAGE, "Access-Control-Request-Method": "GET"}, 403, b"CORS is not enabled"),
        ("signs-in/a", {"Origin": PAGE}, 400, b"Access-Control-Request-Method"),
    ],
)  # fmt: skip
def test_a_question_that_no_rule_answers_is_refused(
    url: str, path: str, headers: dict[str, str], status: int, text: bytes
) -> None:
    got, body = fetch(f"{url}/{path}", headers, "OPTIONS")
    assert got == status and text in body


def test_a_presigned_picture_is_readable_for_the_page_that_a_rule_names(aws: LocalAws, url: str) -> None:
    s3 = aws.session().client("s3", endpoint_url="https://s3.us-east-1.amazonaws.com")
    signed = s3.generate_presigned_url("get_object", Params={"Bucket": "signs-in", "Key": "a"})
    there = f"{url}/signs-in/a?{signed.partition('?')[2]}"
    told = answered(there, "GET", Origin=PAGE)
    assert told["access-control-allow-origin"] == PAGE
    assert "access-control-allow-origin" not in answered(there, "GET", Origin="https://labels.else")
    assert "access-control-allow-origin" not in answered(there, "GET")


def test_a_rule_for_everybody_is_a_star_without_credentials(aws: LocalAws) -> None:
    told = _head(aws, "https://anybody.else")
    assert told["access-control-allow-origin"] == "*" and "access-control-allow-credentials" not in told


def _head(aws: LocalAws, origin: str) -> dict[str, Any]:
    s3 = aws.session().client("s3")
    s3.meta.events.register("before-call.s3.HeadObject", lambda params, **_: params["headers"].update(Origin=origin))
    return s3.head_object(Bucket="signs-in", Key="a")["ResponseMetadata"]["HTTPHeaders"]


def test_a_refusal_can_be_read_by_the_page_too(url: str) -> None:
    opener = build_opener(ProxyHandler({}))
    with pytest.raises(Exception) as refused:
        opener.open(Request(f"{url}/signs-in/a", headers={"Origin": PAGE}))
    assert refused.value.code == 403
    assert refused.value.headers["Access-Control-Allow-Origin"] == PAGE
