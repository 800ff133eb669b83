from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.facts import regions, task_types
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.labeling_api import LabelingApi
from gt_vpc_nb.local.validation import python_pattern, service_model, violations


def refused(world, operation, **params):
    with pytest.raises(ApiError) as caught:
        world.call(operation, **params)
    return caught.value


def checked(world, operation, **params):
    """The answer, after a walk through botocore's output shape."""
    answer = world.call(operation, **params)
    shape = service_model().operation_model(operation).output_shape
    if shape is None:
        assert answer == {}
    else:
        assert violations(shape, answer) == []
        assert set(answer) <= set(shape.members)
    return answer


def workforce(**more):
    return {"WorkforceName": "us", "CognitoConfig": {"UserPool": "us-east-1_abc", "ClientId": "c"}, **more}


def test_every_answer_fits_the_output_shape_of_botocore(small_world):
    world = small_world
    world.ten_cats()
    arn = checked(world, "CreateLabelingJob", **world.request(Tags=[{"Key": "a", "Value": "b"}]))["LabelingJobArn"]
    for _ in range(3):
        job = checked(world, "DescribeLabelingJob", LabelingJobName="job")
        checked(world, "ListLabelingJobs")
        team = job["HumanTaskConfig"]["WorkteamArn"]
        checked(world, "ListLabelingJobsForWorkteam", WorkteamArn=team)
        world.clock.advance(minutes=3)
    checked(world, "AddTags", ResourceArn=arn, Tags=[{"Key": "c", "Value": "d"}])
    assert [tag["Key"] for tag in checked(world, "ListTags", ResourceArn=arn)["Tags"]] == ["a", "c"]
    vpc = {"VpcId": "vpc-1", "SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    checked(world, "CreateWorkforce", **workforce(WorkforceVpcConfig=vpc))
    assert checked(world, "DescribeWorkforce", WorkforceName="us")["Workforce"]["Status"] == "Initializing"
    world.clock.advance(minutes=5)
    described = checked(world, "DescribeWorkforce", WorkforceName="us")["Workforce"]
    assert described["Status"] == "Active"
    assert described["WorkforceVpcConfig"]["VpcId"] == "vpc-1"
    assert len(checked(world, "ListWorkforces")["Workforces"]) == 1
    checked(world, "DescribeWorkteam", WorkteamName="labelers")
    assert len(checked(world, "ListWorkteams")["Workteams"]) == 1
    checked(world, "DeleteWorkteam", WorkteamName="labelers")
    assert checked(world, "ListWorkteams")["Workteams"] == []


def test_stop_answers_nothing(small_world):
    small_world.ten_cats()
    small_world.call("CreateLabelingJob", **small_world.request())
    checked(small_world, "StopLabelingJob", LabelingJobName="job")


def test_describe_gives_back_what_was_asked_for(small_world):
    request = small_world.request(StoppingConditions={"MaxHumanLabeledObjectCount": 3})
    small_world.call("CreateLabelingJob", **request)
    job = small_world.describe()
    assert {member: job[member] for member in request} == request


@pytest.mark.parametrize("name", ["job", "JOB"])
def test_names_are_taken_whatever_their_case(small_world, name):
    small_world.call("CreateLabelingJob", **small_world.request())
    assert refused(small_world, "CreateLabelingJob", **small_world.request(name=name)).code == "ResourceInUse"


def test_the_same_name_is_free_in_another_account(small_world):
    small_world.call("CreateLabelingJob", **small_world.request())
    small_world.caller = replace(small_world.caller, account="444455556666")
    assert small_world.call("ListLabelingJobs")["LabelingJobSummaryList"] == []
    assert refused(small_world, "DescribeLabelingJob", LabelingJobName="job").code == "ResourceNotFound"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"LabelingJobName": "no_underscores"},
            "'labelingJobName' failed to satisfy constraint: Member must satisfy reg",
        ),
        ({"LabelingJobName": "x" * 64}, "length less than or equal to 63"),
        ({"RoleArn": None}, "Value null at 'roleArn'"),
        ({"LabelAttributeName": 7}, "Member must be a string"),
        ({"StoppingConditions": {"MaxPercentageOfInputDatasetLabeled": 101}}, "value less than or equal to 100"),
        ({"task": {"NumberOfHumanWorkersPerDataObject": 10}}, "humanTaskConfig.numberOfHumanWorkersPerDataObject"),
        ({"task": {"TaskKeywords": ["a-b"]}}, "humanTaskConfig.taskKeywords.1.member"),
        ({"task": {"TaskTimeLimitInSeconds": 29}}, "value greater than or equal to 30"),
        ({"RoleArn": "arn:aws:iam::999999999999:role/labeling"}, "Cross-account"),
        ({"LabelAttributeName": "label-ref"}, "must not end with -ref"),
        ({"LabelAttributeName": "label-metadata"}, "must not end with -metadata"),
        ({"task": {"WorkteamArn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/x"}}, "not exist"),
        (
            {"task": {"PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-1:1:function:PRE-BoundingBox"}},
            "preHumanTaskLamb",
        ),
        (
            {"task": {"PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-1:081040173940:function:PRE-ImageMultiClass"}},
            "in us-east-1 it is",
        ),
        ({"OutputConfig": {"S3OutputPath": "https://out/jobs"}}, "S3OutputPath"),
    ],
)
def test_a_request_aws_would_not_take_is_a_validation_exception(small_world, change, text):
    error = refused(small_world, "CreateLabelingJob", **small_world.request(**change))
    assert error.code == "ValidationException"
    assert text in error.message


