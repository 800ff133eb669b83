"""Boxes and masks that a machine draws: a forest tells of each pixel which class it belongs to.

Plain and open: an image is reduced to at most 32 pixels a side; a pixel is its colour and the mean colours around it
(3x3 and 7x7); a random forest learns from people's boxes or masks which class such a pixel is of. A mask is the class
of each pixel, enlarged again; a box goes around each connected patch of one class. How sure the forest is of the pixels
is the confidence.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gt_vpc_nb.local.consolidation import Verdict
from gt_vpc_nb.local.dataset import BadInput
from gt_vpc_nb.local.forms.boxes import overlap

#: The longer side of a reduced image, and the pixels a forest is shown at most.
LONGEST, MOST_PIXELS = 32, 20_000
#: A patch of fewer pixels than this (of the reduced image) is noise.
_SMALLEST = 4


@dataclass(frozen=True)
class Seen:
    """An image as the forest sees it: `rows` has a line a pixel of a grid, `width` and `height` are the image's own."""

    rows: Any = field(repr=False)
    grid: tuple[int, int]
    width: int
    height: int


@dataclass(frozen=True)
class Forest:
    """What was learnt; class 0 is the background, and class n the n-th of `labels`."""

    trees: Any = field(repr=False)
    labels: tuple[str, ...]


def pixel_features(content: bytes) -> Seen:
    """An image's pixels with the colours around them. Raises BadInput for what is no image."""
    import numpy
    from PIL import Image, UnidentifiedImageError
    from scipy.ndimage import uniform_filter

    try:
        with Image.open(io.BytesIO(content)) as picture:
            width, height = picture.size
            scale = min(1.0, LONGEST / max(width, height))
            grid = max(1, round(width * scale)), max(1, round(height * scale))
            small = picture.convert("RGB").resize(grid, Image.Resampling.BOX)
    except (UnidentifiedImageError, OSError):
        raise BadInput("ClientError: The training job found a file that is not an image.") from None
    colours = numpy.asarray(small, dtype="float32") / 255
    around = [uniform_filter(colours, size=(side, side, 1), mode="nearest") for side in (3, 7)]
    rows = numpy.concatenate([colours, *around], axis=2).reshape(-1, 9)
    return Seen(rows, grid, width, height)


def fit_boxes(seen: Sequence[Seen], values: Sequence[Any], labels: Sequence[str], seed: int) -> Forest:
    """A forest that learnt from boxes: every pixel inside of one is of its class."""
    return _fit(seen, [_boxed(each, value, labels) for each, value in zip(seen, values, strict=True)], labels, seed)


def fit_masks(seen: Sequence[Seen], values: Sequence[bytes], labels: Sequence[str], seed: int) -> Forest:
    """A forest that learnt from masks, a byte a pixel."""
    return _fit(seen, [_reduced(each, value) for each, value in zip(seen, values, strict=True)], labels, seed)


def _fit(seen: Sequence[Seen], layers: Sequence[Any], labels: Sequence[str], seed: int) -> Forest:
    import numpy
    from sklearn.ensemble import RandomForestClassifier

    rows, classes = (
        numpy.concatenate([each.rows for each in seen]),
        numpy.concatenate([each.ravel() for each in layers]),
    )
    if len(set(classes.tolist())) < 2:
        raise BadInput("ClientError: The training job needs pixels of two classes or more; all are of one.")
    chosen = numpy.random.default_rng(seed).permutation(len(rows))[:MOST_PIXELS]
    trees = RandomForestClassifier(n_estimators=16, max_depth=10, random_state=seed, n_jobs=1)
    return Forest(trees.fit(rows[chosen], classes[chosen]), tuple(labels))


