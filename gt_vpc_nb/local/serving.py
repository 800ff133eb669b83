"""Places of the local AWS on 127.0.0.1, a port each, for tools that know AWS by its address alone."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import botocore
from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.addresses import aws_url, signed_for
from gt_vpc_nb.local.answers import error_answer
from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.breakdowns import ConnectionLost
from gt_vpc_nb.local.carrying import SECRET
from gt_vpc_nb.local.failures import ApiError, Replaced
from gt_vpc_nb.local.listener import Listener, Received
from gt_vpc_nb.local.networks import region_name
from gt_vpc_nb.local.origin import Origin
from gt_vpc_nb.local.wire import without_aws_chunks

if TYPE_CHECKING:
    from gt_vpc_nb.local.door import LocalAws

INTERNET = "internet"
_NO_PROFILE = str(Path(__file__).with_name("empty_profile.ini"))
_NO_PROXY = "127.0.0.1,localhost"
#: What would steer a tool past AWS_ENDPOINT_URL and the keys, or stop it, wherever it is set around `env`.
_HARMLESS = {
    "AWS_PROFILE": "default",
    "AWS_DEFAULT_PROFILE": "default",
    "AWS_CONFIG_FILE": _NO_PROFILE,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_CREDENTIAL_EXPIRATION": "",
    "AWS_CREDENTIAL_FILE": "",
    "AWS_ROLE_ARN": "",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
    "AWS_USE_FIPS_ENDPOINT": "false",
    "AWS_ENDPOINT_DISCOVERY_ENABLED": "false",
    "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    "AWS_CSM_ENABLED": "false",
    "AWS_USE_DUALSTACK_ENDPOINT": "false",
    "AWS_CA_BUNDLE": str(Path(botocore.__file__).with_name("cacert.pem")),
    "AWS_PAGER": "",
    "NO_PROXY": _NO_PROXY,
    "no_proxy": _NO_PROXY,
}
_ENDPOINT = "AWS_ENDPOINT_URL"
_SERVICES = ("S3", "SAGEMAKER", "STS", "IAM", "EC2", "SNS", "SQS", "LAMBDA", "KMS", "CLOUDWATCH_LOGS")


class Places:
    """The local AWS at addresses of 127.0.0.1: each network place has a port, opened when it is first asked for.

    Whoever calls a port stands at its place, whatever the request says. Closed at the end of a `with` block, by
    `close()`, or with the process. Signatures are not verified; an access key tells who calls.
    """

    def __init__(self, aws: LocalAws) -> None:
        self._aws = aws
        self._listeners: dict[Origin, Listener] = {}
        self._lock = threading.Lock()
        self._closed = False

    def env(
        self,
        place: str = INTERNET,
        *,
        vpc_endpoint: str | None = None,
        principal: str | None = None,
        region: str | None = None,
        account: str | None = None,
    ) -> dict[str, str]:
        """The environment of a program that is to stand at a place: ``{**os.environ, **places.env("internet")}``.

        Address, Region and credentials, and harmless values for whatever around it would lead elsewhere. A place is
        ``"internet"`` or the id of a VPC endpoint; the rest is as in `LocalAws.session`, and so are the errors.
        """
        url = self.url(place, vpc_endpoint=vpc_endpoint)
        who, key, token = self._aws.credentials(principal, account)
        region = region_name(region or self._aws.region)
        elsewhere = [name for name in os.environ if name.startswith(f"{_ENDPOINT}_")]
        return {
            **_HARMLESS,
            **dict.fromkeys((*elsewhere, _ENDPOINT, *(f"{_ENDPOINT}_{service}" for service in _SERVICES)), url),
            # Whoever uses this package there says so: gt_vpc_nb.aws.sessions.place_of.
            "GT_VPC_NB_LOCAL_AWS": url,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCOUNT_ID": who.account,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": token,
            "AWS_SECURITY_TOKEN": token,
        }

    def url(self, place: str = INTERNET, *, vpc_endpoint: str | None = None) -> str:
        """The address of a place, like ``http://127.0.0.1:40123``, for browsers and programs that sign on their own."""
        if self._closed:
            raise LocalAwsError("These places of the local AWS are closed; open new ones with serve().")
        if place != INTERNET and vpc_endpoint is not None:
            raise LocalAwsError(f"place={place!r} and vpc_endpoint={vpc_endpoint!r} are two places; give one of them.")
        if vpc_endpoint is None and place != INTERNET:
            if not str(place).startswith("vpce-"):
                raise LocalAwsError(f"place={place!r} is no place; give 'internet' or the id of a VPC endpoint.")
            vpc_endpoint = place
        return self._listener(self._aws.origin(vpc_endpoint)).url

    def _listener(self, origin: Origin) -> Listener:
        with self._lock:
            if origin not in self._listeners:
                self._listeners[origin] = Listener(lambda received: _carried(self._aws, origin, received))
            return self._listeners[origin]

    def close(self) -> None:
        """Closes every port. What is asked of a closed port is refused by the machine itself."""
        with self._lock:
            self._closed = True
            while self._listeners:
                self._listeners.popitem()[1].close()

    def __enter__(self) -> Places:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        opened = [f"{origin.label} at {listener.url}" for origin, listener in self._listeners.items()]
        return f"Places({', '.join(opened) or ('closed' if self._closed else 'none asked for yet')})"


def _carried(aws: LocalAws, origin: Origin, received: Received) -> Answer:
    """The answer of the local AWS to a request from a place: an error is one in the service's own words.

    Raises ConnectionLost where a fault wants the connection closed.
    """
    head, service = received.method == "HEAD", "s3"
    try:
        service, _ = signed_for(received.target, received.headers, aws.region)
        if received.trouble is not None:
            raise received.trouble
        return aws.handle(_request(received, aws.region), origin)
    except ConnectionLost:
        raise
    except Exception as error:
        return error_answer(_as_api_error(error), service, received.headers, head=head)


def _request(received: Received, region: str) -> AWSPreparedRequest:
    url, headers = aws_url(received.target, received.headers, region), received.headers
    body = without_aws_chunks(headers, received.body)
    del headers["Content-Length"]
    headers["Content-Length"] = str(len(body))
    return AWSPreparedRequest(received.method, url, headers, body, False)


def _as_api_error(error: Exception) -> ApiError:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, Replaced):
        # Not a 5xx: no tool is to try again what will never come back.
        return ApiError("LocalAwsReplaced", str(error), 410)
    if isinstance(error, LocalAwsError):
        return ApiError("InternalError", str(error), 500)
    return ApiError("InternalError", f"The local AWS broke down with {type(error).__name__}: {error}", 500)
