from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from gt_vpc_nb.local.consolidation import Answer, Trust
from gt_vpc_nb.local.digits import digits
from gt_vpc_nb.local.forms.boxes import boxes, overlap
from gt_vpc_nb.local.forms.classes import one_class, several_classes

WHEN = datetime(2026, 1, 5, tzinfo=UTC)
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}"


def given(*values):
    return [Answer(f"w{number}", value, WHEN, WHEN) for number, value in enumerate(values)]


def run(world, code, truth, labels, *, text=False, workers=3, mistakes=0.1, content=None):
    world.fill(list(truth), labels, text=text, content=content)
    world.staff(truth, mistakes)
    world.call("CreateLabelingJob", **world.request(code, workers=workers))
    world.clock.advance(hours=3)
    assert world.describe()["LabelingJobStatus"] == "Completed", world.describe().get("FailureReason")
    return world.output()


def common(metadata, output_type, more):
    assert set(metadata) == {"type", "job-name", "human-annotated", "creation-date", *more}
    assert metadata["type"] == output_type
    assert metadata["job-name"] == "labeling-job/job"
    assert metadata["human-annotated"] == "yes"
    assert re.fullmatch(STAMP, metadata["creation-date"])


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [("ImageMultiClass", False, "image-classification"), ("TextMultiClass", True, "text-classification")],
)
def test_one_class_is_written_as_its_index_and_name(small_world, code, text, kind):
    truth = {f"s3://in/{n}.png": ("cat", "dog")[n % 2] for n in range(12)}
    for line in run(small_world, code, truth, ["cat", "dog"], text=text):
        assert set(line) == {"source" if text else "source-ref", "label", "label-metadata"}
        common(line["label-metadata"], f"groundtruth/{kind}", ("class-name", "confidence"))
        assert ["cat", "dog"][line["label"]] == line["label-metadata"]["class-name"]
        assert 0 < line["label-metadata"]["confidence"] <= 1


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        ("ImageMultiClassMultiLabel", False, "image-classification-multilabel"),
        ("TextMultiClassMultiLabel", True, "text-classification-multilabel"),
    ],
)
def test_several_classes_are_written_with_both_maps(small_world, code, text, kind):
    labels = ["a", "b", "c"]
    truth = {f"s3://in/{n}.png": (labels[n % 3], labels[(n + 1) % 3]) for n in range(12)}
    for line in run(small_world, code, truth, labels, text=text):
        metadata = line["label-metadata"]
        common(metadata, f"groundtruth/{kind}", ("class-map", "confidence-map"))
        assert {str(number): labels[number] for number in line["label"]} == metadata["class-map"]
        assert set(metadata["confidence-map"]) == set(metadata["class-map"])
        assert all(0 < each <= 1 for each in metadata["confidence-map"].values())


def test_boxes_are_written_in_pixels_with_the_size_of_the_image(small_world, picture):
    box = {"label": "dog", "left": 10, "top": 20, "width": 30, "height": 20}
    truth = {f"s3://in/{n}.png": (box,) for n in range(6)}
    content = lambda place: picture(100, 80, 60)  # noqa: E731
    for line in run(small_world, "BoundingBox", truth, ["cat", "dog"], content=content, mistakes=0):
        metadata, label = line["label-metadata"], line["label"]
        common(metadata, "groundtruth/object-detection", ("objects", "class-map"))
        assert label["image_size"] == [{"width": 80, "height": 60, "depth": 1}]
        assert len(label["annotations"]) == len(metadata["objects"]) == 1
        assert set(label["annotations"][0]) == {"class_id", "left", "top", "width", "height"}
        assert overlap(label["annotations"][0], box) > 0.7
        assert metadata["class-map"] == {"1": "dog"}
        assert 0.5 < metadata["objects"][0]["confidence"] <= 1


