"""A JupyterLab of its own: port, token, settings and kernels belong to one test worker and end with it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Debian's, or the one that this variable names; None where there is none.
CHROMIUM = os.environ.get("GT_VPC_NB_CHROMIUM") or shutil.which("chromium")

_TRACKER = "notebook-extension/tracker"
#: Every cell is in the page, also those that nobody scrolled to.
_ALL_CELLS = {"windowingMode": "none"}
_SETTINGS = {
    # Without this a dialog asks for the kernel and lies over the page for ever.
    _TRACKER: {"autoStartDefaultKernel": True, **_ALL_CELLS},
    # Without this a question about Jupyter's news lies over the page, and the server tries the network.
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it answers, and the folder that it shows."""

    address: str
    token: str
    root: Path
    settings: Path

    def url(self, path: str) -> str:
        """One notebook in the whole window, without the layout of an earlier one."""
        return f"{self.address}/doc/tree/{path}?reset&token={self.token}"

    def write(self, cells: Sequence[str]) -> str:
        """A new notebook of these cells; its path in the lab."""
        import nbformat

        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        path = f"{secrets.token_hex(4)}.ipynb"
        nbformat.write(book, self.root / path)
        return path

    def put(self, file: Path) -> str:
        """A copy of a notebook, its outputs emptied, so that what is seen was made here."""
        import nbformat

        book = nbformat.read(file, as_version=4)
        for cell in book.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        path = f"{secrets.token_hex(4)}.ipynb"
        nbformat.write(book, self.root / path)
        return path

    @contextlib.contextmanager
    def without_kernel(self, path: str) -> Iterator[None]:
        """As long as this lasts, the notebook is opened as where no kernel is installed that could be its own."""
        book = json.loads((self.root / path).read_text(encoding="utf-8"))
        book["metadata"]["kernelspec"] = {"name": "elsewhere", "display_name": "Elsewhere", "language": "elsewhere"}
        book["metadata"].pop("language_info", None)
        (self.root / path).write_text(json.dumps(book), encoding="utf-8")
        _set(self.settings, _TRACKER, {"autoStartDefaultKernel": False, **_ALL_CELLS})
        try:
            yield
        finally:
            _set(self.settings, _TRACKER, _SETTINGS[_TRACKER])

    def end_kernels(self, path: str | None = None) -> None:
        """Ends the kernel of one notebook, or of all, as a restart of the machine would."""
        for session in json.loads(self._ask("GET", "sessions")):
            if path in (None, session["path"]):
                self._ask("DELETE", f"sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.address}/api/{path}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()


@contextlib.contextmanager
def lab_server(root: Path, patience: float = 120) -> Iterator[Lab]:
    """Starts JupyterLab on a free port of this machine, and ends it with all its kernels."""
    own = Path(tempfile.mkdtemp(prefix="gt-vpc-nb-lab-"))
    for plugin, values in _SETTINGS.items():
        _set(own / "settings", plugin, values)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lab = Lab(f"http://127.0.0.1:{port}", secrets.token_hex(16), root, own / "settings")
    with (own / "log").open("w") as log:
        # A session of its own, so that one signal reaches the kernels too.
        server = subprocess.Popen(
            _command(lab, port), stdout=log, stderr=subprocess.STDOUT, env=_environment(own), start_new_session=True
        )
    try:
        _wait_for(lab, server, own / "log", time.monotonic() + patience)
        yield lab
    finally:
        _end(server)
        shutil.rmtree(own, ignore_errors=True)


def _command(lab: Lab, port: int) -> list[str]:
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": lab.root.resolve(),
        "IdentityProvider.token": lab.token,
        # `window.jupyterapp`, to run commands and to ask for the kernel's state.
        "LabApp.expose_app_in_browser": True,
        # A kernel is ended for good; what it would do for that takes longer than the test.
        "KernelManager.shutdown_wait_time": 0.5,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *given]


def _environment(own: Path) -> dict[str, str]:
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "GT_VPC_NB_HOME": "journal",
    }
    return {**os.environ, **{name: str(own / folder) for name, folder in folders.items()}}


def _set(settings: Path, plugin: str, values: dict[str, object]) -> None:
    path = settings / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values), encoding="utf-8")


def _wait_for(lab: Lab, server: subprocess.Popen[bytes], log: Path, end: float) -> None:
    while True:
        with contextlib.suppress(OSError):
            lab._ask("GET", "status")
            return
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"JupyterLab did not come up:\n{log.read_text()[-4000:]}")
        time.sleep(0.2)


def _end(server: subprocess.Popen[bytes]) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(15)
            return
