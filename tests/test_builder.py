"""The builder: verbs that return new jobs, AWS's own example, files, text, and sentences for what cannot be."""

from __future__ import annotations

import copy
import json
from dataclasses import FrozenInstanceError, fields
from decimal import Decimal

import numpy
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError

ROLE = "arn:aws:iam::111122223333:role/GroundTruthExecution"


def signs() -> LabelingJob:
    """The contract's own chain of verbs."""
    return (
        LabelingJob.in_vpc(
            "vpc-0a1b2c3d4e5f60718", subnets=["subnet-0"], security_groups=["sg-0"], vpc_endpoints=["vpce-0"]
        )
        .named("street-signs-1")
        .in_region("us-east-1")
        .task("BoundingBox", title="Box every sign", description="Draw a box around each sign", keywords=["Images"])
        .input("s3://signs-in/train.manifest")
        .output("s3://signs-out/labels/", kms_key_id=None)
        .label_categories(["stop", "yield"])
        .workers("sign-team", per_object=3, time_limit=3600, availability=864000, tasks_in_flight=1000)
        .as_role(ROLE)
        .with_automated_labeling()
        .stop_after(objects=5000, percentage=80)
        .with_tags({"team": "maps"})
    )


def errors(job):
    return [problem for problem in job.problems() if problem.severity == "error"]


#: The boto3 example of AWS's page on labeling jobs in a VPC, repaired: one task type for its three names, real ids,
#: account and ARNs, a percentage that is one, no placeholders.
AWS_EXAMPLE = {
    "LabelingJobName": "example-labeling-job",
    "LabelAttributeName": "label",
    "InputConfig": {
        "DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://bucket/path/manifest-with-input-data.json"}}
    },
    "LabelingJobAlgorithmsConfig": {
        "LabelingJobAlgorithmSpecificationArn": (
            "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/image-classification"
        ),
        "LabelingJobResourceConfig": {
            "VpcConfig": {
                "SecurityGroupIds": ["sg-01233456789", "sg-987654321"],
                "Subnets": ["subnet-e0123456", "subnet-e7891011"],
            }
        },
    },
    "OutputConfig": {
        "S3OutputPath": "s3://bucket/path/file-to-store-output-data",
        "KmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    },
    "RoleArn": ROLE,
    "LabelCategoryConfigS3Uri": "s3://bucket/path/label-categories.json",
    "StoppingConditions": {"MaxHumanLabeledObjectCount": 123, "MaxPercentageOfInputDatasetLabeled": 100},
    "HumanTaskConfig": {
        "WorkteamArn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/example-team",
        "UiConfig": {"UiTemplateS3Uri": "s3://bucket/path/custom-worker-task-template.html"},
        "PreHumanTaskLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:PRE-ImageMultiClass",
        "TaskKeywords": ["Images", "Classification"],
        "TaskTitle": "Add task title here",
        "TaskDescription": "Add description of task here for workers",
        "NumberOfHumanWorkersPerDataObject": 1,
        "TaskTimeLimitInSeconds": 3600,
        "TaskAvailabilityLifetimeInSeconds": 21600,
        "MaxConcurrentTaskCount": 1000,
        "AnnotationConsolidationConfig": {
            "AnnotationConsolidationLambdaArn": "arn:aws:lambda:us-east-1:432418664414:function:ACS-ImageMultiClass"
        },
    },
    "Tags": [{"Key": "project", "Value": "signs"}],
}


