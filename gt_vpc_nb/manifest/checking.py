"""Lines of an input manifest -> what is wrong with them, with line numbers and ids of the rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from gt_vpc_nb.errors import ManifestError, Problem, Severity
from gt_vpc_nb.facts import TaskType
from gt_vpc_nb.manifest.lines import ATTRIBUTE_CHARACTERS, LINE_CHARACTERS, object_on, source_of
from gt_vpc_nb.manifest.sequences import CAMERA_IMAGES, VIDEO_SEQUENCES

_URI = re.compile(r"s3://([a-z0-9][a-z0-9.\-]{1,61}[a-z0-9])/(.+)", re.DOTALL)
#: Extensions by modality (MAN-07, MAN-08); other modalities refer to files of their own formats.
_EXTENSIONS = {"image": (".jpg", ".jpeg", ".png"), "video clip": (".mp4", ".ogg", ".webm")}


@dataclass(frozen=True)
class LineProblem(Problem):
    """A problem with its line number, from 1; 0 is the manifest as a whole."""

    line: int = 0


@dataclass(frozen=True)
class Line:
    """One line under examination: its number, its text, and the object on it."""

    number: int
    raw: bytes
    entry: Mapping[str, Any]
    task: TaskType

    def problem(self, code: str, severity: Severity, name: str, message: str, remedy: str) -> LineProblem:
        return LineProblem(code, severity, name[:100], f"Line {self.number}: {message}", remedy, self.number)


def line_problems(raw: bytes, number: int, task: TaskType) -> list[LineProblem]:
    """Everything wrong with one line by itself."""
    try:
        entry = object_on(raw, number)
    except ManifestError as error:
        return [
            LineProblem(each.code, each.severity, each.field, each.message, each.remedy, number)
            for each in error.problems
        ]
    line = Line(number, raw, entry, task)
    return [problem for check in CHECKS for problem in check(line)]


def _line_size(line: Line) -> Iterator[LineProblem]:
    characters = len(line.raw.decode())
    if characters > LINE_CHARACTERS:
        message = f"it has {characters:,} characters, at most {LINE_CHARACTERS:,} are allowed."
        yield line.problem("MAN-02", "error", "", message, "Move long data into an object in S3 and refer to it.")


def _attribute_size(line: Line) -> Iterator[LineProblem]:
    for name, value in line.entry.items():
        characters = len(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        if characters > ATTRIBUTE_CHARACTERS:
            message = f"'{name[:60]}' has {characters:,} characters, at most {ATTRIBUTE_CHARACTERS:,} are allowed."
            yield line.problem("MAN-03", "error", name, message, "Shorten it, or move it into an object in S3.")


def _dollar_names(line: Line) -> Iterator[LineProblem]:
    for name in line.entry:
        if name.startswith("$"):
            message = f"the name '{name[:60]}' begins with $, which Ground Truth keeps for itself."
            yield line.problem("MAN-04", "error", name, message, "Rename it, or leave it out.")


def _source(line: Line) -> Iterator[LineProblem]:
    wanted = " or ".join(line.task.manifest_keys)
    present = [key for key in ("source-ref", "source") if key in line.entry]
    remedy = f"Give {wanted} for task type {line.task.code}."
    if len(present) != 1:
        message = "it has both source-ref and source." if present else f"it has no {wanted}."
        yield line.problem("MAN-05", "error", wanted, message, remedy)
    elif present[0] not in line.task.manifest_keys:
        yield line.problem("MAN-05", "error", present[0], f"it has {present[0]}, {wanted} is wanted.", remedy)
    else:
        yield from _value(line, present[0])


def _value(line: Line, key: str) -> Iterator[LineProblem]:
    value = line.entry[key]
    if not isinstance(value, str) or not value.strip():
        yield line.problem("MAN-05", "error", key, f"{key} is not a text with something in it.", "Give one.")
    elif key == "source-ref" and not _URI.fullmatch(value):
        message = f"source-ref '{value[:100]}' is not the URI of an object in S3."
        yield line.problem("MAN-05", "error", key, message, "Write it as s3://bucket/key.")
    elif key == "source-ref":
        yield from _extension(line, value)


def _extension(line: Line, uri: str) -> Iterator[LineProblem]:
    allowed = _EXTENSIONS.get(line.task.modality)
    if allowed and not uri.casefold().endswith(allowed):
        code = "MAN-07" if line.task.modality == "image" else "MAN-08"
        message = f"'{uri[-60:]}' does not end in {', '.join(allowed)}."
        yield line.problem(code, "warning", "source-ref", message, f"Ground Truth reads {', '.join(allowed)} files.")


def _cloud_frame(line: Line) -> Iterator[LineProblem]:
    """A point cloud of one frame needs its time, and shows a few camera images; sequence files have these inside."""
    if line.task.modality != "3D point cloud (frame)" or "source-ref" not in line.entry:
        return
    name = "source-ref-metadata"
    told = line.entry.get(name)
    known = told if isinstance(told, Mapping) else {}
    when, images = known.get("unix-timestamp"), known.get("images")
    if not isinstance(when, int | float) or isinstance(when, bool):
        remedy = "Add 'source-ref-metadata': {'unix-timestamp': …}, in seconds since 1970."
        yield line.problem("MAN-10", "error", name, "it has no source-ref-metadata with a unix-timestamp.", remedy)
    if isinstance(images, list) and len(images) > CAMERA_IMAGES:
        message = f"it has {len(images)} camera images, at most {CAMERA_IMAGES} are shown."
        yield line.problem("MAN-10", "error", name, message, "Leave some out.")


#: What is checked on each line that is a JSON object.
CHECKS: tuple[Callable[[Line], Iterator[LineProblem]], ...] = (
    _line_size,
    _attribute_size,
    _dollar_names,
    _source,
    _cloud_frame,
)


class Examination:
    """One pass over a manifest: line by line, with what only the whole tells (twins, size, Regions of buckets)."""

    def __init__(self, task: TaskType, bucket_regions: Mapping[str, str] | None = None, home: str = "") -> None:
        self.task, self.objects = task, 0
        self._regions = bucket_regions
        self._home = home
        self._seen: dict[bytes, int] = {}
        self._buckets: dict[str, int] = {home: 0} if home else {}

    def problems(self, lines: Iterable[bytes]) -> Iterator[LineProblem]:
        """Every problem, in the order of the lines; those of the whole manifest (line 0) at the end."""
        for number, raw in enumerate(lines, 1):
            self.objects += 1
            found = line_problems(raw, number, self.task)
            yield from found
            if not any(problem.severity == "error" for problem in found):
                yield from self._beside_others(source_of(object_on(raw, number)), number)
        yield from self._as_a_whole()

    def _beside_others(self, source: str, number: int) -> Iterator[LineProblem]:
        # Eight bytes instead of the text: a manifest of texts would not fit otherwise. A false twin is a warning
        # that comes up once in some billion manifests of the largest size.
        mark = blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        first = self._seen.setdefault(mark, number)
        if first != number:
            message = f"Line {number}: the same data object as on line {first}."
            yield LineProblem("MAN-13", "warning", "source", message, "It is labeled, and paid, twice.", number)
        if uri := _URI.fullmatch(source):
            self._buckets.setdefault(uri[1], number)

    def _as_a_whole(self) -> Iterator[LineProblem]:
        most = self.task.dataset_items
        if not self.objects:
            yield LineProblem("MAN-05", "error", "", "The manifest is empty.", "Give one data object a line.")
        if self.objects > most:
            message = f"{self.objects:,} data objects, {self.task.code} takes at most {most:,}."
            yield LineProblem("MAN-06", "error", "", message, "Split the manifest into several labeling jobs.")
        if self.task.modality == "video frame" and self.objects > VIDEO_SEQUENCES:
            message = f"{self.objects:,} sequences, {self.task.code} takes at most {VIDEO_SEQUENCES} in one manifest."
            yield LineProblem("MAN-09", "error", "", message, "Make a labeling job of each ten sequences.")
        if self._regions is not None:
            yield from self._regions_of(self._regions)

    def _regions_of(self, regions: Mapping[str, str]) -> Iterator[LineProblem]:
        """Ground Truth reads all objects in the job's Region: one bucket elsewhere is enough to fail."""
        known = {bucket: regions[bucket] for bucket in self._buckets if bucket in regions}
        home = known.get(self._home) or next(iter(known.values()), None)
        for bucket, line in self._buckets.items():
            if bucket not in known:
                message = f"Nothing says in which Region bucket '{bucket}' is."
                yield LineProblem("MAN-11", "warning", bucket, message, "Add it to bucket_regions.", line)
            elif known[bucket] != home:
                message = f"Bucket '{bucket}' is in {known[bucket]}, the others in {home}."
                yield LineProblem("MAN-11", "error", bucket, message, "Keep all data in the job's Region.", line)
