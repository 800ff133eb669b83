"""A sound sequence file for each task type that reads one, and one broken thing a row."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.facts import task_type, task_types
from gt_vpc_nb.manifest.sequences import TOLD, reads_sequences, sequence_problems

VIDEO, CLOUDS = task_type("VideoObjectTracking"), task_type("3DPointCloudObjectTracking")
SEQUENCING = [kind for kind in task_types() if reads_sequences(kind)]


def sequence(kind: Any, frames: int = 3) -> dict[str, Any]:
    ending = "jpg" if kind.modality == "video frame" else "bin"
    listed = [{"frame-no": n, "unix-timestamp": 1_566_861_644.5 + n, "frame": f"{n}.{ending}"} for n in range(frames)]
    return {"seq-no": 1, "prefix": "s3://signs-in/a/", "number-of-frames": frames, "frames": listed}


@pytest.mark.parametrize("kind", SEQUENCING, ids=lambda kind: kind.code)
def test_nothing_is_said_against_a_sound_sequence(kind):
    assert sequence_problems(json.dumps(sequence(kind)), kind) == []


def test_video_frames_and_point_clouds_over_time_read_sequences_and_nothing_else_does():
    assert len(SEQUENCING) == 6
    assert {kind.modality for kind in SEQUENCING} == {"video frame", "3D point cloud (sequence)"}


#: what is changed, in which frame (None: in the heading), the task type, words of the message
BROKEN = [
    ({"seq-no": "1"}, None, VIDEO, "seq-no"),
    ({"prefix": "s3://signs-in/a"}, None, VIDEO, "does not end"),
    ({"prefix": "/a/"}, None, VIDEO, "no prefix"),
    ({"number-of-frames": 4}, None, VIDEO, "number-of-frames is 4, and it lists 3"),
    ({"number-of-frames": None}, None, VIDEO, "no whole number-of-frames"),
    ({"frames": []}, None, VIDEO, "no frames"),
    ({"frames": ["1.jpg"] * 3}, None, VIDEO, "not all objects"),
    ({"frame": ""}, 1, VIDEO, "Frame 2 names no file"),
    ({"frame": "1.bmp"}, 1, VIDEO, "1.bmp"),
    ({"frame-no": None}, 1, VIDEO, "Frame 2 has no whole frame-no"),
    ({"frame-no": 0}, 1, VIDEO, "frame-no 0 of frame 1"),
    ({"unix-timestamp": None}, 1, CLOUDS, "Frame 2 has no unix-timestamp"),
    ({"unix-timestamp": 1_566_861_644.5}, 1, CLOUDS, "Frame 2 is not after"),
    ({"images": [{}] * 9}, 1, CLOUDS, "9 images"),
    ({"images": {}}, 1, CLOUDS, "no list"),
]


@pytest.mark.parametrize(("changes", "frame", "kind", "words"), BROKEN)
def test_one_broken_thing_is_told(changes, frame, kind, words):
    document = copy.deepcopy(sequence(kind))
    (document if frame is None else document["frames"][frame]).update(changes)
    found = sequence_problems(json.dumps(document), kind)
    assert words in " ".join(problem.message for problem in found)
    assert {problem.code for problem in found} == {"MAN-09" if kind is VIDEO else "MAN-10"}


@pytest.mark.parametrize(("kind", "most"), [(VIDEO, 2000), (CLOUDS, 500)])
def test_a_sequence_holds_so_many_frames_and_not_one_more(kind, most):
    assert sequence_problems(json.dumps(sequence(kind, most)), kind) == []
    (problem,) = sequence_problems(json.dumps(sequence(kind, most + 1)), kind)
    assert f"at most {most:,}" in problem.message


def test_times_and_numbers_are_optional_where_aws_says_so():
    without_times = sequence(VIDEO)
    for frame in without_times["frames"]:
        del frame["unix-timestamp"]
    assert sequence_problems(json.dumps(without_times), VIDEO) == []
    without_numbers = sequence(CLOUDS)
    for frame in without_numbers["frames"]:
        del frame["frame-no"]
    assert sequence_problems(json.dumps(without_numbers), CLOUDS) == []


def test_a_hopeless_file_is_told_in_so_many_problems_and_a_count():
    document = {**sequence(CLOUDS, 400), "frames": [{}] * 400}
    found = sequence_problems(json.dumps(document), CLOUDS)
    assert len(found) == TOLD + 1 and "780 more" in found[-1].message


@pytest.mark.parametrize(("text", "words"), [("{", "not JSON"), ("[]", "not an object"), ("", "not JSON")])
def test_what_is_no_json_object_is_told(text, words):
    (problem,) = sequence_problems(text, VIDEO)
    assert words in problem.message


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*sequence(VIDEO)["frames"][0]]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*sequence(VIDEO)]), ANY), st.sampled_from(SEQUENCING))
def test_any_json_is_answered_with_problems_and_never_with_a_crash(changes, kind):
    found = sequence_problems(json.dumps({**sequence(kind), **changes}), kind)
    assert all(isinstance(problem, Problem) and problem.message for problem in found)
