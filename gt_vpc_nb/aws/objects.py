"""Objects in S3 and files on disk, read and written by one name: a path or an s3:// URI."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from gt_vpc_nb.aws.sessions import asking, client, code_of
from gt_vpc_nb.errors import RequestError

# Body.iter_lines reads 1 KiB at a time and is 4 times slower than blocks of this size.
BLOCK = 1 << 20
_TAKEN = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409"})

Place = str | PathLike[str]


def name_of(place: Place) -> str:
    """A path or URI as text. Raises RequestError for what is neither."""
    if not isinstance(place, (str, PathLike)):
        raise RequestError(f"{place!r} is neither a path nor an s3:// URI; give one of the two as text.")
    return str(fspath(place))


def is_s3(place: Place) -> bool:
    """Whether a place is an s3:// URI; everything else is a path. Raises RequestError for what is neither."""
    return name_of(place).startswith("s3://")


def parse_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an s3:// URI; the key is empty for a bare bucket. Raises RequestError for anything else.

    >>> parse_uri("s3://signs-in/train.manifest")
    ('signs-in', 'train.manifest')
    """
    scheme, _, rest = str(uri).partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise RequestError(f"'{uri}' is not an s3:// URI; write it as s3://bucket/key.")
    return bucket, key


def _object(uri: str) -> tuple[str, str]:
    bucket, key = parse_uri(uri)
    if not key:
        raise RequestError(f"'{uri}' names a bucket, not an object; write it as s3://bucket/key.")
    return bucket, key


def read(uri_or_path: Place, session: Any = None) -> bytes:
    """The whole content. Raises AwsError when S3 refuses, RequestError when there is no such file."""
    return b"".join(blocks(uri_or_path, session))


def lines(uri_or_path: Place, session: Any = None) -> Iterator[bytes]:
    r"""Line by line in bounded memory, without the line ends (\n or \r\n)."""
    rest = b""
    for block in blocks(uri_or_path, session):
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r")
    if rest:
        yield rest.removesuffix(b"\r")


def blocks(uri_or_path: Place, session: Any = None) -> Iterator[bytes]:
    """The content in blocks of at most 1 MiB."""
    return _s3_blocks(fspath(uri_or_path), session) if is_s3(uri_or_path) else _file_blocks(Path(uri_or_path))


def _s3_blocks(uri: str, session: Any) -> Iterator[bytes]:
    bucket, key = _object(uri)
    with asking(f"reading {uri}"):
        body = client(session, "s3").get_object(Bucket=bucket, Key=key)["Body"]
        try:
            while block := body.read(BLOCK):
                yield block
        finally:
            # A reader that stops after the first lines must not keep the connection out of the pool.
            body.close()


def _file_blocks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                yield block
    except OSError as error:
        raise RequestError(
            f"'{path}' cannot be read ({error.strerror}); give a file that exists or an s3:// URI."
        ) from error


def write_new(
    uri_or_path: Place, data: bytes, session: Any = None, content_type: str = "application/octet-stream"
) -> bool:
    """Writes an object that is not there yet; True when it was written, False when the same bytes were there already.

    Never overwrites: raises RequestError when something different is there. In S3 the write is conditional
    (If-None-Match), so that two writers at the same moment cannot both succeed.
    """
    written = (
        _put_new(fspath(uri_or_path), data, session, content_type)
        if is_s3(uri_or_path)
        else _create(Path(uri_or_path), data)
    )
    if not written and read(uri_or_path, session) != data:
        raise RequestError(
            f"{fspath(uri_or_path)} is already there with other content, and is not overwritten; "
            "choose another job name or output path, or remove it."
        )
    return written


def _put_new(uri: str, data: bytes, session: Any, content_type: str) -> bool:
    bucket, key = _object(uri)
    s3 = client(session, "s3")
    condition = {"IfNoneMatch": "*"} if _knows_conditions(s3) else {}
    with asking(f"writing {uri}"):
        if not condition and _exists(s3, bucket, key):
            return False
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=content_type, **condition)
        except ClientError as error:
            if code_of(error) not in _TAKEN:
                raise
            return False
    return True


def _knows_conditions(s3: Any) -> bool:
    """Botocore before August 2024 has no IfNoneMatch; then the object is looked for first."""
    return "IfNoneMatch" in s3.meta.service_model.operation_model("PutObject").input_shape.members


def _exists(s3: Any, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if code_of(error) not in {"404", "NoSuchKey", "NotFound"}:
            raise
        return False
    return True


def _create(path: Path, data: bytes) -> bool:
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return False
    except OSError as error:
        raise RequestError(
            f"'{path}' cannot be written ({error.strerror}); give a path in a folder that exists."
        ) from error
    return True


def listing(uri: str, session: Any = None) -> Iterable[tuple[str, int]]:
    """Every object under a prefix: its s3:// URI and its size in bytes."""
    bucket, prefix = parse_uri(uri)
    with asking(f"listing {uri}"):
        for page in client(session, "s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                yield f"s3://{bucket}/{entry['Key']}", entry["Size"]


def under(uri_or_path: str, session: Any = None) -> list[str]:
    """Every object under a prefix in S3, or every file below a folder, in order; none where there is no such place."""
    if is_s3(uri_or_path):
        return [uri for uri, _ in listing(uri_or_path, session)]
    return sorted(each.as_posix() for each in Path(uri_or_path).rglob("*") if each.is_file())
