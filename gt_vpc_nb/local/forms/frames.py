"""Boxes in the frames of a video: things found in each frame, and things followed from frame to frame."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.local.consolidation import Answer, Trust, Verdict
from gt_vpc_nb.local.dataset import BadInput, DataObject, NotSimulated, View, bucket_and_key
from gt_vpc_nb.local.forms.boxes import SIDES
from gt_vpc_nb.local.forms.form import File, Form, Labels, Placing, Written, is_rows
from gt_vpc_nb.local.forms.sequences import by_frame, video_sequence

Row = Mapping[str, Any]
_NAMESPACE = uuid.UUID("6f1a3c9e-0d57-5b7e-9a44-2f6f0c1d8e21")


def one_workers(answers: Sequence[Answer], labels: Labels, trust: Trust) -> Verdict:
    """Sequences are labeled by one worker, so there is nothing to consolidate; of several the first counts."""
    return Verdict(tuple(answers[0].value), 0.0)


def sequence_path(data: DataObject) -> str:
    """Where the labels of a sequence are kept, in the job's folder."""
    return f"annotations/consolidated-annotation/output/{data.number}/SeqLabel.json"


def object_id(data: DataObject, name: str) -> str:
    """The id of a followed object: the same for the same sequence and name on every run."""
    return str(uuid.uuid5(_NAMESPACE, f"{data.key}/{name}"))


def json_file(path: str, document: Any) -> File:
    """A label file of JSON."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return File(path, text.encode(), "application/json")


def adjusted(written: Written, verdict: Verdict, data: DataObject) -> Written:
    """The same with AWS's word on whether anything was changed; a job of its own looks at no earlier label."""
    if data.prior is None:
        return written
    status = "unadjusted" if canonical(verdict.value) == canonical(data.prior) else "adjusted"
    return Written(written.label, {**written.metadata, "adjustment-status": status}, written.files)


def canonical(rows: Sequence[Row]) -> list[str]:
    """Rows in an order that does not depend on who wrote them."""
    return sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows)


def _write_detection(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    return _write(verdict, labels, data, place, "detection-annotations", tracked=False)


def _write_tracking(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    return _write(verdict, labels, data, place, "tracking-annotations", tracked=True)


def _write(
    verdict: Verdict, labels: Labels, data: DataObject, place: Placing, member: str, *, tracked: bool
) -> Written:
    names = dict(data.facts["frames"])
    rows = by_frame(verdict.value, data.facts["frames"])
    frames = [
        {
            "annotations": [_annotation(row, labels, data, tracked) for row in own],
            "frame-no": number,
            "frame": names[number],
            "frame-attributes": {},
        }
        for number, own in rows.items()
    ]
    path = sequence_path(data)
    metadata = {"class-map": {str(number): label for number, label in enumerate(labels)}}
    return adjusted(Written(place(path), metadata, (json_file(path, {member: frames}),)), verdict, data)


def _annotation(row: Row, labels: Labels, data: DataObject, tracked: bool) -> dict[str, Any]:
    drawn = {side: row[side] for side in ("height", "width", "top", "left")}
    # AWS prints class-id as text in the files of video frames.
    told = {"class-id": str(list(labels).index(row["label"])), "label-category-attributes": row.get("attributes", {})}
    if tracked:
        told |= {"object-id": object_id(data, row["object"]), "object-name": row["object"]}
    return {**drawn, **told}


def _learn(data: DataObject, view: View, labels: Labels) -> dict[str, Any]:
    tool = data.category.get("annotationType", "BoundingBox")
    if tool != "BoundingBox":
        # The stored page cuts off how the other tools are written: no guess.
        raise NotSimulated(f"InternalServerError: The local AWS does not simulate the annotationType {tool}.")
    return video_sequence(data, view)


def read_sequence_labels(data: DataObject, attribute: str, view: View) -> Any:
    """The SeqLabel file of an earlier job, as JSON. BadInput when there is none."""
    try:
        uri = data.line[attribute]
        return json.loads(view.get(*bucket_and_key(uri)))
    except (KeyError, TypeError, ValueError):
        raise BadInput(f"ClientError: {data.key} has no labels in {attribute} to look at.") from None


def _prior(data: DataObject, attribute: str, view: View) -> tuple[dict[str, Any], ...]:
    document = read_sequence_labels(data, attribute, view)
    names = data.line.get(f"{attribute}-metadata", {}).get("class-map", {})
    try:
        frames = document.get("detection-annotations") or document["tracking-annotations"]
        return tuple(_prior_row(row, int(frame["frame-no"]), names) for frame in frames for row in frame["annotations"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise BadInput(f"ClientError: the labels of {data.key} in {attribute} cannot be read.") from None


def _prior_row(row: Row, frame: int, names: Mapping[str, str]) -> dict[str, Any]:
    told = {"label": names[str(row["class-id"])], "frame": frame, **{side: row[side] for side in SIDES}}
    if row.get("label-category-attributes"):
        told["attributes"] = row["label-category-attributes"]
    return told | ({"object": row["object-name"]} if "object-name" in row else {})


def _are_boxes(value: Any, labels: Labels) -> bool:
    return is_rows(value, labels, ("frame", *SIDES))


def _are_tracks(value: Any, labels: Labels) -> bool:
    return _are_boxes(value, labels) and all(isinstance(row.get("object"), str) for row in value)


def _raw(value: Any, data: DataObject) -> dict[str, Any]:
    """What AWS's own interface submits is not published; this is the label as it was drawn [guess]."""
    return {"annotationData": [dict(row) for row in value]}


DETECTION = Form(one_workers, _write_detection, _raw, _are_boxes, learn=_learn, prior=_prior)
TRACKING = Form(one_workers, _write_tracking, _raw, _are_tracks, learn=_learn, prior=_prior)
