"""A job's counters in words, and when a job deserves a look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gt_vpc_nb.facts import task_types
from gt_vpc_nb.report.job_status import JobStatus, attention, job_status, task_type_of

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def summary(**more: Any) -> dict[str, Any]:
    return {
        "LabelingJobName": "signs",
        "LabelingJobArn": "arn:aws:sagemaker:us-east-1:111122223333:labeling-job/signs",
        "LabelingJobStatus": "InProgress",
        "CreationTime": NOW - timedelta(hours=2),
        "LastModifiedTime": NOW - timedelta(hours=2),
        "LabelCounters": {"TotalLabeled": 100, "HumanLabeled": 60, "MachineLabeled": 40,
                          "FailedNonRetryableError": 1, "Unlabeled": 99},
        "AnnotationConsolidationLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:ACS-BoundingBox",
        **more,
    }  # fmt: skip


def seen(**more: Any) -> JobStatus:
    return job_status(summary(**more), NOW, "local AWS")


def test_a_status_tells_counters_rate_and_time_left_in_one_line() -> None:
    first, bar = repr(seen()).splitlines()
    assert first == (
        "signs: InProgress, 100 of 200 labeled (60 human, 40 machine), 1 failed, 50 an hour, about 1 h 58 min left"
        " · local AWS · us-east-1 · 111122223333"
    )
    assert bar == "[████████████▓▓▓▓▓▓▓▓x···················] 60 human, 40 machine, 1 failed, 99 unlabeled"


def test_percent_counts_what_needs_no_more_work() -> None:
    assert (seen().percent, seen().per_hour, seen().eta) == (50.5, 50.0, timedelta(seconds=7128))


def test_nothing_is_said_of_a_job_that_has_not_read_its_manifest() -> None:
    early = seen(LabelCounters={}, LabelingJobStatus="Initializing", CreationTime=NOW)
    assert (early.percent, early.per_hour, early.eta) == (None, None, None)
    assert repr(early) == "signs: Initializing · local AWS · us-east-1 · 111122223333"


def test_a_failed_job_tells_its_reason_and_html_escapes_it() -> None:
    failed = seen(LabelingJobStatus="Failed", FailureReason="<b>AccessDenied</b>", LabelCounters={})
    assert repr(failed).startswith("signs: Failed, <b>AccessDenied</b>")
    assert "&lt;b&gt;AccessDenied" in failed._repr_html_() and "<b>" not in failed._repr_html_()


@pytest.mark.parametrize("task", task_types(), ids=lambda task: task.code)
def test_every_task_type_is_known_by_its_lambda_functions(task: Any) -> None:
    described = {"HumanTaskConfig": {"PreHumanTaskLambdaArn": task.pre_lambda("us-east-1")}}
    assert task_type_of(described) == task.code
    assert task_type_of({"AnnotationConsolidationLambdaArn": task.consolidation_lambda("eu-west-1")}) == task.code


def test_a_job_with_lambda_functions_of_its_own_is_custom() -> None:
    arn = "arn:aws:lambda:us-east-1:111122223333:function:my-consolidation"
    assert task_type_of({"AnnotationConsolidationLambdaArn": arn}) == "custom"


DAY = timedelta(days=1)
STREAM = {"InputConfig": {"DataSource": {"SnsDataSource": {"SnsTopicArn": "arn:aws:sns:us-east-1:111122223333:t"}}}}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, ""),
        ({"LastModifiedTime": NOW - 2 * DAY, "CreationTime": NOW - 2 * DAY}, "stale"),
        ({"CreationTime": NOW - 26 * DAY}, "thirty-days"),
        ({"CreationTime": NOW - 40 * DAY, "LabelingJobStatus": "Completed"}, ""),
        ({"LabelCounters": {"TotalLabeled": 90, "FailedNonRetryableError": 10}}, "many-failures"),
        ({"LastModifiedTime": NOW - 8 * DAY, "CreationTime": NOW - 8 * DAY, **STREAM}, "idle-stream"),
    ],
)
def test_a_job_deserves_a_look(more: dict[str, Any], words: str) -> None:
    assert attention(seen(**more)) == words
