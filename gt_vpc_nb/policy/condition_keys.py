"""Condition keys that a bucket policy may ask about: AWS's global ones and those of S3.

Sources: IAM User Guide, reference_policies_condition-keys; Service Authorization Reference, Amazon S3. AWS adds keys,
so an unknown one is a warning and never an error.
"""

from __future__ import annotations

from functools import lru_cache

_GLOBAL = (
    "aws:AssumedRoot",
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:ChatbotSourceArn",
    "aws:CurrentTime",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:EpochTime",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalType",
    "aws:Referer",
    "aws:RequestedRegion",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:ResourceOrgPaths",
    "aws:SecureTransport",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIdentity",
    "aws:SourceIp",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:SourceOwner",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:SourceVpce",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:UserAgent",
    "aws:UserId",
    "aws:UserName",
    "aws:ViaAWSService",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
    "aws:VpcSourceIp",
)
#: Keys that go on with a tag's own name after a slash.
_TAGGED = (
    "aws:PrincipalTag/",
    "aws:RequestTag/",
    "aws:ResourceTag/",
    "s3:AccessPointTag/",
    "s3:BucketTag/",
    "s3:ExistingObjectTag/",
    "s3:RequestObjectTag/",
)
_S3 = (
    "s3:AccessGrantScope",
    "s3:AccessGrantsInstanceArn",
    "s3:AccessGrantsLocationScope",
    "s3:AccessPointNetworkOrigin",
    "s3:DataAccessPointAccount",
    "s3:DataAccessPointArn",
    "s3:ExistingJobOperation",
    "s3:ExistingJobPriority",
    "s3:InventoryAccessibleOptionalFields",
    "s3:JobSuspendedCause",
    "s3:LocationConstraint",
    "s3:ObjectCreationOperation",
    "s3:RequestJobOperation",
    "s3:RequestJobPriority",
    "s3:RequestObjectTagKeys",
    "s3:ResourceAccount",
    "s3:TlsVersion",
    "s3:VersionId",
    "s3:annotation-prefix",
    "s3:authType",
    "s3:delimiter",
    "s3:deliverySourceArn",
    "s3:destinationRegion",
    "s3:if-match",
    "s3:if-none-match",
    "s3:isReplicationPauseRequest",
    "s3:logType",
    "s3:max-annotation-results",
    "s3:max-keys",
    "s3:object-lock-event-hold",
    "s3:object-lock-event-hold-duration-days",
    "s3:object-lock-legal-hold",
    "s3:object-lock-mode",
    "s3:object-lock-remaining-retention-days",
    "s3:object-lock-retain-until-date",
    "s3:prefix",
    "s3:resourceArnBeingAuthorized",
    "s3:signatureAge",
    "s3:signatureversion",
    "s3:x-amz-acl",
    "s3:x-amz-bucket-namespace",
    "s3:x-amz-content-sha256",
    "s3:x-amz-copy-source",
    "s3:x-amz-grant-full-control",
    "s3:x-amz-grant-read",
    "s3:x-amz-grant-read-acp",
    "s3:x-amz-grant-write",
    "s3:x-amz-grant-write-acp",
    "s3:x-amz-metadata-directive",
    "s3:x-amz-object-annotation-directive",
    "s3:x-amz-object-if-match",
    "s3:x-amz-object-ownership",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-server-side-encryption-customer-algorithm",
    "s3:x-amz-storage-class",
    "s3:x-amz-website-redirect-location",
)
#: Keys that hold several values in one request and so need ForAllValues or ForAnyValue.
MULTI_VALUED = frozenset(
    key.lower()
    for key in (
        "aws:CalledVia",
        "aws:PrincipalOrgPaths",
        "aws:PrincipalServiceNamesList",
        "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths",
        "aws:TagKeys",
        "aws:VpceOrgPaths",
        "s3:InventoryAccessibleOptionalFields",
        "s3:RequestObjectTagKeys",
    )
)
#: Keys that say who asks; an exemption by one of them holds from every network.
CALLER_KEYS = frozenset(
    key.lower()
    for key in ("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:UserId", "aws:UserName")
)
_KNOWN = {key.lower(): key for key in (*_GLOBAL, *_S3)}


@lru_cache(maxsize=4096)
def is_known(key: str) -> bool:
    """Whether the tables have a key, in any case; a tag key counts with any tag."""
    folded = key.lower()
    return folded in _KNOWN or any(folded.startswith(each.lower()) for each in _TAGGED)


def is_single_valued(key: str) -> bool:
    """Whether a key is known to hold one value at most."""
    return is_known(key) and key.lower() not in MULTI_VALUED


def keys_of(namespace: str) -> list[str]:
    """The known keys of a namespace, ``aws`` or ``s3``, for near misses."""
    return [key for key in (*_KNOWN.values(), *_TAGGED) if key.startswith(f"{namespace}:")]
