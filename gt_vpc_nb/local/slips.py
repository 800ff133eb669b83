"""Where people go wrong: a true answer, and the one that a worker of some carelessness gives instead.

Every slip is a small decision of its own: a class that looks alike, a label too many, a box that is a little off.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gt_vpc_nb.local.workers import Task

#: Digits that people take for one another in poor handwriting.
LOOK_ALIKES: Mapping[str, tuple[str, ...]] = {
    "0": ("6", "9"), "1": ("7", "4"), "2": ("7", "3"), "3": ("8", "5"), "4": ("9", "1"),
    "5": ("3", "6"), "6": ("0", "5"), "7": ("1", "2"), "8": ("3", "9"), "9": ("4", "8"),
}  # fmt: skip
#: A worker leaves an earlier label alone that agrees with the truth this well (Jaccard index, share of pixels).
_GOOD_ENOUGH, _GOOD_ENOUGH_LAYER = 0.8, 0.95


def as_people_err(true: Any, task: Task, chance: random.Random, rate: float, seed: int | str) -> Any:
    """The answer of a worker who errs in `rate` of the cases, 0 to 1; decided by `chance`."""
    if isinstance(true, str):
        return _mistaken(true, task.labels, chance, seed) if chance.random() < rate else true
    kind = task.task_type.removeprefix("Adjustment")
    if kind in _WHOLE:
        return _WHOLE[kind](true, task, chance, rate)
    if kind in _ROWS:
        kept = (_kept(row, task) or row for row in true)
        return tuple(
            row if _kept(row, task) else _ROWS[kind](row, task, chance, rate, seed)
            for row in kept
            if chance.random() >= rate / 2
        )
    return true


def _mistaken(true: str, labels: Sequence[str], chance: random.Random, seed: int | str) -> str:
    others = [label for label in labels if label != true]
    if not others:
        return true
    near = [label for label in LOOK_ALIKES.get(true, ()) if label in others]
    if not near:
        near = random.Random(f"{seed}/near/{true}").sample(others, min(2, len(others)))
    return chance.choice(near) if chance.random() < 0.8 else chance.choice(others)


def _chosen(true: Sequence[str], task: Task, chance: random.Random, rate: float) -> tuple[str, ...]:
    # One label too many or too few is the usual slip: each label of the job is its own small decision.
    slip = rate / max(len(task.labels), 1)
    chosen = [label for label in task.labels if (label in true) != (chance.random() < slip)]
    return tuple(chosen) or tuple(true)


def _relabeled(row: Mapping[str, Any], task: Task, chance: random.Random, rate: float, seed: int | str) -> str:
    return _mistaken(row["label"], task.labels, chance, seed) if chance.random() < rate / 2 else row["label"]


def _drawn(box: Mapping[str, Any], task: Task, chance: random.Random, rate: float, seed: int | str) -> dict[str, Any]:
    width, height = box["width"], box["height"]
    label = _relabeled(box, task, chance, rate, seed)
    return {
        **box,
        "label": label,
        "left": max(0, round(box["left"] + chance.gauss(0, 0.03) * width)),
        "top": max(0, round(box["top"] + chance.gauss(0, 0.03) * height)),
        "width": max(1, round(width * chance.gauss(1, 0.04))),
        "height": max(1, round(height * chance.gauss(1, 0.04))),
    }


def _marked(span: Mapping[str, Any], task: Task, chance: random.Random, rate: float, seed: int | str) -> dict[str, Any]:
    """One character too many or too few at an end."""
    label = _relabeled(span, task, chance, rate, seed)
    start, end = span["start"], span["end"]
    if chance.random() < rate / 2:
        start, end = max(0, start - chance.randint(0, 1)), min(len(task.key), end + chance.randint(0, 1))
    return {**span, "label": label, "start": start, "end": end}


def _placed(row: Mapping[str, Any], task: Task, chance: random.Random, rate: float, seed: int | str) -> dict[str, Any]:
    """A cuboid a few centimetres off; a box that links it to a camera's picture is drawn as boxes are."""
    if "camera" in row:
        return _drawn(row, task, chance, 0.0, seed)
    off = {name: round(row[name] + chance.gauss(0, 0.03), 3) for name in ("center-x", "center-y", "center-z")}
    return {**row, "label": row["label"], **off}


