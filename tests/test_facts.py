"""The facts against botocore's own service model, which documents every ARN and every bound."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import botocore.loaders
import pytest

from gt_vpc_nb import facts
from gt_vpc_nb.errors import RequestError

MODEL = botocore.loaders.Loader().load_service_model("sagemaker", "service-2")["shapes"]
LAMBDA = re.compile(r"arn:aws:lambda:([a-z0-9-]+):(\d{12}):function:((?:PRE|ACS)-\w+)")


def documentation(shape: str, member: str) -> str:
    return MODEL[shape]["members"][member]["documentation"]


def documented_lambdas(shape: str, member: str) -> set[str]:
    return {found.group() for found in LAMBDA.finditer(documentation(shape, member))}


@pytest.mark.newest
def test_the_pre_annotation_lambdas_are_those_that_botocore_documents() -> None:
    ours = {kind.pre_lambda(place.code) for kind in facts.task_types() for place in facts.regions()}
    assert len(ours) == 23 * 12
    assert ours == documented_lambdas("HumanTaskConfig", "PreHumanTaskLambdaArn")


@pytest.mark.newest
def test_the_consolidation_lambdas_are_those_that_botocore_documents() -> None:
    ours = {kind.consolidation_lambda(place.code) for kind in facts.task_types() for place in facts.regions()}
    assert len(ours) == 23 * 12
    assert ours == documented_lambdas("AnnotationConsolidationConfig", "AnnotationConsolidationLambdaArn")


@pytest.mark.newest
def test_the_worker_interfaces_are_those_that_botocore_documents() -> None:
    text = documentation("UiConfig", "HumanTaskUiArn")
    documented = set(re.findall(r"arn:aws:sagemaker:(?:aws-)?region:(\d{12}):human-task-ui/(\w+)", text))
    ours = {kind.human_task_ui_arn("eu-west-2") for kind in facts.task_types()} - {None}
    assert ours == {f"arn:aws:sagemaker:eu-west-2:{account}:human-task-ui/{name}" for account, name in documented}


@pytest.mark.newest
def test_the_algorithms_are_those_that_botocore_documents() -> None:
    text = documentation("LabelingJobAlgorithmsConfig", "LabelingJobAlgorithmSpecificationArn")
    documented = set(re.findall(r"arn:aws:sagemaker:<i>region</i>:(\d{12}:[\w/-]+)", text))
    ours = {kind.algorithm_arn("ap-south-1") for kind in facts.task_types()} - {None}
    assert ours == {f"arn:aws:sagemaker:ap-south-1:{rest}" for rest in documented}
    assert len(ours) == 4


@pytest.mark.newest
@pytest.mark.parametrize("kind", facts.task_types(), ids=lambda kind: kind.code)
def test_the_label_attribute_rule_is_the_one_that_botocore_documents(kind: facts.TaskType) -> None:
    text = documentation("CreateLabelingJobRequest", "LabelAttributeName")
    without_ref = re.search(r"One exception is that verification \(<code>(\w+)", text)
    needs_ref = set(re.findall(r"<code>(\w+)\)?</code>", text)) - {"LabelAttributeName", without_ref and without_ref[1]}
    assert (kind.needs_ref, kind.forbids_ref) == (kind.code in needs_ref, kind.code not in needs_ref)


def test_a_task_type_has_a_template_or_an_interface_of_aws_and_never_both() -> None:
    for kind in facts.task_types():
        assert (kind.ui == "human-task-ui") is (kind.human_task_ui is not None)
        assert (kind.ui == "template") is (kind.crowd_element is not None)


def members(shape: str, path: str = "", required: bool = True) -> Iterator[tuple[str, str, bool]]:
    model = MODEL[shape]
    if path:
        yield path, shape, required
    if model["type"] == "structure":
        for name, member in model["members"].items():
            below = f"{path}.{name}" if path else name
            yield from members(member["shape"], below, name in model.get("required", []))
    elif model["type"] == "list":
        yield from members(model["member"]["shape"], f"{path}[]", True)


@pytest.mark.newest
def test_every_member_of_create_labeling_job_has_the_bounds_of_botocores_model() -> None:
    expected = {}
    for path, shape, required in members("CreateLabelingJobRequest"):
        model = MODEL[shape]
        bounds = (model["type"], model.get("min"), model.get("max"), model.get("pattern"), tuple(model.get("enum", ())))
        expected[path] = (*bounds, required)
    ours = {
        path: (limit.kind, limit.minimum, limit.maximum, limit.pattern, limit.values, limit.required)
        for path, limit in facts.limits().items()
    }
    assert ours == expected


def test_every_pattern_of_the_api_can_be_applied() -> None:
    for limit in facts.limits().values():
        assert limit.matches("") in (True, False)


@pytest.mark.parametrize(
    ("member", "text", "fits"),
    [
        ("LabelingJobName", "street-signs-1", True),
        ("LabelingJobName", "-street", False),
        ("LabelingJobName", "street\n", False),
        ("HumanTaskConfig.TaskKeywords[]", "two words", True),
        ("HumanTaskConfig.TaskKeywords[]", "two  words", False),
        ("HumanTaskConfig.TaskTitle", "タスク", True),
        ("HumanTaskConfig.TaskTitle", "bell \x07", False),
        ("Tags[].Key", "équipe:日本 Ⅷ/+-@", True),
        ("Tags[].Key", "no-break\u00a0space", True),
        ("Tags[].Key", "tab\t", False),
        ("Tags[].Value", "question?", False),
        ("RoleArn", "arn:aws:iam::111122223333:role/service-role/GroundTruth", True),
        ("RoleArn", "arn:aws:iam::111122223333:user/alice", False),
    ],
)
def test_a_pattern_is_applied_to_the_whole_text(member: str, text: str, fits: bool) -> None:
    assert facts.limit(member).matches(text) is fits


@pytest.mark.parametrize(
    ("look_up", "word", "says"),
    [
        (facts.region, "us-west-1", "did you mean 'us-west-2'?"),
        (facts.region, "us-west-1", "ap-northeast-1, ap-northeast-2"),
        (facts.region, "", "choose one of its 12 Regions"),
        (facts.task_type, "boundingbox", "did you mean 'BoundingBox'?"),
        (facts.task_type, "poetry", "custom_workflow()"),
        (facts.limit, "TaskTitle", "did you mean 'HumanTaskConfig.TaskTitle'?"),
        (facts.rule, "REQ01", "did you mean 'REQ-01'?"),
    ],
)
def test_an_unknown_word_is_answered_with_the_right_ones(look_up: object, word: str, says: str) -> None:
    with pytest.raises(RequestError, match=re.escape(says)):
        look_up(word)


def test_the_task_types_keep_the_figures_that_jobs_are_checked_by() -> None:
    assert len(facts.task_types()) == 23
    digits = facts.task_type("ImageMultiClass")
    assert (digits.labels_min, digits.labels_max, digits.label_chars, digits.time_limit_max) == (2, None, 256, 28_800)
    cloud = facts.task_type("3DPointCloudObjectTracking")
    assert (cloud.one_worker, cloud.default_workers, cloud.labels_max, cloud.label_chars) == (True, 1, 30, 16)
    assert (cloud.time_limit_warn, cloud.time_limit_max, cloud.loads_in_vpc_portal) == (604_800, 2_592_000, False)
    masks = facts.task_type("SemanticSegmentation")
    assert (masks.needs_ref, masks.dataset_items, masks.labels_max_automated) == (True, 20_000, 20)
    assert facts.task_type("PassThrough").manifest_keys == ("source", "source-ref")


def test_an_adjustment_names_the_task_type_it_adjusts() -> None:
    for kind in facts.task_types():
        if kind.job_kind in ("base", "custom"):
            assert kind.base_task is None
        else:
            assert facts.task_type(str(kind.base_task)).job_kind == "base"


def test_each_region_has_an_endpoint_of_its_own() -> None:
    endpoints = {place.ground_truth_endpoint for place in facts.regions()}
    assert len(endpoints) == 12
    assert all(re.fullmatch(r"vpce-[0-9a-f]{17}", endpoint) for endpoint in endpoints)


def test_facts_are_frozen_all_through_and_name_their_source() -> None:
    every = [*facts.regions(), *facts.task_types(), *facts.limits().values(), *facts.rules().values()]
    for fact in every:
        assert hash(fact) and fact.source
        with pytest.raises(dataclasses.FrozenInstanceError):
            fact.source = ""


def test_there_are_126_rules_with_ids_of_their_area() -> None:
    assert len(facts.rules()) == 126
    for rule_id, rule in facts.rules().items():
        assert re.fullmatch(r"[A-Z0-9]{2,4}-\d\d", rule_id) and rule.id == rule_id
        assert rule.severity in ("error", "warning", "info") and len(rule.title) < 80


def test_ground_truths_and_the_consoles_actions_are_actions_of_s3() -> None:
    known = facts.s3_actions()
    assert set(facts.GROUND_TRUTH_ACTIONS) | set(facts.CONSOLE_ACTIONS) <= set(known)
    assert "object" in known["s3:GetObject"].resource_types
    assert "bucket" in known["s3:ListBucket"].resource_types
    assert known["s3:ListAllMyBuckets"].resource_types == ()


def test_every_task_type_with_an_algorithm_has_its_instances_and_no_other() -> None:
    for kind in facts.task_types():
        assert (kind.instances("us-east-1") is None) == (kind.algorithm is None)
        assert (kind.automated_resolution is None) == (kind.algorithm is None or kind.modality != "image")
    assert facts.task_type("SemanticSegmentation").instances("ap-south-1") == ("ml.p2.8xlarge", "ml.p2.8xlarge")
