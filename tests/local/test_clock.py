from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.clock import START, Clock


def test_a_manual_clock_stands_still_until_it_is_moved():
    clock = Clock()
    assert clock.now() == clock.now() == START
    assert clock.advance(hours=2) == START + timedelta(hours=2) == clock.now()


def test_sleep_on_a_manual_clock_takes_no_time_and_moves_it():
    clock, before = Clock(), time.monotonic()
    clock.sleep(3600)
    assert clock.now() == START + timedelta(hours=1)
    assert time.monotonic() - before < 0.5


def test_a_scaled_clock_runs_by_itself():
    clock = Clock(100_000, start=datetime(2026, 1, 1, tzinfo=UTC))
    before = clock.now()
    clock.sleep(1000)
    assert timedelta(seconds=1000) <= clock.now() - before < timedelta(days=1)


def test_listeners_hear_the_new_time_after_each_advance():
    clock, heard = Clock(), []
    clock.on_advance(heard.append)
    clock.advance(minutes=1)
    clock.sleep(60)
    assert heard == [START + timedelta(minutes=1), START + timedelta(minutes=2)]


@pytest.mark.parametrize("mode", ["fast", 0, -1, True, float("inf"), None])
def test_a_mode_that_is_no_pace_is_refused(mode):
    with pytest.raises(LocalAwsError, match="clock mode"):
        Clock(mode)


def test_time_does_not_run_backwards():
    with pytest.raises(LocalAwsError, match="zero or more"):
        Clock().advance(seconds=-1)
