"""The parts that forms are made of: inputs with label, help and what is wrong, texts with marked lines; all escaped."""

from __future__ import annotations

import difflib
import html
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ipywidgets as widgets

from gt_vpc_nb.errors import Problem

#: Severity -> the icon beside its word: neither colour nor shape alone tells.
ICONS = {"error": "✖", "warning": "▲", "info": "ℹ", "done": "✔"}
#: Texts longer than this are cut where a form only tells of them; the value itself stays whole.
TOLD = 2_000


def told(text: object, longest: int = TOLD) -> str:
    """A text of a user or of AWS, escaped and cut to what a person reads, its direction its own."""
    whole = str(text)
    shown = whole if len(whole) <= longest else f"{whole[:longest]} … ({len(whole):,} characters)"
    return f"<bdi>{html.escape(shown)}</bdi>"


def said(severity: str, text: object, *, alert: bool | None = None) -> str:
    """One line that says how bad it is by icon and word; errors and warnings are announced as they appear."""
    word = {"done": "Done", "info": "Note"}.get(severity, severity.capitalize())
    announced = severity in ("error", "warning") if alert is None else alert
    role = "alert" if announced else "status"
    lines = "<br>".join(told(line) for line in str(text).splitlines() or [""])
    icon = f'<span aria-hidden="true">{ICONS.get(severity, "")}</span>'
    return f'<div class="gt-vpc-nb-said {html.escape(severity)}" role="{role}">{icon} {word}: {lines}</div>'


def problems_html(problems: Iterable[Problem]) -> str:
    """Problems as they stand under a field: severity, rule id, what is wrong, what to do."""
    return "".join(
        said(each.severity, f"{each.code} {each.message}{' ' if each.remedy else ''}{each.remedy}") for each in problems
    )


def heading(text: str) -> widgets.HTML:
    """The heading of a part of a form."""
    return widgets.HTML(f'<div class="gt-vpc-nb-heading" role="heading" aria-level="3">{html.escape(text)}</div>')


def help_html(text: str) -> str:
    """Help under an input."""
    return f'<p class="gt-vpc-nb-help">{html.escape(text)}</p>' if text else ""


class Field:
    """An input under its label, with help and what is wrong beneath; `.box` goes into a form.

    `inputs` are widgets whose description is their label. `said` is HTML, made by `said` or `problems_html`.
    """

    def __init__(self, help_text: str, *inputs: widgets.Widget) -> None:
        self.inputs = inputs
        self._help = help_html(help_text)
        self._said = widgets.HTML()
        self.offers = widgets.HTML()
        for each in inputs:
            # The title is what a screen reader tells after the label: HTML beside an input cannot be tied to it.
            each.tooltip = help_text or None
        self.box = widgets.VBox([*inputs, widgets.HTML(self._help), self.offers, self._said])
        self.box.add_class("gt-vpc-nb-field")

    @property
    def said(self) -> str:
        """What is wrong with the input, as HTML."""
        return str(self._said.value)

    @said.setter
    def said(self, value: str) -> None:
        # Setting the same again would make a screen reader read it again.
        if self._said.value != value:
            self._said.value = value

    @property
    def visible(self) -> bool:
        """Whether the field is shown."""
        return self.box.layout.display != "none"

    @visible.setter
    def visible(self, value: bool) -> None:
        wanted = None if value else "none"
        if self.box.layout.display != wanted:
            self.box.layout.display = wanted


def grid(fields: Iterable[Field]) -> widgets.GridBox:
    """Fields side by side where there is room for two, one under the other where there is not."""
    columns = "repeat(auto-fit, minmax(min(100%, 19rem), 1fr))"
    layout = widgets.Layout(grid_template_columns=columns, grid_gap="0.6em 1.2em", width="100%")
    return widgets.GridBox([each.box for each in fields], layout=layout)


def button(text: str, press: Callable[..., object], *, why: str = "", style: str = "") -> widgets.Button:
    """A button as wide as its words; `why` is told beside the pointer."""
    made = widgets.Button(description=text, tooltip=why or text, button_style=style)
    made.layout.width = "auto"
    made.on_click(press)
    return made


def buttons(*them: widgets.Widget) -> widgets.HBox:
    """Buttons in a row that breaks where the cell is narrow."""
    return widgets.HBox(list(them), layout=widgets.Layout(flex_flow="row wrap", grid_gap="0.4em"))


def text_region(label: str, lines: Sequence[tuple[str, str]]) -> str:
    """Lines of text to scroll by keyboard; each is (mark, text), and a mark like "changed" stands before its line."""
    width = max((len(mark) for mark, _ in lines), default=0)
    made = "\n".join(
        f'<span class="gutter">{html.escape(mark.ljust(width))}{" │ " if width else ""}</span>'
        f"{'<span class=mark>' if mark else ''}{html.escape(text)}{'</span>' if mark else ''}"
        for mark, text in lines
    )
    return f'<pre tabindex="0" role="region" aria-label="{html.escape(label)}">{made}</pre>'


def marked_lines(before: str, after: str) -> list[tuple[str, str]]:
    """The lines of a text, marked where they are new, changed or gone since another text.

    >>> marked_lines("a\\nb", "a\\nc\\nd")
    [('', 'a'), ('changed', 'c'), ('new', 'd')]
    """
    old, new = before.splitlines(), after.splitlines()
    found: list[tuple[str, str]] = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [("", line) for line in new[k:m]]
        elif kind == "delete":
            found += [("gone", line) for line in old[i:j]]
        else:
            found += [("changed" if at < j - i else "new", line) for at, line in enumerate(new[k:m])]
    return found


def table_html(caption: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A plain table with a caption and scopes; cells are text, escaped here, and the first names its row."""
    top = "".join(f'<th scope="col">{html.escape(each)}</th>' for each in head)
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{told(cell)}</th>' if at == 0 else f"<td>{told(cell)}</td>" for at, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><caption>{html.escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
