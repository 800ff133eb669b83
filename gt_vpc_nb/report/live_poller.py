"""One thread looks at every labeling job that is watched in this process, less and less often, and tells of it."""

from __future__ import annotations

import atexit
import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.report.job_status import JobStatus

#: Seconds between two looks: the first, and the longest. DescribeLabelingJob is throttled for a whole account.
FIRST, LONGEST = 5.0, 60.0
#: On a manual clock no service is bothered, and days of it pass in a moment.
LONGEST_MANUAL = 3600.0
#: Real seconds between two looks on a manual clock: an eye can follow, and Stop is heard.
MANUAL_TICK = 0.05
_GROWS, _JITTER = 1.5, 0.2
THREAD = "gt-vpc-nb-watch"


class Clock(Protocol):
    """The time of the place that answers, and a way to let it pass."""

    def now(self) -> object: ...

    def sleep(self, seconds: float) -> None: ...


class Line:
    """One labeling job that is watched: what was last seen of it, and why no more is seen if that is so.

    `over` says that nobody looks any more: the job has ended, or the watch has. `poll` fixes the seconds between two
    looks; left out, they grow from 5 to 60, each a little more or less so that many watchers do not ask at once.
    """

    def __init__(self, name: str, look: Callable[[], JobStatus], clock: Clock, poll: float | None = None) -> None:
        self.name, self.status, self.trouble, self.over = name, None, "", threading.Event()
        self.told: list[Callable[[], object]] = []
        self.look, self._clock, self._poll = look, clock, poll
        # The wall clock has no mode: there a second is a second.
        self._pace = getattr(clock, "mode", 1.0)
        self.hurry()

    status: JobStatus | None

    def hurry(self) -> None:
        """Makes the next look due now, and the ones after it frequent again."""
        self._step = self._poll or FIRST
        self.due, self._planned = time.monotonic(), self._clock.now()

    @property
    def next_in(self) -> float:
        """The seconds between the last look and the next, on the clock of the place that answers."""
        return self._step

    def step(self) -> None:
        """Looks once, plans the next look and tells; nothing that goes wrong ends the thread."""
        try:
            self._let_time_pass()
            self.status, self.trouble = self.look(), ""
        except GtVpcError as error:
            self.trouble = str(error)
        except Exception as error:  # a bug ends this watch alone, and is told
            self.trouble = f"This is a bug of gt_vpc_nb, the watch has ended: {type(error).__name__}: {error}"
            self.over.set()
        if self.status is not None and self.status.ended:
            self.over.set()
        self._plan()
        self.tell()

    def tell(self) -> None:
        """Tells those who show this line."""
        for each in list(self.told):
            each()

    def _let_time_pass(self) -> None:
        """A manual clock stands still until somebody moves it: as far as this look was planned for."""
        if self._pace == "manual":
            missing = (self._planned - self._clock.now()).total_seconds()
            if missing > 0:
                self._clock.sleep(missing)

    def _plan(self) -> None:
        manual = self._pace == "manual"
        seconds = self._step if manual or self._poll else self._step * random.uniform(1 - _JITTER, 1 + _JITTER)
        self._planned = self._clock.now() + timedelta(seconds=seconds)
        self.due = time.monotonic() + (MANUAL_TICK if manual else seconds / float(self._pace))
        self._step = self._poll or min(self._step * _GROWS, LONGEST_MANUAL if manual else LONGEST)


class Poller:
    """Looks at lines when they are due, in one thread, which ends when nothing is left to look at."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def add(self, line: Line) -> None:
        """Looks at this line from now on."""
        with self._changed:
            if line not in self._lines:
                self._lines.append(line)
            if self._thread is None:
                # Daemonic, so that a kernel that shuts down waits for nobody.
                self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
                self._thread.start()
            self._changed.notify()

    def hurry(self, line: Line) -> None:
        """Looks at this line at once; one that is over is looked at once more."""
        line.hurry()
        self.add(line)

    def drop(self, line: Line) -> None:
        """Looks at this line no more. The labeling job itself goes on."""
        with self._changed:
            line.over.set()
            self._lines = [each for each in self._lines if each is not line]
            self._changed.notify()
        line.tell()

    def end(self) -> None:
        """Ends every watch."""
        for line in list(self._lines):
            self.drop(line)

    def _run(self) -> None:
        while line := self._next():
            line.step()
            if line.over.is_set():
                with self._changed:
                    self._lines = [each for each in self._lines if each is not line]

    def _next(self) -> Line | None:
        """The line that is due next, when it is due; None when there is none left."""
        with self._changed:
            while self._lines:
                first = min(self._lines, key=lambda line: line.due)
                wait = first.due - time.monotonic()
                if wait <= 0:
                    return first
                self._changed.wait(wait)
            self._thread = None
            return None


#: The one of this process.
POLLER = Poller()
atexit.register(POLLER.end)
