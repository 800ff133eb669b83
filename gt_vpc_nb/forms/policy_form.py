"""A bucket's policy in a notebook: edited with findings beside its lines, planned, applied with all guards, undone."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ipywidgets as widgets

from gt_vpc_nb.access import PolicyChange, grant, rollback
from gt_vpc_nb.access_draft import PolicyDraft, draft
from gt_vpc_nb.access_matrix import before_and_after
from gt_vpc_nb.aws.bucket_policies import read_policy
from gt_vpc_nb.aws.sessions import open_session, place_of
from gt_vpc_nb.errors import PolicyError, RequestError
from gt_vpc_nb.forms.face import Face
from gt_vpc_nb.forms.fields import Field, button, buttons, heading, said, text_region
from gt_vpc_nb.forms.policy_perimeter import PerimeterFields
from gt_vpc_nb.forms.policy_text import counted, edit_html, indented, listed, openings_html, with_findings
from gt_vpc_nb.policy import Finding, Policy
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.reach import Opening

#: A title, the change, and the ways in that are left after it.
_Planned = tuple[str, PolicyChange, Sequence[Opening]]
_NO_PLAN = "Nothing is planned: press Check, Let Ground Truth in, or Roll back; each only shows what it would do."


class PolicyForm(Face):
    """A bucket's policy as a form. Everything is shown first; only Apply changes anything, with the guards of `grant`.

    `.text` is the policy as it is edited, `.change` what Apply would do (a `PolicyChange`, or None), `.draft` the last
    check of the text. Whatever is edited takes the plan back. `perimeter` fills the fields of who may come in.
    """

    def __init__(self, bucket: str, session: Any = None, perimeter: Perimeter | None = None) -> None:
        super().__init__(f"Policy of bucket '{bucket}'", "nothing was changed")
        self.bucket, self.session = bucket, session
        self.change: PolicyChange | None = None
        self.draft: PolicyDraft | None = None
        self._edits = 0
        here = open_session(session).region_name
        self.perimeter_fields = PerimeterFields(perimeter or Perimeter(ground_truth=here), self.guarded(self._edited))
        text = indented(read_policy(bucket, session))
        self._make_inputs(text)
        self._make_buttons()
        sight = widgets.Layout(grid_template_columns="repeat(auto-fit, minmax(min(100%, 24rem), 1fr))", grid_gap="1em")
        self.show(
            heading(f"Policy of bucket '{bucket}' · {place_of(session)}"),
            self.perimeter_fields.box,
            widgets.GridBox([self.text_field.box, self.lines], layout=sight),
            self.repair,
            buttons(self.check_button, self.grant_button, self.rollback_button, self.again_button),
            self.plan,
            self.despite_jobs_field.box,
            self.despite_lockout_field.box,
            buttons(self.apply_button),
            self.why_not,
        )
        self._edited()

    def _make_inputs(self, text: str) -> None:
        area = widgets.Textarea(description="Bucket policy", value=text, rows=18, description_allow_html=False)
        area.layout.width = "auto"
        area.observe(self.guarded(self._edited), "value")
        self.area = area
        self.text_field = Field("JSON; what is wrong is told as you type.", area)
        self.lines, self.plan, self.why_not, self.repaired = (widgets.HTML() for _ in range(4))
        self.use_repair = button("Use the repair", self.guarded(self._use_repair), why="Put the repaired text above")
        self.repair = widgets.VBox([self.repaired, self.use_repair])
        self.despite_jobs, self.despite_jobs_field = self._accepting(
            "Despite these jobs", "Names of the labeling jobs above that may fail, with commas between."
        )
        self.despite_lockout, self.despite_lockout_field = self._accepting(
            "Despite locking out", "ARNs of those above who may be locked out, with commas between."
        )

    def _accepting(self, label: str, words: str) -> tuple[widgets.Text, Field]:
        made = widgets.Text(description=label, description_allow_html=False, layout={"width": "auto"})
        field = Field(words, made)
        field.visible = False
        return made, field

    def _make_buttons(self) -> None:
        def planning(word: str, why: str, plan: Callable[[Perimeter], _Planned]) -> widgets.Button:
            return button(word, self.guarded(lambda: self._begin(plan)), why=why)

        self.check_button = planning("Check", "Show what this text would do to the bucket", self._check)
        self.grant_button = planning("Let Ground Truth in", "Plan the smallest edit that lets it in", self._grant)
        self.rollback_button = planning(
            "Roll back", "Plan the way back to the policy before the last change", self._back
        )
        self.again_button = button("Read again", self.guarded(self._read_again), why="Take the text from the bucket")
        self.apply_button = button("Apply", self.guarded(self._begin_apply), why="Do what is planned")

    @property
    def text(self) -> str:
        """The policy as it is edited; setting it is typing it."""
        return str(self.area.value)

    @text.setter
    def text(self, value: str) -> None:
        self.area.value = value

    @property
    def perimeter(self) -> Perimeter | None:
        """Who may come in, as the fields say; None while something in them is wrong."""
        return self.perimeter_fields.perimeter

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong or doubtful in the text."""
        perimeter = self.perimeter or Perimeter()
        try:
            return tuple(Policy.parse(self.text).findings(self.bucket, perimeter.ground_truth))
        except PolicyError:
            return Policy.lint(self.text).findings

    def _edited(self) -> None:
        self._edits += 1
        self._take_back()
        if not self.text.strip():
            self.lines.value, self.text_field.said = "", said("info", "the bucket has no policy; type one")
            self.repair.layout.display = "none"
            return
        found = self.findings
        self.lines.value = with_findings(self.text, found)
        self.text_field.said = counted(found)
        self._offer_repair()

    def _offer_repair(self) -> None:
        repaired = Policy.lint(self.text).repaired
        self.repair.layout.display = None if repaired else "none"
        self._repaired_text = indented(repaired.to_json()) if repaired else ""
        self.repaired.value = edit_html("What the repair changes", self.text, self._repaired_text) if repaired else ""

    def _use_repair(self) -> None:
        self.text = self._repaired_text

    def _take_back(self) -> None:
        self.change, self.plan.value = None, ""
        self.despite_jobs_field.visible = self.despite_lockout_field.visible = False
        self._may_apply(_NO_PLAN)

    def _may_apply(self, why_not: str) -> None:
        self.apply_button.disabled = bool(why_not)
        self.apply_button.button_style = "" if why_not else "warning"
        self.why_not.value = said("info", f"Apply waits: {why_not}", alert=False) if why_not else ""

    def _read_again(self) -> None:
        self.text = indented(read_policy(self.bucket, self.session))
        self._edited()

    def _begin(self, plan: Callable[[Perimeter], _Planned]) -> None:
        perimeter = self.perimeter
        if perimeter is None:
            raise RequestError("The fields of who may come in have mistakes: correct what is said under them.")
        self._take_back()
        self.tell("Planning …")
        edits = self._edits

        def planned() -> None:
            title, change, ways = plan(perimeter)
            if edits != self._edits:
                # The plan is not of what is seen.
                return self.tell("The form was edited meanwhile: press the button again.", "warning")
            if change.after is not None:
                self.text = indented(change.after)
            self._plan(title, change, openings_html(ways))

        self.in_background(planned)

    def _check(self, perimeter: Perimeter) -> _Planned:
        self.draft = draft(self.bucket, self.text, perimeter, self.session)
        if self.draft.change is None:
            # It says what is wrong with the text, all of it.
            Policy.parse(self.text)
            raise PolicyError("This text is no policy yet.", self.draft.lint.findings)
        return "What this text would do", self.draft.change, self.draft.openings

    def _grant(self, perimeter: Perimeter) -> _Planned:
        change = grant(self.bucket, perimeter, self.session)
        title = "The smallest edit that lets Ground Truth in"
        if change.after is None:
            return title, change, ()
        ways = Policy.parse(change.after).openings(self.bucket, perimeter, change.standing.account)
        return title, change, ways

    def _back(self, _: Perimeter) -> _Planned:
        return "The way back from the last change", rollback(self.bucket, self.session), ()

    def _plan(self, title: str, change: PolicyChange, ways: str) -> None:
        self.tell("")
        self.change = change
        self.plan.value = heading(title).value + change_html(change) + ways
        self.despite_jobs_field.visible = bool(change.blocked_by)
        self.despite_lockout_field.visible = bool(change.locks_out)
        self._may_apply("" if change.changes or change.undoes else "the bucket has this policy already.")

    def _begin_apply(self) -> None:
        if self.change is None:
            raise RequestError(_NO_PLAN)
        # A second click finds the button disabled.
        change, self.apply_button.disabled = self.change, True
        self.tell("Applying …")
        self.in_background(lambda: self._apply(change))

    def _apply(self, change: PolicyChange) -> None:
        try:
            applied = change.apply(listed(self.despite_jobs.value), listed(self.despite_lockout.value))
        except Exception:
            self.apply_button.disabled = self.change is None
            # Jobs may have begun since the plan was shown.
            self.despite_jobs_field.visible = True
            raise
        self.text = indented(read_policy(self.bucket, self.session))
        self._take_back()
        self.tell(repr(applied), "done")
        lines = [repr(applied), *change.diff.splitlines()]
        self.keep(text_region(self.name, [("", line) for line in lines]), "\n".join(lines))


def change_html(change: PolicyChange) -> str:
    """A planned change: the edit, what is in the way, who gets in before and after, what opens and closes."""
    way = [f"Labeling job '{name}' still uses the bucket." for name in change.blocked_by]
    way += [f"It would lock out {name}." for name in change.locks_out]
    edit = edit_html("What it changes in the policy", indented(change.before), indented(change.after))
    nothing = "" if change.changes else said("info", "The policy stays as it is.")
    ways = openings_html(change.opens.opened, "It opens") + openings_html(change.opens.closed, "It closes")
    advice = _items(change.advice) if change.changes else ""
    return "".join(
        [nothing, *(said("warning", each) for each in way), edit if change.changes else "",
         _matrix(change), ways or said("info", "It opens nothing and closes nothing."), advice]
    )  # fmt: skip


def _matrix(change: PolicyChange) -> str:
    """What changes at a glance, and every decision for whoever opens it."""
    every = before_and_after(change)._repr_html_()
    moved = before_and_after(change, changed_only=True)
    shown = moved._repr_html_() if len(moved) else said("info", "Who gets in stays as it is.")
    return f"{shown}<details><summary>Every decision, before and after</summary>{every}</details>"


def _items(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{html.escape(each)}</li>' for each in lines)}</ul>"
