"""Automated data labeling: a model learns from people's labels and labels what it is sure of.

As AWS describes it (developer guide, sms-automated-labeling): people label a random sample; a part of it is set aside
for validation; a model is trained; on the validation part a confidence threshold is chosen above which labels are
accurate enough; unlabeled objects above the threshold are labeled by the model, and people get a further part of the
rest, until all are labeled.

AWS's models are deep networks on GPUs. Ours is logistic regression, on the pixels of images reduced to 16x16 or on
the TF-IDF of texts: small, real, and honest about what it does not know. Sizes of the rounds are guesses.
"""

from __future__ import annotations

import io
import random
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.local.dataset import BadInput

#: Labels above the threshold shall be right in this share of cases (classification).
ACCURACY_TARGET = 0.95
#: People label this share of the data set in each round [guess].
ROUND_SHARE = 0.05
#: The side of the square that images are reduced to, in pixels.
SIDE = 16


@dataclass(frozen=True)
class Plan:
    """The split of a data set: numbers of the objects for validation and for the first training, and a round's size."""

    validation: frozenset[int]
    first: tuple[int, ...]
    round_size: int


@dataclass(frozen=True)
class Round:
    """What one round of training found.

    `accuracy` is the share of right labels among the validation objects at or above `threshold` (None: no threshold
    is safe yet); `labels` maps objects labeled by the model to (class name, confidence); `least_sure` are the other
    unlabeled objects, the least confident first; `sure_validation` the validation objects at or above the threshold.
    """

    threshold: float | None
    accuracy: float | None
    trained_on: int
    labels: Mapping[int, tuple[str, float]]
    least_sure: tuple[int, ...]
    sure_validation: frozenset[int]


def plan(numbers: Sequence[int], seed: str) -> Plan:
    """Which objects people label first.

    The validation part is 20 % of a data set below 5,000 objects, 10 % from there (sms-automated-labeling); the first
    training part and each later round are a twentieth of the data set [guess].
    """
    shuffled = list(numbers)
    random.Random(seed).shuffle(shuffled)
    aside = round(len(shuffled) * (0.20 if len(shuffled) < 5000 else 0.10))
    size = max(1, round(len(shuffled) * ROUND_SHARE))
    first = shuffled[: aside + size]
    validation = frozenset(first[:aside])
    random.Random(f"{seed}/order").shuffle(first)
    return Plan(validation, tuple(first), size)


def features(content: bytes, modality: str) -> Any:
    """What the model sees of one object: its text, or its pixels as a flat array of 0 to 1."""
    if modality == "text":
        return content.decode("utf-8", errors="replace")
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


def train_round(
    seen: Mapping[int, Any],
    training: Mapping[int, str],
    validation: Mapping[int, str],
    unlabeled: Sequence[int],
    modality: str,
    seed: int,
) -> Round:
    """Trains on human labels, chooses the threshold on the validation labels, and labels what is above it.

    `seen` maps object numbers to `features`; `training` and `validation` to class names people gave.
    Raises BadInput when the labels are all of one class: there is nothing to learn.
    """
    if len(set(training.values())) < 2:
        raise BadInput("ClientError: The training job needs labels of two classes or more; all are of one.")
    model = _fitted(seen, training, modality, seed)
    checked = _guesses(model, seen, list(validation), modality)
    pairs = [(confidence, guess == validation[number]) for number, (guess, confidence) in checked.items()]
    threshold, accuracy = choose_threshold(pairs)
    guesses = _guesses(model, seen, list(unlabeled), modality)
    sure = {number: guess for number, guess in guesses.items() if threshold is not None and guess[1] >= threshold}
    rest = sorted((number for number in guesses if number not in sure), key=lambda number: (guesses[number][1], number))
    sure_validation = frozenset(n for n, (_, confidence) in checked.items() if threshold and confidence >= threshold)
    return Round(threshold, accuracy, len(training), sure, tuple(rest), sure_validation)


def choose_threshold(
    pairs: Sequence[tuple[float, bool]], target: float = ACCURACY_TARGET
) -> tuple[float | None, float | None]:
    """The lowest confidence above which the accuracy target holds, and the accuracy seen there; (None, None) if none.

    `pairs` are (confidence, was it right) of validation objects. The target must hold for the lower end of Wilson's
    95 % interval, not only for the share that happened to be seen, so a lucky handful is not enough.
    """
    best: tuple[float | None, float | None] = (None, None)
    right = 0
    ranked = sorted(pairs, key=lambda pair: -pair[0])
    for count, (confidence, was_right) in enumerate(ranked, start=1):
        right += was_right
        last_of_its_confidence = count == len(ranked) or ranked[count][0] < confidence
        if last_of_its_confidence and _lower_bound(right, count) >= target:
            best = (confidence, right / count)
    return best


def _lower_bound(right: int, count: int, z: float = 1.645) -> float:
    # Wilson's score interval, one-sided 95 %.
    share, room = right / count, z * z / count
    return (share + room / 2 - z * (share * (1 - share) / count + room / (4 * count)) ** 0.5) / (1 + room)


def _fitted(seen: Mapping[int, Any], training: Mapping[int, str], modality: str, seed: int) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from threadpoolctl import threadpool_limits

    learner = LogisticRegression(C=20.0 if modality == "text" else 0.3, tol=1e-6, max_iter=1000, random_state=seed)
    model = make_pipeline(TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)), learner)
    # The matrices are small: threads cost more than they bring, most of all where others use the processors too.
    with warnings.catch_warnings(), threadpool_limits(limits=1):
        # A fit that stops at max_iter is still judged on the validation part: no need to tell anybody.
        warnings.simplefilter("ignore", ConvergenceWarning)
        chosen = model if modality == "text" else learner
        return chosen.fit(_matrix(seen, list(training), modality), list(training.values()))


def _guesses(
    model: Any, seen: Mapping[int, Any], numbers: Sequence[int], modality: str
) -> dict[int, tuple[str, float]]:
    if not numbers:
        return {}
    rows = model.predict_proba(_matrix(seen, numbers, modality))
    best = rows.argmax(axis=1)
    # Four digits, so that the last bits of another processor's arithmetic do not decide about a label.
    return {
        number: (str(model.classes_[place]), round(float(row[place]), 4))
        for number, place, row in zip(numbers, best, rows, strict=True)
    }


def _matrix(seen: Mapping[int, Any], numbers: Sequence[int], modality: str) -> Any:
    if modality == "text":
        return [seen[number] for number in numbers]
    import numpy

    # A grey picture among coloured ones has one channel: give it three.
    widest = max(each.size for each in seen.values())
    return numpy.stack([each if each.size == widest else each.repeat(3) for each in (seen[n] for n in numbers)])
