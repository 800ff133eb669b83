"""The parts of a label category document, each read and changed by itself while the rest of it stays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gt_vpc_nb.builder import LabelingJob

#: What a form calls a member of the whole document -> where the document has it.
WHOLE: Mapping[str, tuple[str, ...]] = {
    "attributes": ("categoryGlobalAttributes",),
    "frame_attributes": ("frameAttributes",),
    "annotation_type": ("annotationType",),
    "instructions": ("instructions", "shortInstruction"),
    "full_instructions": ("instructions", "fullInstruction"),
}
#: What a form calls a member of single labels -> the member that each label has.
OF_LABELS = {
    "label_attributes": "categoryAttributes",
    "short_names": "shortDisplayName",
    "locked": "editsAllowed",
}
_LISTS = ("attributes", "frame_attributes")
_LOCKED = "none"


def names_of(job: LabelingJob) -> tuple[str, ...]:
    """The names of the label categories, from wherever the job has them."""
    return tuple(name for name in map(_name, _labels(_document(job))) if name is not None)


def with_names(job: LabelingJob, names: tuple[str, ...]) -> LabelingJob:
    """The job with these label categories; what is said about a name that stays is kept."""
    document = _document(job)
    known = {_name(each): each for each in _labels(document)}
    return _keeping(job, document | {"labels": [known.get(name, {"label": name}) for name in names]})


def part_of(job: LabelingJob, name: str) -> Any:
    """One part of the document, in the form's words; () or {} or None where it says nothing."""
    if name in OF_LABELS:
        return _of_labels(_labels(_document(job)), name)
    found: Any = _document(job)
    for member in WHOLE[name]:
        found = found.get(member) if isinstance(found, Mapping) else None
    if name in _LISTS:
        return tuple(found) if isinstance(found, list) else ()
    return found


def with_part(job: LabelingJob, name: str, value: Any) -> LabelingJob:
    """The job with one part of its document changed; an empty value takes the part out."""
    document = _document(job)
    if name in OF_LABELS:
        document["labels"] = [_label(each, name, value) for each in _labels(document)]
        return _keeping(job, document)
    *above, last = WHOLE[name]
    holder = document
    for member in above:
        inner = holder.get(member)
        holder[member] = dict(inner) if isinstance(inner, Mapping) else {}
        holder = holder[member]
    if value in (None, "", ()):
        holder.pop(last, None)
    else:
        holder[last] = list(value) if isinstance(value, tuple) else value
    if above and not document[above[0]]:
        del document[above[0]]
    return _keeping(job, document)


def _document(job: LabelingJob) -> dict[str, Any]:
    found = json.loads(job.category_document) if job.category_document else None
    if isinstance(found, dict):
        return found
    return {"labels": [{"label": name} for name in job.categories]} if job.categories else {}


def _labels(document: Mapping[str, Any]) -> list[Any]:
    found = document.get("labels")
    return [{"label": each} if isinstance(each, str) else each for each in found] if isinstance(found, list) else []


def _name(label: Any) -> str | None:
    name = label.get("label") if isinstance(label, Mapping) else None
    return name if isinstance(name, str) else None


def _of_labels(labels: list[Any], name: str) -> Any:
    member = OF_LABELS[name]
    found = {_name(each): each[member] for each in labels if _name(each) is not None and member in each}
    return tuple(key for key, value in found.items() if value == _LOCKED) if name == "locked" else found


def _label(label: Any, name: str, value: Any) -> Any:
    if _name(label) is None:
        return label
    member, said = OF_LABELS[name], dict.fromkeys(value, _LOCKED) if name == "locked" else value
    if name == "locked" and label.get(member) not in (None, _LOCKED):
        return label
    rest = {key: each for key, each in label.items() if key != member}
    return rest | ({member: said[_name(label)]} if _name(label) in said else {})


def _keeping(job: LabelingJob, document: Mapping[str, Any]) -> LabelingJob:
    """The document as the job says it: names alone where there is nothing but names."""
    labels = _labels(document)
    if not document.get("labels") and set(document) <= {"labels"}:
        return job.exactly(categories=(), category_document=None)
    if set(document) == {"labels"} and all(isinstance(each, dict) and set(each) == {"label"} for each in labels):
        names = tuple(each["label"] for each in labels)
        if all(isinstance(name, str) for name in names):
            return job.exactly(categories=names, category_document=None)
    return job.exactly(categories=(), category_document=json.dumps(document))
