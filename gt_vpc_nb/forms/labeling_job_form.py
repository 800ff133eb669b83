"""`LabelingJobForm`: a labeling job filled in field by field, checked as you type, and sent when it is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any, Self

import ipywidgets as widgets

from gt_vpc_nb.aws.sessions import open_session, place_of
from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.defaults import filled, found_defaults
from gt_vpc_nb.errors import GtVpcError, Problem, RequestError
from gt_vpc_nb.forms.face import Face
from gt_vpc_nb.forms.fields import Field, heading, problems_html, said
from gt_vpc_nb.forms.labeling_job_actions import Actions
from gt_vpc_nb.forms.labeling_job_inputs import RowInput
from gt_vpc_nb.forms.labeling_job_layout import Sections
from gt_vpc_nb.forms.labeling_job_more_rows import ROWS
from gt_vpc_nb.forms.labeling_job_offers import Found, Offers
from gt_vpc_nb.forms.labeling_job_placing import failed_checks, placed, reasons
from gt_vpc_nb.forms.labeling_job_preview import VIEWS, code_of, in_place, preview_html
from gt_vpc_nb.forms.labeling_job_results import job_html, submitted_result
from gt_vpc_nb.plan import Plan, plan_of

if TYPE_CHECKING:
    from gt_vpc_nb.aws.configuration_files import Configured
    from gt_vpc_nb.jobs import SubmittedJob


class LabelingJobForm(Face):
    """A form for a labeling job: `.job` is the job as it stands in the form, and setting it fills the form in.

    Nothing reaches AWS but reading, until Submit is pressed. `.plan` is the last check, `.result` the submitted job,
    `.error` the last exception. Give a job to begin with, such as `LabelingJob.example("BoundingBox")`; `settings` are
    defaults as those of ``%config GtVpcMagics``. Fields that stay open get their defaults when the job is checked.
    """

    def __init__(
        self, job: LabelingJob | None = None, session: Any = None, *, settings: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__("Labeling job form")
        self.session, self.settings = session, dict(settings or {})
        self.plan: Plan | None = None
        self.result: SubmittedJob | None = None
        self._defaults: list[Configured] = []
        self._checked: LabelingJob | None = None
        self._job = self._base = LabelingJob() if job is None else job
        self._lock, self._busy = RLock(), False
        self.problems: tuple[Problem, ...] = ()
        self.fields = {row.name: RowInput(row, self._typed) for row in ROWS}
        self._top = widgets.HTML()
        self._sections = Sections(self.fields)
        self.view = widgets.Dropdown(description="Preview as", options=list(VIEWS))
        self.preview = widgets.HTML()
        self.actions = Actions(self)
        self._offers = Offers(session, self._offered)
        self.view.observe(lambda _: self.guarded(self._preview)(), "value")
        self.show(self._standing(), self._top, *self._sections.boxes, heading("Preview"),
                  Field("Lines that are not as they were are marked.", self.view).box, self.preview,
                  *self.actions.parts)  # fmt: skip
        self._show_job(anew=True)
        self.in_background(self._read_defaults)
        self._ask_offers()

    # -- the job --------------------------------------------------------------------------------------------------

    @property
    def job(self) -> LabelingJob:
        """The job as it stands in the form; set it, and the form shows the other one."""
        return self._job

    @job.setter
    def job(self, job: LabelingJob) -> None:
        if not isinstance(job, LabelingJob):
            raise RequestError(f"form.job was given {type(job).__name__}; give a LabelingJob.")
        with self._lock:
            moved = job.region != self._job.region
            self._job = self._base = job
            self._show_job(anew=True)
        if moved:
            self._ask_offers()

    def to_code(self, kind: str = "python") -> str:
        """The job as code: "python" is this package's, the others are those of `LabelingJob.to_code`."""
        return code_of(self._job if kind == "python" else self._whole(self._job), kind)

    def to_yaml(self) -> str:
        """The job as the body of `%%gt_vpc job`."""
        return self._job.to_yaml()

    # -- checking and sending ---------------------------------------------------------------------------------------

    def check(self) -> Plan:
        """Plans the job as it stands in the form: reads what is around it, and changes nothing."""
        self._refuse_unread()
        job = self._job
        plan = plan_of(job, self.session, self.settings)
        self.plan, self._checked = plan, job
        self.actions.show_plan(plan)
        self._show_job()
        self.tell(plan.verdict, "done" if plan.ready else "warning")
        return plan

    def submit(self, despite: Sequence[str] = ()) -> SubmittedJob:
        """Checks and submits the job as it stands in the form; `despite` names checks that may have failed.

        Raises RequestError for what cannot be sent, and where the same name was sent from this form already.
        """
        if self._sent_name() is not None:
            raise RequestError(" ".join(self.why_not()))
        plan = self.check()
        if plan.preflight is not None:
            self.actions.show_sent(in_place(plan.job, self._here()))
        try:
            self.result = plan.submit(despite)
        except GtVpcError:
            self.actions.show_sent(None)
            raise
        self._base = self._checked or self._job
        self._show_job()
        self.tell(f"Submitted: {self.result}.", "done")
        return self.result

    def why_not(self) -> list[str]:
        """Why the job cannot be submitted as it stands, a sentence each; empty where it can."""
        errors: dict[str, int] = {}
        for name, found in placed(self.problems, ROWS, self._job).items():
            if count := sum(each.severity == "error" for each in found):
                errors[self.fields[name].row.label if name else "the top of the form"] = count
        unread = [each.row.label for each in self.fields.values() if each.unread]
        return reasons(unread, errors, not self._whole(self._job).region, self._sent_name())

    def pressed_check(self) -> None:
        """What the button Check does."""
        self._work("Checking …", self.check)

    def pressed_submit(self) -> None:
        """What the button Submit does: a second press while the first is at work, or after it, does nothing."""
        if not self.why_not():
            self._work("Checking, then sending …", self._submit_and_keep)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def plain(self) -> tuple[str, str]:
        """The result if there is one; otherwise the job as it stands."""
        return self._kept if self.result is not None else (job_html(self._job), repr(self._job))

    def wait(self, timeout: float | None = 60) -> Self:
        """Waits for buttons that are at work and for the account's offers; for code that uses the form."""
        self._offers.wait(timeout)
        return super().wait(timeout)

    def _typed(self, field: RowInput) -> None:
        self.guarded(lambda: self._take(field))()

    def _take(self, field: RowInput) -> None:
        with self._lock:
            before = self._job
            try:
                value = field.typed()
                field.unread = ""
                if not field.same(field.row.value(self._job), value):
                    self._job = field.row.changed(self._job, value)
            except RequestError as error:
                field.unread = str(error)
            self._show_job()
        if self._job.region != before.region:
            self._ask_offers()

    def _show_job(self, *, anew: bool = False) -> None:
        with self._lock:
            job, whole = self._job, filled(self._job, self._defaults)
            self.problems = tuple(whole.job.problems())
            under = placed(self.problems, ROWS, job)
            fresh = self.plan if self.plan is not None and self._checked == job else None
            checked = failed_checks(fresh.preflight, ROWS, job) if fresh else {}
            told = {row.field: str(row) for row in whole.provenance if row.origin != "given"}
            for name, field in self.fields.items():
                field.show(job, anew=anew)
                problems = [*under.get(name, ()), *checked.get(name, ())]
                field.field.said = field.note(job, told.get(name, "")) + problems_html(problems)
            self._top.value = problems_html(under.get("", ()))
            self._sections.show(job)
            self._preview()
            self._show_actions()

    def _show_actions(self) -> None:
        outdated = self.plan is not None and self._checked != self._job
        self.actions.show(self._busy, self.why_not(), outdated=outdated)

    def _preview(self) -> None:
        self.preview.value = preview_html(self.view.value, self._job, self._base, self._whole)

    def _work(self, doing: str, action: Any) -> None:
        with self._lock:
            if self._busy:
                return
            self._busy, self.error = True, None
            self.tell(doing)
            self.actions.show(True, [doing])
        self.in_background(lambda: self._do(action))

    def _do(self, action: Any) -> None:
        try:
            action()
        finally:
            with self._lock:
                self._busy = False
                self._show_actions()

    def _submit_and_keep(self) -> None:
        submitted = self.submit(self.actions.despite_ids())
        self.keep(*submitted_result(submitted, self._base))
        self.actions.show_status(submitted)

    def _refuse_unread(self) -> None:
        unread = [f"{each.row.label}: {each.unread}" for each in self.fields.values() if each.unread]
        if unread:
            raise RequestError("\n".join(["Some fields cannot be read:", *unread]))

    def _sent_name(self) -> str | None:
        return self.result.name if self.result is not None and self.result.name == self._job.name else None

    # -- where it goes ------------------------------------------------------------------------------------------------

    def _whole(self, job: LabelingJob) -> LabelingJob:
        """The job as it would be sent: with its defaults, in the session's Region where it names none."""
        return in_place(filled(job, self._defaults).job, self._here())

    def _read_defaults(self) -> None:
        self._defaults = found_defaults(self.session, magics=self.settings)
        if self._defaults:
            self._show_job()

    def _here(self) -> str | None:
        try:
            return open_session(self.session).region_name
        except Exception:  # a profile that is not configured is told when something is asked of it
            return None

    def _standing(self) -> widgets.HTML:
        try:
            place = place_of(self.session)
        except Exception as error:
            return widgets.HTML(said("error", error))
        return widgets.HTML(said("info", f"Calls go to: {place}, {self._here() or 'no Region'}. Only Submit writes."))

    def _ask_offers(self) -> None:
        kinds = sorted({row.offers for row in ROWS if row.offers})
        for field in self.fields.values():
            if field.row.offers:
                field.offer(None)
        self._offers.ask(kinds, self._job.region or self._here())

    def _offered(self, kind: str, found: Found) -> None:
        with self._lock:
            for field in self.fields.values():
                if field.row.offers == kind:
                    field.offer(found)
                    field.show(self._job)
