"""What every tutorial keeps to: one question, one idea a cell, exact outputs, where next, and a line for real accounts.

That the cells run and give what is stored is nbval's to say, strictly; here is what it does not look at.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TUTORIALS = sorted((ROOT / "notebooks").glob("*.ipynb"))
#: What a person takes in at one look; a longer cell is two.
LINES = 30
#: A tutorial is opened in a browser, also over a slow line.
BYTES = 150_000
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What differs from machine to machine or from run to run.
OF_A_MACHINE = re.compile(r"/tmp/|/home/|/root/|/Users/|127\.0\.0\.1:\d|localhost:\d|\bat 0x[0-9a-f]{6}")

tutorial = pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)


@cache
def notebook(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def cells(path: Path, kind: str = "") -> list[dict[str, Any]]:
    found = [cell for cell in notebook(path)["cells"] if kind in ("", cell["cell_type"])]
    return [{**cell, "source": "".join(cell["source"])} for cell in found]


def test_there_is_a_tutorial_for_each_thing_that_people_do():
    assert [path.stem for path in TUTORIALS] == [
        "00-start-here",
        "01-first-labeling-job",
        "02-who-can-read-my-bucket",
        "03-letting-ground-truth-in",
        "04-before-you-submit",
        "05-your-own-aws",
        "06-create-three-ways",
        "07-watching-jobs",
        "08-reading-labels",
        "09-automated-labeling",
    ]


@tutorial
def test_a_tutorial_begins_with_one_question(path):
    title, *rest = cells(path)[0]["source"].splitlines()
    assert re.fullmatch(r"# [^?#]+\?", title), title
    assert "local AWS" in " ".join(rest)


@tutorial
def test_a_tutorial_ends_with_where_next_and_the_one_line_for_a_real_account(path):
    last = cells(path)[-1]
    assert last["cell_type"] == "markdown"
    _, there, where_next = last["source"].partition("## Where next\n")
    assert there, "the last cell has no '## Where next'"
    assert re.search(r"\]\(\d\d-[\w-]+\.ipynb\)", where_next), "it leads to no other tutorial"
    lines = [line for block in FENCE.findall(where_next) for line in block.splitlines()]
    assert len(lines) == 1 and re.search(r"boto3\.Session\(|%gt_vpc use aws", lines[0]), lines


@tutorial
def test_the_line_that_changes_stands_in_the_tutorial(path):
    """What is said to be replaced is there to be replaced."""
    code = "\n".join(cell["source"] for cell in cells(path, "code"))
    assert re.search(r"^\w+ = aws\.session\(|%gt_vpc use local$", code, re.MULTILINE)


@tutorial
def test_links_lead_to_tutorials_that_exist(path):
    text = "\n".join(cell["source"] for cell in cells(path, "markdown"))
    links = re.findall(r"\]\((?!https?:|#)([^)]+)\)", text)
    assert [link for link in links if not (path.parent / link).exists()] == []
    assert all(f"{stem}:" in label for label, stem in re.findall(r"\[(\d\d:[^\]]*)\]\((\d\d)-", text))


@tutorial
def test_a_cell_is_one_idea(path):
    long = {cell["id"]: cell["source"].count("\n") + 1 for cell in cells(path, "code")}
    assert {id: lines for id, lines in long.items() if lines > LINES} == {}
    headings = {cell["id"]: re.findall(r"^#+ ", cell["source"], re.M) for cell in cells(path, "markdown")}
    assert {id: found for id, found in headings.items() if len(found) > 2} == {}


@tutorial
def test_nothing_is_left_out_of_the_comparison_with_what_is_stored(path):
    for cell in cells(path):
        assert cell["metadata"] == {}, cell["id"]
        assert "NBVAL" not in cell["source"].upper(), cell["id"]


@tutorial
def test_the_stored_outputs_are_of_one_run_from_top_to_bottom(path):
    code = cells(path, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert [cell["id"] for cell in cells(path)] == [f"cell-{number:02}" for number in range(len(cells(path)))]


@tutorial
def test_no_cell_fails_for_papermill_ends_a_notebook_with_a_cell_that_does_whatever_its_tags_say(path):
    for cell in cells(path, "code"):
        assert not [each for each in cell["outputs"] if each["output_type"] == "error"], cell["id"]
        assert not [each for each in cell["outputs"] if each.get("name") == "stderr"], cell["id"]


@tutorial
def test_no_output_tells_of_the_machine_it_was_made_on(path):
    for cell in cells(path, "code"):
        told = [json.dumps(each, ensure_ascii=False) for each in cell["outputs"] if "image/png" not in str(each)]
        assert OF_A_MACHINE.findall("\n".join(told)) == [], cell["id"]


@tutorial
def test_widgets_are_never_the_only_carrier_of_a_result(path):
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            kinds = set(output.get("data", {}))
            assert not kinds or {"text/plain"} < kinds or kinds == {"text/plain"}, cell["id"]


@tutorial
def test_a_tutorial_is_light(path):
    assert path.stat().st_size < BYTES
    assert "widgets" not in notebook(path)["metadata"]


def test_the_readme_lists_each_tutorial_with_its_own_question():
    rows = re.findall(
        r"^\| \[([\w-]+)\]\(notebooks/([\w-]+)\.ipynb\) \| (.+) \|$", (ROOT / "README.md").read_text("utf-8"), re.M
    )
    titles = [(path.stem, path.stem, cells(path)[0]["source"].splitlines()[0].removeprefix("# ")) for path in TUTORIALS]
    assert rows == titles


def test_the_first_tutorial_leads_to_all_others():
    text = "\n".join(cell["source"] for cell in cells(TUTORIALS[0], "markdown"))
    assert [path.name for path in TUTORIALS[1:] if f"]({path.name})" not in text] == []
