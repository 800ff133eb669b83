"""Each check passes on one survey and fails on one that differs in one thing; no AWS at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import facts
from gt_vpc_nb.errors import Problem, RequestError
from gt_vpc_nb.preflight import COLUMNS, run
from gt_vpc_nb.preflight.checks import CHECKS
from gt_vpc_nb.preflight.surroundings import (
    DataObject,
    Manifest,
    Role,
    Surroundings,
    Unknown,
)
from tests.preflight.sound import (
    ACCOUNT,
    GOOD,
    IN,
    MANIFEST,
    OUT,
    PUBLIC_TEAM,
    REGION,
    REQUEST,
    ROLE,
    TASK,
    TRUST,
    VPC,
    allowing,
    flight,
    request_for,
)

NO_VPC_CONFIG = {"LabelingJobAlgorithmsConfig": {"LabelingJobAlgorithmSpecificationArn": TASK.algorithm_arn(REGION)}}
WITH_PUBLIC_TEAM = {"HumanTaskConfig": {**REQUEST["HumanTaskConfig"], "WorkteamArn": PUBLIC_TEAM}}
NO_S3 = Role(ROLE, TRUST, (allowing("logs:*", "cloudwatch:*"),))
GATEWAY, GROUP, PORTAL = GOOD.endpoints[0], GOOD.security_groups[0], GOOD.workforce


def with_in(**changes: object) -> Surroundings:
    return replace(GOOD, buckets=(replace(IN, **changes), OUT))


def test_good_surroundings_pass_every_check():
    result = flight(GOOD)
    assert [str(row) for row in result.rows if row.status not in ("passed", "not applicable")] == []
    assert result.passed and result.failures == ()


def test_a_region_without_ground_truth_fails():
    result = run(REQUEST, replace(GOOD, region="eu-north-1"), vpc=VPC)
    assert "SVC-02" in {row.id for row in result.failures}
    assert "eu-north-1" in result.row("SVC-02").evidence


def test_a_public_team_fails_for_a_job_in_a_vpc_once():
    result = flight(replace(GOOD, work_team=None, workforce=None), request_for(**WITH_PUBLIC_TEAM))
    assert [row.id for row in result.failures if row.id.startswith("WF-01")] == ["WF-01"]
    assert result.row("WF-01").evidence.count("private work team") == 1


def test_few_objects_and_an_unbound_portal_only_warn():
    few = replace(GOOD, manifest=replace(MANIFEST, objects=1797), workforce=replace(GOOD.workforce, vpc=None))
    result = flight(few)
    assert {row.id for row in result.rows if row.status == "warned"} == {"AUTO-04", "WF-02"}
    assert result.passed


DENIED = Unknown("AccessDenied on s3:GetBucketPolicy (no)")


def test_every_rule_has_its_check():
    assert [check.id for check in CHECKS] == list(facts.rules())


def test_no_rule_of_an_error_is_left_open_for_a_sound_job():
    assert [row.id for row in flight(GOOD).rows if row.status == "undetermined" and row.severity == "error"] == []


def test_a_job_without_automated_labeling_needs_no_vpc_config():
    request = {name: value for name, value in REQUEST.items() if name != "LabelingJobAlgorithmsConfig"}
    result = run(request, replace(GOOD, subnets=(), security_groups=()), vpc=VPC)
    skipped = {row.id for row in result.rows if row.status == "not applicable"}
    assert {"NET-01", "NET-02", "NET-06", "NET-12", "AUTO-01", "AUTO-03", "AUTO-08"} <= skipped
    assert result.passed


def test_an_empty_request_crashes_no_check_and_fails_for_what_is_missing():
    result = run({}, Surroundings("AWS", REGION, ACCOUNT))
    assert {"REQ-01", "REQ-06", "TPL-01"} <= {row.id for row in result.failures}
    undetermined = {row.id for row in result.rows if row.status == "undetermined"}
    assert undetermined and all("not surveyed" in result.row(id).evidence for id in undetermined)


def test_each_rule_has_one_row_in_the_order_of_the_rules():
    ids = [row.id for row in flight(GOOD).rows]
    assert ids == [id for id in facts.rules() if id in ids]


@pytest.mark.parametrize(("severity", "status"), [("error", "failed"), ("warning", "warned"), ("info", "passed")])
def test_a_problem_weighs_as_much_as_it_says(severity, status):
    result = run(REQUEST, GOOD, vpc=VPC, problems=[Problem("SVC-02", severity, "Region", "is odd", "Mend it.")])
    row = result.row("SVC-02")
    assert (row.status, result.passed) == (status, severity != "error")
    assert "is odd" in row.evidence


def test_what_aws_says_worse_than_a_problem_is_what_counts():
    few = replace(GOOD, same_name_job="Completed")
    result = run(REQUEST, few, vpc=VPC, problems=[Problem("REQ-01", "warning", "LabelingJobName", "is odd", "")])
    assert result.row("REQ-01").status == "failed"
    assert "is odd" not in result.row("REQ-01").evidence


def test_severities_are_those_of_the_rules():
    assert {row.id: row.severity for row in flight(GOOD).rows} == {
        check.id: facts.rule(check.id).severity for check in CHECKS
    }


def test_what_is_known_without_aws_is_told_in_the_row_of_its_rule():
    problem = Problem("REQ-06", "error", "HumanTaskConfig.TaskTitle", "is missing", "Add title=…")
    result = run(REQUEST, GOOD, vpc=VPC, problems=[problem])
    assert [row.id for row in result.failures] == ["REQ-06"]
    assert "TaskTitle" in result.row("REQ-06").evidence


def test_the_frame_has_a_row_a_check():
    frame = flight(GOOD).to_frame()
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == len(CHECKS)


def test_the_shown_text_says_the_verdict_first_and_is_escaped():
    result = flight(with_in(region="<b>"))
    assert repr(result).startswith("Preflight: 1 failed")
    assert "SVC-03" in repr(result).splitlines()[1]
    assert "&lt;b&gt;" in result._repr_html_() and "<b>" not in result._repr_html_()


def test_a_row_that_is_not_checked_is_named():
    with pytest.raises(KeyError, match="REQ-99"):
        flight(GOOD).row("REQ-99")


@pytest.mark.parametrize("surroundings", [GOOD, with_in(policy=DENIED)])
def test_surroundings_come_back_equal_from_their_json(surroundings):
    assert Surroundings.from_json(surroundings.to_json()) == surroundings


@given(st.text(alphabet=st.characters()), st.integers(0), st.booleans() | st.builds(Unknown, st.text()))
def test_any_text_and_any_gap_survive_the_json(text, count, exists):
    changed = replace(GOOD, manifest=Manifest(text, count, (text,)), data_objects=(DataObject(text, exists),))
    assert Surroundings.from_json(changed.to_json()) == changed


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "not a survey"),
        ("[]", "not a survey"),
        ("{}", "no part .gt_vpc_nb_surroundings."),
        ('{"gt_vpc_nb_surroundings": 1}', "version 1"),
        ('{"gt_vpc_nb_surroundings": 2, "place": "AWS"}', "not a survey"),
        ('{"gt_vpc_nb_surroundings": 2, "place": "AWS", "region": null, "account": "1"}', "not a survey"),
        ('{"gt_vpc_nb_surroundings": 2, "place": "AWS", "region": "r", "account": "1", "more": 1}', "not a survey"),
    ],
)
def test_other_json_is_refused_in_a_sentence(text, word):
    with pytest.raises(RequestError, match=word):
        Surroundings.from_json(text)
