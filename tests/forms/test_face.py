"""What every form does: says what goes wrong in it, keeps a plain result, and never runs what it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import CapturedIO, capture_output

from gt_vpc_nb.errors import Problem, RequestError
from gt_vpc_nb.forms.face import Face
from gt_vpc_nb.forms.fields import Field, marked_lines, problems_html, said, table_html, text_region
from gt_vpc_nb.forms.styles import FORM, SHEET

HOSTILE = (
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "\u202egnp.exe",
    "<img src=x onerror=alert(1)>" * 400,
)


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def shown(face: Face) -> CapturedIO:
    with capture_output() as captured:
        face._ipython_display_()
    return captured


def test_a_form_shows_its_widgets_and_below_them_a_plain_result(shell: InteractiveShell) -> None:
    live, kept = shown(Face("A form")).outputs
    assert set(live.data) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert kept.data == {
        "text/html": "<p>A form: nothing was sent yet.</p>",
        "text/plain": "A form: nothing was sent yet.",
    }


def test_what_has_ended_replaces_the_plain_result_in_the_cell_of_the_form(shell: InteractiveShell) -> None:
    face = Face("A form")
    shown(face)
    with capture_output() as captured:
        face.keep("<p>sent</p>", "sent")
    (output,) = captured.outputs
    assert output.data == {"text/html": "<p>sent</p>", "text/plain": "sent"}
    assert output.update is True
    assert (repr(face), face._repr_html_()) == ("sent", "<p>sent</p>")


def refused() -> None:
    raise RequestError("The name is missing.")


def broken() -> None:
    raise KeyError("<b>oops</b>")


def test_a_refusal_in_a_callback_is_one_sentence_in_the_form() -> None:
    face = Face("A form")
    face.guarded(refused)()
    assert "The name is missing." in face.message.value
    assert 'role="alert"' in face.message.value
    assert isinstance(face.error, RequestError)


def test_a_bug_in_a_callback_is_shown_with_its_type_and_kept() -> None:
    face = Face("A form")
    face.in_background(broken)
    face.wait()
    assert "KeyError" in face.message.value
    assert "<b>" not in face.message.value
    with pytest.raises(KeyError):
        raise face.error or AssertionError("nothing was kept")


@pytest.mark.parametrize("text", HOSTILE, ids=["script", "quote", "direction", "long"])
def test_no_text_becomes_markup(text: str) -> None:
    problem = Problem("REQ-01", "error", "LabelingJobName", text, text)
    for made in (said("error", text), problems_html([problem]), table_html(text, [text], [[text]])):
        assert "<script" not in made
        assert "<img" not in made
        assert '" onmouseover="' not in made
    assert "<script" not in text_region(text, [(text, text)])
    assert '" onmouseover="' not in text_region(text, [(text, text)])


def test_a_text_of_ten_thousand_characters_is_cut_where_it_is_told() -> None:
    assert len(said("error", "x" * 10_000)) < 3_000


def test_a_field_is_hidden_and_shown_without_losing_what_is_said() -> None:
    field = Field("help")
    field.said = said("error", "wrong")
    field.visible = False
    assert field.box.layout.display == "none"
    field.visible = True
    assert field.visible
    assert "wrong" in field.said


def test_changed_lines_are_told_by_a_word() -> None:
    assert marked_lines("a\nb\nc", "a\nB\nc\nd") == [("", "a"), ("changed", "B"), ("", "c"), ("new", "d")]
    assert marked_lines("a\nb", "b") == [("gone", "a"), ("", "b")]


def test_the_sheet_touches_nothing_outside_a_form_and_has_only_theme_colours() -> None:
    rules = [rule for rule in SHEET.removeprefix("<style>").split("}") if "{" in rule]
    assert all(rule.strip().startswith(f".{FORM}") for rule in rules)
    colours = [line for line in SHEET.split(";") if "#" in line]
    assert all("var(--jp-" in line for line in colours)


def test_an_error_is_that_of_the_last_button_alone() -> None:
    face = Face("Job")

    def refused() -> None:
        raise RequestError("no")

    face.guarded(refused)()
    assert isinstance(face.error, RequestError)
    face.guarded(lambda: None)()
    assert face.error is None