def test_the_repaired_request_of_awss_page_comes_out_of_the_builder():
    job = (
        LabelingJob.in_vpc(
            subnets=["subnet-e0123456", "subnet-e7891011"], security_groups=["sg-01233456789", "sg-987654321"]
        )
        .named("example-labeling-job")
        .in_region("us-east-1")
        .task(
            "ImageMultiClass",
            title="Add task title here",
            description="Add description of task here for workers",
            keywords=["Images", "Classification"],
        )
        .label_attribute("label")
        .input("s3://bucket/path/manifest-with-input-data.json")
        .output(
            "s3://bucket/path/file-to-store-output-data",
            kms_key_id="arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        )
        .as_role(ROLE)
        .label_categories("s3://bucket/path/label-categories.json")
        .template("s3://bucket/path/custom-worker-task-template.html")
        .workers("example-team", per_object=1, time_limit=3600, availability=21600, tasks_in_flight=1000)
        .with_automated_labeling()
        .stop_after(objects=123, percentage=100)
        .with_tags({"project": "signs"})
    )
    assert job.to_request() == AWS_EXAMPLE
    assert LabelingJob.from_request(AWS_EXAMPLE).to_request() == AWS_EXAMPLE
    assert errors(job) == []


VERBS = [
    ("in_vpc", ("vpc-1",), {}),
    ("named", ("other",), {}),
    ("in_region", ("eu-west-1",), {}),
    ("task", ("ImageMultiClass",), {"title": "t"}),
    ("input", (["s3://signs-in/1.png"],), {}),
    ("output", ("s3://elsewhere/",), {}),
    ("label_categories", (["a", "b", "c"],), {}),
    ("template", ("s3://signs-in/ui.html",), {}),
    ("workers", ("others",), {}),
    ("as_role", ("arn:aws:iam::111122223333:role/Other",), {}),
    ("with_automated_labeling", (), {"volume_kms_key_id": "k"}),
    ("stop_after", (), {"objects": 1}),
    ("with_tags", ({"a": "b"},), {}),
    ("stream_from", ("arn:aws:sns:us-east-1:111122223333:t",), {}),
    ("label_attribute", ("boxes",), {}),
    ("custom_workflow", (), {}),
    ("adjusting", ("boxes",), {}),
    ("verifying", ("boxes",), {}),
    ("declares", ("FreeOfAdultContent",), {}),
    ("public_crowd", ("0.036",), {}),
    ("with_raw", (), {"Novel": 1}),
]


@pytest.mark.parametrize(("verb", "given_values", "named_values"), VERBS)
def test_every_verb_returns_a_new_job_and_leaves_the_old_one(verb, given_values, named_values):
    job = signs()
    before = copy.deepcopy(vars(job))
    new = getattr(job, verb)(*given_values, **named_values)
    assert type(new) is LabelingJob and new != job and vars(job) == before
    assert hash(new) != hash(job)


def test_a_job_cannot_be_changed_in_place():
    with pytest.raises(FrozenInstanceError):
        signs().name = "other"


def test_in_vpc_starts_a_job_and_also_moves_one():
    job = signs().in_vpc("vpc-1", subnets=["subnet-1"], security_groups=["sg-1"])
    assert (job.vpc, job.name) == ("vpc-1", "street-signs-1")
    assert LabelingJob.in_vpc("vpc-1") == LabelingJob().in_vpc("vpc-1")


def test_vpc_config_is_only_written_with_automated_labeling():
    job = signs()
    config = job.to_request()["LabelingJobAlgorithmsConfig"]["LabelingJobResourceConfig"]
    assert config == {"VpcConfig": {"SecurityGroupIds": ["sg-0"], "Subnets": ["subnet-0"]}}
    without = LabelingJob(**(vars(job) | {"automated": False}))
    assert "LabelingJobAlgorithmsConfig" not in without.to_request()
    assert "NET-13" in {problem.code for problem in without.problems()}


def test_the_label_attribute_name_follows_the_job_and_the_task():
    assert signs().to_request()["LabelAttributeName"] == "street-signs-1"
    assert signs().task("SemanticSegmentation").to_request()["LabelAttributeName"] == "street-signs-1-ref"


def test_data_becomes_files_beside_the_output():
    job = signs().input(["s3://signs-in/1.png", {"source-ref": "s3://signs-in/2.png", "n": 2}])
    base = "s3://signs-out/labels/street-signs-1/gt-vpc-nb"
    request, files = job.to_request(), job.files()
    assert request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] == f"{base}/input.manifest"
    assert request["LabelCategoryConfigS3Uri"] == f"{base}/label-categories.json"
    assert request["HumanTaskConfig"]["UiConfig"] == {"UiTemplateS3Uri": f"{base}/template.liquid.html"}
    assert set(files) == {f"{base}/{n}" for n in ("input.manifest", "label-categories.json", "template.liquid.html")}
    lines = [json.loads(line) for line in files[f"{base}/input.manifest"].splitlines()]
    assert lines == [{"source-ref": "s3://signs-in/1.png"}, {"source-ref": "s3://signs-in/2.png", "n": 2}]
    categories = json.loads(files[f"{base}/label-categories.json"])
    assert categories == {"document-version": "2018-11-28", "labels": [{"label": "stop"}, {"label": "yield"}]}


