"""All 23 task types, complete, partly failed and stopped: every line of the output is held to its documented format."""

from __future__ import annotations

import io
import json
import re
import zlib

import pytest
from PIL import Image

from gt_vpc_nb import labels
from gt_vpc_nb.facts import task_type, task_types
from gt_vpc_nb.local.workers import Worker
from tests.local.scenes import COUNT, CUBOID, FRAMES, LABELS, scene

CODES = [each.code for each in task_types()]
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")


def lay_out(world, code, picture, lines=None):
    found = scene(code, picture)
    kind = task_type(code)
    audits = kind.base_task is not None
    world.objects |= {("in", name): data for name, data in found.files.items()}
    world.objects["in", "input.manifest"] = "".join(
        json.dumps(line, ensure_ascii=False) + "\n" for line in (lines or found.lines)
    ).encode()
    category = found.category | ({"auditLabelAttributeName": audited(code)} if audits else {})
    world.objects["in", "labels.json"] = json.dumps(category).encode()
    world.objects["in", "template.html"] = b"<crowd-form></crowd-form>"
    world.staff(found.truth, 0.1, 1 if kind.one_worker else 3)
    return found


def audited(code):
    return "label-ref" if task_type(task_type(code).base_task).needs_ref else "label"


def attribute(code):
    if task_type(code).base_task is None:
        return "label-ref" if task_type(code).needs_ref else "label"
    return "checked-ref" if task_type(code).needs_ref else "checked"


def create(world, code, name="job"):
    workers = 1 if task_type(code).one_worker else 3
    world.call(
        "CreateLabelingJob", **world.request(code, name=name, workers=workers, LabelAttributeName=attribute(code))
    )


def start(world, code, picture):
    """Begins the job; what it looks at again is labeled by a job before it."""
    base, lines = task_type(code).base_task, None
    if base:
        lay_out(world, base, picture)
        create(world, base, "before")
        world.clock.advance(days=2)
        assert world.describe("before")["LabelingJobStatus"] == "Completed", world.describe("before")
        lines = world.output("before")
    lay_out(world, code, picture, lines)
    create(world, code)
    return lines


def one_class(world, code, line, label, metadata):
    assert LABELS[int(label)] == metadata["class-name"]
    assert isinstance(label, str) == code.startswith("Verification")
    assert 0 <= metadata["confidence"] <= 1


def several(world, code, line, label, metadata):
    assert metadata["class-map"] == {str(number): LABELS[number] for number in label}
    assert set(metadata["confidence-map"]) == set(metadata["class-map"])


def boxes(world, code, line, label, metadata):
    assert label["image_size"] == [{"width": 40, "height": 30, "depth": 1}]
    for each in label["annotations"]:
        assert set(each) == {"class_id", "left", "top", "width", "height"}
        assert metadata["class-map"][str(each["class_id"])] == LABELS[each["class_id"]]
    assert len(metadata["objects"]) == len(label["annotations"])


def mask(world, code, line, label, metadata):
    colours = metadata["internal-color-map"]
    assert colours["0"]["class-name"] == "BACKGROUND" and colours["0"]["hex-color"] == "#ffffff"
    assert len({each["confidence"] for each in colours.values()}) == 1
    png = Image.open(io.BytesIO(fetched(world, label)))
    shown = {f"#{red:02x}{green:02x}{blue:02x}" for _, (red, green, blue) in png.getcolors()}
    assert png.size == (40, 30) and shown == {each["hex-color"] for each in colours.values()}


def entities(world, code, line, label, metadata):
    inner = label["annotations"]
    assert [each["label"] for each in inner["labels"]] == list(LABELS)
    assert inner["labels"][0]["shortDisplayName"] == "c"
    assert len(metadata["entities"]) == len(inner["entities"])
    for each in inner["entities"]:
        assert set(each) == {"label", "startOffset", "endOffset"}
        assert "e" in line["source"][each["startOffset"] : each["endOffset"]]


