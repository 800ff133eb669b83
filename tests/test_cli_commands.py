"""The terminal's audit, jobs, take-home, lint and lab: tables for people, JSON for scripts, and exit codes 0, 1, 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import LabelingJob, labeling_job
from gt_vpc_nb.cli import main
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.jobs_take_home import _own_name, take_home
from gt_vpc_nb.local import LocalAws

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    """A world with a job that is Completed and has masks, files of their own, for labels."""
    aws = LocalAws.example(seed=7)
    world = aws.world
    session = aws.session(vpc_endpoint=world.vpc_endpoint)
    polygon = [{"label": "circle", "points": [[1, 1], [9, 1], [9, 9]]}]
    for name, task in (("kinds-1", "ImageMultiClass"), ("masks-1-ref", "SemanticSegmentation")):
        if name == "masks-1-ref":
            aws.truth.update(dict.fromkeys(aws.truth, polygon))
        job = LabelingJob.in_vpc(world.vpc).named(name).in_region(world.region).as_role(world.role)
        job = job.task(task, title="Mark", description="Mark each").label_categories(["circle", "square"])
        job = job.input(f"s3://{world.input_bucket}/images.manifest").output(f"s3://{world.output_bucket}/labels/")
        job.workers(world.workteam, per_object=1).submit(session)
        aws.clock.advance(days=8)
    return aws


@pytest.fixture
def terminal(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with aws.serve() as places:
        for name, value in places.env(vpc_endpoint=aws.world.vpc_endpoint).items():
            monkeypatch.setenv(name, value)
        yield aws.world


def perimeter(world: Any) -> list[str]:
    return ["--vpc", world.vpc, "--endpoint", world.vpc_endpoint, "--role", world.role, "--admin", world.administrator]


@pytest.mark.sockets
def test_an_audit_is_found_wanting_and_says_so_in_json_too(terminal: Any, capsys: Any) -> None:
    words = ["audit", terminal.input_bucket, *perimeter(terminal)]
    assert main(words) == 1
    assert terminal.input_bucket in capsys.readouterr().out
    assert main([*words, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["buckets"][0]["bucket"] == terminal.input_bucket and told["rows"]


@pytest.mark.sockets
def test_jobs_are_rows_or_json(terminal: Any, capsys: Any) -> None:
    assert main(["jobs", "--status", "Completed"]) == 0
    assert "masks-1-ref" in capsys.readouterr().out
    assert main(["jobs", "--name", "kinds", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["status"], row["total"]) == ("kinds-1", "Completed", row["labeled"])


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["jobs", "--status", "Done"], "is no status of labeling jobs"),
        (["take-home", "nothing-1"], "nothing-1"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_code_2(
    terminal: Any, words: list[str], sentence: str, capsys: Any
) -> None:
    assert main(words) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.sockets
def test_labels_are_taken_home_with_the_files_they_name(terminal: Any, tmp_path: Path, capsys: Any) -> None:
    words = ["take-home", "masks-1-ref", "--to", str(tmp_path / "home"), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    paths = [file["path"] for file in told["files"]]
    assert paths[0] == "manifests/output/output.manifest" and len(paths) > 5
    assert all(
        (tmp_path / "home" / each).stat().st_size == file["bytes"]
        for each, file in zip(paths, told["files"], strict=True)
    )
    assert all(each.endswith(".png") for each in paths[1:])
    assert main(words) == 0
    assert {file["outcome"] for file in json.loads(capsys.readouterr().out)["files"]} == {"there already"}


@pytest.mark.sockets
def test_nothing_is_overwritten(terminal: Any, tmp_path: Path, capsys: Any) -> None:
    mine = tmp_path / "manifests" / "output" / "output.manifest"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine", encoding="utf-8")
    assert main(["take-home", "masks-1-ref", "--to", str(tmp_path)]) == 1
    assert mine.read_text(encoding="utf-8") == "mine"
    assert "1 other content is there" in capsys.readouterr().out
    # The label files of the job itself are brought all the same.
    assert list(tmp_path.rglob("*.png"))


def test_what_stands_elsewhere_or_is_gone_is_a_row(aws: LocalAws, tmp_path: Path) -> None:
    session = aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    job = labeling_job("masks-1-ref", session)
    found = take_home(job, tmp_path / "all")
    lost = found.rows[1]
    bucket, _, key = lost.uri.removeprefix("s3://").partition("/")
    body = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    session.client("s3").delete_object(Bucket=bucket, Key=key)
    again = take_home(job, tmp_path / "again")
    assert [row.outcome for row in again.rows if row.uri == lost.uri] == ["refused"] and not again.complete
    assert not (tmp_path / "again" / lost.path).exists()
    assert "NoSuchKey" in repr(again.rows[1])
    session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def test_a_job_without_labels_and_a_folder_that_cannot_be_are_one_sentence(aws: LocalAws, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    job = labeling_job("kinds-1", aws.session(vpc_endpoint=aws.world.vpc_endpoint))
    with pytest.raises(RequestError, match="cannot be made"):
        take_home(job, tmp_path / "file")


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("s3://b/out/job/a/b.png", "a/b.png"),
        ("s3://b/out/job/../../etc/passwd", "_/_/etc/passwd"),
        ("s3://b/out/job//x", "_/x"),
        ("s3://b/out/job/a:b?c.png", "a_b_c.png"),
        ("s3://b/out/job/CON.png", "_CON.png"),
        ("s3://other/x/y.png", "elsewhere/other/x/y.png"),
        ("s3://b/out/job/a\\..\\b", "a_.._b"),
    ],
)
def test_a_name_is_safe_wherever_it_comes_from(uri: str, path: str) -> None:
    assert _own_name(uri, "s3://b/out/job/", {}) == path


@given(st.lists(st.text(min_size=1), unique=True, max_size=8))
def test_no_two_files_share_a_place_and_none_leaves_the_folder(keys: list[str]) -> None:
    taken: dict[str, str] = {}
    names = [_own_name(f"s3://b/out/job/{key}", "s3://b/out/job/", taken) for key in keys]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert not {"", ".", ".."} & set(name.split("/")) and "\\" not in name and "\x00" not in name
        assert all(len(part) <= 120 for part in name.split("/"))


def test_lint_prints_json_for_scripts(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "job.py"
    path.write_text("c.create_labeling_job(LabelingJobName='a b', **more)", encoding="utf-8")
    assert main(["lint", str(path), "--json"]) == 1
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["line"], row["severity"]) == ("REQ-01", 1, "error")


LAB = """
import importlib.util, subprocess, sys
found = {found!r}
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: found if name == "jupyterlab" else real(name, *rest)
calls = []
subprocess.call = lambda words: calls.append([str(each) for each in words]) or 0
from gt_vpc_nb.cli import main
code = main(sys.argv[1:])
print(calls)
sys.exit(code)
"""


def lab(found: bool, *words: str) -> subprocess.CompletedProcess[str]:
    code = LAB.format(found=found or None)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code, "lab", *words], env=environment, capture_output=True, text=True, timeout=60
    )


def test_lab_opens_copies_of_the_tutorials_and_keeps_what_was_changed(tmp_path: Path) -> None:
    folder = tmp_path / "tutorials"
    ran = lab(True, "--to", str(folder), "--no-browser")
    assert ran.returncode == 0, ran.stderr
    tutorials = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert sorted(path.name for path in folder.iterdir()) == tutorials
    assert f"--ServerApp.root_dir={folder}" in ran.stdout and "'--no-browser'" in ran.stdout
    assert str(folder / tutorials[0]) in ran.stdout
    (folder / tutorials[0]).write_text("mine", encoding="utf-8")
    assert json.loads(lab(True, "--to", str(folder), "--json").stdout.splitlines()[0])["open"] == tutorials[0]
    assert (folder / tutorials[0]).read_text(encoding="utf-8") == "mine"


def test_lab_without_jupyterlab_says_how_to_get_it(tmp_path: Path) -> None:
    ran = lab(False, "--to", str(tmp_path))
    assert ran.returncode == 2 and "pip install jupyterlab" in ran.stderr and not list(tmp_path.iterdir())


def test_the_tutorials_are_installed_with_the_package() -> None:
    text = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert "share/gt-vpc-nb/notebooks =\n    notebooks/*.ipynb" in text
