"""The actions of Amazon S3, and the few that Ground Truth and its console need."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from gt_vpc_nb.facts.tables import frozen, table

#: What Ground Truth does in the buckets of a job. Source: the AWS page samurai-vpc-labeling-job, bucket policies.
GROUND_TRUTH_ACTIONS = (
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:GetBucketLocation",
)
#: What a person who creates jobs in the console needs on the buckets. Source: the same page, console users.
CONSOLE_ACTIONS = (
    "s3:GetObject",
    "s3:PutObject",
    "s3:ListBucket",
    "s3:GetBucketCORS",
    "s3:PutBucketCORS",
    "s3:ListAllMyBuckets",
)


@dataclass(frozen=True)
class S3Action:
    """One action of S3.

    `access` is the Service Authorization Reference's level (List, Read, Write, Tagging, Permissions management, or
    several with commas); `resource_types` names what a statement's Resource can be ("bucket", "object", …), empty for
    actions that take only ``*``.
    """

    name: str
    access: str
    resource_types: tuple[str, ...]


@functools.cache
def s3_actions() -> dict[str, S3Action]:
    """Every action of S3 by its name with prefix; do not change the dict.

    >>> s3_actions()["s3:PutBucketPolicy"].resource_types
    ('bucket',)
    """
    return {row["name"]: S3Action(**frozen(row)) for row in table("s3_actions")["actions"]}
