"""Files of labeling jobs that nobody has read yet: kept here as what would be written, and rendered when first read.

A job of 10,000 objects writes as many files of raw answers, and hardly anybody ever opens one. Whether S3 would take
a file is decided when it is kept; what stands behind the door gets it when a request could see it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from gt_vpc_nb.local.s3_operations import S3Request


@dataclass(frozen=True)
class Kept:
    """An object that is not behind the door yet."""

    render: Callable[[], bytes]
    content_type: str


class KeptOutputs:
    """What is kept for each bucket; `put(bucket, key, data, content type)` brings one object behind the door.

    Also knows which objects are certainly there, so that a labeling job does not have to read each to see.
    """

    def __init__(self, put: Callable[[str, str, bytes, str], None]) -> None:
        self._put = put
        self._kept: dict[str, dict[str, Kept]] = {}
        self._there: dict[str, set[str]] = {}

    def keep(self, bucket: str, key: str, render: Callable[[], bytes], content_type: str) -> None:
        """Takes an object in; an earlier one of that key that nobody read is replaced."""
        self._kept.setdefault(bucket, {})[key] = Kept(render, content_type)

    def has(self, bucket: str, key: str) -> bool:
        """Whether an object is certainly there; False says nothing."""
        return key in self._there.get(bucket, ()) or key in self._kept.get(bucket, ())

    def gone(self, bucket: str, key: str) -> None:
        """Notes that an object was taken away past the gate."""
        self._kept.get(bucket, {}).pop(key, None)
        self._there.get(bucket, set()).discard(key)

    def before(self, asked: S3Request, copied_from: str | None) -> None:
        """Renders what a request could see, before it is passed on."""
        if copied_from:
            bucket, _, key = unquote(copied_from.lstrip("/").partition("?")[0]).partition("/")
            self._render(bucket, [key])
        kept = self._kept.get(asked.bucket)
        if kept:
            self._render(asked.bucket, list(self._seen_by(asked, kept)))

    def _seen_by(self, asked: S3Request, kept: dict[str, Kept]) -> Iterator[str]:
        if asked.level == "object":
            return (key for key in (asked.key,) if key in kept)
        if asked.method in ("GET", "HEAD") and asked.sub and asked.sub not in ("versions", "uploads"):
            return iter(())  # a bucket's policy, its Region …: nothing of its objects
        return (key for key in kept if key.startswith(asked.prefix))

    def _render(self, bucket: str, keys: list[str]) -> None:
        for key in keys:
            kept = self._kept.get(bucket, {}).pop(key, None)
            if kept is not None:
                self._put(bucket, key, kept.render(), kept.content_type)

    def after(self, asked: S3Request, status: int) -> None:
        """Notes what a request that was passed on has written or deleted."""
        there = self._there.setdefault(asked.bucket, set())
        if asked.level == "object" and not asked.sub and asked.method in ("GET", "PUT") and status < 300:
            there.add(asked.key)
        elif asked.level == "object" and asked.method == "DELETE":
            there.discard(asked.key)
        elif asked.level == "bucket" and asked.method != "GET":
            # Whatever else is done to a bucket may take objects away: its lifecycle, DeleteObjects, the bucket itself.
            there.clear()