def test_a_file_that_is_no_image_fails_as_a_box_task(small_world):
    truth = {"s3://in/0.png": ()}
    run(small_world, "BoundingBox", truth, ["cat"])
    assert small_world.describe()["LabelCounters"]["FailedNonRetryableError"] == 1


def test_with_one_worker_the_confidence_is_zero(small_world):
    truth = {f"s3://in/{n}.png": "cat" for n in range(4)}
    lines = run(small_world, "ImageMultiClass", truth, ["cat", "dog"], workers=1)
    assert {line["label-metadata"]["confidence"] for line in lines} == {0.0}


def test_worker_responses_name_worker_times_and_answer(small_world):
    truth = {f"s3://in/{n}.png": "cat" for n in range(4)}
    run(small_world, "ImageMultiClass", truth, ["cat", "dog"], mistakes=0)
    paths = [key for _, key in small_world.objects if "/worker-response/" in key]
    pattern = r"jobs/job/annotations/worker-response/iteration-1/\d/\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.json"
    assert len(paths) == 4
    assert all(re.fullmatch(pattern, path) for path in paths)
    answers = json.loads(small_world.objects["out", paths[0]])["answers"]
    assert len({answer["workerId"] for answer in answers}) == 3
    for answer in answers:
        assert answer["answerContent"] == {"crowd-image-classifier": {"label": "cat"}}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer["submissionTime"])
        assert answer["acceptanceTime"] < answer["submissionTime"]
        assert answer["timeSpentInSeconds"] > 0
        assert answer["workerMetadata"]["identityData"]["identityProviderType"] == "Cognito"


def test_consolidated_and_intermediate_annotations_are_written_for_each_iteration(small_world):
    run(small_world, "ImageMultiClass", {f"s3://in/{n}.png": "cat" for n in range(14)}, ["cat", "dog"])
    for iteration in (1, 2):
        for part in (
            f"consolidated-annotation/consolidation-request/iteration-{iteration}/",
            f"consolidated-annotation/consolidation-response/iteration-{iteration}/",
            f"intermediate/{iteration}/annotations.manifest",
        ):
            assert any(f"jobs/job/annotations/{part}" in key for _, key in small_world.objects)


def test_the_majority_wins_and_confidence_grows_with_agreement():
    labels = ["a", "b", "c"]
    two = one_class(given("b", "b", "a"), labels, Trust())
    three = one_class(given("b", "b", "b"), labels, Trust())
    assert two.value == three.value == "b"
    assert 0.5 < two.confidence < three.confidence <= 1


def test_a_worker_who_was_right_more_often_weighs_more():
    trust = Trust()
    for _ in range(50):
        trust.record("w0", 1)
        trust.record("w1", 0)
    assert one_class(given("a", "b"), ["b", "a"], trust).value == "a"


def test_every_label_that_somebody_chose_is_in_the_result():
    verdict = several_classes(given(("a",), ("a", "c"), ("a",)), ["a", "b", "c"], Trust())
    assert verdict.value == ("a", "c")
    assert verdict.confidence == pytest.approx((1.0, 1 / 3))


def test_a_box_only_one_of_three_drew_is_dropped_and_near_ones_are_averaged():
    def box(left, label="cat"):
        return {"label": label, "left": left, "top": 0, "width": 100, "height": 100}

    verdict = boxes(given((box(0),), (box(10), box(500)), (box(20),)), ["cat"], Trust())
    assert [each["left"] for each in verdict.value] == [10]
    assert 0.8 < verdict.confidence[0] < 1


def test_the_digits_are_1797_grey_png_files():
    from io import BytesIO

    from PIL import Image

    everything = digits()
    assert len(everything) == 1797
    assert everything[0][0] == "digits/0000.png"
    assert {digit for _, _, digit in everything} == set(range(10))
    with Image.open(BytesIO(everything[0][1])) as picture:
        assert (picture.mode, picture.size) == ("L", (64, 64))
        assert picture.getextrema() == (0, 239)
