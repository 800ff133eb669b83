"""What a label looks like, one row a type of output: value and metadata -> label, class, confidence, annotations."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """The label of one data object; `class_name` is set where one class says it all."""

    label: Any
    class_name: str | None = None
    confidence: float | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)


def _one_class(value: Any, metadata: Json, entry: Json) -> Found:
    """A class index, which AWS writes as a number or as a string; verification jobs have the same shape."""
    index = int(value)
    name = str(metadata["class-name"]) if "class-name" in metadata else None
    confidence = _share(metadata.get("confidence"))
    comments = "; ".join(str(each["comment"]) for each in metadata.get("worker-feedback", []))
    row = {"kind": "class", "class_id": index, "class_name": name, "confidence": confidence}
    return Found(index, name, confidence, [row | ({"text": comments} if comments else {})])


def _many_classes(value: Any, metadata: Json, entry: Json) -> Found:
    """Every class that at least one worker chose."""
    names, shares = metadata.get("class-map", {}), metadata.get("confidence-map", {})
    rows = [
        {"kind": "class", "class_id": index, "class_name": names.get(str(index)),
         "confidence": _share(shares.get(str(index)))}
        for index in map(int, _list(value))
    ]  # fmt: skip
    chosen = ", ".join(str(row["class_name"] or row["class_id"]) for row in rows)
    return Found([row["class_id"] for row in rows], chosen, _lowest(rows), rows)


def _boxes(value: Any, metadata: Json, entry: Json) -> Found:
    """Boxes in pixels from the top left corner; the confidences are in the metadata, in the same order."""
    return _drawn("box", _list(value["annotations"]), metadata, ("left", "top", "width", "height"))


def _cuboids(value: Any, metadata: Json, entry: Json) -> Found:
    return _drawn("cuboid", _list(value["annotations"]), metadata, ())


def _drawn(kind: str, annotations: list[Any], metadata: Json, geometry: tuple[str, ...]) -> Found:
    names = metadata.get("class-map", metadata.get("class_map", {}))
    shares = [_share(each.get("confidence")) for each in metadata.get("objects", [])]
    rows = []
    for at, each in enumerate(annotations):
        index = int(each["class_id"] if "class_id" in each else each["class-id"])
        row = {"kind": kind, "class_id": index, "class_name": names.get(str(index)), "detail": _text(each)}
        row["confidence"] = shares[at] if at < len(shares) else None
        rows.append(row | {name: float(each[name]) for name in geometry})
    return Found(annotations, _only([row["class_name"] for row in rows]), _lowest(rows), rows)


def _entities(value: Any, metadata: Json, entry: Json) -> Found:
    """Spans of the text, in Unicode characters."""
    entities = _list(value["annotations"]["entities"])
    shares = [_share(each.get("confidence")) for each in metadata.get("entities", [])]
    source = entry.get("source", "")
    rows = []
    for at, each in enumerate(entities):
        start, end = int(each["startOffset"]), int(each["endOffset"])
        row = {"kind": "entity", "class_name": str(each["label"]), "start": start, "end": end}
        row |= {"text": source[start:end], "confidence": shares[at] if at < len(shares) else None}
        rows.append(row)
    return Found(entities, _only([row["class_name"] for row in rows]), _lowest(rows), rows)


def _reference(value: Any, metadata: Json, entry: Json) -> Found:
    """The label is a file in S3 (a mask, a sequence of frames); the classes are those that its colours stand for."""
    if not isinstance(value, str):
        raise TypeError
    colours = metadata.get("internal-color-map", metadata.get("color-map"))
    if colours is None:
        colours = {index: {"class-name": name} for index, name in metadata.get("class-map", {}).items()}
    rows = [
        {"kind": "file", "class_id": int(index), "class_name": each.get("class-name"),
         "confidence": _share(each.get("confidence")), "uri": value}
        for index, each in colours.items()
    ]  # fmt: skip
    return Found(value, None, _lowest(rows), rows or [{"kind": "file", "uri": value}])


def _custom(value: Any, metadata: Json, entry: Json) -> Found:
    """Whatever a post-annotation Lambda function wrote, or a reference to the workers' answers where there is none."""
    uri = metadata.get("worker-response-ref")
    return Found(
        value, None, _share(metadata.get("confidence")), [{"kind": "custom", "detail": _text(value), "uri": uri}]
    )


def by_its_looks(value: Any, metadata: Json, entry: Json) -> Found:
    """A type that no document names: a class where the metadata has one, else the label as it stands."""
    return _one_class(value, metadata, entry) if "class-name" in metadata else _custom(value, metadata, entry)


#: Video classification is missing on purpose: no document gives its type, and it is read by its looks.
READERS: dict[str, Callable[[Any, Json, Json], Found]] = {
    "groundtruth/image-classification": _one_class,
    "groundtruth/text-classification": _one_class,
    "groundtruth/label-verification": _one_class,
    "groundtruth/image-classification-multilabel": _many_classes,
    "groundtruth/text-classification-multilabel": _many_classes,
    "groundtruth/object-detection": _boxes,
    "groundtruth/text-span": _entities,
    "groundtruth/semantic-segmentation": _reference,
    "groundtruth/video-object-detection": _reference,
    "groundtruth/video-object-tracking": _reference,
    "groundtruth/point_cloud_object_detection": _cuboids,
    "groundtruth/point_cloud_object_tracking": _reference,
    "groundtruth/point_cloud_single_frame_semantic_segmentation": _reference,
    "groundtruth/custom": _custom,
}


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _share(value: Any) -> float | None:
    return None if value is None or isinstance(value, list) else float(value)


def _lowest(rows: list[dict[str, Any]]) -> float | None:
    """An object is as certain as its least certain annotation."""
    return min((row["confidence"] for row in rows if row["confidence"] is not None), default=None)


def _only(names: list[str | None]) -> str | None:
    """The class where all annotations have the same one."""
    return names[0] if names and len(set(names)) == 1 else None


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
