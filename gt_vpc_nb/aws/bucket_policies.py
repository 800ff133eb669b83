"""Bucket policies at AWS: read, replace, delete; and the labeling jobs that still use a bucket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gt_vpc_nb.aws.objects import is_s3, parse_uri
from gt_vpc_nb.aws.sessions import asking, client
from gt_vpc_nb.errors import AwsError

#: S3 may answer with the old policy for a moment after it was replaced: ask so often, with so long between (seconds).
READ_BACKS = 5
PAUSE = 2.0
_RUNNING = ("Initializing", "InProgress", "Stopping")


def read_policy(bucket: str, session: Any, region: str | None = None) -> str | None:
    """A bucket's policy as S3 gives it, or None when it has none; raises AwsError when it cannot be read."""
    s3 = client(session, "s3", region)
    try:
        with asking(f"reading the policy of bucket '{bucket}'"):
            return s3.get_bucket_policy(Bucket=bucket)["Policy"]
    except AwsError as error:
        if error.code == "NoSuchBucketPolicy":
            return None
        raise


def write_policy(bucket: str, text: str | None, session: Any, *, lock_out: bool = False) -> None:
    """Replaces a bucket's policy, or deletes it when `text` is None.

    `lock_out` says that the caller accepted being locked out, which S3 otherwise refuses.
    """
    s3 = client(session, "s3")
    with asking(f"writing the policy of bucket '{bucket}'"):
        if text is None:
            s3.delete_bucket_policy(Bucket=bucket)
        elif lock_out:
            s3.put_bucket_policy(Bucket=bucket, Policy=text, ConfirmRemoveSelfBucketAccess=True)
        else:
            s3.put_bucket_policy(Bucket=bucket, Policy=text)


def jobs_on(bucket: str, session: Any, regions: Sequence[str | None]) -> Iterator[str]:
    """Names of labeling jobs that have not ended and read from or write to a bucket, in the given Regions."""
    for region in regions:
        sagemaker = client(session, "sagemaker", region)
        with asking(f"looking for labeling jobs on bucket '{bucket}'"):
            for status in _RUNNING:
                pages = sagemaker.get_paginator("list_labeling_jobs").paginate(StatusEquals=status)
                for summary in (each for page in pages for each in page["LabelingJobSummaryList"]):
                    job = sagemaker.describe_labeling_job(LabelingJobName=summary["LabelingJobName"])
                    if bucket in _buckets_of(job):
                        yield summary["LabelingJobName"]


def _buckets_of(job: dict[str, Any]) -> set[str]:
    source = job["InputConfig"]["DataSource"].get("S3DataSource", {})
    uris = (
        source.get("ManifestS3Uri"),
        job["OutputConfig"]["S3OutputPath"],
        job["HumanTaskConfig"]["UiConfig"].get("UiTemplateS3Uri"),
        job.get("LabelCategoryConfigS3Uri"),
    )
    return {parse_uri(each)[0] for each in uris if each and is_s3(each)}
