"""Differences between two jobs: members and elements with both values, as text and as a table, hostile text escaped."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.job_difference import differences

HUMAN = "HumanTaskConfig"
CASES = [
    # before, after, rows
    ({"A": 1}, {"A": 1}, []),
    ({"A": 1}, {"A": 2}, [("A", 1, 2)]),
    ({HUMAN: {"TaskTitle": "a", "X": 1}}, {HUMAN: {"TaskTitle": "b", "X": 1}}, [(f"{HUMAN}.TaskTitle", "a", "b")]),
    ({"A": {"B": {"C": 1}}}, {}, [("A.B.C", 1, None)]),
    ({}, {"A": {"B": {"C": 1}}}, [("A.B.C", None, 1)]),
    ({"A": {}}, {}, [("A", {}, None)]),
    ({"A": {"B": 1}}, {"A": 2}, [("A", {"B": 1}, 2)]),
    ({"A": True}, {"A": 1}, [("A", True, 1)]),
    ({"A": 1}, {"A": 1.0}, [("A", 1, 1.0)]),
    ({"A": None}, {}, [("A", None, None)]),
    ({"A.B": 1}, {"A": {"B": 1}}, [("A.B", 1, None), ("A.B", None, 1)]),
    ({"K": ["a", "b"]}, {"K": ["b", "c", "c"]}, [("K[]", "a", None), ("K[]", None, "c"), ("K[]", None, "c")]),
    ({"K": ["a", "b"]}, {"K": ["b", "a"]}, [("K", ["a", "b"], ["b", "a"])]),
    ({"K": []}, {}, [("K", [], None)]),
    (
        {"Tags": [{"Key": "team", "Value": "maps"}, {"Key": "gone", "Value": ""}, {"Key": "same", "Value": "x"}]},
        {"Tags": [{"Key": "same", "Value": "x"}, {"Key": "team", "Value": "roads"}, {"Key": "new", "Value": "y"}]},
        [("Tags[team]", "maps", "roads"), ("Tags[gone]", "", None), ("Tags[new]", None, "y")],
    ),
    (
        {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]},
        {"Tags": [{"Key": "a", "Value": "1"}]},
        [("Tags[]", {"Key": "a", "Value": "2"}, None)],
    ),
]


@pytest.mark.parametrize(("before", "after", "rows"), CASES)
def test_members_and_elements_that_differ_are_told_with_both_values(before, after, rows):
    found = differences(before, after)
    assert list(found.rows) == rows and len(found) == len(rows) and bool(found) == bool(rows)
    back = {(member, new, old) for member, old, new in map(shown, differences(after, before).rows)}
    assert back == set(map(shown, rows))


def shown(row):
    return row[0], repr(row[1]), repr(row[2])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ABK"), inner, max_size=3),
    max_leaves=8,
)
STRUCTURES = st.dictionaries(st.sampled_from("ABKT"), VALUES, max_size=3)


@given(STRUCTURES, STRUCTURES)
def test_there_is_a_difference_exactly_where_the_json_is_another(before, after):
    same = json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)
    assert bool(differences(before, after)) == (not same)
    assert not differences(before, before)


def test_differences_show_themselves_as_lines_and_as_a_table_of_escaped_text():
    found = differences({"A": "<script>x</script>"}, {"A": "\u202eb", "<b>": 1})
    assert repr(found) == "A: '<script>x</script>' -> '\\u202eb'\n<b>: None -> 1"
    html = found._repr_html_()
    assert "<script>" not in html and "\u202e" not in html and "&lt;script&gt;" in html
    assert html.count("<tr>") == 3 and '<th scope="row"' in html and "<del>" in html and "<ins>" in html
    assert repr(differences({}, {})) == "no difference" and "no difference" in differences({}, {})._repr_html_()
