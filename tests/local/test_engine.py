from __future__ import annotations

import json
import random
import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gt_vpc_nb.local.workers import Worker


def assert_adds_up(counters, total=None):
    assert counters["TotalLabeled"] == counters["HumanLabeled"] + counters["MachineLabeled"]
    whole = counters["TotalLabeled"] + counters["FailedNonRetryableError"] + counters["Unlabeled"]
    assert total is None or whole == total
    assert min(counters.values()) >= 0


def test_a_job_goes_from_initializing_through_in_progress_to_completed(small_world):
    world, truth = small_world, small_world.ten_cats(count=40)
    world.call("CreateLabelingJob", **world.request())
    assert world.describe()["LabelingJobStatus"] == "Initializing"
    world.clock.advance(seconds=91)
    assert world.describe()["LabelingJobStatus"] == "InProgress"
    assert_adds_up(world.describe()["LabelCounters"], 40)
    world.clock.advance(hours=1)
    done = world.describe()
    assert done["LabelingJobStatus"] == "Completed"
    assert done["LabelCounters"]["HumanLabeled"] == 40
    assert done["LabelingJobOutput"]["OutputDatasetS3Uri"] == "s3://out/jobs/job/manifests/output/output.manifest"
    names = [line["label-metadata"]["class-name"] for line in world.output()]
    assert sum(map(str.__eq__, names, truth.values())) >= 38


def test_the_first_batch_is_ten_objects_and_later_ones_up_to_the_concurrent_limit(small_world):
    world = small_world
    world.ten_cats(count=30)
    world.call("CreateLabelingJob", **world.request(task={"MaxConcurrentTaskCount": 15}))
    world.clock.advance(hours=1)
    requests = sorted(key for _, key in world.objects if "consolidation-request" in key)
    sizes = [len(json.loads(world.objects["out", key])) for key in requests]
    assert sizes == [10, 15, 5]


def test_two_runs_with_one_seed_are_byte_identical_and_another_seed_is_not(make_world):
    def outputs(seed):
        world = make_world(seed)
        world.ten_cats(count=60, mistakes=0.3)
        world.call("CreateLabelingJob", **world.request())
        world.clock.advance(hours=3)
        return world.objects

    assert outputs(7) == outputs(7)
    assert outputs(7) != outputs(8)


def test_small_steps_of_the_clock_give_the_same_end_as_one_leap(make_world):
    def outputs(steps):
        world = make_world()
        world.ten_cats(count=30)
        world.call("CreateLabelingJob", **world.request())
        for _ in range(steps):
            world.clock.advance(seconds=7200 / steps)
            assert_adds_up(world.describe()["LabelCounters"])
        return world.objects

    assert outputs(1) == outputs(144)


@pytest.mark.parametrize("unread", ["input.manifest", "labels.json", "template.html"])
@pytest.mark.parametrize("how", ["refused", "missing"])
def test_an_input_ground_truth_cannot_read_fails_the_job_with_action_and_arn(small_world, unread, how):
    world = small_world
    world.ten_cats()
    if how == "missing":
        del world.objects["in", unread]
    else:
        world.denies = lambda action, key, origin: key == unread and origin.vpc_endpoint == world.ground_truth_endpoint
    world.call("CreateLabelingJob", **world.request())
    world.clock.advance(minutes=2)
    failed = world.describe()
    assert failed["LabelingJobStatus"] == "Failed"
    assert "s3:GetObject" in failed["FailureReason"]
    assert f"arn:aws:s3:::in/{unread}" in failed["FailureReason"]


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("input.manifest", b'{"source-ref": "s3://in/1.png"}\n{broken', "Line 2"),
        ("input.manifest", b"", "no data objects"),
        ("input.manifest", b'{"source": "text"}', "lacks source-ref"),
        ("input.manifest", b'["s3://in/1.png"]', "not a JSON object"),
        ("input.manifest", b'{"source-ref": "s3://in/1.png", "$x": 1}', "begins with \\$"),
        ("input.manifest", b"\xff\xfe", "not UTF-8"),
        ("labels.json", b'{"labels": ["cat"]}', "not JSON like"),
        ("labels.json", b'{"labels": [{"label": "cat"}]}', "has 1 labels"),
        ("labels.json", b'{"labels": [{"label": "cat"}, {"label": "cat"}]}', "not distinct"),
        ("template.html", b"\xff", "not UTF-8"),
    ],
)
def test_an_input_file_that_is_not_one_fails_the_job_and_says_where(small_world, file, content, reason):
    world = small_world
    world.ten_cats()
    world.objects["in", file] = content
    world.call("CreateLabelingJob", **world.request())
    world.clock.advance(minutes=2)
    assert world.describe()["LabelingJobStatus"] == "Failed"
    assert re.search(reason, world.describe()["FailureReason"])


