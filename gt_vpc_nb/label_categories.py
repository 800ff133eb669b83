"""The label category configuration file: made from what the job says, and checked against its task type."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.request import JobFields

_FIELD = "LabelCategoryConfigS3Uri"


def category_document(fields: JobFields) -> dict[str, Any]:
    """The document that goes beside the output: the one given, or one made from the names in the task type's form.

    3D point cloud and video frame jobs have their own version key and name the attribute they audit; named entity
    recognition carries its instructions here, because it has no worker task template.
    """
    if fields.category_document:
        return json.loads(fields.category_document)
    kind = fields.task_type
    frames = kind is not None and kind.ui == "human-task-ui" and kind.modality != "text"
    labels: list[dict[str, Any]] = [{"label": name} for name in fields.categories]
    if frames and fields.audit == "verify":
        labels = [{**label, "editsAllowed": "none"} for label in labels]
    version = {"documentVersion": "2020-03-01"} if frames else {"document-version": "2018-11-28"}
    document: dict[str, Any] = {**version, "labels": labels}
    if kind is not None and kind.ui == "human-task-ui":
        told = fields.description or fields.title or ""
        document["instructions"] = {"shortInstruction": told[:254], "fullInstruction": told[:2047]}
    if frames and fields.audited:
        document["auditLabelAttributeName"] = fields.audited
    return document


def category_problems(fields: JobFields) -> Iterator[Problem]:
    """How the label categories break the limits of the task type; nothing is known of a file that is already in S3."""
    if fields.category_file and not (fields.categories or fields.category_document):
        return
    if not fields.categories and not fields.category_document:
        yield from _missing(fields)
        return
    document = category_document(fields)
    entries = document.get("labels")
    if not isinstance(entries, list) or not all(
        isinstance(e, dict) and isinstance(e.get("label"), str) for e in entries
    ):
        yield _problem("LAB-01", "The label category document needs labels, a list of {'label': name}.")
        return
    names = [entry["label"] for entry in entries]
    yield from _counts(fields, len(names))
    yield from _names(fields, names)
    yield from _for_the_task(fields, document)


def _missing(fields: JobFields) -> Iterator[Problem]:
    kind = fields.task_type
    if kind and kind.job_kind != "custom" and "LabelCategoryConfigS3Uri" not in json.loads(fields.raw):
        yield _problem(
            "LAB-01", f"{kind.code} needs label categories, and none are given.", "Add .label_categories([…])."
        )


def _counts(fields: JobFields, count: int) -> Iterator[Problem]:
    kind = fields.task_type
    if kind is None:
        return
    if count < kind.labels_min:
        yield _problem("LAB-02", f"{count} label categories given, {kind.code} wants {kind.labels_min} or more.")
    if kind.labels_max is not None and count > kind.labels_max:
        yield _problem("LAB-03", f"{count} label categories given, {kind.code} takes at most {kind.labels_max}.")
    if fields.automated and kind.labels_max_automated is not None and count > kind.labels_max_automated:
        most = f"{kind.code} with automated labeling takes at most {kind.labels_max_automated}"
        yield _problem("AUTO-07", f"{count} label categories given, {most}.")


def _names(fields: JobFields, names: list[str]) -> Iterator[Problem]:
    longest = fields.task_type.label_chars if fields.task_type else 256
    for name, times in Counter(names).items():
        if times > 1:
            yield _problem("LAB-04", f"The label category {name!r} is given {times} times; names are unique.")
        if not 1 <= len(name) <= longest:
            yield _problem(
                "LAB-04", f"The label category {name[:40]!r} has {len(name)} characters; 1 to {longest} wanted."
            )


def _for_the_task(fields: JobFields, document: dict[str, Any]) -> Iterator[Problem]:
    kind = fields.task_type
    if kind is None:
        return
    instructions = document.get("instructions")
    if kind.code == "NamedEntityRecognition" and not (
        isinstance(instructions, dict) and instructions.get("shortInstruction") and instructions.get("fullInstruction")
    ):
        yield _problem("LAB-05", "NamedEntityRecognition needs instructions.shortInstruction and .fullInstruction.")
    frames = kind.ui == "human-task-ui" and kind.job_kind.startswith("adjustment")
    if frames and not document.get("auditLabelAttributeName"):
        yield _problem(
            "LAB-07",
            f"{kind.code} needs auditLabelAttributeName.",
            "Name it: .adjusting('name') or .verifying('name').",
        )


def _problem(code: str, message: str, remedy: str = "Change .label_categories(…).") -> Problem:
    return Problem(code, "error", _FIELD, message, remedy)
