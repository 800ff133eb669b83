"""What an audit needs to know of many buckets, read at once: Region, policy, CORS rules, public access, ownership."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ParamValidationError

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.sessions import SILENCES, Standing, client, open_session, place_of, raised, standing
from gt_vpc_nb.aws.surveying_buckets import bucket_cors, bucket_region
from gt_vpc_nb.errors import AwsError
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


@dataclass(frozen=True)
class _Asker:
    """A session as it turned out: whose it is, and a client of its own; or why AWS does not answer it."""

    where: Standing
    s3: Any = None
    failed: AwsError | None = None


def read_buckets(asked: Sequence[tuple[str, Any]]) -> Iterator[ReadBucket]:
    """Reads (name, session) pairs, 16 at a time, and yields each in the order asked; what fails is told in its place.

    Close it to stop: buckets that nobody asks for yet are then left unread. Raises AwsError when AWS says of none of
    the sessions whose it is, and for what is no session.
    """
    askers = {key: _asker(opened) for key, opened in {id(one): open_session(one) for _, one in asked}.items()}
    failures = [each.failed for each in askers.values() if each.failed]
    if failures and len(failures) == len(askers):
        raise failures[0]
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="gt-vpc-nb-audit")
    try:
        for future in _watched([pool.submit(_read, name, askers[id(one)]) for name, one in asked]):
            yield future.result()
    finally:
        # Whoever interrupts does not want to wait for calls under way, which end by themselves.
        pool.shutdown(wait=False, cancel_futures=True)


def _asker(session: Any) -> _Asker:
    try:
        return _Asker(standing(session), client(session, "s3"))
    except AwsError as error:
        return _Asker(Standing(place_of(session), session.region_name, "unknown account"), failed=error)


def _watched(futures: list[Future[ReadBucket]]) -> Iterable[Future[ReadBucket]]:
    if len(futures) < _WORTH_A_BAR:
        return futures
    from tqdm.auto import tqdm

    return tqdm(futures, desc="auditing", unit="bucket", delay=2, leave=False)


def _read(name: str, asker: _Asker) -> ReadBucket:
    if asker.failed:
        return _failed(name, asker.where, str(asker.failed))
    try:
        return _answered(name, asker.s3, asker.where)
    except ParamValidationError:
        return ReadBucket(Bucket(name, Missing(_not_a_name(name))), asker.where)
    except SILENCES as error:
        return _failed(name, asker.where, str(raised(error, f"reading bucket '{name}'")))


def _not_a_name(name: str) -> str:
    inner = name.removeprefix("s3://").rpartition(":::")[2].partition("/")[0]
    return f"'{name}' is not a bucket name" + (f"; write '{inner}'" if inner and inner != name else "")


def _failed(name: str, where: Standing, told: str) -> ReadBucket:
    return ReadBucket(Bucket(name, Unknown(told)), where, failed=told)


def _answered(name: str, s3: Any, where: Standing) -> ReadBucket:
    region = bucket_region(name, s3)
    if isinstance(region, Missing):
        return ReadBucket(Bucket(name, region), where)
    policy = known("s3:GetBucketPolicy", lambda: s3.get_bucket_policy(Bucket=name)["Policy"], {"NoSuchBucketPolicy"})
    cors = known("s3:GetBucketCORS", lambda: bucket_cors(name, s3), {"NoSuchCORSConfiguration"}, ())
    return ReadBucket(
        Bucket(name, region, policy=policy, cors=cors),
        where,
        known("s3:GetBucketPublicAccessBlock", lambda: _block(name, s3), {"NoSuchPublicAccessBlockConfiguration"}),
        known("s3:GetBucketOwnershipControls", lambda: _owner(name, s3), {"OwnershipControlsNotFoundError"}),
    )


def _block(name: str, s3: Any) -> dict[str, bool]:
    return dict(s3.get_public_access_block(Bucket=name).get("PublicAccessBlockConfiguration", {}))


def _owner(name: str, s3: Any) -> str | None:
    rules = s3.get_bucket_ownership_controls(Bucket=name).get("OwnershipControls", {}).get("Rules")
    return rules[0]["ObjectOwnership"] if rules else None
