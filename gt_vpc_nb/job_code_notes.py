"""What must be in S3 before a job is created, as shell commands in the comments of a file that cannot carry it."""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Iterable, Mapping

from gt_vpc_nb.errors import RequestError

_HEAD = "Before you create the job, put its files into S3:"
_END = "END_OF_FILE"


def upload_notes(files: Mapping[str, bytes]) -> list[str]:
    """Lines of shell that write each file with the AWS CLI; no lines where there are no files.

    >>> print("\\n".join(upload_notes({"s3://signs-out/a.txt": b"one\\n"})))
    Before you create the job, put its files into S3:
    aws s3 cp - s3://signs-out/a.txt <<'END_OF_FILE'
    one
    END_OF_FILE

    Raises:
        RequestError: a file's URI has a character that does not show itself, so that it cannot stand in a comment.
    """
    lines = [_HEAD] if files else []
    for uri, data in files.items():
        if not uri.isprintable():
            raise RequestError(f"The job's file {uri!r} cannot stand in a comment; choose a plain output path.")
        text = _plain_text(data)
        if text is None:
            encoded = base64.b64encode(data).decode("ascii")
            lines.append(f"echo {shlex.quote(encoded)} | base64 -d | aws s3 cp - {shlex.quote(uri)}")
        else:
            lines += [f"aws s3 cp - {shlex.quote(uri)} <<'{_END}'", *text.split("\n")[:-1], _END]
    return lines


def _plain_text(data: bytes) -> str | None:
    """The text of a file whose lines can stand as they are in a comment, or None."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    lines = text.split("\n")
    plain = all(line.isprintable() and line == line.rstrip() and line != _END for line in lines)
    return text if plain and lines[-1] == "" and len(lines) > 1 else None


def noted_files(lines: Iterable[str]) -> dict[str, bytes]:
    """The files that such lines write; other lines are passed over."""
    found: dict[str, bytes] = {}
    uri, text = "", list[str]()
    for line in lines:
        if uri and line != _END:
            text.append(f"{line}\n")
        elif uri:
            found[uri] = "".join(text).encode("utf-8")
            uri, text = "", []
        elif opened := re.fullmatch(rf"aws s3 cp - (.+) <<'{_END}'", line):
            uri = _unquoted(opened[1])
        elif encoded := re.fullmatch(r"echo (\S+) \| base64 -d \| aws s3 cp - (.+)", line):
            found[_unquoted(encoded[2])] = base64.b64decode(_unquoted(encoded[1]))
    return found


def _unquoted(text: str) -> str:
    try:
        return "".join(shlex.split(text))
    except ValueError:
        return text
