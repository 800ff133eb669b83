"""SageMaker Ground Truth labeling jobs that stay inside a VPC: audit, repair, create, watch, read.

Every name below is loaded when it is first used, so that ``import gt_vpc_nb`` and ``%load_ext gt_vpc_nb`` stay instant.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_ROOMS = {
    "LabelingJob": "builder",
    "survey": "builder",
    "SubmittedJob": "jobs",
    "labeling_job": "jobs",
    "labeling_jobs": "jobs",
    "Surroundings": "preflight.surroundings",
    "Policy": "policy",
    "AccessRequest": "policy",
    "Perimeter": "policy.perimeter",
    "evaluate": "policy",
    "audit": "access",
    "grant": "access",
    "rollback": "access",
    "lint": "linting",
    "manifest": "",
    "labels": "",
    "GtVpcError": "errors",
    "RequestError": "errors",
    "PolicyError": "errors",
    "ManifestError": "errors",
    "CommandError": "errors",
    "AwsError": "errors",
    "ChangeRefused": "errors",
    "JobFailed": "errors",
    "WaitTimeout": "errors",
    "LocalAwsError": "errors",
    "MissingExtra": "errors",
}

__all__ = [*_ROOMS, "__version__"]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("gt-vpc-nb")
    if name not in _ROOMS:
        raise AttributeError(f"module 'gt_vpc_nb' has no attribute '{name}'")
    room = _ROOMS[name]
    if not room:
        return importlib.import_module(f"gt_vpc_nb.{name}")
    value = getattr(importlib.import_module(f"gt_vpc_nb.{room}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: InteractiveShell) -> None:
    """What ``%load_ext gt_vpc_nb`` does: adds the %gt_vpc and %%gt_vpc magics, silently and without the network."""
    from gt_vpc_nb.magics import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """What ``%unload_ext gt_vpc_nb`` does: leaves the shell as it was."""
    from gt_vpc_nb.magics import unload

    unload(shell)
