"""Boxes around things in a picture: drawn anew, or drawn better than before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.local.consolidation import Answer, Trust, Verdict
from gt_vpc_nb.local.dataset import BadInput, DataObject, View
from gt_vpc_nb.local.forms.form import Form, Labels, Placing, Written, in_job_order, is_rows, names_of, rounded
from gt_vpc_nb.local.forms.pictures import image_size

SIDES = ("left", "top", "width", "height")
Box = Mapping[str, Any]


def boxes(answers: Sequence[Answer], labels: Labels, trust: Trust) -> Verdict:
    """The boxes that at least half of the workers drew, each the average of theirs."""
    clusters: list[list[tuple[str, Box]]] = []
    for answer in answers:
        for box in answer.value:
            _join(clusters, answer.worker, box)
    kept = [cluster for cluster in clusters if 2 * len(cluster) >= len(answers)]
    averages = tuple(_average([box for _, box in cluster]) for cluster in kept)
    confidences = tuple(
        0.0 if len(answers) == 1 else len(cluster) / len(answers) * _mean([overlap(box, mean) for _, box in cluster])
        for cluster, mean in zip(kept, averages, strict=True)
    )
    return Verdict(averages, confidences)


def overlap(one: Box, other: Box) -> float:
    """The Jaccard index of two boxes: shared area over covered area, 0 to 1."""
    width = min(one["left"] + one["width"], other["left"] + other["width"]) - max(one["left"], other["left"])
    height = min(one["top"] + one["height"], other["top"] + other["height"]) - max(one["top"], other["top"])
    shared = max(width, 0) * max(height, 0)
    covered = one["width"] * one["height"] + other["width"] * other["height"] - shared
    return shared / covered if covered else 0.0


def _join(clusters: list[list[tuple[str, Box]]], worker: str, box: Box) -> None:
    fitting = [
        (overlap(box, _average([each for _, each in cluster])), -number)
        for number, cluster in enumerate(clusters)
        if cluster[0][1]["label"] == box["label"] and all(drawn_by != worker for drawn_by, _ in cluster)
    ]
    best, number = max(fitting, default=(0.0, 0))
    if best >= 0.5:
        clusters[-number].append((worker, box))
    else:
        clusters.append([(worker, box)])


def _average(drawn: Sequence[Box]) -> dict[str, Any]:
    return {"label": drawn[0]["label"], **{side: round(_mean([box[side] for box in drawn])) for side in SIDES}}


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)


def _write(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    annotations = [
        {"class_id": list(labels).index(box["label"]), **{side: box[side] for side in SIDES}} for box in verdict.value
    ]
    shares = verdict.confidence if isinstance(verdict.confidence, tuple) else ()
    metadata = {
        "objects": [{"confidence": rounded(confidence)} for confidence in shares],
        "class-map": in_job_order([box["label"] for box in verdict.value], labels),
    }
    return Written({"image_size": [data.facts["image_size"]], "annotations": annotations}, metadata)


def _write_adjusted(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    written = _write(verdict, labels, data, place)
    same = _sorted(verdict.value) == _sorted(data.prior)
    return Written(written.label, {**written.metadata, "adjustment-status": "unadjusted" if same else "adjusted"})


def _sorted(drawn: Sequence[Box]) -> list[tuple[Any, ...]]:
    return sorted((box["label"], *(box[side] for side in SIDES)) for box in drawn)


def _raw(value: Sequence[Box], data: DataObject) -> dict[str, Any]:
    size = data.facts.get("image_size", {})
    shown = {"height": size.get("height"), "width": size.get("width")}
    return {"boundingBox": {"boundingBoxes": [dict(box) for box in value], "inputImageProperties": shown}}


def _learn(data: DataObject, view: View, labels: Labels) -> dict[str, Any]:
    return {"image_size": image_size(data.read(view), data.key)}


def _prior(data: DataObject, attribute: str, view: View) -> tuple[dict[str, Any], ...]:
    try:
        names = names_of(data.line[f"{attribute}-metadata"])
        return tuple(
            {"label": names[str(row["class_id"])], **{side: row[side] for side in SIDES}}
            for row in data.line[attribute]["annotations"]
        )
    except (KeyError, TypeError):
        raise BadInput(f"ClientError: {data.key} has no boxes in {attribute} to adjust.") from None


def _are_boxes(value: Any, labels: Labels) -> bool:
    return is_rows(value, labels, SIDES) and all(isinstance(box[side], int) for box in value for side in SIDES)


BOXES = Form(boxes, _write, _raw, _are_boxes, learn=_learn)
ADJUSTED_BOXES = Form(boxes, _write_adjusted, _raw, _are_boxes, learn=_learn, prior=_prior)
