"""The table that the labeling job form is made of: whole, and every job can be filled in through it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.aws.listing import KINDS as LISTED
from gt_vpc_nb.facts import limits, task_types
from gt_vpc_nb.facts.rule_facts import rules
from gt_vpc_nb.forms.labeling_job_more_rows import ROWS
from gt_vpc_nb.forms.labeling_job_values import KINDS
from gt_vpc_nb.job_examples import example_names
from gt_vpc_nb.request import JobFields

MEMBERS = {row.member for row in ROWS if row.member}
EXAMPLES = {name: LabelingJob.example(name) for name in example_names()}


def test_every_field_of_a_job_has_a_row() -> None:
    assert {each.name for each in fields(JobFields)} <= {row.name for row in ROWS}


@pytest.mark.parametrize("path", [path for path, limit in limits().items() if limit.kind != "structure"])
def test_every_member_of_the_request_has_a_row(path: str) -> None:
    assert any(path == member or path.startswith((f"{member}.", f"{member}[")) for member in MEMBERS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_names_only_what_exists(row: object) -> None:
    assert not row.offers or row.offers in LISTED
    assert not row.member or row.member == "Region" or row.member in limits()
    assert row.kind in {*KINDS, "choice", "flag"}
    assert not row.instead or row.instead in {each.name for each in ROWS}
    for rule in row.rules:
        assert any(id.startswith(rule) for id in rules())


def test_labels_tell_fields_apart() -> None:
    labels = [row.label for row in ROWS]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_empty_form_filled_in_row_by_row_becomes_the_example(name: str) -> None:
    wanted = EXAMPLES[name]
    job = LabelingJob()
    for row in ROWS:
        value = row.value(wanted)
        if row.kind in KINDS:
            kind = KINDS[row.kind]
            assert kind.shows(value)
            value = kind.parse(kind.show(value))
        if row.value(job) != value:
            job = row.changed(job, value)
    assert job == wanted


@pytest.mark.parametrize("name", EXAMPLES)
def test_saying_what_is_said_already_changes_nothing(name: str) -> None:
    job = EXAMPLES[name]
    for row in ROWS:
        assert row.changed(job, row.value(job)) == job, row.name


@pytest.mark.parametrize("kind", task_types(), ids=lambda kind: kind.code)
def test_a_task_type_shows_the_fields_that_it_has(kind: object) -> None:
    job = LabelingJob().task(kind.code)
    shown = {row.name for row in ROWS if row.visible(job)}
    assert ("template_file" in shown) == (kind.ui == "template")
    assert ("human_task_ui" in shown) == (kind.ui == "human-task-ui")
    assert ("automated" in shown) == (kind.algorithm is not None)
    assert ("annotation_type" in shown) == (kind.modality == "video frame")
    assert ("public" in shown) == kind.public_crowd
    assert ("audited" in shown) == (kind.base_task is not None)
    assert "pre_function" not in shown


def test_what_is_said_is_shown_even_where_the_task_has_no_use_for_it() -> None:
    job = LabelingJob().task("VideoMultiClass").with_automated_labeling(volume_kms_key_id="key")
    assert {"automated", "volume_key"} <= {row.name for row in ROWS if row.visible(job)}


def row(name: str) -> object:
    return next(row for row in ROWS if row.name == name)


def test_adjusting_and_back_changes_the_task_type() -> None:
    job = row("audit").changed(LabelingJob().task("BoundingBox"), "adjust")
    assert (job.task_code, job.audit) == ("AdjustmentBoundingBox", "adjust")
    job = row("audit").changed(row("audited").changed(job, "boxes"), None)
    assert (job.task_code, job.audit, job.audited) == ("BoundingBox", None, None)


def test_a_work_team_and_mechanical_turk_exclude_each_other() -> None:
    job = row("public").changed(LabelingJob().workers("team"), True)
    assert (job.public, job.team) == (True, None)
    assert row("team").changed(job, "team").public is False
