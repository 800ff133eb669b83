"""The labeling job form in a browser: filled in by mouse and by keyboard alone, sent, watched, and opened again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from gt_vpc_nb.facts import task_type
from gt_vpc_nb.local import LocalAws

OPEN = """
from gt_vpc_nb.forms import LabelingJobForm
from gt_vpc_nb.local import LocalAws
aws = LocalAws.example(seed=7)
session = aws.session(vpc_endpoint=aws.world.vpc_endpoint)
form = LabelingJobForm(session=session)
form
"""
FORM = ".gt-vpc-nb-form"
KEPT = f".jp-OutputArea-output:not(:has({FORM}))"
#: The world of a seed is the same in the notebook's kernel and here.
WORLD = LocalAws.example(seed=7).world
SORTING = task_type("ImageMultiClass")
ANSWERS = {
    "Task type": f"{SORTING.display_name} ({SORTING.code})",
    "Job name": "shapes-1",
    "Region": WORLD.region,
    "Title": "Sort shapes",
    "Description": "Choose one",
    "Keywords": "Images",
    "Input manifest": f"s3://{WORLD.input_bucket}/images.manifest",
    "Output path": f"s3://{WORLD.output_bucket}/labels/",
    "VPC": WORLD.vpc,
    "Subnets": "\n".join(WORLD.subnets),
    "Security groups": "\n".join(WORLD.security_groups),
    "VPC endpoints for S3": WORLD.vpc_endpoint,
    "Work team": "labelers",
    "Workers for each data object": "3",
    "Seconds for a task": "300",
    "Execution role": WORLD.role,
    "Label names": "circle\nsquare",
}
ORDER = [
    "Task type", "Job name", "Region", "Title", "Description", "Keywords", "Input manifest", "Output path", "VPC",
    "Subnets", "Security groups", "VPC endpoints for S3", "Label names", "Work team", "Workers for each data object",
    "Seconds for a task", "Execution role",
]  # fmt: skip
pytestmark = pytest.mark.sockets


@pytest.fixture
def book(notebook: Callable[..., Any]) -> Any:
    return notebook(OPEN).run()


def form(book: Any) -> Locator:
    return book.page.locator(FORM)


def fill_in_by_mouse(book: Any, answers: dict[str, str]) -> None:
    for label, answer in answers.items():
        field = form(book).get_by_label(label, exact=True)
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(label=answer)
        else:
            field.click()
            field.fill(answer)


def choose_by_arrows(book: Any, field: Locator, answer: str) -> None:
    """Opens the list and goes down to the answer. (On a closed list JupyterLab takes the arrow keys for its cells.)"""
    expect(field.locator("option").filter(has_text=answer).first).to_be_attached()
    # ipywidgets writes its spaces so that no line breaks at them.
    said = "option => option.label.replaceAll('\\u00a0', ' ')"
    labels = field.evaluate(f"each => [...each.options].map({said})")
    here = field.evaluate("each => each.selectedIndex")
    book.page.keyboard.press("Alt+ArrowDown")
    for _ in range(labels.index(answer) - here):
        book.page.keyboard.press("ArrowDown")
    book.page.keyboard.press("Enter")
    assert field.evaluate(f"each => ({said})(each.selectedOptions[0])") == answer


def kept(book: Any, text: str) -> Locator:
    """What needs no kernel and has this text: the plain result, wherever else in the cell plain text stands."""
    return book.page.locator(KEPT).filter(has_text=text).first


def button(book: Any, name: str) -> Locator:
    return form(book).get_by_role("button", name=name, exact=True)


def the_job(book: Any) -> dict[str, Any]:
    """What the local AWS in the kernel says of the job."""
    told = book.run_cell(
        "import json; job = session.client('sagemaker').describe_labeling_job(LabelingJobName='shapes-1')\n"
        "print(json.dumps({'status': job['LabelingJobStatus'], 'title': job['HumanTaskConfig']['TaskTitle'],"
        " 'labeled': job['LabelCounters']['TotalLabeled']}))"
    )
    return json.loads(told.inner_text())


def test_filled_in_by_mouse_sent_watched_to_the_end_and_opened_again(book: Any) -> None:
    expect(button(book, "Submit")).to_be_disabled()
    fill_in_by_mouse(book, ANSWERS)
    book.picture("job-form-filled")
    expect(button(book, "Submit")).to_be_enabled()
    button(book, "Submit").click()
    expect(kept(book, "Submitted")).to_be_visible()
    assert the_job(book) == {"status": "Initializing", "title": "Sort shapes", "labeled": 0}
    book.run_cell("aws.clock.advance(hours=24)")
    watched = book.run_cell("from gt_vpc_nb import labeling_job\nlabeling_job('shapes-1', session=session).watch()")
    expect(watched).to_contain_text("Completed")
    assert the_job(book)["labeled"] == 20
    assert book.violations(".jp-OutputArea-output") == []
    book.reopened().picture("job-form-reopened")
    expect(kept(book, "Submitted")).to_be_visible()
    expect(book.page.locator(".jp-OutputArea").nth(-2)).to_contain_text("Completed")


def test_filled_in_and_sent_by_keyboard_alone(book: Any) -> None:
    for label in ORDER:
        field = book.tab_to(label)
        if field.evaluate("each => each.tagName") == "SELECT":
            choose_by_arrows(book, field, ANSWERS[label])
        else:
            book.page.keyboard.insert_text(ANSWERS[label])
    book.picture("job-form-by-keyboard")
    expect(button(book, "Submit")).to_be_enabled()
    book.tab_to("Submit")
    book.page.keyboard.press("Enter")
    expect(kept(book, "Submitted")).to_be_visible()
    assert the_job(book)["title"] == "Sort shapes"


def test_what_is_wrong_stands_under_its_field_as_it_is_typed(book: Any) -> None:
    fill_in_by_mouse(book, {**ANSWERS, "Job name": "no spaces"})
    field = form(book).locator(".gt-vpc-nb-field").filter(has=book.page.get_by_label("Job name", exact=True))
    expect(field.get_by_role("alert").first).to_contain_text("REQ-01")
    expect(button(book, "Submit")).to_be_disabled()
    expect(form(book)).to_contain_text(re.compile("Submit is off.*Job name"))
    field.get_by_label("Job name", exact=True).fill("shapes-1")
    expect(field.get_by_role("alert")).to_have_count(0)
    expect(button(book, "Submit")).to_be_enabled()


@pytest.fixture(scope="module")
def wrong(notebooks: Callable[..., Any]) -> Any:
    """A form that has something to say about a field; the tests below only look at it."""
    book = notebooks(OPEN).run()
    assert book.violations(FORM) == []
    fill_in_by_mouse(book, {**ANSWERS, "Job name": "no spaces"})
    expect(form(book).get_by_role("alert").first).to_be_visible()
    return book


@pytest.mark.parametrize("theme", ["Light", "Dark", "Dark High Contrast"])
def test_axe_finds_nothing_in_the_form(wrong: Any, theme: str) -> None:
    wrong.resize(1500).theme(theme).picture(f"job-form-{theme}")
    assert wrong.violations(FORM) == []


@pytest.mark.parametrize(("width", "zoom"), [(700, 1), (1500, 4)], ids=["700 px", "400 %"])
def test_nothing_of_the_form_is_cut_off_or_hidden(wrong: Any, width: int, zoom: float) -> None:
    wrong.theme("Light").resize(width, zoom)
    form(wrong).scroll_into_view_if_needed()
    wrong.picture(f"job-form-{width}-{zoom}")
    assert wrong.unreadable(FORM) == []


def test_the_page_reported_no_error(wrong: Any) -> None:
    assert wrong.errors == []