def test_what_is_in_s3_already_is_not_written():
    job = signs().label_categories("s3://signs-in/labels.json").template("s3://signs-in/ui.liquid.html")
    assert job.files() == {} and errors(job) == []


def test_a_data_frame_is_an_input_of_its_rows():
    frame = pd.DataFrame({"source-ref": ["s3://signs-in/1.png", "s3://signs-in/2.png"]})
    assert signs().input(frame).objects == signs().input(["s3://signs-in/1.png", "s3://signs-in/2.png"]).objects


@pytest.mark.parametrize(
    ("given_objects", "sentence"),
    [([], "no data objects"), ([1], "Data object 1 is int"), ([{"source": object()}], "cannot be written as JSON")],
)
def test_data_that_is_no_data_is_refused_in_one_sentence(given_objects, sentence):
    with pytest.raises(RequestError, match=sentence):
        signs().input(given_objects)


SENTENCES = [
    (lambda job: job.task("boundingbox"), "task_type 'boundingbox' is not known; did you mean 'BoundingBox'?"),
    (lambda job: job.in_region("eu-west-3"), "Ground Truth does not run in Region 'eu-west-3'"),
    (lambda job: job.input("train.manifest"), "is not an s3:// URI"),
    (lambda job: job.label_categories("stop"), "is not an s3:// URI"),
    (lambda job: job.in_vpc("vpc-1", subnets="subnet-1"), "subnets is the text 'subnet-1'; give a list"),
    (lambda job: job.public_crowd(price=0.036), "The price 0.036 is not US dollars"),
    (lambda job: job.public_crowd(price="0.0364"), "at most 3 decimals"),
    (lambda job: job.task("ImageMultiClass").adjusting("x"), "Labels of ImageMultiClass have no adjustment job"),
    (lambda job: job.to_code("bobo3"), "did you mean 'boto3'?"),
    (lambda job: LabelingJob.from_yaml("nmae: x"), "'nmae' is not a part of a labeling job; did you mean 'name'?"),
    (lambda job: LabelingJob.from_yaml("{"), "The job is not YAML"),
    (lambda job: LabelingJob.from_yaml("- a"), "A job in YAML is a mapping"),
    (lambda job: LabelingJob.from_yaml("workers: {team: t, per_objct: 3}"), "'per_objct'; did you mean 'per_object'?"),
    (lambda job: LabelingJob.from_yaml("name: a\nname: b"), "Line 2: 'name' is given twice"),
    (lambda job: LabelingJob.from_yaml("name: &a [*a]"), "nested too deep"),
    (lambda job: LabelingJob.from_yaml("tags: [a]"), "tags: The tags are ['a']; give a mapping"),
    (lambda job: LabelingJob.from_yaml("name: 2026-01-05"), "name: This is a date, datetime.date(2026, 1, 5)"),
    (lambda job: job.in_vpc(5), "vpc is 5; give it as text"),
    (lambda job: job.in_vpc("vpc-1", subnets=[7]), "subnets holds an int, 7; give texts"),
    (lambda job: job.in_vpc("vpc-1", subnets=7), "subnets is 7; give a list of texts"),
    (lambda job: job.workers("t", per_object={1}), "This is a set, {1}"),
    (lambda job: LabelingJob(**(vars(job) | {"region": None})).to_request(), "The job names no Region"),
    (lambda job: LabelingJob(task_code="BoundingBox").files(), "add .named"),
]


