"""Bars appear when something takes over two seconds, and never before."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from gt_vpc_nb.report.bars import while_waiting, with_bar


def slowly(things: int, seconds: float) -> Iterator[int]:
    for each in range(things):
        time.sleep(seconds)
        yield each


def test_what_is_quick_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(with_bar(range(1000), "counting", "number")) == list(range(1000))
    with while_waiting("thinking"):
        pass
    assert capfd.readouterr() == ("", "")


def test_what_takes_over_two_seconds_has_a_bar_that_counts(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(with_bar(slowly(12, 0.2), "counting", "number", 12)) == list(range(12))
    told = capfd.readouterr().err
    assert "counting" in told and "/12" in told


def test_what_has_no_steps_says_how_long_it_takes(capfd: pytest.CaptureFixture[str]) -> None:
    with while_waiting("thinking"):
        time.sleep(2.8)
    assert "thinking: 00:0" in capfd.readouterr().err


def test_a_bar_is_closed_when_its_reader_stops() -> None:
    bar = with_bar(slowly(100, 0.3), "counting", "number")
    for each in bar:
        if each == 8:
            break
    bar.close()
    with pytest.raises(StopIteration):
        next(bar)