def frames(world, code, line, label, metadata):
    assert metadata["class-map"] == {str(number): name for number, name in enumerate(LABELS)}
    tracked = "Tracking" in code
    document = json.loads(fetched(world, label))
    assert label.endswith("/SeqLabel.json")
    rows = document["tracking-annotations" if tracked else "detection-annotations"]
    assert [(row["frame-no"], row["frame"]) for row in rows] == list(enumerate(FRAMES))
    ids = set()
    for each in (drawn for row in rows for drawn in row["annotations"]):
        assert {"height", "width", "top", "left", "class-id", "label-category-attributes"} <= set(each)
        assert isinstance(each["class-id"], str)
        ids.add(each.get("object-id"))
    assert (ids != {None}) == tracked and len(ids) <= 1


def cuboids(world, code, line, label, metadata):
    assert metadata["class_map"] == {str(number): name for number, name in enumerate(LABELS)}
    assert metadata["objects"] == [] and metadata["dataset-object-attributes"] == {}
    for each in label["annotations"]:
        assert set(CUBOID) < set(each) and isinstance(each["class-id"], int)
        assert each["object-name"].startswith(LABELS[each["class-id"]])


def tracks(world, code, line, label, metadata):
    rows = json.loads(fetched(world, label))["tracking-annotations"]
    assert [(row["frame-number"], row["frame-name"]) for row in rows] == list(enumerate(FRAMES))
    assert metadata["objects"] == [{"frame-no": number, "confidence": []} for number in range(3)]
    ids = {each["object-id"] for row in rows for each in row["annotations"]}
    assert len(ids) <= 1


def points(world, code, line, label, metadata):
    classes = zlib.decompress(fetched(world, label))
    assert len(classes) == 5
    assert {metadata["color-map"][str(number)]["class-name"] for number in classes} <= {"Background", *LABELS}


def passed_through(world, code, line, label, metadata):
    assert label == {}
    answers = json.loads(fetched(world, metadata["worker-response-ref"]))["answers"]
    assert answers[0]["answerContent"]["verdict"] in LABELS


def fetched(world, uri):
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return world.objects[bucket, key]


#: Task type -> the check of its label, and the members of its metadata besides the common ones.
FORMATS = {
    "ImageMultiClass": (one_class, {"class-name", "confidence"}),
    "TextMultiClass": (one_class, {"class-name", "confidence"}),
    "VideoMultiClass": (one_class, {"class-name", "confidence"}),
    "ImageMultiClassMultiLabel": (several, {"class-map", "confidence-map"}),
    "TextMultiClassMultiLabel": (several, {"class-map", "confidence-map"}),
    "BoundingBox": (boxes, {"objects", "class-map"}),
    "VerificationBoundingBox": (one_class, {"class-name", "confidence"}),
    "SemanticSegmentation": (mask, {"internal-color-map"}),
    "VerificationSemanticSegmentation": (one_class, {"class-name", "confidence"}),
    "NamedEntityRecognition": (entities, {"entities"}),
    "VideoObjectDetection": (frames, {"class-map"}),
    "VideoObjectTracking": (frames, {"class-map"}),
    "3DPointCloudObjectDetection": (cuboids, {"objects", "class_map", "dataset-object-attributes"}),
    "3DPointCloudObjectTracking": (tracks, {"objects", "class-map"}),
    "3DPointCloudSemanticSegmentation": (points, {"color-map"}),
    "PassThrough": (passed_through, {"worker-response-ref"}),
}


def check_line(world, code, line, before):
    kind, name = task_type(code), attribute(code)
    label, metadata = line[name], line[f"{name}-metadata"]
    check, more = FORMATS[code.removeprefix("Adjustment")]
    dash = "_" if code == "PassThrough" else "-"
    common = {"type", f"job{dash}name", "human-annotated", f"creation{dash}date"}
    adjusted = {"adjustment-status"} if code.startswith("Adjustment") else set()
    assert set(metadata) == common | more | adjusted
    assert kind.output_type in (None, metadata["type"]) and metadata["human-annotated"] == "yes"
    assert STAMP.fullmatch(metadata[f"creation{dash}date"])
    assert set(line) - {name, f"{name}-metadata"} == before
    check(world, code, line, label, metadata)