def _followed(
    row: Mapping[str, Any], task: Task, chance: random.Random, rate: float, seed: int | str
) -> dict[str, Any]:
    # Whoever follows a thing has named it once: its label does not change from frame to frame.
    return {**_drawn(row, task, chance, 0.0, seed), "label": row["label"]}


def _painted(true: Any, task: Task, chance: random.Random, rate: float) -> Any:
    if isinstance(true, bytes) or _is_good_layer(task, true):
        return task.prior if task.prior is not None else true
    return tuple({**shape, "points": [_shifted(point, chance) for point in shape["points"]]} for shape in true)


def _shifted(point: Sequence[float], chance: random.Random) -> list[float]:
    return [round(place + chance.gauss(0, 0.7), 1) for place in point]


def _is_good_layer(task: Task, true: Any) -> bool:
    if task.prior is None:
        return False
    from gt_vpc_nb.local.forms.pictures import filled

    size = task.facts["image_size"]
    layer = filled(true, task.labels, size["width"], size["height"])
    same = sum(one == other for one, other in zip(layer, task.prior, strict=False))
    return len(layer) == len(task.prior) and same >= _GOOD_ENOUGH_LAYER * len(layer)


def _sorted_out(true: Any, task: Task, chance: random.Random, rate: float) -> Any:
    """A class for each point: now and then one is taken for none."""
    if isinstance(true, bytes):
        return true
    found = [None if chance.random() < rate / 10 else name for name in true]
    return task.prior if task.prior is not None and _same_points(true, task) else found


def _same_points(true: Sequence[str | None], task: Task) -> bool:
    places = {None: 0, **{label: number for number, label in enumerate(task.labels, start=1)}}
    same = sum(places[name] == number for name, number in zip(true, task.prior, strict=False))
    return len(true) == len(task.prior) and same >= _GOOD_ENOUGH_LAYER * len(true)


def _kept(row: Mapping[str, Any], task: Task) -> Mapping[str, Any] | None:
    """The earlier row that says the same well enough, so that a careful worker leaves it as it is."""
    if not isinstance(task.prior, tuple):
        return None
    return next((old for old in task.prior if old is row or _agrees(old, row)), None)


def _agrees(old: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    if any(old.get(name) != row.get(name, old.get(name)) for name in ("label", "frame", "object")):
        return False
    if "center-x" in row and "center-x" in old:
        return all(abs(old[name] - row[name]) <= 0.2 for name in ("center-x", "center-y", "center-z"))
    if "left" in row and "left" in old:
        from gt_vpc_nb.local.forms.boxes import overlap

        return overlap(old, row) >= _GOOD_ENOUGH
    return False


_Whole = Callable[[Any, "Task", random.Random, float], Any]
_Row = Callable[[Mapping[str, Any], "Task", random.Random, float, "int | str"], dict[str, Any]]

_WHOLE: Mapping[str, _Whole] = {
    "ImageMultiClassMultiLabel": _chosen,
    "TextMultiClassMultiLabel": _chosen,
    "SemanticSegmentation": _painted,
    "3DPointCloudSemanticSegmentation": _sorted_out,
}
_ROWS: Mapping[str, _Row] = {
    "BoundingBox": _drawn,
    "NamedEntityRecognition": _marked,
    "VideoObjectDetection": _drawn,
    "VideoObjectTracking": _followed,
    "3DPointCloudObjectDetection": _placed,
    "3DPointCloudObjectTracking": _placed,
}
