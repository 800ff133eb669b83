"""What knows the local AWS by an address alone: boto3 with an endpoint, urllib, and bytes written by hand."""

from __future__ import annotations

import socket
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import boto3
from botocore.config import Config

from gt_vpc_nb.facts import task_type
from gt_vpc_nb.local import LocalAws

VPCE = "vpce-0a1b2c3d4e5f60718"
ONLY_FROM_VPC = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"OnlyFromVpc","Effect":"Deny","Principal":"*",'
    '"Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::signs-in/*",'
    f'"Condition":{{"StringNotEquals":{{"aws:SourceVpce":"{VPCE}"}}}}}}]}}'
)
POISON = {
    "AWS_PROFILE": "missing",
    "AWS_DEFAULT_PROFILE": "missing",
    "AWS_CONFIG_FILE": "/nowhere/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_SAGEMAKER": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:9",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_ACCESS_KEY_ID": "AKIAOTHEROTHEROTHER1",
    "AWS_SECRET_ACCESS_KEY": "other",
    "AWS_SECURITY_TOKEN": "other",
    "AWS_CREDENTIAL_EXPIRATION": "2001-01-01T00:00:00Z",
    "AWS_ROLE_ARN": "arn:aws:iam::444455556666:role/Other",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere/token",
    "AWS_REGION": "xx-none-1",
    "AWS_DEFAULT_REGION": "xx-none-1",
    "AWS_CA_BUNDLE": "/nowhere/bundle",
    **{
        name: "http://127.0.0.1:9"
        for each in ("http", "https", "all")
        for name in (f"{each}_proxy", f"{each.upper()}_PROXY")
    },
}


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


def lay_out_a_job(aws: LocalAws) -> dict[str, Any]:
    """Puts what a job about the circles and squares of the example needs, and returns its CreateLabelingJob."""
    world, kind = aws.world, task_type("ImageMultiClass")
    s3 = aws.session().client("s3")
    labels = b'{"document-version":"2018-11-28","labels":[{"label":"circle"},{"label":"square"}]}'
    s3.put_object(Bucket=world.input_bucket, Key="labels.json", Body=labels)
    s3.put_object(Bucket=world.input_bucket, Key="form.html", Body=b"<crowd-form></crowd-form>")
    return {
        "LabelingJobName": "shapes",
        "LabelAttributeName": "shape",
        "InputConfig": {
            "DataSource": {"S3DataSource": {"ManifestS3Uri": f"s3://{world.input_bucket}/images.manifest"}}
        },
        "OutputConfig": {"S3OutputPath": f"s3://{world.output_bucket}/"},
        "RoleArn": world.role,
        "LabelCategoryConfigS3Uri": f"s3://{world.input_bucket}/labels.json",
        "HumanTaskConfig": {
            "WorkteamArn": world.workteam,
            "UiConfig": {"UiTemplateS3Uri": f"s3://{world.input_bucket}/form.html"},
            "PreHumanTaskLambdaArn": kind.pre_lambda("us-east-1"),
            "TaskTitle": "Name it",
            "TaskDescription": "Which is it?",
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 300,
            "AnnotationConsolidationConfig": {
                "AnnotationConsolidationLambdaArn": kind.consolidation_lambda("us-east-1")
            },
        },
    }
