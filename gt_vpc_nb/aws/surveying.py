"""The survey: reads, and only reads, everything around a labeling job that its preflight checks need."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.objects import BLOCK
from gt_vpc_nb.aws.sessions import client, clock_of, code_of, open_session, standing
from gt_vpc_nb.aws.surveying_network import survey_network
from gt_vpc_nb.aws.surveying_people import survey_people
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.surroundings import Bucket, CorsRule, DataObject, Manifest, Missing, Surroundings, Unknown

THREADS = 8
SAMPLE_LINES = 20
# One call each: enough to find a wrong prefix or a bucket in another account, without reading a dataset.
SAMPLE_OBJECTS = 10
_NO_OBJECT = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}


def survey_request(
    request: Mapping[str, Any],
    session: Any = None,
    *,
    region: str | None = None,
    vpc: str | None = None,
    vpc_endpoints: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
) -> Surroundings:
    """Surveys what a CreateLabelingJob request points to; about 25 calls, 8 at a time, none of which changes anything.

    `files` maps s3:// URIs that `submit` has yet to write to their content. What the caller may not read becomes an
    `Unknown` with AWS's error code and the action. Raises AwsError without credentials or without a Region.
    """
    opened = open_session(session)
    here = standing(opened)
    where = region or here.region
    s3, ec2, iam, sagemaker = (client(opened, name, where) for name in ("s3", "ec2", "iam", "sagemaker"))
    with ThreadPoolExecutor(THREADS) as pool:
        network = survey_network(pool, request, ec2, vpc=vpc, vpc_endpoints=vpc_endpoints)
        people = survey_people(pool, request, iam, sagemaker)
        named = _buckets(pool, places.named_buckets(request), s3)
        manifest = _manifest(places.member(request, places.MANIFEST), s3, files or {})
        sampled = _sampled_uris(manifest)
        data_objects = [pool.submit(_data_object, uri, s3) for uri in sampled[:SAMPLE_OBJECTS]]
        further = _buckets(pool, _further(request, sampled), s3)
        return Surroundings(
            place=here.place,
            region=where or "",
            account=here.account,
            taken_at=clock_of(opened).now().isoformat(timespec="seconds"),
            buckets=tuple(each.result() for each in (*named, *further)),
            manifest=manifest,
            data_objects=tuple(each.result() for each in data_objects),
            **{name: future.result() for name, future in {**network, **people}.items()},
        )


def _buckets(pool: Executor, names: Iterable[str], s3: Any) -> list[Any]:
    return [pool.submit(survey_bucket, name, s3) for name in names]


def _further(request: Mapping[str, Any], sampled: Iterable[str]) -> list[str]:
    named = places.named_buckets(request)
    found = dict.fromkeys(place[0] for place in map(places.split_uri, sampled) if place)
    return [bucket for bucket in found if bucket not in named]


def survey_bucket(name: str, s3: Any) -> Bucket:
    """Region, policy, CORS rules and default encryption of one bucket: four calls."""
    region = bucket_region(name, s3)
    if isinstance(region, Missing):
        return Bucket(name, region)
    return Bucket(
        name,
        region,
        policy=known("s3:GetBucketPolicy", lambda: s3.get_bucket_policy(Bucket=name)["Policy"], {"NoSuchBucketPolicy"}),
        cors=known("s3:GetBucketCORS", lambda: bucket_cors(name, s3), {"NoSuchCORSConfiguration"}, ()),
        encryption=known(
            "s3:GetEncryptionConfiguration",
            lambda: _encryption(name, s3),
            {"ServerSideEncryptionConfigurationNotFoundError"},
        ),
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
        )
        for rule in s3.get_bucket_cors(Bucket=name).get("CORSRules", ())
    )


def _encryption(name: str, s3: Any) -> str:
    rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    default = rules[0].get("ApplyServerSideEncryptionByDefault", {}) if rules else {}
    return " ".join(filter(None, (default.get("SSEAlgorithm"), default.get("KMSMasterKeyID")))) or "none"


def _manifest(uri: Any, s3: Any, files: Mapping[str, bytes]) -> Manifest | Missing | Unknown | None:
    place = places.split_uri(uri)
    if place is None:
        return None
    if uri in files:
        return _counted(uri, (files[uri],))
    bucket, key = place

    def ask() -> Manifest:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"]
        return _counted(uri, iter(lambda: body.read(BLOCK), b""))

    return known("s3:GetObject", ask, _NO_OBJECT, Missing(f"there is no object {uri}"))


def _counted(uri: str, blocks: Iterable[bytes]) -> Manifest:
    """Counts the lines that hold something, and keeps the first few, in one pass and bounded memory."""
    objects, sample, rest = 0, [], b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        held = [line for line in lines if line.strip()]
        objects += len(held)
        sample += held[: SAMPLE_LINES - len(sample)]
    if rest.strip():
        objects += 1
        sample += [rest][: SAMPLE_LINES - len(sample)]
    return Manifest(uri, objects, tuple(line.decode("utf-8", "surrogateescape").rstrip("\r") for line in sample))


def _sampled_uris(manifest: Any) -> list[str]:
    found: dict[str, None] = {}
    for text in manifest.sample if isinstance(manifest, Manifest) else ():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        uri = line.get("source-ref") if isinstance(line, dict) else None
        if places.split_uri(uri):
            found[uri] = None
    return list(found)


def _data_object(uri: str, s3: Any) -> DataObject:
    bucket, key = places.split_uri(uri) or ("", "")

    def ask() -> bool:
        s3.head_object(Bucket=bucket, Key=key)
        return True

    return DataObject(uri, known("s3:GetObject", ask, _NO_OBJECT, False))
