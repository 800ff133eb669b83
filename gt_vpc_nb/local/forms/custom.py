"""Workflows of one's own: what people answered, passed through without a judgement of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.local.consolidation import Answer, Trust, Verdict
from gt_vpc_nb.local.dataset import DataObject
from gt_vpc_nb.local.forms.form import Form, Labels, Placing, Written


def passed_through(answers: Sequence[Answer], labels: Labels, trust: Trust) -> Verdict:
    """Nothing is consolidated without a function that does it."""
    return Verdict(None, 0.0)


def _write(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    # Without a post-annotation function the label is empty, and the metadata says where the answers are.
    return Written({}, {"worker-response-ref": place(data.response_path)})


def _raw(value: Any, data: DataObject) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {"answer": value}


def _is_json(value: Any, labels: Labels) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return value is not None


PASSED_THROUGH = Form(passed_through, _write, _raw, _is_json, underscored=True)
