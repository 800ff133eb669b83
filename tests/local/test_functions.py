"""Workflows of one's own: functions before the task and after the answers, as Lambda would be called."""

from __future__ import annotations

import json
import re

import pytest

from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.dataset import bucket_and_key
from gt_vpc_nb.local.functions import FunctionFailed
from gt_vpc_nb.local.job_world import JobWorld
from gt_vpc_nb.local.workers import Worker
from tests.local.test_engine import assert_adds_up

BEFORE = "arn:aws:lambda:us-east-1:111122223333:function:gt-before"
AFTER = "arn:aws:lambda:us-east-1:111122223333:function:gt-after"


def world_with(world, before=None, after=None, count=12):
    """A job of texts whose workers answer with the text's length; returns the events the functions were given."""
    events = {"before": [], "after": []}

    def noted(name, handler):
        return lambda event, context: (events[name].append(event), handler(event))[1]

    world.functions |= {arn: noted(name, handler) for arn, name, handler in
                        ((BEFORE, "before", before), (AFTER, "after", after)) if handler}  # fmt: skip
    world.fill([f"text {number}" for number in range(count)], ["short", "long"], text=True)
    answer = lambda task: {"length": len(task.key), "given": task.input}  # noqa: E731
    world.api.staff("labelers", [Worker(name, answer, lambda task: 4) for name in ("ann", "ben")])
    task = {"AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": AFTER}} if after else {}
    # What is not given is AWS's own pass-through: botocore asked for both functions for years.
    request = world.request("PassThrough", workers=2, task=task)
    if before:
        request["HumanTaskConfig"]["PreHumanTaskLambdaArn"] = BEFORE
    world.call("CreateLabelingJob", **request)
    world.clock.advance(hours=3)
    return events


def lengths(event):
    """A post-annotation function: the mean of what the workers wrote, from the file it is given."""
    bucket, _, key = event["payload"]["s3Uri"].removeprefix("s3://").partition("/")
    rows = json.loads(lengths.world.objects[bucket, key])
    name, found = event["labelAttributeName"], []
    for row in rows:
        values = [json.loads(each["annotationData"]["content"])["length"] for each in row["annotations"]]
        content = {name: sum(values) / len(values), f"{name}-metadata": {"type": "groundTruth/custom", "mine": True}}
        found.append({"datasetObjectId": row["datasetObjectId"], "consolidatedAnnotation": {"content": content}})
    return found


def prepared(event):
    return {"taskInput": {"shown": event["dataObject"]["source"].upper()}, "isHumanAnnotationRequired": "true"}


def test_a_job_without_functions_passes_the_answers_through(small_world):
    world_with(small_world)
    assert small_world.describe()["LabelingJobStatus"] == "Completed"
    line = small_world.output()[0]
    assert line["label"] == {} and line["label-metadata"]["worker-response-ref"].startswith("s3://out/jobs/job/")


@pytest.mark.newest
def test_a_job_need_not_name_any_function(small_world):
    small_world.ten_cats()
    request = small_world.request("PassThrough")
    del request["HumanTaskConfig"]["PreHumanTaskLambdaArn"]
    del request["HumanTaskConfig"]["AnnotationConsolidationConfig"]
    small_world.call("CreateLabelingJob", **request)
    small_world.clock.advance(hours=1)
    assert small_world.describe()["LabelingJobStatus"] == "Completed"
    assert all(line["label"] == {} for line in small_world.output())
    (row,) = small_world.call("ListLabelingJobs")["LabelingJobSummaryList"]
    assert row["LabelingJobStatus"] == "Completed"
    assert not {"PreHumanTaskLambdaArn", "AnnotationConsolidationLambdaArn"} & set(row)


def test_the_functions_get_the_documented_events_and_make_the_labels(small_world):
    lengths.world = small_world
    events = world_with(small_world, prepared, lengths)
    assert small_world.describe()["LabelingJobStatus"] == "Completed"
    assert set(events["before"][0]) == {"version", "labelingJobArn", "dataObject"}
    assert set(events["after"][0]) == {
        "version", "labelingJobArn", "labelCategories", "labelAttributeName", "roleArn", "payload",
    }  # fmt: skip
    assert events["after"][0]["labelCategories"] == ["short", "long"]
    for line in small_world.output():
        assert line["label"] == len(line["source"]) and line["label-metadata"]["mine"]
        added = {"job_name", "type", "human-annotated", "creation_date"}
        assert set(line["label-metadata"]) == {"mine"} | added and line["label-metadata"]["human-annotated"] == "yes"
    answers = json.loads(next(data for (_, key), data in small_world.objects.items() if "worker-response" in key))
    assert answers["answers"][0]["answerContent"]["given"] == {"shown": "TEXT 0"}


