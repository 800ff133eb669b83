"""Point clouds of a lidar: cuboids in one frame, cuboids followed through many, and a class for each point."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.consolidation import Verdict
from gt_vpc_nb.local.dataset import BadInput, DataObject, View, bucket_and_key
from gt_vpc_nb.local.forms.boxes import SIDES
from gt_vpc_nb.local.forms.form import File, Form, Labels, Placing, Written, is_rows, names_of
from gt_vpc_nb.local.forms.frames import (
    adjusted,
    json_file,
    object_id,
    one_workers,
    read_sequence_labels,
    sequence_path,
)
from gt_vpc_nb.local.forms.pictures import colour
from gt_vpc_nb.local.forms.sequences import by_frame, cloud_sequence

Row = Mapping[str, Any]
CUBOID = ("center-x", "center-y", "center-z", "length", "width", "height", "roll", "pitch", "yaw")
#: Numbers a point has in each documented format; binary ones are four bytes each.
_FIELDS = {"xyz": 3, "xyzi": 4, "xyzrgb": 6, "xyzirgb": 7}


def _cuboid(row: Row, labels: Labels) -> dict[str, Any]:
    told = {
        "label-category-attributes": row.get("attributes", {}),
        "object-name": row.get("object", f"{row['label']}:1"),
        "class-id": list(labels).index(row["label"]),
    }
    return told | {name: row[name] for name in CUBOID}


def _write_cuboids(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    rows = [_cuboid(row, labels) for row in _named(verdict.value)]
    metadata = {
        "objects": [],
        # With an underscore here, and only here: so the page has it.
        "class_map": {str(number): label for number, label in enumerate(labels)},
        "dataset-object-attributes": {},
    }
    return adjusted(Written({"annotations": rows}, metadata), Verdict(_named(verdict.value), 0.0), data)


def _named(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Every cuboid with a name of its own: the label, and a number where none was given."""
    counted: dict[str, int] = {}
    named = []
    for row in rows:
        counted[row["label"]] = counted.get(row["label"], 0) + 1
        named.append({"object": f"{row['label']}:{counted[row['label']]}", **row})
    return tuple(named)


