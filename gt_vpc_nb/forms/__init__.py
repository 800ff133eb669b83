"""Forms and views of widgets, for whoever would rather fill in than write: core ipywidgets, and nothing to install."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gt_vpc_nb.forms.jobs_view import JobsView
    from gt_vpc_nb.forms.labeling_job_form import LabelingJobForm
    from gt_vpc_nb.forms.policy_form import PolicyForm

__all__ = ["JobsView", "LabelingJobForm", "PolicyForm"]

_ROOMS = {"LabelingJobForm": "labeling_job_form", "PolicyForm": "policy_form", "JobsView": "jobs_view"}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module 'gt_vpc_nb.forms' has no attribute '{name}'")
    value = getattr(importlib.import_module(f"gt_vpc_nb.forms.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
