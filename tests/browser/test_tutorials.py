"""The tutorials as a reader gets them: opened in a browser, run from the first cell to the last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TUTORIALS = sorted(Path(__file__).parents[2].glob("notebooks/*.ipynb"))
SHOWN = ".jp-OutputArea-output"
#: A selection of one of our tables is a plain DataFrame, which pandas shows, with headings that have no text.
OURS = f"{SHOWN}:not(:has(table.dataframe))"
pytestmark = pytest.mark.sockets


@pytest.fixture(scope="module", params=TUTORIALS[:1], ids=lambda file: file.stem)
def tutorial(notebooks: Callable[..., Any], request: pytest.FixtureRequest) -> Any:
    return notebooks(file=request.param).run()


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_axe_finds_nothing_in_what_a_tutorial_shows(tutorial: Any, theme: str) -> None:
    tutorial.theme(theme).picture(f"tutorial-{theme}")
    assert tutorial.violations(OURS) == []


def test_a_tutorial_is_still_there_without_a_kernel(tutorial: Any) -> None:
    before = tutorial.page.locator(SHOWN).count()
    assert tutorial.reopened().page.locator(SHOWN).count() == before > 0
    assert tutorial.errors == []
