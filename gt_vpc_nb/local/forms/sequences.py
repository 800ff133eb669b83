"""Sequence files: the frames of a video or of a lidar drive, as an input manifest refers to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.dataset import BadInput, DataObject, View, bucket_and_key

#: Developer guide, input-data-limits: frames in a sequence of video frames, and of point clouds.
MOST_VIDEO_FRAMES, MOST_CLOUD_FRAMES = 2_000, 500


def video_sequence(data: DataObject, view: View) -> dict[str, Any]:
    """The sequence file behind a data object; every frame has to be there. BadInput for what is none."""
    return _sequence(data, view, MOST_VIDEO_FRAMES, ())


def cloud_sequence(data: DataObject, view: View) -> dict[str, Any]:
    """The same for point clouds, whose frames have a time each."""
    return _sequence(data, view, MOST_CLOUD_FRAMES, ("unix-timestamp",))


def _sequence(data: DataObject, view: View, most: int, further: tuple[str, ...]) -> dict[str, Any]:
    where = f"ClientError: The sequence file {data.key}"
    try:
        document = json.loads(data.read(view))
        frames, prefix = document["frames"], document["prefix"]
        numbers = [int(frame["frame-no"]) for frame in frames]
        names = [str(frame["frame"]) for frame in frames]
        lacking = [name for frame in frames for name in further if name not in frame]
        count = int(document["number-of-frames"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(
            f"{where} is not JSON with prefix, number-of-frames, and frames of frame-no and frame."
        ) from None
    if lacking:
        raise BadInput(f"{where} has frames without {lacking[0]}.")
    if count != len(frames):
        raise BadInput(f"{where} says number-of-frames {count} and has {len(frames)} frames.")
    if not 1 <= count <= most:
        raise BadInput(f"{where} has {count} frames; 1 to {most} are allowed.")
    if len(set(numbers)) != count:
        raise BadInput(f"{where} gives a frame-no twice.")
    _look_at_frames(view, prefix, names, where)
    return {"frames": tuple(zip(numbers, names, strict=True)), "sequence": document}


def _look_at_frames(view: View, prefix: Any, names: list[str], where: str) -> None:
    if not isinstance(prefix, str) or not prefix.endswith("/"):
        raise BadInput(f"{where} has the prefix {prefix!r}; it has to be an S3 URI that ends with a slash.")
    for name in names:
        view.look(*bucket_and_key(prefix + name))


def by_frame(rows: Any, frames: tuple[tuple[int, str], ...]) -> Mapping[int, list[Any]]:
    """The rows of an answer by their frame number, every frame of the sequence in its order."""
    found: dict[int, list[Any]] = {number: [] for number, _ in frames}
    for row in rows:
        if row["frame"] not in found:
            raise LocalAwsError(f"A label names frame {row['frame']}, which the sequence does not have.")
        found[row["frame"]].append(row)
    return found