def _write_tracks(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    cameras = sorted({row["camera"] for row in verdict.value if "camera" in row})
    lidar = _lidar_frames([row for row in verdict.value if "camera" not in row], labels, data)
    document: dict[str, Any] = {"tracking-annotations": lidar}
    if cameras:
        seen = {f"camera-{number}": _camera_frames(verdict.value, number, labels, data) for number in cameras}
        document = {"lidar": document, **{name: {"tracking-annotations": rows} for name, rows in seen.items()}}
    path = sequence_path(data)
    metadata = {
        "objects": [{"frame-no": number, "confidence": []} for number, _ in data.facts["frames"]],
        "class-map": {str(number): label for number, label in enumerate(labels)},
    }
    return adjusted(Written(place(path), metadata, (json_file(path, document),)), verdict, data)


def _lidar_frames(rows: Sequence[Row], labels: Labels, data: DataObject) -> list[dict[str, Any]]:
    names = dict(data.facts["frames"])
    return [
        {
            "frame-number": number,
            "frame-name": names[number],
            "frame-attributes": {},
            "annotations": [{**_cuboid(row, labels), "object-id": object_id(data, row["object"])} for row in own],
        }
        for number, own in by_frame(rows, data.facts["frames"]).items()
    ]


def _camera_frames(rows: Sequence[Row], camera: int, labels: Labels, data: DataObject) -> list[dict[str, Any]]:
    """The pictures of one camera; a thing has the same object-id here and among the points."""
    own = [row for row in rows if row.get("camera") == camera]
    names = dict(data.facts["frames"])
    return [
        {
            "frame-no": number,
            "frame": names[number],
            "frame-attributes": {},
            "annotations": [
                {
                    **{side: row[side] for side in SIDES},
                    "class-id": list(labels).index(row["label"]),
                    "label-category-attributes": row.get("attributes", {}),
                    "object-id": object_id(data, row["object"]),
                    "object-name": row["object"],
                }
                for row in drawn
            ],
        }
        for number, drawn in by_frame(own, data.facts["frames"]).items()
    ]


def _write_points(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    names = ("Background", *labels)
    colours = {
        str(number): {"class-name": name, "hex-color": colour(number), "confidence": 0.0}
        for number, name in enumerate(names)
        if number in {0, *verdict.value}
    }
    path = f"annotations/consolidated-annotation/output/{data.number}/{data.key.rpartition('/')[2]}.zlib"
    file = File(path, zlib.compress(verdict.value), "application/octet-stream")
    written = Written(place(path), {"color-map": colours}, (file,))
    if data.prior is None:
        return written
    status = "unadjusted" if verdict.value == data.prior else "adjusted"
    return Written(written.label, {**written.metadata, "adjustment-status": status}, written.files)


def _learn_points(data: DataObject, view: View, labels: Labels) -> dict[str, Any]:
    if len(labels) > 255:
        raise LocalAwsError(f"the local AWS writes up to 255 classes of points; {len(labels)} labels were given.")
    return {"points": point_count(data.read(view), _format(data), data.key)}


def _format(data: DataObject) -> str:
    return str(data.line.get("source-ref-metadata", {}).get("format", "text/xyz"))


def point_count(content: bytes, form: str, uri: str) -> int:
    """How many points a frame has; `form` is ``text/xyz``, ``binary/xyzi`` … BadInput for what fits none."""
    how, _, fields = form.partition("/")
    if how not in ("text", "binary") or fields not in _FIELDS:
        raise BadInput(f"ClientError: {uri} is of the format {form}, which is none of a point cloud frame.")
    if how == "text":
        return sum(1 for line in content.splitlines() if line.strip())
    count, rest = divmod(len(content), 4 * _FIELDS[fields])
    if rest:
        raise BadInput(f"ClientError: {uri} has {len(content)} bytes, which are no whole points of {form}.")
    return count


def _settle_points(value: Any, labels: Labels, data: DataObject) -> bytes:
    """A class for each point as a byte: 0 for none, else the label's place plus 1."""
    places = {None: 0, **{label: number for number, label in enumerate(labels, start=1)}}
    layer = value if isinstance(value, bytes) else bytes(places[name] for name in value)
    if len(layer) != data.facts["points"]:
        raise LocalAwsError(f"{len(layer)} classes were given for the {data.facts['points']} points of {data.key}.")
    return layer


def _prior_points(data: DataObject, attribute: str, view: View) -> bytes:
    try:
        return zlib.decompress(view.get(*bucket_and_key(data.line[attribute])))
    except (KeyError, TypeError, zlib.error):
        raise BadInput(f"ClientError: {data.key} has no classes of points in {attribute} to look at.") from None


def _prior_cuboids(data: DataObject, attribute: str, view: View) -> tuple[dict[str, Any], ...]:
    try:
        names = names_of(data.line[f"{attribute}-metadata"])
        return tuple(_prior_row(row, names) for row in data.line[attribute]["annotations"])
    except (KeyError, TypeError):
        raise BadInput(f"ClientError: {data.key} has no cuboids in {attribute} to look at.") from None


def _prior_tracks(data: DataObject, attribute: str, view: View) -> tuple[dict[str, Any], ...]:
    document = read_sequence_labels(data, attribute, view)
    names = names_of(data.line.get(f"{attribute}-metadata", {}))
    try:
        frames = document.get("lidar", document)["tracking-annotations"]
        return tuple(
            {**_prior_row(row, names), "frame": int(frame["frame-number"])}
            for frame in frames
            for row in frame["annotations"]
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadInput(f"ClientError: the labels of {data.key} in {attribute} cannot be read.") from None


def _prior_row(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    told = {"label": names[str(row["class-id"])], "object": row["object-name"], **{name: row[name] for name in CUBOID}}
    attributes = row.get("label-category-attributes")
    return told | ({"attributes": attributes} if attributes else {})


def _are_cuboids(value: Any, labels: Labels) -> bool:
    return is_rows(value, labels, CUBOID)


def _are_tracks(value: Any, labels: Labels) -> bool:
    if not is_rows(value, labels, ("frame",)):
        return False
    fits = [is_rows([row], labels, SIDES if "camera" in row else CUBOID) for row in value]
    return all(fits) and all(isinstance(row.get("object"), str) for row in value)


def _are_points(value: Any, labels: Labels) -> bool:
    if isinstance(value, bytes):
        return all(number <= len(labels) for number in set(value))
    return isinstance(value, list | tuple) and all(name is None or name in labels for name in set(value))


def _raw(value: Any, data: DataObject) -> dict[str, Any]:
    """What AWS's own interface submits is not published; this is the label as it was drawn [guess]."""
    return {"annotationData": list(value) if isinstance(value, bytes) else [dict(row) for row in value]}


def _learn_frame(data: DataObject, view: View, labels: Labels) -> dict[str, Any]:
    data.look(view)
    return {}


def _learn_sequence(data: DataObject, view: View, labels: Labels) -> dict[str, Any]:
    return cloud_sequence(data, view)


def _point_verdict(answers: Any, labels: Labels, trust: Any) -> Verdict:
    return Verdict(answers[0].value, 0.0)


CUBOIDS = Form(one_workers, _write_cuboids, _raw, _are_cuboids, learn=_learn_frame, prior=_prior_cuboids)
TRACKS = Form(one_workers, _write_tracks, _raw, _are_tracks, learn=_learn_sequence, prior=_prior_tracks)
POINTS = Form(
    _point_verdict, _write_points, _raw, _are_points, settle=_settle_points, learn=_learn_points, prior=_prior_points
)
