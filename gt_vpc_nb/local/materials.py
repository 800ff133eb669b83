"""What a labeling job gives its workers besides the data objects: label categories, the template, earlier labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gt_vpc_nb.local.dataset import BadInput, DataObject, View, audited_attribute, read_category, read_template
from gt_vpc_nb.local.job import Job


@dataclass(frozen=True)
class Materials:
    """`category` is the label category document; `audited` the label attribute that is looked at again, if any."""

    labels: tuple[str, ...] = ()
    category: Mapping[str, Any] = field(default_factory=dict)
    audited: str | None = None


def read_materials(view: View, job: Job, objects: Sequence[DataObject]) -> Materials:
    """Reads what the request names. Raises BadInput for what cannot be read, and for labels that are not there."""
    request, task_type = job.request, job.task_type
    uri = request["HumanTaskConfig"]["UiConfig"].get("UiTemplateS3Uri")
    template = read_template(view, uri) if uri else ""
    labels, category = (), {}
    if "LabelCategoryConfigS3Uri" in request:
        labels, category = read_category(view, request["LabelCategoryConfigS3Uri"], task_type)
    if task_type.base_task is None:
        return Materials(labels, category)
    first = objects[0].line if objects else {}
    audited = audited_attribute(category, template, first, job.attribute)
    if audited is None:
        raise BadInput(
            f"ClientError: {task_type.code} looks at labels of an earlier job, and neither the label category "
            "configuration file (auditLabelAttributeName) nor the worker task template says which."
        )
    return Materials(labels, category, audited)
