"""The built-in task types of Ground Truth: one row each, and the ARNs that follow from a row and a Region."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.facts.region_facts import ALGORITHM_ACCOUNT, HUMAN_TASK_UI_ACCOUNT, region
from gt_vpc_nb.facts.tables import frozen, table

#: The least number of objects for automated data labeling. Source: SageMaker developer guide, sms-automated-labeling.
AUTO_LABELING_MIN_OBJECTS = 1250
#: Regions that have no such instance use another. Source: sms-automated-labeling, on instances.
_OTHER_INSTANCES = {"ap-south-1": {"ml.p3.2xlarge": "ml.p2.8xlarge"}}


@dataclass(frozen=True)
class TaskType:
    """What Ground Truth asks of a labeling job of this task type.

    Lengths are in characters, time limits in seconds (`time_limit_max` is refused above, `time_limit_warn` warned
    above: AWS's documents disagree between the two), `prices` in US dollars a task and worker as text.
    `ui` tells which of UiTemplateS3Uri and HumanTaskUiArn the job has; `needs_ref` / `forbids_ref` whether the label
    attribute name must or must not end with ``-ref``; `algorithm` is None where nothing is labeled automatically, and
    `automated_resolution` the largest image, width and height in pixels, that automated labeling takes.
    `labels_max` None means that no maximum is published. `default_workers` is the console's, or 3 where it has none.
    """

    code: str
    display_name: str
    modality: str
    job_kind: str
    base_task: str | None
    ui: Literal["template", "human-task-ui"]
    human_task_ui: str | None
    crowd_element: str | None
    algorithm: str | None
    training_instance: str | None
    inference_instance: str | None
    automated_resolution: tuple[int, int] | None
    needs_ref: bool
    forbids_ref: bool
    manifest_keys: tuple[str, ...]
    one_worker: bool
    labels_min: int
    labels_max: int | None
    labels_max_automated: int | None
    label_chars: int
    dataset_items: int
    time_limit_max: int
    time_limit_warn: int | None
    default_workers: int
    output_type: str | None
    public_crowd: bool
    prices: tuple[str, ...]
    loads_in_vpc_portal: bool
    source: tuple[str, ...]

    def pre_lambda(self, region_code: str) -> str:
        """The ARN of AWS's pre-annotation Lambda for this task type in a Region; RequestError for a wrong Region."""
        return f"arn:aws:lambda:{region_code}:{region(region_code).lambda_account}:function:PRE-{self.code}"

    def consolidation_lambda(self, region_code: str) -> str:
        """The ARN of AWS's annotation consolidation Lambda in a Region; RequestError for a wrong Region."""
        return f"arn:aws:lambda:{region_code}:{region(region_code).lambda_account}:function:ACS-{self.code}"

    def human_task_ui_arn(self, region_code: str) -> str | None:
        """The ARN of AWS's own worker interface, or None for task types that take a template."""
        code = region(region_code).code
        name = self.human_task_ui
        return f"arn:aws:sagemaker:{code}:{HUMAN_TASK_UI_ACCOUNT}:human-task-ui/{name}" if name else None

    def algorithm_arn(self, region_code: str) -> str | None:
        """The ARN of the automated labeling algorithm, or None where only people label."""
        prefix = f"arn:aws:sagemaker:{region(region_code).code}:{ALGORITHM_ACCOUNT}"
        return f"{prefix}:labeling-job-algorithm-specification/{self.algorithm}" if self.algorithm else None

    def instances(self, region_code: str) -> tuple[str, str] | None:
        """The instance types that automated labeling trains and infers on in a Region, or None where it does not exist.

        >>> task_type("BoundingBox").instances("ap-south-1")
        ('ml.p2.8xlarge', 'ml.c5.4xlarge')
        """
        if self.training_instance is None or self.inference_instance is None:
            return None
        elsewhere = _OTHER_INSTANCES.get(region_code, {})
        training, inference = self.training_instance, self.inference_instance
        return elsewhere.get(training, training), elsewhere.get(inference, inference)

    def instance_quotas(self, region_code: str) -> tuple[str, ...]:
        """What Service Quotas calls the instances of automated labeling in a Region; empty where it does not exist.

        >>> task_type("TextMultiClass").instance_quotas("us-east-1")
        ('ml.c5.2xlarge for training job usage', 'ml.m4.xlarge for transform job usage')
        """
        named = self.instances(region_code)
        return (f"{named[0]} for training job usage", f"{named[1]} for transform job usage") if named else ()


@functools.cache
def _by_code() -> dict[str, TaskType]:
    return {row["code"]: TaskType(**frozen(row)) for row in table("task_types")["task_types"]}


def task_types() -> tuple[TaskType, ...]:
    """The 23 built-in task types."""
    return tuple(_by_code().values())


def task_type(code: str) -> TaskType:
    """One task type by the name that its Lambda functions carry after ``PRE-`` and ``ACS-``.

    Raises:
        RequestError: there is no such task type; offers the nearest one.

    >>> task_type("BoundingBox").pre_lambda("eu-west-1")
    'arn:aws:lambda:eu-west-1:568282634449:function:PRE-BoundingBox'
    """
    known = _by_code()
    if code not in known:
        raise RequestError(
            f"{code!r} is not a task type of Ground Truth; for a workflow of your own use custom_workflow(), "
            f"else choose one of: {', '.join(known)}{near_miss(code, known)}"
        )
    return known[code]
