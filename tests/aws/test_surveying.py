"""The survey against the local AWS: what it reads, what it leaves alone, and what it says of what it may not read."""

from __future__ import annotations

import json

import pytest

from gt_vpc_nb import facts
from gt_vpc_nb.aws.surveying import survey_request
from gt_vpc_nb.preflight import Surroundings, run
from gt_vpc_nb.preflight.surroundings import Missing, Unknown


@pytest.fixture
def aws():
    from gt_vpc_nb.local import LocalAws

    return LocalAws.example(seed=7)


def request_in(world, **members) -> dict:
    task = facts.task_type("ImageMultiClass")
    config = {"Subnets": list(world.subnets), "SecurityGroupIds": list(world.security_groups)}
    return {
        "LabelingJobName": "circles-1",
        "InputConfig": {
            "DataSource": {"S3DataSource": {"ManifestS3Uri": f"s3://{world.input_bucket}/images.manifest"}}
        },
        "OutputConfig": {"S3OutputPath": f"s3://{world.output_bucket}/labels/"},
        "RoleArn": world.role,
        "LabelingJobAlgorithmsConfig": {
            "LabelingJobAlgorithmSpecificationArn": task.algorithm_arn(world.region),
            "LabelingJobResourceConfig": {"VpcConfig": config},
        },
        "HumanTaskConfig": {
            "WorkteamArn": world.workteam,
            "PreHumanTaskLambdaArn": task.pre_lambda(world.region),
        },
        **members,
    }


def survey(aws, session=None, request=None, **options) -> Surroundings:
    return survey_request(request or request_in(aws.world), session or aws.session(), vpc=aws.world.vpc, **options)


def restrict(aws, *endpoints: str, actions=("s3:GetObject", "s3:PutObject")) -> None:
    bucket = aws.world.input_bucket
    statement = {
        "Sid": "OnlyFromTheVpc",
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(actions),
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"StringNotEquals": {"aws:SourceVpce": list(endpoints)}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.session().client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)


def test_everything_a_job_points_to_is_read(aws):
    found, world = survey(aws), aws.world
    assert (found.place, found.region, found.account) == ("local AWS", world.region, world.account)
    assert [each.name for each in found.buckets] == [world.input_bucket, world.output_bucket]
    assert {each.region for each in found.buckets} == {world.region}
    assert found.bucket(world.input_bucket).policy is None
    assert found.bucket(world.input_bucket).cors[0].methods == ("GET",)
    assert found.manifest.objects == 20
    assert len(found.manifest.sample) == 20
    assert all(each.exists is True for each in found.data_objects) and found.data_objects
    assert {each.id for each in found.subnets} == set(world.subnets)
    assert {each.vpc for each in (*found.subnets, *found.security_groups)} == {world.vpc}
    assert [each.id for each in found.endpoints] == [world.vpc_endpoint]
    assert found.endpoints[0].route_tables == (found.subnets[0].route_table,)
    assert found.role.arn == world.role and "sagemaker.amazonaws.com" in found.role.trust
    assert [each.name for each in found.role.policies] == ["GroundTruth"]
    assert found.work_team.arn == world.workteam
    assert found.same_name_job is None
    assert Surroundings.from_json(found.to_json()) == found


def test_the_example_world_passes_but_for_its_few_pictures(aws):
    result = run(request_in(aws.world), survey(aws), vpc=aws.world.vpc, problems=())
    assert [row.id for row in result.failures] == ["AUTO-03"]


def test_a_policy_that_forgets_ground_truth_is_found(aws):
    restrict(aws, aws.world.vpc_endpoint)
    inside = aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    result = run(request_in(aws.world), survey(aws, inside), vpc=aws.world.vpc, problems=())
    assert {row.id for row in result.failures} == {"AUTO-03", "S3P-01"}
    assert "OnlyFromTheVpc" in result.row("S3P-01").evidence
    restrict(aws, aws.world.vpc_endpoint, facts.region(aws.region).ground_truth_endpoint)
    again = run(request_in(aws.world), survey(aws, inside), vpc=aws.world.vpc)
    assert again.row("S3P-01").status == "passed"


def test_what_the_caller_may_not_read_is_unknown_with_aws_word_and_the_action(aws):
    restrict(aws, aws.world.vpc_endpoint, actions=("s3:Get*",))
    found = survey(aws, aws.session())
    assert isinstance(found.manifest, Unknown) and "AccessDenied on s3:GetObject" in found.manifest.reason
    policy = found.bucket(aws.world.input_bucket).policy
    assert isinstance(policy, Unknown) and "AccessDenied on s3:GetBucketPolicy" in policy.reason
    result = run(request_in(aws.world), found, vpc=aws.world.vpc)
    assert result.row("S3P-01").status == "undetermined"
    assert not result.passed


def test_what_is_not_there_is_missing(aws):
    request = request_in(
        aws.world,
        InputConfig={"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://no-such-bucket-here/a.manifest"}}},
        RoleArn=f"arn:aws:iam::{aws.account}:role/Nobody",
        HumanTaskConfig={"WorkteamArn": aws.world.workteam + "-gone"},
    )
    found = survey(aws, request=request)
    assert isinstance(found.bucket("no-such-bucket-here").region, Missing)
    assert isinstance(found.manifest, Missing)
    assert isinstance(found.role, Missing)
    assert isinstance(found.work_team, Missing)
    failed = {row.id for row in run(request, found).failures}
    assert {"SVC-03", "MAN-11", "IAM-01", "WF-01"} <= failed


def test_a_manifest_that_submit_will_write_is_read_from_its_bytes(aws):
    uri = f"s3://{aws.world.output_bucket}/labels/circles-1/gt-vpc-nb/input.manifest"
    request = request_in(aws.world, InputConfig={"DataSource": {"S3DataSource": {"ManifestS3Uri": uri}}})
    line = json.dumps({"source-ref": f"s3://{aws.world.input_bucket}/images/0000.png"}).encode()
    found = survey(aws, request=request, files={uri: b"\n".join([line, b"", line])})
    assert found.manifest.objects == 2
    assert found.bucket(aws.world.input_bucket).cors
    assert [each.exists for each in found.data_objects] == [True]


def test_the_survey_changes_nothing(aws):
    before = len(aws.log)
    survey(aws)
    asked = {entry.action.partition(":")[2] for entry in aws.log[before:]}
    assert asked and all(action.startswith(("Get", "List", "Head")) for action in asked)


def test_an_empty_request_is_surveyed_too(aws):
    found = survey_request({}, aws.session())
    assert (found.buckets, found.manifest, found.role, found.work_team) == ((), None, None, None)
