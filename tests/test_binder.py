"""The folder `binder/` as far as a machine without pip's index can read it; tests/tools builds it with repo2docker."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
BINDER = ROOT / "binder"


def setup_cfg() -> configparser.ConfigParser:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config


def test_the_package_itself_is_installed_with_extras_that_it_has() -> None:
    first, *others = (BINDER / "requirements.txt").read_text(encoding="utf-8").split()
    extras = re.fullmatch(r"\.\[([a-z,]+)\]", first)
    assert extras is not None
    known = setup_cfg()["options.extras_require"]
    assert set(extras[1].split(",")) <= set(known)
    tested = {re.split("[<>=]", line)[0] for line in known["test"].split()}
    assert set(others) <= tested, "what is installed beside it is what the notebooks are tested with"


def test_the_python_is_one_that_the_package_runs_on() -> None:
    version = re.fullmatch(r"python-(3)\.(\d+)", (BINDER / "runtime.txt").read_text(encoding="utf-8").strip())
    assert version is not None
    oldest = setup_cfg()["options"]["python_requires"].removeprefix(">=").split(".")
    assert [int(each) for each in version.groups()] >= [int(each) for each in oldest]


def test_the_scripts_can_be_run() -> None:
    for name in ("postBuild", "start"):
        assert os.access(BINDER / name, os.X_OK), name
        subprocess.run(["bash", "-n", BINDER / name], check=True)


def test_the_start_script_becomes_the_command_it_is_given(tmp_path: Path) -> None:
    told = subprocess.run(
        [BINDER / "start", "printenv", "AWS_EC2_METADATA_DISABLED", "GT_VPC_NB_HOME"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["true", str(tmp_path / "gt-vpc-nb")]
