"""Jobs that look at the labels of an earlier one: what follows from it, and what is wrong before AWS says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.facts import task_type
from gt_vpc_nb.job_arguments import audited_task
from gt_vpc_nb.request import JobFields, beside_output

_MANIFEST = "InputConfig.DataSource.S3DataSource"
#: Where Ground Truth writes a job's output manifest, below its output path and name.
OUTPUT_MANIFEST = "manifests/output/output.manifest"


def chained_fields(job: JobFields, earlier: JobFields, audit: str) -> dict[str, Any]:
    """What a job that adjusts or verifies takes from the one before it, where it does not say so itself.

    The task type that audits the earlier one, its output as input, and its label categories: AWS wants the earlier
    labels in the new file, except that whoever verifies boxes or masks chooses among opinions.
    """
    base = job.task_code or (None if job.pre_function or job.consolidation_function else earlier.task_code)
    code = audited_task(base, audit) if base else None
    changes: dict[str, Any] = {"audit": audit, "audited": earlier.attribute_name, "task_code": code}
    if not (job.manifest or job.objects):
        output = (earlier.output_path or "").rstrip("/")
        changes["manifest"] = f"{output}/{earlier.name}/{OUTPUT_MANIFEST}"
    opinions = (code or "").startswith("Verification")
    if not opinions and not (job.categories or job.category_document or job.category_file):
        changes |= {name: getattr(earlier, name) for name in ("categories", "category_document")}
        # A file that is there already cannot name the audited attribute, as those of frames and point clouds must.
        frames = code is not None and task_type(code).ui == "human-task-ui"
        changes["category_file"] = None if frames else earlier.category_file
    return changes


def chaining_problems(fields: JobFields) -> Iterator[Problem]:
    """What is wrong, or worth knowing, with input that another labeling job wrote."""
    if fields.audited and fields.audited == fields.attribute_name:
        message = f"The job would write its labels over those that it looks at, {fields.audited!r}."
        remedy = "Add .label_attribute('another-name')."
        yield Problem("MAN-12", "error", "LabelAttributeName", message, remedy)
    if (fields.manifest or "").endswith(OUTPUT_MANIFEST):
        message = (
            "The input is the output of a labeling job: objects that it did not label fail again, and a streaming "
            "job's names that begin with $ are refused."
        )
        remedy = f"Clean it first: manifest.clean(…, {beside_output(fields, 'input.manifest') or 's3://…'!r})."
        yield Problem("MAN-04", "info", _MANIFEST, message, remedy)
    yield from _rows(fields)


def _rows(fields: JobFields) -> Iterator[Problem]:
    rows = [json.loads(line) for line in fields.objects]
    dollars = [number for number, row in enumerate(rows, 1) if any(name.startswith("$") for name in row)]
    if dollars:
        message = f"{_counted(dollars)} a name that begins with $, which Ground Truth keeps for itself."
        yield Problem("MAN-04", "error", _MANIFEST, message, "Leave it out; manifest.clean(…) does.")
    bare = [number for number, row in enumerate(rows, 1) if fields.audited and fields.audited not in row]
    if bare:
        message = f"{_counted(bare)} no {fields.audited!r}, the labels that this job looks at."
        yield Problem("MAN-12", "error", _MANIFEST, message, "Leave such objects out; manifest.clean(…) does.")


def _counted(numbers: list[int]) -> str:
    others = f" and {len(numbers) - 1} more have" if len(numbers) > 1 else " has"
    return f"Data object {numbers[0]}{others}"
