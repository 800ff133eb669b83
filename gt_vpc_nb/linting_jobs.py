"""The problems of a labeling job written in YAML for `LabelingJob.from_yaml`, at the lines of its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gt_vpc_nb.errors import GtVpcError, Severity
from gt_vpc_nb.job_verbs import VERBS
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
    (f"{_HUMAN}.TaskTimeLimit", ("workers", "task")),
    (f"{_HUMAN}.TaskAvailability", ("workers", "task")),
    (f"{_HUMAN}.Task", ("task",)),
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
    lines = _lines(text)
    known = re.sub(r"\{\{[^{}\n]*\}\}", MARK, text)
    body = _body(known)
    refused = {} if isinstance(body, str) else {key: told for key in body if (told := _refused({key: body[key]}))}
    unsure = {key for key in lines if _has_mark(known, lines, key)}
    for field, code, severity, message, remedy in _told(body, refused):
        keys = (field,) if field in refused else next((keys for path, keys in _KEYS if field.startswith(path)), ())
        key = next((key for key in keys if key in lines), "")
        if (
            MARK not in message
            and key not in unsure
            and (key or not unsure)
            and (field in refused or key not in refused)
        ):
            line = first + (lines.get(key, _first_line(text)) if verbatim else 0)
            yield Said(line, code, severity, field, message, remedy)


_Told = tuple[str, str, Severity, str, str]


def _told(body: dict[str, Any] | str, refused: dict[str, str]) -> Iterator[_Told]:
    """What the builder refuses, key by key, and the problems of the job that the other keys make."""
    from gt_vpc_nb.builder import LabelingJob

    if isinstance(body, str):
        yield "", "YAML-SYNTAX", "error", body, "Write a mapping, beginning for instance with 'name: my-job'."
        return
    for key, message in refused.items():
        yield key, "REQ-06", "error", message, ""
    try:
        problems = LabelingJob.from_yaml({key: each for key, each in body.items() if key not in refused}).problems()
    except _NO_JOB as error:
        yield "", "REQ-06", "error", f"These keys do not go together: {error}", ""
        return
    for each in problems:
        yield each.field, each.code, each.severity, each.message, each.remedy


_NO_JOB = (GtVpcError, RecursionError, TypeError, ValueError, AttributeError, ArithmeticError)


def _body(text: str) -> dict[str, Any] | str:
    """The mapping in a text, or why there is none."""
    import yaml

    try:
        body = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return f"The job is not YAML: {' '.join(str(error).split())}."
    return {str(key): each for key, each in body.items()} if isinstance(body, dict) else "A job in YAML is a mapping."


def _refused(part: dict[str, Any]) -> str:
    """Why the builder does not take one key with its value, or nothing."""
    from gt_vpc_nb.builder import LabelingJob

    try:
        LabelingJob.from_yaml(part)
    except _NO_JOB as error:
        return str(error) if isinstance(error, GtVpcError) else f"This value does not belong here: {error}."
    return ""


def _lines(text: str) -> dict[str, int]:
    """The line, from 0, of each key that begins a line."""
    keys = re.finditer(r"^([A-Za-z_]\w*)\s*:", text, re.MULTILINE)
    return {found[1]: text.count("\n", 0, found.start()) for found in reversed([*keys])}


def _first_line(text: str) -> int:
    return next((number for number, line in enumerate(text.split("\n")) if re.match(r"\s*[^#\s]", line)), 0)


def _has_mark(text: str, lines: dict[str, int], key: str) -> bool:
    """Whether the part of a key has something unknown in it."""
    end = min((line for line in lines.values() if line > lines[key]), default=len(text))
    return MARK in "\n".join(text.split("\n")[lines[key] : end])
