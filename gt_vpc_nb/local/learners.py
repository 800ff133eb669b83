"""The models of automated labeling: one row a task type, of what it sees, learns, guesses, and how good a guess is.

AWS's models are deep networks on GPUs. Ours are small, real, and honest about what they do not know: logistic
regression on pixels of images reduced to 16x16 or on the TF-IDF of texts, and for boxes and masks a forest that tells
of each pixel which class it belongs to (`pixels.py`).

What a label must be worth is AWS's (developer guide, sms-automated-labeling, accuracy of automated labels): 95 % of
classes right; a mean intersection over union of 0.6 for boxes, and of 0.7 for masks without the background.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.local.consolidation import Verdict
from gt_vpc_nb.local.dataset import BadInput
from gt_vpc_nb.local.pixels import boxes_of, fit_boxes, fit_masks, masks_of, pixel_features, score_boxes, score_masks

#: The side of the square that images are reduced to, in pixels.
SIDE = 16


@dataclass(frozen=True)
class Learner:
    """One way to learn from people's labels.

    `see(content)` is what the model sees of an object; `fit(seen, values, labels, seed)` makes a model of what people
    said; `guess(model, seen)` gives a verdict for each, with the confidence that its threshold is about; `score(guess,
    value)` says from 0 to 1 how good a guess is; `target` is the mean score that machine labels must have.
    """

    see: Callable[[bytes], Any]
    fit: Callable[[Sequence[Any], Sequence[Any], Sequence[str], int], Any]
    guess: Callable[[Any, Sequence[Any]], list[tuple[Verdict, float]]]
    score: Callable[[Any, Any], float]
    target: float


def _see_image(content: bytes) -> Any:
    """The image's pixels as a flat array of 0 to 1; one channel where all pixels are grey."""
    import numpy
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as picture:
            small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
    except (UnidentifiedImageError, OSError):
        raise BadInput("ClientError: The training job found a file that is not an image.") from None
    pixels = numpy.asarray(small, dtype="float64") / 255
    grey = bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all())
    return pixels[..., 0].ravel() if grey else pixels.ravel()


def _see_text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def _fit_images(seen: Sequence[Any], names: Sequence[str], labels: Sequence[str], seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return _fitted(LogisticRegression(C=0.3, tol=1e-6, max_iter=1000, random_state=seed), _stacked(seen), names)


def _fit_texts(seen: Sequence[Any], names: Sequence[str], labels: Sequence[str], seed: int) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    learner = LogisticRegression(C=20.0, tol=1e-6, max_iter=1000, random_state=seed)
    return _fitted(make_pipeline(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)), learner), seen, names)


def _fitted(model: Any, seen: Any, names: Sequence[str]) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    if len(set(names)) < 2:
        raise BadInput("ClientError: The training job needs labels of two classes or more; all are of one.")
    # The matrices are small: threads cost more than they bring, most of all where others use the processors too.
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        # A fit that stops at max_iter is still judged on the validation part: no need to tell anybody.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(seen, list(names))


def _guess_images(model: Any, seen: Sequence[Any]) -> list[tuple[Verdict, float]]:
    # A model of grey images sees coloured ones as grey, and one of coloured images takes grey ones as three channels.
    wanted = getattr(model, "n_features_in_", None)
    fitting = [_as_wide(each, wanted) for each in seen]
    return _guessed(model, _stacked(fitting))


def _as_wide(flat: Any, wanted: int | None) -> Any:
    if wanted is None or flat.size == wanted:
        return flat
    return flat.repeat(3) if flat.size < wanted else flat.reshape(-1, 3).mean(axis=1)


def _guess_texts(model: Any, seen: Sequence[Any]) -> list[tuple[Verdict, float]]:
    return _guessed(model, list(seen))


def _guessed(model: Any, matrix: Any) -> list[tuple[Verdict, float]]:
    rows = model.predict_proba(matrix)
    # Four digits, so that the last bits of another processor's arithmetic do not decide about a label.
    found = [(str(model.classes_[row.argmax()]), round(float(row.max()), 4)) for row in rows]
    return [(Verdict(name, confidence), confidence) for name, confidence in found]


def _stacked(seen: Sequence[Any]) -> Any:
    import numpy

    # A grey picture among coloured ones has one channel: give it three.
    widest = max(each.size for each in seen)
    return numpy.stack([each if each.size == widest else each.repeat(3) for each in seen])


def _same(guess: Any, value: Any) -> float:
    return float(guess == value)


#: The four task types whose labeling AWS automates.
LEARNERS: Mapping[str, Learner] = {
    "ImageMultiClass": Learner(_see_image, _fit_images, _guess_images, _same, 0.95),
    "TextMultiClass": Learner(_see_text, _fit_texts, _guess_texts, _same, 0.95),
    "BoundingBox": Learner(pixel_features, fit_boxes, boxes_of, score_boxes, 0.6),
    "SemanticSegmentation": Learner(pixel_features, fit_masks, masks_of, score_masks, 0.7),
}
