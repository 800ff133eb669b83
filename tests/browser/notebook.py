"""A notebook in a browser: run it, look at it, use it by mouse and keyboard, open it again without a kernel."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Self

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.browser.server import CHROMIUM, Lab

#: As root chromium wants no sandbox; the rest makes it draw the same on every machine.
_FLAGS = "--no-sandbox --disable-dev-shm-usage --disable-gpu --force-color-profile=srgb --font-render-hinting=none"
_PATIENCE = 60_000
_AXE = files("axe_playwright_python").joinpath("axe.min.js")
_IN_PAGE = Path(__file__).with_name("in_page.js")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, without a window."""
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS.split())
        yield browser
        browser.close()


class Notebook:
    """One notebook in one page."""

    def __init__(self, lab: Lab, browser: Browser, path: str) -> None:
        self.lab, self.path, self._browser = lab, path, browser
        self.errors: list[str] = []
        self.page = self._new_page()
        self.page.wait_for_function("() => inPage.kernelReady()")

    def _new_page(self) -> Page:
        context = self._browser.new_context(
            viewport={"width": 1500, "height": 1000},
            locale="en-US",
            timezone_id="UTC",
            color_scheme="light",
            reduced_motion="reduce",
        )
        context.add_init_script(path=_IN_PAGE)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.goto(self.lab.url(self.path), wait_until="domcontentloaded")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        return page

    def close(self) -> None:
        """Closes the page and whatever it stored."""
        self.page.context.close()

    def end_kernel(self) -> None:
        """Ends the kernel, as a restart of the machine would."""
        self.lab.end_kernels(self.path)

    def resize(self, width: int, zoom: float = 1) -> Self:
        """The window of another width, or magnified: the page then has that many fewer pixels for its layout."""
        self.page.set_viewport_size({"width": int(width / zoom), "height": int(1000 / zoom)})
        return self

    def run(self, *, failing: bool = False, timeout: float = 180_000) -> Self:
        """Runs all cells; none may fail unless that is what is asked."""
        self._command("notebook:run-all-cells")
        self.page.wait_for_function("() => inPage.allRan()", timeout=timeout)
        failed = self._cell_errors()
        assert bool(failed) == failing, failed
        return self

    def run_cell(self, code: str) -> Locator:
        """Writes a cell under the last one and runs it, as a person does beside a form that works."""
        cells = self.page.locator(".jp-CodeCell")
        before = cells.count()
        self.page.evaluate("code => inPage.appendCell(code)", code)
        expect(cells).to_have_count(before + 1)
        expect(cells.last.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]:"))
        failed = self._cell_errors()
        assert failed == [], failed
        return cells.last.locator(".jp-OutputArea")

    def _command(self, name: str, **options: object) -> None:
        self.page.evaluate("([name, options]) => inPage.command(name, options)", [name, options])

    def _cell_errors(self) -> list[str]:
        return self.page.evaluate("() => inPage.cellErrors()")

    def output(self, cell: int = -1) -> Locator:
        """What a code cell shows, counted from 0, or from -1 at the end."""
        return self.page.locator(".jp-CodeCell").nth(cell).locator(".jp-Cell-outputWrapper")

    def theme(self, name: str) -> Self:
        """Changes to JupyterLab Light, Dark, or Dark High Contrast."""
        wanted = f"JupyterLab {name}"
        self._command("apputils:change-theme", theme=wanted)
        self.page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=wanted)
        # The style sheet arrives after the name, and nothing in the page tells when it is applied.
        self.page.wait_for_timeout(400)
        return self

    def violations(self, selector: str) -> list[tuple[str, str, list[str]]]:
        """What axe-core finds wrong within all elements of a selector."""
        assert self.page.locator(selector).count(), f"nothing in the page is {selector}"
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(_AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "selector => axe.run({include: [[selector]]}, {resultTypes: ['violations']}).then(told => told.violations)",
            selector,
        )
        return [(each["id"], each["help"], [node["html"][:200] for node in each["nodes"]]) for each in found]

    def unreadable(self, selector: str) -> list[str]:
        """What is cut off, sticks out, or lies over something else within the elements of a selector."""
        assert self.page.locator(selector).count(), f"nothing in the page is {selector}"
        return self.page.evaluate("selector => inPage.unreadable(selector)", selector)

    def picture(self, name: str) -> None:
        """A picture of the page for a person, where GT_VPC_NB_PICTURES names a folder."""
        if folder := os.environ.get("GT_VPC_NB_PICTURES"):
            self.page.screenshot(path=Path(folder, f"{name}.png"))

    def reopened(self) -> Self:
        """The same notebook saved and opened where its kernel does not exist, as a colleague gets it by mail."""
        self._command("docmanager:save")
        self.page.wait_for_function("() => !inPage.notebook().context.model.dirty")
        self.page.context.close()
        self.end_kernel()
        before = len(self.errors)
        with self.lab.without_kernel(self.path):
            self.page = self._new_page()
            # JupyterLab asks which kernel it shall be.
            question = self.page.get_by_role("dialog")
            question.get_by_role("button", name="No Kernel", exact=True).click()
            expect(question).to_have_count(0)
            self.page.wait_for_function("() => inPage.kernelAbsent()")
        # Of widgets whose kernel is gone ipywidgets itself says so.
        self.errors[before:] = [each for each in self.errors[before:] if "widget model not found" not in each]
        return self

    def tab_to(self, name: str, *, presses: int = 80) -> Locator:
        """Presses Tab until the focus is on what has this name, as a person without a mouse does."""
        for _ in range(presses):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("() => inPage.focusName()") == name:
                return self.page.locator(":focus")
        raise AssertionError(f"{presses} times Tab did not lead to {name!r}")
