"""A label category file per task type that nothing is said against, and one broken thing a row."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.facts import task_type, task_types
from gt_vpc_nb.label_category_rules import category_file_problems

PLAIN = {"document-version": "2018-11-28", "labels": [{"label": "stop"}, {"label": "yield"}]}
TOLD = {"shortInstruction": "Mark every name", "fullInstruction": "Mark every name of a person."}
CHOICE = {"name": "seen", "type": "string", "enum": ["all", "part"], "isRequired": True, "editsAllowed": "none"}
COUNT = {"name": "cars", "type": "number", "minimum": 0, "maximum": 9, "description": "How many cars"}
FRAMES = {
    "documentVersion": "2020-03-01",
    "frameAttributes": [COUNT],
    "categoryGlobalAttributes": [CHOICE],
    "labels": [{"label": "car", "categoryAttributes": [{"name": "colour", "type": "string"}]}, {"label": "cyclist"}],
    "instructions": TOLD,
}
VIDEO = {**FRAMES, "annotationType": "Polygon"}
AUDIT = {
    "documentVersion": "2020-03-01",
    "labels": [{"label": "car", "editsAllowed": "none"}, {"label": "cyclist", "editsAllowed": "none"}],
    "auditLabelAttributeName": "boxes-ref",
}


def sound_for(code: str) -> dict[str, Any]:
    kind = task_type(code)
    if code == "NamedEntityRecognition":
        return {**PLAIN, "instructions": TOLD}
    if kind.ui == "template":
        return PLAIN
    if kind.job_kind.startswith("adjustment"):
        return AUDIT
    if "SemanticSegmentation" in code:
        bare = {name: value for name, value in FRAMES.items() if name != "categoryGlobalAttributes"}
        return {**bare, "labels": [{"label": "car"}]}
    return VIDEO if kind.modality == "video frame" else FRAMES


@pytest.mark.parametrize("code", [kind.code for kind in task_types()])
def test_nothing_is_said_against_a_sound_file(code):
    document = sound_for(code)
    assert category_file_problems(document, task_type(code)) == []
    assert category_file_problems(json.dumps(document), task_type(code)) == []


def test_nothing_is_said_against_a_sound_file_of_a_custom_workflow():
    assert category_file_problems({**PLAIN, "labels": [{"label": "one"}]}, None) == []


def labels(*names: object, **members: object) -> dict[str, object]:
    return {"labels": [{"label": name, **members} for name in names]}


def attribute(**members: object) -> dict[str, object]:
    return {"categoryGlobalAttributes": [{**CHOICE, **members}]}


FREE = [{"name": f"free {n}", "type": "string"} for n in range(6)]
MANY = [{**CHOICE, "name": f"many {n}"} for n in range(11)]

#: task type, changes of its sound file (None takes a member out), the only code that is told, words of the message
BROKEN = [
    ("BoundingBox", {"labels": None}, "LAB-01", "no labels"),
    ("BoundingBox", {"labels": {"a": 1}}, "LAB-01", "no labels"),
    ("BoundingBox", {"labels": [{"label": "a"}, {"name": "b"}]}, "LAB-01", "labels[1]"),
    ("BoundingBox", {"labels": [{"label": "a"}, "b"]}, "LAB-01", "labels[1]"),
    ("BoundingBox", {"document-version": None}, "LAB-01", "names no version"),
    ("BoundingBox", {"document-version": "1999-01-01"}, "LAB-01", "1999-01-01"),
    ("BoundingBox", {"document-version": None, "documentVersion": "2020-03-01"}, "LAB-01", "document-version"),
    ("VideoObjectTracking", {"documentVersion": None, "document-version": "2018-11-28"}, "LAB-01", "documentVersion"),
    ("BoundingBox", {"labells": []}, "LAB-01", "did you mean 'labels'"),
    ("ImageMultiClass", labels("one"), "LAB-02", "2 or more"),
    ("TextMultiClassMultiLabel", labels("one"), "LAB-02", "2 or more"),
    ("BoundingBox", {"labels": []}, "LAB-02", "1 or more"),
    ("BoundingBox", labels(*(f"l{n}" for n in range(51))), "LAB-03", "at most 50"),
    ("VideoMultiClass", labels(*(f"l{n}" for n in range(31))), "LAB-03", "at most 30"),
    ("3DPointCloudObjectDetection", labels(*(f"l{n}" for n in range(31))), "LAB-03", "at most 30"),
    ("BoundingBox", labels("a", "a"), "LAB-04", "2 times"),
    ("BoundingBox", labels("a" * 257), "LAB-04", "257 characters"),
    ("BoundingBox", labels("a", ""), "LAB-04", "0 characters"),
    ("VideoObjectTracking", labels("a" * 17), "LAB-04", "1 to 16"),
    ("NamedEntityRecognition", {"instructions": None}, "LAB-05", "shortInstruction"),
    ("NamedEntityRecognition", {"instructions": {**TOLD, "fullInstruction": " "}}, "LAB-05", "fullInstruction"),
    ("VideoObjectDetection", {"instructions": {**TOLD, "shortInstruction": "a" * 255}}, "LAB-05", "at most 254"),
    ("VideoObjectDetection", {"instructions": {**TOLD, "fullInstruction": "a" * 2048}}, "LAB-05", "at most 2047"),
    ("VideoObjectDetection", {"instructions": {"shortInstruction": "a"}}, "LAB-05", "fullInstruction"),
    ("VideoObjectDetection", {"instructions": "Look"}, "LAB-05", "shortInstruction"),
    ("VideoObjectDetection", attribute(name="a" * 17), "LAB-06", "1 to 16"),
    ("VideoObjectDetection", attribute(name=None), "LAB-06", "needs a name"),
    ("VideoObjectDetection", attribute(description="a" * 129), "LAB-06", "at most 128"),
    ("VideoObjectDetection", attribute(type="text"), "LAB-06", "string or number"),
    ("VideoObjectDetection", attribute(enum=[]), "LAB-06", "1 to 10"),
    ("VideoObjectDetection", attribute(enum=[str(n) for n in range(11)]), "LAB-06", "1 to 10"),
    ("VideoObjectDetection", attribute(enum=["a" * 17]), "LAB-06", "1 to 16"),
    ("VideoObjectDetection", attribute(editsAllowed="some"), "LAB-06", "editsAllowed"),
    ("VideoObjectDetection", attribute(isRequired="yes"), "LAB-06", "isRequired"),
    ("VideoObjectDetection", attribute(minimum=1), "LAB-06", "no number"),
    ("VideoObjectDetection", attribute(desciption="x"), "LAB-06", "did you mean 'description'"),
    ("VideoObjectDetection", {"categoryGlobalAttributes": {"name": "x"}}, "LAB-06", "not a list"),
    ("VideoObjectDetection", {"categoryGlobalAttributes": MANY}, "LAB-06", "at most 10"),
    ("VideoObjectDetection", {"categoryGlobalAttributes": FREE}, "LAB-06", "free text"),
    ("VideoObjectDetection", {"categoryGlobalAttributes": [CHOICE, CHOICE]}, "LAB-06", "there already"),
    ("VideoObjectDetection", labels("a", categoryAttributes=[CHOICE]), "LAB-06", "there already"),
    ("VideoObjectDetection", labels("a", categoryAttributes=MANY[:10]), "LAB-06", "'a' has 11 attributes"),
    ("VideoObjectDetection", labels("a", editsAllowed="never"), "LAB-06", "never"),
    ("3DPointCloudObjectTracking", {"frameAttributes": [{**COUNT, "description": None}]}, "LAB-06", "description"),
    ("3DPointCloudObjectTracking", {"frameAttributes": [{**COUNT, "minimum": None}]}, "LAB-06", "minimum and maximum"),
    ("3DPointCloudObjectTracking", {"frameAttributes": [{**COUNT, "maximum": -1}]}, "LAB-06", "above"),
    ("3DPointCloudObjectTracking", {"frameAttributes": [{**COUNT, "enum": ["1"]}]}, "LAB-06", "no string"),
    (
        "3DPointCloudObjectTracking",
        {"frameAttributes": [{**each, "description": "d"} for each in FREE]},
        "LAB-06",
        "A frame has 6",
    ),
    ("3DPointCloudSemanticSegmentation", {"categoryGlobalAttributes": [CHOICE]}, "LAB-06", "ignores"),
    ("BoundingBox", {"frameAttributes": [COUNT]}, "LAB-06", "only 3D"),
    ("AdjustmentVideoObjectTracking", {"auditLabelAttributeName": None}, "LAB-07", "needs auditLabelAttributeName"),
    ("VideoObjectTracking", {"auditLabelAttributeName": "boxes"}, "LAB-07", "no earlier labels"),
    ("VideoObjectTracking", {"annotationType": "Cuboid"}, "LAB-07", "Polyline"),
    ("3DPointCloudObjectTracking", {"annotationType": "Polygon"}, "LAB-07", "only video frame"),
]


def changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return without_none({**copy.deepcopy(document), **changes})


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_none(each) for name, each in value.items() if each is not None}
    return [without_none(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("code", "changes", "rule", "words"), BROKEN)
def test_one_broken_thing_is_told_by_its_rule_alone(code, changes, rule, words):
    found = category_file_problems(changed(sound_for(code), changes), task_type(code))
    assert {problem.code for problem in found} == {rule}
    assert words in " ".join(problem.message for problem in found)
    assert all(problem.field == "LabelCategoryConfigS3Uri" and problem.remedy for problem in found)


def test_automated_segmentation_takes_fewer_labels():
    many = labels(*(f"l{n}" for n in range(21)))
    kind = task_type("SemanticSegmentation")
    assert category_file_problems({**PLAIN, **many}, kind) == []
    assert [each.code for each in category_file_problems({**PLAIN, **many}, kind, automated=True)] == ["AUTO-07"]


def test_a_verification_lets_no_label_be_edited():
    kind = task_type("AdjustmentVideoObjectTracking")
    editable = {**AUDIT, "labels": [{"label": "car"}, {"label": "cyclist", "editsAllowed": "none"}]}
    assert category_file_problems(editable, kind) == []
    (problem,) = category_file_problems(editable, kind, verifying=True)
    assert (problem.code, problem.severity) == ("LAB-07", "error")
    assert "'car'" in problem.message and "cyclist" not in problem.message


def test_an_audit_writes_under_a_name_of_its_own():
    (problem,) = category_file_problems(AUDIT, task_type("AdjustmentVideoObjectTracking"), attribute="boxes-ref")
    assert problem.code == "LAB-07" and "boxes-ref" in problem.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"document-version": "2018-11-28" "labels": []}', "line 1 column"),
        ("", "not JSON"),
        ("[]", "not an object"),
        ('{"labels": [], "labels": []}', "'labels' twice"),
    ],
)
def test_a_file_that_is_no_json_object_is_told_in_one_sentence(text, words):
    (problem,) = category_file_problems(text, task_type("BoundingBox"))
    assert problem.code == "LAB-01" and words in problem.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from([*VIDEO, *AUDIT, "document-version", "x"])


@given(st.dictionaries(MEMBERS, JSON), st.sampled_from([None, *task_types()]), st.booleans())
def test_any_json_is_answered_with_problems_and_never_with_a_crash(changes, kind, verifying):
    document = {**(sound_for(kind.code) if kind else PLAIN), **changes}
    found = category_file_problems(document, kind, verifying=verifying)
    assert all(isinstance(problem, Problem) and problem.message and problem.remedy for problem in found)
