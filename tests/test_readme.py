"""What the README shows is run: its Python blocks here, its two commands by .ci/run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gt_vpc_nb.local import LocalAws

README = Path(__file__).parents[1] / "README.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of one language, each padded so that an error names the README's own line."""
    text = README.read_text(encoding="utf-8")
    return [
        "\n" * text.count("\n", 0, found.start(2)) + found[2] for found in FENCE.finditer(text) if found[1] == language
    ]


def test_the_python_blocks_run_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    story: dict[str, object] = {"__name__": "readme"}
    assert blocks("python"), "the README shows no Python"
    for block in blocks("python"):
        exec(compile(block, str(README), "exec"), story)
    assert capsys.readouterr().out.strip(), "the README's example prints nothing"


def test_there_are_two_commands_one_sets_up_and_one_passes_the_tests() -> None:
    commands = [block.strip() for block in blocks("sh")]
    assert len(commands) == 2, "CI runs exactly two commands"
    assert all("\n" not in command for command in commands)
    assert "gt-vpc-nb tour" in commands[0] and "pytest" in commands[1]


def test_the_limits_of_the_local_aws_are_told_to_the_letter() -> None:
    told = LocalAws.not_simulated.to_markdown()
    assert told in README.read_text(encoding="utf-8"), f"README.md is to have this table:\n\n{told}"


def test_every_tutorial_is_in_the_table() -> None:
    text = README.read_text(encoding="utf-8")
    tutorials = sorted((README.parent / "notebooks").glob("[0-9]*.ipynb"))
    assert [path.name for path in tutorials if f"](notebooks/{path.name})" not in text] == []


def test_every_file_that_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README.read_text(encoding="utf-8"))
    assert [link for link in links if not (README.parent / link).exists()] == []
