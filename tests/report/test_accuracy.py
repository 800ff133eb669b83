from __future__ import annotations

import pandas as pd
import pytest

from gt_vpc_nb.report.accuracy import accuracy_against

OBJECTS = pd.DataFrame(
    {
        "object": ["a", "b", "c", "d", "e"],
        "class_name": ["1", "2", "1", None, "7"],
        "human": pd.array([True, True, False, None, False], dtype="boolean"),
        "confidence": [0.9, 0.7, 1.0, None, 0.5],
    }
)


def test_humans_and_machine_are_counted_apart():
    table = accuracy_against(OBJECTS, {"a": "1", "b": "1", "c": "1", "d": "1"}).set_index("labeled_by")
    assert table["objects"].to_dict() == {"humans": 2, "machine": 1, "both": 3}
    assert table["correct"].to_dict() == {"humans": 1, "machine": 1, "both": 2}
    assert table.loc["humans", "accuracy"] == 0.5
    assert table.loc["humans", "mean_confidence"] == pytest.approx(0.8)


def test_what_has_no_label_or_no_truth_is_left_out_and_said():
    assert "2 objects" in accuracy_against(OBJECTS, {"a": "1", "b": "1", "c": "1", "d": "1"}).note


def test_nothing_to_compare_is_said_and_not_a_number():
    table = accuracy_against(OBJECTS.iloc[:0], {})
    assert table["accuracy"].isna().all()
    assert "no object" in table.summary
