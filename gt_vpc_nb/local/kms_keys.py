"""Objects that are encrypted with a KMS key: S3 needs the caller's permission to use it, by the key's policy.

S3 asks KMS for the caller (forward access sessions): kms:GenerateDataKey to write, kms:Decrypt to read, both for the
parts of an upload and for a copy (S3 User Guide, UsingKMSEncryption). In a key policy, unlike a bucket's, the policies
of the caller's account count only where it lets that account in (KMS Developer Guide, key-policy-default).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.s3_operations import S3Request
from gt_vpc_nb.policy import Policy

WRITE, READ = "kms:GenerateDataKey", "kms:Decrypt"
#: AWS's own key for S3 in an account, where a request names none; only its account may use it.
AWS_OWN = "alias/aws/s3"
_ALGORITHM, _KEY = "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"
_DEFAULT = re.compile(rb"<SSEAlgorithm>\s*([\w:]+)\s*</SSEAlgorithm>")
_DEFAULT_KEY = re.compile(rb"<KMSMasterKeyID>\s*([^<\s]+)\s*</KMSMasterKeyID>")


@dataclass(frozen=True)
class Key:
    """A key that an object is encrypted with; `policy` is None for AWS's own."""

    arn: str
    account: str
    policy: Policy | None = None


@dataclass(frozen=True)
class Use:
    """One permission on a key that an S3 request needs."""

    action: str
    key: Key


class KmsKeys:
    """Which objects are encrypted with which key. `kms(account, region)` is a client that asks past the door."""

    def __init__(self, kms: Callable[[str, str], Any]) -> None:
        self._kms = kms
        self._defaults: dict[str, str] = {}
        self._objects: dict[tuple[str, str], str] = {}
        self._known: dict[tuple[str, str, str], Key] = {}

    def forget(self) -> None:
        """KMS was written to: keys and their policies are read again."""
        self._known.clear()

    def uses(self, request: AWSPreparedRequest, asked: S3Request, account: str, region: str) -> list[Use]:
        """What a request needs of keys; `account` and `region` are the bucket's. Raises ApiError as S3 does."""
        found: list[Use] = []
        if asked.level != "object" or asked.sub not in ("", "versionId", "uploads", "uploadId"):
            return found
        if source := request.headers.get("x-amz-copy-source"):
            found += self._reads(*_bucket_and_key(source), account, region)
        if asked.method == "GET" and asked.sub in ("", "versionId"):
            found += self._reads(asked.bucket, asked.key, account, region)
        if asked.method in ("PUT", "POST"):
            found += self.writes(asked.bucket, asked.key, request, account, region, parts=bool(asked.sub))
        return found

    def _reads(self, bucket: str, key: str, account: str, region: str) -> list[Use]:
        name = self._objects.get((bucket, key))
        return [] if name is None else [Use(READ, self.key(name, account, region))]

    def writes(
        self, bucket: str, key: str, request: AWSPreparedRequest, account: str, region: str, *, parts: bool = False
    ) -> list[Use]:
        """What writing an object needs."""
        name = self._named(bucket, request) or (self._objects.get((bucket, key)) if parts else None)
        if name is None:
            return []
        used = self.key(name, account, region)
        return [Use(WRITE, used), *([Use(READ, used)] if parts else [])]

    def headers(self, name: str | None) -> dict[str, str]:
        """What a request to write says of a key, given by name; nothing leaves it to the bucket."""
        return {} if name is None else {_ALGORITHM: "aws:kms", _KEY: name}

    def _named(self, bucket: str, request: AWSPreparedRequest) -> str | None:
        algorithm = request.headers.get(_ALGORITHM)
        if algorithm is None:
            return self._defaults.get(bucket)
        return request.headers.get(_KEY, AWS_OWN) if algorithm.startswith("aws:kms") else None

    def key(self, name: str, account: str, region: str) -> Key:
        """A key by its id, ARN or alias. Raises ApiError where it is not there, or not enabled."""
        if (name, account, region) not in self._known:
            self._known[name, account, region] = self._read(name, account, region)
        return self._known[name, account, region]

    def _read(self, name: str, account: str, region: str) -> Key:
        if name == AWS_OWN:
            return Key(f"arn:aws:kms:{region}:{account}:{AWS_OWN}", account)
        parts = name.split(":")
        where = (parts[4], parts[3]) if len(parts) > 5 else (account, region)
        kms = self._kms(*where)
        try:
            told = kms.describe_key(KeyId=name)["KeyMetadata"]
            text = kms.get_key_policy(KeyId=told["KeyId"], PolicyName="default")["Policy"]
        except ClientError as error:
            raise ApiError("KMS.NotFoundException", f"{name}: {error}", 400) from None
        if not told.get("Enabled", True):
            raise ApiError("KMS.DisabledException", f"{told['Arn']} is {told.get('KeyState', 'Disabled')}.", 400)
        try:
            return Key(told["Arn"], where[0], Policy.parse(text))
        except PolicyError as error:
            raise ApiError("AccessDenied", f"The policy of {told['Arn']} cannot be read: {error}", 403) from None

    def after(self, request: AWSPreparedRequest, asked: S3Request, answer: Answer) -> None:
        """Notes what a request that was passed on has encrypted, and a bucket's default."""
        if answer[0] >= 300:
            return
        if asked.level == "bucket" and asked.sub == "encryption" and asked.method != "GET":
            self._set_default(asked.bucket, request)
        elif asked.level == "bucket" and asked.method == "DELETE" and not asked.sub:
            self._defaults.pop(asked.bucket, None)
        elif asked.level == "object" and asked.method in ("PUT", "POST") and asked.sub in ("", "uploads"):
            self.note(asked.bucket, asked.key, self._named(asked.bucket, request))

    def of(self, bucket: str, key: str) -> str | None:
        """The key that an object is encrypted with, as it was named; None for S3's own encryption."""
        return self._objects.get((bucket, key))

    def note(self, bucket: str, key: str, name: str | None) -> None:
        """Notes with which key an object was written; None is S3's own encryption."""
        self._objects.pop((bucket, key), None)
        if name is not None:
            self._objects[bucket, key] = name

    def _set_default(self, bucket: str, request: AWSPreparedRequest) -> None:
        algorithm, named = _DEFAULT.search(request.body), _DEFAULT_KEY.search(request.body)
        self._defaults.pop(bucket, None)
        if request.method == "PUT" and algorithm and algorithm[1].startswith(b"aws:kms"):
            self._defaults[bucket] = named[1].decode() if named else AWS_OWN


def _bucket_and_key(source: str) -> tuple[str, str]:
    bucket, _, key = unquote(source.lstrip("/").partition("?")[0]).partition("/")
    return bucket, key
