from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gt_vpc_nb import __version__
from gt_vpc_nb.cli import main

# The command as a newcomer runs it, on a machine whose every connection is refused.
OFFLINE = """
import socket, sys

def refused(*_):
    raise AssertionError("the tour touched the network")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refused
from gt_vpc_nb.cli import main
sys.exit(main())
"""
COMMAND = [sys.executable, "-c", OFFLINE]


def environment(home: Path) -> dict[str, str]:
    """A newcomer's environment: an empty home, no AWS settings, its own temporary folder."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GT_VPC_NB", "MPL", "XDG"))
    }
    for folder in ("home", "tmp"):
        (home / folder).mkdir(exist_ok=True)
    return {**kept, "HOME": str(home / "home"), "TMPDIR": str(home / "tmp")}


def tour(home: Path, *words: str) -> str:
    ran = subprocess.run([*COMMAND, "tour", *words], env=environment(home), capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    return ran.stdout


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    home = tmp_path_factory.mktemp("newcomer")
    return home, tour(home)


def test_the_tour_walks_through_all_five_steps(walked):
    _, text = walked
    assert re.findall(r"^(\d)\. ", text, re.M) == ["1", "2", "3", "4", "5"]


def test_the_audit_says_that_ground_truth_is_shut_out_and_by_which_statement(walked):
    first = walked[1].split("2. Submit anyway")[0]
    assert "Ground Truth is shut out of 2 of 2" in first
    assert re.search(r"ground-truth +GetObject, PutObject +Access-to-specific-VPCE-only", first)


def test_the_job_fails_as_the_preflight_said(walked):
    second = walked[1].split("2. Submit anyway")[1].split("3. Repair")[0]
    assert "S3P-01" in second and "Failed" in second


def test_the_grant_opens_ground_truths_endpoint_and_nobody_else(walked):
    third = walked[1].split("3. Repair")[1].split("4. Create")[0]
    assert "+" in third and "vpce-08408e335ebf95b40" in third
    assert "Ground Truth gets into every bucket" in third.split("Audit")[-1]


def test_the_job_completes_with_human_and_machine_labels(walked):
    fourth = walked[1].split("4. Create")[1].split("5. Read")[0]
    assert "Completed" in fourth


def test_the_last_table_tells_humans_and_machine_apart(walked):
    last = walked[1].split("Labels against the truth")[1]
    assert re.search(r"^humans +[\d,]+", last, re.M) and re.search(r"^machine +[\d,]+", last, re.M)


def test_the_picture_is_where_the_tour_says(walked):
    path = Path(re.search(r"with their labels: (\S+\.png)", walked[1])[1])
    assert path.read_bytes().startswith(b"\x89PNG")


def test_the_tour_leaves_nothing_outside_its_own_folder(walked):
    home, _ = walked
    assert list((home / "home").iterdir()) == []
    assert [each.name.startswith("gt-vpc-nb-tour-") for each in (home / "tmp").iterdir()] == [True]


def test_another_seed_gives_other_mistakes_and_counters(walked, tmp_path):
    other = tour(tmp_path, "--seed", "8", "--keep", str(tmp_path / "kept"))
    tables = [text.split("Labels against the truth")[1].split("Everything")[0] for text in (walked[1], other)]
    assert tables[0] != tables[1]
    assert (tmp_path / "kept" / "digits-with-labels.png").exists()


def test_the_same_seed_gives_the_same_tour(walked, tmp_path):
    def words(text):
        return re.sub(r"/\S*gt-vpc-nb-tour-\S*", "FOLDER", text)

    assert words(tour(tmp_path)) == words(walked[1])


@pytest.mark.parametrize("seconds", [1.5, 5.0])
def test_killing_the_tour_leaves_nothing_outside_its_folder(seconds, tmp_path):
    running = subprocess.Popen([*COMMAND, "tour"], env=environment(tmp_path), stdout=subprocess.DEVNULL)
    time.sleep(seconds)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert list((tmp_path / "home").iterdir()) == []
    assert all(each.name.startswith("gt-vpc-nb-tour-") for each in (tmp_path / "tmp").iterdir())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["tuor"], "did you mean 'tour'?"),
        (["take_home", "signs"], "did you mean 'take-home'?"),
        (["audit"], "the following arguments are required: BUCKET"),
        (["audit", "b", "--region", "nowhere"], "does not run in Region 'nowhere'"),
        (["jobs", "--profile", "nobody"], "profile"),
        ([], "the following arguments are required: COMMAND"),
        (["tour", "--sed", "1"], "there is no option --sed; did you mean '--seed'?"),
        (["tour", "--seed", "many"], "invalid int value: 'many'"),
        (["tour", "--keep", "/dev/null/x"], "this folder cannot be made"),
    ],
)
def test_a_wrong_command_line_is_one_sentence_and_not_done(words, sentence, capsys):
    assert main(words) == 2
    assert sentence in capsys.readouterr().err


def test_help_is_no_failure(capsys):
    assert main(["tour", "--help"]) == 0
    assert "--seed" in capsys.readouterr().out


def test_the_version_is_the_packages(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"gt-vpc-nb {__version__}\n"


def test_a_reader_who_has_enough_ends_the_command_quietly(tmp_path):
    path = tmp_path / "jobs.py"
    path.write_text("c.create_labeling_job(LabelingJobName='a b')\n" * 2000, encoding="utf-8")
    words = [sys.executable, "-m", "gt_vpc_nb.cli", "lint", str(path)]
    ran = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert ran.stdout.readline().startswith(f"{path}:1: ")
    ran.stdout.close()
    assert ran.wait(60) == 1 and "Traceback" not in ran.stderr.read() and ran.stderr.close() is None


def test_help_ends_each_sentence_once(capsys):
    main(["audit", "--help"])
    assert "Ground Truth? Exits 1" in " ".join(capsys.readouterr().out.split())
