"""Tables: verdict first, the same in pandas 2 and 3, escaped and bounded whatever is inside."""

from __future__ import annotations

import pickle
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_vpc_nb.report.cells import cell, columns_wide
from gt_vpc_nb.report.tables import Table, table

ROWS = [
    {"bucket": "signs-in", "objects": 3, "done": 40.0, "ok": True, "at": datetime(2026, 1, 5, 9, 30, tzinfo=UTC)},
    {"bucket": "signs-out", "done": 100.0, "ok": False, "age": timedelta(hours=2, minutes=5)},
]
COLUMNS = ["bucket", "objects", "done", "ok", "at", "age", "error"]


def audit(**more: Any) -> Table:
    return table(ROWS, COLUMNS, title="Audit", summary="1 of 2 closed", bars=["done"], **more)


def test_the_verdict_is_the_first_line_and_missing_is_a_dash() -> None:
    assert audit(note="asked on Monday").to_text(120).splitlines() == [
        "Audit — 1 of 2 closed",
        "bucket     objects  done                ok   at                age        error",
        "signs-in         3  ████░░░░░░░░ 40 %   yes  2026-01-05 09:30  -          -",
        "signs-out        -  ████████████ 100 %  no   -                 2 h 5 min  -",
        "asked on Monday",
    ]


def test_columns_have_nullable_types_that_no_version_of_pandas_changes() -> None:
    types = {name: str(dtype) for name, dtype in audit().dtypes.items()}
    assert types == {
        "bucket": "string",
        "objects": "Int64",
        "done": "float64",
        "ok": "boolean",
        "at": "datetime64[us, UTC]",
        "age": "timedelta64[us]",
        "error": "object",
    }


def test_a_table_without_rows_keeps_the_types_it_was_promised() -> None:
    empty = table([], ["at", "n"], title="Jobs", summary="none", dtypes={"at": "datetime64[us, UTC]", "n": "Int64"})
    assert [str(dtype) for dtype in empty.dtypes] == ["datetime64[us, UTC]", "Int64"]
    assert "(no rows)" in repr(empty)
    assert "<caption" in empty._repr_html_()


@pytest.mark.parametrize(
    "select",
    [lambda t: t.head(1), lambda t: t[["bucket"]], lambda t: t[t.done > 50], lambda t: t.copy(), lambda t: t.T],
    ids=["head", "columns", "mask", "copy", "transposed"],
)
def test_a_selection_is_a_plain_dataframe(select: Any) -> None:
    assert type(select(audit())) is pd.DataFrame


def test_a_table_survives_pickling_with_its_title() -> None:
    again = pickle.loads(pickle.dumps(audit()))
    assert (type(again), again.title, again.summary) == (Table, "Audit", "1 of 2 closed")
    assert repr(again) == repr(audit())


def test_only_the_columns_to_show_are_shown_and_all_are_there() -> None:
    short = audit(shown=["bucket", "ok"])
    assert "error" not in repr(short)
    assert list(short.columns) == COLUMNS


def test_a_dataframe_becomes_a_table_with_its_types() -> None:
    made = table(pd.DataFrame({"a": [1], "b": [2.5], "c": ["x"]}), ["b", "a"], title="T", summary="s")
    assert repr(made).splitlines() == ["T — s", "  b  a", "2.5  1"]


def test_html_has_a_caption_scoped_headers_and_theme_colours_and_escapes_everything() -> None:
    evil = "<script>alert(1)</script>&\"'"
    shown = table([{evil: evil}], [evil], title=evil, summary=evil, note=evil)._repr_html_()
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") >= 5
    assert "<caption" in shown and '<th scope="col"' in shown and "var(--jp-" in shown


def test_a_bar_in_html_has_its_number_as_text() -> None:
    assert re.search(r"width:40%[^>]*></span></span>40 %", audit()._repr_html_())


@pytest.mark.parametrize(
    ("rows", "columns", "text"),
    [(100_000, 3, "short"), (3_000, 12, "<&>" * 300), (2, 300, "x" * 5_000), (5_000, 2, "漢" * 200)],
)
def test_html_stays_small_and_says_how_many_rows_are_left_out(rows: int, columns: int, text: str) -> None:
    names = [f"column {at}" for at in range(columns)]
    shown = table([dict.fromkeys(names, text)] * rows, names, title="T", summary="s")._repr_html_()
    assert len(shown.encode()) < 200_000
    rows_shown = shown.count("<tr>") - 1
    assert rows_shown == rows or f"+{rows - rows_shown:,} rows" in shown


def test_long_text_tables_end_with_the_number_of_rows_left_out() -> None:
    assert repr(table([{"n": n} for n in range(1060)], ["n"], title="T", summary="s")).endswith("+1,000 rows")


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.one_of(st.none(), st.text(max_size=60), st.integers(), st.floats(), st.booleans()), min_size=4,
                      max_size=4), max_size=6),
    st.integers(min_value=40, max_value=160),
)  # fmt: skip
def test_no_line_is_wider_than_the_terminal_whatever_is_in_the_cells(rows: list[list[Any]], width: int) -> None:
    names = ["a", "b", "c", "d"]
    made = table([dict(zip(names, row, strict=True)) for row in rows], names, title="T", summary="s")
    assert max(columns_wide(line) for line in made.to_text(width).splitlines()) <= width
    HTMLParser().feed(made._repr_html_())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (pd.NA, "-"),
        (pd.NaT, "-"),
        (float("nan"), "-"),
        (float("inf"), "inf"),
        ("", "-"),
        (True, "yes"),
        (0.1 + 0.2, "0.3"),
        (1e-9, "1e-09"),
        (12345.5, "12345.5"),
        (["a", None], "a, -"),
        ({"k": 1}, "k: 1"),
        ("two\nlines", "two lines"),
        ("red \x1b[31m", "red \ufffd[31m"),
        ("turned \u202e", "turned \ufffd"),
        (timedelta(days=2, hours=7), "2 d 7 h"),
    ],
)
def test_a_value_is_one_line_of_plain_words(value: object, text: str) -> None:
    assert cell(value) == text
