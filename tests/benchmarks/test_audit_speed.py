"""How fast buckets are read for an audit, against boto3 alone with as many threads, on a server that takes its time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from gt_vpc_nb.aws.reading_buckets import THREADS, read_buckets

LATENCY = 0.02
BUCKETS = [f"bucket-{number}" for number in range(80)]
_XML = '<?xml version="1.0"?><{0} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{1}</{0}>'
_IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:iam::111122223333:role/R</Arn><UserId>U</UserId><Account>111122223333</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


class _Slow(BaseHTTPRequestHandler):
    """S3 as far as an audit asks it: every bucket has the same policy, and nothing else."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        time.sleep(LATENCY)
        status, body = 200, b""
        if self.command == "POST":
            body = _IDENTITY.encode()
        elif "?policy" in self.path:
            body = b'{"Version":"2012-10-17","Statement":[]}'
        elif self.command == "GET":
            status, body = 404, _XML.format("Error", "<Code>NoSuchCORSConfiguration</Code>").encode()
        self.send_response(status)
        self.send_header("x-amz-bucket-region", "us-east-1")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = _answer  # noqa: N815 - the names are http.server's

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def slow_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Slow)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    yield boto3.Session("key", "secret", region_name="us-east-1")
    server.shutdown()
    server.server_close()


def plain_boto3(session: boto3.Session) -> None:
    """The same five questions a bucket, written by hand."""
    s3 = session.client("s3", config=Config(max_pool_connections=THREADS))

    def ask(bucket: str) -> None:
        s3.head_bucket(Bucket=bucket)
        for question in ("policy", "cors", "ownership_controls"):
            try:
                getattr(s3, f"get_bucket_{question}")(Bucket=bucket)
            except ClientError:
                continue
        try:
            s3.get_public_access_block(Bucket=bucket)
        except ClientError:
            return

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(ask, BUCKETS))


def seconds(work: object, *given: object) -> float:
    start = time.perf_counter()
    work(*given)  # type: ignore[operator]
    return time.perf_counter() - start


@pytest.mark.sockets
def test_buckets_are_read_at_nine_tenths_of_boto3s_own_speed_or_more(slow_session: boto3.Session) -> None:
    asked = [(bucket, slow_session) for bucket in BUCKETS]
    assert len(read_buckets(asked[:2])) == 2
    rounds = [(seconds(plain_boto3, slow_session), seconds(read_buckets, asked)) for _ in range(3)]
    alone, ours = (min(times) for times in zip(*rounds, strict=True))
    print(f"boto3 alone {len(BUCKETS) / alone:.0f} buckets/s, the audit's reading {len(BUCKETS) / ours:.0f}")
    # 0.9 is the aim; the rest of the bound is the noise of two shared cores.
    assert ours < alone / 0.9 * 1.15
