"""A request in whatever form somebody has it: read into the same job, with nothing dropped and nothing guessed."""

from __future__ import annotations

import copy
import datetime
import json

import pytest
import yaml

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.job_code import KINDS
from gt_vpc_nb.local import LocalAws

REQUEST = {
    "LabelingJobName": "street-signs-1",
    "LabelAttributeName": "signs",
    "InputConfig": {
        "DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://signs-in/train.manifest"}},
        "DataAttributes": {"ContentClassifiers": ["FreeOfAdultContent"]},
    },
    "OutputConfig": {"S3OutputPath": "s3://signs-out/labels/", "KmsKeyId": ""},
    "RoleArn": "arn:aws:iam::111122223333:role/GroundTruthExecution",
    "LabelCategoryConfigS3Uri": "s3://signs-in/labels.json",
    "StoppingConditions": {"MaxHumanLabeledObjectCount": 50},
    "HumanTaskConfig": {
        "WorkteamArn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/sign-team",
        "UiConfig": {"UiTemplateS3Uri": "s3://signs-in/ui.liquid.html"},
        "PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:PRE-BoundingBox",
        "TaskKeywords": ["Images", "Signs"],
        "TaskTitle": "標識 “signs”: 100% #1",
        "TaskDescription": "Draw a box",
        "NumberOfHumanWorkersPerDataObject": 3,
        "TaskTimeLimitInSeconds": 3600,
        "AnnotationConsolidationConfig": {
            "AnnotationConsolidationLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:ACS-BoundingBox"
        },
    },
    "Tags": [{"Key": "team", "Value": "maps"}],
}
ABOUT_THE_JOB = {
    "LabelingJobStatus": "Failed",
    "LabelingJobArn": "arn:aws:sagemaker:us-east-1:111122223333:labeling-job/street-signs-1",
    "LabelCounters": {"TotalLabeled": 1},
    "FailureReason": "why",
    "CreationTime": datetime.datetime(2024, 1, 1),
    "LastModifiedTime": datetime.datetime(2024, 1, 1),
    "JobReferenceCode": "x",
    "LabelingJobOutput": {"OutputDatasetS3Uri": ""},
    "LabelingJobAlgorithmsConfig": None,
    "ResponseMetadata": {"HTTPStatusCode": 200},
}


class Unassigned:
    """How sagemaker-core says that an attribute is not set."""


class Shape:
    """An object of sagemaker-core as far as anybody can see it: attributes in snake_case."""

    def __init__(self, **attributes):
        vars(self).update(attributes)


def resource():
    """REQUEST as sagemaker-core's LabelingJob hands it over, written out by hand."""
    human = REQUEST["HumanTaskConfig"]
    functions = human["AnnotationConsolidationConfig"]["AnnotationConsolidationLambdaArn"]
    return Shape(
        labeling_job_name="street-signs-1",
        labeling_job_status="Completed",
        labeling_job_arn="arn",
        label_counters=Shape(total_labeled=1),
        failure_reason=Unassigned(),
        creation_time=datetime.datetime(2024, 1, 1),
        label_attribute_name="signs",
        input_config=Shape(
            data_source=Shape(
                s3_data_source=Shape(manifest_s3_uri="s3://signs-in/train.manifest"), sns_data_source=Unassigned()
            ),
            data_attributes=Shape(content_classifiers=["FreeOfAdultContent"]),
        ),
        output_config=Shape(s3_output_path="s3://signs-out/labels/", kms_key_id="", sns_topic_arn=Unassigned()),
        role_arn=REQUEST["RoleArn"],
        label_category_config_s3_uri="s3://signs-in/labels.json",
        stopping_conditions=Shape(max_human_labeled_object_count=50, max_percentage_of_input_dataset_labeled=None),
        labeling_job_algorithms_config=Unassigned(),
        human_task_config=Shape(
            workteam_arn=human["WorkteamArn"],
            ui_config=Shape(ui_template_s3_uri="s3://signs-in/ui.liquid.html", human_task_ui_arn=Unassigned()),
            pre_human_task_lambda_arn=human["PreHumanTaskLambdaArn"],
            task_keywords=["Images", "Signs"],
            task_title=human["TaskTitle"],
            task_description="Draw a box",
            number_of_human_workers_per_data_object=3,
            task_time_limit_in_seconds=3600,
            annotation_consolidation_config=Shape(annotation_consolidation_lambda_arn=functions),
        ),
        tags=[Shape(key="team", value="maps")],
    )


def ack():
    job = LabelingJob.from_request(REQUEST)
    return job.to_code("ack")


