"""Names that this session has seen, for completion: no call is made to learn more of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: As many names of a kind are kept; the oldest are forgotten.
KEPT = 500


class Seen:
    """Names by what they stand for ("bucket", "job", "vpc", "endpoint", "arn"), the latest last."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}

    def add(self, kind: str, *names: object) -> None:
        """Notes names; what is no text, or cannot stand on a line, is passed over."""
        known = self._names.setdefault(kind, {})
        for name in names:
            if isinstance(name, str) and name and name.isprintable() and not set(name) & set("\"' "):
                known.pop(name, None)
                known[name] = None
        while len(known) > KEPT:
            del known[next(iter(known))]

    def of(self, kind: str) -> list[str]:
        """The names of a kind, the latest first."""
        return list(reversed(self._names.get(kind, {})))

    def world(self, world: Any) -> None:
        """Notes the names of a local AWS."""
        self.add("bucket", world.input_bucket, world.output_bucket)
        self.add("vpc", world.vpc)
        self.add("endpoint", world.vpc_endpoint)
        self.add("arn", world.role, world.administrator)

    def result(self, result: Any) -> None:
        """Notes the jobs and buckets that a result names."""
        columns = getattr(result, "columns", ())
        if "task_type" in columns and "name" in columns:
            self.add("job", *reversed(list(result["name"])[:KEPT]))
        for kind, name in (("job", "name"), ("bucket", "bucket")):
            if kind == "bucket" or hasattr(result, "diagnose") or hasattr(result, "failure_reason"):
                self.add(kind, getattr(result, name, None))
        job = getattr(result, "job", None)
        for uri in (getattr(job, "manifest", None), getattr(job, "output_path", None)):
            self.add("bucket", *_buckets([uri]))


def _buckets(uris: Iterable[object]) -> list[str]:
    return [each.removeprefix("s3://").partition("/")[0] for each in uris if str(each).startswith("s3://")]
