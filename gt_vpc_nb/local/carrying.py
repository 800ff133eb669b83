"""Carries the requests of one boto3 session to a function instead of to the network."""

from __future__ import annotations

import functools
import io
import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, HTTPClientError, ReadTimeoutError
from botocore.loaders import Loader, create_loader

from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.breakdowns import PATIENCE, ConnectionLost

Send = Callable[[AWSPreparedRequest], Answer]
#: The secret of every access key: nobody here verifies a signature.
SECRET = "local-secret-access-key"


def carried_session(access_key: str, token: str | None, region: str, send: Send) -> boto3.Session:
    """A real boto3.Session that nothing outside of it can steer, and that never opens a socket.

    Environment variables, profiles, configuration files and configured endpoints have no effect on it. The handler
    sits on this one session and so reaches the threads of s3transfer too, which a context variable would not.
    """
    inner = botocore.session.Session(session_vars=_DEAF)
    inner.set_credentials(access_key, SECRET, token)
    inner.set_default_client_config(Config(ignore_configured_endpoint_urls=True))
    loader = service_models()
    inner.register_component("data_loader", loader)
    paths = tuple(loader.search_paths)
    session = boto3.Session(botocore_session=inner, region_name=region)
    # boto3 adds its own folder for each session; one loader for all needs it once.
    loader.search_paths[:] = dict.fromkeys((*paths, *loader.search_paths))

    def instead_of_the_network(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        try:
            status, headers, body = send(whole(request))
        except ConnectionLost as lost:
            raise _BROKEN_OFF[lost.how](endpoint_url=request.url, error=lost) from lost
        return AWSResponse(request.url, status, headers, _Body(body))

    session.events.register_first("before-send", instead_of_the_network)
    session.events.register("before-call", _tell_patience)
    return session


_BROKEN_OFF: dict[str, type[HTTPClientError]] = {
    "closed": ConnectionClosedError,
    "unreachable": EndpointConnectionError,
    "timeout": ReadTimeoutError,
}


def _tell_patience(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    """Puts the client's read timeout into the request: for so many simulated seconds it waits for a slow answer."""
    params["headers"][PATIENCE] = str(context["client_config"].read_timeout)


@functools.cache
def service_models() -> Loader:
    """One reader of AWS's service models for all local sessions: reading S3's takes longer than 50 requests."""
    return create_loader(None)


def whole(request: AWSPreparedRequest) -> AWSPreparedRequest:
    """The same request with its body read into bytes: a body may be bytes, text or a file."""
    body = request.body
    if body is None:
        body = b""
    elif isinstance(body, str):
        body = body.encode()
    elif hasattr(body, "read"):
        body = body.read()
    headers = {name: _text(value) for name, value in request.headers.items()}
    return AWSPreparedRequest(request.method, request.url, _headers(headers), bytes(body), request.stream_output)


def _headers(values: dict[str, str]) -> Any:
    from botocore.compat import HTTPHeaders

    headers = HTTPHeaders()
    for name, value in values.items():
        headers[name] = value
    return headers


def _text(value: str | bytes) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


class _Body(io.BytesIO):
    """What urllib3's response is to botocore: read(), and stream()."""

    def stream(self, amt: int = 65536, **_: Any) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk


def _deaf() -> dict[str, tuple[None, None, Any, Any]]:
    """Every session variable at its default: read neither from the environment nor from a file."""
    variables = {name: (None, None, row[2], row[3]) for name, row in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    for file in ("config_file", "credentials_file"):
        variables[file] = (None, None, os.devnull, None)
    return variables


_DEAF = _deaf()
