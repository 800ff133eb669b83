"""Several people's answers for one object, made into one: annotation consolidation, simply and openly.

AWS uses methods of its own that it describes but does not publish. Ours are plain ones of the same kind:

* one class: a vote weighted by how often each worker has agreed with the others so far (a worker who errs at random
  among the other classes, Bayes' rule, equal priors); the confidence is the winner's probability.
* several classes: every label that somebody chose; its confidence is the weighted share of workers who chose it.
* boxes: boxes of one class that overlap by half or more (Jaccard index) are one object, drawn as their average, kept
  when at least half of the workers drew it; its confidence is that share times the mean overlap with the average.
* masks: the class most workers gave each pixel; the confidence is the mean share of workers who agree.
* spans of text: those that at least half of the workers marked alike; the confidence is the trusted share of them.
* sequences of frames and point clouds: one worker labels them, so there is nothing to consolidate.

The methods are with their task types, in `forms/`; here is what they have in common.

With one worker there is nothing to compare: confidence is 0.0, as AWS documents.
"""

from __future__ import annotations

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
    """The consolidated label: `value` as its form has it; `confidence` is a number, or one for each of its parts."""

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
