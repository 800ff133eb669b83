"""How a labeling job takes faults: it tries again a few times, and then gives the object or itself up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gt_vpc_nb.local.aims import Asked
from gt_vpc_nb.local.dataset import Content
from gt_vpc_nb.local.failures import ApiError, Refused
from gt_vpc_nb.local.s3_operations import Ask

if TYPE_CHECKING:
    from gt_vpc_nb.local.faults import Faults
    from gt_vpc_nb.local.views import View

#: How often Ground Truth asks S3 again before it gives up [guess].
RETRIES = 3


@dataclass(frozen=True)
class PatientView:
    """A view of S3 that meets the faults made with ``on="jobs"``: each request is tried up to 4 times [guess].

    What still fails then is Refused with the service's own words, so a data object counts as failed, and an output or
    an input that cannot be had ends the job as Failed.
    """

    view: View
    faults: Faults

    def get(self, bucket: str, key: str) -> bytes:
        """An object's bytes."""
        self._meet("s3:GetObject", bucket, key)
        return self.view.get(bucket, key)

    def look(self, bucket: str, key: str) -> None:
        """Makes sure that an object is there and may be read."""
        self._meet("s3:GetObject", bucket, key)
        self.view.look(bucket, key)

    def put(self, bucket: str, key: str, data: Content, content_type: str = "application/octet-stream") -> None:
        """Writes an object; see `View.put`."""
        self._meet("s3:PutObject", bucket, key)
        self.view.put(bucket, key, data, content_type)

    def list(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys under a prefix, in order."""
        self._meet("s3:ListBucket", bucket)
        return self.view.list(bucket, prefix)

    def region_of(self, bucket: str) -> str | None:
        """The Region of a bucket that is there; see `View.region_of`."""
        return self.view.region_of(bucket)

    def location(self, bucket: str) -> str:
        """The Region of a bucket."""
        self._meet("s3:GetBucketLocation", bucket)
        return self.view.location(bucket)

    def _meet(self, action: str, bucket: str, key: str = "") -> None:
        for _ in range(1 + RETRIES):
            met = self.faults.striking((Asked(action, bucket, key),), "jobs")
            if not met:
                return
        error = met[-1].error("s3")
        said = f"{error.code} ({error.message.rstrip('.')})" if isinstance(error, ApiError) else f"no answer: {error}"
        raise Refused(action, Ask(action, bucket, key).resource, said, said=said)
