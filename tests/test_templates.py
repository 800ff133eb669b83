"""The worker task templates: well-formed HTML, crowd elements in their form, Liquid that ends, words for everybody."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import task_type, task_types
from gt_vpc_nb.templates import templated, worker_template
from gt_vpc_nb.templates.checking import template_problems

VOID = {"img", "br", "input", "link", "meta"}
LIQUID = re.compile(r"\{%-?\s*(\w+).*?-?%\}|\{\{.*?\}\}", re.DOTALL)
OPENING = {"if", "for", "case", "capture", "unless"}


class Tree(HTMLParser):
    """Reads HTML and refuses what is not nested: every element with its attributes and its parents."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict, tuple[str, ...]]] = []
        self.text: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice"
        self.elements.append((tag, dict(attributes), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> in {self.open}"
        self.open.pop()

    def handle_data(self, data):
        if self.open:
            self.text[self.open[-1]] = self.text.get(self.open[-1], "") + data

    def all(self, tag):
        return [(attributes, parents) for name, attributes, parents in self.elements if name == tag]


def text_of(code, **more):
    told = {"instructions": "Look.", "full_instructions": "Look twice.\n\nThen decide.", "audited": "boxes"} | more
    return worker_template(code, **told)


def without_liquid(text):
    return LIQUID.sub("", text)


def test_every_task_type_has_a_template_of_ours_or_an_interface_of_awss():
    assert set(templated()) == {kind.code for kind in task_types() if kind.ui == "template"}
    assert all(kind.human_task_ui for kind in task_types() if kind.ui == "human-task-ui")


@pytest.mark.parametrize("code", templated())
def test_a_template_is_well_formed_html_with_the_script_and_one_form_around_the_element(code):
    tree = Tree(without_liquid(text_of(code)))
    assert tree.all("script") == [({"src": "https://assets.crowd.aws/crowd-html-elements.js"}, ())]
    assert len(tree.all("crowd-form")) == 1 and tree.all("crowd-form")[0][1] == ()
    element = task_type(code).crowd_element
    assert len(tree.all(element)) == 1
    crowd = [(tag, parents) for tag, _, parents in tree.elements if tag.startswith("crowd-") and tag != "crowd-form"]
    assert crowd and all(parents[0] == "crowd-form" for _, parents in crowd)
    assert all(attributes.get("name") for tag, attributes, _ in tree.elements if (tag, ("crowd-form",)) in crowd)


@pytest.mark.parametrize("code", templated())
def test_nothing_is_wrong_with_a_template_of_ours(code):
    assert template_problems(text_of(code), task_type(code)) == []


@pytest.mark.parametrize("code", templated())
def test_every_tag_of_liquid_that_opens_is_closed(code):
    stack = []
    text = text_of(code)
    for found in LIQUID.finditer(text):
        word = found[1]
        if word in OPENING:
            stack.append(word)
        elif word and word.startswith("end"):
            assert stack and stack.pop() == word.removeprefix("end"), found[0]
    assert stack == []
    left = LIQUID.sub("", text)
    assert "{%" not in left and "{{" not in left and "@@" not in text


@pytest.mark.parametrize("code", templated())
def test_every_object_in_s3_is_shown_by_a_granted_address(code):
    text = text_of(code)
    kind = task_type(code)
    sources = re.findall(r'\bsrc"?[=:]\s*"(\{\{[^"]*\}\})"', text)
    assert all("| grant_read_access" in each for each in sources)
    assert bool(sources) == (kind.modality != "text")
    assert ("task.input.taskObject" in text) == (kind.job_kind != "custom")


@pytest.mark.parametrize("code", templated())
def test_who_listens_to_a_template_is_told_as_much_as_who_sees_it(code):
    tree = Tree(without_liquid(text_of(code)))
    for attributes, _ in tree.all("img"):
        assert attributes["alt"]
    for tag in ("video", "audio", "section"):
        assert all(attributes["aria-label"] for attributes, _ in tree.all(tag))
    for tag, attributes, _ in tree.elements:
        if tag.startswith("crowd-") and tag != "crowd-form":
            assert attributes.get("header") or attributes.get("label"), tag
    assert all(attributes["header"] for attributes, _ in tree.all("full-instructions"))
    assert "Look." in text_of(code) or task_type(code).job_kind == "custom"


@pytest.mark.parametrize("code", templated())
def test_instructions_are_paragraphs_of_text_and_never_code(code):
    text = text_of(code, instructions="Mind {{ the }} <gap>", full_instructions='One {% if %}\n\nTwo @@AUDITED@@ & "x"')
    assert "<gap>" not in text and "{% if %}" not in text
    assert "<p>One &#123;% if %&#125;</p>\n<p>Two @@AUDITED@@ &amp; &quot;x&quot;</p>" in text
    Tree(without_liquid(text))


AUDITS = ["AdjustmentBoundingBox", "AdjustmentSemanticSegmentation"]
AUDITS += ["VerificationBoundingBox", "VerificationSemanticSegmentation"]


@pytest.mark.parametrize("code", AUDITS)
def test_an_audit_shows_the_labels_that_it_is_told_to(code):
    assert "task.input.manifestLine.boxes-metadata." in text_of(code)
    assert 'task.input.manifestLine["2026-boxes-metadata"].' in text_of(code, audited="2026-boxes")
    with pytest.raises(RequestError, match="say which"):
        worker_template(code, instructions="", audited=None)


@pytest.mark.parametrize("code", [code for code in AUDITS if code.startswith("Verification")])
def test_a_verification_asks_for_an_opinion_and_takes_a_comment(code):
    tree = Tree(without_liquid(text_of(code)))
    ((attributes, _),) = tree.all("crowd-image-classifier")
    assert attributes["name"] == "crowd-image-classifier" and "overlay" in attributes
    assert tree.all("worker-comment")[0][0]["header"]


def test_the_opinions_of_a_verification_come_from_its_own_label_categories():
    job = LabelingJob.example("VerificationBoundingBox")
    files = {uri.rpartition("/")[2]: data.decode() for uri, data in job.files().items()}
    assert [each["label"] for each in json.loads(files["label-categories.json"])["labels"]] == ["good", "bad"]
    assert 'categories="{{ task.input.labels | to_json | escape }}"' in files["template.liquid.html"]
    assert "manifestLine.boundingbox-1.annotations" in unescape(files["template.liquid.html"])


def test_the_template_of_a_job_carries_its_instructions():
    job = LabelingJob.example("BoundingBox").label_categories(["car"], instructions="Tight.", full_instructions="Very.")
    files = {uri.rpartition("/")[2]: data.decode() for uri, data in job.files().items()}
    assert "<p>Tight.</p>" in files["template.liquid.html"] and "<p>Very.</p>" in files["template.liquid.html"]
    assert "instructions" not in json.loads(files["label-categories.json"])
