"""The data part of the survey: manifest, data objects, sequence files, label categories, template, leftovers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb import facts
from gt_vpc_nb.aws.gaps import known
from gt_vpc_nb.aws.objects import BLOCK
from gt_vpc_nb.aws.sessions import code_of
from gt_vpc_nb.aws.surveying_clients import Clients
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.image_sizes import size_of
from gt_vpc_nb.preflight.reading_manifest import read_manifest
from gt_vpc_nb.preflight.surroundings import (
    DataObject,
    Manifest,
    Missing,
    Rendered,
    RenderProblem,
    Surroundings,
    TextFile,
    Unknown,
)

# One call each: enough to find a wrong prefix or a bucket in another account, without reading a dataset.
SAMPLE_OBJECTS = 4
# A manifest of video frames names at most ten sequences, so that all of them are read.
SEQUENCES = 10
_HEAD, _TEXT = 1 << 16, 1 << 22
_LEFTOVERS = 20
_NO_OBJECT = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}
#: RenderUiTemplate takes a task of at most so many characters (rule TPL-05).
_TASK_CHARACTERS = 128_000


def survey_manifest(
    request: Mapping[str, Any], s3: Any, files: Mapping[str, bytes]
) -> tuple[Manifest | Missing | Unknown | None, tuple[str, ...]]:
    """The manifest after one pass over the whole of it, and URIs of data objects spread over it."""
    uri = places.member(request, places.MANIFEST)
    place = places.split_uri(uri)
    if place is None:
        return None, ()
    task = places.task_of(request) or facts.task_type("PassThrough")
    if uri in files:
        return read_manifest(uri, (files[uri],), task)
    missing = Missing(f"there is no object {uri}")
    found = known("s3:GetObject", lambda: read_manifest(uri, _blocks(s3, *place), task), _NO_OBJECT, missing)
    return found if isinstance(found, tuple) else (found, ())


def _blocks(s3: Any, bucket: str, key: str) -> Iterator[bytes]:
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    return iter(lambda: body.read(BLOCK), b"")


def spread(uris: tuple[str, ...], most: int) -> tuple[str, ...]:
    """At most so many of them, the first and the last among them.

    >>> spread(("a", "b", "c", "d", "e"), 3)
    ('a', 'c', 'e')
    """
    different = tuple(dict.fromkeys(uris))
    if len(different) <= most:
        return different
    step = (len(different) - 1) / (most - 1)
    return tuple(different[round(number * step)] for number in range(most))


def survey_object(uri: str, s3: Any) -> DataObject:
    """One data object: its first bytes tell its size in pixels, and S3's answer everything else."""
    bucket, key = places.split_uri(uri) or ("", "")
    answer = known("s3:GetObject", lambda: _head(s3, bucket, key), _NO_OBJECT)
    if isinstance(answer, Unknown):
        return DataObject(uri, answer, answer, answer, answer, answer, answer)
    if answer is None:
        gone = Unknown(f"there is no object {uri}")
        return DataObject(uri, False, gone, gone, gone, gone, gone)
    head, told = answer
    size = int(str(told.get("ContentRange", "")).rpartition("/")[2] or told.get("ContentLength", 0))
    width, height = _pixels(head, key)
    return DataObject(uri, True, size, told.get("ContentType", ""), width, height, told.get("SSEKMSKeyId"))


def _head(s3: Any, bucket: str, key: str) -> tuple[bytes, dict[str, Any]]:
    if not key.lower().endswith((".png", ".jpg", ".jpeg")):
        return b"", s3.head_object(Bucket=bucket, Key=key)
    try:
        answer = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{_HEAD - 1}")
    except ClientError as error:
        # S3 refuses a range of an object without bytes.
        if code_of(error) not in {"InvalidRange", "416"}:
            raise
        return b"", s3.head_object(Bucket=bucket, Key=key)
    return answer["Body"].read(), answer


def _pixels(head: bytes, key: str) -> tuple[Any, Any]:
    if not head:
        return None, None
    unread = Unknown(f"the first {_HEAD:,} bytes of {key} tell no size of a PNG or JPEG")
    return size_of(head) or (unread, unread)


