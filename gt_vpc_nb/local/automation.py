"""Automated labeling inside a labeling job: what the training containers read, decide and write."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gt_vpc_nb.facts import AUTO_LABELING_MIN_OBJECTS
from gt_vpc_nb.local.auto_labeling import Plan, Round, plan, train_round
from gt_vpc_nb.local.dataset import BadInput, DataObject, View
from gt_vpc_nb.local.failures import Missing, Refused
from gt_vpc_nb.local.learners import LEARNERS

if TYPE_CHECKING:
    from gt_vpc_nb.local.running import Run


class Automation:
    """The rounds of one job. `training_view()` is S3 as the training containers see it, or BadInput.

    `initial` is the model of an earlier job that this one begins with; `model` is the last round's.
    """

    def __init__(self, run: Run, training_view: Callable[[], View], seed: str, initial: Any = None) -> None:
        self._run, self._training_view, self._seed = run, training_view, seed
        self._learner, self._initial = LEARNERS[run.job.task_type.code], initial
        self.model: Any = None
        self._plan = Plan(frozenset(), (), 1)
        self._seen: dict[int, Any] = {}
        self._learnt: set[int] = set()
        self._spent: frozenset[int] = frozenset()
        self._rounds = 0

    @property
    def pending(self) -> bool:
        """Whether objects are left that neither people nor the model have had."""
        return any(data.state == "waiting" and not data.known for data in self._run.objects)

    @property
    def model_name(self) -> str:
        """The name of the model of the last round; empty before the first."""
        return f"{self._run.job.name}-round-{self._rounds}".lower() if self._rounds else ""

    def begin(self, queue: Sequence[int]) -> list[int]:
        """The objects people label first: a random sample; BadInput below the documented minimum of objects."""
        if len(queue) < AUTO_LABELING_MIN_OBJECTS:
            raise BadInput(
                f"ClientError: Automated data labeling needs at least {AUTO_LABELING_MIN_OBJECTS} data objects; "
                f"the input manifest has {len(queue)}."
            )
        self._plan = plan(queue, self._seed, begins_with_a_model=self._initial is not None)
        return list(self._plan.first)

    def round(self, now: datetime) -> list[int]:
        """Trains, lets the model label, and returns the objects that people get next."""
        self._check_first_sample()
        view = self._training_view()
        self._rounds += 1
        waiting = self._read(view)
        found = self._train(waiting)
        self.model = found.model
        for number, (verdict, _) in found.labels.items():
            data = self._run.objects[number]
            data.verdict = verdict
            self._run.label(data, now, human=False)
        self._spent |= found.sure_validation
        queue = list(found.least_sure[: self._plan.round_size])
        self._write(view, found, queue)
        return queue

    def _check_first_sample(self) -> None:
        # Developer guide, sms-automated-labeling: more than 10 % failures in the first random sample fail the job.
        failed = sum(self._run.objects[number].state == "failed" for number in self._plan.first)
        if 10 * failed > len(self._plan.first):
            raise BadInput(
                f"ClientError: {failed} of the {len(self._plan.first)} data objects of the first random sample failed; "
                "automated data labeling allows 10 %."
            )

    def _read(self, view: View) -> list[int]:
        """Reads what people labeled since the last round, and every unlabeled object not seen yet."""
        labeled = [data for data in self._run.objects if data.labeled and data.human]
        fresh = [data for data in labeled if data.number not in self._learnt]
        self._learnt.update(data.number for data in fresh)
        waiting = [data for data in self._run.objects if data.state == "waiting" and not data.known]
        for data in [*fresh, *(each for each in waiting if each.number not in self._seen)]:
            self._look_at(data, view)
        return [data.number for data in waiting if data.state == "waiting"]

    def _look_at(self, data: DataObject, view: View) -> None:
        try:
            seen = self._learner.see(data.read(view))
            self._seen[data.number] = seen
            if not data.facts and hasattr(seen, "grid"):
                data.facts = self._run.form.learn(data, view, self._run.labels)
        except Refused as refused:
            raise BadInput(
                "ClientError: Training job failed: data download failed. "
                f"{refused.said}: {refused.action} on {refused.resource_arn}."
            ) from refused
        except Missing:
            if data.state == "waiting":
                self._run.fail(data)
            self._learnt.discard(data.number)

    def _train(self, waiting: Sequence[int]) -> Round:
        people = {
            number: data.verdict.value
            for number in sorted(self._learnt)
            if (data := self._run.objects[number]).verdict is not None and number in self._seen
        }
        aside = self._plan.validation
        training = {number: name for number, name in people.items() if number not in aside}
        # Validation objects the model was sure of in earlier rounds are like those it has labeled: the rest is harder.
        validation = {number: name for number, name in people.items() if number in aside - self._spent}
        seed, labels = zlib.crc32(self._seed.encode()), self._run.labels
        return train_round(self._learner, self._seen, training, validation, waiting, labels, seed, self._initial)

    def _write(self, view: View, found: Round, queue: Sequence[int]) -> None:
        job, number = self._run.job, self._rounds
        summary = {
            "round": number,
            "trained-on": found.trained_on,
            "threshold": found.threshold,
            "validation-accuracy": found.accuracy,
            "labeled-by-machine": len(found.labels),
            "next-for-humans": list(queue),
        }
        rows = "".join(
            json.dumps({"id": each, **_shown(verdict.value), "confidence": round(confidence, 4)}) + "\n"
            for each, (verdict, confidence) in found.labels.items()
        )
        model = json.dumps({"model": self.model_name, "trained-on": found.trained_on, "seed": self._seed})
        self._run.folder.put(f"training/{number}/model.json", model.encode(), "application/json", view)
        self._run.folder.put(f"inference/{number}/{job.name}.out", rows.encode(), "application/json", view)
        self._run.folder.put(f"activelearning/{number}/summary.json", json.dumps(summary).encode(), "application/json")


def _shown(value: Any) -> dict[str, Any]:
    """A guess in the file of a round's inferences; a mask is in the file of its own."""
    if isinstance(value, str):
        return {"class-name": value}
    return {} if isinstance(value, bytes) else {"boxes": list(value)}
