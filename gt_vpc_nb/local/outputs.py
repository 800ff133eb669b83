"""What a labeling job writes: output manifest lines, worker responses and consolidated annotations, as documented.

Source of the formats: SageMaker developer guide, sms-data-output (sections named at each task type there).
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gt_vpc_nb.local.consolidation import Answer, Trust, Verdict, boxes, one_class, several_classes
from gt_vpc_nb.local.dataset import BadInput, DataObject

Labels = Sequence[str]


@dataclass(frozen=True)
class Form:
    """How answers of one task type become a label: the consolidation, the label, its metadata, the raw answer."""

    consolidate: Callable[[Sequence[Answer], Labels, Trust], Verdict]
    label: Callable[[Verdict, Labels, DataObject], Any]
    metadata: Callable[[Verdict, Labels], dict[str, Any]]
    raw: Callable[[Any, DataObject], dict[str, Any]]
    valid: Callable[[Any, Labels], bool]
    needs_image_size: bool = False


def _class_index(verdict: Verdict, labels: Labels, _: DataObject) -> int:
    return list(labels).index(verdict.value)


def _class_metadata(verdict: Verdict, _: Labels) -> dict[str, Any]:
    return {"class-name": verdict.value, "confidence": _rounded(verdict.confidence)}


def _class_indices(verdict: Verdict, labels: Labels, _: DataObject) -> list[int]:
    return [list(labels).index(label) for label in verdict.value]


def _classes_metadata(verdict: Verdict, labels: Labels) -> dict[str, Any]:
    index = {label: str(list(labels).index(label)) for label in verdict.value}
    pairs = zip(verdict.value, verdict.confidence, strict=True)
    return {
        "class-map": {index[label]: label for label in verdict.value},
        "confidence-map": {index[label]: _rounded(confidence) for label, confidence in pairs},
    }


def _box_annotations(verdict: Verdict, labels: Labels, data: DataObject) -> dict[str, Any]:
    sides = ("left", "top", "width", "height")
    return {
        "image_size": [data.image_size],
        "annotations": [
            {"class_id": list(labels).index(box["label"]), **{side: box[side] for side in sides}}
            for box in verdict.value
        ],
    }


def _box_metadata(verdict: Verdict, labels: Labels) -> dict[str, Any]:
    used = sorted({list(labels).index(box["label"]) for box in verdict.value})
    return {
        "objects": [{"confidence": _rounded(confidence)} for confidence in verdict.confidence],
        "class-map": {str(number): labels[number] for number in used},
    }


def _element(data: DataObject) -> str:
    """The crowd element of AWS's own template, under whose name the answer is kept."""
    return "crowd-image-classifier" if "source-ref" in data.line else "crowd-classifier"


def _raw_boxes(value: Sequence[Mapping[str, Any]], data: DataObject) -> dict[str, Any]:
    size = data.image_size or {}
    shown = {"height": size.get("height"), "width": size.get("width")}
    return {"boundingBox": {"boundingBoxes": [dict(box) for box in value], "inputImageProperties": shown}}


def _are_boxes(value: Any, labels: Labels) -> bool:
    sides = ("left", "top", "width", "height")
    return isinstance(value, list | tuple) and all(
        isinstance(box, Mapping)
        and box.get("label") in labels
        and all(isinstance(box.get(side), int) for side in sides)
        for box in value
    )


_SINGLE = Form(
    one_class,
    _class_index,
    _class_metadata,
    lambda value, data: {_element(data): {"label": value}},
    lambda value, labels: value in labels,
)
_MULTIPLE = Form(
    several_classes,
    _class_indices,
    _classes_metadata,
    lambda value, data: {f"{_element(data)}-multi-select": {"labels": list(value)}},
    lambda value, labels: isinstance(value, list | tuple | set | frozenset) and all(each in labels for each in value),
)

