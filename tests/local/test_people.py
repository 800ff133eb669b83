"""Real people in a work team: what they may take up, and what comes of what they submit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.workers import Person, Worker
from tests.local.conftest import SmallWorld
from tests.local.test_engine import assert_adds_up


def begin(world, team, workers=2, count=12, **task):
    world.ten_cats(count=count)
    world.api.staff("labelers", team)
    world.call("CreateLabelingJob", **world.request(workers=workers, task=task))
    world.clock.advance(minutes=2)
    return world.api.engine


def submit(world, person, value="cat", key=None):
    engine, now = world.api.engine, world.clock.now()
    job, task = next(each for each in engine.open_tasks(person) if key in (None, each[1].key))
    engine.submitted(job, now, person, task.key, value, now - timedelta(seconds=9))
    return task.key


def test_a_person_sees_the_first_batch_and_not_twice_what_they_answered(small_world):
    engine = begin(small_world, [Person("ada"), Person("bob")])
    assert len(engine.open_tasks("ada")) == 10
    key = submit(small_world, "ada")
    assert key not in [task.key for _, task in engine.open_tasks("ada")]
    assert key in [task.key for _, task in engine.open_tasks("bob")]
    assert engine.open_tasks("stranger") == [] and engine.people() == ["ada", "bob"]


def test_a_job_of_people_completes_when_all_have_answered(small_world):
    engine = begin(small_world, [Person("ada"), Person("bob")])
    while engine.open_tasks("ada") or engine.open_tasks("bob"):
        for person in ("ada", "bob"):
            if engine.open_tasks(person):
                submit(small_world, person)
        assert_adds_up(small_world.describe()["LabelCounters"], 12)
    assert small_world.describe()["LabelingJobStatus"] == "Completed"
    assert small_world.describe()["LabelCounters"]["HumanLabeled"] == 12
    assert {line["label-metadata"]["class-name"] for line in small_world.output()} == {"cat"}


def test_a_person_and_simulated_workers_make_one_label(small_world):
    begin(small_world, [Worker("ann", lambda task: "dog", lambda task: 5), Person("ada")])
    small_world.clock.advance(hours=1)
    assert small_world.describe()["LabelCounters"]["HumanLabeled"] == 0
    submit(small_world, "ada", "dog")
    assert small_world.describe()["LabelCounters"]["HumanLabeled"] == 1


def test_what_nobody_brings_in_time_is_not_waited_for(small_world):
    begin(small_world, [Worker("ann", lambda task: "dog", lambda task: 5), Person("ada")],
          TaskAvailabilityLifetimeInSeconds=3600)  # fmt: skip
    small_world.clock.advance(hours=3)
    assert small_world.describe()["LabelingJobStatus"] == "Completed"
    assert small_world.describe()["LabelCounters"]["HumanLabeled"] == 12


def test_a_person_may_decline_and_is_not_asked_again(small_world):
    engine = begin(small_world, [Person("ada")], workers=1)
    key = submit(small_world, "ada", None)
    assert key not in [task.key for _, task in engine.open_tasks("ada")]
    assert small_world.describe()["LabelCounters"]["HumanLabeled"] == 0


@pytest.mark.parametrize("value", ["mouse", ["cat"], 1, {}])
def test_what_is_no_answer_is_refused_and_the_task_stays_open(small_world, value):
    engine = begin(small_world, [Person("ada")], workers=1)
    before = len(engine.open_tasks("ada"))
    with pytest.raises(LocalAwsError, match="ada answered"):
        submit(small_world, "ada", value)
    assert len(engine.open_tasks("ada")) == before


def test_a_task_that_is_not_open_cannot_be_answered(small_world):
    engine = begin(small_world, [Person("ada")], workers=1)
    job = engine.open_tasks("ada")[0][0]
    with pytest.raises(LocalAwsError, match="no task of"):
        engine.submitted(job, small_world.clock.now(), "ada", "s3://in/none.png", "cat", small_world.clock.now())


ACTIONS = st.one_of(
    st.tuples(st.just("advance"), st.integers(1, 4000)),
    st.tuples(st.just("submit"), st.sampled_from(["ada", "bob"]), st.sampled_from(["cat", "dog", None])),
    st.tuples(st.just("staff"), st.integers(0, 3)),
    st.tuples(st.just("stop"), st.just(0)),
    st.tuples(st.just("lose"), st.integers(0, 24)),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(ACTIONS, max_size=25),
    st.integers(1, 3),
    st.sampled_from([{}, {"MaxHumanLabeledObjectCount": 7}, {"MaxPercentageOfInputDatasetLabeled": 40}]),
    st.dictionaries(st.sampled_from("abc"), st.tuples(st.floats(0, 1), st.integers(1, 500)), min_size=1),
)
def test_counters_add_up_whatever_workers_people_and_the_clock_do(steps, wanted, conditions, habits):
    world = SmallWorld()
    truth = world.ten_cats(count=25)
    team = [_worker(name, truth, *habit) for name, habit in habits.items()] + [Person("ada"), Person("bob")]
    world.api.staff("labelers", team)
    more = {"StoppingConditions": conditions} if conditions else {}
    task = {"TaskTimeLimitInSeconds": 240, "TaskAvailabilityLifetimeInSeconds": 7200}
    world.call("CreateLabelingJob", **world.request(workers=wanted, task=task, **more))
    last = 0
    for step, *details in steps:
        _STEPS[step](world, team, *details)
        counters = world.describe()["LabelCounters"]
        # Before the input is read, all of them are zero; a job may be stopped even then.
        assert_adds_up(counters, 25 if any(counters.values()) else 0)
        assert world.describe()["LabelingJobStatus"] != "InProgress" or any(counters.values())
        assert counters["TotalLabeled"] >= last
        last = counters["TotalLabeled"]
    world.clock.advance(days=31)
    done = world.describe()
    assert done["LabelingJobStatus"] in ("Completed", "Stopped", "Failed")
    if "LabelingJobOutput" in done:
        assert sum("label" in line for line in world.output()) == done["LabelCounters"]["TotalLabeled"]


def _worker(name, truth, careless, seconds):
    """Declines, errs and dawdles by the object's name, so that a run can be repeated."""
    share = lambda key: (hash_of(name + key) % 100) / 100  # noqa: E731
    answer = lambda task: None if share(task.key) < careless / 3 else truth[task.key]  # noqa: E731
    return Worker(name, answer, lambda task: seconds * (0.5 + share(task.key)))


def hash_of(text):
    import zlib

    return zlib.crc32(text.encode())


def _submit(world, team, person, value):
    if world.api.engine.open_tasks(person):
        submit(world, person, value)


def _stop(world, team, _):
    if world.describe()["LabelingJobStatus"] in ("Initializing", "InProgress", "Stopping"):
        world.call("StopLabelingJob", LabelingJobName="job")


_STEPS = {
    "advance": lambda world, team, seconds: world.clock.advance(seconds=seconds),
    "submit": _submit,
    "staff": lambda world, team, count: world.api.staff("labelers", team[:count]),
    "stop": _stop,
    "lose": lambda world, team, number: world.objects.pop(("in", f"{number}.png"), None),
}
