"""The request: every task type in every Region, read and written without loss, and every limit told with its field."""

from __future__ import annotations

import copy
import json
from decimal import Decimal

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import limits, regions, rules, task_types
from gt_vpc_nb.request_reading import member, read_request
from gt_vpc_nb.request_rules import request_problems

ACCOUNT = "111122223333"
AUTO = "LabelingJobAlgorithmsConfig"
GRID = [(kind, region.code) for kind in task_types() for region in regions()]


def request_for(kind, region, *, automated=False):
    """A complete request for one task type, written out by hand and not by the builder."""
    arn = kind.human_task_ui_arn(region)
    request = {
        "LabelingJobName": "street-signs-1",
        "LabelAttributeName": "signs-ref" if kind.needs_ref else "signs",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://signs-in/train.manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://signs-out/labels/"},
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/GroundTruthExecution",
        "LabelCategoryConfigS3Uri": "s3://signs-in/labels.json",
        "HumanTaskConfig": {
            "WorkteamArn": f"arn:aws:sagemaker:{region}:{ACCOUNT}:workteam/private-crowd/sign-team",
            "UiConfig": {"HumanTaskUiArn": arn} if arn else {"UiTemplateS3Uri": "s3://signs-in/ui.liquid.html"},
            "PreHumanTaskLambdaArn": kind.pre_lambda(region),
            "TaskKeywords": ["Images", "Signs"],
            "TaskTitle": "Label signs",
            "TaskDescription": "Say what you see",
            "NumberOfHumanWorkersPerDataObject": 1 if kind.one_worker else 3,
            "TaskTimeLimitInSeconds": 3600,
            "TaskAvailabilityLifetimeInSeconds": 864000,
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": kind.consolidation_lambda(region)},
        },
    }
    if automated:
        vpc = {"SecurityGroupIds": ["sg-0"], "Subnets": ["subnet-0"]}
        resources = {"LabelingJobResourceConfig": {"VpcConfig": vpc}}
        request[AUTO] = {"LabelingJobAlgorithmSpecificationArn": kind.algorithm_arn(region), **resources}
    return request


def built(kind, region):
    """The same job by the builder's verbs alone."""
    job = LabelingJob().named("street-signs-1").in_region(region)
    job = job.task(kind.code, title="Label signs", description="Say what you see", keywords=["Images"])
    job = job.input("s3://signs-in/train.manifest").output("s3://signs-out/labels/").label_categories(["stop", "yield"])
    if kind.ui == "template" and kind.code in (
        "PassThrough",
        "VerificationBoundingBox",
        "VerificationSemanticSegmentation",
    ):
        job = job.template("s3://signs-in/ui.liquid.html")
    if "djust" in kind.code:
        job = job.adjusting("earlier")
    return job.workers("sign-team").as_role(f"arn:aws:iam::{ACCOUNT}:role/GroundTruthExecution")


