"""A kernel knows whether somebody sits in front of it: who runs a notebook by itself says that nobody can be asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

CODE = "from gt_vpc_nb.report.live_places import is_live; from contextlib import redirect_stdout; import io"


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    manager, client = start_new_kernel(kernel_name="python3")
    client.execute_interactive(CODE, timeout=60)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def answer(kernel: BlockingKernelClient, code: str, *, somebody: bool) -> str:
    said: list[str] = []

    def hear(message: dict) -> None:
        if message["msg_type"] == "execute_result":
            said.append(message["content"]["data"]["text/plain"])

    kernel.execute_interactive(code, allow_stdin=somebody, output_hook=hear, timeout=60)
    return said[-1]


@pytest.mark.parametrize("somebody", [True, False], ids=["JupyterLab, VS Code", "nbclient, papermill, nbval"])
def test_views_are_live_where_somebody_can_be_asked(kernel: BlockingKernelClient, somebody: bool) -> None:
    assert answer(kernel, "is_live()", somebody=somebody) == str(somebody)


def test_output_that_a_program_reads_is_text(kernel: BlockingKernelClient) -> None:
    code = "with redirect_stdout(io.StringIO()):\n    told = is_live()\ntold"
    assert answer(kernel, code, somebody=True) == "False"