@pytest.mark.parametrize(("wrong", "sentence"), SENTENCES)
def test_what_cannot_be_is_refused_in_one_sentence(wrong, sentence):
    with pytest.raises(RequestError) as refused:
        wrong(signs())
    assert sentence in str(refused.value) and "\n" not in str(refused.value)


def test_a_yaml_body_tells_all_its_mistakes_at_once():
    body = "naem: x\ntask: {typ: BoundingBox, titel: t}\nregion: us-esat-1\nworkers: {team: t, per_objct: 3}\n"
    with pytest.raises(RequestError) as refused:
        LabelingJob.from_yaml(body)
    said = str(refused.value)
    assert said.startswith("The job has 4 mistakes:\n")
    for near in ("name", "type", "title", "us-east-1", "per_object"):
        assert f"did you mean '{near}'?" in said


@pytest.mark.parametrize("wrong", [3.5, True, ["a"], {"a": 1}, float("nan"), "", "<b>"])
@pytest.mark.parametrize("verb", ["team", "per_object", "role", "name", "objects", "percentage", "title"])
def test_a_value_of_a_wrong_kind_is_a_problem_and_breaks_no_view(verb, wrong):
    makers = {
        "team": lambda: signs().workers(wrong, per_object=1),
        "per_object": lambda: signs().workers("t", per_object=wrong),
        "role": lambda: signs().as_role(wrong),
        "name": lambda: signs().named(wrong),
        "objects": lambda: signs().stop_after(objects=wrong),
        "percentage": lambda: signs().stop_after(percentage=wrong),
        "title": lambda: signs().task("BoundingBox", title=wrong, description="d"),
    }
    job = makers[verb]()
    assert job.problems() or isinstance(wrong, str)
    for view in (repr, LabelingJob._repr_html_, LabelingJob.to_yaml, LabelingJob.estimate):
        assert view(job) is not None


def test_numbers_and_texts_of_numpy_and_of_enums_become_pythons_own():
    count = pd.Series([3]).iloc[0]
    job = signs().workers(numpy.str_("t"), per_object=count).label_categories(numpy.array(["a", "b"]))
    assert type(job.per_object) is int and type(job.team) is str and {*map(type, job.categories)} == {str}
    assert LabelingJob.from_yaml(job.to_yaml()) == job


def test_a_job_without_a_region_is_checked_all_the_same():
    job = LabelingJob(**(vars(signs()) | {"region": None}))
    assert errors(job) == []
    assert "SVC-02" in {problem.code for problem in job.problems()}


CATEGORIES = [
    ("ImageMultiClass", ["one"], "LAB-02"),
    ("BoundingBox", [f"l{n}" for n in range(51)], "LAB-03"),
    ("BoundingBox", ["a", "a"], "LAB-04"),
    ("BoundingBox", ["a" * 257], "LAB-04"),
    ("VideoObjectTracking", ["a" * 17], "LAB-04"),
    ("SemanticSegmentation", [f"l{n}" for n in range(21)], "AUTO-07"),
    ("BoundingBox", {"labels": "stop"}, "LAB-01"),
]


@pytest.mark.parametrize(("code", "categories", "rule"), CATEGORIES)
def test_label_categories_outside_the_limits_are_told(code, categories, rule):
    assert rule in {problem.code for problem in errors(signs().task(code).label_categories(categories))}


@pytest.mark.parametrize(
    ("base", "verb", "code"),
    [
        ("BoundingBox", "adjusting", "AdjustmentBoundingBox"),
        ("BoundingBox", "verifying", "VerificationBoundingBox"),
        ("VideoObjectTracking", "verifying", "AdjustmentVideoObjectTracking"),
    ],
)
def test_an_audit_takes_the_task_type_that_audits_in_either_order(base, verb, code):
    words = {"title": "t", "description": "d"}
    after = getattr(signs().task(base, **words), verb)("boxes")
    assert after.task_code == code
    assert getattr(signs(), verb)("boxes").task(base, **words).task_code == code


