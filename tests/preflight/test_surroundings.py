"""Surroundings as a value: its JSON, its version, its look-ups, and that a preflight over it asks nobody."""

from __future__ import annotations

import json
import types
import typing
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.preflight import surroundings as schema
from gt_vpc_nb.preflight.surroundings import (
    NOT_SURVEYED,
    Attribute,
    Bucket,
    Caller,
    DataObject,
    EarlierJob,
    Endpoint,
    Key,
    LambdaFunction,
    Manifest,
    ManifestProblem,
    Missing,
    Permission,
    Surroundings,
    Topic,
    TrafficRule,
    Unknown,
    Vpc,
)

EMPTY = Surroundings("AWS", "us-east-1", "111122223333")
#: Every class of the schema, by what is exported: a new one is tried without being named here.
CLASSES = [found for name in schema.__all__ if isinstance(found := getattr(schema, name), type)]


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type hint: any of a union's kinds, at most two of a tuple."""
    if isinstance(kind, types.UnionType):
        return st.one_of(*map(values, typing.get_args(kind)))
    if typing.get_origin(kind) is tuple:
        return st.lists(values(typing.get_args(kind)[0]), max_size=2).map(tuple)
    if typing.get_origin(kind) is typing.Literal:
        return st.sampled_from(typing.get_args(kind))
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return st.fixed_dictionaries({each.name: values(hints[each.name]) for each in fields(kind)}).map(
            lambda given: kind(**given)
        )
    return SCALARS[kind]


SCALARS = {
    str: st.text(st.characters(), max_size=20),
    int: st.integers(),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    type(None): st.none(),
}


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None, max_examples=25)
@given(st.data())
def test_any_survey_comes_back_equal_from_its_json(data: st.DataObject) -> None:
    hints = typing.get_type_hints(Surroundings)
    name = data.draw(st.sampled_from([each.name for each in fields(Surroundings)]))
    changed = replace(EMPTY, **{name: data.draw(values(hints[name]))})
    assert Surroundings.from_json(changed.to_json()) == changed


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_part_of_a_survey_is_frozen_and_is_used(kind: type) -> None:
    assert kind.__dataclass_params__.frozen
    mentioned = {each for one in CLASSES for each in _classes_in(list(typing.get_type_hints(one).values()))}
    assert kind in mentioned or kind is Surroundings


def _classes_in(kinds: Any) -> set[Any]:
    found = {kind for kind in kinds if is_dataclass(kind)}
    return found.union(*(_classes_in(typing.get_args(kind)) for kind in kinds)) if kinds else found


def test_only_place_region_and_account_are_needed_and_what_is_left_out_is_not_taken_for_good() -> None:
    wanted = [each.name for each in fields(Surroundings) if each.default is MISSING]
    assert wanted == ["place", "region", "account"]
    loud = [each.name for each in fields(Bucket) if each.default is NOT_SURVEYED]
    assert loud == ["public_access_block", "ownership", "notifications"]
    assert NOT_SURVEYED == EMPTY.caller == EMPTY.quotas == EMPTY.jobs_in_progress


@pytest.mark.parametrize("version", [0, 1, 3, "2", None])
def test_a_survey_of_another_version_says_so(version: Any) -> None:
    document = json.loads(EMPTY.to_json())
    document["gt_vpc_nb_surroundings"] = version
    with pytest.raises(RequestError, match=f"version {version}, and this package reads version 2; survey again"):
        Surroundings.from_json(json.dumps(document))


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("buckets", {"name": "signs-in"}),
        ("buckets", [{"name": "signs-in", "region": 5}]),
        ("manifest", {"uri": "s3://a/b", "objects": True}),
        ("leftovers", "none"),
        ("used_before", "yes"),
        ("caller", {"arn": "a"}),
        (
            "manifest",
            {"uri": "a", "objects": 1, "problems": [{"code": "M", "severity": "bad", "line": 1, "message": ""}]},
        ),
    ],
)
def test_a_part_of_another_type_is_refused(part: str, wrong: Any) -> None:
    document = json.loads(EMPTY.to_json()) | {part: wrong}
    with pytest.raises(RequestError, match="not a survey"):
        Surroundings.from_json(json.dumps(document))


