"""Which IAM actions an S3 request needs: one table, and the reader of a request that looks it up."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.local.failures import ApiError

# (level, sub-resource): {method: actions}. Source: "Required permissions for Amazon S3 API operations", S3 User Guide.
_TABLE: dict[tuple[str, str], dict[str, str]] = {
    ("service", ""): {"GET": "ListAllMyBuckets"},
    ("bucket", ""): {"GET": "ListBucket", "HEAD": "ListBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"},
    ("bucket", "versions"): {"GET": "ListBucketVersions"},
    ("bucket", "uploads"): {"GET": "ListBucketMultipartUploads"},
    ("bucket", "delete"): {"POST": "DeleteObject"},
    ("bucket", "location"): {"GET": "GetBucketLocation"},
    ("bucket", "cors"): {"GET": "GetBucketCORS", "PUT": "PutBucketCORS", "DELETE": "PutBucketCORS"},
    ("bucket", "policy"): {"GET": "GetBucketPolicy", "PUT": "PutBucketPolicy", "DELETE": "DeleteBucketPolicy"},
    ("bucket", "policyStatus"): {"GET": "GetBucketPolicyStatus"},
    ("bucket", "encryption"): {
        "GET": "GetEncryptionConfiguration",
        "PUT": "PutEncryptionConfiguration",
        "DELETE": "PutEncryptionConfiguration",
    },
    ("bucket", "publicAccessBlock"): {
        "GET": "GetBucketPublicAccessBlock",
        "PUT": "PutBucketPublicAccessBlock",
        "DELETE": "PutBucketPublicAccessBlock",
    },
    ("bucket", "ownershipControls"): {
        "GET": "GetBucketOwnershipControls",
        "PUT": "PutBucketOwnershipControls",
        "DELETE": "PutBucketOwnershipControls",
    },
    ("bucket", "tagging"): {"GET": "GetBucketTagging", "PUT": "PutBucketTagging", "DELETE": "PutBucketTagging"},
    ("bucket", "versioning"): {"GET": "GetBucketVersioning", "PUT": "PutBucketVersioning"},
    ("bucket", "acl"): {"GET": "GetBucketAcl", "PUT": "PutBucketAcl"},
    ("bucket", "lifecycle"): {
        "GET": "GetLifecycleConfiguration",
        "PUT": "PutLifecycleConfiguration",
        "DELETE": "PutLifecycleConfiguration",
    },
    ("bucket", "notification"): {"GET": "GetBucketNotification", "PUT": "PutBucketNotification"},
    ("bucket", "logging"): {"GET": "GetBucketLogging", "PUT": "PutBucketLogging"},
    ("bucket", "object-lock"): {
        "GET": "GetBucketObjectLockConfiguration",
        "PUT": "PutBucketObjectLockConfiguration",
    },
    ("object", ""): {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"},
    ("object", "versionId"): {"GET": "GetObjectVersion", "HEAD": "GetObjectVersion", "DELETE": "DeleteObjectVersion"},
    ("object", "uploads"): {"POST": "PutObject"},
    ("object", "uploadId"): {
        "PUT": "PutObject",
        "POST": "PutObject",
        "DELETE": "AbortMultipartUpload",
        "GET": "ListMultipartUploadParts",
    },
    ("object", "tagging"): {"GET": "GetObjectTagging", "PUT": "PutObjectTagging", "DELETE": "DeleteObjectTagging"},
    ("object", "acl"): {"GET": "GetObjectAcl", "PUT": "PutObjectAcl"},
    ("object", "attributes"): {"GET": "GetObject GetObjectAttributes"},
    ("object", "retention"): {"GET": "GetObjectRetention", "PUT": "PutObjectRetention"},
    ("object", "legal-hold"): {"GET": "GetObjectLegalHold", "PUT": "PutObjectLegalHold"},
}
#: Every action of S3 that a request here can need.
ACTIONS = frozenset(
    f"s3:{action}" for methods in _TABLE.values() for actions in methods.values() for action in actions.split()
)
#: Query parameters that change nothing about the permission needed.
_PLAIN = frozenset(
    [
        "list-type",
        "prefix",
        "delimiter",
        "marker",
        "max-keys",
        "encoding-type",
        "continuation-token",
        "start-after",
        "fetch-owner",
        "partNumber",
        "key-marker",
        "version-id-marker",
        "upload-id-marker",
        "max-uploads",
        "max-parts",
        "part-number-marker",
        "x-id",
        "versionId",
        "max-buckets",
        "bucket-region",
        "AWSAccessKeyId",
        "Signature",
        "Expires",
    ]
)
_HOST = re.compile(r"(?:(?P<bucket>.+)\.)?s3(?:[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-\d+)?\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True)
class Ask:
    """One permission an S3 request needs."""

    action: str
    bucket: str = ""
    key: str = ""
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def resource(self) -> str:
        if not self.bucket:
            return "*"
        return f"arn:aws:s3:::{self.bucket}/{self.key}" if self.key else f"arn:aws:s3:::{self.bucket}"


@dataclass(frozen=True)
class S3Request:
    """An S3 request as a person would say it: `level` is service, bucket or object; `sub` the sub-resource."""

    method: str
    level: str
    sub: str
    bucket: str
    key: str
    asks: tuple[Ask, ...]
    prefix: str = ""


def is_s3(host: str) -> bool:
    """Whether a host name is S3's own (not an access point, not S3 Control)."""
    return _HOST.fullmatch(host) is not None