FORMS = {
    "a dict": REQUEST,
    "JSON": json.dumps(REQUEST),
    "JSON with a byte order mark": b"\xef\xbb\xbf" + json.dumps(REQUEST, indent=1).encode(),
    "YAML": yaml.safe_dump(REQUEST, allow_unicode=True),
    "an answer of describe_labeling_job": REQUEST | ABOUT_THE_JOB,
    "that answer as the AWS CLI prints it": json.dumps(REQUEST | ABOUT_THE_JOB, default=str),
    "sagemaker-core's resource": resource(),
    "a Kubernetes manifest that was loaded": yaml.safe_load(ack()),
    **{f"code for {kind}": LabelingJob.from_request(REQUEST).to_code(kind) for kind in KINDS},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_request_in_every_form_is_the_same_job(form):
    given = FORMS[form]
    before = copy.deepcopy(given)
    job = LabelingJob.from_request(given)
    assert job.to_request() == REQUEST
    assert job == LabelingJob.from_request(REQUEST)
    assert job.task_code == "BoundingBox" and job.region == "us-east-1"
    assert not isinstance(given, dict) or given == before


def test_the_answer_of_the_local_aws_about_a_job_is_its_request():
    aws = LocalAws.example(seed=7)
    world, session = aws.world, aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    job = LabelingJob().named("shapes-1").in_region(world.region).as_role(world.role).workers("shapes-team")
    job = job.task("ImageMultiClass", title="Which shape?", description="Choose one").label_categories(["a", "b"])
    job = job.input(f"s3://{world.input_bucket}/images.manifest").output(f"s3://{world.output_bucket}/jobs/")
    job = job.with_raw(HumanTaskConfig={"WorkteamArn": world.workteam}).with_tags({"team": "maps"})
    job.submit(session)
    answer = session.client("sagemaker").describe_labeling_job(LabelingJobName="shapes-1")
    clone = LabelingJob.from_request(answer)
    assert clone.to_request() == job.to_request()
    assert clone == LabelingJob.from_job("shapes-1", session, world.region)


MISSPELT = [
    ({"LabelingJobNam": "x"}, "LabelingJobNam", "did you mean 'LabelingJobName'?"),
    ({"labeling_job_name": "x"}, "labeling_job_name", "did you mean 'LabelingJobName'?"),
    ({"TaskTitle": "x"}, "TaskTitle", "it is a member of HumanTaskConfig"),
    ({"HumanTaskConfig": {"TaskTitel": "x"}}, "HumanTaskConfig.TaskTitel", "did you mean 'TaskTitle'?"),
    ({"HumanTaskConfig": {"RoleArn": "x"}}, "HumanTaskConfig.RoleArn", "it is a member of CreateLabelingJob"),
    ({"OutputConfig": {"KmsKeyID": "x"}}, "OutputConfig.KmsKeyID", "did you mean 'KmsKeyId'?"),
    ({"Tags": [{"Key": "a", "Value": "b", "value": "c"}]}, "Tags[0].value", "did you mean 'Value'?"),
    ({"LabelingJobStatus": "Completed"}, "LabelingJobStatus", "has no member"),
]


@pytest.mark.parametrize(("members", "field", "sentence"), MISSPELT)
@pytest.mark.parametrize("form", [dict, json.dumps, yaml.safe_dump], ids=["dict", "JSON", "YAML"])
def test_a_misspelt_member_is_kept_and_told_with_the_right_one_in_every_form(members, field, sentence, form):
    job = LabelingJob.from_request(form(members))
    assert job.to_request() == members
    told = [problem for problem in job.problems() if problem.field == field]
    assert len(told) == 1 and sentence in told[0].message and told[0].severity == "error"


def test_yaml_merges_give_way_to_what_a_mapping_says_itself():
    text = "Tags: [{&key Key: a, Value: b}]\nOutputConfig: &o {S3OutputPath: s3://a/, KmsKeyId: k}\n"
    job = LabelingJob.from_request(text + "HumanTaskConfig: {<<: *o, KmsKeyId: own}")
    assert job.to_request()["HumanTaskConfig"] == {"S3OutputPath": "s3://a/", "KmsKeyId": "own"}


def test_a_novel_attribute_of_a_resource_is_kept_and_told():
    novel = resource()
    novel.human_task_config.task_mood = "good"
    job = LabelingJob.from_request(novel)
    assert job.to_request()["HumanTaskConfig"]["task_mood"] == "good"
    assert "HumanTaskConfig.task_mood" in {problem.field for problem in job.problems()}


REFUSED = [
    (["LabelingJobName"], "is a dict, not list; JSON or YAML text"),
    (7, "is a dict, not int"),
    ("", "holds no labeling job"),
    ("- a", "holds no labeling job"),
    ("just words", "holds no labeling job"),
    ('{"LabelingJobName": }', "Line 1: a value is missing here; this is not JSON"),
    ('{"LabelingJobName": "a",\n "LabelingJobName": "b"}', "Line 2: 'LabelingJobName' is given twice"),
    ("LabelingJobName: a\nRoleArn: b\nLabelingJobName: c", "Line 3: 'LabelingJobName' is given twice"),
    ("a: [1", "this is not YAML"),
    (b"\xff\xfe", "not UTF-8"),
    ("x: &x {a: 1}\ny: {<<: *x, b: 2, b: 3}", "Line 2: 'b' is given twice"),
    ("a: 1\n---\nb: 2\n", r"holds 2 labeling jobs \(lines 1, 3\)"),
    ({"States": {}}, "holds no labeling job"),
    ({"apiVersion": "sagemaker.services.k8s.aws/v1alpha1", "kind": "LabelingJob"}, "has no spec"),
    (
        'resource "aws_sagemaker_labeling_job" "a" {\n  role_arn = var.role\n  label_attribute_name = local.a\n}',
        "line 2: RoleArn is var.role\n  line 3: LabelAttributeName is local.a",
    ),
    ("RoleArn: !Sub 'arn:${x}'\nTags: !If [a]", "line 1: RoleArn is !Sub arn:\\${x}\n  line 2: Tags is !If"),
    ("client.create_labeling_job(RoleArn=role)", "RoleArn is role"),
    ({"LabelingJobName": {1, 2}}, "holds text, numbers, lists and structures"),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_what_is_no_request_is_refused_with_the_reason(given, sentence):
    with pytest.raises(RequestError, match=sentence):
        LabelingJob.from_request(given)
