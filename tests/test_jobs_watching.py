"""Watching labeling jobs: live in a notebook, lines everywhere else; a thread that ends, and leaves the job alone."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import gt_vpc_nb
from gt_vpc_nb.errors import AwsError, RequestError
from gt_vpc_nb.jobs import SubmittedJob, watch
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.report.live import Watch
from gt_vpc_nb.report.live_places import SWITCH, is_live
from gt_vpc_nb.report.live_poller import THREAD
from tests.jobs_at_work import submitted


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    return LocalAws.example()


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def soon(holds: Callable[[], bool]) -> bool:
    """Whether something comes true within ten seconds."""
    end = time.monotonic() + 10
    while not (true := holds()) and time.monotonic() < end:
        time.sleep(0.01)
    return true


def threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == THREAD]


def press(view: Watch, word: str) -> None:
    (button,) = [each for each in view.widget.children[-1].children if getattr(each, "description", "") == word]
    button.click()


def test_a_live_watch_returns_at_once_and_ends_with_the_job_as_plain_html_and_text(
    aws: LocalAws, shell: InteractiveShell
) -> None:
    job = submitted(aws, "live-1")
    with capture_output() as shown:
        view = job.watch(live=True)
        assert not view.ended
        view.wait(30)
        assert soon(lambda: not threads())
    live, kept = shown.outputs[:2]
    assert set(live.data) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert "live-1: Initializing" in kept.data["text/plain"]
    finals = [each for each in shown.outputs[2:] if each.update]
    (plain,) = [each for each in finals if each.metadata == {} and "20 of 20" in each.data["text/plain"]][-1:]
    assert set(plain.data) == {"text/html", "text/plain"}
    assert "live-1: Completed, 20 of 20 labeled (20 human, 0 machine)" in repr(view)
    assert "20 human, 0 machine, 0 failed, 0 unlabeled" in view._repr_html_()
    assert finals[-1].data["text/plain"] == "labels() reads what was labeled."


def test_stop_ends_the_watch_and_not_the_job(aws: LocalAws, shell: InteractiveShell) -> None:
    job = submitted(aws, "live-2")
    with capture_output():
        view = job.watch(live=True, poll=0.001)
        press(view, "Stop")
    assert view.ended and soon(lambda: not threads())
    assert "No longer watching; labeling job 'live-2' goes on." in repr(view)
    assert job.status().status in {"Initializing", "InProgress"}
    assert "widget-view" not in str(view._repr_mimebundle_())


def test_refresh_looks_at_once_and_goes_on_after_stop(aws: LocalAws, shell: InteractiveShell) -> None:
    job = submitted(aws, "live-3")
    with capture_output():
        view = job.watch(live=True, poll=0.001)
        press(view, "Stop")
        aws.clock.advance(hours=3)
        press(view, "Refresh")
        assert soon(lambda: view.ended)
    assert [each.status for each in view.statuses] == ["Completed"]
    assert "No longer" not in repr(view)


def test_all_watched_jobs_share_one_thread(aws: LocalAws, shell: InteractiveShell) -> None:
    jobs = [submitted(aws, f"many-{number}") for number in range(3)]
    with capture_output():
        view = watch(jobs, live=True)
        other = watch("many-0", aws.session(), live=True)
        assert len(threads()) == 1
        view.wait(30), other.wait(30)
    assert [each.status for each in (*view.statuses, *other.statuses)] == ["Completed"] * 4
    assert len(view.widget.children) == 4
    assert soon(lambda: not threads())


@pytest.mark.parametrize("breakage", ["throttle", "fail", "drop"])
def test_a_service_that_does_not_answer_is_told_in_the_line_and_asked_again(
    aws: LocalAws, shell: InteractiveShell, breakage: str
) -> None:
    job = submitted(aws, f"silent-{breakage}")
    with capture_output():
        view = job.watch(live=True, poll=0.001)
        with getattr(aws.faults, breakage)("sagemaker:DescribeLabelingJob"):
            assert soon(lambda: "no answer since" in repr(view))
            assert not view.ended
            assert 'role="alert"' in view.widget.children[0].value
        aws.clock.advance(hours=3)
        assert soon(lambda: view.ended)
    assert "Completed" in repr(view) and "no answer" not in repr(view)


def test_unloading_the_extension_ends_every_watch(aws: LocalAws, shell: InteractiveShell) -> None:
    gt_vpc_nb.load_ipython_extension(shell)
    with capture_output():
        view = submitted(aws, "unloaded").watch(live=True, poll=0.001)
        gt_vpc_nb.unload_ipython_extension(shell)
    assert view.ended and soon(lambda: not threads())


def test_a_watch_that_is_the_value_of_its_own_cell_is_shown_once(aws: LocalAws, shell: InteractiveShell) -> None:
    with capture_output() as shown:
        view = submitted(aws, "once").watch(live=True, poll=0.001).stop()
        before = len(shown.outputs)
        view._ipython_display_()
        assert len(shown.outputs) == before
        shell.execution_count += 1
        view._ipython_display_()
        assert len(shown.outputs) == before + 2


def test_several_jobs_are_watched_as_lines_of_text(aws: LocalAws) -> None:
    jobs, out = [submitted(aws, f"text-{number}") for number in range(2)], io.StringIO()
    view = watch(jobs, out=out)
    lines = [line[9:] for line in out.getvalue().splitlines()]
    assert lines[:2] == ["text-0: Initializing", "text-1: Initializing"]
    assert sum(": Completed, 20 of 20" in line for line in lines) == 2
    assert len(set(lines)) == len(lines)
    assert [each.status for each in view.statuses] == ["Completed"] * 2 and view.ended


@pytest.mark.parametrize("given", ["nobody", ["nobody", "no one"]])
def test_a_name_that_nobody_has_is_an_error_of_the_call(aws: LocalAws, given: object) -> None:
    with pytest.raises(AwsError, match="labeling job 'nobody'"):
        watch(given, aws.session(), live=True)
    assert not threads()


@pytest.mark.parametrize("given", [[], [3]])
def test_what_names_no_job_is_refused(aws: LocalAws, given: object) -> None:
    with pytest.raises(RequestError, match="watch takes names of labeling jobs"):
        watch(given, aws.session())


def test_a_poll_that_makes_no_sense_is_refused(aws: LocalAws) -> None:
    with pytest.raises(RequestError, match="give seconds above 0"):
        SubmittedJob("any", aws.session()).watch(poll=0, live=True)


@pytest.mark.parametrize(("word", "live"), [("1", True), ("no", False), ("", False)])
def test_the_switch_says_for_a_whole_process_whether_views_are_live(
    monkeypatch: pytest.MonkeyPatch, word: str, live: bool
) -> None:
    monkeypatch.setenv(SWITCH, word)
    assert is_live() is live
    assert is_live(True) and not is_live(False)


def test_a_switch_that_says_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "maybe")
    with pytest.raises(RequestError, match="set it to 1 for live views"):
        is_live()
