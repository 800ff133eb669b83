"""Sessions and clients: whose AWS answers, how patiently we ask, and what its refusals say in one sentence."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import boto3
from botocore import exceptions as botocore_errors
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from gt_vpc_nb.errors import AwsError

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 30
MAX_ATTEMPTS = 6
# The survey asks with up to 8 threads and a table of jobs with more; a pool smaller than that warns and reconnects.
POOL_CONNECTIONS = 32

# Older botocore (1.34, say) raises its parser's own error for a page that is not S3's: that is no BotoCoreError.
SILENCES = (BotoCoreError, ResponseParserError)
Silence = BotoCoreError | ResponseParserError

DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "403", "Forbidden", "UnauthorizedOperation", "AllAccessDisabled"}
)
MISSING = frozenset({"404", "NotFound", "NoSuchBucket", "NoSuchKey", "NoSuchEntity", "ResourceNotFound"})
_SIGN_IN = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "AuthFailure",
        "RequestExpired",
    }
)
#: The signature is older, or newer, than AWS takes: the clock here is wrong.
_OTHER_TIME = frozenset({"RequestTimeTooSkewed", "InvalidSignatureException"})
THROTTLED = frozenset(
    {"Throttling", "ThrottlingException", "RequestLimitExceeded", "SlowDown", "TooManyRequestsException"}
)


class Clock(Protocol):
    """What waiting needs: the time of the place that answers, and a way to let it pass."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...


class WallClock:
    """Real time, for every session that is not local."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True)
class Standing:
    """Which AWS answered: ``local AWS · us-east-1 · 111122223333``."""

    place: str
    region: str | None
    account: str

    def __str__(self) -> str:
        return f"{self.place} · {self.region or 'no Region'} · {self.account}"


def open_session(session: Any = None) -> boto3.Session:
    """The boto3 session behind what was given.

    Takes a `boto3.Session`, a `sagemaker` session (version 2 or 3, recognised by its `boto_session`), or None for
    boto3's default session. Raises AwsError for anything else, and for a profile that is not configured.
    """
    if session is None:
        return _default_session()
    inner = getattr(session, "boto_session", session)
    if isinstance(inner, boto3.Session) or (callable(getattr(inner, "client", None)) and hasattr(inner, "region_name")):
        return inner
    raise AwsError(
        f"session= was given {type(session).__name__}, which makes no AWS clients; "
        "give a boto3.Session, a sagemaker session, or None for boto3's default session."
    )


def _default_session() -> boto3.Session:
    with asking("opening boto3's default session"):
        if boto3.DEFAULT_SESSION is None:
            boto3.setup_default_session()
        return boto3.DEFAULT_SESSION


def client(session: Any, service: str, region: str | None = None, *, attempts: int = MAX_ATTEMPTS) -> Any:
    """A client that retries adaptively (6 attempts) and gives up connecting after 5 s, reading after 30 s.

    It asks the Region's own endpoint, also of S3 in us-east-1 and of STS.
    Raises AwsError when neither the call nor the session names a Region.
    """
    config = Config(
        retries={"mode": "adaptive", "total_max_attempts": attempts},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        max_pool_connections=POOL_CONNECTIONS,
    )
    with asking(f"opening a client for {service}"):
        return regional_client(open_session(session), service, region, config)


def regional_client(session: Any, service: str, region: str | None, config: Config) -> Any:
    """A client of a boto3 session that asks the Region's own endpoint, also of S3 in us-east-1 and of STS."""
    config = config.merge(Config(s3={"us_east_1_regional_endpoint": "regional"}))
    made = session.client(service, region_name=region, config=config)
    own = _own_sts(made.meta.endpoint_url, region or session.region_name)
    return session.client(service, region_name=region, config=config, endpoint_url=own) if own else made


def _own_sts(endpoint: str, region: str | None) -> str | None:
    """The Region's own STS, where botocore (before 1.40) would ask the one for all Regions.

    A closed VPC can have an endpoint for its Region's services only.
    """
    return f"https://sts.{region}.amazonaws.com" if region and endpoint == "https://sts.amazonaws.com" else None


