"""The input of one row: widgets that show what a job says, and say what somebody typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import get_ident
from typing import Any

import ipywidgets as widgets

from gt_vpc_nb.aws.listing import Choice
from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.forms.fields import Field, help_html, said
from gt_vpc_nb.forms.labeling_job_row import Row
from gt_vpc_nb.forms.labeling_job_values import KINDS
from gt_vpc_nb.preflight.surroundings import Unknown

#: So many of what the account has are named under an input; the input itself offers all.
_NAMED = 4


class RowInput:
    """A row of the form: `typed` is what stands in it, `show` makes it show a job, `offer` gives it choices.

    `changed` is called when somebody typed or chose. `unread` says why what was typed is no value, or nothing.
    """

    def __init__(self, row: Row, changed: Callable[[RowInput], None]) -> None:
        self.row, self.unread = row, ""
        self._changed = changed
        # The thread that shows something; what another one types meanwhile is typed by a person.
        self._showing: int | None = None
        self._known: Any = None
        self._choices: tuple[Choice, ...] = ()
        self.main = _main(row)
        self.picker = widgets.SelectMultiple(description=f"Choose: {row.label}", rows=4) if _picks(row) else None
        self.field = Field(row.help, *([self.picker] if self.picker else []), self.main)
        self.main.observe(self._typed, "value")
        if self.picker is not None:
            self.picker.layout.display = "none"
            self.picker.observe(self._picked, "value")

    def typed(self) -> Any:
        """The value that stands in the input. Raises RequestError where it is none."""
        kind = KINDS.get(self.row.kind)
        return self.main.value if kind is None else kind.parse(self.main.value)

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values of this row say the same."""
        kind = KINDS.get(self.row.kind)
        return bool(one == other if kind is None else kind.same(one, other))

    def show(self, job: LabelingJob, *, anew: bool = False) -> None:
        """Shows what the job says; what somebody is typing and means the same is left alone, unless `anew`."""
        value = self.row.value(job)
        self._showing = get_ident()
        try:
            self._show_options(job, value)
            if anew:
                self.unread = ""
            # Only news of the job is shown: what was typed and not taken yet is no reason to write over it.
            news = not (self.unread or self.same(value, self._known) or self._stands(value))
            self._known = value
            if anew or news:
                self.main.value = value if self.row.kind in ("choice", "flag") else KINDS[self.row.kind].show(value)
            self._show_picked()
        finally:
            self._showing = None
        self.field.visible = self.row.visible(job)

    def note(self, job: LabelingJob, default: str = "") -> str:
        """What is worth knowing of the input itself, as HTML; `default` tells of one that is configured."""
        if self.unread:
            return said("error", self.unread)
        kind, value = KINDS.get(self.row.kind), self.row.value(job)
        whole = kind is None or kind.shows(value)
        self.main.disabled = not whole
        if not whole:
            return said("info", "It holds what this input cannot show whole, and stays as it is; change it in code.")
        if self.row.instead and value and getattr(job, self.row.instead):
            return said("info", "Not used: the field that says the same by a file in S3 is filled in.")
        return said("info", default) if default else ""

    def offer(self, found: tuple[Choice, ...] | Unknown | None) -> None:
        """Offers what the account has; None while it is asked."""
        if found is None:
            self.field.offers.value = help_html("Asking the account what there is …")
        elif isinstance(found, Unknown):
            self.field.offers.value = help_html(f"Not offered, type it by hand: {found.reason}")
        else:
            self._choices = found
            self.field.offers.value = help_html(_named(found))

    def _stands(self, value: Any) -> bool:
        try:
            return self.same(self.typed(), value)
        except RequestError:
            return False

    def _show_options(self, job: LabelingJob, value: Any) -> None:
        options = self.row.options(job) if self.row.options else []
        if self.row.kind == "choice":
            known = [each for _, each in options]
            shown = options if value in known else [*options, (str(value), value)]
            if tuple(self.main.options) != tuple(shown):
                self.main.options = shown
                self.main.value = value
            return
        here = [each for each in self._choices if not each.vpc or job.vpc in (None, each.vpc)]
        words = [*(str(each) for _, each in options), *(each.value for each in here)]
        if isinstance(self.main, widgets.Combobox) and tuple(self.main.options) != tuple(words):
            self.main.options = words
        if self.picker is not None:
            pairs = [(text, each) for text, each in options] + [(str(each), each.value) for each in here]
            if tuple(self.picker.options) != tuple(pairs):
                self.picker.options = pairs
            self.picker.layout.display = None if pairs else "none"

    def _show_picked(self) -> None:
        if self.picker is not None:
            known = {each for _, each in self.picker.options}
            self.picker.value = tuple(
                line for line in dict.fromkeys(KINDS["lines"].parse(self.main.value)) if line in known
            )

    def _picked(self, change: Any) -> None:
        if self._showing == get_ident() or self.picker is None:
            return
        known = {each for _, each in self.picker.options}
        typed = [line for line in KINDS["lines"].parse(self.main.value) if line not in known]
        self.main.value = "\n".join([*typed, *self.picker.value])

    def _typed(self, change: Any) -> None:
        if self._showing != get_ident():
            self._changed(self)


def _picks(row: Row) -> bool:
    return row.kind == "lines" and bool(row.offers or row.options)


def _main(row: Row) -> Any:
    if row.kind == "flag":
        return widgets.Checkbox(description=row.label, indent=False)
    if row.kind == "choice":
        return widgets.Dropdown(description=row.label, options=[("", None)])
    if KINDS[row.kind].long:
        return widgets.Textarea(description=row.label, rows=3)
    if row.offers or row.options:
        return widgets.Combobox(description=row.label, ensure_option=False)
    return widgets.Text(description=row.label)


def _named(found: Iterable[Choice]) -> str:
    all_of_them = list(found)
    if not all_of_them:
        return "The account has none that could be used here."
    named = "; ".join(map(str, all_of_them[:_NAMED]))
    more = f" and {len(all_of_them) - _NAMED} more" if len(all_of_them) > _NAMED else ""
    return f"The account has {named}{more}."
