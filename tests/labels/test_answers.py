"""What single workers answered: who agrees with whom, and on which objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gt_vpc_nb import ManifestError, RequestError, labels
from gt_vpc_nb.labels.answers import choice_of
from gt_vpc_nb.local import LocalAws
from tests.jobs_at_work import submitted


def answered(folder: Path, number: int, answers: dict[str, Any], iteration: int = 1, seconds: float = 10.0) -> Path:
    place = folder / f"annotations/worker-response/iteration-{iteration}/{number}/2026-01-05_10:00:00.json"
    place.parent.mkdir(parents=True)
    listed = [
        {"workerId": worker, "timeSpentInSeconds": seconds, "answerContent": {"crowd-classifier": {"label": said}}}
        for worker, said in answers.items()
    ]
    place.write_text(json.dumps({"answers": listed}))
    return folder


def test_the_object_on_which_workers_agree_least_comes_first(tmp_path: Path) -> None:
    answered(tmp_path, 0, {"a": "stop", "b": "stop", "c": "stop"})
    answered(tmp_path, 1, {"a": "stop", "b": "yield", "c": "stop"})
    found = labels.agreement(tmp_path)
    assert list(found["object"]) == ["1", "0"] and list(found["agreement"]) == [0.6667, 1.0]
    assert list(found["most_said"]) == ["stop", "stop"] and found["said"][0] == "stop 2, yield 1"
    assert repr(found).startswith("Agreement — all say the same for 1 of 2 objects")


def test_the_worker_with_whom_the_others_agree_least_comes_first(tmp_path: Path) -> None:
    answered(tmp_path, 0, {"a": "stop", "b": "yield", "c": "stop"}, seconds=4.0)
    answered(tmp_path, 1, {"a": "stop", "b": "stop"}, seconds=8.0)
    found = labels.workers(tmp_path)
    assert list(found["worker"]) == ["b", "c", "a"] and list(found["agreement"]) == [0.3333, 0.5, 0.6667]
    assert list(found["median_seconds"]) == [6.0, 4.0, 6.0] and list(found["answers"]) == [2, 1, 2]


def test_of_an_object_that_was_shown_again_the_last_answers_count(tmp_path: Path) -> None:
    answered(tmp_path, 0, {"a": "stop"})
    answered(tmp_path, 0, {"a": "yield", "b": "yield"}, iteration=2)
    found = labels.agreement(tmp_path)
    assert (found["most_said"][0], found["answers"][0], found["agreement"][0]) == ("yield", 2, 1.0)


@pytest.mark.parametrize(
    ("content", "choice"),
    [
        ({"crowd-image-classifier": {"label": "cat"}}, "cat"),
        ({"crowd-classifier-multi-select": {"labels": ["b", "a"]}}, "a + b"),
        ({"crowd-classifier-multi-select": {"labels": []}}, "none"),
        ({"boundingBox": {"boundingBoxes": []}}, None),
        ({"one": {"label": "a"}, "two": {"label": "b"}}, None),
        ("free text", None),
        (None, None),
    ],
)
def test_a_choice_is_a_class_or_several_and_nothing_that_is_drawn(content: Any, choice: str | None) -> None:
    assert choice_of(content) == choice


def test_what_is_drawn_is_counted_and_not_compared(tmp_path: Path) -> None:
    place = answered(tmp_path, 0, {"a": ["x"], "b": ["y"]})
    found = labels.agreement(place)
    assert found["answers"][0] == 2 and found["agreement"].isna()[0] and "1 without a class" in repr(found)


def test_a_file_that_holds_no_answers_is_named(tmp_path: Path) -> None:
    place = answered(tmp_path, 7, {"a": "stop"})
    (file,) = place.rglob("*.json")
    file.write_text('{"answers": [{}]}')
    with pytest.raises(ManifestError, match="iteration-1/7/"):
        labels.workers(tmp_path)
    with pytest.raises(RequestError, match="no workers' answers below"):
        labels.workers(tmp_path / "nowhere")


def test_a_job_of_the_local_aws_is_judged_from_its_labels() -> None:
    aws = LocalAws.example(seed=7)
    job = submitted(aws, "shapes")
    aws.clock.advance(hours=48)
    found = job.labels()
    people, objects = labels.workers(found), labels.agreement(found)
    assert len(people) > 1 and people["answers"].sum() == objects["answers"].sum()
    assert people["agreement"].between(0, 1).all() and objects["agreement"].between(0, 1).all()
    assert list(objects["agreement"]) == sorted(objects["agreement"])
