"""What the local AWS answers instead of a result."""

from __future__ import annotations

from gt_vpc_nb.errors import LocalAwsError


class ApiError(Exception):
    """An error in AWS's shape: a code and a message, sent back in the service's own protocol."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        #: The permission that was missing and on what, where that is the reason.
        self.asked: tuple[str, str] | None = None
        #: More headers of the answer, as CORS wants them on a refusal too.
        self.headers: dict[str, str] = {}


class Refused(Exception):
    """A policy, or the lack of one, kept a request from an object or a bucket; or S3 broke down, as `said` says."""

    def __init__(self, action: str, resource_arn: str, reason: str, *, said: str = "Access Denied") -> None:
        super().__init__(f"{action} on {resource_arn}: {reason}")
        self.action = action
        self.resource_arn = resource_arn
        self.reason = reason
        self.said = said


class Missing(Exception):
    """There is no such object, or no such bucket (`key` is then empty)."""

    def __init__(self, bucket: str, key: str = "") -> None:
        super().__init__(f"s3://{bucket}/{key}")
        self.bucket = bucket
        self.key = key


class Replaced(LocalAwsError):
    """A newer local AWS took this one's place in the process."""
