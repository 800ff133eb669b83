"""Requests made from botocore's own model of CreateLabelingJob, its patterns, sizes and values included.

Whatever the model takes is read and written without loss in every form; whatever it does not take is told with its
field. What Ground Truth asks beyond the model (a task type's own rules) is not looked at here.
"""

from __future__ import annotations

import copy
import json
import re
import unicodedata

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.job_code import KINDS
from gt_vpc_nb.request_shape import shape_problems

pytestmark = pytest.mark.newest
SHAPE = botocore.session.get_session().get_service_model("sagemaker").operation_model("CreateLabelingJob").input_shape
#: Java's classes that Python's `re` does not have; what is drawn from them is a part of what they hold.
JAVA = {r"\p{L}": "a-zA-ZéÅ字ß", r"\p{N}": "0-9٣", r"\p{Z}": "  　"}
#: No text is drawn longer than this, except where its maximum is what is looked at.
LONG = 60


def bound(shape, name, default):
    return shape.metadata.get(name, default)


def pattern(shape):
    text = shape.metadata.get("pattern", r"[\s\S]*")
    for theirs, ours in JAVA.items():
        text = text.replace(theirs, ours)
    return re.compile(text)


def fits(shape, text):
    return bound(shape, "min", 0) <= len(text) <= bound(shape, "max", 10**6) and bool(pattern(shape).fullmatch(text))


def texts(shape):
    if shape.enum:
        return st.sampled_from(shape.enum)
    # Surrogates are no characters; no text that reaches AWS holds one.
    drawn = st.from_regex(pattern(shape), fullmatch=True).map(lambda text: text[: bound(shape, "max", LONG)])
    return drawn.filter(lambda text: fits(shape, text) and not re.search("[\ud800-\udfff]", text))


def values(shape):
    """Everything of a shape that the model takes."""
    if shape.type_name == "structure":
        members = {name: values(inner) for name, inner in shape.members.items()}
        required = {name: members.pop(name) for name in shape.required_members}
        return st.fixed_dictionaries(required, optional=members)
    if shape.type_name == "list":
        most = min(bound(shape, "max", 9), 9)
        return st.lists(values(shape.member), min_size=bound(shape, "min", 0), max_size=most)
    if shape.type_name == "integer":
        return st.integers(bound(shape, "min", 0), bound(shape, "max", 10**9))
    return texts(shape)


REQUESTS = values(SHAPE)
RARE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@RARE
@given(REQUESTS)
def test_any_request_of_the_model_is_read_and_written_alike_in_every_form(request_):
    assert not ParamValidator().validate(request_, SHAPE).has_errors()
    assert list(shape_problems(request_)) == []
    job = LabelingJob.from_request(request_)
    assert job.to_request() == request_
    assert LabelingJob.from_yaml(job.to_yaml()) == job
    for form in (json.dumps(request_), json.dumps(request_, ensure_ascii=False), job.to_yaml()):
        again = LabelingJob.from_yaml(form) if form == job.to_yaml() else LabelingJob.from_request(form)
        assert again.to_request() == request_


def changed_by_terraform(request_):
    """Terraform composes characters, and keeps neither a tag's key nor an element twice."""
    human, tags = request_["HumanTaskConfig"], [tag["Key"] for tag in request_.get("Tags", [])]
    algorithm = request_.get("LabelingJobAlgorithmsConfig", {}).get("LabelingJobResourceConfig", {})
    lists = [tags, human.get("TaskKeywords", []), *algorithm.get("VpcConfig", {}).values()]
    lists.append(request_["InputConfig"].get("DataAttributes", {}).get("ContentClassifiers", []))
    composed = unicodedata.is_normalized("NFC", json.dumps(request_, ensure_ascii=False))
    return not composed or any(len(set(each)) < len(each) for each in lists)


