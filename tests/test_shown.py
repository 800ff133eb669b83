"""What every public result shows of itself, in a notebook and in a terminal: a table of results, and what must hold."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from typing import Any

import pytest

from gt_vpc_nb.shown import Code, Drawn, Fold, Html, Items, Pairs, Rows, badge, html, page
from gt_vpc_nb.shown_text import clipped, counted, printable, told
from tests.shown_results import RESULTS, change, job, preflight

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)> </td></table> \u202edlrow\u200f \x1b[2J\x00\ud800"
LONG = (HOSTILE + "漢") * 100
ATTRIBUTES = {"class", "style", "scope", "tabindex", "role", "aria-label", "aria-hidden"}
ATTRIBUTES |= {"xmlns", "viewbox", "fill", "stroke", "font-size", "font-weight", "x", "y", "d", "width", "height", "rx"}
ATTRIBUTES |= {"stroke-width", "stroke-dasharray"}
TAGS = {
    *("svg", "title", "desc", "rect", "path", "text"),
    *("style", "div", "p", "span", "ul", "li", "pre", "ins", "del", "details", "summary"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
#: How many of everything: fewer where making the result takes long, not showing it.
MANY = {"Decision": 50, "Perimeter": 200, "Audit.to_frame": 200}
MANY |= dict.fromkeys(("Plan", "PolicyChange", "PolicyDraft"), 300)
COLOUR = re.compile(r"(?:color|background|fill|stroke|border[a-z-]*|outline)\s*:\s*([^;}]*)")
PLAIN = {"currentcolor", "!important", "inherit", "none", "transparent", "solid", "collapse", "content-box"}


class Page(HTMLParser):
    """A page as a browser reads it: what opens is closed in order, and what stands in which table."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tables: list[dict[str, Any]] = []
        self.attributes: set[str] = set()
        self.tags: set[str] = set()
        self.text = ""
        self.styles = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.styles += "".join(f"{value};" for name, value in attrs if name == "style")
        self.styles += "".join(f"{name}:{value};" for name, value in attrs if name in {"fill", "stroke"})
        if tag == "table":
            self.tables.append({"caption": False, "scopes": [], "rows": 0})
        if tag == "caption":
            self.tables[-1]["caption"] = True
        if tag == "th":
            self.tables[-1]["scopes"].append(dict(attrs).get("scope"))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.styles += data
        else:
            self.text += data


def steering(text: str) -> set[str]:
    """The characters that would steer a terminal or turn the reading direction."""
    return {each for each in text if each not in "\n\u200d" and unicodedata.category(each) in {"Cc", "Cf", "Cs"}}


def harmless(shown: str) -> Page:
    """What holds of every view, whatever is in it."""
    read = Page(shown)
    assert read.open == [], "everything that opens is closed"
    assert read.tags <= TAGS and read.attributes <= ATTRIBUTES
    assert all(each["caption"] and set(each["scopes"]) <= {"col", "row"} and each["scopes"] for each in read.tables)
    for value in COLOUR.findall(read.styles):
        words = re.sub(r"var\(--jp-[a-z0-9-]+(, ?[^()]+)?\)", "", value).lower().split()
        assert all(word in PLAIN or re.fullmatch(r"-?[\d.]*(px|em|%)?", word) for word in words), value
    assert steering(shown) == set()
    assert len(shown.encode()) < 200_000
    return read


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize(("text", "many"), [(HOSTILE, 1), (LONG, 2), ("signs", 2_000)], ids=["evil", "long", "many"])
def test_every_result_is_harmless_bounded_and_accessible(name: str, text: str, many: int) -> None:
    result = RESULTS[name](text, min(many, MANY.get(name, many)))
    harmless(result._repr_html_())
    said = repr(result)
    assert steering(said) == set() and len(said.encode()) < 200_000
    assert max(map(len, said.splitlines())) < 20_000


