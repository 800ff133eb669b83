"""Tab in a notebook: the popup offers what can stand there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

#: What is typed, what the popup then offers, what is typed on, and what Enter makes of it.
TYPED = {
    "commands": ("%gt_vpc l", ("labels", "lint"), "in", "%gt_vpc lint"),
    "commands after an equals sign": ("found = %gt_vpc l", ("labels", "lint"), "a", "found = %gt_vpc labels"),
    "options": ("%gt_vpc jobs --", ("--status", "--region", "--name"), "st", "%gt_vpc jobs --status"),
    "task types": ("%gt_vpc template Bound", ("BoundingBox",), "ingBox", "%gt_vpc template BoundingBox"),
}
pytestmark = pytest.mark.sockets


@pytest.fixture(scope="module")
def book(notebooks: Callable[..., Any]) -> Any:
    return notebooks("%load_ext gt_vpc_nb", "").run()


@pytest.mark.parametrize("what", TYPED)
def test_the_popup_offers_what_can_stand_there_and_enter_takes_it(book: Any, what: str) -> None:
    typed, offered, more, written = TYPED[what]
    line, popup = book.page.locator(".jp-CodeCell .cm-content").last, book.page.locator(".jp-Completer")
    line.click()
    book.page.keyboard.press("Control+a")
    book.page.keyboard.type(typed)
    book.page.keyboard.press("Tab")
    for word in offered:
        expect(popup).to_contain_text(word)
    book.picture(f"completion-{what}")
    book.page.keyboard.type(more)
    book.page.keyboard.press("Enter")
    expect(line).to_have_text(written)
    book.page.keyboard.press("Escape")


def test_the_page_reported_no_error(book: Any) -> None:
    assert book.errors == []
