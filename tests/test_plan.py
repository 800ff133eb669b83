"""A plan: the answer first, whence each value comes, what is configured and not taken, the cost; nothing is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import AwsError, RequestError
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.plan import plan_of


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS"):
        monkeypatch.setenv(name, str(tmp_path / name))


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    return LocalAws.example(seed=7)


@pytest.fixture(scope="module")
def session(aws: LocalAws) -> Any:
    return aws.session(vpc_endpoint=aws.world.vpc_endpoint)


@pytest.fixture
def job(aws: LocalAws) -> LabelingJob:
    world = aws.world
    job = LabelingJob.in_vpc(world.vpc, subnets=world.subnets, security_groups=world.security_groups,
                             vpc_endpoints=[world.vpc_endpoint])  # fmt: skip
    job = job.named("signs-1").in_region(world.region).task("ImageMultiClass", title="Sort", description="Choose one")
    job = job.input(f"s3://{world.input_bucket}/images.manifest").output(f"s3://{world.output_bucket}/labels/")
    return job.label_categories(["circle", "square"]).workers("labelers", per_object=3)


def configure(monkeypatch: pytest.MonkeyPatch, path: Path, **members: Any) -> None:
    document = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Resources": {"LabelingJob": members}}}}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    monkeypatch.setenv("SAGEMAKER_ADMIN_CONFIG_OVERRIDE", str(path))


def changes(aws: LocalAws) -> list[str]:
    return [call for call in map(str, aws.log) if "Put" in call or "Create" in call]


def test_a_plan_answers_first_counts_the_objects_and_sends_nothing(
    job: LabelingJob, session: Any, aws: LocalAws
) -> None:
    before = changes(aws)
    plan = plan_of(job.as_role(aws.world.role), session)
    assert changes(aws) == before and session.client("sagemaker").list_labeling_jobs()["LabelingJobSummaryList"] == []
    text = repr(plan)
    assert text.splitlines()[0].startswith("Plan: ") and "nothing was sent" in text.splitlines()[0]
    assert plan.objects == 20 and "labeled objects: 20 objects" in text and "60 tasks" in text
    request = json.loads(text.split("Request:\n")[1])
    assert request == plan.job.to_request()


def test_what_is_open_is_filled_from_config_and_the_plan_says_from_where(
    job: LabelingJob, session: Any, aws: LocalAws
) -> None:
    plan = plan_of(job, session, {"role": aws.world.role})
    assert plan.job.role == aws.world.role and plan.preflight is not None
    assert f"RoleArn: {aws.world.role}, from %config GtVpcMagics" in repr(plan)
    assert "%config GtVpcMagics" in plan._repr_html_()
    assert job.role is None, "the job given is as it was"


def test_an_administrators_network_role_and_keys_are_never_lost_without_a_word(
    job: LabelingJob, session: Any, aws: LocalAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    network = {"subnets": ["subnet-0a"], "security_group_ids": ["sg-0a"]}
    configure(
        monkeypatch, tmp_path / "admin.yaml", role_arn="arn:aws:iam::111122223333:role/Admins",
        output_config={"kms_key_id": "admins-key"},
        labeling_job_algorithms_config={"labeling_job_resource_config": {"vpc_config": network}},
    )  # fmt: skip
    plan = plan_of(job.as_role(aws.world.role), session)
    assert plan.job.output_key == "admins-key"
    for told in (repr(plan), plan._repr_html_()):
        assert "Configured, and not in this job:" in told
        assert "role/Admins" in told and "is overridden by" in told
        assert "subnet-0a" in told and "is not carried" in told


def test_a_request_with_errors_is_planned_without_asking_anybody(session: Any) -> None:
    plan = plan_of(LabelingJob().named("a b"), session)
    assert not plan.ready and plan.preflight is None and plan.surroundings is None
    assert "the request has" in plan.verdict and "Preflight: not run" in repr(plan)
    assert "number unknown" in repr(plan)
    with pytest.raises(RequestError):
        plan.submit()


def test_a_hostile_text_is_harmless_in_a_plan(job: LabelingJob, session: Any) -> None:
    hostile = job.named("signs-2").task("ImageMultiClass", title="<script>alert(1)</script>", description="<b>")
    html = plan_of(hostile, session)._repr_html_()
    assert "<script>" not in html and "<b>" not in html


def test_access_denied_at_submit_names_who_what_and_the_statement(job: LabelingJob, aws: LocalAws) -> None:
    world = aws.world
    inside, outside = aws.session(vpc_endpoint=world.vpc_endpoint), aws.session()
    s3, bucket = inside.client("s3"), world.output_bucket
    before = s3.get_bucket_policy(Bucket=bucket)["Policy"] if _has_policy(s3, bucket) else None
    denying = {
        "Sid": "Only-my-VPC", "Effect": "Deny", "Principal": "*", "Action": ["s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"StringNotEquals": {"aws:SourceVpce": world.vpc_endpoint}},
    }  # fmt: skip
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [denying]}))
    plan = plan_of(job.as_role(world.role), outside)
    failed = [row.id for row in plan.preflight.failures]
    with pytest.raises(AwsError) as caught:
        plan.submit(failed)
    text = str(caught.value)
    assert caught.value.code in ("AccessDenied", "403") and caught.value.operation == "PutObject"
    assert "Who: arn:aws:iam::111122223333:role/Administrator. What: s3:PutObject on arn:aws:s3:::" in text
    assert "Only-my-VPC" in text and "aws:SourceVpce" in text
    assert f"Call from VPC endpoint {world.vpc_endpoint}" in text
    assert f"%gt_vpc audit {bucket}" in text
    assert caught.value.__cause__ is not None
    s3.delete_bucket_policy(Bucket=bucket) if before is None else s3.put_bucket_policy(Bucket=bucket, Policy=before)


def _has_policy(s3: Any, bucket: str) -> bool:
    try:
        s3.get_bucket_policy(Bucket=bucket)
    except s3.exceptions.ClientError:
        return False
    return True


def test_a_denied_create_call_is_told_by_what_the_simulator_says(job: LabelingJob, aws: LocalAws) -> None:
    session = aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    plan = plan_of(job.named("signs-3").as_role(aws.world.role), session)
    aws.faults.fail("sagemaker:CreateLabelingJob", code="AccessDeniedException", status=400)
    with pytest.raises(AwsError) as caught:
        plan.submit([row.id for row in plan.preflight.failures])
    assert "What: sagemaker:CreateLabelingJob." in str(caught.value)
    assert "Who: arn:aws:iam::111122223333:role/Administrator" in str(caught.value)
    aws.faults.clear()


def test_another_error_is_left_as_it_is(job: LabelingJob, aws: LocalAws) -> None:
    session = aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    plan = plan_of(job.named("signs-4").as_role(aws.world.role), session)
    aws.faults.fail("sagemaker:CreateLabelingJob", code="ValidationException", status=400)
    with pytest.raises(AwsError) as caught:
        plan.submit([row.id for row in plan.preflight.failures])
    assert "Who:" not in str(caught.value)
    aws.faults.clear()
