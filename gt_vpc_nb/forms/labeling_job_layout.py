"""The sections of the labeling job form: headings and fields, gone where a task has none of them."""

from __future__ import annotations

from collections.abc import Mapping

import ipywidgets as widgets

from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.forms.fields import grid, heading
from gt_vpc_nb.forms.labeling_job_inputs import RowInput
from gt_vpc_nb.forms.labeling_job_more_rows import SECTIONS


class Sections:
    """One box a section, in the order of the table of rows."""

    def __init__(self, fields: Mapping[str, RowInput]) -> None:
        self._rows = {name: [each.row for each in fields.values() if each.row.section == name] for name in SECTIONS}
        self._boxes = {
            name: widgets.VBox([heading(name), grid(fields[row.name].field for row in rows)])
            for name, rows in self._rows.items()
        }

    @property
    def boxes(self) -> tuple[widgets.VBox, ...]:
        """The sections as they stand in the form."""
        return tuple(self._boxes.values())

    def show(self, job: LabelingJob) -> None:
        """Shows the sections that have a field for this job."""
        for name, rows in self._rows.items():
            wanted = None if any(row.visible(job) for row in rows) else "none"
            if self._boxes[name].layout.display != wanted:
                self._boxes[name].layout.display = wanted
