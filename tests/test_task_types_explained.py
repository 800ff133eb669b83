"""`explain`: every rule, task type and member of CreateLabelingJob in a few lines, with its source."""

from __future__ import annotations

import re

import pytest
from IPython.core.interactiveshell import InteractiveShell

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import limits, rules, task_type, task_types
from gt_vpc_nb.facts.explaining import Explanation, explain

WORDS = [*rules(), *(kind.code for kind in task_types()), *limits()]


@pytest.mark.parametrize("word", WORDS)
def test_whatever_there_is_a_fact_of_is_explained_with_its_source(word):
    found = explain(word)
    assert found.word == word and found.source and all(text for _, text in found.rows)
    assert repr(found).splitlines()[0] == word and found.source in repr(found)


TELLING = [
    ("req-04", "REQ-04"),
    ("TaskTimeLimitInSeconds", "HumanTaskConfig.TaskTimeLimitInSeconds"),
    ("RoleArn", "RoleArn"),
]


@pytest.mark.parametrize(("word", "full"), TELLING)
def test_a_word_may_be_short(word, full):
    assert explain(word).word == full


def test_a_task_type_tells_its_limits():
    rows = dict(explain("3DPointCloudObjectTracking").rows)
    assert rows["label attribute"] == "its name ends with -ref" and rows["workers an object"] == "1"
    assert rows["seconds a task"] == "30 to 2,592,000; AWS's task pages stop at 604,800"
    assert rows["label categories"] == "1 to 30, of at most 16 characters"
    rows = dict(explain("BoundingBox").rows)
    assert rows["worker interface"] == "a template with <crowd-bounding-box>"
    assert rows["Mechanical Turk"] == "yes, at 0.036 to 1.200 USD a task"
    assert dict(explain("VerificationBoundingBox").rows)["looks at"].startswith("labels of BoundingBox")
    assert task_type("BoundingBox").default_workers == int(re.search(r"; (\d)", rows["workers an object"])[1])


WRONG = [
    ("boundingbox", "did you mean 'BoundingBox'?"),
    ("REQ-99", "did you mean 'REQ-0"),
    ("TaskTimeLimit", "did you mean 'TaskTimeLimitInSeconds'?"),
    ("SnsTopicArn", "is several members of CreateLabelingJob; name one: InputConfig"),
    ("quite something else", "REQ-01, BoundingBox and RoleArn are."),
]


@pytest.mark.parametrize(("word", "sentence"), WRONG)
def test_a_word_of_which_nothing_is_known_is_answered_with_the_nearest(word, sentence):
    with pytest.raises(RequestError) as refused:
        explain(word)
    assert sentence in str(refused.value)


def test_an_explanation_is_text_wherever_it_is_shown():
    shown = Explanation("<b>", (("<i>", "<script>"),), "<u>")._repr_html_()
    assert "<b>" not in shown and "<script>" not in shown and "&lt;script&gt;" in shown
    assert '<th scope="row"' in shown and "<caption>" in shown


def test_the_magic_gives_the_explanation():
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "gt_vpc_nb")
    assert shell.run_line_magic("gt_vpc", "explain LAB-04") == explain("LAB-04")
    shell.run_line_magic("unload_ext", "gt_vpc_nb")
