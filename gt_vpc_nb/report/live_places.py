"""Where a live view makes sense: only where somebody sits in front of a notebook."""

from __future__ import annotations

import os
import sys
from typing import Any

from gt_vpc_nb.errors import RequestError

#: Says for a whole process whether views are live: 1 or 0.
SWITCH = "GT_VPC_NB_LIVE"
_ANSWERS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": None}


def is_live(live: bool | None = None) -> bool:
    """Whether to show a live view: as told, else as $GT_VPC_NB_LIVE says, else whether somebody sits at a notebook.

    A notebook that runs by itself (papermill, nbconvert, nbclient, nbval) tells its kernel that nobody can be asked;
    JupyterLab, Notebook and VS Code say that somebody can.
    """
    if live is not None:
        return bool(live)
    word = os.environ.get(SWITCH, "").strip().lower()
    if word not in _ANSWERS:
        raise RequestError(f"${SWITCH} is '{word}'; set it to 1 for live views, to 0 for text, or not at all.")
    told = _ANSWERS[word]
    return _somebody_sits_here() if told is None else told


def runs_by_itself() -> bool:
    """Whether this is a notebook that nobody sits at: what it shows has to be the same each time."""
    return _kernel() is not None and not _can_be_asked()


def _somebody_sits_here() -> bool:
    # Output that is redirected or captured is read by a program.
    return _can_be_asked() and type(sys.stdout).__module__.startswith("ipykernel")


def _kernel() -> Any:
    ipython = sys.modules.get("IPython")
    return getattr(ipython.get_ipython() if ipython else None, "kernel", None)


def _can_be_asked() -> bool:
    try:
        return bool(_kernel().get_parent("shell")["content"]["allow_stdin"])
    except (AttributeError, KeyError, TypeError):
        return False
