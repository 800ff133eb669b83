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


def test_one_big_step_stops_at_what_is_planned_in_the_order_of_time():
    clock, heard = Clock(), []
    clock.on_advance(lambda now: heard.append(("listener", now - START)))
    for minutes in (30, 10):
        clock.at(START + timedelta(minutes=minutes), lambda: heard.append(("planned", clock.now() - START)))
    clock.advance(hours=1)
    ten, thirty, sixty = (timedelta(minutes=each) for each in (10, 30, 60))
    assert heard == [
        ("listener", ten), ("planned", ten), ("listener", thirty), ("planned", thirty), ("listener", sixty),
    ]  # fmt: skip


def test_what_is_planned_can_be_called_off_and_settle_catches_up_what_is_due():
    clock, heard = Clock(), []
    call_off = clock.at(START, lambda: heard.append("off"))
    clock.at(START, lambda: heard.append("on"))
    call_off()
    assert clock.settle() == START and heard == ["on"]


def test_a_leap_inside_of_a_step_makes_it_end_as_much_later():
    clock, seen = Clock(), []

    def leap() -> None:
        clock.advance(days=1)
        seen.append(clock.now())

    clock.at(START + timedelta(minutes=5), leap)
    clock.at(START + timedelta(hours=3), lambda: seen.append(clock.now()))
    assert clock.advance(hours=2) == START + timedelta(days=1, hours=2)
    assert seen == [START + timedelta(hours=3), START + timedelta(days=1, minutes=5)]


def test_time_stands_where_something_planned_went_wrong():
    clock = Clock()
    clock.at(START + timedelta(minutes=5), lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        clock.advance(hours=2)
    assert clock.now() == START + timedelta(minutes=5)


def test_a_held_clock_stands_still_for_its_thread():
    clock = Clock(1_000_000)
    with clock.held() as now:
        assert clock.now() == now == clock.now()
    assert clock.now() > now
