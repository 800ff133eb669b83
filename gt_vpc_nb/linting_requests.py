"""The problems of a request at the lines of its text, with what only a text can have: placeholders left in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gt_vpc_nb.errors import Problem, Severity
from gt_vpc_nb.facts import task_types
from gt_vpc_nb.linting_nodes import Node, Scalar, Struct, Unknown, dotted, plain, walk
from gt_vpc_nb.linting_worlds import certain_problems
from gt_vpc_nb.request_look import CONSOLIDATION, PRE_FUNCTION, WORK_TEAM, Look, region_of
from gt_vpc_nb.request_reading import member

_HUMAN = "HumanTaskConfig"
_AUTO = "LabelingJobAlgorithmsConfig"
_ALGORITHM = f"{_AUTO}.LabelingJobAlgorithmSpecificationArn"
#: What documentation writes where a value belongs, and nobody's value.
_ANGLED = re.compile(r"<[A-Za-z][^<>]{0,60}>")
_PRINTED = re.compile(
    r"string|STRING|value|VALUE|(Add|Enter|Your)\b.*\bhere\b.*|your[-_ ].*|my-?bucket-?name", re.IGNORECASE
)
_IN_ARN = {"region", "tasktype", "task-type", "account", "account-id", "accountid", "*", "role-name", "team-name"}
#: A VPC resource's id ends in 8 hexadecimal digits, or in 17 since 2016 (Amazon EC2 User Guide, resource ids).
_VPC_ID = re.compile(r"(sg|subnet|vpc|vpce)-([0-9a-f]{8}|[0-9a-f]{17})")
_MADE_UP = re.compile(r"0?1234567?|e7891011|0a1b2c3d|98765432")
_TURK_AVAILABILITY, _PRIVATE_AVAILABILITY = 21_600, 2_592_000


@dataclass(frozen=True)
class Said:
    """One thing said of a value in a text."""

    line: int
    id: str
    severity: Severity
    field: str
    message: str
    remedy: str


def request_rows(request: Struct, *, whole: bool, regionless: int | None = None) -> Iterator[Said]:
    """All that can be said of a request; of one that is not whole, nothing is said about what it lacks.

    `regionless` is the line of a client that was made without a Region, if there is one.
    """
    looked_at = request if whole else Struct(request.line, request.members, True, request.extent)
    lines = {dotted(path): line for path, line, _ in walk(looked_at)}
    texts = {dotted(path): node for path, _, node in walk(looked_at) if isinstance(node, (Scalar, Unknown))}
    problems = [*certain_problems(looked_at), *(each for hint in _HINTS for each in hint(looked_at, texts))]
    for problem in dict.fromkeys(problems):
        line = line_of(problem.field, lines, request.line)
        yield Said(line, problem.code, problem.severity, problem.field, problem.message, problem.remedy)
    arn = next((text for text in _arns(texts) if region_of(text) not in (None, "region")), None)
    if regionless is not None and arn is not None:
        message = f"This client takes whatever Region it finds, and the request is for {region_of(arn)}."
        yield Said(regionless, "SVC-03", "info", "Region", message, f"Add region_name='{region_of(arn)}'.")


def line_of(field: str, lines: dict[str, int], first: int) -> int:
    """The line of a member, or of what it would stand in."""
    while field:
        if field in lines:
            return lines[field]
        field = re.sub(r"(\[[^\[\]]*\]|(^|\.)[^.\[\]]*)$", "", field) if re.search(r"[.\[]", field) else ""
    return lines.get("", first)


def _arns(texts: dict[str, Node]) -> Iterator[str]:
    for node in texts.values():
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value.startswith("arn:"):
            yield node.value


def _placeholders(_: Struct, texts: dict[str, Node]) -> Iterator[Problem]:
    for field, node in texts.items():
        text = node.value if isinstance(node, Scalar) else None
        if not isinstance(text, str):
            continue
        parts = re.split(r"[:/]", text) if text.startswith("arn:") else []
        left = [part for part in parts if part in _IN_ARN or part.removeprefix("PRE-").removeprefix("ACS-") in _IN_ARN]
        if left:
            told = " and ".join(f"'{each}'" for each in dict.fromkeys(left))
            message = f"{told} in this ARN {'is a placeholder' if len(set(left)) == 1 else 'are placeholders'}."
            yield Problem("PLACEHOLDER_LEFT", "warning", field, message, "Write the value itself.")
        elif _ANGLED.search(text) or _PRINTED.fullmatch(text):
            message = f"{_short(text)} is a placeholder that nobody filled in, and AWS takes it as it stands."
            yield Problem("PLACEHOLDER_LEFT", "warning", field, message, "Write the value, or leave the member out.")


def _algorithm(request: Struct, texts: dict[str, Node]) -> Iterator[Problem]:
    """The rules compare the algorithm with the task type, and say nothing where no task type is recognised."""
    look = Look(plain(request), None, False)
    name = look.text(_ALGORITHM).rpartition("labeling-job-algorithm-specification/")[2]
    known = [each.algorithm for each in task_types() if each.algorithm]
    if name and look.kind is None and name not in known:
        message = f"{name!r} is no algorithm of automated labeling; there are {', '.join(map(str, known))}."
        yield Problem("AUTO-02", "error", _ALGORITHM, message, "Name the algorithm of the job's task type.")


def _sample_ids(_: Struct, texts: dict[str, Node]) -> Iterator[Problem]:
    for field, node in texts.items():
        text = node.value if isinstance(node, Scalar) else None
        if not isinstance(text, str) or not re.match(r"(sg|subnet|vpc|vpce)-[0-9a-zA-Z]+$", text):
            continue
        if not _VPC_ID.fullmatch(text):
            message = f"{text!r} fits the API's pattern, but EC2's ids end in 8 or 17 hexadecimal digits."
            yield Problem("NET-05", "warning", field, message, "Write the id of a resource of yours.")
        elif _MADE_UP.search(text) and len(text.partition("-")[2]) == 8:
            message = f"{text!r} looks like the made-up id of an example."
            yield Problem("NET-05", "info", field, message, "Write the id of a resource of yours.")


def _multi_label(request: Struct, texts: dict[str, Node]) -> Iterator[Problem]:
    if not isinstance(request.get(_AUTO), Struct):
        return
    for field, node in texts.items():
        told = field.startswith((f"{_HUMAN}.TaskKeywords", f"{_HUMAN}.TaskTitle", f"{_HUMAN}.TaskDescription"))
        if told and isinstance(node, Scalar) and re.search(r"multi[- ]?label", str(node.value), re.IGNORECASE):
            message = f"{_short(str(node.value))} speaks of several labels an object, which automated labeling has not."
            remedy = "Describe the task as single label, or leave the automated labeling out."
            yield Problem("AUTO-01", "warning", field, message, remedy)


def _attribute(request: Struct, texts: dict[str, Node]) -> Iterator[Problem]:
    look = Look(plain(request), None, False)
    name = look.text("LabelAttributeName")
    functions = [texts.get(PRE_FUNCTION), texts.get(CONSOLIDATION)]
    if request.open or any(isinstance(each, Unknown) for each in functions):
        return
    if name and look.kind is None and isinstance(request.get(_AUTO), Struct) and not name.endswith("-ref"):
        message = f"The task type is open, and for SemanticSegmentation {name!r} would be refused."
        yield Problem("REQ-02", "info", "LabelAttributeName", message, "There the name ends with -ref.")


def _availability(request: Struct, texts: dict[str, Node]) -> Iterator[Problem]:
    look = Look(plain(request), None, False)
    field = f"{_HUMAN}.TaskAvailabilityLifetimeInSeconds"
    private = ":workteam/private-crowd/" in look.text(WORK_TEAM)
    if private and member(look.request, field) == _TURK_AVAILABILITY:
        message = f"{_TURK_AVAILABILITY} s is what Mechanical Turk has unless told; a private team has 30 days."
        yield Problem("REQ-05", "info", field, message, f"Up to {_PRIVATE_AVAILABILITY} s is allowed.")


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}…")


_HINTS: tuple[Callable[[Struct, dict[str, Node]], Iterator[Problem]], ...] = (
    _placeholders,
    _algorithm,
    _sample_ids,
    _multi_label,
    _attribute,
    _availability,
)