def test_an_object_that_cannot_be_read_is_counted_as_failed_and_stays_as_it_came(small_world):
    world = small_world
    world.ten_cats()
    del world.objects["in", "3.png"]
    world.denies = lambda action, key, origin: key == "4.png"
    world.call("CreateLabelingJob", **world.request())
    world.clock.advance(hours=1)
    assert world.describe()["LabelingJobStatus"] == "Completed"
    assert world.describe()["LabelCounters"]["FailedNonRetryableError"] == 2
    assert [line["source-ref"] for line in world.output() if "label" not in line] == ["s3://in/3.png", "s3://in/4.png"]


def test_a_policy_that_changes_while_people_work_fails_the_job_at_its_next_write(small_world):
    world = small_world
    world.ten_cats(count=40)
    world.call("CreateLabelingJob", **world.request())
    world.clock.advance(seconds=150)
    assert world.describe()["LabelCounters"]["HumanLabeled"] > 0
    world.denies = lambda action, key, origin: action == "s3:PutObject"
    world.clock.advance(hours=1)
    failed = world.describe()
    assert failed["LabelingJobStatus"] == "Failed"
    assert "s3:PutObject on arn:aws:s3:::out/jobs/job/annotations" in failed["FailureReason"]
    assert_adds_up(failed["LabelCounters"], 40)


def test_stop_goes_through_stopping_to_stopped_with_the_labels_so_far(small_world):
    world = small_world
    world.ten_cats(count=60)
    world.call("CreateLabelingJob", **world.request())
    world.clock.advance(seconds=180)
    world.call("StopLabelingJob", LabelingJobName="job")
    assert world.describe()["LabelingJobStatus"] == "Stopping"
    labeled = world.describe()["LabelCounters"]["TotalLabeled"]
    world.clock.advance(minutes=2)
    assert world.describe()["LabelingJobStatus"] == "Stopped"
    assert 0 < labeled == sum("label" in line for line in world.output()) < 60 == len(world.output())


def test_a_job_stopped_before_it_began_writes_nothing(small_world):
    world = small_world
    world.ten_cats()
    world.call("CreateLabelingJob", **world.request())
    world.call("StopLabelingJob", LabelingJobName="job")
    world.clock.advance(hours=1)
    assert world.describe()["LabelingJobStatus"] == "Stopped"
    assert "LabelingJobOutput" not in world.describe()
    assert not [key for bucket, key in world.objects if bucket == "out"]


@pytest.mark.parametrize(
    ("condition", "labeled"),
    [({"MaxHumanLabeledObjectCount": 25}, 25), ({"MaxPercentageOfInputDatasetLabeled": 30}, 12)],
)
def test_a_stopping_condition_stops_the_job(small_world, condition, labeled):
    world = small_world
    world.ten_cats(count=40)
    world.call("CreateLabelingJob", **world.request(StoppingConditions=condition))
    world.clock.advance(hours=2)
    assert world.describe()["LabelingJobStatus"] == "Stopped"
    assert world.describe()["LabelCounters"]["HumanLabeled"] == labeled


def test_a_stopping_condition_that_is_met_by_the_last_object_completes_the_job(small_world):
    world = small_world
    world.ten_cats()
    world.call("CreateLabelingJob", **world.request(StoppingConditions={"MaxPercentageOfInputDatasetLabeled": 100}))
    world.clock.advance(hours=1)
    assert world.describe()["LabelingJobStatus"] == "Completed"