def place_of(session: Any) -> str:
    """``local AWS`` for a session of the local AWS, also of one that is served; ``AWS`` for every other.

    Where AWS_ENDPOINT_URL leads to somebody else, that is told in AWS's place.
    """
    place = getattr(open_session(session), "gt_vpc_nb_place", None)
    return _configured() or "AWS" if place is None else place.name


def _configured() -> str:
    ignored = os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").casefold() == "true"
    address = "" if ignored else os.environ.get("AWS_ENDPOINT_URL", "")
    if address and address == os.environ.get("GT_VPC_NB_LOCAL_AWS"):
        return "local AWS"
    host = address.partition("://")[2].partition("/")[0]
    return "" if host.endswith((".amazonaws.com", ".amazonaws.com.cn")) else host


def standing(session: Any = None, *, attempts: int = MAX_ATTEMPTS) -> Standing:
    """Place, Region and account of a session; asks STS once."""
    opened = open_session(session)
    # STS has a global endpoint, so an account can be named before a Region is.
    sts = client(opened, "sts", opened.region_name or "us-east-1", attempts=attempts)
    with asking("asking STS who you are"):
        account = sts.get_caller_identity()["Account"]
    return Standing(place_of(opened), opened.region_name, account)


def clock_of(session: Any = None) -> Clock:
    """The clock of the place that answers: the local AWS's own, or real time."""
    place = getattr(open_session(session), "gt_vpc_nb_place", None)
    return WallClock() if place is None else place.clock


@contextmanager
def asking(doing: str) -> Iterator[None]:
    """Turns what botocore raises inside into one AwsError; `doing` is what was tried, as in "reading s3://b/k"."""
    try:
        yield
    except (ClientError, *SILENCES) as error:
        raise raised(error, doing) from error


def code_of(error: Exception) -> str:
    """AWS's error code, or the name of botocore's exception where AWS did not answer."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "")) or "Unknown"
    return type(error).__name__


def raised(error: ClientError | Silence, doing: str) -> AwsError:
    """One sentence: what was tried, what AWS said, what to do."""
    code, operation = code_of(error), getattr(error, "operation_name", "")
    if isinstance(error, ClientError):
        said = str(error.response.get("Error", {}).get("Message", "")).strip().rstrip(".")
        calling = f" to {operation}" if operation else ""
        message = f"{doing}: AWS answered {code}{calling}{f' ({said})' if said and said != code else ''}; "
        message += _after_answer(code, operation, error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    else:
        message = f"{doing}: {without_answer(error)}"
    return AwsError(message[:1].upper() + message[1:], code=code, operation=operation)


def _after_answer(code: str, operation: str, status: int = 0) -> str:
    if code in DENIED:
        return f"allow {operation or 'the call'} to your identity, and see whether a Deny stops your network."
    if code in _SIGN_IN:
        return "sign in again, or give a session with fresh credentials."
    if code in _OTHER_TIME:
        return "set the clock of this machine right, and try again."
    if code in THROTTLED or status >= 500:
        return "wait a minute and try again."
    if code in MISSING:
        return "check the name, the account and the Region."
    return "correct what it names and try again."


def without_answer(error: Silence) -> str:
    """What botocore says where AWS did not answer, and what to do."""
    # botocore lists every service it knows; the first words say what is wrong.
    said = " ".join(str(error).split()).partition(" Valid service names")[0].rstrip(".")
    for kinds, remedy in _REMEDIES:
        if isinstance(error, kinds):
            return f"{said}; {remedy}"
    return f"{said}; correct what it names and try again."


_REMEDIES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (
        (botocore_errors.NoCredentialsError, botocore_errors.PartialCredentialsError),
        "configure credentials (aws configure, a role, or session=boto3.Session(profile_name=…)), "
        "or use the local AWS: LocalAws.example().session().",
    ),
    ((botocore_errors.NoRegionError,), "name a Region: .in_region(…), boto3.Session(region_name=…) or AWS_REGION."),
    ((botocore_errors.ProfileNotFound,), "name a profile that ~/.aws/config has."),
    (
        (
            botocore_errors.EndpointConnectionError,
            botocore_errors.ConnectTimeoutError,
            botocore_errors.ReadTimeoutError,
            botocore_errors.ConnectionClosedError,
            botocore_errors.HTTPClientError,
        ),
        "check the Region's name and the way there: inside a closed VPC the service needs a VPC endpoint or a NAT.",
    ),
)
