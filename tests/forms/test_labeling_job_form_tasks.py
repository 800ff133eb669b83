"""A labeling job of every task type, filled in through the form, sent by its button, and labeled to the end."""

from __future__ import annotations

import json

import pytest

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.facts import TaskType, task_type, task_types
from gt_vpc_nb.forms import LabelingJobForm
from gt_vpc_nb.forms.labeling_job_more_rows import ROWS
from gt_vpc_nb.forms.labeling_job_values import KINDS
from gt_vpc_nb.job_examples import OPINIONS
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.example import World, lay_out
from gt_vpc_nb.local.workers import workers_from_truth
from tests.local.scenes import scene
from tests.test_task_types_examples import grey_png

HERE = "s3://signs-in/"


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    aws = LocalAws(seed=7)
    aws.world = lay_out(aws, input_bucket="signs-in", output_bucket="signs-out")
    return aws


def example(kind: TaskType, world: World) -> LabelingJob:
    """The example of a task type, in the VPC of the world that there is."""
    network = {"subnets": world.subnets, "security_groups": world.security_groups}
    return LabelingJob.example(kind.code).in_vpc(world.vpc, **network).as_role(world.role)


def laid_out(aws: LocalAws, kind: TaskType) -> None:
    """Puts the pictures, texts and frames of a task type where its example looks for them, and staffs the work team."""
    s3, found = aws.session().client("s3"), scene(kind.code, grey_png)
    for name, data in found.files.items():
        s3.put_object(Bucket="signs-in", Key=name, Body=data.replace(b"s3://in/", HERE.encode()))
    if kind.base_task is None:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in found.lines)
        s3.put_object(Bucket="signs-in", Key="input.manifest", Body=text.replace("s3://in/", HERE).encode())
    truth = dict.fromkeys(found.truth, OPINIONS[0]) if kind.job_kind == "verification" else found.truth
    here = {key.replace("s3://in/", HERE): value for key, value in truth.items()}
    aws.staff(aws.world.workteam, workers_from_truth(here, mistakes=0.0, count=5, seed=7))


def sent(aws: LocalAws, kind: TaskType) -> LabelingJobForm:
    """The form after its job was typed in, checked and submitted, whatever this small world fails in."""
    job, form = example(kind, aws.world), LabelingJobForm(session=aws.session())
    for row in ROWS:
        if row.value(form.job) != row.value(job):
            value = row.value(job)
            form.fields[row.name].main.value = KINDS[row.kind].show(value) if row.kind in KINDS else value
    assert form.job == job
    form.actions.despite.value = " ".join(row.id for row in form.check().preflight.failures)
    form.actions.submit.click()
    form.wait()
    return form


@pytest.mark.parametrize("kind", task_types(), ids=lambda kind: kind.code)
def test_a_job_of_every_task_type_goes_through_the_form_to_its_end(kind: TaskType, aws: LocalAws) -> None:
    if kind.base_task:
        before = task_type(kind.base_task)
        done = aws.session().client("sagemaker").list_labeling_jobs()["LabelingJobSummaryList"]
        if LabelingJob.example(before.code).name not in {each["LabelingJobName"] for each in done}:
            laid_out(aws, before)
            example(before, aws.world).submit(aws.session()).wait()
    laid_out(aws, kind)
    form = sent(aws, kind)
    assert form.error is None, form.error
    assert form.result is not None
    status = form.result.wait()
    assert status.status == "Completed"
    assert status.labeled == status.total > 0
    form.actions.refresh.click()
    form.wait()
    assert "Completed" in repr(form)
