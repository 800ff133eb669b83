"""The worker task templates as RenderUiTemplate of the local AWS shows them: no errors, and values tools can read."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from gt_vpc_nb.facts import task_type
from gt_vpc_nb.templates import templated, worker_template
from tests.local.conftest import SmallWorld

LABELS = ["car", 'it\'s "new" & <b>']
BOXES = [{"class_id": at, "left": 1, "top": 2, "width": 30, "height": 4} for at in (0, 1)]
COLOURS = {0: ("BACKGROUND", "#ffffff"), 1: (LABELS[0], "#2ca02c"), 2: (LABELS[1], "#1f77b4")}


class Values(HTMLParser):
    """Every attribute of every element, by the element's name, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.of: dict[str, dict] = {}
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.of[tag] = dict(attributes)

    def handle_data(self, data):
        self.text += data


def task_input(code: str, name: str) -> dict:
    kind = task_type(code)
    if kind.job_kind == "custom":
        return {"source-ref": "s3://in/1.png"}
    shown = "Some <text>" if kind.modality == "text" else "s3://in/1.png"
    line = {"source-ref": shown}
    if kind.base_task == "BoundingBox":
        line |= {name: {"annotations": BOXES}, f"{name}-metadata": {"class-map": dict(zip("01", LABELS, strict=True))}}
    elif kind.base_task:
        colours = {str(at): {"class-name": each, "hex-color": colour} for at, (each, colour) in COLOURS.items()}
        line |= {name: "s3://in/mask.png", f"{name}-metadata": {"internal-color-map": colours}}
    return {"taskObject": shown, "labels": LABELS, "manifestLine": line}


def shown(code: str, name: str = "first-labels") -> Values:
    template = worker_template(code, instructions="Look {{ twice }}.", audited=name)
    return render(template, task_input(code, name))


def render(template: str, given: dict) -> Values:
    told = SmallWorld().call(
        "RenderUiTemplate",
        UiTemplate={"Content": template},
        Task={"Input": json.dumps(given)},
        RoleArn="arn:aws:iam::111122223333:role/labeling",
    )
    assert told["Errors"] == []
    return Values(told["RenderedContent"])


@pytest.mark.parametrize("code", templated())
def test_a_template_renders_without_errors_and_shows_object_labels_and_instructions(code):
    kind, values = task_type(code), shown(code)
    assert "Look {{ twice }}." in values.text
    element = values.of[kind.crowd_element]
    if kind.job_kind != "custom":
        assert json.loads(element.get("labels") or element["categories"]) == LABELS
    if kind.modality == "text":
        assert "Some <text>" in values.text
    else:
        tag = {"video clip": "video", "any": "img"}.get(kind.modality, kind.crowd_element)
        assert "1.png" in values.of[tag]["src"]


@pytest.mark.parametrize("name", ["first-labels", "2026-labels"])
def test_earlier_boxes_are_shown_to_be_corrected_and_to_be_judged(name):
    boxes = [{"label": label, "left": 1, "top": 2, "width": 30, "height": 4} for label in LABELS]
    adjusted = shown("AdjustmentBoundingBox", name).of["crowd-bounding-box"]
    assert json.loads(adjusted["initial-value"]) == boxes
    judged = shown("VerificationBoundingBox", name).of["crowd-image-classifier"]
    assert json.loads(judged["overlay"]) == {"boundingBox": {"labels": LABELS, "value": boxes}}


@pytest.mark.parametrize("name", ["first-ref", "2026-ref"])
def test_earlier_masks_are_shown_with_their_colours_and_without_the_background(name):
    mappings = {label: {"color": colour} for label, colour in list(COLOURS.values())[1:]}
    adjusted = json.loads(
        shown("AdjustmentSemanticSegmentation", name).of["crowd-semantic-segmentation"]["initial-value"]
    )
    judged = json.loads(shown("VerificationSemanticSegmentation", name).of["crowd-image-classifier"]["overlay"])
    assert "mask.png" in adjusted.pop("src") and adjusted == {"labelMappings": mappings}
    assert "mask.png" in judged["semanticSegmentation"].pop("src")
    assert judged == {"semanticSegmentation": {"labels": LABELS, "labelMappings": mappings}}


@pytest.mark.parametrize("code", ["AdjustmentBoundingBox", "VerificationBoundingBox"])
def test_a_picture_without_boxes_is_shown_as_such(code):
    given = task_input(code, "boxes")
    given["manifestLine"] |= {"boxes": {"annotations": []}, "boxes-metadata": {"class-map": {}}}
    values = render(worker_template(code, instructions="", audited="boxes"), given)
    if code.startswith("Verification"):
        overlay = json.loads(values.of["crowd-image-classifier"]["overlay"])
        assert overlay == {"boundingBox": {"labels": [], "value": []}}
    else:
        assert json.loads(values.of["crowd-bounding-box"]["initial-value"]) == []


OBJECTS = [
    ({"source": "Some <text>"}, "blockquote", None),
    ({"source-ref": "s3://in/1.JPG"}, "img", "src"),
    ({"source-ref": "s3://in/1.mp4"}, "video", "src"),
    ({"source-ref": "s3://in/1.wav"}, "audio", "src"),
    ({"source-ref": "s3://in/1.pdf"}, "a", "href"),
]


@pytest.mark.parametrize(("line", "tag", "attribute"), OBJECTS)
def test_pass_through_shows_whatever_the_object_is(line, tag, attribute):
    values = render(worker_template("PassThrough", instructions="Look."), line)
    assert tag in values.of and values.of["crowd-text-area"]["name"] == "answer"
    if attribute:
        assert line["source-ref"][-5:] in values.of[tag][attribute]
    else:
        assert "Some <text>" in values.text
