from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.serving import Places
from tests.local.callers import ONLY_FROM_VPC, VPCE, client

pytestmark = pytest.mark.sockets


def curl(env: dict[str, str], *arguments: str) -> str:
    return subprocess.run(
        ["curl", "--silent", "--show-error", *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


def test_a_presigned_url_is_worth_what_its_place_may(
    aws: LocalAws, places: Places, inside: dict[str, str], outside: dict[str, str]
) -> None:
    aws.session().client("s3").put_bucket_policy(Bucket="signs-in", Policy=ONLY_FROM_VPC)
    s3 = client(places.env(VPCE), "s3")
    s3.put_object(Bucket="signs-in", Key="a", Body=b"hello")
    url = s3.generate_presigned_url("get_object", {"Bucket": "signs-in", "Key": "a"})
    status = ("--output", "/dev/null", "--write-out", "%{http_code}")
    assert curl(inside, url) == "hello"
    assert curl(inside, *status, url) == "200"
    assert curl(outside, *status, url.replace(places.url(VPCE), places.url())) == "403"


def test_a_large_upload_that_waits_to_be_told_to_go_on(places: Places, inside: dict[str, str], tmp_path: Path) -> None:
    s3 = client(places.env(VPCE), "s3")
    (tmp_path / "large").write_bytes(b"x" * 3_000_000)
    url = s3.generate_presigned_url("put_object", {"Bucket": "signs-in", "Key": "large"})
    for coding in ("Content-Length: 3000000", "Transfer-Encoding: chunked"):
        told = ("--header", "Expect: 100-continue", "--header", coding)
        curl(inside, "--fail", *told, "--upload-file", str(tmp_path / "large"), url)
        assert s3.head_object(Bucket="signs-in", Key="large")["ContentLength"] == 3_000_000


def test_a_page_that_lets_its_name_point_here_is_refused(places: Places, outside: dict[str, str]) -> None:
    port = places.url().rpartition(":")[2]
    rebound = ("--resolve", f"rebound.example:{port}:127.0.0.1", "--noproxy", "*")
    status = ("--output", "/dev/null", "--write-out", "%{http_code}")
    assert curl(outside, *rebound, *status, f"http://rebound.example:{port}/") == "403"