def test_what_needs_no_person_is_not_offered(small_world):
    def only_even(event):
        return {**prepared(event), "isHumanAnnotationRequired": str(int(event["dataObject"]["source"][5:]) % 2 == 0)}

    world_with(small_world, only_even)
    counters = small_world.describe()["LabelCounters"]
    assert (counters["HumanLabeled"], counters["Unlabeled"]) == (6, 6)
    assert_adds_up(counters, 12)


@pytest.mark.parametrize(
    "broken", [lambda event: 1 / 0, lambda event: {"wrong": 1}, lambda event: None, lambda event: {"taskInput": {1, 2}}]
)
def test_an_object_fails_alone_when_the_function_before_it_breaks(small_world, broken):
    world_with(
        small_world, lambda event: broken(event) if event["dataObject"]["source"] == "text 3" else prepared(event)
    )
    counters = small_world.describe()["LabelCounters"]
    assert small_world.describe()["LabelingJobStatus"] == "Completed"
    assert (counters["HumanLabeled"], counters["FailedNonRetryableError"]) == (11, 1)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda event: 1 / 0, "ZeroDivisionError"),
        (lambda event: "labels", "did not answer a list"),
        (lambda event: [{"datasetObjectId": "x"}], "did not answer a list"),
    ],
)
def test_a_job_fails_with_the_name_of_the_function_that_broke_after_the_answers(small_world, broken, said):
    world_with(small_world, None, broken)
    failed = small_world.describe()
    assert failed["LabelingJobStatus"] == "Failed"
    assert AFTER in failed["FailureReason"] and said in failed["FailureReason"]


def test_what_the_function_leaves_out_has_failed(small_world):
    lengths.world = small_world
    world_with(small_world, None, lambda event: lengths(event)[1:])
    counters = small_world.describe()["LabelCounters"]
    assert counters["FailedNonRetryableError"] >= 1
    assert_adds_up(counters, 12)


@pytest.fixture
def role():
    """A local AWS and a role that may call functions."""
    aws = LocalAws(seed=7)
    iam = aws.session().client("iam")
    made = iam.create_role(RoleName="caller", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
    allow = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": [BEFORE]}
    document = json.dumps({"Version": "2012-10-17", "Statement": allow})
    iam.put_role_policy(RoleName="caller", PolicyName="call", PolicyDocument=document)
    return aws, made["Role"]["Arn"]


def test_a_python_function_stands_for_a_lambda_function(role):
    aws, arn = role
    aws.function(BEFORE, lambda event, context: {"saw": event, "context": context})
    assert JobWorld(aws).invoke(BEFORE, {"a": 1}, arn) == {"saw": {"a": 1}, "context": None}


def test_a_function_that_nobody_gave_is_looked_for_behind_the_door(role):
    aws, arn = role
    with pytest.raises(FunctionFailed, match="aws.function"):
        JobWorld(aws).invoke(BEFORE, {}, arn)


def test_a_role_that_may_not_call_a_function_does_not(role):
    aws, arn = role
    aws.function(AFTER, lambda event, context: [])
    with pytest.raises(FunctionFailed, match="allows lambda:InvokeFunction"):
        JobWorld(aws).invoke(AFTER, {}, arn)


def test_ground_truth_adds_the_metadata_of_what_a_function_made(small_world):
    def counted(event):
        answers = json.loads(small_world.objects[bucket_and_key(event["payload"]["s3Uri"])])
        return [
            {"datasetObjectId": each["datasetObjectId"],
             "consolidatedAnnotation": {"content": {event["labelAttributeName"]: {"people": len(each["annotations"])}}}}
            for each in answers
        ]  # fmt: skip

    world_with(small_world, prepared, counted, count=3)
    for line in small_world.output():
        told = line["label-metadata"]
        assert line["label"]["people"] > 0 and set(line) == {"source", "label", "label-metadata"}
        assert (told["job_name"], told["type"], told["human-annotated"]) == ("job", "groundTruth/custom", "yes")
        assert re.fullmatch(r"2026-01-05T\d\d:\d\d:\d\d\.\d{6}", told["creation_date"]) and len(told) == 4


def test_lambda_tells_that_a_python_function_is_there():
    aws = LocalAws(seed=7)
    functions = aws.session().client("lambda")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function_configuration(FunctionName=BEFORE)
    aws.function(BEFORE, prepared)
    told = functions.get_function_configuration(FunctionName=BEFORE)
    assert (told["FunctionName"], told["FunctionArn"], told["State"]) == ("gt-before", BEFORE, "Active")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function_configuration(FunctionName=AFTER)
