"""The clock of a local AWS: days of labeling in the time of one call."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from gt_vpc_nb.errors import LocalAwsError

#: Every local AWS begins at the same moment, so that two runs with one seed write the same bytes.
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_UNITS = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


class Clock:
    """Tells and moves the simulated time; times are aware UTC datetimes.

    `mode` is ``"manual"`` (time stands still until `advance` or `sleep`) or a scale: how many simulated seconds pass
    in a real one. `on_advance` registers what has to happen when the time was moved, `at` what happens at a moment.
    """

    def __init__(self, mode: str | float = "manual", start: datetime = START) -> None:
        self.mode = mode
        self._scale = _scale(mode)
        self._moved = start
        self._real = time.monotonic()
        self._listeners: list[Callable[[datetime], None]] = []
        self._planned: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._here = threading.local()

    def now(self) -> datetime:
        """The simulated time."""
        held: datetime | None = getattr(self._here, "held", None)
        return self._running() if held is None else held

    def _running(self) -> datetime:
        return self._moved + timedelta(seconds=(time.monotonic() - self._real) * self._scale)

    def advance(self, **duration: float) -> datetime:
        """Moves the time forward, `advance(hours=2)`, lets everything due by then happen, and returns the new time."""
        step = duration_of(duration)
        if step < timedelta(0):
            raise LocalAwsError(f"The clock of the local AWS was moved by {step}; give a duration of zero or more.")
        try:
            self._moved += step
        except OverflowError:
            raise LocalAwsError(f"{step} from now is past the year 9999, where the clock ends; give less.") from None
        held: datetime | None = getattr(self._here, "held", None)
        # Inside of something planned the time leaps from there; the advance under way then ends as much later.
        return self._pass(self._running) if held is None else self._pass(lambda: held + step)

    def until(self, when: datetime) -> datetime:
        """Moves the time forward to a moment; one that is past already changes nothing."""
        # In microseconds, which is how datetimes count: seconds as a float would miss by a few.
        missing = (when - self.now()) // timedelta(microseconds=1)
        return self.advance(microseconds=missing) if missing > 0 else self.now()

    def pace(self, mode: str | float) -> None:
        """Goes on from now in another mode. Raises LocalAwsError for what is no pace."""
        scale, now = _scale(mode), self._running()
        self.mode, self._scale, self._moved, self._real = mode, scale, now, time.monotonic()

    def settle(self) -> datetime:
        """Lets everything planned happen that is due by now, and returns the time."""
        return self._pass(self.now) if self._planned else self.now()

    @contextmanager
    def held(self) -> Iterator[datetime]:
        """Stops the time for this thread, so that all that one request asks and writes is of one moment."""
        before = getattr(self._here, "held", None)
        self._here.held = self.now()
        try:
            yield self._here.held
        finally:
            self._here.held = before

    def at(self, when: datetime, do: Callable[[], object]) -> Callable[[], None]:
        """Plans `do()` for a moment, after all that is due by then; the answer calls it off.

        Even one big `advance` stops there: `now()` is that moment while `do` runs. What `do` raises ends the advance.
        """
        entry = (when, next(self._order), do)
        with self._lock:
            heapq.heappush(self._planned, entry)

        def call_off() -> None:
            with self._lock:
                self._planned[:] = [each for each in self._planned if each is not entry]
                heapq.heapify(self._planned)

        return call_off

    def sleep(self, seconds: float) -> None:
        """Lets simulated seconds pass: at once on a manual clock, in real time divided by the scale otherwise."""
        if self._scale == 0:
            self.advance(seconds=seconds)
        else:
            time.sleep(max(seconds, 0) / self._scale)

    def on_advance(self, listener: Callable[[datetime], None]) -> None:
        """Calls `listener(now)` after each advance, and before each thing planned with `at`."""
        self._listeners.append(listener)

    def _pass(self, until: Callable[[], datetime]) -> datetime:
        outer: datetime | None = getattr(self._here, "held", None)
        end = outer
        try:
            while due := self._due(until()):
                self._here.held = max(due[0], outer or due[0])
                self._tell()
                due[2]()
            end = until()
            self._here.held = end
            self._tell()
        except BaseException:
            if self._scale == 0 and outer is None:  # the time stands where it went wrong
                self._moved = self._here.held
            raise
        finally:
            self._here.held = None if outer is None else end
        return end

    def _due(self, now: datetime) -> tuple[datetime, int, Callable[[], object]] | None:
        with self._lock:
            return heapq.heappop(self._planned) if self._planned and self._planned[0][0] <= now else None

    def _tell(self) -> None:
        for listener in self._listeners:
            listener(self.now())

    def __repr__(self) -> str:
        pace = "manual" if self._scale == 0 else f"{self._scale:g} simulated seconds a second"
        return f"Clock({self.now():%Y-%m-%d %H:%M:%S} UTC, {pace})"


def duration_of(given: Mapping[str, Any]) -> timedelta:
    """The time that days=, hours=, minutes= and seconds= say together. Raises LocalAwsError for what says none."""
    for unit, number in given.items():
        if unit not in _UNITS:
            raise LocalAwsError(f"{unit} is no time; give it as days=, hours=, minutes= or seconds=.")
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < float("inf"):
            raise LocalAwsError(f"{unit}={number!r} is no time; give a number.")
    try:
        return timedelta(**given)
    except OverflowError:
        told = ", ".join(f"{unit}={number!r}" for unit, number in given.items())
        raise LocalAwsError(f"{told} is longer than the clock goes; give less.") from None


def _scale(mode: str | float) -> float:
    if mode == "manual":
        return 0.0
    if isinstance(mode, bool) or not isinstance(mode, int | float) or not 0 < mode < float("inf"):
        raise LocalAwsError(
            f"The clock mode is {mode!r}; give 'manual' or simulated seconds per real second, like 3600."
        )
    return float(mode)
