"""Bucket policies at AWS: read, replace, delete; and the labeling jobs that still use a bucket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from gt_vpc_nb.aws.objects import is_s3, parse_uri
from gt_vpc_nb.aws.sessions import THROTTLED, asking, client
from gt_vpc_nb.errors import AwsError

#: S3 may answer with the old policy for a moment after it was replaced: ask so often, with so long between (seconds).
READ_BACKS = 5
PAUSE = 2.0
#: How often to write when S3 is busy, looking again before each try.
WRITES = 4
#: S3 refused, wrote nothing, and will take the same request later. Source: Amazon S3 API reference, error responses.
BUSY = THROTTLED | {"OperationAborted"}
#: AWS answered, and still the write may have been made. What has no answer at all is as unsure.
_UNSURE = frozenset({"InternalError", "ServiceUnavailable", "Unknown", "500", "502", "503", "504"})
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
    """Replaces a bucket's policy, or deletes it when `text` is None; asks once, for the caller looks before each write.

    `lock_out` says that the caller accepted being locked out, which S3 otherwise refuses.
    """
    s3 = client(session, "s3", attempts=1)
    with asking(f"writing the policy of bucket '{bucket}'"):
        if text is None:
            s3.delete_bucket_policy(Bucket=bucket)
        elif lock_out:
            s3.put_bucket_policy(Bucket=bucket, Policy=text, ConfirmRemoveSelfBucketAccess=True)
        else:
            s3.put_bucket_policy(Bucket=bucket, Policy=text)


def surely_not_written(error: AwsError) -> bool:
    """Whether a failed write left the policy as it was: AWS answered, and with a refusal."""
    return bool(error.operation) and error.code not in _UNSURE


def same_policy(one: str | None, other: str | None) -> bool:
    """Whether two policy texts are one document, however S3 spells it.

    S3 may give a policy back without its white space, a list of one value as that value, values in another order, and
    an account's id as the ARN of its root.

    >>> same_policy('{"Action": ["s3:GetObject"]}', '{"Action":"s3:GetObject"}')
    True
    """
    if one is None or other is None:
        return one is other
    return one == other or bool(_plain(json.loads(one)) == _plain(json.loads(other)))


def _plain(value: Any, under: str = "") -> Any:
    """A JSON value without the differences that say nothing."""
    if isinstance(value, dict):
        # The kinds of a principal keep the word, so that only an account named as a principal is its root.
        inside = under if under in _WHO else ""
        return tuple(sorted((name, _plain(each, inside or name)) for name, each in value.items()))
    if isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        return _plain(value[0], under) if len(value) == 1 else [_plain(each, under) for each in value]
    values = value if isinstance(value, list) else [value]
    words = (str(each).lower() if isinstance(each, bool) else str(each) for each in values)
    return frozenset(_ROOT.sub(r"\1", each) if under in _WHO else each for each in words)


_WHO = ("Principal", "NotPrincipal")
_ROOT = re.compile(r"^arn:[^:]*:iam::(\d{12}):root$")


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
