"""The account's labeling jobs in a notebook: filter, sort, and for one that is chosen watch, diagnose, labels, stop."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from gt_vpc_nb.aws.sessions import open_session, place_of
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.forms.face import Face
from gt_vpc_nb.forms.fields import Field, button, buttons, grid, heading, said, text_region
from gt_vpc_nb.forms.jobs_rows import ANY, DRAWN, SORTS, chosen_rows, rows_html
from gt_vpc_nb.jobs import SubmittedJob, labeling_jobs
from gt_vpc_nb.jobs_watching import line_of
from gt_vpc_nb.report.job_status import STATUSES
from gt_vpc_nb.report.live import Watch

_SIGHT = {"description_allow_html": False, "layout": {"width": "auto"}}


class JobsView(Face):
    """The labeling jobs of an account as a view to filter and sort; a job that is chosen can be looked into.

    `.jobs` is the table as it was last read, `.rows` what the filters leave of it, `.chosen` the job that the buttons
    are about, `.watches` what is being watched. `regions` are asked besides, or instead of, the session's Region.
    """

    def __init__(self, session: Any = None, regions: Sequence[str] | None = None) -> None:
        super().__init__("Labeling jobs", "nothing was looked into yet")
        self.session = session
        self.watches: list[Watch] = []
        self.jobs = labeling_jobs(session, regions)
        named = [regions] if isinstance(regions, str) else regions or filter(None, [open_session(session).region_name])
        self._make_fields(", ".join(named))
        self._make_buttons()
        self.list = widgets.HTML()
        self.result = widgets.HTML()
        self.live = widgets.VBox([])
        self.show(
            grid([self.status_field, self.name_field, self.sort_field, self.regions_field]),
            buttons(self.refresh_button),
            self.list,
            self.choice_field.box,
            buttons(self.watch_button, self.diagnose_button, self.labels_button, self.stop_button),
            self.ask,
            self.live,
            self.result,
        )
        self._redraw()

    def _make_fields(self, regions: str) -> None:
        self.status = widgets.Dropdown(description="Status", options=[ANY, *STATUSES], **_SIGHT)
        self.name_contains = widgets.Text(description="Name contains", continuous_update=True, **_SIGHT)
        self.sort = widgets.Dropdown(description="Sort by", options=list(SORTS), **_SIGHT)
        self.regions = widgets.Text(description="Regions", value=regions, continuous_update=False, **_SIGHT)
        self.choice = widgets.Select(description="Labeling job", options=[], rows=5, **_SIGHT)
        self.status_field = Field("", self.status)
        self.name_field = Field("", self.name_contains)
        self.sort_field = Field("", self.sort)
        self.regions_field = Field("Codes with commas between them; Refresh asks them.", self.regions)
        self.choice_field = Field("Choose with the arrow keys; the buttons below are about this job.", self.choice)
        for each in (self.status, self.name_contains, self.sort):
            each.observe(self.guarded(self._redraw), "value")
        self.choice.observe(self.guarded(self._choose), "value")

    def _make_buttons(self) -> None:
        self.refresh_button = button("Refresh", self.guarded(self.refresh), why="Ask AWS again")
        self.watch_button = button("Watch", self.guarded(self.watch), why="Show how the chosen job gets on")
        self.diagnose_button = button("Diagnose", self._about("Diagnosis", _diagnosis), why="Why it is stuck or failed")
        self.labels_button = button("Open labels", self._about("Labels", _labels), why="What it has labeled so far")
        self.stop_button = button("Stop job…", self.guarded(self._ask), why="Asks before it stops the chosen job")
        self.stop_yes = button("Yes, stop it", self.guarded(self._stop), why="Stop the job for good", style="danger")
        self.stop_no = button("No, let it go on", self.guarded(self._unasked), why="Leave the job alone")
        self.question = widgets.HTML()
        self.ask = widgets.VBox([self.question, buttons(self.stop_no, self.stop_yes)])
        self.ask.layout.display = "none"

    @property
    def rows(self) -> Any:
        """What the filters leave of the jobs, in the order that is shown: a DataFrame."""
        return chosen_rows(self.jobs, self.status.value, self.name_contains.value, self.sort.value)

    @property
    def chosen(self) -> SubmittedJob | None:
        """The job that the buttons are about."""
        return SubmittedJob(self.choice.value[0], self.session, self.choice.value[1]) if self.choice.value else None

    def refresh(self) -> None:
        """Asks AWS again, beside the kernel."""
        regions = [each.strip() for each in self.regions.value.split(",") if each.strip()]
        self.refresh_button.disabled = True
        self.tell(f"Asking {place_of(self.session)} …")
        self.in_background(lambda: self._read(regions))

    def _read(self, regions: list[str]) -> None:
        try:
            self.jobs = labeling_jobs(self.session, regions or None)
            self.tell("\n".join(filter(None, [self.jobs.note, "Read anew."])), "warning" if self.jobs.note else "done")
            self._redraw()
        finally:
            self.refresh_button.disabled = False

    def watch(self) -> Watch:
        """Shows how the chosen job gets on, under the table."""
        view = Watch([line_of(self._one())])
        # After the view's own: what it says last is kept.
        view.lines[0].told.append(lambda: self.keep(view._repr_html_(), repr(view)) if view.ended else None)
        view.start()
        view.widget.add_class("gt-vpc-nb-field")
        self.watches.append(view)
        self.live.children = (*self.live.children, view.widget)
        return view

    def plain(self) -> tuple[str, str]:
        """The table as it was last read, and what was last looked into."""
        watched = [view for view in self.watches if view.statuses]
        as_html = "".join([self.jobs._repr_html_(), *(view._repr_html_() for view in watched), self.result.value])
        return as_html, "\n".join([repr(self.jobs), *map(repr, watched)])

    def _redraw(self) -> None:
        rows = self.rows
        # A name alone is not enough: two Regions may have a job of the same name.
        options = [(f"{row['name']} · {row['region']} · {row['status']}", (row["name"], row["region"]))
                   for row in rows.head(DRAWN).to_dict("records")]  # fmt: skip
        kept, values = self.choice.value, [value for _, value in options]
        if list(self.choice.options) != options:
            self.choice.options = options
        self.choice.value = kept if kept in values else (values[0] if values else None)
        self._choose()

    def _choose(self) -> None:
        rows = self.rows
        shown = f"{len(rows):,} of {len(self.jobs):,} shown · {self.jobs.summary}"
        self.list.value = rows_html(rows, f"Labeling jobs: {shown}", self.choice.value)
        ended = {"Completed", "Failed", "Stopped", "Stopping"}
        status = {(row["name"], row["region"]): row["status"] for row in rows.to_dict("records")}
        state = status.get(self.choice.value)
        for each in (self.watch_button, self.diagnose_button, self.labels_button):
            each.disabled = state is None
        self.stop_button.disabled = state is None or state in ended
        why = "No job is shown: change the filters, or Refresh." if state is None else ""
        self.choice_field.said = said("info", why) if why else ""
        self._unasked()

    def _one(self) -> SubmittedJob:
        if self.chosen is None:
            raise RequestError("No labeling job is chosen: choose one under the table.")
        return self.chosen

    def _ask(self) -> None:
        job = self._one()
        words = f"Stop labeling job '{job.name}'? What is labeled so far is kept; it cannot be started again."
        self.question.value = said("warning", words)
        self.ask.layout.display = None

    def _unasked(self) -> None:
        self.ask.layout.display, self.question.value = "none", ""

    def _stop(self) -> None:
        # Without the question on the screen nothing is stopped, whoever clicks.
        if not self.question.value:
            raise RequestError("Press 'Stop job…' first: it asks about the chosen job.")
        job = self._one()
        self._unasked()
        status = job.stop()
        self.tell(f"{status.line()}", "done")
        self.refresh()

    def _about(self, title: str, look: Callable[[SubmittedJob], tuple[str, str]]) -> Callable[..., None]:
        """A callback that looks into the chosen job and shows and keeps what it found."""

        def find() -> None:
            job = self._one()
            self.tell(f"Looking into labeling job '{job.name}' …")
            self.in_background(lambda: self._found(title, job, look))

        return self.guarded(find)

    def _found(self, title: str, job: SubmittedJob, look: Callable[[SubmittedJob], tuple[str, str]]) -> None:
        as_html, as_text = look(job)
        self.tell("")
        name = f"{title} of labeling job '{job.name}'"
        self.result.value = f"{heading(name).value}{as_html}"
        self.keep(f"<p>{html.escape(name)}</p>{as_html}", f"{name}\n{as_text}")


def _diagnosis(job: SubmittedJob) -> tuple[str, str]:
    text = repr(job.diagnose())
    return text_region("Diagnosis", [("", line) for line in text.splitlines()]), text


def _labels(job: SubmittedJob) -> tuple[str, str]:
    found = job.labels()
    code = f"labeling_job({job.name!r}, session, {job.region!r}).labels()"
    return f"{found._repr_html_()}<p><code>{html.escape(code)}</code></p>", f"{found!r}\n{code}"
