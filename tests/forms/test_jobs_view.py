"""The jobs view on the local AWS: read, filtered, sorted, and each button about the job that is chosen."""

from __future__ import annotations

import time

import pytest

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.forms import JobsView
from gt_vpc_nb.forms.jobs_rows import SORTS, chosen_rows, rows_html
from gt_vpc_nb.jobs import labeling_jobs
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.report.tables import table
from tests.jobs_at_work import submitted

HOSTILE = (
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "\u202egnp.exe",
    "<img src=x onerror=alert(1)>" * 400,
)


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    aws = LocalAws.example()
    submitted(aws, "done-1")
    aws.clock.advance(hours=3)
    submitted(aws, "begun-1")
    aws.clock.advance(minutes=3)
    submitted(aws, "begun-2")
    return aws


@pytest.fixture
def view(aws: LocalAws) -> JobsView:
    return JobsView(aws.session(vpc_endpoint=aws.world.vpc_endpoint))


def names(view: JobsView) -> list[str]:
    return view.rows["name"].tolist()


def test_the_view_shows_all_jobs_newest_first_with_their_counts_in_words(view: JobsView) -> None:
    assert names(view) == ["begun-2", "begun-1", "done-1"]
    assert view.chosen is not None and view.chosen.name == "begun-2"
    assert "20 human, 0 machine, 0 failed, 0 unlabeled" in view.list.value
    assert "<caption>" in view.list.value and 'scope="row"' in view.list.value
    assert "Labeling jobs: 3 of 3 shown" in view.list.value


def test_what_is_typed_filters_and_what_is_chosen_sorts(view: JobsView) -> None:
    view.name_contains.value = "BEGUN"
    assert names(view) == ["begun-2", "begun-1"]
    view.sort.value = "name"
    assert names(view) == ["begun-1", "begun-2"]
    view.status.value = "Completed"
    assert names(view) == [] and view.chosen is None
    assert view.watch_button.disabled and view.stop_button.disabled
    assert "No job is shown" in view.choice_field.said
    view.name_contains.value = ""
    assert names(view) == ["done-1"] and not view.watch_button.disabled and view.stop_button.disabled


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_shows_every_job(view: JobsView, sort: str) -> None:
    view.sort.value = sort
    assert sorted(names(view)) == ["begun-1", "begun-2", "done-1"]


def test_a_choice_outlives_a_new_order(view: JobsView) -> None:
    view.choice.value = ("done-1", "us-east-1")
    view.sort.value = "oldest first"
    assert view.chosen is not None and view.chosen.name == "done-1"
    assert view.list.value.count("▶ chosen:") == 1


def test_the_labels_of_the_chosen_job_are_opened_and_kept(view: JobsView) -> None:
    view.choice.value = ("done-1", "us-east-1")
    view.labels_button.click()
    view.wait()
    assert view.error is None
    assert "<table" in view.result.value and "circle" in view.result.value
    assert "labeling_job(&#x27;done-1&#x27;, session, &#x27;us-east-1&#x27;).labels()" in view.result.value
    assert "Labels of labeling job 'done-1'" in view._kept[1]


def test_the_chosen_job_is_diagnosed(view: JobsView) -> None:
    view.choice.value = ("done-1", "us-east-1")
    view.diagnose_button.click()
    assert "nothing is left to label" in view.wait().result.value


def test_stopping_asks_first_and_no_leaves_the_job_alone(aws: LocalAws, view: JobsView) -> None:
    submitted(aws, "to-stop")
    view.refresh_button.click()
    view.wait().choice.value = ("to-stop", "us-east-1")
    view.stop_yes.click()
    assert isinstance(view.error, RequestError)
    view.stop_button.click()
    assert "Stop labeling job &#x27;to-stop&#x27;?" in view.question.value and 'role="alert"' in view.question.value
    view.stop_no.click()
    assert view.ask.layout.display == "none"
    assert view.chosen is not None and view.chosen.status().status == "Initializing"
    view.stop_button.click()
    view.stop_yes.click()
    view.wait()
    assert view.chosen.status().status in {"Stopping", "Stopped"}
    assert {"Stopping", "Stopped"} & set(view.jobs.loc[view.jobs["name"] == "to-stop", "status"])


def test_the_question_is_taken_back_when_another_job_is_chosen(view: JobsView) -> None:
    view.choice.value = ("begun-1", "us-east-1")
    view.stop_button.click()
    view.choice.value = ("begun-2", "us-east-1")
    assert view.question.value == ""


def test_the_chosen_job_is_watched_to_its_end_in_the_view(aws: LocalAws) -> None:
    job = submitted(aws, "to-watch")
    view = JobsView(job.session)
    view.choice.value = ("to-watch", "us-east-1")
    view.watch_button.click()
    (watched,) = view.watches
    watched.wait(30)
    assert [each.status for each in watched.statuses] == ["Completed"]
    end = time.monotonic() + 5
    while "Completed" not in view._kept[1] and time.monotonic() < end:
        time.sleep(0.01)
    assert "to-watch: Completed, 20 of 20" in view.live.children[0].children[0].value
    assert "to-watch: Completed, 20 of 20" in repr(view)
    assert "to-watch: Completed, 20 of 20" in view._kept[1]


def test_a_region_that_does_not_answer_is_told_and_the_others_are_shown(view: JobsView) -> None:
    view.regions.value = "us-east-1, not a region"
    view.refresh_button.click()
    assert "not a region" in view.wait().message.value and len(view.rows) >= 3
    view.regions.value = "not a region"
    view.refresh_button.click()
    assert 'role="alert"' in view.wait().message.value
    assert not view.refresh_button.disabled and len(view.rows) >= 3


def test_every_input_has_a_label(view: JobsView) -> None:
    inputs = (view.status, view.name_contains, view.sort, view.regions, view.choice)
    assert all(each.description for each in inputs)


@pytest.mark.parametrize("text", HOSTILE, ids=["script", "quote", "direction", "long"])
def test_no_text_becomes_markup(aws: LocalAws, text: str) -> None:
    jobs = labeling_jobs(aws.session())
    hostile = jobs.to_dict("records")[0] | {"name": text, "region": text, "task_type": text, "attention": text}
    made = table([hostile], list(jobs.columns), title="x", summary=text)
    html = rows_html(chosen_rows(made, "any status", "", "name"), text, (text, text))
    assert not any(wrong in html for wrong in ("<script", "<img", '" onmouseover="'))
    # A mark that turns the direction around is kept within its own element.
    assert "\u202e" not in html.replace(f"<bdi>{text}</bdi>", "")
    assert len(html) < 30_000
