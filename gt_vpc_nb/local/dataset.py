"""What a labeling job reads before the first task: the input manifest, the label categories, the worker template."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from gt_vpc_nb.local.consolidation import Answer, Verdict
from gt_vpc_nb.local.failures import Missing, Refused

if TYPE_CHECKING:
    from gt_vpc_nb.facts import TaskType


#: Bytes, or a function that makes them when somebody reads the object for the first time.
Content = bytes | Callable[[], bytes]


class View(Protocol):
    """S3 as somebody sees it from somewhere; every call raises Refused or Missing.

    `look` is a `get` whose bytes nobody needs.
    """

    def get(self, bucket: str, key: str) -> bytes: ...

    def look(self, bucket: str, key: str) -> object: ...

    def put(self, bucket: str, key: str, data: Content, content_type: str = ...) -> object: ...

    def region_of(self, bucket: str) -> str | None: ...


class BadInput(Exception):
    """An input file that a labeling job cannot use; the text is the FailureReason."""


class NotSimulated(Exception):
    """Something that a labeling job asks for and the local AWS leaves out; the text is the FailureReason."""


@dataclass
class DataObject:
    """One line of the input manifest, and how far its labeling is.

    `state` is waiting, offered, answered, labeled, failed or skipped; `known` lines came with the label attribute and
    are not labeled again (developer guide, sms-reusing-data). `turn` tells a task that was rescheduled from before.
    `category` is the label category document, `facts` what the task type's form has learnt of the object, `prior` the
    label that is looked at again, `input` what a pre-annotation function made of the line.
    """

    number: int
    line: dict[str, Any]
    key: str
    known: bool
    state: str = "waiting"
    human: bool = True
    turn: int = 0
    answers: tuple[Answer, ...] = ()
    verdict: Verdict | None = None
    category: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    prior: Any = None
    input: Any = None
    ready: datetime | None = None
    declined: tuple[str, ...] = ()
    response_path: str = ""
    output: dict[str, Any] = field(default_factory=dict)

    @property
    def labeled(self) -> bool:
        return self.state == "labeled"

    def read(self, view: View) -> bytes:
        """The object's bytes through a view, or its text."""
        return view.get(*bucket_and_key(self.key)) if "source-ref" in self.line else self.key.encode()

    def look(self, view: View) -> None:
        """Makes sure that the object is there and may be read; a text is in the manifest."""
        if "source-ref" in self.line:
            view.look(*bucket_and_key(self.key))


def bucket_and_key(uri: str) -> tuple[str, str]:
    """The two halves of ``s3://bucket/key``; BadInput for anything else."""
    match = re.fullmatch(r"s3://([^/]+)/(.+)", uri)
    if not match:
        raise BadInput(f"ClientError: {uri!r} is not an S3 URI of an object.")
    return match[1], match[2]


def read_input(view: View, uri: str, what: str) -> bytes:
    """A file the job cannot start without; BadInput names action and ARN when it cannot be read.

    The wording is a guess: AWS does not publish its FailureReason texts.
    """
    bucket, key = bucket_and_key(uri)
    try:
        return view.get(bucket, key)
    except Refused as refused:
        denied = f"{refused.said}: {refused.action} on {refused.resource_arn}."
        raise BadInput(f"ClientError: Unable to read the {what} at {uri}. {denied}") from refused
    except Missing as missing:
        arn = f"arn:aws:s3:::{bucket}/{key}"
        lacking = "NoSuchKey" if missing.key else "NoSuchBucket"
        raise BadInput(
            f"ClientError: Unable to read the {what} at {uri}. {lacking}: s3:GetObject on {arn}."
        ) from missing


def read_objects(view: View, uri: str, task_type: TaskType, attribute: str) -> list[DataObject]:
    """The data objects of an input manifest; BadInput with the line number for a line that is not one.

    Limits: developer guide, input-data-limits and sms-input-data-input-manifest.
    """
    try:
        text = read_input(view, uri, "input manifest").decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"ClientError: The input manifest at {uri} is not UTF-8.") from None
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        raise BadInput(f"ClientError: The input manifest at {uri} has no data objects.")
    if len(lines) > task_type.dataset_items:
        raise BadInput(
            f"ClientError: The input manifest has {len(lines)} data objects; at most {task_type.dataset_items}."
        )
    return [_data_object(place, number, text, task_type, attribute) for place, (number, text) in enumerate(lines)]


def _data_object(place: int, number: int, text: str, task_type: TaskType, attribute: str) -> DataObject:
    where = f"ClientError: Line {number} of the input manifest"
    if len(text) > 100_000:
        raise BadInput(f"{where} has {len(text)} characters; at most 100000.")
    try:
        line = json.loads(text)
    except ValueError:
        raise BadInput(f"{where} is not valid JSON.") from None
    if not isinstance(line, dict):
        raise BadInput(f"{where} is not a JSON object.")
    keys = [key for key in task_type.manifest_keys if isinstance(line.get(key), str)]
    if not keys:
        raise BadInput(f"{where} lacks {' or '.join(task_type.manifest_keys)}.")
    if any(name.startswith("$") for name in line):
        raise BadInput(f"{where} has an attribute that begins with $.")
    return DataObject(place, line, line[keys[0]], known=attribute in line)


def read_category(view: View, uri: str, task_type: TaskType) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The class names of a label category configuration file, in its order, and the whole; BadInput when it is none."""
    where = f"ClientError: The label category configuration file at {uri}"
    try:
        document = json.loads(read_input(view, uri, "label category configuration file"))
        labels = tuple(entry["label"] for entry in document["labels"])
    except (ValueError, KeyError, TypeError):
        raise BadInput(f'{where} is not JSON like {{"labels": [{{"label": "cat"}}]}}.') from None
    if not all(isinstance(label, str) for label in labels) or len(set(labels)) != len(labels):
        raise BadInput(f"{where} has labels that are not distinct strings.")
    if len(labels) < task_type.labels_min or (task_type.labels_max and len(labels) > task_type.labels_max):
        most = f" to {task_type.labels_max}" if task_type.labels_max else " or more"
        raise BadInput(f"{where} has {len(labels)} labels; {task_type.code} takes {task_type.labels_min}{most}.")
    return labels, document


_LOOKED_AT = re.compile(r"task\.input\.manifestLine(?:\.([\w-]+)|\[\s*['\"]([^'\"]+)['\"]\s*\])")


def audited_attribute(category: Mapping[str, Any], template: str, first: Mapping[str, Any], own: str) -> str | None:
    """The label attribute that an adjustment or verification job looks at, or None.

    The label category file of frames and point clouds names it (auditLabelAttributeName); a worker task template
    shows it (`task.input.manifestLine.NAME`). Where neither does, it is the one attribute of the first data object
    that came with metadata [guess: AWS's functions read it from the template].
    """
    if named := category.get("auditLabelAttributeName"):
        return str(named)
    shown = [one or other for one, other in _LOOKED_AT.findall(template)]
    labels = [name for name in first if f"{name}-metadata" in first and name not in ("source-ref", "source", own)]
    return next((name for name in shown if name in labels), labels[-1] if labels else None)


def read_template(view: View, uri: str) -> str:
    """The worker task template; BadInput when it cannot be read as text."""
    try:
        return read_input(view, uri, "worker task template").decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput(f"ClientError: The worker task template at {uri} is not UTF-8.") from None
