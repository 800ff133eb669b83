"""S3 as an AWS service sees it that works for a role: Ground Truth's own reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders

from gt_vpc_nb.local.dataset import Content
from gt_vpc_nb.local.failures import ApiError, Missing, Refused
from gt_vpc_nb.local.origin import Caller
from gt_vpc_nb.local.s3_operations import Ask

if TYPE_CHECKING:
    from gt_vpc_nb.local.s3_gate import S3Gate


@dataclass(frozen=True)
class View:
    """Reads and writes as `caller`, each through the gate; writes encrypt with `kms_key` if there is one.

    Every method raises Refused where a policy, or the lack of one, says no, and Missing where there is nothing.
    """

    gate: S3Gate
    caller: Caller
    kms_key: str | None = None

    def get(self, bucket: str, key: str) -> bytes:
        """An object's bytes."""
        return self._ask("GET", "s3:GetObject", bucket, key)

    def look(self, bucket: str, key: str) -> None:
        """Makes sure that an object is there and may be read, without reading it."""
        self._check(Ask("s3:GetObject", bucket, key))
        if not self.gate.kept.has(bucket, key):
            self.get(bucket, key)

    def put(self, bucket: str, key: str, data: Content, content_type: str = "application/octet-stream") -> None:
        """Writes an object; with a function, its bytes are made when somebody first reads it."""
        encrypted = self.gate.keys.headers(self.kms_key)
        if not callable(data):
            self._ask("PUT", "s3:PutObject", bucket, key, data, {"Content-Type": content_type, **encrypted})
            return
        request = self._request("PUT", bucket, key, headers=encrypted)
        self._check(Ask("s3:PutObject", bucket, key))
        if bucket not in self.gate.buckets:
            raise Missing(bucket)
        try:
            self.gate.keep(request, bucket, key, data, content_type, self.caller)
        except ApiError as error:
            raise _refused(error, "s3:PutObject", bucket, key) from None

    def list(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys under a prefix, in order."""
        found: list[str] = []
        query = {"list-type": "2", "prefix": prefix}
        while True:
            tree = ElementTree.fromstring(self._ask("GET", "s3:ListBucket", bucket, "", query=query))
            named = [(node.tag.rpartition("}")[2], node.text or "") for node in tree.iter()]
            found += [text for tag, text in named if tag == "Key"]
            token = dict(named).get("NextContinuationToken")
            if not token:
                return found
            query["continuation-token"] = token

    def region_of(self, bucket: str) -> str | None:
        """The Region of a bucket that is there, which asks for no permission: its address tells it."""
        known = self.gate.buckets.get(bucket)
        return known.region if known else None

    def location(self, bucket: str) -> str:
        """The Region of a bucket."""
        known = self.gate.buckets.get(bucket)
        if known is None:
            raise Missing(bucket)
        self._check(Ask("s3:GetBucketLocation", bucket))
        return known.region

    def _check(self, ask: Ask) -> None:
        try:
            self.gate.check(ask, self.caller)
        except ApiError as error:
            raise Refused(ask.action, ask.resource, error.message) from None

    def _ask(
        self,
        method: str,
        action: str,
        bucket: str,
        key: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> bytes:
        try:
            status, _, answer = self.gate.answer(self._request(method, bucket, key, body, headers, query), self.caller)
        except ApiError as error:
            if error.status == 404:
                raise Missing(bucket) from None
            raise _refused(error, action, bucket, key) from None
        if status == 404:
            raise Missing(bucket, key)
        if status >= 300:
            raise Refused(action, Ask(action, bucket, key).resource, f"S3 answered {status}: {answer[:200]!r}")
        return answer

    def _request(
        self,
        method: str,
        bucket: str,
        key: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> AWSPreparedRequest:
        url = f"https://s3.{self.caller.region}.amazonaws.com/{bucket}"
        url += f"/{quote(key)}" if key else f"?{urlencode(query or {})}"
        carried = HTTPHeaders()
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            carried[name] = value
        return AWSPreparedRequest(method, url, carried, body, False)


def _refused(error: ApiError, action: str, bucket: str, key: str) -> Refused:
    """A refusal with the permission that was missing: that of S3, or one on the key of an object."""
    said = "Access Denied" if error.status == 403 else f"{error.code} ({error.message.rstrip('.')})"
    return Refused(*(error.asked or (action, Ask(action, bucket, key).resource)), error.message, said=said)
