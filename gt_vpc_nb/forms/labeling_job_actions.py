"""The buttons of the labeling job form, and what they show: the plan, what is sent, what became of it, copies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.forms.fields import Field, button, buttons, heading, said
from gt_vpc_nb.forms.labeling_job_preview import sent_html
from gt_vpc_nb.forms.labeling_job_results import ended_result, status_html
from gt_vpc_nb.plan import Plan

if TYPE_CHECKING:
    from gt_vpc_nb.forms.labeling_job_form import LabelingJobForm
    from gt_vpc_nb.jobs import SubmittedJob


class Actions:
    """Check, Submit and copies; `form` does the work."""

    def __init__(self, form: LabelingJobForm) -> None:
        self._form, self._job = form, None
        press = form.guarded
        self.check = button("Check", press(form.pressed_check), why="Reads what is around the job; changes nothing")
        self.submit = button("Submit", press(form.pressed_submit), why="Checks, then creates the job", style="primary")
        self.python = button("Copy as Python", press(lambda: self._copy("Python", form.to_code())))
        self.yaml = button("Copy as YAML", press(lambda: self._copy("YAML", form.to_yaml())))
        self.refresh = button("Refresh status", press(lambda: form.in_background(self._refresh)))
        self.despite = widgets.Text(description="Submit despite failed checks")
        self.copy = widgets.Textarea(rows=12)
        self.why, self.plan, self.outdated, self.sent, self.status = (widgets.HTML() for _ in range(5))
        despite = Field("Ids of checks that may fail, such as CORS-01; left empty, none may.", self.despite)
        self._copy_box = Field("Click into it, select all (Ctrl+A or ⌘A) and copy (Ctrl+C or ⌘C).", self.copy)
        self._copy_box.visible = False
        self.refresh.layout.display = "none"
        # What is long comes last: what became of a press is read where it was pressed.
        self.parts: tuple[widgets.Widget, ...] = (
            heading("Check and submit"),
            despite.box,
            buttons(self.check, self.submit, self.python, self.yaml),
            self.why,
            form.message,
            self._copy_box.box,
            self.status,
            buttons(self.refresh),
            self.sent,
            self.outdated,
            self.plan,
        )

    def show(self, busy: bool, why_not: Sequence[str], *, outdated: bool = False) -> None:
        """Which buttons can be pressed, and beside Submit why it cannot; whether the last check is of another job."""
        self.check.disabled = busy
        self.submit.disabled = busy or bool(why_not)
        told = "Submit is off: " + " ".join(why_not) if why_not else "Ready to be checked and submitted."
        shown = said("info", told)
        if self.why.value != shown:
            self.why.value = shown
        note = said("warning", "The check below is of the job before it was changed; check again.")
        self.outdated.value = note if outdated else ""

    def despite_ids(self) -> list[str]:
        """The ids of checks that may fail, as typed."""
        return [each for each in re.split(r"[\s,;]+", self.despite.value) if each]

    def show_plan(self, plan: Plan) -> None:
        """Shows the last check."""
        self.plan.value = plan._repr_html_()

    def show_sent(self, job: LabelingJob | None) -> None:
        """Shows what is sent, before it is; None where it was refused."""
        self.sent.value = "" if job is None else sent_html(job)

    def show_status(self, submitted: SubmittedJob) -> None:
        """Shows how the submitted job gets on, and the button that looks again."""
        self._job: Any = submitted
        self.refresh.layout.display = None
        self._refresh()

    def _refresh(self) -> None:
        status = self._job.status()
        self.status.value = status_html(status)
        if status.ended:
            self._form.keep(*ended_result(self._job, status))

    def _copy(self, what: str, text: str) -> None:
        self.copy.description = f"{what} to copy"
        self.copy.value = text
        self._copy_box.visible = True
