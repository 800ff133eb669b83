"""What SageMaker Studio ships (.ci/studio.json) stays installable beside this package: no bound of ours excludes it."""

from __future__ import annotations

import configparser
import json
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
RELEASES = json.loads((ROOT / ".ci" / "studio.json").read_text(encoding="utf-8"))["releases"]
EXTRAS = ("local", "plots", "test", "browser")


def requirements() -> list[Requirement]:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lists = [config["options"]["install_requires"], *(config["options.extras_require"][extra] for extra in EXTRAS)]
    return [Requirement(line) for text in lists for line in text.split("\n") if line and not line.startswith("#")]


@pytest.mark.parametrize("name", RELEASES)
def test_every_pin_is_within_the_bounds_of_setup_cfg(name: str) -> None:
    pins = {canonicalize_name(each): pin.replace("*", "0") for each, pin in RELEASES[name]["pins"].items()}
    excluded = [
        f"{wanted} excludes {pins[canonicalize_name(wanted.name)]}"
        for wanted in requirements()
        if canonicalize_name(wanted.name) in pins and pins[canonicalize_name(wanted.name)] not in wanted.specifier
    ]
    assert excluded == []
    assert {"ipython", "ipywidgets", "jupyterlab", "pandas", "boto3"} <= set(pins)


def test_ci_runs_the_release_that_aws_supports_longest() -> None:
    longest = max(RELEASES, key=lambda name: RELEASES[name]["supported_until"])
    assert f"\n.ci/studio {longest}\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
