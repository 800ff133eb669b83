"""What a service says when it is busy or broken: one table a kind of breakdown, one row a family of protocols."""

from __future__ import annotations

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.failures import ApiError

#: A local session says with each request for how many seconds it waits for the answer.
PATIENCE = "x-gt-local-patience"
_QUERY = ("iam", "sts", "sns", "sqs")
_UNKNOWN = "The request processing has failed because of an unknown error, exception or failure."
_TEMPORARY = "The request has failed due to a temporary failure of the server."

# Sources: "Error responses" in the S3 API reference, "Error codes" of EC2, "Common Errors" of SageMaker and IAM.
THROTTLED: dict[str, tuple[int, str, str]] = {
    "s3": (503, "SlowDown", "Please reduce your request rate."),
    "ec2": (503, "RequestLimitExceeded", "Request limit exceeded."),
    "query": (400, "Throttling", "Rate exceeded"),
    "json": (400, "ThrottlingException", "Rate exceeded"),
}
SKEWED: dict[str, tuple[int, str, str]] = {
    "s3": (
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the server's time is too large.",
    ),
    "ec2": (403, "RequestExpired", "Request has expired."),
    "query": (403, "SignatureDoesNotMatch", "Signature expired."),
    "json": (400, "InvalidSignatureException", "Signature expired."),
}
BROKEN: dict[int, dict[str, tuple[int, str, str]]] = {
    500: {
        "s3": (500, "InternalError", "We encountered an internal error. Please try again."),
        "ec2": (500, "InternalError", "An internal error has occurred."),
        "query": (500, "InternalFailure", _UNKNOWN),
        "json": (500, "InternalFailure", _UNKNOWN),
    },
    503: {
        "s3": (503, "ServiceUnavailable", "Service is unable to handle request."),
        "ec2": (503, "Unavailable", "The server is overloaded and can't handle the request."),
        "query": (503, "ServiceUnavailable", _TEMPORARY),
        "json": (503, "ServiceUnavailable", _TEMPORARY),
    },
}


class ConnectionLost(Exception):
    """No answer comes: whoever carries the request breaks the connection off.

    `how` is ``"closed"`` (the connection was there, and closed without an answer), ``"unreachable"`` (it was never
    there) or ``"timeout"`` (the caller's patience ended). A listener closes its socket; in process it becomes
    botocore's own exception.
    """

    def __init__(self, how: str) -> None:
        super().__init__(f"the connection is {how}")
        self.how = how


def throttled(service: str) -> ApiError:
    """The service wants fewer requests."""
    return _error(THROTTLED[_family(service)])


def skewed(service: str) -> ApiError:
    """The caller's clock is too far from AWS's."""
    return _error(SKEWED[_family(service)])


def broken(service: str, status: int, code: str | None = None) -> ApiError:
    """The service's own breakdown; another `code` comes with a text of ours."""
    if code is not None:
        return ApiError(code, f"The local AWS was told to answer {status} {code}.", status)
    return _error(BROKEN[status][_family(service)])


def checked_status(status: int, code: str | None) -> None:
    """Raises LocalAwsError for a status that is no error, or one whose code nobody has given."""
    if isinstance(status, bool) or not isinstance(status, int) or not 400 <= status <= 599:
        raise LocalAwsError(f"status={status!r} is no error; give one from 400 to 599, like 500.")
    if code is None and status not in BROKEN:
        told = ", ".join(map(str, BROKEN))
        raise LocalAwsError(f"status={status} has no code of its own; give code= as well, or one of {told}.")


def _family(service: str) -> str:
    return service if service in ("s3", "ec2") else "query" if service in _QUERY else "json"


def _error(row: tuple[int, str, str]) -> ApiError:
    status, code, message = row
    return ApiError(code, message, status)
