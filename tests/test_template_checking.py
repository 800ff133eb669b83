"""The package's own templates are sound, and one broken thing a row is told by its rule alone."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.facts import task_type
from gt_vpc_nb.templates import templated, worker_template
from gt_vpc_nb.templates.checking import FIELD, looked_at, template_problems
from gt_vpc_nb.templates.reading import read_template

SCRIPT = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>\n'
BOXES = (
    SCRIPT
    + """<crowd-form>
<crowd-bounding-box name="boxes" src="{{ task.input.taskObject | grant_read_access }}"
  labels="{{ task.input.labels | to_json | escape }}" header="Box them">
  <short-instructions><p>Draw<br>boxes</p></short-instructions>
</crowd-bounding-box>
</crowd-form>"""
)
OWN = SCRIPT + '<crowd-form><crowd-input name="said"></crowd-input><p>{{ task.input.source }}</p></crowd-form>'
ENTITIES = SCRIPT + '<crowd-entity-annotation name="marks" text="{{ task.input.text }}"></crowd-entity-annotation>'


@pytest.mark.parametrize("code", templated())
def test_nothing_is_said_against_the_packages_own_templates(code):
    text = worker_template(code, instructions="Look {closely} & mark", audited="boxes")
    assert template_problems(text, task_type(code)) == []


@pytest.mark.parametrize(("text", "code"), [(BOXES, "BoundingBox"), (OWN, None), (ENTITIES, None)])
def test_nothing_is_said_against_a_sound_template_of_ones_own(text, code):
    assert template_problems(text, task_type(code) if code else None) == []


LIST = (
    '<ul>{% for one in task.input.labels limit:3 %}<li>{{ forloop.index }} {{ one["name"] | upcase }}{% endfor %}</ul>'
)
CHOICE = "{% if task.input.kind == 'a' and task.input.n > 3 %}<p>{% elsif task.input.z contains 'x' %}<p>{% endif %}"
SHOWN = '{% assign url = task.input.image | grant_read_access %}<img src="{{ url }}">'
CAUGHT = "{% capture whole %}{{ task.input.a }}{% endcapture %}{{ whole | strip }}"
QUIET = "{% comment %}{{ nothing.here }} <crowd-x>{% endcomment %}{% raw %}{{ neither }}{% endraw %}{%- # note -%}"


@pytest.mark.parametrize("inside", [LIST, CHOICE, SHOWN, CAUGHT, QUIET, "{{ task.input['source-ref'] }}"])
def test_liquid_is_read_with_its_loops_choices_names_and_comments(inside):
    assert template_problems(OWN.replace("</crowd-form>", f"{inside}</crowd-form>"), None) == []


def breaking(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


#: template, what is replaced, by what, task type, the only code told, severity, words of the message
BROKEN = [
    (BOXES, SCRIPT, "", "BoundingBox", "TPL-02", "error", "not loaded"),
    (BOXES, "https://assets.crowd.aws", "https://example.com", "BoundingBox", "TPL-02", "warning", "example.com"),
    (BOXES, "crowd-form>", "form>", "BoundingBox", "TPL-02", "error", "no <crowd-form>"),
    (ENTITIES, "<crowd-entity", "<crowd-form><crowd-entity", None, "TPL-02", "error", "form of its own"),
    (OWN, "</crowd-form>", "</crowd-form><crowd-form></crowd-form>", None, "TPL-02", "error", "2 <crowd-form>"),
    (
        OWN,
        "<crowd-form>",
        '<crowd-form></crowd-form><crowd-a name="a"></crowd-a><p>',
        None,
        "TPL-02",
        "error",
        "outside",
    ),
    (BOXES, "crowd-bounding-box", "crowd-polygon", "BoundingBox", "TPL-02", "warning", "consolidates"),
    (BOXES, 'name="boxes"', "", "BoundingBox", "TPL-02", "error", "no name"),
    (BOXES, "</crowd-bounding-box>", "", "BoundingBox", "TPL-02", "error", "Line 3: <crowd-bounding-box> has no end"),
    (OWN, "<p>", "<p><div>", None, "TPL-02", "warning", "<div> has no end"),
    (OWN, "<p>", "</div><p>", None, "TPL-02", "warning", "</div> ends nothing"),
    (OWN, '"said"></crowd-input>', '"said" />', None, "TPL-02", "warning", "browsers ignore"),
    (OWN, "source }}", "source }", None, "TPL-03", "error", "Line 2: a Liquid brace"),
    (OWN, "<p>", "<p>{% if task.input.x %}", None, "TPL-03", "error", "no {% endif %}"),
    (OWN, "<p>", "<p>{% endfor %}", None, "TPL-03", "error", "ends nothing"),
    (OWN, "task.input.source", "taks.input.source", None, "TPL-03", "error", "did you mean 'task'"),
    (OWN, "task.input.source", "one", None, "TPL-03", "error", "'one' is nothing"),
    (OWN, "task.input.source", "task.inputs.source", None, "TPL-03", "error", "not in task.input"),
    (BOXES, "task.input.labels", "task.input.lables", "BoundingBox", "TPL-03", "error", "did you mean 'labels'"),
    (BOXES, "task.input.taskObject", "task.input.labels", "BoundingBox", "TPL-03", "error", "not shown"),
    (BOXES, "{{ task.input.labels | to_json | escape }}", "['a']", "BoundingBox", "TPL-03", "warning", "not taken"),
    (BOXES, " | grant_read_access", "", "BoundingBox", "TPL-03", "error", "grant_read_access"),
    (OWN, "<p>", '<p><img src="{{ task.input.image }}">', None, "TPL-03", "warning", "without grant_read_access"),
    (OWN, "<p>", '<p><img src="s3://signs-in/help.png">', None, "TPL-03", "error", "no browser"),
    (OWN, "<p>", '<p><script src="http://example.com/a.js"></script>', None, "TPL-04", "warning", "https page"),
    (
        OWN,
        "<p>",
        '<p><script src="https://raw.githubusercontent.com/a/b/c.js"></script>',
        None,
        "TPL-04",
        "warning",
        "plain text",
    ),
]


@pytest.mark.parametrize(("text", "old", "new", "code", "rule", "severity", "words"), BROKEN)
def test_one_broken_thing_is_told_by_its_rule_alone(text, old, new, code, rule, severity, words):
    found = template_problems(breaking(text, old, new), task_type(code) if code else None)
    assert {problem.code for problem in found} == {rule}
    assert words in " ".join(problem.message for problem in found)
    assert severity in {problem.severity for problem in found}
    assert all(problem.field == FIELD and problem.remedy for problem in found)


def test_a_brace_that_is_not_closed_swallows_nothing_of_what_follows():
    text = OWN.replace("source }}", "source }</p>\n<p>{{ task.input.colour }}")
    (problem,) = template_problems(text, None)
    assert problem.message == "Line 2: a Liquid brace is opened and not ended."


HUGE = ["<a>" * 100_000 + "</b>" * 100_000, "{% raw %}" * 100_000, "{{ task.input.x | y: 'z'" * 50_000, "<" * 500_000]


@pytest.mark.parametrize("text", HUGE, ids=lambda text: text[:9])
def test_a_huge_file_that_is_no_template_is_told_in_a_few_problems(text):
    found = template_problems(text, None)
    assert 2 <= len(found) < 200
    assert max(len(problem.message) for problem in found) <= 300


def test_texts_are_shown_without_read_access():
    text = worker_template("TextMultiClass", instructions="Look")
    text = breaking(text, "task.input.taskObject", "task.input.taskObject | grant_read_access")
    (problem,) = template_problems(text, task_type("TextMultiClass"))
    assert (problem.code, problem.severity) == ("TPL-03", "warning")


def test_without_a_function_the_manifests_keys_are_all_there_is():
    assert template_problems(OWN, None, given=["source", "colour"]) == []
    (problem,) = template_problems(OWN, None, given=["text", "colour"])
    assert problem.code == "TPL-03" and "colour, text" in problem.message


def test_the_attribute_that_an_adjustment_shows_is_found():
    text = worker_template("AdjustmentBoundingBox", instructions="Look", audited="first-boxes")
    assert looked_at(text) == ("first-boxes",)
    assert looked_at(BOXES) == ()


@given(st.text(alphabet="<>{}%/ |.'\"=-abcrowdtaskinput\n[];1\ue000", max_size=120))
def test_any_text_is_answered_with_problems_and_never_with_a_crash(text):
    for kind in (None, task_type("BoundingBox")):
        found = template_problems(text, kind)
        assert all(isinstance(problem, Problem) and problem.message for problem in found)


@given(st.text(st.characters(exclude_characters="{\r"), max_size=60))
def test_attributes_come_back_as_they_were_meant(value):
    text = f'<crowd-a name="{escape(value)}" src="{{{{ task.input["x"] }}}}">'
    (element,) = read_template(text).elements
    assert element.attributes["src"] == '{{ task.input["x"] }}'
    assert element.attributes["name"] == value
