"""The live view of labeling jobs that are watched, and the plain HTML and text that stay of it."""

from __future__ import annotations

import html
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from gt_vpc_nb.report.cells import cell
from gt_vpc_nb.report.job_status import JobStatus
from gt_vpc_nb.report.live_poller import POLLER, Line, Poller
from gt_vpc_nb.report.progress import duration, split_bar_html

_MIMES = ("text/html", "text/plain")
#: Beside the word: neither colour nor shape alone tells.
_ICONS = {"Completed": "✔", "Failed": "✖", "Stopped": "■", "Stopping": "■", "InProgress": "▶", "Initializing": "…"}
_BOX = "color:var(--jp-content-font-color1, inherit);line-height:1.5;overflow-wrap:anywhere"
_HELP = "Stop ends the watch, not the labeling job; Refresh looks at once."
_NEXT = {"Completed": "labels() reads what was labeled.", "Failed": "diagnose() says why."}


class Watch:
    """Labeling jobs that are being watched, as `watch()` returns them: one line a job, renewed by itself.

    `.statuses` is what was last seen, `.wait()` waits for the jobs to end, `.refresh()` looks at once, `.stop()` ends
    the watch and leaves the jobs alone. When all have ended, plain HTML and text replace the widgets in the cell.
    """

    def __init__(self, lines: Sequence[Line], poller: Poller = POLLER) -> None:
        self.lines, self._poller = tuple(lines), poller
        self._stopped = False
        self._widget: Any = None
        self._displays: dict[str, str] = {}
        self._shown_in: object = None
        for line in self.lines:
            line.told.append(lambda line=line: self._renew(line))

    @property
    def statuses(self) -> tuple[JobStatus, ...]:
        """What was last seen of each job that was seen at all."""
        return tuple(line.status for line in self.lines if line.status is not None)

    @property
    def ended(self) -> bool:
        """Whether nobody looks any more: every job has ended, or the watch was stopped."""
        return all(line.over.is_set() for line in self.lines)

    @property
    def showing(self) -> bool:
        """Whether there is a live view of it in a cell."""
        return bool(self._displays)

    @property
    def widget(self) -> Any:
        """The live view as a widget: a line a job, and the buttons Stop and Refresh."""
        if self._widget is None:
            self._widget = self._built()
            for at in range(len(self.lines)):
                self._widget.children[at].value = line_html(self.lines[at])
        return self._widget

    def start(self) -> Self:
        """Begins to look."""
        for line in self.lines:
            if not line.over.is_set():
                self._poller.add(line)
        return self

    def refresh(self) -> Self:
        """Looks at every job at once, and again more often from then on."""
        for line in self.lines:
            if line.status is None or not line.status.ended:
                self._stopped = False
                line.over.clear()
                self._poller.hurry(line)
        return self

    def stop(self) -> Self:
        """Ends the watch; the labeling jobs go on."""
        self._stopped = True
        for line in self.lines:
            self._poller.drop(line)
        return self

    def wait(self, timeout: float | None = None) -> Self:
        """Waits until every job has ended or the watch was stopped, or so many real seconds; Ctrl-C ends the wait."""
        end = None if timeout is None else time.monotonic() + timeout
        for line in self.lines:
            line.over.wait(None if end is None else max(0.0, end - time.monotonic()))
        return self

    def _built(self) -> Any:
        import ipywidgets as widgets

        def button(word: str, why: str, press: Callable[[], object]) -> widgets.Button:
            made = widgets.Button(description=word, tooltip=why, layout=widgets.Layout(width="auto"))
            made.on_click(lambda _: press())
            return made

        stop = button("Stop", "End the watch; the labeling job goes on", self.stop)
        refresh = button("Refresh", "Look at once", self.refresh)
        layout = widgets.Layout(flex_flow="row wrap", grid_gap="0.4em", align_items="center")
        row = widgets.HBox([stop, refresh, widgets.HTML(f'<span style="{_BOX}">{_HELP}</span>')], layout=layout)
        view = widgets.VBox([*(widgets.HTML() for _ in self.lines), row], layout=widgets.Layout(max_width="100%"))
        view.add_class("gt-vpc-nb-watch")
        return view

    def _renew(self, line: Line) -> None:
        if self._widget is not None:
            self._widget.children[self.lines.index(line)].value = line_html(line)
            self._widget.children[-1].children[0].disabled = self.ended
        if self._displays:
            from IPython.display import update_display

            if self.ended:
                update_display(self._plain(), display_id=self._displays["live"], raw=True)
            update_display(self._kept(), display_id=self._displays["kept"], raw=True)

    def _plain(self) -> dict[str, str]:
        return dict(zip(_MIMES, (self._repr_html_(), repr(self)), strict=True))

    def _kept(self) -> dict[str, str]:
        """The line under the view: what was last seen, which stays if the kernel does not; at the end, what next."""
        states = {line.status.status for line in self.lines if line.status is not None}
        advice = [said for word, said in _NEXT.items() if word in states]
        text = " ".join(advice) if self.ended else f"Kept here: {'; '.join(map(_in_short, self.lines))}"
        return {"text/html": f'<div style="{_BOX};font-size:.9em">{html.escape(text)}</div>', "text/plain": text}

    def __repr__(self) -> str:
        return "\n".join([*map(line_text, self.lines), *([no_longer(self.lines)] if self._stopped else [])])

    def _repr_html_(self) -> str:
        over = f"<div>{html.escape(no_longer(self.lines))}</div>" if self._stopped else ""
        return f'<div style="{_BOX}">{"".join(map(line_html, self.lines))}{over}</div>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        live = {} if self.ended else self.widget._repr_mimebundle_() or {}
        return {**live, **self._plain()}

    def show(self) -> Self:
        """Shows the view under the cell that runs."""
        from IPython.display import display

        self._shown_in = _cell_now()
        self._displays = {}
        names = {"live": uuid.uuid4().hex, "kept": uuid.uuid4().hex}
        display(self._repr_mimebundle_(), raw=True, display_id=names["live"])
        display(self._kept(), raw=True, display_id=names["kept"])
        self._displays = names
        return self

    def _ipython_display_(self) -> None:
        # As the value of the very cell that watch() has shown it in, it is there already.
        if self._shown_in is None or self._shown_in != _cell_now():
            self.show()


