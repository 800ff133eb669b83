"""Automated data labeling: a model learns from people's labels and labels what it is sure of.

As AWS describes it (developer guide, sms-automated-labeling): people label a random sample; a part of it is set aside
for validation; a model is trained; on the validation part a confidence threshold is chosen above which labels are
accurate enough; unlabeled objects above the threshold are labeled by the model, and people get a further part of the
rest, until all are labeled.

The models are in `learners.py`. Sizes of the rounds are guesses.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gt_vpc_nb.local.consolidation import Verdict
from gt_vpc_nb.local.learners import Learner

#: People label this share of the data set in each round [guess].
ROUND_SHARE = 0.05


@dataclass(frozen=True)
class Plan:
    """The split of a data set: numbers of the objects for validation and for the first training, and a round's size."""

    validation: frozenset[int]
    first: tuple[int, ...]
    round_size: int


@dataclass(frozen=True)
class Round:
    """What one round of training found.

    `accuracy` is the mean score of the model's labels on the validation objects at or above `threshold` (None: no
    threshold is safe yet); `labels` maps objects labeled by the model to (verdict, confidence); `least_sure` are the
    other unlabeled objects, the least confident first; `sure_validation` the validation objects at or above it.
    """

    threshold: float | None
    accuracy: float | None
    trained_on: int
    labels: Mapping[int, tuple[Verdict, float]]
    least_sure: tuple[int, ...]
    sure_validation: frozenset[int]
    model: Any = field(default=None, repr=False, compare=False)


def plan(numbers: Sequence[int], seed: str, *, begins_with_a_model: bool = False) -> Plan:
    """Which objects people label first; a model of an earlier job needs no training part of its own to begin [guess].

    The validation part is 20 % of a data set below 5,000 objects, 10 % from there (sms-automated-labeling); the first
    training part and each later round are a twentieth of the data set [guess].
    """
    shuffled = list(numbers)
    random.Random(seed).shuffle(shuffled)
    aside = round(len(shuffled) * (0.20 if len(shuffled) < 5000 else 0.10))
    size = max(1, round(len(shuffled) * ROUND_SHARE))
    first = shuffled[: aside + (0 if begins_with_a_model else size)]
    validation = frozenset(first[:aside])
    random.Random(f"{seed}/order").shuffle(first)
    return Plan(validation, tuple(first), size)


def train_round(
    learner: Learner,
    seen: Mapping[int, Any],
    training: Mapping[int, Any],
    validation: Mapping[int, Any],
    unlabeled: Sequence[int],
    labels: Sequence[str],
    seed: int,
    initial: Any = None,
) -> Round:
    """Trains on human labels, chooses the threshold on the validation labels, and labels what is above it.

    `seen` maps object numbers to what the learner sees; `training` and `validation` to what people said. With an
    `initial` model the better of the two is taken: the one that is sure of more validation objects.
    Raises BadInput when the labels are all of one class: there is nothing to learn.
    """
    models = [] if initial is None else [initial]
    if training or not models:
        numbers = list(training)
        models.append(learner.fit([seen[n] for n in numbers], [training[n] for n in numbers], labels, seed))
    judged = [_judged(learner, model, seen, validation) for model in models]
    # Of equals the newer one: it has seen this job's own labels.
    model, (threshold, accuracy, sure_validation) = max(
        zip(models, judged, strict=True), key=lambda pair: (len(pair[1][2]), pair[0] is models[-1])
    )
    guesses = _guesses(learner, model, seen, unlabeled)
    sure = {number: guess for number, guess in guesses.items() if threshold is not None and guess[1] >= threshold}
    rest = sorted((number for number in guesses if number not in sure), key=lambda number: (guesses[number][1], number))
    return Round(threshold, accuracy, len(training), sure, tuple(rest), sure_validation, model)


def _judged(
    learner: Learner, model: Any, seen: Mapping[int, Any], validation: Mapping[int, Any]
) -> tuple[float | None, float | None, frozenset[int]]:
    """The threshold of a model, the mean score above it, and the validation objects above it."""
    guesses = _guesses(learner, model, seen, list(validation))
    pairs = [
        (confidence, learner.score(verdict.value, validation[number]))
        for number, (verdict, confidence) in guesses.items()
    ]
    threshold, accuracy = choose_threshold(pairs, learner.target)
    sure = frozenset(n for n, (_, confidence) in guesses.items() if threshold is not None and confidence >= threshold)
    return threshold, accuracy, sure


def _guesses(
    learner: Learner, model: Any, seen: Mapping[int, Any], numbers: Sequence[int]
) -> dict[int, tuple[Verdict, float]]:
    if not numbers:
        return {}
    return dict(zip(numbers, learner.guess(model, [seen[number] for number in numbers]), strict=True))


def choose_threshold(pairs: Sequence[tuple[float, float]], target: float) -> tuple[float | None, float | None]:
    """The lowest confidence above which the mean score holds, and the mean seen there; (None, None) if there is none.

    `pairs` are (confidence, score) of validation objects; a score is 1 for a right class and 0 for a wrong one, or an
    intersection over union. The target must hold for the lower end of a one-sided 95 % interval, not only for the
    mean that happened to be seen, so a lucky handful is not enough.
    """
    best: tuple[float | None, float | None] = (None, None)
    total = squares = 0.0
    ranked = sorted(pairs, key=lambda pair: -pair[0])
    for count, (confidence, score) in enumerate(ranked, start=1):
        total, squares = total + score, squares + score * score
        last_of_its_confidence = count == len(ranked) or ranked[count][0] < confidence
        if last_of_its_confidence and _lower_bound(total, squares, count) >= target:
            best = (confidence, total / count)
    return best


def _lower_bound(total: float, squares: float, count: int, z: float = 1.645) -> float:
    share, room = total / count, z * z / count
    if squares == total:
        # Only right and wrong: Wilson's score interval.
        return (share + room / 2 - z * (share * (1 - share) / count + room / (4 * count)) ** 0.5) / (1 + room)
    if count < 10:
        return 0.0  # too few for the normal distribution of a mean
    spread = max(squares / count - share * share, 0.0) * count / (count - 1)
    return share - z * (spread / count) ** 0.5
