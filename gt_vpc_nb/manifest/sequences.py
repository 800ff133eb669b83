"""Sequence files of video frames and 3D point clouds -> what is wrong with them.

Sources: SageMaker developer guide, sms-video-manual-data-setup, sms-point-cloud-multi-frame-input-data and
input-data-limits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.facts import TaskType

#: Sequences in one manifest of a video frame job.
VIDEO_SEQUENCES = 10
#: Camera images that may go with one frame of a point cloud.
CAMERA_IMAGES = 8
_FRAMES = {"video frame": 2_000, "3D point cloud (sequence)": 500}
_CODES = {"video frame": "MAN-09", "3D point cloud (sequence)": "MAN-10"}
_PICTURES = (".jpg", ".jpeg", ".png")
#: So many problems of one file are told; what is beyond is counted.
TOLD = 20


def reads_sequences(kind: TaskType) -> bool:
    """Whether the data objects of a task type are sequence files."""
    return kind.modality in _CODES


@dataclass(frozen=True)
class _Sequence:
    document: Mapping[str, Any]
    kind: TaskType

    @property
    def clouds(self) -> bool:
        return self.kind.modality != "video frame"

    @property
    def frames(self) -> list[Mapping[str, Any]]:
        found = self.document.get("frames")
        return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def sequence_problems(text: str, kind: TaskType) -> list[Problem]:
    """Everything wrong with the text of one sequence file for a task type whose data objects are such files.

    >>> from gt_vpc_nb.facts import task_type
    >>> [each.message for each in sequence_problems('{"seq-no": 1, "frames": []}', task_type("VideoObjectTracking"))][0]
    'It has no prefix, the s3:// folder of its frames.'
    """
    code = _CODES[kind.modality]
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        return [_problem(code, f"It is not JSON ({error}).", "Write one JSON object.")]
    if not isinstance(document, Mapping):
        return [_problem(code, "It is JSON, but not an object.", "Write seq-no, prefix, number-of-frames and frames.")]
    sequence = _Sequence(document, kind)
    found = [_problem(code, *each) for rule in _RULES for each in rule(sequence)]
    beyond = len(found) - TOLD
    more = [_problem(code, f"It has {beyond:,} more problems.", "Mend these first.")] if beyond > 0 else []
    return [*found[:TOLD], *more]


def _problem(code: str, message: str, remedy: str) -> Problem:
    return Problem(code, "error", "source-ref", message, remedy)


_Told = Iterator[tuple[str, str]]


def _heading(sequence: _Sequence) -> _Told:
    document = sequence.document
    if not _whole(document.get("seq-no")):
        yield "It has no whole seq-no.", "Number the sequences."
    prefix = document.get("prefix")
    if not isinstance(prefix, str) or not prefix.startswith("s3://"):
        yield "It has no prefix, the s3:// folder of its frames.", "Write it as s3://bucket/folder/."
    elif not prefix.endswith("/"):
        yield f"Its prefix {prefix[:80]!r} does not end with a stroke.", f"Write {prefix[:80]}/."
    frames, count = document.get("frames"), document.get("number-of-frames")
    if not isinstance(frames, list) or not frames:
        yield "It has no frames.", "List the frames."
    elif len(sequence.frames) < len(frames):
        yield "Its frames are not all objects.", "Write each as {'frame-no': …, 'frame': …}."
    if not _whole(count):
        yield "It has no whole number-of-frames.", "Count the frames."
    elif isinstance(frames, list) and count != len(frames):
        yield f"Its number-of-frames is {count}, and it lists {len(frames)}.", f"Write {len(frames)}."


def _size(sequence: _Sequence) -> _Told:
    most, count = _FRAMES[sequence.kind.modality], len(sequence.frames)
    if count > most:
        yield f"It has {count:,} frames, {sequence.kind.code} takes at most {most:,}.", "Split the sequence."


def _frames(sequence: _Sequence) -> _Told:
    seen: dict[int, int] = {}
    for place, frame in enumerate(sequence.frames, 1):
        name, number = frame.get("frame"), frame.get("frame-no")
        if not isinstance(name, str) or not name:
            yield f"Frame {place} names no file.", "Give its name below the prefix as frame."
        elif not sequence.clouds and not name.casefold().endswith(_PICTURES):
            yield f"Frame {place}, {name[:60]!r}, is no {', '.join(_PICTURES)}.", "Give frames as pictures."
        if number is None and sequence.clouds:
            continue
        if not _whole(number):
            yield f"Frame {place} has no whole frame-no.", "Number the frames."
        elif seen.setdefault(number, place) != place:
            yield f"Frame {place} has the frame-no {number} of frame {seen[number]}.", "Number each frame by its own."


def _times(sequence: _Sequence) -> _Told:
    before: float | None = None
    for place, frame in enumerate(sequence.frames if sequence.clouds else (), 1):
        when = frame.get("unix-timestamp")
        if not isinstance(when, int | float) or isinstance(when, bool):
            yield f"Frame {place} has no unix-timestamp.", "Give the seconds since 1970 of each frame."
            continue
        if before is not None and when <= before:
            yield f"Frame {place} is not after the frame before it.", "Sort the frames by time, each with its own."
        before = when


def _images(sequence: _Sequence) -> _Told:
    for place, frame in enumerate(sequence.frames if sequence.clouds else (), 1):
        images = frame.get("images")
        if images is not None and not isinstance(images, list):
            yield f"Frame {place} has images that are no list.", "List them."
        elif images and len(images) > CAMERA_IMAGES:
            yield f"Frame {place} has {len(images)} images, at most {CAMERA_IMAGES} are shown.", "Leave some out."


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_RULES = (_heading, _size, _frames, _times, _images)
