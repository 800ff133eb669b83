"""The files that a labeling job brings along: input manifest, label categories and worker task template, as bytes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.label_categories import category_document, instructions
from gt_vpc_nb.request import JobFields, beside_output, brings_template
from gt_vpc_nb.templates import worker_template

#: What S3 is told that a file of ours holds, by the ending of its name.
CONTENT_TYPES = {".json": "application/json", ".html": "text/html; charset=utf-8", ".manifest": "application/jsonlines"}


def content_type(uri: str) -> str:
    """What S3 is told that the file at a URI holds."""
    return next((told for ending, told in CONTENT_TYPES.items() if uri.endswith(ending)), "application/octet-stream")


def manifest_rows(objects: Iterable[Any]) -> tuple[str, ...]:
    """Input manifest lines of data objects: an s3:// URI, a text, or a whole row as a mapping.

    >>> manifest_rows(["s3://signs-in/1.png", "a text"])
    ('{"source-ref":"s3://signs-in/1.png"}', '{"source":"a text"}')
    """
    # A DataFrame iterates over its column names; its rows are what is meant.
    rows = objects.to_dict("records") if hasattr(objects, "columns") and hasattr(objects, "to_dict") else objects
    if isinstance(rows, os.PathLike):
        raise RequestError(f"The input '{rows}' is a path of this machine; put it into S3, and give its s3:// URI.")
    if isinstance(rows, (Mapping, bytes)) or not isinstance(rows, Iterable):
        raise RequestError(
            f"The input is {type(rows).__name__}; give the s3:// URI of a manifest, or a list of data objects."
        )
    lines = tuple(_row(number, each) for number, each in enumerate(rows, start=1))
    if not lines:
        raise RequestError("The input has no data objects; give at least one, or the s3:// URI of a manifest.")
    return lines


def _row(number: int, given: Any) -> str:
    if isinstance(given, str):
        given = {"source-ref" if given.startswith("s3://") else "source": given}
    if not isinstance(given, Mapping):
        raise RequestError(
            f"Data object {number} is {type(given).__name__}; give an s3:// URI, a text, or a mapping with "
            "source-ref or source."
        )
    if not ("source-ref" in given or "source" in given):
        had = ", ".join(map(str, given)) or "nothing"
        raise RequestError(f"Data object {number} has {had}, but no data; give it a source-ref or a source.")
    try:
        return json.dumps(dict(given), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RequestError(f"Data object {number} cannot be written as JSON: {error}.") from error


def brought_files(fields: JobFields) -> dict[str, bytes]:
    """The URI and content of every file that must be in S3 before the job is created.

    Raises:
        RequestError: name or output path is missing, so that the files have no place; or the template of an adjustment
            does not know which labels to show.
    """
    contents: dict[str, str] = {}
    if fields.objects and not fields.manifest:
        contents["input.manifest"] = "\n".join(fields.objects) + "\n"
    if (fields.categories or fields.category_document) and not fields.category_file:
        contents["label-categories.json"] = json.dumps(category_document(fields), indent=2, ensure_ascii=False) + "\n"
    if brings_template(fields):
        contents["template.liquid.html"] = fields.template_text or _own_template(fields)
    if contents and beside_output(fields, "") is None:
        raise RequestError("The job's files go beside its output; add .named('…') and .output('s3://…') first.")
    if contents and not str(fields.output_path).startswith("s3://"):
        raise RequestError(f"The job's files go beside its output, {fields.output_path}; write it as s3://bucket/key.")
    return {str(beside_output(fields, name)): text.encode("utf-8") for name, text in contents.items()}


def _own_template(fields: JobFields) -> str:
    short, full = instructions(fields)
    return worker_template(fields.task_code or "", instructions=short, full_instructions=full, audited=fields.audited)
