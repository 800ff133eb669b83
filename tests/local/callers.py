"""What knows the local AWS by an address alone: boto3 with an endpoint, urllib, and bytes written by hand."""

from __future__ import annotations

import socket
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import boto3
from botocore.config import Config

VPCE = "vpce-0a1b2c3d4e5f60718"
ONLY_FROM_VPC = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"OnlyFromVpc","Effect":"Deny","Principal":"*",'
    '"Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::signs-in/*",'
    f'"Condition":{{"StringNotEquals":{{"aws:SourceVpce":"{VPCE}"}}}}}}]}}'
)


def client(env: dict[str, str], service: str, **options: Any) -> Any:
    """A client that knows of the local AWS only what an environment tells."""
    once = Config(retries={"total_max_attempts": 1}, proxies={}, **options)
    return boto3.client(
        service,
        endpoint_url=env["AWS_ENDPOINT_URL"],
        region_name=env["AWS_REGION"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=env["AWS_SESSION_TOKEN"],
        config=once,
    )


def by_hand(url: str, text: str, body: bytes = b"") -> bytes:
    """Everything a port answers to bytes; `{host}` is its own, and every request asks for the connection to end."""
    host = urlsplit(url).netloc
    with socket.create_connection(host.split(":"), timeout=10) as connection:
        head = text.format(host=host).replace("\n", "\r\n") + "\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode("latin-1") + body)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def signed(env: dict[str, str], service: str = "s3") -> str:
    scope = f"{env['AWS_ACCESS_KEY_ID']}/20260105/{env['AWS_REGION']}/{service}/aws4_request"
    return f"Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"


def fetch(url: str, headers: dict[str, str] | None = None, method: str = "GET") -> tuple[int, bytes]:
    try:
        with build_opener(ProxyHandler({})).open(Request(url, headers=headers or {}, method=method)) as answer:
            return answer.status, answer.read()
    except HTTPError as refused:
        return refused.code, refused.read()