@RARE
@given(REQUESTS, st.sampled_from(list(KINDS)))
def test_any_request_of_the_model_is_code_that_reads_back_as_it(request_, kind):
    job = LabelingJob.from_request(request_)
    if kind == "terraform" and changed_by_terraform(request_):
        with pytest.raises(RequestError, match="Terraform composes characters|would become another one"):
            job.to_code(kind)
    else:
        text = job.to_code(kind)
        assert LabelingJob.from_request(text).to_request() == request_


def places(shape, value, field=""):
    """Every value in a request with its shape and its field."""
    yield field, shape, value
    if shape.type_name == "structure":
        for name, each in value.items():
            yield from places(shape.members[name], each, f"{field}.{name}" if field else name)
    elif shape.type_name == "list":
        for index, each in enumerate(value):
            yield from places(shape.member, each, f"{field}[{index}]")


def put(request_, field, value):
    """The request with the value at a field replaced."""
    copied = copy.deepcopy(request_)
    steps = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", field)]
    inside = copied
    for step in steps[:-1]:
        inside = inside[step]
    inside[steps[-1]] = value
    return copied


def wrong_values(shape, value):
    """(what to put in place of a value, the end of the field that is then told), each breaking one bound."""
    kinds = {"structure": [3, "x", None, []], "list": [3, "x", None, {}], "integer": ["3", 1.5, True, None, []]}
    for other in kinds.get(shape.type_name, [3, True, None, ["x"], {}]):
        yield other, ""
    if shape.type_name == "structure":
        for name in shape.required_members:
            yield {key: each for key, each in value.items() if key != name}, f".{name}"
        yield {**value, "NoSuchMember": "x"}, ".NoSuchMember"
    if shape.type_name == "list":
        element = value[:1] or (["x"] if shape.member.type_name == "string" else [{"Key": "k", "Value": "v"}])
        if "max" in shape.metadata:
            yield element * (shape.metadata["max"] + 1), ""
        if shape.metadata.get("min"):
            yield value[: shape.metadata["min"] - 1], ""
    if shape.type_name == "integer":
        yield bound(shape, "min", 0) - 1, ""
        if "max" in shape.metadata:
            yield shape.metadata["max"] + 1, ""
    if shape.type_name == "string":
        if "max" in shape.metadata and not shape.enum:
            yield (value or "a") + "a" * (shape.metadata["max"] + 1 - len(value)), ""
        for odd in ("", "\x00", f"{value}\n\x00", "¡!", f" {value}"):
            if not fits(shape, odd) or (shape.enum and odd not in shape.enum):
                yield odd, ""


def full(shape):
    """A request with every member of the model in it."""
    if shape.type_name == "structure":
        return {name: full(inner) for name, inner in shape.members.items()}
    if shape.type_name == "list":
        return [full(shape.member)]
    if shape.type_name == "integer":
        return bound(shape, "min", 0)
    # The first text that fits is as good as the simplest, which takes long to find.
    return find(texts(shape), lambda text: True, settings=settings(phases=[Phase.generate], database=None))


def told_fields(request_):
    job = LabelingJob.from_request(request_)
    assert job.to_request() == request_
    return {problem.field for problem in job.problems() if problem.severity == "error"}


def test_every_bound_of_every_member_is_told_with_its_field_when_it_is_broken():
    request_, silent, tried = full(SHAPE), [], 0
    for field, shape, value in places(SHAPE, request_):
        for wrong, end in wrong_values(shape, value):
            if field or isinstance(wrong, dict):
                tried += 1
                told = told_fields(put(request_, field, wrong) if field else wrong)
                silent += [] if (field + end).removeprefix(".") in told else [(field + end, wrong)]
    assert silent == [] and tried > 400


@RARE
@given(REQUESTS, st.data())
def test_any_single_violation_is_told_with_its_field(request_, data):
    field, shape, value = data.draw(st.sampled_from(list(places(SHAPE, request_))))
    wrong, end = data.draw(st.sampled_from(list(wrong_values(shape, value))))
    if not field and not isinstance(wrong, dict):
        return
    broken = put(request_, field, wrong) if field else wrong
    assert (field + end).removeprefix(".") in told_fields(broken)
