"""The problems of a labeling job written in YAML for `LabelingJob.from_yaml`, at the lines of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.job_text import VERBS
from gt_vpc_nb.linting_nodes import Node, Struct
from gt_vpc_nb.linting_requests import Said
from gt_vpc_nb.linting_yaml import MARK

_HUMAN = "HumanTaskConfig"
#: Which key of the YAML a member of the request comes from: the first row whose path begins the member's, in the order
#: of likelihood where there are several; the first of the keys that the text has is it.
_KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("LabelingJobName", ("name",)),
    ("LabelAttributeName", ("label_attribute", "adjusting", "verifying", "name")),
    ("InputConfig.DataAttributes", ("declares", "public_crowd")),
    ("InputConfig", ("input", "stream_from")),
    ("OutputConfig", ("output", "stream_from")),
    ("RoleArn", ("role",)),
    ("LabelCategoryConfigS3Uri", ("label_categories", "task")),
    ("StoppingConditions", ("stop_after",)),
    ("LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig", ("vpc", "automated_labeling")),
    ("LabelingJobAlgorithmsConfig", ("automated_labeling", "vpc")),
    (f"{_HUMAN}.Task", ("task",)),
    (f"{_HUMAN}.TaskTimeLimit", ("workers", "task")),
    (f"{_HUMAN}.TaskAvailability", ("workers", "task")),
    (f"{_HUMAN}.UiConfig", ("template", "task")),
    (f"{_HUMAN}.PreHuman", ("custom_workflow", "task")),
    (f"{_HUMAN}.Annotation", ("custom_workflow", "task")),
    (f"{_HUMAN}.PublicWorkforceTaskPrice", ("public_crowd",)),
    (_HUMAN, ("workers", "public_crowd", "task")),
    ("Tags", ("tags",)),
    ("Region", ("region",)),
)
_TELLING = {"task", "workers", "input", "output", "vpc", "role", "label_categories", "automated_labeling"}


def is_job(node: Node) -> bool:
    """Whether a mapping is a labeling job in the builder's words, rather than any other YAML."""
    if not isinstance(node, Struct) or "task" not in node.names:
        return False
    return len(node.names & _TELLING) >= 3 and len(node.names & set(VERBS)) * 5 >= len(node.names) * 4


def job_rows(text: str, first: int, *, verbatim: bool = True) -> Iterator[Said]:
    """The problems of the job in a text that begins in a line; nothing is said of keys with `{{variables}}`."""
    from gt_vpc_nb.builder import LabelingJob

    lines = _lines(text)
    known = re.sub(r"\{\{[^{}\n]*\}\}", MARK, text)
    try:
        problems = LabelingJob.from_yaml(known).problems()
    except (GtVpcError, RecursionError, TypeError, ValueError, AttributeError) as error:
        if MARK in known:
            return
        message = str(error).splitlines()[0] if isinstance(error, GtVpcError) else f"this is no labeling job: {error}"
        key = next((key for key in lines if re.search(rf"(^|'){re.escape(key)}\b", message)), None)
        yield Said(first + (lines.get(key or "", 0) if verbatim else 0), "REQ-06", "error", "", message, "")
        return
    for each in problems:
        keys = next((keys for path, keys in _KEYS if each.field.startswith(path)), ())
        key = next((key for key in keys if key in lines), "")
        if MARK not in each.message and not (MARK in known and _has_mark(known, lines, key)):
            line = first + (lines.get(key, _first_line(text)) if verbatim else 0)
            yield Said(line, each.code, each.severity, each.field, each.message, each.remedy)


def _lines(text: str) -> dict[str, int]:
    """The line, from 0, of each key that begins a line."""
    keys = re.finditer(r"^([A-Za-z_]\w*)\s*:", text, re.MULTILINE)
    return {found[1]: text.count("\n", 0, found.start()) for found in reversed([*keys])}


def _first_line(text: str) -> int:
    return next((number for number, line in enumerate(text.split("\n")) if re.match(r"\s*[^#\s]", line)), 0)


def _has_mark(text: str, lines: dict[str, int], key: str) -> bool:
    """Whether the part of a key, or without one the whole text, has something unknown in it."""
    if key not in lines:
        return True
    end = min((line for line in lines.values() if line > lines[key]), default=len(text))
    return MARK in "\n".join(text.split("\n")[lines[key] : end])
