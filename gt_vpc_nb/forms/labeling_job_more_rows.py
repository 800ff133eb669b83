"""The fields of the labeling job form: labels, what workers see, functions, automated labeling, and the rest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.facts import TaskType, task_types
from gt_vpc_nb.forms.labeling_job_categories import names_of, part_of, with_names, with_part
from gt_vpc_nb.forms.labeling_job_row import Row, by_task
from gt_vpc_nb.forms.labeling_job_rows import DATA, JOB, NETWORK, PEOPLE

_LABELS = "LabelCategoryConfigS3Uri"
_UI = "HumanTaskConfig.UiConfig"
_AUTO = "LabelingJobAlgorithmsConfig"
#: AWS's words for what is drawn in video frames.
_DRAWN = ("BoundingBox", "Polyline", "Polygon", "Keypoint")


def _frames(kind: TaskType) -> bool:
    return kind.ui == "human-task-ui" and kind.modality != "text"


def _part(
    name: str, label: str, kind: str, help: str, shown: Callable[[LabelingJob], bool], *rules: str, **more: Any
) -> Row:
    """A row of one part of the label category document."""
    return Row(
        "Label categories", name, label, kind, _LABELS, help, rules, shown=shown,
        read=partial(_part_of, name=name), write=partial(_with_part, name=name), **more,
    )  # fmt: skip


def _part_of(job: LabelingJob, name: str) -> Any:
    return part_of(job, name)


def _with_part(job: LabelingJob, value: Any, name: str) -> LabelingJob:
    return with_part(job, name, value)


def _drawn(job: LabelingJob) -> list[tuple[str, Any]]:
    return [("As the task type says", None), *((each, each) for each in _DRAWN)]


def _drawable(kind: TaskType) -> bool:
    return kind.modality == "video frame"


def _with_automation(job: LabelingJob, automated: bool) -> LabelingJob:
    if automated:
        return job.with_automated_labeling(initial_model=job.initial_model, volume_kms_key_id=job.volume_key)
    return job.exactly(automated=False)


LABELS = (
    Row("Label categories", "categories", "Label names", "lines", _LABELS, "One a line.",
        ("LAB-01", "LAB-02", "LAB-03", "LAB-04"), instead="category_file", read=names_of, write=with_names),
    Row("Label categories", "category_file", "Or a label category file in S3", "text", _LABELS,
        "s3://bucket/file.json of an existing label category configuration file.", offers="buckets"),
    _part("annotation_type", "What is drawn", "choice", "Video frames: boxes, lines, outlines or points.",
          by_task(_drawable), options=_drawn),
    _part("short_names", "Short names", "names", "Named entities: label=short, one a line.",
          by_task(lambda kind: kind.code == "NamedEntityRecognition")),
    _part("attributes", "Attributes of every label (JSON)", "attributes",
          '[{"name": "occluded", "type": "string", "enum": ["yes", "no"]}]', by_task(_frames), "LAB-06"),
    _part("label_attributes", "Attributes of one label (JSON)", "mapping",
          'By its name: {"car": [{"name": "moving", "type": "string"}]}', by_task(_frames), "LAB-06"),
    _part("frame_attributes", "Attributes of a frame (JSON)", "attributes", "As those of labels.",
          by_task(_frames), "LAB-06"),
    _part("locked", "Labels that cannot be edited", "lines", "Adjusting frames and point clouds: names, one a line.",
          lambda job: bool(job.audit) and by_task(_frames)(job), "LAB-07"),
    _part("instructions", "Instructions", "long text", "What workers read beside the task; HTML is taken.",
          by_task(lambda kind: True), "LAB-05"),
    _part("full_instructions", "Full instructions", "long text", "What they read when they ask for more.",
          by_task(lambda kind: True), "LAB-05"),
    Row("Label categories", "category_document", "The whole label category document (JSON)", "document", _LABELS,
        "What the fields above make, or anything else that AWS's format has.", instead="category_file",
        shown=lambda job: job.category_document is not None),
)  # fmt: skip

SEEN = (
    Row("What workers see", "template_file", "Worker task template in S3", "text", f"{_UI}.UiTemplateS3Uri",
        "s3://bucket/file.liquid.html; left empty, the package's own for the task type.", ("TPL-04",),
        offers="buckets", shown=by_task(lambda kind: kind.ui == "template", custom=True)),
    Row("What workers see", "template_text", "Or its text", "long text", f"{_UI}.UiTemplateS3Uri",
        "HTML with Liquid; written to S3 when the job is submitted.", ("TPL-02", "TPL-03"), instead="template_file",
        shown=by_task(lambda kind: kind.ui == "template", custom=True)),
    Row("What workers see", "human_task_ui", "Human task UI", "text", f"{_UI}.HumanTaskUiArn",
        "The ARN of AWS's own interface; left empty, that of the task type.",
        shown=by_task(lambda kind: kind.ui == "human-task-ui")),
)  # fmt: skip

FUNCTIONS = (
    Row("Your own functions", "pre_function", "Pre-annotation Lambda", "text", "HumanTaskConfig.PreHumanTaskLambdaArn",
        "Makes a task of a data object; left empty, the manifest line is the task.", ("REQ-10",),
        offers="Lambda functions", shown=by_task(lambda kind: False, custom=True)),
    Row("Your own functions", "consolidation_function", "Annotation consolidation Lambda", "text",
        "HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn",
        "Makes a label of the answers.", offers="Lambda functions", shown=by_task(lambda kind: False, custom=True)),
)  # fmt: skip

_AUTOMATIC = by_task(lambda kind: kind.algorithm is not None)

AUTOMATION = (
    Row("Automated labeling", "automated", "Automated labeling", "flag", _AUTO,
        f"A model labels what it is sure of. For {sum(bool(kind.algorithm) for kind in task_types())} task types, "
        "from 1,250 data objects on.", ("AUTO-",), shown=_AUTOMATIC, write=_with_automation),
    Row("Automated labeling", "algorithm", "Algorithm", "text", f"{_AUTO}.LabelingJobAlgorithmSpecificationArn",
        "Left empty, that of the task type.", shown=lambda job: job.automated),
    Row("Automated labeling", "initial_model", "Model to begin with", "text",
        f"{_AUTO}.InitialActiveLearningModelArn", "The ARN of an earlier job's final model.", ("AUTO-11",),
        shown=lambda job: job.automated),
    Row("Automated labeling", "volume_key", "Volume KMS key", "text",
        f"{_AUTO}.LabelingJobResourceConfig.VolumeKmsKeyId", "Encrypts the disks of training and inference.",
        ("KMS-02",), offers="KMS keys", shown=lambda job: job.automated),
)  # fmt: skip

REST = (
    Row("When to stop", "stop_objects", "After data objects labeled by people", "number",
        "StoppingConditions.MaxHumanLabeledObjectCount", "The job stops when people have labeled so many."),
    Row("When to stop", "stop_percentage", "After per cent of the dataset", "number",
        "StoppingConditions.MaxPercentageOfInputDatasetLabeled", "1 to 100."),
    Row("More", "tags", "Tags", "pairs", "Tags", "key=value, one a line.", ("REQ-07",)),
    Row("More", "raw", "Raw members (JSON)", "raw", "",
        "Members of CreateLabelingJob that are merged over everything else, last."),
    Row("More", "left_out", "Left out on purpose", "lines", "",
        "Fields that are not filled in, because the request that the job was read from does not have them.",
        shown=lambda job: False),
)  # fmt: skip

ROWS = (*JOB, *DATA, *NETWORK, *LABELS, *SEEN, *PEOPLE, *FUNCTIONS, *AUTOMATION, *REST)
SECTIONS = tuple(dict.fromkeys(row.section for row in ROWS))
