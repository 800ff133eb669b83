"""The people of a simulated work team: what they see, what they answer, and how long they take."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.slips import as_people_err


@dataclass(frozen=True)
class Task:
    """What a worker sees: one data object of a labeling job.

    `key` is the object's source-ref URI, or its source text; `content` the bytes of the file (the text in UTF-8), read
    when they are first asked for. `facts` are what the job knows of it (``image_size``, ``frames``, ``points``),
    `prior` is the label that an adjustment or verification job shows, `input` what a pre-annotation function gave.
    """

    key: str
    task_type: str
    labels: tuple[str, ...]
    line: Mapping[str, Any] = field(repr=False)
    given: bytes | Callable[[], bytes] = field(repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    prior: Any = field(default=None, repr=False)
    input: Any = field(default=None, repr=False)

    @functools.cached_property
    def content(self) -> bytes:
        """The bytes of the file, or of the text in UTF-8."""
        return self.given() if callable(self.given) else self.given


@dataclass(frozen=True)
class Worker:
    """One simulated worker.

    `answer(task)` returns what the task type asks for (see `ANSWERS`), or None to decline. `seconds(task)` is the
    simulated time for it. Both should depend on their argument only, so that a run can be repeated. `recipe` says, as
    JSON, how a worker of the package was made, so that a saved local AWS can make it again; None for your own.
    """

    name: str
    answer: Callable[[Task], Any]
    seconds: Callable[[Task], float]
    recipe: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Person:
    """A real person in a work team, who answers in the worker portal: `aws.portal()`."""

    name: str


#: What a worker answers, by task type; an adjustment answers as the task type it adjusts. Positions are in pixels from
#: the top left corner, or in metres; offsets count Unicode characters; frames go by their frame-no.
ANSWERS: Mapping[str, str] = {
    "ImageMultiClass": "a label",
    "TextMultiClass": "a label",
    "VideoMultiClass": "a label",
    "ImageMultiClassMultiLabel": "a sequence of labels",
    "TextMultiClassMultiLabel": "a sequence of labels",
    "BoundingBox": "a sequence of {label, left, top, width, height}",
    "SemanticSegmentation": "a sequence of polygons {label, points: [[x, y], …]}, or a byte a pixel (0: none)",
    "NamedEntityRecognition": "a sequence of {label, start, end}",
    "VideoObjectDetection": "a sequence of {frame, label, left, top, width, height}",
    "VideoObjectTracking": "a sequence of {frame, object, label, left, top, width, height}",
    "3DPointCloudObjectDetection": "a sequence of {label, center-x … yaw}",
    "3DPointCloudObjectTracking": "a sequence of {frame, object, label, center-x … yaw}, or {frame, camera, …} boxes",
    "3DPointCloudSemanticSegmentation": "a label or None for each point, or a byte a point (0: none)",
    "VerificationBoundingBox": "a label, or {label, comment}",
    "VerificationSemanticSegmentation": "a label, or {label, comment}",
    "PassThrough": "anything that JSON can say",
}


def workers_from_truth(
    truth: Mapping[str, Any], mistakes: float, count: int, seed: int | str = 0
) -> tuple[Worker, ...]:
    """Workers who know the truth, and err now and then as people do.

    `truth` maps a data object's key (source-ref URI or source text) to the right answer, in the form of `ANSWERS`.
    `mistakes` is the share of wrong answers of the average worker, 0 to 1; workers differ in care (0.4 to 1.6 times
    that share) and in pace (3 to 8 seconds an object). A wrong class is mostly one that looks alike. Answers of
    different workers are independent, and the same for the same (seed, worker, object).

    >>> ann, ben = workers_from_truth({"s3://b/1.png": "4"}, mistakes=0, count=2, seed=7)
    >>> ann.answer(Task("s3://b/1.png", "ImageMultiClass", ("4", "9"), {}, b""))
    '4'
    """
    if not 0 <= mistakes <= 1:
        raise LocalAwsError(f"mistakes is {mistakes!r}; give the share of wrong answers, from 0 to 1.")
    if count < 1:
        raise LocalAwsError(f"count is {count!r}; a work team needs one worker or more.")
    spread = [0.4 + 1.2 * (place + 0.5) / count for place in range(count)]
    random.Random(f"{seed}/care").shuffle(spread)
    recipe = {"truth": truth, "mistakes": mistakes, "count": count, "seed": seed}
    return tuple(
        _worker(number, truth, mistakes * care, seed, {**recipe, "number": number})
        for number, care in enumerate(spread)
    )


def worker_of(recipe: Mapping[str, Any]) -> Worker:
    """The worker that a recipe describes."""
    team = workers_from_truth(recipe["truth"], recipe["mistakes"], recipe["count"], recipe["seed"])
    return team[recipe["number"]]


def _worker(number: int, truth: Mapping[str, Any], rate: float, seed: int | str, recipe: Mapping[str, Any]) -> Worker:
    name = f"worker-{number + 1}"
    pace = random.Random(f"{seed}/{name}/pace").uniform(3, 8)

    def answer(task: Task) -> Any:
        if task.key not in truth:
            raise LocalAwsError(f"No truth is known for {task.key!r}; add it to the truth that the workers came from.")
        chance = random.Random(f"{seed}/{name}/{task.key}")
        return as_people_err(truth[task.key], task, chance, rate, seed)

    def seconds(task: Task) -> float:
        return max(1.0, pace * random.Random(f"{seed}/{name}/{task.key}/time").lognormvariate(0, 0.35))

    return Worker(name, answer, seconds, recipe)