@pytest.fixture(scope="module")
def shape():
    """CreateLabelingJob in botocore's own model: the oracle."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    return model.operation_model("CreateLabelingJob").input_shape


def errors(request, **more):
    return [problem for problem in request_problems(request, **more) if problem.severity == "error"]


@pytest.mark.parametrize(("kind", "region"), GRID, ids=lambda value: getattr(value, "code", value))
def test_a_request_of_every_task_type_and_region_is_read_and_written_alike(kind, region):
    for automated in {False, bool(kind.algorithm)}:
        request = request_for(kind, region, automated=automated)
        job = LabelingJob.from_request(request)
        assert job.to_request() == request
        assert (job.task_code, job.region, job.team, job.raw) == (kind.code, region, "sign-team", "{}")
        assert errors(request) == []


@pytest.mark.parametrize(("kind", "region"), GRID, ids=lambda value: getattr(value, "code", value))
def test_the_builder_writes_a_request_that_botocore_takes_and_that_has_no_errors(kind, region, shape):
    job = built(kind, region)
    request = job.to_request()
    assert not ParamValidator().validate(request, shape).has_errors()
    assert [problem for problem in job.problems() if problem.severity == "error"] == []
    assert LabelingJob.from_request(request).to_request() == request
    assert LabelingJob.from_yaml(job.to_yaml()) == job


NAMES = st.from_regex(r"[a-zA-Z0-9](-?[a-zA-Z0-9]){0,20}", fullmatch=True)
WORDS = st.from_regex(r"[A-Za-z0-9]+( [A-Za-z0-9]+)*", fullmatch=True).filter(lambda text: len(text) <= 30)
LINES = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF, exclude_categories=("Cc",)), min_size=1)


@st.composite
def valid_requests(draw):
    """A request for any task type and Region with whatever Ground Truth lets a person choose for it."""
    kind, region = draw(st.sampled_from(GRID))
    automated = bool(kind.algorithm) and draw(st.booleans())
    request = request_for(kind, region, automated=automated)
    topic = f"arn:aws:sns:{region}:{ACCOUNT}:topic"
    human = {
        "TaskTitle": draw(LINES)[:128],
        "TaskDescription": draw(LINES)[:255],
        "TaskKeywords": draw(st.lists(WORDS, min_size=1, max_size=5, unique=True)),
        "NumberOfHumanWorkersPerDataObject": 1 if kind.one_worker else draw(st.integers(1, 9)),
        "TaskTimeLimitInSeconds": draw(st.integers(30, kind.time_limit_max)),
        "TaskAvailabilityLifetimeInSeconds": draw(st.integers(60, 864000)),
        "MaxConcurrentTaskCount": draw(st.integers(1, 5000)),
    }
    request["HumanTaskConfig"] |= human
    request["LabelingJobName"] = draw(NAMES)
    label = draw(NAMES).removesuffix("-ref").removesuffix("-metadata").strip("-") or "label"
    request["LabelAttributeName"] = f"{label}-ref" if kind.needs_ref else f"{label}-1"
    if draw(st.booleans()):
        request["StoppingConditions"] = {"MaxPercentageOfInputDatasetLabeled": draw(st.integers(1, 100))}
    if draw(st.booleans()) and not automated:
        request["OutputConfig"]["SnsTopicArn"] = topic
        request["InputConfig"]["DataSource"]["SnsDataSource"] = {"SnsTopicArn": topic}
        request.pop("StoppingConditions", None)
    request["Tags"] = [{"Key": key, "Value": draw(NAMES)} for key in draw(st.lists(NAMES, max_size=3, unique=True))]
    return request


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(valid_requests())
def test_no_valid_request_of_any_task_type_and_region_has_an_error(request_):
    assert errors(request_) == []
    job = LabelingJob.from_request(request_)
    assert job.to_request() == request_
    assert [problem for problem in job.problems() if problem.severity == "error"] == []


@pytest.mark.parametrize("region", [region.code for region in regions()])
def test_a_custom_workflow_is_read_and_written_alike(region):
    request = request_for(task_types()[0], region)
    human = request["HumanTaskConfig"]
    human["PreHumanTaskLambdaArn"] = f"arn:aws:lambda:{region}:{ACCOUNT}:function:SageMaker-pre"
    human["AnnotationConsolidationConfig"] = {
        "AnnotationConsolidationLambdaArn": f"arn:aws:lambda:{region}:{ACCOUNT}:function:SageMaker-acs"
    }
    without = copy.deepcopy(request)
    del without["HumanTaskConfig"]["PreHumanTaskLambdaArn"], without["HumanTaskConfig"]["AnnotationConsolidationConfig"]
    for each in (request, without):
        assert LabelingJob.from_request(each).to_request() == each
        assert LabelingJob.from_request(each).task_code is None
        assert errors(each) == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5000) | st.text(max_size=5) | st.just("arn:aws:sns:us-east-1:1:t"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PATHS = sorted(path for path in limits() if "[]" not in path)
CHANGE = st.tuples(st.sampled_from([*PATHS, "Novel.Member"]), VALUES, st.booleans())


def changed(request, path, value, *, drop=False):
    """The request with one member replaced, added or removed."""
    copied = copy.deepcopy(request)
    *steps, last = path.split(".")
    inside = copied
    for step in steps:
        inside = inside.setdefault(step, {})
        if not isinstance(inside, dict):
            return copied
    if drop:
        inside.pop(last, None)
    else:
        inside[last] = value
    return copied


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(GRID),
    st.lists(st.tuples(st.sampled_from([*PATHS, "Novel.Member"]), VALUES, st.booleans()), max_size=6),
)
def test_whatever_a_request_holds_comes_out_again(place, changes):
    kind, region = place
    request = request_for(kind, region, automated=bool(kind.algorithm))
    for path, value, drop in changes:
        request = changed(request, path, value, drop=drop)
    job = LabelingJob.from_request(request)
    assert job.to_request() == request
    assert LabelingJob.from_yaml(job.to_yaml()).to_request() == request
    assert all(problem.code in rules() for problem in job.problems())


def violations():
    """Every bound of the API broken once: (field, a value just outside)."""
    for path, limit in limits().items():
        if limit.kind == "integer":
            yield path, limit.minimum - 1
            if limit.maximum is not None:
                yield path, limit.maximum + 1
        if limit.kind == "string":
            if limit.maximum is not None:
                yield path, "a" * (limit.maximum + 1)
            if limit.minimum:
                yield path, ""
            if limit.pattern and not limit.matches("¡!\n"):
                yield path, "¡!\n"
            if limit.values:
                yield path, "FreeOfEverything"
        if limit.kind == "list":
            yield path, ["a1"] * (limit.maximum + 1)
            if limit.minimum:
                yield path, []
        yield path, 3.5


@pytest.mark.parametrize(("path", "value"), list(violations()), ids=lambda value: str(value)[:60])
def test_a_single_violation_of_a_limit_is_told_with_its_field(path, value):
    request = request_for(task_types()[0], "us-east-1", automated=True)
    if "[]" in path:
        of_list, _, rest = path.partition("[]")
        request = changed(request, of_list, [{"Key": "k", "Value": "v", rest[1:]: value} if rest else value])
    else:
        request = changed(request, path, value)
    field = path.replace("[]", "[0]")
    assert any(problem.field == field for problem in errors(request)), errors(request)


@pytest.mark.parametrize("path", [path for path, limit in limits().items() if limit.required and "[]" not in path])
def test_a_missing_required_member_is_told_with_its_field(path):
    request = request_for(task_types()[0], "us-east-1", automated=True)
    request = changed(request, "OutputConfig.SnsTopicArn", f"arn:aws:sns:us-east-1:{ACCOUNT}:out")
    request = changed(request, "InputConfig.DataSource.SnsDataSource", {})
    request = changed(request, path, None, drop=True)
    assert any(problem.field == path and "missing" in problem.message for problem in errors(request))


OWN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:LabelingFunctionMine"
AFTER = "HumanTaskConfig.AnnotationConsolidationConfig"


@pytest.mark.parametrize("code", ["PassThrough", "BoundingBox"])
@pytest.mark.parametrize("path", ["HumanTaskConfig.PreHumanTaskLambdaArn", f"{AFTER}.AnnotationConsolidationLambdaArn"])
@pytest.mark.parametrize("own", [OWN, None])
def test_only_a_pass_through_function_goes_with_one_of_your_own_or_none(code, path, own):
    request = request_for(kind_of(code), "us-east-1")
    dropped = AFTER if own is None and path.startswith(AFTER) else path
    changed_request = changed(request, dropped, own, drop=own is None)
    told = [each for each in errors(changed_request) if each.code == "REQ-10"]
    assert bool(told) is (code == "BoundingBox")


def kind_of(code):
    return next(kind for kind in task_types() if kind.code == code)


HUMAN = "HumanTaskConfig"
PRE = f"{HUMAN}.PreHumanTaskLambdaArn"
UI = f"{HUMAN}.UiConfig"
UI_ARN = f"{UI}.HumanTaskUiArn"
TEAM = f"{HUMAN}.WorkteamArn"
ALGORITHM = f"{AUTO}.LabelingJobAlgorithmSpecificationArn"
SNS = "InputConfig.DataSource.SnsDataSource"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:t"
NER_UI = kind_of("NamedEntityRecognition").human_task_ui_arn("us-east-1")
VIDEO_UI = kind_of("VideoObjectDetection").human_task_ui_arn("us-east-1")
PUBLIC = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"
AWS_PRE = "arn:aws:lambda:us-east-1:432418664414:function:PRE-"
ONE_CHANGE = [
    # task type, member, value, rule
    ("SemanticSegmentation", "LabelAttributeName", "signs", "REQ-02"),
    ("BoundingBox", "LabelAttributeName", "signs-ref", "REQ-02"),
    ("BoundingBox", "LabelAttributeName", "signs-metadata", "REQ-02"),
    ("BoundingBox", "LabelAttributeName", "source", "REQ-02"),
    ("BoundingBox", PRE, kind_of("ImageMultiClass").pre_lambda("us-east-1"), "REQ-10"),
    ("BoundingBox", PRE, kind_of("BoundingBox").pre_lambda("eu-west-1"), "SVC-05"),
    ("BoundingBox", PRE, f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:PRE-BoundingBox", "SVC-05"),
    ("BoundingBox", PRE, f"{AWS_PRE}BoundingBocks", "REQ-10"),
    ("BoundingBox", UI_ARN, NER_UI, "TPL-01"),
    ("BoundingBox", UI, {}, "TPL-01"),
    ("NamedEntityRecognition", UI, {"UiTemplateS3Uri": "s3://signs-in/ui.html"}, "TPL-01"),
    ("VideoObjectTracking", UI_ARN, VIDEO_UI, "TPL-01"),
    ("VideoObjectTracking", f"{HUMAN}.NumberOfHumanWorkersPerDataObject", 2, "REQ-03"),
    ("BoundingBox", f"{HUMAN}.TaskTimeLimitInSeconds", 28801, "REQ-04"),
    ("3DPointCloudObjectTracking", f"{HUMAN}.TaskTimeLimitInSeconds", 2592001, "REQ-04"),
    ("BoundingBox", f"{HUMAN}.TaskAvailabilityLifetimeInSeconds", 2592001, "REQ-05"),
    ("BoundingBox", TEAM, f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:workteam/private-crowd/t", "SVC-03"),
    ("BoundingBox", TEAM, f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:workteam/vendor-crowd/t", "WF-01"),
    ("BoundingBox", TEAM, PUBLIC, "WF-12"),
    ("BoundingBox", f"{HUMAN}.PublicWorkforceTaskPrice", {"AmountInUsd": {"Cents": 1}}, "REQ-09"),
    ("BoundingBox", ALGORITHM, kind_of("TextMultiClass").algorithm_arn("us-east-1"), "AUTO-02"),
    ("BoundingBox", SNS, {"SnsTopicArn": TOPIC}, "AUTO-05"),
    ("NamedEntityRecognition", AUTO, {"LabelingJobAlgorithmSpecificationArn": "arn:x"}, "AUTO-01"),
    ("BoundingBox", "OutputConfig.KmsKeyId", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1", "SVC-03"),
    ("BoundingBox", "InputConfig.DataSource", {}, "STR-01"),
    ("BoundingBox", "OutputConfig.S3OutputPath", "s3://<bucket-name>/out", "REQ-06"),
    ("BoundingBox", "Tags", [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], "REQ-07"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path", "value", "rule"), ONE_CHANGE, ids=lambda value: str(value)[-40:])
def test_one_wrong_value_is_told_by_its_rule(code, path, value, rule):
    kind = kind_of(code)
    request = changed(request_for(kind, "us-east-1", automated=bool(kind.algorithm)), path, value)
    assert rule in {problem.code for problem in errors(request)}


def test_every_problem_is_told_at_once_with_a_remedy():
    request = request_for(task_types()[0], "us-east-1")
    request |= {
        "LabelingJobName": "street_signs",
        "LabelAttributeName": "x-metadata",
        "RoleArn": "arn:aws:iam::*:role/*",
    }
    found = errors(request)
    assert {problem.field for problem in found} == {"LabelingJobName", "LabelAttributeName", "RoleArn"}
    assert all(problem.message and problem.remedy for problem in found)


def test_a_member_that_the_api_does_not_have_is_kept_and_told_with_the_near_right_one():
    request = request_for(task_types()[0], "us-east-1") | {"LabelingJobNam": "x"}
    job = LabelingJob.from_request(request)
    assert json.loads(job.raw) == {"LabelingJobNam": "x"}
    (problem,) = errors(job.to_request())
    assert problem.field == "LabelingJobNam" and "did you mean 'LabelingJobName'?" in problem.message


@pytest.mark.parametrize("team", ["sign-team", "¡!", " arn:aws:sagemaker"])
def test_a_work_team_that_is_no_arn_is_kept_and_told_where_no_region_is_known(team):
    request = request_for(task_types()[0], "us-east-1")
    human = request["HumanTaskConfig"]
    human["WorkteamArn"] = team
    del human["PreHumanTaskLambdaArn"], human["AnnotationConsolidationConfig"]
    job = LabelingJob.from_request(request)
    assert job.to_request() == request and job.region is None
    assert f"{HUMAN}.WorkteamArn" in {problem.field for problem in job.problems() if problem.severity == "error"}


def test_a_price_on_mechanical_turk_is_exact_decimal():
    kind = kind_of("BoundingBox")
    job = built(kind, "us-east-1").public_crowd(price="0.036").declares("FreeOfPersonallyIdentifiableInformation")
    price = member(job.to_request(), "HumanTaskConfig.PublicWorkforceTaskPrice.AmountInUsd")
    assert price == {"Dollars": 0, "Cents": 3, "TenthFractionsOfACent": 6}
    assert read_request(job.to_request()).price == Decimal("0.036")
    assert [p for p in job.problems() if p.severity == "error"] == []
    assert "REQ-09" in {p.code for p in job.public_crowd(price="0.012").problems()}


@pytest.mark.parametrize("given_value", [{"Tags": object()}, ["LabelingJobName"]])
def test_what_is_no_request_is_refused_in_one_sentence(given_value):
    with pytest.raises(RequestError, match="A CreateLabelingJob request"):
        read_request(given_value)
