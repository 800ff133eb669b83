"""One pass over an input manifest, in bounded memory: everything that the checks want to know of all its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gt_vpc_nb.errors import ManifestError, Problem
from gt_vpc_nb.facts import TaskType
from gt_vpc_nb.manifest.checking import CHECKS, Line
from gt_vpc_nb.manifest.lines import object_on, source_of
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.surrounding_data import Attribute, Count, Manifest, ManifestProblem

SAMPLE_LINES = 20
#: So many problems of each rule are kept with their lines; the others are counted.
KEPT = 5
#: A manifest of Ground Truth's has at most 100,000 lines; beyond these, names and twins are no longer told apart.
_NAMES, _TWINS = 200, 1_000_000
_SPREAD = 32
_MARKS = {b"\xef\xbb\xbf": "UTF-8 with a byte order mark", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read_manifest(uri: str, blocks: Iterable[bytes], task: TaskType) -> tuple[Manifest, tuple[str, ...]]:
    """What a manifest holds, and some of the S3 URIs of its data objects, spread over the whole of it."""
    reading = _Reading(task)
    for number, raw in enumerate(reading.lines(blocks), 1):
        reading.line(raw, number)
    return reading.result(uri), tuple(reading.spread)


class _Reading:
    """What is known after the lines so far."""

    def __init__(self, task: TaskType) -> None:
        self._task = task
        self._size = self._objects = self._longest = self._longest_attribute = self._duplicates = 0
        self._most_images = self._without_timestamp = 0
        self._encoding = "UTF-8"
        self._sample: list[str] = []
        self._names: Counter[str] = Counter()
        self._buckets: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()
        self._wrote: dict[str, tuple[str, str]] = {}
        self._problems: list[ManifestProblem] = []
        self._twins: set[int] = set()
        self.spread: list[str] = []
        self._stride = 1

    def lines(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        rest = b""
        for block in blocks:
            if not self._size:
                self._encoding = next((name for mark, name in _MARKS.items() if block.startswith(mark)), "UTF-8")
            self._size += len(block)
            *whole, rest = (rest + block).split(b"\n")
            yield from (line.removesuffix(b"\r") for line in whole)
        if rest:
            yield rest.removesuffix(b"\r")

    def line(self, raw: bytes, number: int) -> None:
        if raw.strip():
            self._objects += 1
            if len(self._sample) < SAMPLE_LINES:
                self._sample.append(raw.decode("utf-8", "surrogateescape"))
        if len(raw) > self._longest:
            self._longest = max(self._longest, len(raw.decode("utf-8", "replace")))
        try:
            entry = object_on(raw, number)
        except ManifestError as error:
            self._note(error.problems, number)
            if self._encoding == "UTF-8" and not _is_utf8(raw):
                self._encoding = "not UTF-8"
            return
        line = Line(number, raw, entry, self._task)
        self._note((problem for check in CHECKS for problem in check(line)), number)
        self._attributes(entry)
        self._source(source_of(entry), number)
        if self._task.modality == "3D point cloud (frame)":
            self._frame(entry.get("source-ref-metadata"))

    def _note(self, problems: Iterable[Problem], number: int) -> None:
        for each in problems:
            self._broken[each.code] += 1
            if self._broken[each.code] <= KEPT:
                self._problems.append(ManifestProblem(each.code, each.severity, number, each.message, each.remedy))

    def _attributes(self, entry: Mapping[str, Any]) -> None:
        for name, value in entry.items():
            if name in self._names or len(self._names) < _NAMES:
                self._names[name] += 1
            if isinstance(value, str):
                self._longest_attribute = max(self._longest_attribute, len(value))
            elif isinstance(value, dict) and name.endswith("-metadata"):
                job = str(value.get("job-name") or "").rpartition("/")[2]
                self._wrote.setdefault(name.removesuffix("-metadata"), (job, str(value.get("type") or "")))

    def _source(self, source: str, number: int) -> None:
        # Eight bytes instead of the text: a manifest of texts would not fit otherwise.
        mark = hash(source)
        if mark in self._twins:
            self._duplicates += 1
            message = f"Line {number}: the same data object as on an earlier line."
            twin = Problem("MAN-13", "warning", "source", message, "It is labeled, and paid, twice.")
            self._note((twin,), number)
        elif len(self._twins) < _TWINS:
            self._twins.add(mark)
        place = places.split_uri(source)
        if place is None:
            return
        if place[0] in self._buckets or len(self._buckets) < _NAMES:
            self._buckets[place[0]] += 1
        if (self._objects - 1) % self._stride == 0:
            self._spread(source)

    def _spread(self, uri: str) -> None:
        """Keeps every n-th URI: when the list is full, every second one goes and n doubles."""
        if len(self.spread) == _SPREAD:
            self.spread = self.spread[::2]
            self._stride *= 2
        self.spread.append(uri)

    def _frame(self, metadata: Any) -> None:
        told = metadata if isinstance(metadata, dict) else {}
        self._without_timestamp += "unix-timestamp" not in told
        images = told.get("images")
        self._most_images = max(self._most_images, len(images) if isinstance(images, list) else 0)

    def result(self, uri: str) -> Manifest:
        return Manifest(
            uri,
            self._objects,
            tuple(self._sample),
            size=self._size,
            encoding=self._encoding,
            longest_line=self._longest,
            longest_attribute=self._longest_attribute,
            duplicates=self._duplicates,
            attributes=tuple(Attribute(name, lines, *self._wrote.get(name, ())) for name, lines in self._names.items()),
            buckets=tuple(Count(name, lines) for name, lines in self._buckets.items()),
            problems=tuple(self._problems),
            problem_counts=tuple(Count(code, lines) for code, lines in sorted(self._broken.items())),
            most_images=self._most_images,
            without_timestamp=self._without_timestamp,
        )


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
