"""What a labeling job gives its workers besides the data objects: label categories, the template, earlier labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gt_vpc_nb.local.dataset import BadInput, DataObject, View, audited_attribute, read_category, read_template
from gt_vpc_nb.local.job import Job
from gt_vpc_nb.local.job_requests import named_uris


@dataclass(frozen=True)
class Materials:
    """`category` is the label category document, `template` the worker task template's text."""

    labels: tuple[str, ...] = ()
    category: Mapping[str, Any] = field(default_factory=dict)
    template: str = ""


def read_materials(view: View, job: Job) -> Materials:
    """Reads what the request names. Raises BadInput for what cannot be read."""
    request = job.request
    uri = request["HumanTaskConfig"]["UiConfig"].get("UiTemplateS3Uri")
    template = read_template(view, uri) if uri else ""
    if "LabelCategoryConfigS3Uri" not in request:
        return Materials(template=template)
    labels, category = read_category(view, request["LabelCategoryConfigS3Uri"], job.task_type)
    return Materials(labels, category, template)


def refuse_other_regions(view: View, job: Job) -> None:
    """Raises BadInput [guess: when, and the text] for a bucket in another Region; one that is missing is met later."""
    for member, uri in named_uris(job.request):
        bucket = uri.removeprefix("s3://").partition("/")[0]
        there = view.region_of(bucket)
        if there not in (None, job.region):
            message = f"{member} is in bucket {bucket} in Region {there}, the labeling job is in {job.region}"
            raise BadInput(f"ClientError: {message}; both must be in one.")


def audited(job: Job, materials: Materials, objects: Sequence[DataObject]) -> str | None:
    """The label attribute that is looked at again; None for a job that labels anew.

    Raises BadInput when an adjustment or verification job does not say which.
    """
    if job.task_type.base_task is None:
        return None
    first = objects[0].line if objects else {}
    found = audited_attribute(materials.category, materials.template, first, job.attribute)
    if found is None:
        raise BadInput(
            f"ClientError: {job.task_type.code} looks at labels of an earlier job, and neither the label category "
            "configuration file (auditLabelAttributeName) nor the worker task template says which."
        )
    return found
