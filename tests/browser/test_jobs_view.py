"""The jobs view in a browser: filtered, a job chosen, watched and stopped by mouse and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

OPEN = """
from gt_vpc_nb import LabelingJob
from gt_vpc_nb.forms import JobsView
from gt_vpc_nb.local import LocalAws
aws = LocalAws.example(seed=7)
world, session = aws.world, aws.session(vpc_endpoint=aws.world.vpc_endpoint)
job = (LabelingJob.in_vpc(world.vpc).named("shapes-1").in_region(world.region)
    .task("ImageMultiClass", title="Sort shapes", description="Choose one", keywords=["Images"])
    .input(f"s3://{world.input_bucket}/images.manifest").output(f"s3://{world.output_bucket}/labels/")
    .label_categories(["circle", "square"]).workers(world.workteam, per_object=3, time_limit=300).as_role(world.role))
for name in ("shapes-1", "shapes-2", "others-1"):
    job.named(name).submit(session)
view = JobsView(session)
view
"""
FORM = ".gt-vpc-nb-form"
KEPT = f".jp-OutputArea-output:not(:has({FORM}))"
STATUS = "print(session.client('sagemaker').describe_labeling_job(LabelingJobName='{}')['LabelingJobStatus'])"
pytestmark = pytest.mark.sockets


@pytest.fixture
def book(notebook: Callable[..., Any]) -> Any:
    return notebook(OPEN).run()


def form(book: Any) -> Locator:
    return book.page.locator(FORM)


def kept(book: Any, text: str) -> Locator:
    """What needs no kernel and has this text: the plain result, wherever else in the cell plain text stands."""
    return book.page.locator(KEPT).filter(has_text=text).first


def button(book: Any, name: str) -> Locator:
    return form(book).get_by_role("button", name=name, exact=True)


def rows(book: Any) -> Locator:
    return form(book).get_by_role("row")


def test_a_job_is_watched_to_its_end_and_another_is_stopped_by_mouse(book: Any) -> None:
    expect(rows(book)).to_have_count(4)
    form(book).get_by_label("Name contains", exact=True).fill("shapes")
    expect(rows(book)).to_have_count(3)
    choice = form(book).get_by_label("Labeling job", exact=True)
    choice.select_option(label=choice.locator("option", has_text="shapes-2").inner_text())
    expect(form(book)).to_contain_text("chosen: shapes-2")
    button(book, "Stop job…").click()
    expect(form(book)).to_contain_text("Stop labeling job 'shapes-2'?")
    button(book, "Yes, stop it").click()
    expect(form(book).get_by_role("status").first).to_contain_text("Done")
    assert book.run_cell(STATUS.format("shapes-2")).inner_text().strip() in ("Stopping", "Stopped")
    choice.select_option(label=choice.locator("option", has_text="shapes-1").inner_text())
    expect(form(book)).to_contain_text("chosen: shapes-1")
    button(book, "Watch").click()
    book.run_cell("aws.clock.advance(hours=24)")
    expect(form(book).locator(".gt-vpc-nb-watch")).to_contain_text("Completed")
    button(book, "Open labels").click()
    expect(kept(book, "Labels of labeling job 'shapes-1'")).to_be_visible()
    book.picture("jobs-view-used")
    book.reopened().picture("jobs-view-reopened")
    expect(kept(book, "Labels of labeling job 'shapes-1'")).to_be_visible()


def test_a_job_is_diagnosed_by_keyboard_alone(book: Any) -> None:
    book.tab_to("Name contains")
    book.page.keyboard.insert_text("others")
    expect(rows(book)).to_have_count(2)
    book.tab_to("Diagnose")
    book.page.keyboard.press("Enter")
    expect(kept(book, "Diagnosis of labeling job 'others-1'")).to_be_visible()


@pytest.fixture(scope="module")
def seen(notebooks: Callable[..., Any]) -> Any:
    """A view with a job that is watched and its labels; the tests below only look at it."""
    book = notebooks(OPEN).run()
    book.run_cell("aws.clock.advance(hours=24)")
    button(book, "Refresh").click()
    expect(rows(book).nth(1)).to_contain_text("Completed")
    button(book, "Watch").click()
    button(book, "Open labels").click()
    expect(kept(book, "Labels of labeling job")).to_be_visible()
    return book


@pytest.mark.parametrize("theme", ["Light", "Dark", "Dark High Contrast"])
def test_axe_finds_nothing_in_the_view_or_in_what_stays_of_it(seen: Any, theme: str) -> None:
    seen.resize(1500).theme(theme).picture(f"jobs-view-{theme}")
    assert seen.violations(FORM) == []
    assert seen.violations(KEPT) == []


@pytest.mark.parametrize(("width", "zoom"), [(700, 1), (1500, 4)], ids=["700 px", "400 %"])
def test_nothing_of_the_view_is_cut_off_or_hidden(seen: Any, width: int, zoom: float) -> None:
    seen.theme("Light").resize(width, zoom).picture(f"jobs-view-{width}-{zoom}")
    assert seen.unreadable(FORM) == []


def test_the_page_reported_no_error(seen: Any) -> None:
    assert seen.errors == []
