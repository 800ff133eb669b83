"""Every test stands alone: no account, no home, no network; and in CI nothing is skipped."""

from __future__ import annotations

import itertools
import os
import socket
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_COUNTER = itertools.count()
_OWN_MACHINE = {"127.0.0.1", "::1", "localhost"}


def pytest_configure(config: pytest.Config) -> None:
    """Clears the account out of the environment once: for docstring examples and notebook kernels, too."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    nowhere = Path(tempfile.gettempdir(), "gt-vpc-nb-tests-have-no-aws-config")
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(nowhere)
    os.environ.setdefault("MPLBACKEND", "agg")
    if find_spec("hypothesis") is not None:
        # On a machine that does other things too, milliseconds say nothing; the tools' environments have no hypothesis.
        from hypothesis import settings

        settings.register_profile("unhurried", deadline=None)
        settings.load_profile("unhurried")
    home = tempfile.TemporaryDirectory(prefix="gt-vpc-nb-tests-")
    config.add_cleanup(home.cleanup)
    os.environ["GT_VPC_NB_HOME"] = home.name


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal folder of this test alone; it does not exist until the code under test makes it."""
    home = tmp_path_factory.getbasetemp() / f"home-{next(_COUNTER)}"
    monkeypatch.setenv("GT_VPC_NB_HOME", str(home))
    return home


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell of IPython with the magics, which are taken out again."""
    # The tools' environments run their tests beside this file, too, and have no need of IPython.
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "gt_vpc_nb")
    yield shell
    shell.run_line_magic("unload_ext", "gt_vpc_nb")


@pytest.fixture(autouse=True)
def no_sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Refuses connections and name look-ups, and yields the hosts that were refused.

    Code that swallows the refusal fails its test all the same, at the end, unless the test clears the list.
    """
    own_machine = request.node.get_closest_marker("sockets") is not None
    refused: list[str] = []

    def check(host: object) -> None:
        if not (own_machine and str(host) in _OWN_MACHINE):
            refused.append(str(host))
            raise ConnectionRefusedError(f"a test tried to reach {host!r}; the local AWS needs no network")

    def guarded(method: str) -> object:
        real = getattr(socket.socket, method)

        def connect(self: socket.socket, address: object) -> object:
            if self.family != socket.AF_UNIX:
                check(address[0])
            return real(self, address)

        return connect

    real_lookup = socket.getaddrinfo

    def getaddrinfo(host: object, *args: object, **kwargs: object) -> object:
        check(host)
        return real_lookup(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded("connect"))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded("connect_ex"))
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield refused
    assert not refused, f"the network was tried: {', '.join(refused)}"


def _passed_over(config: pytest.Config) -> list[str]:
    """What was collected but not judged; only the process that reports to the terminal knows all of it."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("GT_VPC_NB_CI") != "1" or reporter is None or hasattr(config, "workerinput"):
        return []
    kinds = ("skipped", "xfailed", "xpassed")
    return [f"{report.nodeid}: {kind}" for kind in kinds for report in reporter.stats.get(kind, [])]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With GT_VPC_NB_CI=1 a skipped or expected failure ends the run with exit status 1, as a failed test does."""
    if _passed_over(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Names what CI does not let pass."""
    passed_over = _passed_over(config)
    if passed_over:
        terminalreporter.section("GT_VPC_NB_CI=1: nothing may be skipped", red=True)
        for line in passed_over:
            terminalreporter.write_line(line, red=True)
