"""The bucket part of the survey: where each bucket is, and everything that is set on it."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.sessions import code_of
from gt_vpc_nb.preflight.surroundings import Bucket, CorsRule, Missing, Notification, PublicAccessBlock, Unknown

NOT_WRITTEN = Unknown("not asked: the job does not write to this bucket")
NOT_STREAMING = Unknown("not asked: no events reach a job that is not streaming")


def survey_bucket(name: str, s3: Any, *, written: bool = False, streaming: bool = False) -> Bucket:
    """One bucket in 5 calls; one more for a bucket that the job writes to, and one more for a streaming job's."""
    # Where S3 does not answer the first call, nobody should wait for the others.
    region = known("s3:ListBucket", lambda: (bucket_region(name, s3),))
    if isinstance(region, Unknown):
        return Bucket(name, *[region] * 9)
    if isinstance(region[0], Missing):
        return Bucket(name, region[0])
    encryption = known(
        "s3:GetEncryptionConfiguration",
        lambda: _encryption(name, s3),
        {"ServerSideEncryptionConfigurationNotFoundError"},
        {},
    )
    unread = encryption if isinstance(encryption, Unknown) else None
    return Bucket(
        name,
        region[0],
        policy=known("s3:GetBucketPolicy", lambda: s3.get_bucket_policy(Bucket=name)["Policy"], {"NoSuchBucketPolicy"}),
        cors=known("s3:GetBucketCORS", lambda: bucket_cors(name, s3), {"NoSuchCORSConfiguration"}, ()),
        encryption=unread or " ".join(filter(None, (encryption.get("algorithm"), encryption.get("key")))) or None,
        kms_key=unread or encryption.get("key"),
        bucket_key=unread or encryption.get("bucket_key", False),
        public_access_block=known(
            "s3:GetBucketPublicAccessBlock", lambda: _block(name, s3), {"NoSuchPublicAccessBlockConfiguration"}
        ),
        ownership=known("s3:GetBucketOwnershipControls", lambda: _owner(name, s3), {"OwnershipControlsNotFoundError"})
        if written
        else NOT_WRITTEN,
        notifications=known("s3:GetBucketNotification", lambda: _notifications(name, s3))
        if streaming
        else NOT_STREAMING,
    )


def bucket_region(name: str, s3: Any) -> str | Missing | Unknown:
    """The Region of a bucket, also of one that may not be read."""
    absent = Missing(f"there is no bucket {name}")
    try:
        answer = s3.head_bucket(Bucket=name)
    except ClientError as error:
        if code_of(error) in {"404", "NoSuchBucket"}:
            return absent
        # A 403 or a redirect still says where the bucket is.
        answer = error.response
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    told = answer.get("BucketRegion") or headers.get("x-amz-bucket-region")
    return told or known(
        "s3:GetBucketLocation", lambda: _location(name, s3), {"NoSuchBucket"}, Missing(f"there is no bucket {name}")
    )


def _location(name: str, s3: Any) -> str:
    # The two oldest Regions answer with other words: nothing for us-east-1, EU for eu-west-1.
    told = s3.get_bucket_location(Bucket=name).get("LocationConstraint") or "us-east-1"
    return "eu-west-1" if told == "EU" else told


def bucket_cors(name: str, s3: Any) -> tuple[CorsRule, ...]:
    """A bucket's CORS rules; raises botocore's ClientError."""
    return tuple(
        CorsRule(
            tuple(rule.get("AllowedOrigins", ())),
            tuple(rule.get("AllowedMethods", ())),
            tuple(rule.get("AllowedHeaders", ())),
            tuple(rule.get("ExposeHeaders", ())),
            rule.get("MaxAgeSeconds"),
        )
        for rule in s3.get_bucket_cors(Bucket=name).get("CORSRules", ())
    )


def _encryption(name: str, s3: Any) -> dict[str, Any]:
    rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    rule = rules[0] if rules else {}
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    return {
        "algorithm": default.get("SSEAlgorithm") or "none",
        "key": default.get("KMSMasterKeyID"),
        "bucket_key": bool(rule.get("BucketKeyEnabled")),
    }


def _block(name: str, s3: Any) -> PublicAccessBlock:
    told = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return PublicAccessBlock(*(bool(told.get(each)) for each in names))


def _owner(name: str, s3: Any) -> str | None:
    rules = s3.get_bucket_ownership_controls(Bucket=name).get("OwnershipControls", {}).get("Rules")
    return rules[0]["ObjectOwnership"] if rules else None


_TARGETS = (
    ("TopicConfigurations", "TopicArn"),
    ("QueueConfigurations", "QueueArn"),
    ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
)


def _notifications(name: str, s3: Any) -> tuple[Notification, ...]:
    told = s3.get_bucket_notification_configuration(Bucket=name)
    found = [_notification(each, each[target]) for kind, target in _TARGETS for each in told.get(kind, ())]
    return (*found, *([Notification("eventbridge")] if "EventBridgeConfiguration" in told else []))


def _notification(entry: dict[str, Any], target: str) -> Notification:
    rules = entry.get("Filter", {}).get("Key", {}).get("FilterRules", ())
    named = {str(each.get("Name", "")).lower(): each.get("Value", "") for each in rules}
    return Notification(target, tuple(entry.get("Events", ())), named.get("prefix", ""), named.get("suffix", ""))