def line_text(line: Line) -> str:
    """One job as one line of text."""
    return f"{line.name}: {line.trouble or 'not looked at yet'}" if line.status is None else _words(line)


def _in_short(line: Line) -> str:
    status = line.status
    if status is None:
        return f"{line.name}: not looked at yet"
    done = f", {status.labeled:,} of {status.total:,} labeled" if status.total else ""
    return f"{cell(line.name)}: {status.status}{done} at {status.seen:%H:%M:%S} UTC"


def line_html(line: Line) -> str:
    """One job as plain HTML: a bar with its counts in words, what is so, when it was looked at, what is in the way."""
    status = line.status
    icon = f'<span aria-hidden="true">{_ICONS.get(status.status, "")}</span> ' if status else ""
    bar = f"<div>{split_bar_html(status.parts)}</div>" if status and status.total else ""
    role = ' role="alert"' if line.trouble or (status and status.status == "Failed") else ""
    return f"<div{role}>{icon}{html.escape(line_text(line))}</div>{bar}"


def _words(line: Line) -> str:
    status = line.status
    assert status is not None
    words = [cell(status.line()), f"{'ran' if status.ended else 'running for'} {duration(status.age.total_seconds())}"]
    words.append(f"last look {status.seen:%H:%M:%S} UTC")
    if line.trouble:
        again = "" if line.over.is_set() else f"; looking again in about {duration(line.next_in)}"
        words.append(f"no answer since: {cell(line.trouble).rstrip('.')}{again}")
    return ", ".join(words)


def no_longer(lines: Iterable[Line]) -> str:
    """What to say of lines whose watch is stopped: nothing of jobs that have ended."""
    left = [f"'{line.name}'" for line in lines if line.status is None or not line.status.ended]
    many = len(left) > 1
    told = f"No longer watching; labeling job{'s' * many} {', '.join(left)} {'go' if many else 'goes'} on."
    return told if left else ""


def _cell_now() -> object:
    from IPython import get_ipython

    shell = get_ipython()
    return getattr(shell, "execution_count", None)
