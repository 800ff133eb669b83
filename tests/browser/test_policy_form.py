"""The policy form in a browser: used by mouse and by keyboard alone, undone, and what stays without a kernel."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

OPEN = """
import json
from gt_vpc_nb import Perimeter
from gt_vpc_nb.forms import PolicyForm
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.tour import first_policy
aws = LocalAws.example(seed=7)
world, session = aws.world, aws.session(vpc_endpoint=aws.world.vpc_endpoint)
s3, bucket = session.client("s3"), world.input_bucket
s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(first_policy(bucket, world.vpc, world.vpc_endpoint)))
perimeter = Perimeter(vpcs=[world.vpc], vpc_endpoints=[world.vpc_endpoint], ground_truth=world.region,
                      execution_role=world.role, administrators=[world.administrator])
form = PolicyForm(bucket, session, perimeter)
form
"""
ASK = "print(s3.get_bucket_policy(Bucket=bucket)['Policy'])"
FORM = ".gt-vpc-nb-form"
KEPT = f".jp-OutputArea-output:not(:has({FORM}))"
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


def policy(book: Any) -> Any:
    return json.loads(book.run_cell(ASK).inner_text())


def test_ground_truth_is_let_in_and_shut_out_again_by_mouse(book: Any) -> None:
    before = policy(book)
    expect(button(book, "Apply")).to_be_disabled()
    button(book, "Let Ground Truth in").click()
    expect(button(book, "Apply")).to_be_enabled()
    assert policy(book) == before, "a plan changes nothing"
    button(book, "Apply").click()
    expect(kept(book, "applied and verified")).to_be_visible()
    assert policy(book) != before
    button(book, "Roll back").click()
    expect(button(book, "Apply")).to_be_enabled()
    button(book, "Apply").click()
    expect(button(book, "Apply")).to_be_disabled()
    expect(form(book).get_by_role("status").first).to_contain_text("Done")
    assert policy(book) == before
    book.reopened().picture("policy-form-reopened")
    expect(kept(book, "applied and verified")).to_be_visible()


def test_ground_truth_is_let_in_by_keyboard_alone(book: Any) -> None:
    before = policy(book)
    for name in ("Let Ground Truth in", "Apply"):
        expect(button(book, name)).to_be_enabled()
        book.tab_to(name)
        book.page.keyboard.press("Enter")
    expect(kept(book, "applied and verified")).to_be_visible()
    assert policy(book) != before


def test_a_policy_that_is_typed_is_judged_as_it_is_typed(book: Any) -> None:
    text = form(book).get_by_label("Bucket policy", exact=True)
    text.fill('{"Version": "2012-10-17", "Statement": [{"Effect": "Alow"}]}')
    expect(form(book).get_by_role("alert").first).to_contain_text("Error")
    button(book, "Check").click()
    expect(form(book).get_by_role("alert").first).to_be_visible()
    expect(button(book, "Apply")).to_be_disabled()


@pytest.fixture(scope="module")
def planned(notebooks: Callable[..., Any]) -> Any:
    """A form with a plan to look at, and with something wrong in a field."""
    book = notebooks(OPEN).run()
    button(book, "Let Ground Truth in").click()
    expect(button(book, "Apply")).to_be_enabled()
    return book


@pytest.mark.parametrize("theme", ["Light", "Dark", "Dark High Contrast"])
def test_axe_finds_nothing_in_the_form(planned: Any, theme: str) -> None:
    planned.resize(1500).theme(theme).picture(f"policy-form-{theme}")
    assert planned.violations(FORM) == []


@pytest.mark.parametrize(("width", "zoom"), [(700, 1), (1500, 4)], ids=["700 px", "400 %"])
def test_nothing_of_the_form_is_cut_off_or_hidden(planned: Any, width: int, zoom: float) -> None:
    planned.theme("Light").resize(width, zoom).picture(f"policy-form-{width}-{zoom}")
    assert planned.unreadable(FORM) == []


def test_the_page_reported_no_error(planned: Any) -> None:
    assert planned.errors == []
