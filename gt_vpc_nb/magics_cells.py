"""A %%gt_vpc cell of one line, which IPython itself would refuse before any magic sees it."""

from __future__ import annotations

import re

from IPython.core.interactiveshell import InteractiveShell

_MAGIC = re.compile(r"%%gt_vpc(?![\w?])")


def with_a_body(lines: list[str]) -> list[str]:
    """The cell's lines, with an empty one after a %%gt_vpc line that stands alone.

    IPython's own answer to a cell magic without a body is a UsageError, which nbval and nbmake take for success, and
    which keeps `%%gt_vpc job --help` from its help.
    """
    return [*lines, "\n"] if len(lines) == 1 and _MAGIC.match(lines[0]) else lines


def add(shell: InteractiveShell) -> None:
    """Lets the shell read such cells; a second time changes nothing."""
    remove(shell)
    shell.input_transformers_cleanup.append(with_a_body)


def remove(shell: InteractiveShell) -> None:
    """Takes it out again, also where it was added before this file was read anew."""
    steps = shell.input_transformers_cleanup
    steps[:] = [each for each in steps if getattr(each, "__module__", "") != __name__]
