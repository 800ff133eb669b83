"""What each of the 23 task types asks for: one step over each of its limits is told, with the rule and the field."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.facts import task_types

KINDS = task_types()
#: Where AWS's documents disagree about ``-ref``, it is warned of and not refused.
UNSURE = {"VerificationSemanticSegmentation", "PassThrough"}
WEEK = 604_800
HUMAN = "HumanTaskConfig"

every = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)


def job_of(kind):
    return LabelingJob.example(kind.code)


def found(job, severity="error"):
    return {(each.code, each.field) for each in job.problems() if each.severity == severity}


@every
def test_the_label_attribute_name_ends_as_the_task_type_asks(kind):
    right, wrong = ("boxes-ref", "boxes") if kind.needs_ref else ("boxes", "boxes-ref")
    rule = ("REQ-02", "LabelAttributeName")
    assert rule not in found(job_of(kind).label_attribute(right))
    assert rule in found(job_of(kind).label_attribute(wrong), "warning" if kind.code in UNSURE else "error")
    assert job_of(kind).attribute_name.endswith("-ref") == kind.needs_ref


@every
def test_one_worker_where_there_is_only_one_and_up_to_nine_elsewhere(kind):
    rule = ("REQ-03", f"{HUMAN}.NumberOfHumanWorkersPerDataObject")
    assert (rule in found(job_of(kind).workers("labelers", per_object=2))) == kind.one_worker
    assert rule in found(job_of(kind).workers("labelers", per_object=10))
    assert kind.default_workers == 1 or not kind.one_worker


@every
def test_a_task_may_take_as_long_as_the_api_allows_and_is_warned_of_beyond_the_pages(kind):
    rule = ("REQ-04", f"{HUMAN}.TaskTimeLimitInSeconds")

    def timed(seconds):
        return job_of(kind).workers("labelers", time_limit=seconds, availability=2_592_000)

    assert rule in found(timed(kind.time_limit_max + 1)) and rule not in found(timed(kind.time_limit_max))
    assert rule in found(timed(29)) and rule not in found(timed(30))
    assert (rule in found(timed(min(WEEK + 1, kind.time_limit_max)), "warning")) == (kind.time_limit_max > WEEK)
    assert kind.time_limit_max == (2_592_000 if kind.one_worker else 28_800)


@every
def test_label_categories_have_a_least_and_a_most_number_and_a_longest_name(kind):
    def named(names):
        return {code for code, _ in found(job_of(kind).label_categories({"labels": names}))}

    names = [f"l{number}" for number in range(51)]
    assert ("LAB-02" in named(names[: kind.labels_min - 1])) and "LAB-02" not in named(names[: kind.labels_min])
    if kind.labels_max is None:
        assert "LAB-03" not in named(names)
    else:
        assert "LAB-03" in named(names[: kind.labels_max + 1]) and "LAB-03" not in named(names[: kind.labels_max])
    assert "LAB-04" in named(["b", "a" * (kind.label_chars + 1)])
    assert "LAB-04" not in named(["b", "a" * kind.label_chars])
    assert "LAB-04" in named(["a", "a"])


@every
def test_the_public_workforce_is_offered_or_not(kind):
    public = replace(job_of(kind), vpc=None, subnets=(), security_groups=(), endpoints=())
    public = public.declares("FreeOfPersonallyIdentifiableInformation").public_crowd(kind.prices[0] if kind.prices
                                                                                      else "0.036")  # fmt: skip
    assert (("WF-12", f"{HUMAN}.WorkteamArn") in found(public)) == (not kind.public_crowd)
    if kind.prices:
        rule = ("REQ-09", f"{HUMAN}.PublicWorkforceTaskPrice")
        assert rule not in found(public) and rule in found(public.public_crowd("0.013"))


@every
def test_automated_labeling_exists_for_four_task_types(kind):
    automated = job_of(kind).with_automated_labeling()
    assert (("AUTO-01", "LabelingJobAlgorithmsConfig") in found(automated)) == (kind.algorithm is None)


def test_the_four_task_types_of_automated_labeling():
    able = {kind.code for kind in KINDS if kind.algorithm}
    assert able == {"ImageMultiClass", "TextMultiClass", "BoundingBox", "SemanticSegmentation"}


@every
def test_workers_see_a_template_or_an_interface_of_awss_and_never_the_other(kind):
    region = "us-east-1"
    if kind.ui == "template":
        request = job_of(kind).to_request()
        arn = f"arn:aws:sagemaker:{region}:394669845002:human-task-ui/NamedEntityRecognition"
        request[HUMAN]["UiConfig"] = {"HumanTaskUiArn": arn}
        other = LabelingJob.from_request(request)
    else:
        other = job_of(kind).template("s3://signs-in/ui.liquid.html")
        other = replace(other, left_out=("human_task_ui",))
        assert job_of(kind).to_request()[HUMAN]["UiConfig"] == {"HumanTaskUiArn": kind.human_task_ui_arn(region)}
    assert "TPL-01" in {code for code, _ in found(other)}
    assert "TPL-01" not in {code for code, _ in found(job_of(kind))}


@every
def test_data_objects_are_files_or_texts_as_the_task_type_asks(kind):
    for name, value in (("source", "a text"), ("source-ref", "s3://signs-in/1.png")):
        codes = {code for code, _ in found(job_of(kind).input([{name: value}]))}
        assert ("MAN-05" in codes) == (name not in kind.manifest_keys)


@every
def test_the_functions_of_the_task_type_go_together(kind):
    request = job_of(kind).to_request()
    other = next(each for each in KINDS if each.code != kind.code)
    config = request[HUMAN]["AnnotationConsolidationConfig"]
    assert config["AnnotationConsolidationLambdaArn"].endswith(f":function:ACS-{kind.code}")
    config["AnnotationConsolidationLambdaArn"] = other.consolidation_lambda("us-east-1")
    assert "REQ-10" in {code for code, _ in found(LabelingJob.from_request(request))}
