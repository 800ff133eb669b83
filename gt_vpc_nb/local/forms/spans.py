"""Spans of text: named entities, counted in Unicode characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.local.consolidation import Answer, Trust, Verdict
from gt_vpc_nb.local.dataset import DataObject, View
from gt_vpc_nb.local.forms.form import Form, Labels, Placing, Written, is_rows, rounded

Span = tuple[int, int, str]


def entities(answers: Sequence[Answer], labels: Labels, trust: Trust) -> Verdict:
    """The spans that at least half of the workers marked with the same label, in the order of the text.

    The confidence is the trusted share of workers who marked it; with one worker 0, as AWS documents.
    """
    marked = [{_span(row) for row in answer.value} for answer in answers]
    total = sum(trust.of(answer.worker) for answer in answers)
    every = sorted(set().union(*marked))
    kept = [span for span in every if 2 * sum(span in own for own in marked) >= len(answers)]
    shares = tuple(
        0.0
        if len(answers) == 1
        else sum(trust.of(answer.worker) for answer, own in zip(answers, marked, strict=True) if span in own) / total
        for span in kept
    )
    for answer, own in zip(answers, marked, strict=True):
        trust.record(answer.worker, 1.0 if not every else len(own & set(kept)) / max(len(own | set(kept)), 1))
    return Verdict(tuple(kept), shares)


def _span(row: Mapping[str, Any]) -> Span:
    return (row["start"], row["end"], row["label"])


def _write(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    short = data.facts["short"]
    shown = [{"label": label} | ({"shortDisplayName": short[label]} if label in short else {}) for label in labels]
    rows = [{"label": label, "startOffset": start, "endOffset": end} for start, end, label in verdict.value]
    shares = verdict.confidence if isinstance(verdict.confidence, tuple) else ()
    metadata = {"entities": [{"confidence": rounded(share)} for share in shares]}
    return Written({"annotations": {"labels": shown, "entities": rows}}, metadata)


def _learn(data: DataObject, view: View, labels: Labels) -> dict[str, Any]:
    data.look(view)
    entries = data.category.get("labels", ())
    return {"short": {each["label"]: each["shortDisplayName"] for each in entries if "shortDisplayName" in each}}


def _raw(value: Any, data: DataObject) -> dict[str, Any]:
    rows = [{"label": row["label"], "startOffset": row["start"], "endOffset": row["end"]} for row in value]
    return {"crowd-entity-annotation": {"entities": rows}}


def _are_spans(value: Any, labels: Labels) -> bool:
    return is_rows(value, labels, ("start", "end")) and all(0 <= row["start"] < row["end"] for row in value)


SPANS = Form(entities, _write, _raw, _are_spans, learn=_learn)