def test_a_frame_audit_names_the_labels_it_looks_at():
    job = signs().task("VideoObjectTracking", title="t", description="d").verifying("boxes-ref")
    (document,) = [json.loads(data) for uri, data in job.files().items() if uri.endswith(".json")]
    assert document["auditLabelAttributeName"] == "boxes-ref"
    assert all(label["editsAllowed"] == "none" for label in document["labels"])


def test_adjusting_a_job_reads_its_output():
    first = signs()
    second = LabelingJob().named("again").task("BoundingBox").adjusting(first)
    assert second.manifest == "s3://signs-out/labels/street-signs-1/manifests/output/output.manifest"
    assert second.audited == "street-signs-1"


def test_a_job_in_a_vpc_with_vendors_is_refused():
    team = "arn:aws:sagemaker:us-east-1:111122223333:workteam/vendor-crowd/v"
    assert "WF-01" in {problem.code for problem in errors(signs().workers(team))}


def test_a_workflow_of_ones_own_asks_for_a_template():
    job = signs().task("custom", title="t", description="d").custom_workflow()
    assert "TPL-01" in {problem.code for problem in errors(job)}
    assert "TPL-01" not in {problem.code for problem in errors(job.template("<crowd-form></crowd-form>"))}


def test_yaml_of_the_contracts_job_reads_back_equal():
    job = signs().declares("FreeOfAdultContent").public_crowd("0.036").with_raw(Novel={"a": [1]}).label_attribute("x")
    assert LabelingJob.from_yaml(job.to_yaml()) == job
    assert LabelingJob.from_yaml(LabelingJob.from_request(AWS_EXAMPLE).to_yaml()).to_request() == AWS_EXAMPLE


def test_yaml_in_the_words_of_the_api_is_a_request():
    assert LabelingJob.from_yaml(json.dumps(AWS_EXAMPLE)).to_request() == AWS_EXAMPLE


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)
FIELD_VALUES = {
    "str | None": st.none() | WORDS,
    "int | None": st.none() | st.integers(0, 9999),
    "tuple[str, ...]": st.lists(WORDS, max_size=3).map(tuple),
    "bool": st.booleans(),
}
FREE = {
    field.name: FIELD_VALUES[field.type]
    for field in fields(LabelingJob)
    if field.type in FIELD_VALUES and field.name not in ("region", "task_code", "audit", "objects", "category_document")
}


@given(st.fixed_dictionaries({}, optional=FREE), st.decimals(0, 2, places=3) | st.none())
def test_yaml_reads_back_whatever_the_fields_are(values, price):
    job = LabelingJob(**values, price=Decimal(price) if price is not None else None)
    assert LabelingJob.from_yaml(job.to_yaml()) == job


def test_boto3_code_makes_the_same_request():
    job, calls = signs(), []

    class Recorder:
        def client(self, service, **place):
            assert place == {"region_name": "us-east-1"}
            return self

        def put_object(self, **call):
            calls.append((f"s3://{call['Bucket']}/{call['Key']}", call["Body"]))

        def create_labeling_job(self, **request):
            calls.append(request)

    code = job.to_code("boto3")
    exec(compile(code.replace("import boto3", ""), "code", "exec"), {"boto3": Recorder()})
    assert calls == [*job.files().items(), job.to_request()]


def test_a_difference_names_members_with_both_values():
    changes = signs().diff(signs().workers("sign-team", per_object=5, time_limit=3600))
    assert ("HumanTaskConfig.NumberOfHumanWorkersPerDataObject", 3, 5) in changes.rows
    assert not signs().diff(signs())


def test_a_job_shows_itself_with_its_problems_and_escapes_them():
    job = signs().task("BoundingBox", title="<script>alert(1)</script>").named("a_b")
    assert "REQ-01" in repr(job) and "us-east-1" in repr(job) and "sign-team" in repr(job)
    assert "<script>" not in job._repr_html_() and "&lt;script&gt;" in job._repr_html_()
