"""What a job will take is counted exactly; money is told where its price is known, and else called unknown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import LabelingJob, RequestError
from gt_vpc_nb.job_costs import Prices, estimate, objects_within

OURS = {"labeled_object": "0.08", "source": "our contract"}
SIGNS = LabelingJob().named("signs").in_region("us-east-1").task("BoundingBox").workers("sign-team")
MACHINES = {"training": {"ml.p3.2xlarge": "3.825"}, "inference": {"ml.c5.4xlarge": "0.952"}, **OURS}
HOURS = {"training": "4", "inference": 2}


@pytest.mark.parametrize(
    ("what", "job", "objects", "labeled", "tasks"),
    [
        ("the task type's default of workers", SIGNS, 100, 100, 500),
        ("workers of one's own number", SIGNS.workers("t", per_object=2), 100, 100, 200),
        ("objects given as data", SIGNS.input(["s3://b/1.png", "s3://b/2.png"]), None, 2, 10),
        ("a stop at a number of objects", SIGNS.stop_after(objects=10), 100, 10, 50),
        ("a stop at a percentage, rounded up", SIGNS.stop_after(percentage=33), 10, 4, 20),
        ("a stop beyond the data", SIGNS.stop_after(objects=1000), 100, 100, 500),
        (
            "a stop for people alone, machines go on",
            SIGNS.with_automated_labeling().stop_after(objects=10),
            2000,
            2000,
            50,
        ),
        ("a stream, whose stops count for nothing", SIGNS.stream_from("arn:x").stop_after(objects=1), 10, 10, 50),
        ("no objects", SIGNS, 0, 0, 0),
        ("a manifest nobody counted", SIGNS.input("s3://b/m"), None, None, None),
        ("a custom workflow", LabelingJob().task("custom").workers("t", per_object=3), 4, 4, 12),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_objects_and_tasks_are_counted(
    what: str, job: LabelingJob, objects: int | None, labeled: int | None, tasks: int | None
) -> None:
    found = estimate(job, objects)
    assert (found.line("labeled objects").quantity, found.line("worker tasks").quantity) == (labeled, tasks)


def test_without_prices_the_price_is_called_unknown() -> None:
    found = estimate(SIGNS, 100)
    assert found.total is None
    assert found.summary == "The price is not known: labeled objects"
    assert "labeled objects: 100 objects, price unknown" in repr(found)


def test_a_table_of_prices_makes_money_of_it_and_names_where_it_was_read() -> None:
    found = estimate(SIGNS, 1000, OURS)
    assert found.total == Decimal("80.00")
    assert found.summary == "At most 80.00 USD (our contract)"


def test_mechanical_turks_price_is_that_of_the_request() -> None:
    crowd = SIGNS.public_crowd("0.036")
    assert estimate(crowd, 1000, OURS).total == Decimal("80") + Decimal("0.036") * 5000
    assert "the price of the request" in repr(estimate(crowd, 1000))


def test_automated_labeling_adds_the_instances_of_the_task_and_region_and_asks_for_hours() -> None:
    job = SIGNS.with_automated_labeling()
    found = estimate(job, 2000, MACHINES)
    assert found.total is None and found.known == Decimal("160")
    assert found.line("training on ml.p3.2xlarge").quantity is None
    assert "AWS publishes no hours" in repr(found)
    whole = estimate(job, 2000, MACHINES, HOURS)
    assert whole.total == Decimal("160") + 4 * Decimal("3.825") + 2 * Decimal("0.952")
    assert any(line.what == "training on ml.p2.8xlarge" for line in estimate(job.in_region("ap-south-1"), 1).lines)


def test_a_budget_becomes_a_stop() -> None:
    assert objects_within(SIGNS, "8", 1000, OURS) == 100
    assert objects_within(SIGNS.public_crowd("0.036"), "26", 1000, OURS) == 100


def test_a_budget_pays_for_what_machines_label_first() -> None:
    job = SIGNS.with_automated_labeling().public_crowd("0.036")
    fixed = Decimal("160") + 4 * Decimal("3.825") + 2 * Decimal("0.952")
    assert objects_within(job, fixed + Decimal("0.18") * 7, 2000, MACHINES, HOURS) == 7


@pytest.mark.parametrize(
    ("job", "budget", "options", "told"),
    [
        (SIGNS, "100", {}, "A budget needs to know: labeled objects"),
        (SIGNS, "0.01", {"prices": OURS}, "does not pay for one object"),
        (SIGNS, 100.0, {"prices": OURS}, "no amount of US dollars"),
        (SIGNS, "much", {"prices": OURS}, "no amount of US dollars"),
        (SIGNS, "-1", {"prices": OURS}, "no amount of US dollars"),
        (SIGNS.with_automated_labeling(), "100", {"prices": MACHINES, "objects": 10}, "training on ml.p3.2xlarge"),
        (SIGNS.with_automated_labeling(), "100", {"prices": MACHINES, "automated_hours": HOURS}, "objects="),
    ],
)
def test_a_budget_that_cannot_be_kept_says_why(job: Any, budget: Any, options: dict[str, Any], told: str) -> None:
    with pytest.raises(RequestError, match=told):
        objects_within(job, budget, **options)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"labelled_object": "1"}, "did you mean 'labeled_object'"),
        ({"labeled_object": 0.08}, "write dollars as text"),
        ({"labeled_object": "cheap"}, "labeled_object is 'cheap'"),
        ({"labeled_object": True}, "labeled_object is True"),
        ({"worker_task": "-1"}, "worker_task is '-1'"),
        ({"worker_task": "NaN"}, "worker_task is 'NaN'"),
        ({"training": "3"}, "give instance types"),
        ({"training": {"ml.p3.2xlarge": "x"}, "worker_task": "y"}, "worker_task is 'y'.*training.ml.p3.2xlarge is 'x'"),
    ],
)
def test_prices_that_cannot_be_read_are_all_told_at_once(table: dict[str, Any], told: str) -> None:
    with pytest.raises(RequestError, match=told):
        Prices.of(table)


@pytest.mark.parametrize("hours", [{"train": "1"}, {"training": "-1"}, {"training": 1.5}])
def test_hours_that_cannot_be_read_are_told(hours: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="hours cannot be read"):
        estimate(SIGNS.with_automated_labeling(), 10, automated_hours=hours)


@pytest.mark.parametrize("objects", [-1, True, 1.5, "10"])
def test_a_number_of_objects_that_is_none_is_told(objects: Any) -> None:
    with pytest.raises(RequestError, match="no number of data objects"):
        estimate(SIGNS, objects)


def test_hostile_words_are_harmless_when_shown() -> None:
    assert "<script>" not in estimate(SIGNS, 1, {"labeled_object": "1", "source": "<script>"})._repr_html_()


@given(st.integers(1, 10_000), st.decimals("0.01", "10000", places=2))
def test_a_job_stopped_within_a_budget_never_costs_more_and_one_object_more_would(
    objects: int, budget: Decimal
) -> None:
    job = SIGNS.public_crowd("0.036")
    one = Decimal("0.26")
    if budget < one:
        return
    count = objects_within(job, budget, objects, OURS)
    assert (estimate(job, count, OURS).total or 0) <= budget < one * (count + 1)