def test_all_violations_are_in_one_message(small_world):
    request = small_world.request(LabelingJobName="-", LabelAttributeName="-")
    assert refused(small_world, "CreateLabelingJob", **request).message.startswith("2 validation errors detected: ")


def test_a_region_without_ground_truth_is_refused(small_world):
    small_world.caller = replace(small_world.caller, region="eu-north-1")
    error = refused(small_world, "CreateLabelingJob", **small_world.request())
    assert "eu-north-1" in error.message
    assert len(regions()) == 12


@pytest.mark.parametrize("code", [each.code for each in task_types()])
def test_every_task_type_is_taken(small_world, code):
    assert small_world.call("CreateLabelingJob", **small_world.request(code))["LabelingJobArn"]


@pytest.mark.parametrize("operation", ["DescribeLabelingJob", "StopLabelingJob"])
def test_a_job_that_is_not_there_is_resource_not_found(small_world, operation):
    assert refused(small_world, operation, LabelingJobName="nobody").code == "ResourceNotFound"


def test_pages_hold_all_jobs_once_in_order_of_creation(small_world):
    for number in range(7):
        small_world.call("CreateLabelingJob", **small_world.request(name=f"job-{number}"))
        small_world.clock.advance(seconds=1)
    names, token = [], {}
    while True:
        answer = checked(small_world, "ListLabelingJobs", MaxResults=3, SortOrder="Descending", **token)
        names += [row["LabelingJobName"] for row in answer["LabelingJobSummaryList"]]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert names == [f"job-{number}" for number in reversed(range(7))]


@pytest.mark.parametrize("token", ["x", "bm90IGpzb24=", "eyJhIjogMX0="])
def test_a_token_of_somebody_else_is_refused(small_world, token):
    assert refused(small_world, "ListLabelingJobs", NextToken=token).code == "ValidationException"


def test_jobs_are_filtered_by_status_name_and_time(small_world):
    world = small_world
    world.ten_cats()
    start = world.clock.now()
    world.call("CreateLabelingJob", **world.request(name="old-cats"))
    world.clock.advance(hours=1)
    world.call("CreateLabelingJob", **world.request(name="new-dogs"))

    def names(**filters):
        return [row["LabelingJobName"] for row in world.call("ListLabelingJobs", **filters)["LabelingJobSummaryList"]]

    assert names(StatusEquals="Completed") == ["old-cats"]
    assert names(NameContains="DOG") == ["new-dogs"]
    assert names(CreationTimeAfter=start + timedelta(minutes=1)) == ["new-dogs"]
    assert names(CreationTimeBefore=start + timedelta(minutes=1)) == ["old-cats"]
    assert names(LastModifiedTimeAfter=start + timedelta(hours=1)) == ["new-dogs"]
    assert names(SortBy="Name") == ["new-dogs", "old-cats"]
    assert names(SortBy="Status", SortOrder="Descending") == ["new-dogs", "old-cats"]


def test_a_finished_job_cannot_be_stopped(small_world):
    small_world.ten_cats()
    small_world.call("CreateLabelingJob", **small_world.request())
    small_world.clock.advance(hours=1)
    error = refused(small_world, "StopLabelingJob", LabelingJobName="job")
    assert "Completed" in error.message


def test_fifty_jobs_at_work_are_the_limit(small_world):
    for number in range(50):
        small_world.call("CreateLabelingJob", **small_world.request(name=f"job-{number}"))
    assert refused(small_world, "CreateLabelingJob", **small_world.request()).code == "ResourceLimitExceeded"


def test_a_work_team_at_work_is_not_deleted(small_world):
    small_world.call("CreateLabelingJob", **small_world.request())
    assert refused(small_world, "DeleteWorkteam", WorkteamName="labelers").code == "ResourceInUse"


def test_one_private_workforce_in_an_account_and_region(small_world):
    small_world.call("CreateWorkforce", **workforce())
    assert "one private workforce" in refused(small_world, "CreateWorkforce", **workforce()).message


def test_staffing_a_team_that_is_not_there_offers_the_nearest(small_world):
    with pytest.raises(LocalAwsError, match="did you mean 'labelers'"):
        small_world.api.staff("labellers", ())


def test_an_operation_nobody_wrote_says_so(small_world):
    assert refused(small_world, "CreateFlowDefinition").status == 501


@pytest.mark.parametrize("operation", sorted(LabelingApi.operations))
def test_every_pattern_of_our_operations_is_one_python_can_read(operation):
    model = service_model().operation_model(operation)
    seen = set()

    def walk(shape):
        if shape is None or shape.name in seen:
            return
        seen.add(shape.name)
        if "pattern" in shape.metadata:
            python_pattern(shape.metadata["pattern"])
        for member in getattr(shape, "members", {}).values():
            walk(member)
        walk(getattr(shape, "member", None))

    walk(model.input_shape)
    walk(model.output_shape)
    assert seen