#: The first line of each result for one thing that is wrong: the answer, without reading on.
ANSWERS = {
    "LabelingJob": "Labeling job 'signs' (not submitted)",
    "Problem": "error signs signs: signs signs",
    "Problems": "1 error",
    "Preflight": "Preflight: 1 failed, 1 passed, 1 not applicable (signs)",
    "Preflight.to_frame": "Preflight — 1 failed, 1 passed, 1 not applicable (signs)",
    "Plan": "Plan: not ready, 1 check failed; nothing was sent, nothing was changed.",
    "Filled": "Defaults: 1 given, 1 overridden",
    "Estimate": "The price is not known: signs",
    "Differences": "signs0: 'signs' -> None",
    "Explanation": "signs",
    "Surroundings": "Surroundings: 1 bucket, 9 things not read (signs · signs · signs, read signs)",
    "Policy": "Policy of 1 statement: 1 Deny",
    "Lint": "The policy has 1 finding:",
    "Finding": "ERROR signs signs (line 3): signs signs",
    "Findings": "The policy has 1 finding.",
    "Opening": "signs on signs: signs",
    "Openings": "1 way in from outside the perimeter.",
    "Comparison": "opens 1 way, closes 1 way",
    "Decision": "notDenied: ",
    "Audit": "Audit — 1 closed-but-blocks-ground-truth, 1 unreadable, Ground Truth is shut out of 1 of 2",
    "Audit.buckets": "Audit — 1 closed-but-blocks-ground-truth, 1 unreadable",
    "PolicyChange": "Policy of bucket 'signs': planned, nothing is changed yet",
    "PolicyDraft": "Draft for the policy of bucket 'signs': 1 finding, 1 way past it; nothing was changed",
    "JobStatus": "signs: Failed, 5 of 9 labeled (3 human, 2 machine), 1 failed",
    "SubmittedJob": "Labeling job 'signs' · local AWS",
    "Diagnosis": "signs: signs",
    "LintReport": "Lint: nothing to check: 1 error.",
    "Report": "Manifest signs — does not fit BoundingBox: 1 data object, 1 error, 0 warnings",
    "Labels": "Labels 'a' — 1 of 1 objects labeled: 1 human, 0 machine",
    "Table": "signs — signs",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_first_line_is_the_answer_in_text_and_in_html(name: str) -> None:
    result = RESULTS[name]("signs", 1)
    first = repr(result).splitlines()[0]
    assert first.startswith(ANSWERS[name])
    if name not in {"Differences", "LintReport", "Problem", "Finding", "Lint", "Explanation"}:
        words = first.removesuffix(":").split(" — ")[0]
        assert words[:40] in Page(result._repr_html_()).text[:400]


def test_what_is_worst_stands_first_and_the_rest_unfolds() -> None:
    shown = preflight("signs", 3)._repr_html_()
    places = [
        shown.index(word) for word in ("Checks to look at", "<details><summary>3 passed", "<summary>3 not applicable")
    ]
    assert places == sorted(places) and shown.count("failed</span>") == 3


def test_a_job_shows_its_problems_and_its_texts_beside_each_other() -> None:
    read = harmless(job("signs")._repr_html_())
    assert "The job" in read.text and "Problems" in read.text and "WF-01" in read.text


def test_an_edit_is_told_by_its_signs_and_not_by_colour_alone() -> None:
    shown = change("signs")._repr_html_()
    assert "<ins>+" in shown and "Which of Ground Truth&#x27;s five actions get in" in shown


def test_lists_of_problems_and_findings_are_lists() -> None:
    found = job("signs").problems()
    assert isinstance(found, list) and found[:0] == [] and sorted(found, key=str) != [] and found == list(found)
    nothing = type(found)()
    assert repr(nothing) == "No problems." and "<table" not in nothing._repr_html_()


def test_a_page_has_one_sheet_and_can_be_reached_by_keyboard() -> None:
    shown = page("<b>", Pairs("c", [("a", Html("<p>x</p>"))]), Items([]), Fold("more", [Code("- a\n+ b", diff=True)]))
    assert shown.count("<style>") == 1 and 'tabindex="0" role="group" aria-label="&lt;b&gt;"' in shown
    assert "<p>x</p>" in shown and "<del>- a</del>" in shown and "<ul>" not in shown


@pytest.mark.parametrize(
    ("part", "left"),
    [
        (Rows("c", ("a",), [("x" * 50,)] * 99), "+94 rows"),
        (Rows("c", ("a",), iter([("x",)] * 5), total=1_000_000), "+999,995 rows"),
        (Pairs("c", [("a", "x" * 100)] * 9), "+6 rows"),
        (Items(["x" * 100] * 9), "+5 lines"),
        (Code("x" * 99 + "\n" + "\n".join(["y" * 100] * 9)), "+6 lines"),
        (Drawn("<svg>" + "x" * 600 + "</svg>", "too large"), "too large"),
    ],
)
def test_what_does_not_fit_is_counted(part: Any, left: str) -> None:
    assert left in part.html(450)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a b"),
        ("\u202eb", "\ufffdb"),
        ("\x1b[2J", "\ufffd[2J"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("\ud800", "\ufffd"),
    ],
)
def test_text_of_others_is_one_line_that_steers_nothing(text: str, shown: str) -> None:
    assert printable(text) == shown and html(text) == shown and told(f"  {text} ").startswith("  ")


def test_numbers_are_beside_their_things_and_badges_have_signs() -> None:
    assert (counted(1, "check"), counted(2, "check"), clipped("abc", 2)) == ("1 check", "2 checks", "ab… +1 characters")
    assert "✗" in badge("failed") and "✓" in badge("passed") and "<b>" not in badge("<b>")
    assert told(["x"] * 201).splitlines()[-1] == "+1 lines"
