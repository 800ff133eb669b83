"""A streaming labeling job at work: data objects arrive while it runs, and each label is told as soon as it is there.

As AWS describes it (developer guide, sms-streaming-labeling-job): stopping conditions do not count; an object that no
worker gets within 14 days expires; the job stops after 10 idle days; an object is labeled once, however often it is
sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from gt_vpc_nb.local.automation import Automation
from gt_vpc_nb.local.dataset import DataObject, View
from gt_vpc_nb.local.functions import Functions
from gt_vpc_nb.local.job import Job
from gt_vpc_nb.local.outputs import manifest
from gt_vpc_nb.local.running import Later, Run
from gt_vpc_nb.local.topics import Arrival, Stream
from gt_vpc_nb.local.workers import Person, Worker

IDLE = timedelta(days=10)
EXPIRY = timedelta(days=14)
_NAMED = "dataset-objectid-attribute-name"


class StreamRun(Run):
    """The workings of one streaming job; see `Run`."""

    def __init__(
        self,
        job: Job,
        view: View,
        workers: Sequence[Worker | Person],
        later: Later,
        functions: Functions,
        stream: Stream,
    ) -> None:
        super().__init__(job, view, workers, later, functions)
        self._stream = stream
        self._waiting: dict[int, tuple[datetime, str]] = {}
        self._known: set[str] = set()
        self._active = job.created
        self._iteration = 1

    def start(self, now: datetime, automation: Callable[[Run], Automation] | None) -> str | None:
        """Subscribes to the input topic and offers what the input manifest has, if there is one."""
        self._stream.open()
        self._note(now)
        return super().start(now, None)

    def _note(self, now: datetime) -> None:
        """Something happened: the 10 days begin anew."""
        self._active = now
        self._later(now + IDLE, "idle")

    def idle(self, now: datetime) -> str | None:
        """Stopping when nothing has happened for 10 days."""
        busy = self.counters.offered or self._queue
        if busy:
            self._later(now + IDLE, "idle")
            return None
        return "Stopping" if now - self._active >= IDLE else None

    def arrived(self, now: datetime) -> str | None:
        """Takes in what was sent; an object that was sent before is not labeled again."""
        for arrival in self._stream.arrivals():
            if arrival.identity in self._known:
                self._stream.done_with(arrival.receipt)
                continue
            self._known.add(arrival.identity)
            self._take_in(arrival, now)
            self._note(now)
        return self._next(now)

    def _take_in(self, arrival: Arrival, now: datetime) -> None:
        line = dict(arrival.line)
        if line.get(_NAMED) not in line:
            own = f"${self.job.attribute}-object-id"
            line |= {_NAMED: own, own: arrival.identity}
        number = len(self.objects)
        key = next(line[name] for name in ("source-ref", "source") if isinstance(line.get(name), str))
        self.objects.append(DataObject(number, line, key, known=False))
        self._waiting[number] = (now, arrival.receipt)
        self._queue.append(number)
        self.counters.total += 1

    def _next(self, now: datetime) -> str | None:
        """Offers what has waited longest, as long as fewer than MaxConcurrentTaskCount tasks are open."""
        most = self.job.request["HumanTaskConfig"].get("MaxConcurrentTaskCount", 1000)
        self._batch = [number for number in self._batch if self.objects[number].state == "offered"]
        while self._queue and self.counters.offered < most:
            number = self._queue.pop(0)
            since, receipt = self._waiting.pop(number, (now, ""))
            self._offered_at = now
            if now - since > EXPIRY:
                self.fail(self.objects[number])
            elif self._offer(self.objects[number], now):
                self._batch.append(number)
            if receipt:
                self._stream.done_with(receipt)
        return None

    def _after_object(self, now: datetime) -> str | None:
        self._note(now)
        if self._functions.consolidates:
            self._consolidate_by_function(now)
        for data in [each for each in map(self.objects.__getitem__, self._batch) if each.labeled]:
            self._tell(data)
        return self._next(now)

    def _tell(self, data: DataObject) -> None:
        # Rendered when somebody reads it, so it is always as new as the last label.
        self.folder.put("manifests/output/output.manifest", lambda: manifest(self.objects))
        line: dict[str, Any] = {**data.line, **data.output}
        self._stream.publish(line)

    def _room(self) -> int:
        return self.counters.total

    def _satisfied(self) -> bool:
        return False
