"""Label category configuration files: what is said about labels, what follows from the job, and what is refused."""

from __future__ import annotations

import json

import pytest

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import task_types
from gt_vpc_nb.label_categories import category_document

OCCLUDED = {"name": "occluded", "type": "string", "enum": ["yes", "no"]}
SPEED = {"name": "speed", "type": "number", "minimum": 0, "maximum": 200}
WEATHER = {"name": "weather", "type": "string", "description": "What weather is it?", "enum": ["sun", "rain"]}


def errors(job):
    return [problem for problem in job.problems() if problem.severity == "error"]


def document(job):
    return json.loads(next(data for uri, data in job.files().items() if uri.endswith("label-categories.json")))


def test_attributes_of_all_labels_of_one_and_of_frames_are_written_as_aws_names_them():
    job = LabelingJob.example("VideoObjectTracking").label_categories(
        ["car", "bus"],
        attributes=[OCCLUDED],
        label_attributes={"car": [SPEED]},
        frame_attributes=[WEATHER],
        annotation_type="Polygon",
        instructions="Follow each.",
        full_instructions="Follow each from its first frame to its last.",
    )
    assert document(job) == {
        "documentVersion": "2020-03-01",
        "labels": [{"label": "car", "categoryAttributes": [SPEED]}, {"label": "bus"}],
        "categoryGlobalAttributes": [OCCLUDED],
        "frameAttributes": [WEATHER],
        "annotationType": "Polygon",
        "instructions": {
            "shortInstruction": "Follow each.",
            "fullInstruction": "Follow each from its first frame to its last.",
        },
    }
    assert errors(job) == []
    assert LabelingJob.from_yaml(job.to_yaml()) == job


def test_yaml_says_it_in_the_words_of_the_verb_or_of_aws():
    text = "{label_categories: {names: [car, bus], attributes: [{name: speed, type: number, minimum: 0, maximum: 9}]}}"
    job = LabelingJob.from_yaml(text)
    assert job == LabelingJob().label_categories(
        ["car", "bus"], attributes=[{"name": "speed", "type": "number", "minimum": 0, "maximum": 9}]
    )
    assert LabelingJob.from_yaml("{label_categories: {labels: [{label: car}]}}") == LabelingJob().label_categories(
        {"labels": [{"label": "car"}]}
    )
    with pytest.raises(RequestError, match="label_categories: .*atributes"):
        LabelingJob.from_yaml("{label_categories: {names: [car], atributes: []}}")


def test_named_entities_have_short_names_and_both_instructions():
    job = LabelingJob.example("NamedEntityRecognition").label_categories(
        ["person", "place"], short_names={"person": "per"}, instructions="Mark names."
    )
    found = document(job)
    assert found["document-version"] == "2018-11-28"
    assert found["labels"] == [{"label": "person", "shortDisplayName": "per"}, {"label": "place"}]
    assert found["instructions"] == {"shortInstruction": "Mark names.", "fullInstruction": "Mark names."}


@pytest.mark.parametrize("kind", [kind for kind in task_types() if "verification" in kind.job_kind and kind.one_worker])
def test_a_verification_of_frames_locks_every_label_and_an_adjustment_those_that_are_named(kind):
    base = LabelingJob.example(kind.base_task)
    judged = LabelingJob.example(kind.base_task).named("again").verifying(base)
    assert judged.task_code == kind.code
    assert [each["editsAllowed"] for each in document(judged)["labels"]] == ["none"] * 3
    adjusted = LabelingJob.example(kind.base_task).named("again").label_categories(["car", "bus"], locked=["bus"])
    adjusted = adjusted.adjusting(base)
    assert document(adjusted)["labels"] == [{"label": "car"}, {"label": "bus", "editsAllowed": "none"}]
    for job in (judged, adjusted):
        assert document(job)["auditLabelAttributeName"] == base.attribute_name
        assert errors(job) == []


def test_a_document_may_name_labels_alone_and_what_follows_from_the_job_is_added():
    job = LabelingJob.example("3DPointCloudObjectDetection").label_categories({"labels": ["car", {"label": "bus"}]})
    found = document(job)
    assert found["labels"] == [{"label": "car"}, {"label": "bus"}] and found["documentVersion"] == "2020-03-01"
    assert set(found["instructions"]) == {"shortInstruction", "fullInstruction"}


def test_what_a_document_says_stays_as_it_is():
    given = {"document-version": "2020-08-15", "labels": [{"label": "car", "editsAllowed": "any"}], "new": [1]}
    given |= {"instructions": {"shortInstruction": "s", "fullInstruction": "f"}, "auditLabelAttributeName": "x-ref"}
    job = LabelingJob.example("AdjustmentVideoObjectTracking").label_categories(given)
    assert document(job) == given


def test_a_job_that_adjusts_takes_the_label_categories_of_the_one_before():
    first = LabelingJob.example("BoundingBox").label_categories(["stop", "yield"])
    second = LabelingJob.example("BoundingBox").named("again")
    bare = LabelingJob(**(vars(second) | {"categories": ()}))
    assert bare.adjusting(first).categories == ("stop", "yield")
    assert bare.verifying(first).categories == ()
    assert "LAB-01" in {problem.code for problem in errors(bare.verifying(first))}
    assert second.adjusting(first).categories == second.categories


@pytest.mark.parametrize("code", ["BoundingBox", "TextMultiClass", "ImageMultiClassMultiLabel"])
def test_task_types_with_a_template_have_no_instructions_in_the_file(code):
    assert set(category_document(LabelingJob.example(code))) == {"document-version", "labels"}


SENTENCES = [
    (lambda job: job.label_categories("s3://signs-in/l.json", attributes=[OCCLUDED]), "is there already"),
    (lambda job: job.label_categories(["car"], label_attributes={"cra": [SPEED]}), "did you mean 'car'?"),
    (lambda job: job.label_categories(["car"], locked=["bus"]), "'bus' is not among the label categories"),
    (lambda job: job.label_categories(["car"], locked="car"), "give a list"),
    (lambda job: job.label_categories({"label": []}, locked=["car"]), "needs labels"),
    (lambda job: job.label_categories({"labels": [{"label": object()}]}), "cannot be written as JSON"),
    (lambda job: job.label_categories(["car"], attributes=[{"name": float("nan")}]), "cannot be written as JSON"),
]


@pytest.mark.parametrize(("wrong", "sentence"), SENTENCES)
def test_what_cannot_be_said_of_labels_is_refused_in_one_sentence(wrong, sentence):
    with pytest.raises(RequestError) as refused:
        wrong(LabelingJob.example("VideoObjectDetection"))
    assert sentence in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("labels", ["car", [1], [None], [{"label": 3}], [{}], {"a": 1}, None])
def test_a_document_without_labels_is_a_problem_and_never_a_crash(labels):
    job = LabelingJob.example("AdjustmentVideoObjectDetection").label_categories({"labels": labels})
    assert "LAB-01" in {problem.code for problem in errors(job)}
