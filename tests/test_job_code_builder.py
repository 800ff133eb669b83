"""The builder's code of a job makes the same job again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.job_code_builder import builder_code
from gt_vpc_nb.job_examples import example_names


def made(code: str) -> LabelingJob:
    names: dict[str, object] = {}
    exec(compile(code, "code", "exec"), names)
    job = names["job"]
    assert isinstance(job, LabelingJob)
    return job


@pytest.mark.parametrize("name", example_names())
def test_the_code_of_an_example_makes_the_example(name: str) -> None:
    job = LabelingJob.example(name)
    assert made(builder_code(job, LabelingJob())) == job


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3), st.lists(TEXTS, max_size=3))
def test_no_text_gets_out_of_its_quotes(title: str, name: str, tags: dict[str, str], keywords: list[str]) -> None:
    job = LabelingJob().named(name).task("BoundingBox", title=title, keywords=keywords).with_tags(tags)
    job = job.with_raw(**{title: {name: keywords}})
    assert made(builder_code(job, LabelingJob())) == job


@pytest.mark.parametrize(
    "job",
    [
        LabelingJob(),
        LabelingJob().exactly(price=Decimal("0.036"), left_out=("per_object",)),
        LabelingJob().task("custom", title="Answer").custom_workflow(pre_lambda="arn:aws:lambda:x"),
        LabelingJob().label_categories({"labels": [{"label": "a"}], "names": ["b"]}),
        LabelingJob().template("<p>\n" + "one line of a template\n" * 9 + "</p>"),
        LabelingJob().public_crowd("0.036").workers(per_object=3),
    ],
    ids=["empty", "exactly", "custom", "document", "template", "public"],
)
def test_what_is_unusual_comes_through(job: LabelingJob) -> None:
    assert made(builder_code(job, LabelingJob())) == job


def test_the_code_reads_as_a_person_would_write_it() -> None:
    job = LabelingJob.in_vpc("vpc-1", subnets=["subnet-1"]).named("signs").stop_after(objects=5)
    assert builder_code(job, LabelingJob()) == (
        "from gt_vpc_nb import LabelingJob\n\n"
        "job = (\n"
        "    LabelingJob()\n"
        '    .in_vpc("vpc-1", subnets=["subnet-1"])\n'
        '    .named("signs")\n'
        "    .stop_after(objects=5)\n"
        ")\n"
    )


def test_a_mark_of_direction_is_written_as_its_escape() -> None:
    assert "\u202e" not in builder_code(LabelingJob().named("\u202egnp"), LabelingJob())
