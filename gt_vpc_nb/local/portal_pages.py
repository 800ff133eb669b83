"""The pages of the worker portal: who are you, what is there to do, and one task."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from gt_vpc_nb.local.job import Job
from gt_vpc_nb.local.workers import Task

#: What a person can answer on a plain page, by task type; the other task types need tools that this page has not.
CONTROLS: Mapping[str, str] = {
    "ImageMultiClass": "one",
    "TextMultiClass": "one",
    "VideoMultiClass": "one",
    "ImageMultiClassMultiLabel": "several",
    "TextMultiClassMultiLabel": "several",
    "BoundingBox": "boxes",
    "AdjustmentBoundingBox": "boxes",
    "VerificationBoundingBox": "opinion",
    "NamedEntityRecognition": "spans",
    "PassThrough": "words",
}


@functools.cache
def _page() -> str:
    return files("gt_vpc_nb.local").joinpath("portal_page.html").read_text(encoding="utf-8")


def page(title: str, body: str, nonce: str, task: Any = None) -> bytes:
    """A whole page; `body` is HTML, everything else is text."""
    told = json.dumps(task, ensure_ascii=False).replace("<", "\\u003c")
    parts = {"@@TITLE@@": escape(title), "@@NONCE@@": nonce, "@@TASK@@": told, "@@BODY@@": body}
    text = _page()
    for name, part in parts.items():
        before, _, after = text.partition(name)
        text = before + part + after
    return text.encode()


def people_page(people: Sequence[str], nonce: str) -> bytes:
    """Who are you?"""
    links = "".join(f'<li><a href="?{escape(urlencode({"person": name}))}">{escape(name)}</a></li>' for name in people)
    none = "<p>Nobody is in a work team; put somebody in: <code>aws.staff(team, [Person('ada')])</code>.</p>"
    return page("Worker portal", f"<h1>Worker portal</h1>{f'<ul>{links}</ul>' if links else none}", nonce)


def tasks_page(person: str, tasks: Sequence[tuple[Job, Task]], nonce: str, told: str = "") -> bytes:
    """What is there to do, and what came of the last answer."""
    rows = "".join(
        f'<li><a href="task?{escape(urlencode({"person": person, "job": job.name, "key": task.key}))}">'
        f"{escape(job.request['HumanTaskConfig']['TaskTitle'])}: {escape(_short(task.key))}</a></li>"
        for job, task in tasks
    )
    alert = f'<p role="alert">{escape(told)}</p>' if told else ""
    left = f"<ol>{rows}</ol>" if rows else "<p>Nothing to do now.</p>"
    again = f'<p><a href="?{escape(urlencode({"person": person}))}">Look again</a></p>'
    return page(f"Tasks of {person}", f"<h1>Tasks of {escape(person)}</h1>{alert}{left}{again}", nonce)


def task_page(person: str, job: Job, task: Task, nonce: str, trouble: str = "") -> bytes:
    """One task: what it is about, and the means to answer it. `trouble` says why its object cannot be seen."""
    human = job.request["HumanTaskConfig"]
    control = CONTROLS.get(task.task_type)
    head = f"<h1>{escape(human['TaskTitle'])}</h1><p>{escape(human['TaskDescription'])}</p>"
    if trouble:
        head += f'<p role="alert">{escape(trouble)}</p>'
    if control is None:
        head += f'<p role="alert">This page has no tool for {escape(task.task_type)}; let a simulated worker do it.</p>'
        return page(human["TaskTitle"], head, nonce)
    asked = {"person": person, "job": job.name, "key": task.key}
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(text)}">' for name, text in asked.items())
    form = (
        f'<form id="answer" method="post" action="submit">{hidden}<input type="hidden" name="value" value="null">'
        f'<input type="hidden" name="spent" value="0">{_SHOWN[control](task)}'
        '<button name="do" value="submit">Submit</button> <button name="do" value="decline">Decline</button></form>'
    )
    known = {"control": control, "labels": list(task.labels), "text": task.key}
    prior = _prior(task, control)
    return page(human["TaskTitle"], head + _object(task, asked, control) + form, nonce, known | {"prior": prior})


def _prior(task: Task, control: str) -> list[dict[str, Any]]:
    """The boxes that are there already: to be changed, or to be judged."""
    if control == "boxes":
        return [dict(row) for row in task.prior or ()]
    return _judged(task) if control == "opinion" else []


def _judged(task: Task) -> list[dict[str, Any]]:
    """The boxes of an earlier label as its line has them, with the names of their classes."""
    label = task.prior if isinstance(task.prior, Mapping) else {}
    names = next(
        (task.line.get(f"{name}-metadata") for name, value in task.line.items() if value is task.prior), None
    )  # fmt: skip
    classes = names.get("class-map", {}) if isinstance(names, Mapping) else {}
    boxes = [row for row in label.get("annotations", ()) if isinstance(row, Mapping)]
    return [{**row, "label": str(classes.get(str(row.get("class_id")), "?"))} for row in boxes]


def _object(task: Task, asked: Mapping[str, str], control: str) -> str:
    if "source-ref" not in task.line:
        return f"<blockquote>{escape(task.key)}</blockquote>"
    source = f"object?{escape(urlencode(asked))}"
    if task.task_type == "VideoMultiClass":
        return f'<video src="{source}" controls></video>'
    canvas = "<canvas></canvas>" if control in ("boxes", "opinion") else ""
    return f'<div class="picture"><img src="{source}" alt="{escape(_short(task.key))}">{canvas}</div>'


def _choices(task: Task, kind: str) -> str:
    rows = "".join(
        f'<label><input type="{kind}" name="choice" value="{escape(name)}"> {escape(name)}</label>'
        for name in task.labels
    )
    return f"<fieldset><legend>Choose</legend>{rows}</fieldset>"


def _rows(task: Task, legend: str, add: str) -> str:
    options = "".join(f"<option>{escape(name)}</option>" for name in task.labels)
    current = f'<label>Label <select name="current">{options}</select></label>'
    button = f'<button type="button" id="add">{add}</button>'
    return f'<fieldset><legend>{legend}</legend>{current}{button}<div id="rows"></div></fieldset>'


def _opinion(task: Task) -> str:
    """Whoever does not see the boxes hears of them; a comment is kept with the label."""
    rows = "".join(
        f"<li>{escape(row['label'])}: left {escape(str(row.get('left')))}, top {escape(str(row.get('top')))}, "
        f"width {escape(str(row.get('width')))}, height {escape(str(row.get('height')))}</li>"
        for row in _judged(task)
    )
    told = f"<ul>{rows}</ul>" if rows else "<p>There are no boxes.</p>"
    comment = '<label>Comment <textarea name="comment" rows="2"></textarea></label>'
    return f'<section aria-label="Boxes">{told}</section>{_choices(task, "radio")}{comment}'


_SHOWN = {
    "opinion": _opinion,
    # The name is that of the package's own template for pass-through jobs.
    "words": lambda task: '<label>Your answer <textarea name="answer" rows="4"></textarea></label>',
    "one": lambda task: _choices(task, "radio"),
    "several": lambda task: _choices(task, "checkbox"),
    "boxes": lambda task: _rows(task, "Boxes: draw them with the mouse, or type them", "Add a box"),
    "spans": lambda task: _rows(task, "Entities: select some text, then add it", "Add an entity"),
}


def _short(key: str) -> str:
    return key if len(key) <= 60 else f"{key[:28]}…{key[-28:]}"