#: The task types whose labels the local AWS writes. A task type that is not here is refused when a job is created.
FORMS: Mapping[str, Form] = {
    "ImageMultiClass": _SINGLE,
    "TextMultiClass": _SINGLE,
    "ImageMultiClassMultiLabel": _MULTIPLE,
    "TextMultiClassMultiLabel": _MULTIPLE,
    "BoundingBox": Form(boxes, _box_annotations, _box_metadata, _raw_boxes, _are_boxes, needs_image_size=True),
}


def label_members(
    form: Form, data: DataObject, labels: Labels, *, attribute: str, job: str, output_type: str, when: datetime
) -> dict[str, Any]:
    """The two members that a labeled object has more than its input line: the label and its metadata."""
    assert data.verdict is not None
    metadata = {
        **form.metadata(data.verdict, labels),
        "type": output_type,
        "job-name": f"labeling-job/{job}",
        "human-annotated": "yes" if data.human else "no",
        "creation-date": when.strftime("%Y-%m-%dT%H:%M:%S.%f"),
    }
    return {attribute: form.label(data.verdict, labels, data), f"{attribute}-metadata": metadata}


def manifest(objects: Iterable[DataObject]) -> bytes:
    """Output manifest lines: input line and label; an object without a label as it came."""
    return "".join(_dumped({**data.line, **data.output}) + "\n" for data in objects).encode()


def worker_response(form: Form, data: DataObject, region: str, account: str) -> bytes:
    """The file of one object's raw answers (sms-data-output, sms-worker-id-private)."""
    return _dumped({"answers": [_raw_answer(form, data, answer, region, account) for answer in data.answers]}).encode()


def _raw_answer(form: Form, data: DataObject, answer: Answer, region: str, account: str) -> dict[str, Any]:
    issuer = f"https://cognito-idp.{region}.amazonaws.com/{region}_local{account[-4:]}"
    identity = {"identityProviderType": "Cognito", "issuer": issuer, "sub": answer.worker}
    return {
        "acceptanceTime": _milliseconds(answer.accepted),
        "answerContent": form.raw(answer.value, data),
        "submissionTime": _milliseconds(answer.submitted),
        "timeSpentInSeconds": round((answer.submitted - answer.accepted).total_seconds(), 3),
        "workerId": f"private.{region}.{answer.worker}",
        "workerMetadata": {"identityData": identity},
    }


def consolidation_request(objects: Iterable[DataObject], region: str, form: Form) -> bytes:
    """What the consolidation function is given for one iteration."""
    rows = [
        {
            "datasetObjectId": str(data.number),
            "dataObject": {"s3Uri" if "source-ref" in data.line else "content": data.key},
            "annotations": [
                {
                    "workerId": f"private.{region}.{answer.worker}",
                    "annotationData": {"content": _dumped(form.raw(answer.value, data))},
                }
                for answer in data.answers
            ],
        }
        for data in objects
    ]
    return _dumped(rows).encode()


def consolidation_response(objects: Iterable[DataObject]) -> bytes:
    """What the consolidation function answers for one iteration."""
    rows = [
        {"datasetObjectId": str(data.number), "consolidatedAnnotation": {"content": data.output}} for data in objects
    ]
    return _dumped(rows).encode()


def image_size(content: bytes, uri: str) -> dict[str, int]:
    """Width, height (pixels) and depth (channels) of an image; BadInput when it is none."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as picture:
            return {"width": picture.width, "height": picture.height, "depth": len(picture.getbands())}
    except (UnidentifiedImageError, OSError):
        raise BadInput(f"ClientError: {uri} is not an image that can be read.") from None


def stamp(when: datetime) -> str:
    """A time as AWS writes it into file names of annotations."""
    return when.strftime("%Y-%m-%d_%H:%M:%S")


def _milliseconds(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"


def _rounded(confidence: float | tuple[float, ...]) -> float:
    assert isinstance(confidence, float)
    return round(confidence, 4)


def _dumped(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
