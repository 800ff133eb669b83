"""What an audit needs to know of many buckets, read at once: Region, policy, CORS rules, public access, ownership."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ParamValidationError

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.sessions import Standing, client, open_session, raised, standing
from gt_vpc_nb.aws.surveying import bucket_cors, bucket_region
from gt_vpc_nb.preflight.surroundings import Bucket, Missing, Unknown

#: boto3 spends its time in Python: more threads than these gain nothing (measured).
THREADS = 16
#: Fewer buckets than this are read before a progress bar could say anything.
_WORTH_A_BAR = 20


@dataclass(frozen=True)
class ReadBucket:
    """One bucket as AWS showed it, and to whom.

    `block` are the bucket's four Block Public Access settings (None: never set), `ownership` its ObjectOwnership
    (None: never set). What may not be read is an `Unknown`; `failed` says why the bucket could not be asked at all.
    """

    bucket: Bucket
    where: Standing
    block: Mapping[str, bool] | None | Unknown = None
    ownership: str | None | Unknown = None
    failed: str = ""


def read_buckets(asked: Sequence[tuple[str, Any]]) -> list[ReadBucket]:
    """Reads (name, session) pairs, 16 at a time, in the order asked; what fails is told in its own place.

    Raises AwsError only when AWS does not say whose account a session is.
    """
    opened = {id(session): open_session(session) for _, session in asked}
    wheres = {key: standing(session) for key, session in opened.items()}
    clients = {key: client(session, "s3") for key, session in opened.items()}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="gt-vpc-nb-audit") as pool:
        futures = [pool.submit(_read, name, clients[id(one)], wheres[id(one)]) for name, one in asked]
        try:
            return [future.result() for future in _watched(futures)]
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _watched(futures: list[Future[ReadBucket]]) -> Sequence[Future[ReadBucket]]:
    if len(futures) < _WORTH_A_BAR:
        return futures
    from tqdm.auto import tqdm

    return tqdm(futures, desc="reading buckets", unit="bucket", delay=2, leave=False)


def _read(name: str, s3: Any, where: Standing) -> ReadBucket:
    try:
        region = bucket_region(name, s3)
        if isinstance(region, Missing):
            return ReadBucket(Bucket(name, region), where)
        policy = known(
            "s3:GetBucketPolicy", lambda: s3.get_bucket_policy(Bucket=name)["Policy"], {"NoSuchBucketPolicy"}
        )
        cors = known("s3:GetBucketCORS", lambda: bucket_cors(name, s3), {"NoSuchCORSConfiguration"}, ())
        return ReadBucket(
            Bucket(name, region, policy=policy, cors=cors),
            where,
            known("s3:GetBucketPublicAccessBlock", lambda: _block(name, s3), {"NoSuchPublicAccessBlockConfiguration"}),
            known("s3:GetBucketOwnershipControls", lambda: _owner(name, s3), {"OwnershipControlsNotFoundError"}),
        )
    except ParamValidationError:
        return ReadBucket(Bucket(name, Missing(f"'{name}' is not a bucket name")), where)
    except BotoCoreError as error:
        told = str(raised(error, f"reading bucket '{name}'"))
        return ReadBucket(Bucket(name, Unknown(told)), where, failed=told)


def _policy(name: str, s3: Any) -> str:
    return str(s3.get_bucket_policy(Bucket=name)["Policy"])


def _block(name: str, s3: Any) -> dict[str, bool]:
    return dict(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"])


def _owner(name: str, s3: Any) -> str | None:
    rules = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    return rules[0]["ObjectOwnership"] if rules else None
