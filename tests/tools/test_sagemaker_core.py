"""sagemaker-core keeps one client for the whole process, so all of this stands at one place."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagemaker.core import shapes
from sagemaker.core.resources import LabelingJob, Workteam
from sagemaker.core.utils.exceptions import FailedStatusError

from gt_vpc_nb.local import LocalAws
from tests.local.callers import lay_out_a_job

pytestmark = pytest.mark.sockets


@pytest.fixture(autouse=True)
def standing_outside(outside: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in outside.items():
        monkeypatch.setenv(name, value)


def create(aws: LocalAws, name: str, **changes: Any) -> LabelingJob:
    """A job in sagemaker-core's own words, from the request in AWS's."""
    request = {**lay_out_a_job(aws), **changes}
    task = request["HumanTaskConfig"]
    consolidation = task["AnnotationConsolidationConfig"]["AnnotationConsolidationLambdaArn"]
    source = shapes.LabelingJobS3DataSource(
        manifest_s3_uri=request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"]
    )
    return LabelingJob.create(
        labeling_job_name=name,
        label_attribute_name=request["LabelAttributeName"],
        input_config=shapes.LabelingJobInputConfig(data_source=shapes.LabelingJobDataSource(s3_data_source=source)),
        output_config=shapes.LabelingJobOutputConfig(s3_output_path=request["OutputConfig"]["S3OutputPath"]),
        role_arn=request["RoleArn"],
        label_category_config_s3_uri=request["LabelCategoryConfigS3Uri"],
        human_task_config=shapes.HumanTaskConfig(
            workteam_arn=task["WorkteamArn"],
            ui_config=shapes.UiConfig(ui_template_s3_uri=task["UiConfig"]["UiTemplateS3Uri"]),
            pre_human_task_lambda_arn=task["PreHumanTaskLambdaArn"],
            task_title=task["TaskTitle"],
            task_description=task["TaskDescription"],
            number_of_human_workers_per_data_object=task["NumberOfHumanWorkersPerDataObject"],
            task_time_limit_in_seconds=task["TaskTimeLimitInSeconds"],
            annotation_consolidation_config=shapes.AnnotationConsolidationConfig(
                annotation_consolidation_lambda_arn=consolidation
            ),
        ),
    )


def test_a_job_is_created_waited_for_and_read_again(aws: LocalAws) -> None:
    job = create(aws, "waited-for")
    job.wait(poll=1)
    assert job.labeling_job_status == "Completed" and job.label_counters.human_labeled == 20
    again = LabelingJob.get("waited-for")
    manifest = "waited-for/manifests/output/output.manifest"
    assert again.labeling_job_output.output_dataset_s3_uri == f"s3://{aws.world.output_bucket}/{manifest}"


def test_a_job_is_stopped_and_jobs_are_found_by_their_status(aws: LocalAws) -> None:
    job = create(aws, "halted")
    job.stop()
    job.refresh()
    assert job.labeling_job_status in ("Stopping", "Stopped")
    job.wait(poll=1)
    found = LabelingJob.get_all(name_contains="halted", status_equals="Stopped")
    assert [each.labeling_job_name for each in found] == ["halted"]


def test_a_failed_job_says_why(aws: LocalAws) -> None:
    missing = {"DataSource": {"S3DataSource": {"ManifestS3Uri": f"s3://{aws.world.input_bucket}/none.manifest"}}}
    job = create(aws, "failed", InputConfig=missing)
    with pytest.raises(FailedStatusError, match="Unable to read the input manifest"):
        job.wait(poll=1)


def test_a_job_that_is_not_there_is_not_found() -> None:
    with pytest.raises(ClientError, match="ResourceNotFound"):
        LabelingJob.get("none")


def test_work_teams_are_listed() -> None:
    # Workteam.get breaks in sagemaker-core 2.27 itself: it reads the answer without taking it out of its envelope.
    assert [team.workteam_name for team in Workteam.get_all()] == ["labelers"]
