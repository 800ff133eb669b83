"""The guards of the other tests do guard: the network is shut, and CI lets no skip pass."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

PASSED_OVER = """
import pytest
def test_passes(): pass
@pytest.mark.skip(reason="not today")
def test_skipped(): raise AssertionError
@pytest.mark.xfail(reason="known")
def test_expected_to_fail(): raise AssertionError
"""


@pytest.mark.parametrize("host", ["example.com", "10.0.0.1", "127.0.0.1", "::1"])
def test_a_connection_is_refused_and_remembered_even_when_swallowed(no_sockets: list[str], host: str) -> None:
    with pytest.raises(ConnectionRefusedError, match="needs no network"):
        socket.create_connection((host, 443), timeout=1)
    assert no_sockets == [host]
    no_sockets.clear()


@pytest.mark.sockets
def test_a_marked_test_may_reach_its_own_machine_and_nothing_else(no_sockets: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("example.com", 443))
    no_sockets.clear()


def test_the_environment_holds_no_account_and_a_home_of_this_test(own_home: Path) -> None:
    assert {name for name in os.environ if name.startswith("AWS_")} == {
        "AWS_EC2_METADATA_DISABLED",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
    }
    assert os.environ["GT_VPC_NB_HOME"] == str(own_home)
    assert not own_home.exists()


@pytest.mark.parametrize(("in_ci", "status"), [("1", 1), ("", 0)])
@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_skip_or_an_expected_failure_fails_the_run_in_ci_alone(
    tmp_path: Path, in_ci: str, status: int, workers: str
) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path / "conftest.py")
    (tmp_path / "test_some.py").write_text(PASSED_OVER, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = sockets\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", workers],
        cwd=tmp_path,
        env={**os.environ, "GT_VPC_NB_CI": in_ci, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert ("test_some.py::test_skipped: skipped" in done.stdout) is bool(status)
    assert ("test_some.py::test_expected_to_fail: xfailed" in done.stdout) is bool(status)
