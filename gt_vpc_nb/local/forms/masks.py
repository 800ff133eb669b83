"""Masks: a class for each pixel of a picture, kept as a PNG in the colours of a colour map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.consolidation import Answer, Trust, Verdict
from gt_vpc_nb.local.dataset import BadInput, DataObject, View, bucket_and_key
from gt_vpc_nb.local.forms.form import File, Form, Labels, Placing, Written, rounded
from gt_vpc_nb.local.forms.pictures import classes_of_png, colour, coloured_png, filled, image_size

BACKGROUND = "BACKGROUND"


def masks(answers: Sequence[Answer], labels: Labels, trust: Trust) -> Verdict:
    """The class most workers gave each pixel; of equals the background, then the label that comes first.

    The confidence, one for the whole picture as AWS documents, is the mean share of workers who agree with it.
    """
    layers = [answer.value for answer in answers]
    if len({len(layer) for layer in layers}) > 1:
        raise BadInput("InternalServerError: masks of one picture differ in size.")
    if len(layers) == 1:
        return Verdict(layers[0], 0.0)
    import numpy

    stack = numpy.stack([numpy.frombuffer(layer, dtype="uint8") for layer in layers])
    votes = numpy.stack([(stack == number).sum(axis=0) for number in range(len(labels) + 1)])
    winner = votes.argmax(axis=0).astype("uint8")
    share = float(votes.max(axis=0).mean() / len(layers)) if winner.size else 0.0
    for answer, layer in zip(answers, stack, strict=True):
        trust.record(answer.worker, float((layer == winner).mean()) if winner.size else 1.0)
    return Verdict(winner.tobytes(), share)


def _write(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    size = data.facts["image_size"]
    confidence = rounded(verdict.confidence)
    used = sorted({0, *verdict.value})
    names = (BACKGROUND, *labels)
    colours = {
        str(number): {"class-name": names[number], "confidence": confidence, "hex-color": colour(number)}
        for number in used
    }
    path = f"annotations/consolidated-annotation/output/{data.number}.png"
    png = coloured_png(verdict.value, size["width"], size["height"])
    return Written(place(path), {"internal-color-map": colours}, (File(path, png, "image/png"),))


def _write_adjusted(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    written = _write(verdict, labels, data, place)
    status = "unadjusted" if verdict.value == data.prior else "adjusted"
    return Written(written.label, {**written.metadata, "adjustment-status": status}, written.files)


def _learn(data: DataObject, view: View, labels: Labels) -> dict[str, Any]:
    if len(labels) > 255:
        raise LocalAwsError(f"the local AWS draws up to 255 classes in a mask; {len(labels)} labels were given.")
    return {"image_size": image_size(data.read(view), data.key)}


def _settle(value: Any, labels: Labels, data: DataObject) -> bytes:
    """A worker's value as a byte a pixel: polygons are filled, a layer of bytes has to fit the picture."""
    size = data.facts["image_size"]
    layer = value if isinstance(value, bytes) else filled(value, labels, size["width"], size["height"])
    if len(layer) != size["width"] * size["height"]:
        raise LocalAwsError(f"A mask of {len(layer)} pixels was given for {data.key}, which has {size}.")
    return layer


def _prior(data: DataObject, attribute: str, view: View) -> bytes:
    """The earlier mask, in the numbers of its own colour map, which has the labels in the job's order."""
    try:
        uri = data.line[attribute]
        colours = {
            entry["hex-color"]: int(number)
            for number, entry in data.line[f"{attribute}-metadata"]["internal-color-map"].items()
        }
        bucket, key = bucket_and_key(uri)
    except (KeyError, TypeError, ValueError):
        lacking = f"{data.key} has no mask with the colours of its classes (hex-color) in {attribute} to adjust"
        raise BadInput(f"ClientError: {lacking}.") from None
    return classes_of_png(view.get(bucket, key), colours, uri)[0]


def _is_mask(value: Any, labels: Labels) -> bool:
    if isinstance(value, bytes):
        return all(number <= len(labels) for number in set(value))
    return isinstance(value, list | tuple) and all(
        isinstance(shape, Mapping) and shape.get("label") in labels and len(shape.get("points", ())) >= 3
        for shape in value
    )


def _raw(value: Any, data: DataObject) -> dict[str, Any]:
    """AWS keeps the drawn picture as base64 in the answer."""
    import base64

    size = data.facts["image_size"]
    png = coloured_png(value, size["width"], size["height"])
    shown = {"height": size["height"], "width": size["width"]}
    drawn = {"labeledImage": {"pngImageData": base64.b64encode(png).decode()}, "inputImageProperties": shown}
    return {"crowd-semantic-segmentation": drawn}


MASKS = Form(masks, _write, _raw, _is_mask, settle=_settle, learn=_learn)
ADJUSTED_MASKS = Form(masks, _write_adjusted, _raw, _is_mask, settle=_settle, learn=_learn, prior=_prior)
