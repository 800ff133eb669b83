"""What the survey makes of answers that the local AWS does not give; each is checked against botocore's own model."""

from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import ANY, Stubber

from gt_vpc_nb import facts
from gt_vpc_nb.aws.surveying_data import survey_rendering
from gt_vpc_nb.aws.surveying_jobs import survey_model, survey_running
from gt_vpc_nb.aws.surveying_people import survey_team
from gt_vpc_nb.aws.surveying_roles import survey_caller
from gt_vpc_nb.aws.surveying_services import survey_quotas
from gt_vpc_nb.preflight.surroundings import (
    JobInProgress,
    Manifest,
    Missing,
    RenderProblem,
    Role,
    Surroundings,
    TextFile,
    Unknown,
)

REGION, ACCOUNT = "us-east-1", "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/Execution"
TASK = facts.task_type("ImageMultiClass")
LABELS = TextFile("s3://signs-out/labels.json", json.dumps({"labels": [{"label": "stop"}]}))
REQUEST = {
    "LabelingJobName": "Signs-1",
    "RoleArn": ROLE,
    "HumanTaskConfig": {
        "PreHumanTaskLambdaArn": TASK.pre_lambda(REGION),
        "WorkteamArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/signs",
    },
    "LabelingJobAlgorithmsConfig": {
        "LabelingJobAlgorithmSpecificationArn": TASK.algorithm_arn(REGION),
        "InitialActiveLearningModelArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/signs",
    },
}
FOUND = Surroundings(
    "AWS", REGION, ACCOUNT,
    manifest=Manifest("s3://signs-in/a.manifest", 1, ('{"source-ref": "s3://signs-in/1.png"}',)),
    template=TextFile("s3://signs-out/ui.liquid.html", "<crowd-form></crowd-form>"),
    category_file=LABELS,
)  # fmt: skip


class Stubbed:
    """Clients whose answers were written beforehand; any other call is refused."""

    region = REGION

    def __init__(self, service: str) -> None:
        session = boto3.Session("ASIATEST", "secret", region_name=REGION)
        self.client = session.client(service, config=Config(retries={"total_max_attempts": 1}))
        self.service, self.answers = service, Stubber(self.client)
        self.answers.activate()

    def __call__(self, service: str, region: str | None = None) -> Any:
        assert service == self.service
        return self.client


def done(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future


def test_the_page_that_sagemaker_renders_is_not_kept_but_its_errors_are() -> None:
    clients = Stubbed("sagemaker")
    task = {"taskObject": "s3://signs-in/1.png", "labels": [{"label": "stop"}]}
    clients.answers.add_response(
        "render_ui_template",
        {"RenderedContent": "<p>signed</p>", "Errors": [{"Code": "MissingVariable", "Message": "task.input.x"}]},
        {"UiTemplate": {"Content": FOUND.template.text}, "Task": {"Input": json.dumps(task)}, "RoleArn": ROLE},
    )
    found = survey_rendering(REQUEST, FOUND, clients)
    assert found.errors == (RenderProblem("MissingVariable", "task.input.x"),)
    assert found.characters == 13 and "signed" not in repr(found)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"template": None}, None),
        ({"template": TextFile("s3://a/b", Missing("there is no object s3://a/b"))}, "there is no object"),
        ({"manifest": None}, "no data object is known"),
        ({"manifest": Manifest("s3://a/b", 1, ("no JSON",))}, "not as wanted"),
        ({"category_file": TextFile("s3://a/b", "[]")}, "not as wanted"),
        ({"manifest": Manifest("s3://a/b", 1, (json.dumps({"source": "x" * 128_000}),))}, "too long"),
    ],
)
def test_a_template_is_not_rendered_without_a_task_for_it(changes: dict, why: str | None) -> None:
    found = survey_rendering(REQUEST, replace(FOUND, **changes), Stubbed("sagemaker"))
    assert (found is None) if why is None else (isinstance(found, Unknown) and why in found.reason)


def quota(name: str, value: float) -> dict[str, Any]:
    return {"QuotaName": name, "Value": value, "QuotaCode": "L-1"}


def test_quotas_are_looked_for_on_every_page_and_those_of_labeling_are_kept() -> None:
    training, transform = TASK.instance_quotas(REGION)
    clients, asked = Stubbed("service-quotas"), {"ServiceCode": "sagemaker", "MaxResults": 100}
    first = {"Quotas": [quota(training, 0.0), quota("ml.m5.large for notebook usage", 8.0)], "NextToken": "more"}
    clients.answers.add_response("list_service_quotas", first, asked)
    rest = {"Quotas": [quota(transform, 2.0), quota("Number of labeling jobs", 20.0)]}
    clients.answers.add_response("list_service_quotas", rest, {**asked, "NextToken": "more"})
    found = survey_quotas(REQUEST, clients)
    assert [(each.name, each.value) for each in found] == [
        (training, 0.0), (transform, 2.0), ("Number of labeling jobs", 20.0)
    ]  # fmt: skip


