"""The oldest set of dependencies, which .ci/run tests on, comes from setup.cfg alone."""

from __future__ import annotations

import ast
import configparser
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OLDEST_SET = runpy.run_path(str(ROOT / ".ci" / "oldest.py"))
requirements, oldest = OLDEST_SET["requirements"], OLDEST_SET["oldest"]


@pytest.mark.parametrize("requirement", requirements(ROOT / "setup.cfg"))
def test_every_requirement_has_a_lower_bound_that_the_oldest_set_pins(requirement: str) -> None:
    name, bound = oldest(requirement).split("==")
    assert requirement.startswith(f"{name}>={bound.removesuffix('.*')}")


def test_every_extra_that_the_readme_installs_is_in_the_oldest_set() -> None:
    extras = ",".join(OLDEST_SET["EXTRAS"])
    assert f'".[{extras}]"' in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_studio_ships_is_in_the_oldest_set_to_the_digit() -> None:
    pins = {oldest(requirement) for requirement in requirements(ROOT / "setup.cfg")}
    assert {"boto3==1.34.131.*", "pandas==2.1.*", "ipython==8.26.*", "ipywidgets==8.1.3.*"} <= pins


def test_the_marker_that_ci_deselects_by_is_known_to_pytest() -> None:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    known = {line.split(":")[0] for line in config["tool:pytest"]["markers"].strip().splitlines()}
    assert "newest" in known
    assert "-m 'not newest'" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_what_ci_leaves_out_on_the_oldest_set_imports_nothing_that_has_a_version() -> None:
    assert "--ignore=tests/policy" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for path in (ROOT / "gt_vpc_nb" / "policy").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        named += [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
        assert {name.split(".")[0] for name in named} <= {*sys.stdlib_module_names, "gt_vpc_nb"}, path


@pytest.mark.parametrize("loose", ["ruff", "ruff<1", "ruff~=0.6", "ruff==0.6", "pandas>=2.1; python_version<'3.12'"])
def test_a_requirement_without_a_plain_lower_bound_is_refused(loose: str) -> None:
    with pytest.raises(ValueError, match="write it as name>=oldest"):
        oldest(loose)


def test_an_upper_bound_does_not_reach_the_oldest_set() -> None:
    assert oldest("ipywidgets>=8.1.3,<9") == "ipywidgets==8.1.3.*"