def test_with_nobody_in_the_team_the_tasks_expire_and_the_objects_fail(small_world):
    world = small_world
    world.ten_cats()
    world.api.staff("labelers", ())
    world.call("CreateLabelingJob", **world.request(task={"TaskAvailabilityLifetimeInSeconds": 3600}))
    world.clock.advance(minutes=50)
    assert world.describe()["LabelingJobStatus"] == "InProgress"
    world.clock.advance(hours=1)
    assert world.describe()["LabelCounters"]["FailedNonRetryableError"] == 10


def test_people_who_join_later_take_the_waiting_tasks(small_world):
    world = small_world
    truth = world.ten_cats()
    world.api.staff("labelers", ())
    world.call("CreateLabelingJob", **world.request())
    world.clock.advance(days=1)
    world.staff(truth)
    world.clock.advance(hours=1)
    assert world.describe()["LabelingJobStatus"] == "Completed"
    assert world.describe()["LabelCounters"]["HumanLabeled"] == 10


def test_a_job_without_an_end_fails_after_thirty_days(small_world):
    world = small_world
    world.ten_cats()
    world.api.staff("labelers", ())
    world.call("CreateLabelingJob", **world.request())
    world.clock.advance(days=31)
    assert world.describe()["LabelingJobStatus"] == "Failed"
    assert "30 days" in world.describe()["FailureReason"]


def test_objects_that_came_with_the_label_are_not_labeled_again(small_world):
    world = small_world
    world.ten_cats()
    lines = world.objects["in", "input.manifest"].decode().splitlines()
    lines[0] = json.dumps({"source-ref": "s3://in/0.png", "label": 1, "label-metadata": {"class-name": "dog"}})
    world.objects["in", "input.manifest"] = "\n".join(lines).encode()
    world.call("CreateLabelingJob", **world.request())
    world.clock.advance(hours=1)
    assert world.describe()["LabelCounters"]["TotalLabeled"] == 9
    assert world.output()[0] == json.loads(lines[0])


def test_an_answer_that_is_no_label_fails_the_job_and_names_worker_and_answer(small_world):
    world = small_world
    world.ten_cats()
    world.api.staff("labelers", [Worker("eve", lambda task: "horse", lambda task: 5)])
    world.call("CreateLabelingJob", **world.request(workers=1))
    world.clock.advance(hours=1)
    assert world.describe()["LabelingJobStatus"] == "Failed"
    assert "eve answered 'horse'" in world.describe()["FailureReason"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.integers(1, 4000), min_size=1, max_size=12),
    declines=st.floats(0, 1),
    slow=st.booleans(),
    wanted=st.integers(1, 4),
    stop_at=st.integers(0, 20),
)
def test_counters_add_up_whatever_workers_and_clock_do(make_world, steps, declines, slow, wanted, stop_at):
    world = make_world()
    world.ten_cats(count=25)

    def answer(name):
        return lambda task: None if random.Random(name + task.key).random() < declines else "cat"

    pace = 400 if slow else 20
    world.api.staff("labelers", [Worker(name, answer(name), lambda task: pace) for name in ("a", "b", "c")])
    world.call("CreateLabelingJob", **world.request(workers=wanted, task={"TaskAvailabilityLifetimeInSeconds": 5000}))
    for number, step in enumerate(steps):
        world.clock.advance(seconds=step)
        job = world.describe()
        assert_adds_up(job["LabelCounters"])
        if number == stop_at and job["LabelingJobStatus"] in ("Initializing", "InProgress"):
            world.call("StopLabelingJob", LabelingJobName="job")
    world.clock.advance(days=31)
    job = world.describe()
    assert job["LabelingJobStatus"] in ("Completed", "Failed", "Stopped")
    assert job["LastModifiedTime"] - job["CreationTime"] < timedelta(days=31)
    if job["LabelingJobStatus"] == "Completed":
        assert_adds_up(job["LabelCounters"], 25)
        assert job["LabelCounters"]["Unlabeled"] == 0
        assert sum("label" in line for line in world.output()) == job["LabelCounters"]["TotalLabeled"]
