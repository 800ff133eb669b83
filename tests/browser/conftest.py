"""A notebook as people see it: JupyterLab in Debian's chromium, driven by mouse and keyboard. `.ci/run` runs these
tests where all of that is installed (extra `browser`, and chromium); anywhere else they are not collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.browser.server import CHROMIUM, Lab, lab_server

_PARTS = ("playwright", "jupyterlab", "axe_playwright_python")
if CHROMIUM is None or not all(map(find_spec, _PARTS)):
    collect_ignore_glob = ["test_*.py", "notebook.py"]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab for all tests of a worker; each test has a notebook of its own in it."""
    with lab_server(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """One chromium for all tests of a worker; each page has a context of its own."""
    from tests.browser.notebook import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def notebooks(lab: Lab, browser: object) -> Iterator[Callable[..., object]]:
    """Opens notebooks of these cells, or of this file, and waits for the kernel. No page may report an error, ever."""
    from tests.browser.notebook import Notebook

    opened: list[Notebook] = []

    def open_it(*cells: str, file: Path | None = None, **how: object) -> Notebook:
        opened.append(Notebook(lab, browser, lab.put(file) if file else lab.write(cells), **how))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()
    lab.end_kernels()


@pytest.fixture
def notebook(notebooks: Callable[..., object]) -> Iterator[Callable[..., object]]:
    """The same for one test: what it opened is closed after it, and its kernels end."""
    opened: list[object] = []

    def open_it(*cells: str, **how: object) -> object:
        opened.append(notebooks(*cells, **how))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()
        each.end_kernel()
    assert [error for each in opened for error in each.errors] == []