def check_output(world, code, before, states):
    """Every line, and that the counters say the same as the lines."""
    lines = world.output()
    done = [line for line in lines if attribute(code) in line]
    for line in done:
        check_line(world, code, line, before)
    counters = world.describe()["LabelCounters"]
    assert counters["TotalLabeled"] == counters["HumanLabeled"] == len(done)
    assert sum(counters[name] for name in ("TotalLabeled", "FailedNonRetryableError", "Unlabeled")) == COUNT
    assert world.describe()["LabelingJobStatus"] == states
    manifest = world.objects["out", "jobs/job/manifests/output/output.manifest"]
    assert manifest.decode().count("\n") == len(lines) == COUNT
    return done, counters


def keys_of(code, lines):
    return set(lines[0]) if lines else set(scene(code, lambda *_: b"").lines[0])


@pytest.mark.parametrize("code", CODES)
def test_a_complete_job_writes_the_documented_format(small_world, picture, code, tmp_path):
    before = keys_of(code, start(small_world, code, picture))
    small_world.clock.advance(days=2)
    done, counters = check_output(small_world, code, before, "Completed")
    assert len(done) == COUNT
    file = tmp_path / "output.manifest"
    file.write_bytes(small_world.objects["out", "jobs/job/manifests/output/output.manifest"])
    read = labels.read(file, attribute(code))
    assert len(read.objects) == COUNT and read.objects["labeled"].all()


@pytest.mark.parametrize("code", CODES)
def test_a_partly_failed_job_leaves_the_failed_lines_as_they_came(small_world, picture, code):
    before = keys_of(code, start(small_world, code, picture))
    key = scene(code, picture).lines[3]
    if "source-ref" in key:
        del small_world.objects["in", key["source-ref"].removeprefix("s3://in/")]
    else:
        text, truth = key["source"], scene(code, picture).truth
        shy = Worker("shy", lambda task: None if task.key == text else truth[task.key], lambda task: 5)
        small_world.api.staff("labelers", [shy, *(Worker(f"w{n}", shy.answer, shy.seconds) for n in (1, 2))])
    small_world.clock.advance(days=2)
    done, counters = check_output(small_world, code, before, "Completed")
    assert (len(done), counters["FailedNonRetryableError"]) == (COUNT - 1, 1)
    assert set(small_world.output()[3]) == before


@pytest.mark.parametrize("code", CODES)
def test_a_stopped_job_keeps_what_was_labeled(small_world, picture, code):
    before = keys_of(code, start(small_world, code, picture))
    small_world.clock.advance(seconds=100)
    small_world.call("StopLabelingJob", LabelingJobName="job")
    small_world.clock.advance(minutes=5)
    done, counters = check_output(small_world, code, before, "Stopped")
    assert 0 < len(done) < COUNT and counters["Unlabeled"] == COUNT - len(done)


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("Adjustment")])
def test_whoever_finds_a_label_right_leaves_it_unadjusted(small_world, picture, code):
    start(small_world, code, picture)
    keep = lambda task: task.prior  # noqa: E731
    names = ["ann"] if task_type(code).one_worker else ["ann", "ben", "cleo"]
    small_world.api.staff("labelers", [Worker(name, keep, lambda task: 5) for name in names])
    small_world.clock.advance(days=2)
    states = {line[f"{attribute(code)}-metadata"]["adjustment-status"] for line in small_world.output()}
    assert states == {"unadjusted"}


def test_a_tool_of_video_frames_that_is_left_out_fails_the_job_and_is_named(small_world, picture):
    start(small_world, "VideoObjectDetection", picture)
    category = json.loads(small_world.objects["in", "labels.json"])
    small_world.objects["in", "labels.json"] = json.dumps({**category, "annotationType": "Polyline"}).encode()
    small_world.clock.advance(minutes=2)
    assert small_world.describe()["LabelingJobStatus"] == "Failed"
    assert "does not simulate the annotationType Polyline" in small_world.describe()["FailureReason"]