def survey_text(uri: Any, s3: Any, files: Mapping[str, bytes]) -> TextFile | None:
    """A small text object of the job: from the bytes that `submit` will write, or from S3."""
    place = places.split_uri(uri)
    if place is None:
        return None
    if uri in files:
        return TextFile(uri, files[uri].decode("utf-8", "surrogateescape"))
    found = known("s3:GetObject", lambda: _text(s3, *place), _NO_OBJECT, Missing(f"there is no object {uri}"))
    return TextFile(uri, *found) if isinstance(found, tuple) else TextFile(uri, found)


def _text(s3: Any, bucket: str, key: str) -> tuple[Any, str]:
    answer = s3.get_object(Bucket=bucket, Key=key)
    body, kind = answer["Body"].read(_TEXT + 1), answer.get("ContentType", "")
    answer["Body"].close()
    if len(body) > _TEXT:
        return Unknown(f"s3://{bucket}/{key} is larger than {_TEXT:,} bytes"), kind
    return body.decode("utf-8", "surrogateescape"), kind


def sequences_in(task: facts.TaskType | None, uris: Iterable[str]) -> tuple[str, ...]:
    """The data objects that are files which list the frames of a sequence."""
    if task is None or not task.modality.startswith(("video frame", "3D point cloud")):
        return ()
    return tuple(uri for uri in dict.fromkeys(uris) if uri.lower().endswith(".json"))


def survey_leftovers(request: Mapping[str, Any], s3: Any) -> tuple[str, ...] | Unknown:
    """Keys in the folder that the job would write, but for those that the package itself puts there."""
    place = places.split_uri(places.member(request, places.OUTPUT))
    name = request.get("LabelingJobName")
    if place is None or not name:
        return Unknown("not asked: the request names no output path or no job")
    prefix = f"{place[1].rstrip('/')}/{name}/".lstrip("/")

    def ask() -> tuple[str, ...]:
        found = s3.list_objects_v2(Bucket=place[0], Prefix=prefix, MaxKeys=_LEFTOVERS).get("Contents", ())
        return tuple(each["Key"] for each in found if not each["Key"].startswith(f"{prefix}gt-vpc-nb/"))

    return known("s3:ListBucket", ask, {"NoSuchBucket"}, ())


def survey_rendering(
    request: Mapping[str, Any], surroundings: Surroundings, clients: Clients
) -> Rendered | Unknown | None:
    """How SageMaker renders the worker template for the first data object; nothing is kept of it but its errors."""
    template, role = surroundings.template, str(request.get("RoleArn") or "")
    if template is None:
        return None
    if not isinstance(template.text, str):
        return Unknown(f"not asked: {template.text.reason}")
    task = _task_input(request, surroundings)
    if isinstance(task, Unknown) or not role:
        return task if isinstance(task, Unknown) else Unknown("not asked: the request names no role")

    def ask() -> Rendered:
        told = clients("sagemaker").render_ui_template(
            UiTemplate={"Content": template.text}, Task={"Input": task}, RoleArn=role
        )
        errors = tuple(RenderProblem(each["Code"], each["Message"]) for each in told.get("Errors", ()))
        return Rendered(errors, len(told.get("RenderedContent", "")))

    return known("sagemaker:RenderUiTemplate", ask)


def _task_input(request: Mapping[str, Any], surroundings: Surroundings) -> str | Unknown:
    """What AWS's own pre-annotation functions hand to the template; a function of one's own may hand over anything."""
    kind = places.task_of(request)
    if kind is None or kind.job_kind != "base":
        return Unknown("not asked: what the template is given depends on the pre-annotation function")
    manifest, categories = surroundings.manifest, surroundings.category_file
    try:
        line = json.loads(manifest.sample[0]) if isinstance(manifest, Manifest) and manifest.sample else None
        labels = (
            json.loads(categories.text).get("labels", []) if categories and isinstance(categories.text, str) else []
        )
    except (ValueError, AttributeError) as error:
        return Unknown(f"not asked: the manifest's first line or the label category file is not as wanted ({error})")
    source = (line.get("source-ref") or line.get("source")) if isinstance(line, dict) else None
    if not source:
        return Unknown("not asked: no data object is known")
    text = json.dumps({"taskObject": source, "labels": labels})
    return text if len(text) <= _TASK_CHARACTERS else Unknown("not asked: the task is too long to be rendered")
