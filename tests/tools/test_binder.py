"""The folder `binder/` as repo2docker itself reads it: its commands, run in a copy, end in a tutorial that runs.

What repo2docker brings along is a conda environment in a container; here a venv stands for it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import repo2docker.buildpacks.conda
import yaml
from repo2docker.app import Repo2Docker
from repo2docker.buildpacks import BuildPack, PythonBuildPack

ROOT = Path(__file__).parents[2]
NOT_OF_THE_REPOSITORY = shutil.ignore_patterns(".git", ".venv", "build", "*.egg-info", "__pycache__", ".*_cache")
#: Of what repo2docker installs anyway, what runs a notebook.
BROUGHT_ALONG = ("ipywidgets", "jupyterlab")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("binder") / "repo", ignore=NOT_OF_THE_REPOSITORY)


@pytest.fixture(scope="module")
def reader(copy: Path) -> BuildPack:
    """The part of repo2docker that takes this repository for its own; it reads the folder that it stands in."""
    app = Repo2Docker()
    with contextlib.chdir(copy):
        return next(each for each in (kind(app.base_image) for kind in app.buildpacks) if each.detect())


@pytest.fixture(scope="module")
def environment(reader: BuildPack, copy: Path) -> dict[str, str]:
    """The image as far as a machine without containers has it: built by the commands that repo2docker would run."""
    venv = copy.parent / "venv"
    subprocess.run([_python(reader.python_version), "-m", "venv", venv], check=True)
    subprocess.run([venv / "bin" / "pip", "install", "-q", *brought_along(reader.python_version)], check=True)
    given = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))},
        "PATH": f"{venv / 'bin'}:{os.environ['PATH']}",
        "HOME": str(copy.parent),
        "KERNEL_PYTHON_PREFIX": str(venv),
        "REPO_DIR": str(copy),
    }
    with contextlib.chdir(copy):
        commands = [script for _, script in reader.get_assemble_scripts()] + reader.get_post_build_scripts()
    for command in commands:
        run(["bash", "-euc", command], copy, given)
    return given


def _python(version: str) -> str:
    """The interpreter of this version, or this one."""
    elsewhere = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    found = [shutil.which(f"python{version}"), *elsewhere.glob(f"{version}.*/bin/python3")]
    working = (each for each in found if each and subprocess.run([each, "-c", ""], capture_output=True).returncode == 0)
    return str(next(working, sys.executable))


def brought_along(version: str) -> list[str]:
    """What repo2docker's own environment for this Python pins; a Python that it has no environment for fails."""
    frozen = Path(repo2docker.buildpacks.conda.__file__).with_name(f"environment.py-{version}.yml")
    wanted = yaml.safe_load(frozen.read_text(encoding="utf-8"))["dependencies"]
    return [each for each in wanted if isinstance(each, str) and each.split("==")[0] in BROUGHT_ALONG]


def run(command: list[object], copy: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(list(map(str, command)), cwd=copy, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended


def test_repo2docker_takes_it_for_a_repository_of_python(reader: BuildPack) -> None:
    assert (type(reader), reader.python_version) == (PythonBuildPack, "3.12")


def test_the_image_has_what_the_tutorials_need(environment: dict[str, str], copy: Path) -> None:
    run(["pip", "check"], copy, environment)
    where = run(["python", "-c", "import gt_vpc_nb; print(gt_vpc_nb.__file__)"], copy.parent, environment).stdout
    assert "site-packages" in where, "a tutorial that is moved elsewhere still finds the package"


@pytest.mark.parametrize("tutorial", sorted(path.name for path in ROOT.glob("notebooks/*.ipynb"))[:1])
def test_a_tutorial_runs_unchanged_behind_the_start_script(
    reader: BuildPack, environment: dict[str, str], copy: Path, tutorial: str
) -> None:
    start = reader.get_start_script().replace("${REPO_DIR}", str(copy))
    run([start, "jupyter", "execute", f"notebooks/{tutorial}"], copy, environment)


def test_the_start_script_looks_for_no_account(environment: dict[str, str], copy: Path) -> None:
    told = run([copy / "binder" / "start", "env"], copy, environment).stdout.splitlines()
    assert "AWS_EC2_METADATA_DISABLED=true" in told
    assert any(line.startswith("GT_VPC_NB_HOME=") for line in told)
