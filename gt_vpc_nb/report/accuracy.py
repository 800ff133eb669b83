"""How right labels are, where the truth is known: humans and the machine apart."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from gt_vpc_nb.report.tables import Table, table

COLUMNS = ("labeled_by", "objects", "correct", "accuracy", "mean_confidence")


def accuracy_against(objects: pd.DataFrame, truth: Mapping[str, str]) -> Table:
    """Compares labels with the true class names; a row each for humans, the machine, and both.

    `objects` has the columns object, class_name, human (bool) and confidence (0 to 1), as `labels.read` gives them;
    `truth` maps an object (its URI or text) to its class name. Objects without a label or without a truth are left out
    and counted in the note. accuracy and mean_confidence are shares from 0 to 1.
    """
    known = objects[objects["class_name"].notna() & objects["object"].isin(list(truth))]
    correct = known["class_name"] == known["object"].map(dict(truth))
    human = known["human"].astype(bool)
    groups = {"humans": human, "machine": ~human, "both": human | ~human}
    rows = [_row(name, known[chosen], correct[chosen]) for name, chosen in groups.items()]
    left_out = len(objects) - len(known)
    summary = f"{correct.mean():.1%} of {len(known):,} are right" if len(known) else "no object has a label and a truth"
    return table(
        rows,
        COLUMNS,
        title="Labels against the truth",
        summary=summary,
        note=f"{left_out:,} objects without a label or without a known truth were left out." if left_out else "",
    )


def _row(name: str, known: pd.DataFrame, correct: pd.Series) -> dict[str, object]:
    count, right = len(known), int(correct.sum())
    return {
        "labeled_by": name,
        "objects": count,
        "correct": right,
        "accuracy": round(right / count, 4) if count else None,
        "mean_confidence": round(float(known["confidence"].mean()), 4) if count else None,
    }
