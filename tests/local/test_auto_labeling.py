from __future__ import annotations

import io
import json
import random

import pytest
from PIL import Image, ImageDraw

from gt_vpc_nb.local.auto_labeling import choose_threshold, plan, train_round
from gt_vpc_nb.local.dataset import BadInput
from gt_vpc_nb.local.digits import digits
from gt_vpc_nb.local.forms.pictures import classes_of_png, filled
from gt_vpc_nb.local.learners import LEARNERS
from gt_vpc_nb.local.pixels import score_boxes, score_masks


def digits_job(world, mistakes=0.06):
    pictures = digits()
    truth = {f"s3://in/{name}": str(digit) for name, _, digit in pictures}
    world.fill(list(truth), [str(n) for n in range(10)], content=lambda place: pictures[place][1])
    world.staff(truth, mistakes)
    world.call("CreateLabelingJob", **world.request(LabelingJobAlgorithmsConfig=world.automated()))
    return truth


def accuracy(lines, truth, human):
    chosen = [line for line in lines if line["label-metadata"]["human-annotated"] == human]
    right = sum(line["label-metadata"]["class-name"] == truth[line["source-ref"]] for line in chosen)
    return right / len(chosen), len(chosen)


@pytest.mark.parametrize("seed", [7, 8])
def test_a_model_labels_a_good_share_of_the_digits_as_well_as_it_promises(make_world, seed):
    world = make_world(seed)
    truth = digits_job(world)
    world.clock.advance(days=1)
    done = world.describe()
    counters = done["LabelCounters"]
    assert done["LabelingJobStatus"] == "Completed"
    assert counters["TotalLabeled"] == 1797 == counters["HumanLabeled"] + counters["MachineLabeled"]
    assert 0.3 <= counters["MachineLabeled"] / 1797 <= 0.7
    people, by_people = accuracy(world.output(), truth, "yes")
    machine, by_machine = accuracy(world.output(), truth, "no")
    assert (by_people, by_machine) == (counters["HumanLabeled"], counters["MachineLabeled"])
    assert people > 0.97
    assert machine > 0.93
    assert ":model/job-round-" in done["LabelingJobOutput"]["FinalActiveLearningModelArn"]


def test_training_reads_through_the_endpoint_of_the_subnets_and_people_through_ground_truth(small_world):
    digits_job(small_world)
    small_world.clock.advance(days=1)
    assert small_world.requests[("s3:GetObject", "vpce-0customer")] >= 1797
    assert small_world.requests[("s3:GetObject", small_world.ground_truth_endpoint)] < 1797
    names = {key.split("/")[2] for bucket, key in small_world.objects if bucket == "out"}
    assert names == {"annotations", "manifests", "training", "inference", "activelearning"}


def test_machine_labels_carry_the_confidence_the_round_asked_for(small_world):
    digits_job(small_world)
    small_world.clock.advance(days=1)
    summaries = [json.loads(data) for (_, key), data in small_world.objects.items() if "/activelearning/" in key]
    lowest = min(each["threshold"] for each in summaries if each["threshold"])
    metadata = [line["label-metadata"] for line in small_world.output()]
    machine = [each["confidence"] for each in metadata if each["human-annotated"] == "no"]
    assert len(machine) == sum(each["labeled-by-machine"] for each in summaries)
    assert min(machine) >= lowest - 1e-4
    assert all(each["validation-accuracy"] >= 0.95 for each in summaries if each["threshold"])


def test_without_an_s3_endpoint_on_the_subnets_training_fails_the_job(small_world):
    small_world.subnet_endpoint = None
    digits_job(small_world)
    small_world.clock.advance(days=1)
    assert small_world.describe()["LabelingJobStatus"] == "Failed"
    assert "cannot reach S3" in small_world.describe()["FailureReason"]
    assert small_world.describe()["LabelCounters"]["HumanLabeled"] > 0


def test_a_policy_that_forgets_the_subnets_endpoint_fails_the_job_in_training(small_world):
    small_world.denies = lambda action, key, origin: origin.vpc_endpoint == "vpce-0customer"
    digits_job(small_world)
    small_world.clock.advance(days=1)
    assert small_world.describe()["LabelingJobStatus"] == "Failed"
    assert "Training job failed" in small_world.describe()["FailureReason"]
    assert "s3:GetObject on arn:aws:s3:::in/digits/" in small_world.describe()["FailureReason"]


