"""Several people's answers for one object, made into one: annotation consolidation, simply and openly.

AWS uses methods of its own that it describes but does not publish. Ours are plain ones of the same kind:

* one class: a vote weighted by how often each worker has agreed with the others so far (a worker who errs at random
  among the other classes, Bayes' rule, equal priors); the confidence is the winner's probability.
* several classes: every label that somebody chose; its confidence is the weighted share of workers who chose it.
* boxes: boxes of one class that overlap by half or more (Jaccard index) are one object, drawn as their average, kept
  when at least half of the workers drew it; its confidence is that share times the mean overlap with the average.

With one worker there is nothing to compare: confidence is 0.0, as AWS documents.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

#: A new worker counts as if 4 of 5 earlier answers had agreed with the rest of the team.
_PRIOR_AGREED, _PRIOR_ANSWERS = 4.0, 5.0


@dataclass(frozen=True)
class Answer:
    """What one worker submitted for one object. `accepted` and `submitted` are simulated times (UTC)."""

    worker: str
    value: Any
    accepted: datetime
    submitted: datetime


@dataclass(frozen=True)
class Verdict:
    """The consolidated label: `value` is a class name, class names or boxes; `confidence` a number or one of each."""

    value: Any
    confidence: float | tuple[float, ...]


class Trust:
    """How far each worker of a job agrees with the consolidated labels so far."""

    def __init__(self) -> None:
        self._agreed: dict[str, float] = {}
        self._answers: dict[str, int] = {}

    def of(self, worker: str) -> float:
        """The estimated share of right answers, kept within 0.5 and 0.99."""
        agreed = self._agreed.get(worker, 0) + _PRIOR_AGREED
        return min(max(agreed / (self._answers.get(worker, 0) + _PRIOR_ANSWERS), 0.5), 0.99)

    def record(self, worker: str, agreed: float) -> None:
        """Notes one answer: 1 agrees with the consolidated label, 0 does not."""
        self._agreed[worker] = self._agreed.get(worker, 0) + agreed
        self._answers[worker] = self._answers.get(worker, 0) + 1


def one_class(answers: Sequence[Answer], labels: Sequence[str], trust: Trust) -> Verdict:
    """The class with the highest weighted vote; of equals the one that comes first among the labels."""
    if len(answers) == 1:
        return Verdict(answers[0].value, 0.0)
    others = max(len(labels) - 1, 1)
    chosen = {answer.value for answer in answers}
    weights = dict.fromkeys(labels, 0.0)
    for answer in answers:
        right = trust.of(answer.worker)
        for label in weights:
            weights[label] += math.log(right if answer.value == label else (1 - right) / others)
    top = max(weights.values())
    winner = next(label for label in labels if label in chosen and weights[label] == top)
    for answer in answers:
        trust.record(answer.worker, float(answer.value == winner))
    return Verdict(winner, 1 / sum(math.exp(weight - top) for weight in weights.values()))


def several_classes(answers: Sequence[Answer], labels: Sequence[str], trust: Trust) -> Verdict:
    """Every label that at least one worker chose, in the order of the label list."""
    total = sum(trust.of(answer.worker) for answer in answers)
    shares = {
        label: sum(trust.of(answer.worker) for answer in answers if label in answer.value) / total for label in labels
    }
    chosen = tuple(label for label in labels if shares[label] > 0)
    if len(answers) == 1:
        return Verdict(chosen, (0.0,) * len(chosen))
    majority = {label for label in labels if shares[label] >= 0.5}
    for answer in answers:
        trust.record(
            answer.worker, sum((label in answer.value) == (label in majority) for label in labels) / len(labels)
        )
    return Verdict(chosen, tuple(shares[label] for label in chosen))


def boxes(answers: Sequence[Answer], labels: Sequence[str], trust: Trust) -> Verdict:
    """The boxes that at least half of the workers drew, each the average of theirs."""
    clusters: list[list[tuple[str, Mapping[str, Any]]]] = []
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


def overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """The Jaccard index of two boxes: shared area over covered area, 0 to 1."""
    width = min(one["left"] + one["width"], other["left"] + other["width"]) - max(one["left"], other["left"])
    height = min(one["top"] + one["height"], other["top"] + other["height"]) - max(one["top"], other["top"])
    shared = max(width, 0) * max(height, 0)
    covered = one["width"] * one["height"] + other["width"] * other["height"] - shared
    return shared / covered if covered else 0.0


def _join(clusters: list[list[tuple[str, Mapping[str, Any]]]], worker: str, box: Mapping[str, Any]) -> None:
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


def _average(drawn: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    sides = {side: round(_mean([box[side] for box in drawn])) for side in ("left", "top", "width", "height")}
    return {"label": drawn[0]["label"], **sides}


def _mean(numbers: Sequence[float]) -> float:
    return sum(numbers) / len(numbers)