def _boxed(seen: Seen, boxes: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> Any:
    import numpy

    layer = numpy.zeros((seen.grid[1], seen.grid[0]), dtype="uint8")
    across, down = seen.grid[0] / seen.width, seen.grid[1] / seen.height
    for box in boxes:
        left, right = round(box["left"] * across), round((box["left"] + box["width"]) * across)
        top, bottom = round(box["top"] * down), round((box["top"] + box["height"]) * down)
        layer[top:bottom, left:right] = list(labels).index(box["label"]) + 1
    return layer


def _reduced(seen: Seen, mask: bytes) -> Any:
    import numpy
    from PIL import Image

    picture = Image.frombytes("L", (seen.width, seen.height), mask)
    return numpy.asarray(picture.resize(seen.grid, Image.Resampling.NEAREST))


def boxes_of(forest: Forest, seen: Sequence[Seen]) -> list[tuple[Verdict, float]]:
    """The boxes the forest finds in each image; an image is as sure as its least sure box."""
    return [_boxes(forest, each) for each in seen]


def _boxes(forest: Forest, seen: Seen) -> tuple[Verdict, float]:
    from scipy.ndimage import find_objects, label

    classes, shares = _told(forest, seen)
    found: list[tuple[dict[str, Any], float]] = []
    for number, name in enumerate(forest.labels, start=1):
        patches, count = label(classes == number)
        for patch, slices in enumerate(find_objects(patches), start=1):
            inside = patches == patch
            if inside.sum() >= _SMALLEST and count:
                found.append((_around(seen, slices, name), round(float(shares[inside].mean()), 4)))
    confidences = tuple(confidence for _, confidence in found)
    sure = min(confidences) if confidences else round(float(shares.mean()), 4)
    return Verdict(tuple(box for box, _ in found), confidences), sure


def _around(seen: Seen, slices: Any, name: str) -> dict[str, Any]:
    rows, columns = slices
    across, down = seen.width / seen.grid[0], seen.height / seen.grid[1]
    left, top = round(columns.start * across), round(rows.start * down)
    right, bottom = round(columns.stop * across), round(rows.stop * down)
    return {"label": name, "left": left, "top": top, "width": max(1, right - left), "height": max(1, bottom - top)}


def masks_of(forest: Forest, seen: Sequence[Seen]) -> list[tuple[Verdict, float]]:
    """The class of each pixel of each image; an image is as sure as its pixels are on the whole."""
    return [_mask(forest, each) for each in seen]


def _mask(forest: Forest, seen: Seen) -> tuple[Verdict, float]:
    from PIL import Image

    classes, shares = _told(forest, seen)
    enlarged = Image.fromarray(classes).resize((seen.width, seen.height), Image.Resampling.NEAREST)
    sure = round(float(shares.mean()), 4)
    return Verdict(enlarged.tobytes(), sure), sure


def _told(forest: Forest, seen: Seen) -> tuple[Any, Any]:
    """The class of each pixel of the grid, and how sure the forest is of it."""
    rows = forest.trees.predict_proba(seen.rows)
    classes = forest.trees.classes_[rows.argmax(axis=1)].astype("uint8")
    shape = (seen.grid[1], seen.grid[0])
    return classes.reshape(shape), rows.max(axis=1).reshape(shape)


def score_boxes(guess: Sequence[Mapping[str, Any]], value: Sequence[Mapping[str, Any]]) -> float:
    """The mean intersection over union of predicted and missed boxes for every class, averaged across the classes."""
    names = {box["label"] for box in (*guess, *value)}
    means = [_class_score([b for b in guess if b["label"] == n], [b for b in value if b["label"] == n]) for n in names]
    return sum(means) / len(means) if means else 1.0


def _class_score(guess: list[Mapping[str, Any]], value: list[Mapping[str, Any]]) -> float:
    pairs = sorted(
        ((overlap(one, other), at, to) for at, one in enumerate(guess) for to, other in enumerate(value)), reverse=True
    )
    used: tuple[set[int], set[int]] = (set(), set())
    total = 0.0
    for share, at, to in pairs:
        if at not in used[0] and to not in used[1]:
            used[0].add(at)
            used[1].add(to)
            total += share
    # Every predicted box without a partner, and every missed one, counts with nothing.
    return total / (len(guess) + len(value) - len(used[0]))


def score_masks(guess: bytes, value: bytes) -> float:
    """The mean intersection over union of all classes in the image, without the background."""
    import numpy

    one, other = numpy.frombuffer(guess, dtype="uint8"), numpy.frombuffer(value, dtype="uint8")
    shares = [
        float(((one == number) & (other == number)).sum() / ((one == number) | (other == number)).sum())
        for number in sorted({*numpy.unique(one).tolist(), *numpy.unique(other).tolist()} - {0})
    ]
    return sum(shares) / len(shares) if shares else 1.0