def test_fewer_objects_than_the_documented_minimum_fail_the_job(small_world):
    small_world.ten_cats(count=100)
    request = small_world.request(LabelingJobAlgorithmsConfig=small_world.automated())
    small_world.call("CreateLabelingJob", **request)
    small_world.clock.advance(minutes=2)
    assert "at least 1250 data objects" in small_world.describe()["FailureReason"]


def test_a_first_sample_with_too_many_unreadable_objects_fails_the_job(small_world):
    small_world.denies = lambda action, key, origin: key.endswith(("0.png", "5.png"))
    digits_job(small_world)
    small_world.clock.advance(days=1)
    assert "first random sample failed" in small_world.describe()["FailureReason"]


def test_texts_are_labeled_by_a_model_too(small_world):
    dice = random.Random(3)
    words = {"sport": ["goal", "team", "match", "coach"], "food": ["soup", "bread", "taste", "chef"]}
    truth = {}
    for number in range(1300):
        label = dice.choice(sorted(words))
        truth[f"{number} the {dice.choice(words[label])} and the {dice.choice(words[label])} today"] = label
    small_world.fill(list(truth), sorted(words), text=True)
    small_world.staff(truth, 0.02)
    request = small_world.request("TextMultiClass", LabelingJobAlgorithmsConfig=small_world.automated("TextMultiClass"))
    small_world.call("CreateLabelingJob", **request)
    small_world.clock.advance(days=1)
    assert small_world.describe()["LabelingJobStatus"] == "Completed"
    assert small_world.describe()["LabelCounters"]["MachineLabeled"] > 650
    right = sum(line["label-metadata"]["class-name"] == truth[line["source"]] for line in small_world.output())
    assert right / 1300 > 0.97


@pytest.mark.parametrize(
    ("pairs", "threshold"),
    [
        ([], None),
        ([(0.9, True)] * 20, None),
        ([(0.9, True)] * 100, 0.9),
        ([(0.9, True)] * 100 + [(0.5, False)] * 50, 0.9),
        ([(0.9, False)] * 100 + [(0.5, True)] * 50, None),
        ([(0.9, True)] * 200 + [(0.8, True)] * 50 + [(0.8, False)], 0.8),
    ],
)
def test_the_threshold_is_the_lowest_where_the_target_surely_holds(pairs, threshold):
    assert choose_threshold(pairs, 0.95)[0] == threshold


@pytest.mark.parametrize(("size", "aside"), [(1250, 250), (4999, 1000), (5000, 500), (20000, 2000)])
def test_a_fifth_or_a_tenth_is_set_aside_for_validation(size, aside):
    split = plan(range(size), "seed")
    assert len(split.validation) == aside
    assert split.validation < set(split.first)
    assert len(split.first) == aside + split.round_size


def test_labels_of_one_class_only_teach_nothing():
    with pytest.raises(BadInput, match="two classes"):
        train_round(LEARNERS["TextMultiClass"], {0: "a", 1: "b"}, {0: "x", 1: "x"}, {}, [], ("x", "y"), 1)


COLOURS = {"red": (200, 30, 40), "blue": (30, 60, 200)}


def spots(count):
    """Pictures with one red or blue rectangle on grey each: (box, PNG)."""
    dice = random.Random(5)
    for _ in range(count):
        label = dice.choice(sorted(COLOURS))
        box = {"label": label, "left": dice.randint(2, 24), "top": dice.randint(2, 20)}
        box |= {"width": dice.randint(14, 20), "height": dice.randint(12, 18)}
        picture = Image.new("RGB", (48, 40), (128, 128, 128))
        right, bottom = box["left"] + box["width"] - 1, box["top"] + box["height"] - 1
        ImageDraw.Draw(picture).rectangle((box["left"], box["top"], right, bottom), fill=COLOURS[label])
        file = io.BytesIO()
        picture.save(file, format="PNG")
        yield box, file.getvalue()


def drawn_job(world, code, name="job", **config):
    """A job on pictures with spots; returns the true boxes by key."""
    made = list(spots(1250))
    boxes = {f"s3://in/{number}.png": box for number, (box, _) in enumerate(made)}
    world.fill(list(boxes), sorted(COLOURS), content=lambda place: made[place][1])
    truth = {key: (box,) if code == "BoundingBox" else (polygon(box),) for key, box in boxes.items()}
    world.staff(truth, 0.05, 1)
    algorithms = {**world.automated(code), **config}
    world.call("CreateLabelingJob", **world.request(code, name, workers=1, LabelingJobAlgorithmsConfig=algorithms))
    world.clock.advance(days=5)
    assert world.describe(name)["LabelingJobStatus"] == "Completed", world.describe(name).get("FailureReason")
    return boxes