def read(request: AWSPreparedRequest) -> S3Request:
    """Reads a request. Raises ApiError (501) for one whose permissions are not in the table."""
    bucket, key = place(request)
    query = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
    level = "object" if key else "bucket" if bucket else "service"
    sub = _sub_resource(level, query)
    actions = _TABLE.get((level, sub), {}).get(request.method, "")
    if not actions:
        shown = f"{request.method} {level}{'?' + sub if sub else ''}"
        raise ApiError("NotImplemented", f"The local AWS does not know which permission {shown} needs.", 501)
    context = _context(request, query)
    asks = tuple(Ask(f"s3:{action}", bucket, key, context) for action in actions.split())
    asks += _further(request, bucket, key, sub, context)
    return S3Request(request.method, level, sub, bucket, key, asks, query.get("prefix", ""))


def place(request: AWSPreparedRequest) -> tuple[str, str]:
    """Bucket and key that a request is about, each empty for none. Raises ApiError (501) for a host not S3's own."""
    url = urlsplit(request.url)
    host = _HOST.fullmatch(url.hostname or "")
    if host is None:
        raise ApiError("NotImplemented", f"The local AWS has no S3 endpoint {url.hostname}.", 501)
    path = unquote(url.path)[1:]
    return (host["bucket"], path) if host["bucket"] else (path.partition("/")[0], path.partition("/")[2])


def _sub_resource(level: str, query: Mapping[str, str]) -> str:
    named = [name for name in query if (level, name) in _TABLE and name != "versionId"]
    unknown = [name for name in query if not _plain(name) and name not in named]
    if unknown or len(named) > 1:
        shown = ", ".join(unknown or named)
        raise ApiError("NotImplemented", f"The local AWS does not know an S3 request with {shown}.", 501)
    if named:
        return named[0]
    return "versionId" if level == "object" and "versionId" in query else ""


def _plain(name: str) -> bool:
    return name in _PLAIN or name.startswith("response-") or name.lower().startswith("x-amz-")


def _further(
    request: AWSPreparedRequest, bucket: str, key: str, sub: str, context: Mapping[str, str]
) -> tuple[Ask, ...]:
    """What headers and bodies ask for on top: the source of a copy, an ACL, tags, each key of a DeleteObjects."""
    headers = request.headers
    asks = []
    if source := headers.get("x-amz-copy-source"):
        path, _, version = source.lstrip("/").partition("?versionId=")
        from_bucket, _, from_key = unquote(path).partition("/")
        asks.append(Ask("s3:GetObjectVersion" if version else "s3:GetObject", from_bucket, from_key))
    if key and sub in ("", "uploads") and "x-amz-tagging" in headers:
        asks.append(Ask("s3:PutObjectTagging", bucket, key, context))
    if key and sub in ("", "uploads") and "x-amz-acl" in headers:
        asks.append(Ask("s3:PutObjectAcl", bucket, key, context))
    return tuple(asks)


def keys_to_delete(body: bytes) -> list[tuple[str, str]]:
    """(key, version id or "") of each object that a DeleteObjects names. Raises ApiError for broken XML."""
    try:
        tree = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise ApiError("MalformedXML", "The XML you provided was not well-formed.") from None
    found = []
    for each in (node for node in tree.iter() if _local(node) == "Object"):
        told = {_local(child): child.text or "" for child in each}
        found.append((told.get("Key", ""), told.get("VersionId", "")))
    return found


def without(body: bytes, keys: set[tuple[str, str]]) -> bytes:
    """The same DeleteObjects without some of its objects."""
    tree = ElementTree.fromstring(body)
    for each in [node for node in tree if _local(node) == "Object"]:
        told = {_local(child): child.text or "" for child in each}
        if (told.get("Key", ""), told.get("VersionId", "")) in keys:
            tree.remove(each)
    for node in tree.iter():
        node.tag = _local(node)
    return ElementTree.tostring(tree)


def _local(node: ElementTree.Element) -> str:
    return node.tag.rpartition("}")[2]


_QUERY_KEYS = {
    "prefix": "s3:prefix",
    "delimiter": "s3:delimiter",
    "max-keys": "s3:max-keys",
    "versionId": "s3:VersionId",
}
_HEADER_KEYS = {
    "x-amz-acl": "s3:x-amz-acl",
    "x-amz-copy-source": "s3:x-amz-copy-source",
    "x-amz-server-side-encryption": "s3:x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-storage-class": "s3:x-amz-storage-class",
    "user-agent": "aws:UserAgent",
    "referer": "aws:Referer",
}


def _context(request: AWSPreparedRequest, query: Mapping[str, str]) -> dict[str, str]:
    context = {key: query[name] for name, key in _QUERY_KEYS.items() if name in query}
    context |= {key: request.headers[name] for name, key in _HEADER_KEYS.items() if name in request.headers}
    signed = "X-Amz-Signature" in query or "Signature" in query
    context["s3:authType"] = "REST-QUERY-STRING" if signed else "REST-HEADER"
    return context