def test_quotas_that_are_nowhere_are_named_as_unknown() -> None:
    clients = Stubbed("service-quotas")
    clients.answers.add_response("list_service_quotas", {"Quotas": []}, {"ServiceCode": "sagemaker", "MaxResults": 100})
    found = survey_quotas(REQUEST, clients)
    assert isinstance(found, Unknown) and TASK.instance_quotas(REGION)[0] in found.reason
    assert "not asked" in survey_quotas({}, clients).reason


def test_the_caller_is_simulated_on_this_job_this_team_and_this_role() -> None:
    clients = Stubbed("iam")

    def simulated(actions: list[str], resource: str, decision: str, **context: str) -> None:
        entries = [
            {"ContextKeyName": name.replace("_", ":"), "ContextKeyValues": [value], "ContextKeyType": "string"}
            for name, value in context.items()
        ]
        clients.answers.add_response(
            "simulate_principal_policy",
            {"EvaluationResults": [{"EvalActionName": each, "EvalDecision": decision} for each in actions]},
            {"PolicySourceArn": ROLE, "ActionNames": ANY, "ResourceArns": [resource], "ContextEntries": entries},
        )

    job, team = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:labeling-job/signs-1", REQUEST["HumanTaskConfig"]["WorkteamArn"]
    jobs = ["sagemaker:CreateLabelingJob", "sagemaker:StopLabelingJob"]
    simulated(jobs, job, "allowed", sagemaker_WorkteamArn=team, sagemaker_WorkteamType="private-crowd")
    simulated(["iam:PassRole"], ROLE, "implicitDeny", iam_PassedToService="sagemaker.amazonaws.com")
    told = {"Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Execution/SageMaker", "Account": ACCOUNT}
    found = survey_caller(told, REQUEST, done(Role(ROLE, "{}")), clients)
    # In a notebook that runs as the execution role, IAM need not be asked for the role once more.
    assert found.principal == ROLE
    assert (found.may("sagemaker:CreateLabelingJob"), found.may("iam:PassRole", ROLE)) == (True, False)


def test_a_model_that_is_there_is_said_to_be() -> None:
    clients = Stubbed("sagemaker")
    answer = {
        "ModelName": "signs",
        "CreationTime": "2026-01-05T09:00:00",
        "ModelArn": "arn:aws:sagemaker:x:1:model/signs",
    }
    clients.answers.add_response("describe_model", answer, {"ModelName": "signs"})
    assert survey_model(REQUEST, clients).exists is True


def test_the_people_of_a_cognito_group_are_counted() -> None:
    clients = Stubbed("cognito-idp")
    asked = {"UserPoolId": "us-east-1_signs", "GroupName": "labelers", "Limit": 60}
    clients.answers.add_response("list_users_in_group", {"Users": [{"Username": "a"}, {"Username": "b"}]}, asked)
    member = {"CognitoMemberDefinition": {"UserPool": "us-east-1_signs", "UserGroup": "labelers", "ClientId": "c"}}
    team = {"WorkteamArn": "arn:team", "MemberDefinitions": [member]}
    assert survey_team("arn:team", done(team), clients).groups[0].people == 2


def summary(name: str, status: str) -> dict[str, Any]:
    counters = dict.fromkeys(
        ("TotalLabeled", "HumanLabeled", "MachineLabeled", "FailedNonRetryableError", "Unlabeled"), 0
    )
    moment = "2026-01-05T09:00:00"
    return {
        "LabelingJobName": name, "LabelingJobStatus": status, "LabelingJobArn": "arn:aws:sagemaker:x:1:labeling-job/a",
        "CreationTime": moment, "LastModifiedTime": moment, "LabelCounters": counters, "WorkteamArn": "arn:team",
        "PreHumanTaskLambdaArn": TASK.pre_lambda(REGION),
    }  # fmt: skip


def test_where_there_are_more_than_a_hundred_jobs_those_in_progress_are_asked_for_alone() -> None:
    clients = Stubbed("sagemaker")
    first = {"LabelingJobSummaryList": [summary("new", "InProgress"), summary("old", "Completed")], "NextToken": "more"}
    newest = {"MaxResults": 100, "SortBy": "CreationTime", "SortOrder": "Descending"}
    clients.answers.add_response("list_labeling_jobs", first, newest)
    running = {"Initializing": [], "InProgress": ["new", "long"], "Stopping": ["last"]}
    for status, names in running.items():
        listed = {"LabelingJobSummaryList": [summary(name, status) for name in names]}
        clients.answers.add_response("list_labeling_jobs", listed, {"StatusEquals": status, "MaxResults": 100})
    for _ in range(3):
        clients.answers.add_client_error("describe_labeling_job", "AccessDeniedException", http_status_code=403)
    found, used = survey_running(clients)
    denied = Unknown("AccessDeniedException on sagemaker:DescribeLabelingJob")
    assert found == (
        JobInProgress("new", "InProgress", denied),
        JobInProgress("long", "InProgress", denied),
        JobInProgress("last", "Stopping", denied),
    )
    assert used is True
