"""The way to what stands behind the door: a request that is passed on, and clients for our own look-ups."""

from __future__ import annotations

import contextlib
import functools
from typing import Any

from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local import behind
from gt_vpc_nb.local.answers import error_answer
from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.carrying import carried_session
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.routing import changes, form_action


def passed_on(service: str, request: AWSPreparedRequest, account: str) -> Answer:
    """What stands behind answers a request, in the state of an account.

    Raises ApiError 501 for what it does not have, and LocalAwsError where it breaks down.
    """
    asked = request.headers.get("X-Amz-Target") or form_action(request.body) or f"{request.method} {request.url}"
    drawn = contextlib.nullcontext() if changes(service, request) else behind.apart(f"reading {service} {account}")
    try:
        with drawn:
            return behind.answer(request, service, account)
    except NotImplementedError as missing:
        why = f" ({missing})" if str(missing) else ""
        message = f"The local AWS does not answer {service} {asked} as it was asked{why}."
        raise ApiError("UnsupportedOperation", message, 501) from None
    except ModuleNotFoundError as missing:
        message = f"The local AWS answers {service} {asked} with the package {missing.name} alone; install it."
        raise ApiError("UnsupportedOperation", message, 501) from None
    except Exception as broken:
        told = f"{type(broken).__name__}: {broken}"
        raise LocalAwsError(f"The local AWS cannot answer {service} {asked}; moto stopped with {told}.") from broken


class Backstage:
    """Clients that ask past the gate: called with a service, an account and a Region."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._clients = functools.cache(_client)

    def __call__(self, service: str, account: str, region: str | None = None) -> Any:
        return self._clients(service, account, region or self._region)


def _client(service: str, account: str, region: str) -> Any:
    def send(request: AWSPreparedRequest) -> Answer:
        try:
            return passed_on(service, request, account)
        except ApiError as error:
            return error_answer(error, service, request.headers, head=request.method == "HEAD")

    return carried_session("ASIALOCALBACKSTAGE00", None, region, send).client(service)
