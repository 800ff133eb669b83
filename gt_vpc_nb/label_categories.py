"""The label category configuration file: made from what the job says, and checked against its task type."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gt_vpc_nb.errors import Problem, RequestError, near_miss
from gt_vpc_nb.facts import TaskType
from gt_vpc_nb.job_arguments import texts, uri
from gt_vpc_nb.label_attribute_rules import FIELD
from gt_vpc_nb.label_category_rules import FULL_INSTRUCTION, SHORT_INSTRUCTION, category_file_problems
from gt_vpc_nb.request import JobFields

#: AWS prints two version keys; 3D point cloud and video frame jobs have the second.
_VERSION, _FRAME_VERSION = {"document-version": "2018-11-28"}, {"documentVersion": "2020-03-01"}


@dataclass(frozen=True)
class CategoryWords:
    """What the builder's `label_categories` is told beside the names; empty where nothing is said."""

    attributes: tuple[Mapping[str, Any], ...] = ()
    label_attributes: Mapping[str, Any] = field(default_factory=dict)
    frame_attributes: tuple[Mapping[str, Any], ...] = ()
    short_names: Mapping[str, str] = field(default_factory=dict)
    locked: tuple[str, ...] = ()
    annotation_type: str | None = None
    instructions: str | None = None
    full_instructions: str | None = None

    def members(self) -> dict[str, Any]:
        """The members of the whole document that these words make."""
        told = self.instructions or self.full_instructions
        full = {"shortInstruction": self.instructions or told, "fullInstruction": self.full_instructions or told}
        found = {
            "categoryGlobalAttributes": [dict(each) for each in self.attributes],
            "frameAttributes": [dict(each) for each in self.frame_attributes],
            "annotationType": self.annotation_type,
            "instructions": full if told else None,
        }
        return {name: value for name, value in found.items() if value}

    def of_labels(self) -> dict[str, dict[str, Any]]:
        """The members of single labels, by their names."""
        found: dict[str, dict[str, Any]] = {}
        for name, attributes in self.label_attributes.items():
            found.setdefault(name, {})["categoryAttributes"] = [dict(each) for each in attributes]
        for name, short in self.short_names.items():
            found.setdefault(name, {})["shortDisplayName"] = short
        for name in self.locked:
            found.setdefault(name, {})["editsAllowed"] = "none"
        return found


def category_fields(categories: str | Iterable[str] | Mapping[str, Any], said: CategoryWords) -> dict[str, Any]:
    """The fields of a job that the builder's `label_categories` sets.

    Raises:
        RequestError: a text that is no URI, words beside a file that is there already, or about a label not among them.
    """
    more, of_labels = said.members(), said.of_labels()
    empty = {"category_file": None, "categories": (), "category_document": None}
    if isinstance(categories, str):
        file = uri(categories, "label_categories")
        if more or of_labels:
            raise RequestError(f"{file} is there already and stays as it is; give the names to say more about them.")
        return empty | {"category_file": file}
    if not isinstance(categories, Mapping):
        names = texts("categories", categories)
        if not (more or of_labels):
            return empty | {"categories": names}
        categories = {"labels": list(names)}
    document = {**categories, **more}
    if of_labels:
        if not isinstance(document.get("labels"), list):
            raise RequestError("The label category document needs labels, a list of names or {'label': name}.")
        document["labels"] = _labels(document, lambda label: label | of_labels.get(label.get("label", ""), {}))
        names = [label.get("label") for label in document["labels"] if isinstance(label, dict)]
        if strangers := [name for name in of_labels if name not in names]:
            near = near_miss(strangers[0], map(str, names))
            raise RequestError(f"{strangers[0]!r} is not among the label categories {names}{near}.")
    try:
        return empty | {"category_document": json.dumps(document, allow_nan=False)}
    except (TypeError, ValueError) as error:
        raise RequestError(f"The label categories cannot be written as JSON: {error}.") from error


def _labels(document: Mapping[str, Any], change: Callable[[dict[str, Any]], dict[str, Any]]) -> list[Any]:
    """The labels of a document, each changed; a name alone is taken for {'label': name}, what is no label is left."""
    entries = [{"label": each} if isinstance(each, str) else each for each in document.get("labels") or ()]
    return [change(dict(each)) if isinstance(each, Mapping) else each for each in entries]


def category_document(fields: JobFields) -> dict[str, Any]:
    """The document that goes beside the output: what is given, and what follows from the job where it is left out.

    3D point cloud and video frame jobs have their own version key and name the attribute they audit; where there is no
    worker task template the document carries the instructions, elsewhere they are in the template.
    """
    kind = fields.task_type
    frames = _frames(kind)
    given = _given(fields)
    if isinstance(given.get("labels"), list):
        locked = {"editsAllowed": "none"} if frames and fields.audit == "verify" else {}
        given["labels"] = _labels(given, lambda label: label | (locked if "editsAllowed" not in label else {}))
    versioned = any(name in given for name in (*_VERSION, *_FRAME_VERSION))
    document = {**({} if versioned else _FRAME_VERSION if frames else _VERSION), **given}
    if kind is not None and kind.ui == "human-task-ui":
        short, full = instructions(fields)
        document.setdefault("instructions", {"shortInstruction": short, "fullInstruction": full})
    elif kind is not None:
        document.pop("instructions", None)
    if frames and fields.audited:
        document.setdefault("auditLabelAttributeName", fields.audited)
    return document


def instructions(fields: JobFields) -> tuple[str, str]:
    """What workers read, short and in full: as said with the label categories, or the task's description."""
    told = _given(fields).get("instructions")
    if isinstance(told, Mapping):
        short, full = (str(told.get(name) or "") for name in ("shortInstruction", "fullInstruction"))
        return short or full, full or short
    words = fields.description or fields.title or ""
    return words[:SHORT_INSTRUCTION], words[:FULL_INSTRUCTION]


def _given(fields: JobFields) -> dict[str, Any]:
    document = json.loads(fields.category_document) if fields.category_document else None
    return document if isinstance(document, dict) else {"labels": list(fields.categories)}


def _frames(kind: TaskType | None) -> bool:
    """Whether the task type is one of 3D point clouds or video frames, whose files have a form of their own."""
    return kind is not None and kind.ui == "human-task-ui" and kind.modality != "text"


def category_problems(fields: JobFields) -> Iterator[Problem]:
    """How the label categories break the rules of the task type; nothing is known of a file that is already in S3."""
    if fields.categories or fields.category_document:
        yield from category_file_problems(
            category_document(fields),
            fields.task_type,
            automated=fields.automated,
            verifying=fields.audit == "verify",
            attribute=fields.attribute_name,
        )
    elif not fields.category_file:
        yield from _missing(fields)


def _missing(fields: JobFields) -> Iterator[Problem]:
    kind = fields.task_type
    if kind and kind.job_kind != "custom" and FIELD not in json.loads(fields.raw):
        message = f"{kind.code} needs label categories, and none are given."
        yield Problem("LAB-01", "error", FIELD, message, "Add .label_categories([…]).")
