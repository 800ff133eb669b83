"""What every form is: live widgets, beside plain HTML and text that stay when the widgets are gone."""

from __future__ import annotations

import html
import traceback
import uuid
from collections.abc import Callable
from threading import Thread, current_thread
from typing import Any, Self

import ipywidgets as widgets

from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.forms.fields import said
from gt_vpc_nb.forms.styles import FORM, SHEET

_MIMES = ("text/html", "text/plain")


class Face:
    """A form in a notebook. `.widget` is what is live of it; `.error` what its last button raised, or None.

    `.children` are the parts of `.widget`, so that a form is walked as any box is.

    A form shows two things: its widgets, which die with the kernel, and a plain result below them. `keep` replaces the
    plain result when something has ended, and that is what a notebook shows that is opened again without a kernel.
    """

    def __init__(self, name: str, nothing_yet: str = "nothing was sent yet") -> None:
        self.name = name
        self.error: BaseException | None = None
        self.message = widgets.HTML()
        self.widget = widgets.VBox([widgets.HTML(SHEET), self.message])
        self.widget.add_class(FORM)
        self._kept = (f"<p>{html.escape(name)}: {html.escape(nothing_yet)}.</p>", f"{name}: {nothing_yet}.")
        self._display_id: str | None = None
        self._working: list[Thread] = []

    @property
    def children(self) -> tuple[widgets.Widget, ...]:
        """The parts of `.widget`, for code that walks through them."""
        return tuple(self.widget.children)

    def show(self, *parts: widgets.Widget) -> None:
        """Puts the parts of the form below its message; a form may have the message among its parts instead."""
        first = () if self.message in parts else (self.message,)
        self.widget.children = (self.widget.children[0], *first, *parts)

    def plain(self) -> tuple[str, str]:
        """What the form says without widgets, as HTML and as text; a form overrides this."""
        return self._kept

    def tell(self, text: str, severity: str = "info") -> None:
        """Says one thing at the top of the form; an empty text takes it back."""
        self.message.value = said(severity, text) if text else ""

    def keep(self, as_html: str, as_text: str) -> None:
        """Replaces the plain result below the widgets, which is still there when the kernel is gone."""
        self._kept = (as_html, as_text)
        if self._display_id is not None:
            from IPython.display import update_display

            update_display(dict(zip(_MIMES, self._kept, strict=True)), display_id=self._display_id, raw=True)

    def guarded(self, action: Callable[[], object]) -> Callable[..., None]:
        """A callback for a widget: what goes wrong in it is said in the form, since nobody sees its traceback."""

        def callback(*_: object) -> None:
            self.error = None
            try:
                action()
            except GtVpcError as error:
                self.error = error
                self.tell(str(error), "error")
            except Exception as error:  # a bug of ours must not vanish with the widget's message
                self.error = error
                told = "".join(traceback.format_exception_only(error)).strip()
                self.tell(
                    f"This is a bug of gt_vpc_nb, not of yours: {told}. See the traceback: raise form.error", "error"
                )

        return callback

    def in_background(self, action: Callable[[], object]) -> None:
        """Runs what may take seconds beside the kernel, so that the form goes on answering."""
        thread = Thread(target=self.guarded(action), daemon=True)
        self._working.append(thread)
        thread.start()

    def wait(self, timeout: float | None = 60) -> Self:
        """Waits until what the form does in the background has ended; for code that presses buttons."""
        for thread in list(self._working):
            if thread is not current_thread():
                thread.join(timeout)
        self._working = [thread for thread in self._working if thread.is_alive()]
        return self

    def __repr__(self) -> str:
        return self.plain()[1]

    def _repr_html_(self) -> str:
        return self.plain()[0]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        live = self.widget._repr_mimebundle_() or {}
        return {**live, **dict(zip(_MIMES, self.plain(), strict=True))}

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)
        self._display_id = uuid.uuid4().hex
        display(dict(zip(_MIMES, self._kept, strict=True)), raw=True, display_id=self._display_id)