def polygon(box):
    left, top = box["left"], box["top"]
    right, bottom = left + box["width"] - 1, top + box["height"] - 1
    return {"label": box["label"], "points": [[left, top], [right, top], [right, bottom], [left, bottom]]}


def by_machine(world, attribute, name="job"):
    return [line for line in world.output(name) if line[f"{attribute}-metadata"]["human-annotated"] == "no"]


def test_boxes_are_drawn_by_a_model_where_it_is_sure(small_world):
    boxes = drawn_job(small_world, "BoundingBox")
    machine = by_machine(small_world, "label")
    assert len(machine) == small_world.describe()["LabelCounters"]["MachineLabeled"] > 300
    scores = []
    for line in machine:
        names = line["label-metadata"]["class-map"]
        drawn = [{**each, "label": names[str(each["class_id"])]} for each in line["label"]["annotations"]]
        assert len(line["label-metadata"]["objects"]) == len(drawn)
        scores.append(score_boxes(drawn, [boxes[line["source-ref"]]]))
    assert sum(scores) / len(scores) > 0.6


def test_masks_are_painted_by_a_model_where_it_is_sure(small_world):
    boxes = drawn_job(small_world, "SemanticSegmentation")
    machine = by_machine(small_world, "label-ref")
    assert len(machine) > 300
    scores = []
    for line in machine[:100]:
        colours = {
            each["hex-color"]: int(number) for number, each in line["label-ref-metadata"]["internal-color-map"].items()
        }
        bucket, _, key = line["label-ref"].removeprefix("s3://").partition("/")
        layer, width, height = classes_of_png(small_world.objects[bucket, key], colours, key)
        true = filled([polygon(boxes[line["source-ref"]])], sorted(COLOURS), width, height)
        scores.append(score_masks(layer, true))
    assert sum(scores) / len(scores) > 0.7


def test_a_job_that_begins_with_a_model_needs_fewer_people(small_world):
    drawn_job(small_world, "BoundingBox", "first")
    model = small_world.describe("first")["LabelingJobOutput"]["FinalActiveLearningModelArn"]
    drawn_job(small_world, "BoundingBox", "second", InitialActiveLearningModelArn=model)
    first, second = (small_world.describe(name)["LabelCounters"]["HumanLabeled"] for name in ("first", "second"))
    assert second < first


@pytest.mark.parametrize(("code", "why"), [(None, "there is no such model"), ("TextMultiClass", "trained for Text")])
def test_a_model_that_does_not_fit_fails_the_job(small_world, code, why):
    arn = "arn:aws:sagemaker:us-east-1:111122223333:model/other"
    if code:
        small_world.api._engine._models[arn] = (code, object())
    small_world.ten_cats()
    config = {**small_world.automated(), "InitialActiveLearningModelArn": arn}
    small_world.call("CreateLabelingJob", **small_world.request(LabelingJobAlgorithmsConfig=config))
    small_world.clock.advance(minutes=3)
    assert why in small_world.describe()["FailureReason"]


def test_missed_and_invented_boxes_count_with_nothing():
    one = {"label": "a", "left": 0, "top": 0, "width": 10, "height": 10}
    assert score_boxes([one], [one]) == 1
    assert score_boxes([], []) == 1
    assert score_boxes([], [one]) == score_boxes([one], []) == 0
    assert score_boxes([one], [one, {**one, "left": 50}]) == 0.5
    assert score_boxes([one, {**one, "label": "b"}], [one]) == 0.5


def test_a_mask_is_scored_without_its_background():
    assert score_masks(bytes([0, 1, 1, 0]), bytes([0, 1, 1, 0])) == 1
    assert score_masks(bytes(4), bytes(4)) == 1
    assert score_masks(bytes([0, 1, 1, 0]), bytes([0, 1, 0, 0])) == 0.5
    assert score_masks(bytes([1, 1]), bytes([2, 2])) == 0


@pytest.mark.parametrize(
    ("pairs", "threshold"),
    [
        ([(0.9, 0.7)] * 5, None),
        ([(0.9, 0.7)] * 30, 0.9),
        ([(0.9, 0.9)] * 30 + [(0.5, 0.1)] * 30, 0.9),
        ([(0.9, 0.9)] * 30 + [(0.8, 0.58)] * 10, 0.8),
        ([(0.9, 1.0), (0.9, 0.3)] * 8, None),
    ],
)
def test_an_overlap_must_surely_reach_its_mean(pairs, threshold):
    assert choose_threshold(pairs, 0.6)[0] == threshold
