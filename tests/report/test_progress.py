"""Bars add up, and their numbers never promise more than there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.report.progress import bar, duration, split_bar, split_bar_html

NAMES = ("human", "machine", "failed", "unlabeled")


@given(st.lists(st.integers(0, 10**6), min_size=4, max_size=4), st.integers(8, 80))
def test_a_split_bar_is_as_wide_as_asked_and_hides_no_part(counts: list[int], width: int) -> None:
    drawn = split_bar(list(zip(NAMES, counts, strict=True)), width)
    assert len(drawn) == (width if sum(counts) else 0)
    assert {mark for mark, count in zip("█▓x·", counts, strict=True) if count} == set(drawn)


def test_a_bar_that_is_nearly_done_does_not_say_that_it_is() -> None:
    assert bar(99.9, width=10) == "█████████░ 99 %"


def test_a_split_bar_in_html_tells_its_counts_in_words() -> None:
    shown = split_bar_html([("human", 1200), ("<b>", 1)])
    assert "1,200 human, 1 &lt;b&gt;" in shown


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.6, "1 min"), (3600, "1 h"), (90061, "1 d 1 h"), (-90, "-1 min 30 s")]
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text
