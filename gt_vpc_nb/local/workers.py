"""The people of a simulated work team: what they answer, how long they take, and where they go wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gt_vpc_nb.errors import LocalAwsError

#: Digits that people take for one another in poor handwriting.
LOOK_ALIKES: Mapping[str, tuple[str, ...]] = {
    "0": ("6", "9"), "1": ("7", "4"), "2": ("7", "3"), "3": ("8", "5"), "4": ("9", "1"),
    "5": ("3", "6"), "6": ("0", "5"), "7": ("1", "2"), "8": ("3", "9"), "9": ("4", "8"),
}  # fmt: skip


@dataclass(frozen=True)
class Task:
    """What a worker sees: one data object of a labeling job.

    `key` is the object's source-ref URI, or its source text; `content` the bytes of the file (the text in UTF-8).
    """

    key: str
    task_type: str
    labels: tuple[str, ...]
    line: Mapping[str, Any] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Worker:
    """One simulated worker.

    `answer(task)` returns a class name (single label), a sequence of class names (multi-label), a sequence of boxes
    ``{"label", "left", "top", "width", "height"}`` in pixels (bounding box), or None to decline. `seconds(task)` is the
    simulated time for it. Both should depend on their argument only, so that a run can be repeated.
    """

    name: str
    answer: Callable[[Task], Any]
    seconds: Callable[[Task], float]


def workers_from_truth(
    truth: Mapping[str, Any], mistakes: float, count: int, seed: int | str = 0
) -> tuple[Worker, ...]:
    """Workers who know the truth, and err now and then as people do.

    `truth` maps a data object's key (source-ref URI or source text) to its class name, class names, or boxes.
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
    return tuple(_worker(f"worker-{number + 1}", truth, mistakes * care, seed) for number, care in enumerate(spread))


def _worker(name: str, truth: Mapping[str, Any], rate: float, seed: int | str) -> Worker:
    pace = random.Random(f"{seed}/{name}/pace").uniform(3, 8)

    def answer(task: Task) -> Any:
        if task.key not in truth:
            raise LocalAwsError(f"No truth is known for {task.key!r}; add it to the truth that the workers came from.")
        chance = random.Random(f"{seed}/{name}/{task.key}")
        return _answered(truth[task.key], task, chance, rate, seed)

    def seconds(task: Task) -> float:
        return max(1.0, pace * random.Random(f"{seed}/{name}/{task.key}/time").lognormvariate(0, 0.35))

    return Worker(name, answer, seconds)


def _answered(true: Any, task: Task, chance: random.Random, rate: float, seed: int | str) -> Any:
    if isinstance(true, str):
        return _mistaken(true, task.labels, chance, seed) if chance.random() < rate else true
    if all(isinstance(each, str) for each in true):
        return _chosen(true, task, chance, rate)
    return tuple(_drawn(box, task, chance, rate, seed) for box in true if chance.random() >= rate / 2)


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


def _drawn(box: Mapping[str, Any], task: Task, chance: random.Random, rate: float, seed: int | str) -> dict[str, Any]:
    width, height = box["width"], box["height"]
    label = _mistaken(box["label"], task.labels, chance, seed) if chance.random() < rate / 2 else box["label"]
    return {
        "label": label,
        "left": max(0, round(box["left"] + chance.gauss(0, 0.03) * width)),
        "top": max(0, round(box["top"] + chance.gauss(0, 0.03) * height)),
        "width": max(1, round(width * chance.gauss(1, 0.04))),
        "height": max(1, round(height * chance.gauss(1, 0.04))),
    }
