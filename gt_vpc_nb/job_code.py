"""A labeling job as code of other tools: boto3, Terraform, Kubernetes (ACK) and Step Functions; written and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.facts import limits
from gt_vpc_nb.job_code_ack import ack_code, requests_in_ack
from gt_vpc_nb.job_code_boto3 import boto3_code, requests_in_python
from gt_vpc_nb.job_code_found import FoundRequest, element_of, members_of
from gt_vpc_nb.job_code_stepfunctions import requests_in_stepfunctions, stepfunctions_code
from gt_vpc_nb.job_code_terraform import requests_in_terraform, terraform_code
from gt_vpc_nb.job_difference import differences

_Writer = Callable[[Mapping[str, Any], Mapping[str, bytes], "str | None"], str]
_Reader = Callable[[str], list[FoundRequest]]


@dataclass(frozen=True)
class Kind:
    """A kind of code: who writes and who reads it, and whether it has a name of its own for each member."""

    write: _Writer
    read: _Reader
    own_names: bool


KINDS = {
    "boto3": Kind(boto3_code, requests_in_python, own_names=False),
    "terraform": Kind(terraform_code, requests_in_terraform, own_names=True),
    "ack": Kind(ack_code, requests_in_ack, own_names=True),
    "stepfunctions": Kind(stepfunctions_code, requests_in_stepfunctions, own_names=False),
}
#: Tools that people look for here, and why there is nothing.
_NONE_SUCH = {
    "cloudformation": "CloudFormation has no resource type for labeling jobs",
    "cdk": "The CDK writes CloudFormation, which has no resource type for labeling jobs",
    "sam": "SAM is CloudFormation, which has no resource type for labeling jobs",
}


def code(kind: str, request: Mapping[str, Any], files: Mapping[str, bytes], region: str | None) -> str:
    """Code of a kind that creates the job; read back, it is this request with these files.

    Raises:
        RequestError: there is no such kind, or it cannot say everything that the request says.
    """
    if kind not in KINDS:
        there_is = ", ".join(repr(each) for each in KINDS)
        none = _NONE_SUCH.get(str(kind).casefold())
        near = near_miss(str(kind), KINDS)
        said = f"{none}." if none else f"There is no code of kind {kind!r}{near or '.'}"
        raise RequestError(f"{said} There is: {there_is}.")
    of_kind = KINDS[kind]
    _refuse_half_characters(request)
    if of_kind.own_names:
        _refuse_unnamed(kind, request)
    text = of_kind.write(request, files, region)
    (found,) = of_kind.read(text)
    if lost := differences(request, found.request):
        raise RequestError(f"{kind} cannot say this request as it is; it would become another one:\n{lost!r}")
    if found.files != files:
        raise RequestError(f"{kind} cannot carry the job's files as they are; submit it from here, or with boto3.")
    return text


def _refuse_half_characters(value: Any, path: str = "") -> None:
    for name, each in _inside(value, path):
        if isinstance(each, str):
            try:
                each.encode("utf-8")
            except UnicodeEncodeError:
                raise RequestError(f"{name} holds half a character (a lone surrogate), which no text can.") from None
        _refuse_half_characters(each, name)


def _inside(value: Any, path: str) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(f"{path}.{name}" if path else str(name), each) for name, each in value.items()]
    return [(f"{path}[{index}]", each) for index, each in enumerate(value)] if isinstance(value, list) else []


def _refuse_unnamed(kind: str, request: Mapping[str, Any]) -> None:
    """Refuses, all at once, what the kind has no words for: members it does not know, and values of a wrong kind."""
    wrong = list(_unnamed(request, ""))
    if wrong:
        raise RequestError(f"{kind} has no words for " + "; ".join(wrong) + ".")


_PLAIN = {"string": str, "integer": int, "boolean": bool, "list": list, "structure": dict}


def _unnamed(structure: Mapping[str, Any], member: str) -> list[str]:
    known = members_of(member)
    found = [f"{name!r}{near_miss(name, known).rstrip('?')}" for name in structure if name not in known]
    for name, value in structure.items():
        if name in known:
            found += _misfit(value, known[name].member)
    return found


def _misfit(value: Any, member: str) -> list[str]:
    limit = limits()[member]
    if type(value) is not _PLAIN[limit.kind]:
        return [f"{member} of kind {type(value).__name__}"]
    if limit.kind == "structure":
        required = [
            each.member for name, each in members_of(member).items() if member.endswith("[]") and name not in value
        ]
        return [*_unnamed(value, member), *(f"{each} that is missing" for each in required)]
    element = element_of(limit)
    return [wrong for each in value for wrong in _misfit(each, element.member)] if element else []
