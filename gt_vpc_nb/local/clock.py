"""The clock of a local AWS: days of labeling in the time of one call."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from gt_vpc_nb.errors import LocalAwsError

#: Every local AWS begins at the same moment, so that two runs with one seed write the same bytes.
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Clock:
    """Tells and moves the simulated time; times are aware UTC datetimes.

    `mode` is ``"manual"`` (time stands still until `advance` or `sleep`) or a scale: how many simulated seconds pass
    in a real one. `on_advance` registers what has to happen when the time was moved.
    """

    def __init__(self, mode: str | float = "manual", start: datetime = START) -> None:
        self.mode = mode
        self._scale = _scale(mode)
        self._moved = start
        self._real = time.monotonic()
        self._listeners: list[Callable[[datetime], None]] = []

    def now(self) -> datetime:
        """The simulated time."""
        return self._moved + timedelta(seconds=(time.monotonic() - self._real) * self._scale)

    def advance(self, **duration: float) -> datetime:
        """Moves the time forward, `advance(hours=2)`, lets everything due by then happen, and returns the new time."""
        step = timedelta(**duration)
        if step < timedelta(0):
            raise LocalAwsError(f"The clock of the local AWS was moved by {step}; give a duration of zero or more.")
        self._moved += step
        now = self.now()
        for listener in self._listeners:
            listener(now)
        return now

    def sleep(self, seconds: float) -> None:
        """Lets simulated seconds pass: at once on a manual clock, in real time divided by the scale otherwise."""
        if self._scale == 0:
            self.advance(seconds=seconds)
        else:
            time.sleep(max(seconds, 0) / self._scale)

    def on_advance(self, listener: Callable[[datetime], None]) -> None:
        """Calls `listener(now)` after each advance."""
        self._listeners.append(listener)

    def __repr__(self) -> str:
        pace = "manual" if self._scale == 0 else f"{self._scale:g} simulated seconds a second"
        return f"Clock({self.now():%Y-%m-%d %H:%M:%S} UTC, {pace})"


def _scale(mode: str | float) -> float:
    if mode == "manual":
        return 0.0
    if isinstance(mode, bool) or not isinstance(mode, int | float) or not 0 < mode < float("inf"):
        raise LocalAwsError(
            f"The clock mode is {mode!r}; give 'manual' or simulated seconds per real second, like 3600."
        )
    return float(mode)
