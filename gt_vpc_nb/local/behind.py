"""What stands behind the door: moto, asked one request at a time. The only file that imports it.

Never `mock_aws()`: that patches every botocore client of the process, so a client for the real AWS in the same
kernel would be answered here.
"""

from __future__ import annotations

import contextlib
import gc
import os
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest

Answer = tuple[int, dict[str, str], bytes]

#: `import moto.ec2` builds a boto3.Session(), which a missing profile or a broken file in these would stop.
_OUTSIDE = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "MOTO_AMIS_PATH")
#: Whether moto makes its 1,300 machine images for each account and Region that EC2 is asked in, at a third of the time
#: that LocalAws.example() takes. A labeling job needs none. moto's own default is the second.
_IMAGES, _WITHOUT, _WITH = "MOTO_EC2_LOAD_DEFAULT_AMIS", "false", "true"
_SIGNED = "AWS4-HMAC-SHA256 Credential=LOCAL/20260105/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
_FIRST = threading.Lock()
_seen: set[tuple[str, str, str]] = set()
_seed = 0


def empty(seed: int) -> None:
    """Throws away everything moto remembers and starts its ids again from `seed`."""
    from moto.core.base_backend import BackendDict
    from moto.moto_api._internal import mock_random

    global _seed
    with _scrubbed():
        BackendDict.reset()
    _seen.clear()
    mock_random.seed(seed)
    _seed = seed


def answer(request: AWSPreparedRequest, service: str, account: str) -> Answer:
    """moto's answer in the state of `account`. Raises NotImplementedError for what moto does not have."""
    from moto.core.botocore_stubber import BotocoreStubber

    del request.headers["x-moto-account-id"]
    request.headers["x-moto-account-id"] = account
    if "Authorization" not in request.headers:
        # Who may is decided in front; moto would apply its own idea of anonymous access.
        request.headers["Authorization"] = _SIGNED
    place = (service, account, urlsplit(request.url).netloc if service == "ec2" else "")
    with _scrubbed() if place not in _seen else contextlib.nullcontext():
        given = BotocoreStubber().process_request(request)
    if given is None or given[2] in ("Not yet implemented", b"Not yet implemented"):
        raise NotImplementedError
    _seen.add(place)
    status, headers, body = given
    return status, _plain(headers), body.encode() if isinstance(body, str) else bytes(body or b"")


@contextlib.contextmanager
def apart(label: str) -> Iterator[None]:
    """What is drawn inside, ids of requests among it, leaves no trace in what is drawn after it."""
    from moto.moto_api._internal import mock_random

    kept = mock_random.getstate()
    mock_random.seed(f"{_seed}/{label}")
    try:
        yield
    finally:
        mock_random.setstate(kept)


def version() -> str:
    """Which moto it is."""
    import moto

    return moto.__version__


def _plain(headers: Any) -> dict[str, str]:
    return {str(name): value if isinstance(value, str) else str(value) for name, value in dict(headers).items()}


@contextlib.contextmanager
def _scrubbed() -> Iterator[None]:
    """The first request to a service, which loads it, and to EC2 in each place: nothing outside steers that.

    moto reads big tables of JSON when EC2 is loaded, and looking for garbage among them takes a third of the time.
    """
    with _FIRST:
        kept = {name: os.environ[name] for name in _OUTSIDE if name in os.environ}
        for name in kept:
            # Another thread may be walking through the environment: a name that goes would stop it.
            if name.endswith("_FILE"):
                os.environ[name] = os.devnull
            else:
                del os.environ[name]
        images = os.environ.get(_IMAGES, _WITH)
        os.environ[_IMAGES] = _WITHOUT
        collecting = gc.isenabled()
        gc.disable()
        try:
            yield
        finally:
            if collecting:
                gc.enable()
            os.environ.update(kept | {_IMAGES: images})
