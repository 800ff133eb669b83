"""A cell that fails stops whatever runs the notebook: nbval, nbmake, papermill and `jupyter execute`."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
#: What runs a notebook, by the package that it comes with, and its command.
_PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", "-c", os.devnull, "-o", "addopts="]
RUNNERS = {
    "nbval": [*_PYTEST, "--nbval-lax", "--nbval-current-env", "{notebook}"],
    "nbmake": [*_PYTEST, "--nbmake", "{notebook}"],
    "papermill": ["-m", "papermill", "--no-progress-bar", "{notebook}", "{notebook}.out.ipynb"],
    "nbclient": ["-c", "from nbclient.cli import main; main()", "{notebook}"],
}
INSTALLED = [name for name in RUNNERS if find_spec(name)]
FAILING = [
    "%gt_vpc audt my-bucket",
    "%gt_vpc grant b --role a --role b",
    "%%gt_vpc job\nnmae: x",
    "%%gt_vpc submit signs",
    "%gt_vpc audit {{b}}",
]


def run(runner: str, cell: str, folder: Path) -> subprocess.CompletedProcess[str]:
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("%load_ext gt_vpc_nb"), nbformat.v4.new_code_cell(cell)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    path = folder / "book.ipynb"
    nbformat.write(book, path)
    words = [each.format(notebook=path) for each in RUNNERS[runner]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=180
    )


def test_the_runners_of_the_extra_for_tests_are_those_tried_here() -> None:
    text = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert "nbval" in INSTALLED and all(f"    {name}>=" in text for name in RUNNERS)


@pytest.mark.parametrize("runner", INSTALLED)
def test_a_failing_cell_fails_the_notebook(runner: str, tmp_path: Path) -> None:
    ran = run(runner, FAILING[0], tmp_path)
    assert ran.returncode != 0, ran.stdout
    assert "did you mean 'audit'?" in ran.stdout + ran.stderr


@pytest.mark.parametrize("cell", FAILING[1:])
def test_every_kind_of_mistake_fails_it(cell: str, tmp_path: Path) -> None:
    ran = run("nbval", cell, tmp_path)
    assert ran.returncode != 0 and ("CommandError" in ran.stdout or "RequestError" in ran.stdout), ran.stdout


@pytest.mark.parametrize("runner", INSTALLED)
def test_a_cell_that_does_not_fail_passes(runner: str, tmp_path: Path) -> None:
    ran = run(runner, "%gt_vpc explain S3P-01", tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_traceback_that_was_asked_for_is_in_the_notebook_and_runners_read_it(tmp_path: Path) -> None:
    ran = run("nbclient", "%config GtVpcMagics.short_errors = False\n%gt_vpc audt my-bucket", tmp_path)
    told = ran.stdout + ran.stderr
    assert ran.returncode != 0 and "did you mean 'audit'?" in told
    assert "run_line_magic" in told and "is not of type" not in told
