"""The label category configuration file: made from what the job says, and checked against its task type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.label_attribute_rules import FIELD
from gt_vpc_nb.label_category_rules import category_file_problems
from gt_vpc_nb.request import JobFields


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
