"""What is wrong with a bucket beside the words of its policy: public access, ACLs, CORS rules, what was not read.

A new check is a row of `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.aws.reading_buckets import ReadBucket
from gt_vpc_nb.policy import Finding, Policy
from gt_vpc_nb.policy.finding_table import FindingType
from gt_vpc_nb.policy.public_access import is_public
from gt_vpc_nb.preflight.surroundings import Unknown

BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@dataclass(frozen=True)
class _Check:
    """One row: `test` is asked with the bucket and its policy, and says what fills the message; None is no finding."""

    type: FindingType
    code: str
    test: Callable[[ReadBucket, Policy | None], str | None]
    message: str
    remedy: str


def bucket_findings(read: ReadBucket, policy: Policy | None) -> Iterator[Finding]:
    """The findings of the bucket itself, in Access Analyzer's words; `policy` is None where it has none."""
    for check in CHECKS:
        told = check.test(read, policy)
        if told is not None:
            yield Finding(check.type, check.code, "", None, check.message.format(told), check.remedy)


def cors_ok(read: ReadBucket) -> bool | None:
    """Whether a worker's browser may GET images of the bucket from any origin; None when its rules were not read."""
    if isinstance(read.bucket.cors, Unknown):
        return None
    return any("GET" in rule.methods and "*" in rule.origins for rule in read.bucket.cors)


def _off(read: ReadBucket) -> list[str]:
    """The Block Public Access settings that are off; none that could not be read."""
    block = read.block
    return [] if isinstance(block, Unknown) else [name for name in BLOCKS if not (block or {}).get(name)]


def _no_policy(read: ReadBucket, policy: Policy | None) -> str | None:
    return "" if policy is None else None


def _public(restricted: bool) -> Callable[[ReadBucket, Policy | None], str | None]:
    def test(read: ReadBucket, policy: Policy | None) -> str | None:
        known = isinstance(read.block, Mapping) and read.block.get("RestrictPublicBuckets") is True
        return "" if is_public(policy) and known is restricted else None

    return test


def _blocks_off(public: bool) -> Callable[[ReadBucket, Policy | None], str | None]:
    def test(read: ReadBucket, policy: Policy | None) -> str | None:
        return ", ".join(_off(read)) or None if is_public(policy) is public else None

    return test


def _acls(read: ReadBucket, policy: Policy | None) -> str | None:
    if isinstance(read.ownership, Unknown) or read.ownership == "BucketOwnerEnforced":
        return None
    return read.ownership or "not set"


def _no_cors(read: ReadBucket, policy: Policy | None) -> str | None:
    return "" if cors_ok(read) is False else None


def _unread(read: ReadBucket, policy: Policy | None) -> str | None:
    parts: dict[str, Any] = {
        "its Region": read.bucket.region,
        "its CORS rules": read.bucket.cors,
        "Block Public Access": read.block,
        "object ownership": read.ownership,
    }
    return "; ".join(f"{name}: {each.reason}" for name, each in parts.items() if isinstance(each, Unknown)) or None


_TURN_ON = "Turn all four settings on; the account's own settings were not read."
#: The worst first. Sources: Amazon S3 User Guide, access-control-block-public-access and about-object-ownership;
#: SageMaker developer guide, sms-cors-update.
CHECKS: tuple[_Check, ...] = (
    _Check(
        "SECURITY_WARNING", "PUBLIC_POLICY", _public(restricted=False),
        "S3 calls this policy public, and RestrictPublicBuckets is not known to be on.",
        "Name principals or networks in every Allow, or turn RestrictPublicBuckets on.",
    ),
    _Check(
        "SECURITY_WARNING", "BLOCK_PUBLIC_ACCESS_OFF", _blocks_off(public=True),
        "Block Public Access is off for this bucket, and its policy is public: {}.", _TURN_ON,
    ),
    _Check(
        "WARNING", "PUBLIC_POLICY", _public(restricted=True),
        "S3 calls this policy public; only RestrictPublicBuckets keeps other accounts out.",
        "Name principals or networks in every Allow.",
    ),
    _Check(
        "WARNING", "NO_BUCKET_POLICY", _no_policy,
        "The bucket has no policy: identity policies of its account decide alone, from every network.",
        "Write one: gt_vpc_nb.policy.new_policies.fresh_bucket_policy(bucket, perimeter).",
    ),
    _Check(
        "WARNING", "BLOCK_PUBLIC_ACCESS_OFF", _blocks_off(public=False),
        "Block Public Access is off for this bucket: {}.", _TURN_ON,
    ),
    _Check(
        "WARNING", "ACLS_ENABLED", _acls,
        "Object ownership is {}, so ACLs can let callers in beside the policy.", "Set BucketOwnerEnforced.",
    ),
    _Check(
        "SUGGESTION", "NO_CORS_FOR_WORKERS", _no_cors,
        "No CORS rule lets a worker's browser GET images from any origin.",
        "If workers see images of this bucket, add rule CORS-01: gt_vpc_nb.policy.cors.merged(rules) has it.",
    ),
    _Check(
        "SUGGESTION", "NOT_READ", _unread,
        "Not everything could be read: {}.", "Allow the caller these read actions, and audit again.",
    ),
)  # fmt: skip