FOUND = replace(
    EMPTY,
    buckets=(Bucket("signs-in", "us-east-1", ownership="ObjectWriter"),),
    vpcs=(Vpc("vpc-1", "default"),),
    keys=(Key("alias/signs", "arn:aws:kms:eu-west-1:111122223333:key/1", "Enabled"),),
    functions=(LambdaFunction("arn:f", "Active"),),
    topics=(Topic("arn:t", True),),
    earlier_jobs=(EarlierJob("first", "Completed"),),
)
LOOK_UPS = {
    "bucket": ("signs-in", lambda found: found.ownership == "ObjectWriter", lambda gone: gone.notifications),
    "vpc": ("vpc-1", lambda found: found.tenancy == "default", lambda gone: gone),
    "key": (
        "arn:aws:kms:eu-west-1:111122223333:key/1",
        lambda found: found.region == "eu-west-1",
        lambda gone: gone.arn,
    ),
    "function": ("arn:f", lambda found: found.state == "Active", lambda gone: gone.state),
    "topic": ("arn:t", lambda found: found.exists is True, lambda gone: gone.exists),
    "earlier_job": ("first", lambda found: found.status == "Completed", lambda gone: gone.status),
}


@pytest.mark.parametrize("name", LOOK_UPS)
def test_what_was_surveyed_is_found_by_its_name_and_what_was_not_is_unknown(name: str) -> None:
    known, holds, unread = LOOK_UPS[name]
    assert holds(getattr(FOUND, name)(known))
    gap = unread(getattr(FOUND, name)("elsewhere"))
    assert isinstance(gap, Unknown) and "elsewhere was not surveyed" in gap.reason


def test_unread_vpcs_and_endpoints_stay_unread_in_every_look_up() -> None:
    unread = Unknown("AccessDenied on ec2:DescribeVpcs")
    found = replace(EMPTY, vpcs=unread, endpoints=unread)
    assert found.vpc("vpc-1") == unread == found.s3_endpoints


def test_endpoints_to_s3_are_told_from_those_of_other_services() -> None:
    names = ("com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.sagemaker.api", "com.amazonaws.us-east-1.s3tables")
    endpoints = tuple(Endpoint(f"vpce-{name}", "vpc-1", name, "Interface", "available") for name in names)
    assert [each.service for each in replace(EMPTY, endpoints=endpoints).s3_endpoints] == [names[0]]


@pytest.mark.parametrize(
    ("rule", "covered"),
    [
        (TrafficRule(), True),
        (TrafficRule("tcp", 443, 443), True),
        (TrafficRule("6", 0, 65535), True),
        (TrafficRule("tcp", 80, 80), False),
        (TrafficRule("udp", 443, 443), False),
        (TrafficRule("icmp", -1, -1), False),
    ],
)
def test_a_rule_of_a_security_group_knows_the_ports_it_covers(rule: TrafficRule, covered: bool) -> None:
    assert rule.covers(443) is covered


def test_what_a_caller_may_do_is_what_the_simulator_said_of_exactly_that() -> None:
    told = (Permission("iam:PassRole", "arn:r", "implicitDeny"), Permission("s3:GetObject", "arn:o", "allowed"))
    caller = Caller("arn:aws:iam::111122223333:user/a", "111122223333", permissions=told)
    assert caller.may("s3:GetObject") is True and caller.may("iam:PassRole", "arn:r") is False
    assert isinstance(caller.may("s3:PutObject"), Unknown) and isinstance(caller.may("s3:GetObject", "arn:x"), Unknown)
    assert replace(caller, permissions=NOT_SURVEYED).may("s3:GetObject") == NOT_SURVEYED


def test_a_manifest_answers_by_attribute_and_by_rule() -> None:
    problem = ManifestProblem("MAN-01", "error", 3, "Line 3 is empty.")
    manifest = Manifest("s3://a/b", 5, attributes=(Attribute("boxes", 4, "first"),), problems=(problem,))
    assert manifest.attribute("boxes").job == "first" and manifest.attribute("other").lines == 0
    assert manifest.broken("MAN-01") == (problem,) and manifest.broken("MAN-02") == ()


def test_a_preflight_over_given_surroundings_asks_nobody(no_sockets: list[str]) -> None:
    job = LabelingJob().named("signs-1").in_region("us-east-1").task("BoundingBox").input("s3://signs-in/a.manifest")
    job = job.output("s3://signs-out/labels/").as_role("arn:aws:iam::111122223333:role/R").label_categories(["stop"])
    gone = replace(
        EMPTY, manifest=Missing("there is no object"), data_objects=(DataObject("s3://signs-in/1.png", True),)
    )
    assert job.preflight(surroundings=gone).rows and no_sockets == []
