"""A labeling job as Python for boto3 alone, and such calls read back."""

from __future__ import annotations

import keyword
import pprint
from collections.abc import Iterator, Mapping
from typing import Any

from gt_vpc_nb.job_code_found import FoundRequest, found_request
from gt_vpc_nb.job_code_python import PythonReader


def boto3_code(request: Mapping[str, Any], files: Mapping[str, bytes], region: str | None) -> str:
    """Python that writes the files and creates the job with boto3 alone."""
    place = f", region_name={region!r}" if region else ""
    lines = ["import boto3", ""]
    if files:
        lines += [f's3 = boto3.client("s3"{place})']
    for uri, data in files.items():
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        lines += [f's3.put_object(Bucket={bucket!r}, Key={key!r}, Body={data!r}, IfNoneMatch="*")']
    lines += [f'sagemaker = boto3.client("sagemaker"{place})', "sagemaker.create_labeling_job("]
    for name, value in request.items():
        plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
        lines += [f"    {name}={_shown(value, len(name))}," if plain else f"    **{_shown({name: value}, 1)},"]
    return "\n".join([*lines, ")", ""])


def _shown(value: Any, indent: int) -> str:
    return pprint.pformat(value, width=100, sort_dicts=False).replace("\n", "\n" + " " * (indent + 5))


def requests_in_python(text: str) -> list[FoundRequest]:
    """Every `create_labeling_job` call of a Python text, read without running it; expressions are marked as unknown.

    Raises:
        RequestError: the text is not Python; the sentence names the line.
    """
    python = PythonReader(text)
    files, region = dict(_files(python)), _region(python)
    found = []
    for call in python.calls("create_labeling_job"):
        each = found_request(python.keywords(call), "create_labeling_job", region, call.lineno)
        found.append(FoundRequest(**{**vars(each), "files": files}))
    return found


def _region(python: PythonReader) -> str | None:
    """The one Region that clients for SageMaker are made for, or None."""
    places = set()
    for call in python.calls("client"):
        if call.args and python.tree(call.args[0]).plain == "sagemaker":
            place = python.keywords(call).value.get("region_name")
            places.add(place.value if place and place.unknown is None else None)
    region = places.pop() if len(places) == 1 else None
    return region if isinstance(region, str) else None


def _files(python: PythonReader) -> Iterator[tuple[str, bytes]]:
    for call in python.calls("put_object"):
        given = python.keywords(call).plain
        bucket, key, body = (given.get(name) for name in ("Bucket", "Key", "Body"))
        data = body.encode("utf-8") if isinstance(body, str) else body
        if isinstance(bucket, str) and isinstance(key, str) and isinstance(data, bytes):
            yield f"s3://{bucket}/{key}", data
