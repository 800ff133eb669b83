"""Tab in a notebook: the popup offers what can stand there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%gt_vpc aud", "audit"),
        ("table = %gt_vpc jo", "jobs"),
        ("%gt_vpc template Bound", "BoundingBox"),
        ("%gt_vpc jobs --stat", "--status"),
    ],
)
def test_the_popup_offers_the_word_and_enter_takes_it(notebook, typed: str, offered: str) -> None:
    book = notebook("%load_ext gt_vpc_nb", "").run()
    book.page.locator(".jp-CodeCell .cm-content").last.click()
    book.page.keyboard.type(typed)
    book.page.keyboard.press("Tab")
    written = typed.rsplit(" ", 1)[0] + " " + offered
    line = book.page.locator(".jp-CodeCell .cm-content").last
    popup = book.page.locator(".jp-Completer")
    # A single completion is taken at once, and then there is no popup to choose from.
    expect(line.or_(popup).first).to_contain_text(typed.rsplit(" ", 1)[0])
    if popup.is_visible():
        expect(popup).to_contain_text(offered)
        book.page.keyboard.press("Enter")
    expect(line).to_contain_text(written)
