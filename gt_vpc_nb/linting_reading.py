"""One block of a file read: what is to be checked in it, and where it is not what its language reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gt_vpc_nb.linting_blocks import Block
from gt_vpc_nb.linting_finding import Found, find, rehung
from gt_vpc_nb.linting_jobs import is_job
from gt_vpc_nb.linting_loose import read_loosely
from gt_vpc_nb.linting_loose_cursor import Call, Loose, Slip
from gt_vpc_nb.linting_nodes import Node, Scalar, Struct
from gt_vpc_nb.linting_python import parsed, read_python
from gt_vpc_nb.linting_terraform import terraform_found
from gt_vpc_nb.linting_yaml import without_intrinsics, without_nulls, yaml_nodes

#: A line that cannot begin a statement of its own: it belongs to the one before.
_GOES_ON = re.compile(r"[\s)\]}#]|(else|elif|except|finally|case)\b|$")
_DECORATOR = re.compile(r"@\w")
#: A script of more statements, one of them broken, is read loosely as a whole.
_STATEMENTS = 2_000
#: What two quotes in a row open, over lines.
_LONG_TEXT = re.compile(r'"""|\'\'\'')


@dataclass
class Reading:
    """What a block holds; `names` go on into the notebook's next cell, `regionless` is a client without a Region."""

    found: list[Found] = field(default_factory=list)
    slips: list[tuple[str, Slip]] = field(default_factory=list)
    names: dict[str, Node] = field(default_factory=dict)
    regionless: int | None = None
    relevant: bool = False


def read_python_block(block: Block, names: Mapping[str, Node]) -> Reading:
    """The requests and policies in Python; where Python refuses a statement, that one is read loosely."""
    tree = parsed(block.text)
    if not isinstance(tree, SyntaxError):
        return _of_python([read_python(tree, block.line, names)], [])
    loose: list[Loose] = []
    slips: list[tuple[str, Slip]] = []
    known = dict(names)
    statements = _statements(block)
    for text, first in statements if len(statements) <= _STATEMENTS else [(block.text, block.line)]:
        inner = parsed(text)
        if not isinstance(inner, SyntaxError):
            loose.append(read_python(inner, first, known))
        else:
            loose.append(read_loosely(text, "python", first, known))
            told = loose[-1].slips or [_refused(inner, first)]
            slips += [("PY-SYNTAX", slip) for slip in told]
        known.update(loose[-1].names)
    return _of_python(loose, slips)


def _refused(error: SyntaxError, first: int) -> Slip:
    return Slip(first + (error.lineno or 1) - 1, f"Python does not read this: {error.msg}.", "Mend it.")


def _of_python(parts: list[Loose], slips: list[tuple[str, Slip]]) -> Reading:
    calls = [call for part in parts for call in part.calls]
    values = [value for part in parts for value, _, _ in part.values]
    names = {name: node for part in parts for name, node in part.names.items()}
    return Reading(_rehung(find(calls, values), slips), slips, names, _regionless(calls))


def _rehung(found: list[Found], slips: list[tuple[str, Slip]]) -> list[Found]:
    """What was found; requests with what a missing bracket has put into the wrong structure put right."""
    if not any("never closed" in slip.message for _, slip in slips):
        return found
    return [replace(each, node=rehung(each.node)) if each.kind == "request" else each for each in found]


def _regionless(calls: list[Call]) -> int | None:
    """The line of the first SageMaker client that is made without a Region."""
    for call in calls:
        service = call.keywords.get("service_name") or next(iter(call.arguments), None)
        is_sagemaker = isinstance(service, Scalar) and service.value == "sagemaker"
        last = call.name.rpartition(".")[2]
        named = call.keywords.open or call.keywords.get("region_name") or len(call.arguments) > 1
        if is_sagemaker and call.name.startswith("boto3.") and last == "client" and not named:
            return call.line
    return None


def _statements(block: Block) -> list[tuple[str, int]]:
    """The statements that stand at the beginning of a line, each with all that belongs to it."""
    lines = block.text.split("\n")
    begins = []
    inside = ""
    held = False
    for number, line in enumerate(lines):
        if not inside and not _GOES_ON.match(line) and not held:
            begins.append(number)
        held = not inside and bool(_DECORATOR.match(line))
        for quotes in _LONG_TEXT.findall(line):
            inside = "" if inside == quotes else inside or quotes
    bounds = [*(begins or [0]), len(lines)]
    bounds[0] = 0
    parts = zip(bounds, bounds[1:], strict=False)
    return [("\n".join(lines[start:end]), block.line + start) for start, end in parts]


def read_json_block(block: Block, _: Mapping[str, Node]) -> Reading:
    """The requests and policies in JSON, right or not; a policy that stands alone is left to `Policy.lint`."""
    loose = read_loosely(block.text, "json", block.line)
    found: list[Found] = []
    slips = loose.slips
    for value, start, end in loose.values:
        for each in find([], [without_intrinsics(value)]):
            if each.kind != "bucket policy" or not _is_policy_itself(value):
                found.append(each)
                continue
            first = block.line + block.text.count("\n", 0, start)
            last = block.line + block.text.count("\n", 0, end)
            found.append(Found("policy text", Scalar(first, _alone(block.text, start, end, loose), True)))
            slips = [slip for slip in slips if not first <= slip.line <= last]
    told = [("JSON_SYNTAX_ERROR", slip) for slip in slips]
    return Reading(_rehung([*found, *find(loose.calls, [])], told), told)


def _is_policy_itself(value: Node) -> bool:
    return isinstance(value, Struct) and any(name.casefold() == "statement" for name in value.names)


def _alone(text: str, start: int, end: int, loose: Loose) -> str:
    """A value's own text, with what follows up to the end of the block where no other value does."""
    return text[start:] if loose.values and end == loose.values[-1][2] else text[start:end]


def read_policy_block(block: Block, _: Mapping[str, Node]) -> Reading:
    """The body of ``%%gt_vpc policy``."""
    return Reading([Found("policy text", Scalar(block.line, block.text, True))])


def read_yaml_block(block: Block, _: Mapping[str, Node]) -> Reading:
    """The requests, jobs and policies in the documents of a YAML text."""
    documents, told = yaml_nodes(block.text, block.line)
    slips = [("YAML-SYNTAX", slip) for slip in told]
    if len(documents) == 1 and is_job(documents[0]):
        return Reading([Found("labeling job", Scalar(block.line, block.text, True))], slips)
    values = [without_nulls(each) if _is_of_kubernetes(each) else without_intrinsics(each) for each in documents]
    return Reading(find([], values), slips, relevant=bool(slips))


def _is_of_kubernetes(node: Node) -> bool:
    return isinstance(node, Struct) and {"apiVersion", "kind"} <= node.names


def read_job_block(block: Block, _: Mapping[str, Node]) -> Reading:
    """The body of ``%%gt_vpc job`` and ``%%gt_vpc submit``: the builder's words, or a request in the API's."""
    documents, told = yaml_nodes(block.text, block.line)
    slips = [("YAML-SYNTAX", slip) for slip in told]
    requests = [each for each in find([], documents) if each.kind == "request"]
    return Reading(requests or [Found("labeling job", Scalar(block.line, block.text, True))] * (not slips), slips)


def read_terraform_block(block: Block, _: Mapping[str, Node]) -> Reading:
    """The labeling jobs and bucket policies in Terraform's language."""
    found, told = terraform_found(block.text, block.line)
    return Reading(found, [("TF-SYNTAX", slip) for slip in told], relevant=bool(told))


READERS: dict[str, Callable[[Block, Mapping[str, Node]], Reading]] = {
    "python": read_python_block,
    "json": read_json_block,
    "policy": read_policy_block,
    "job": read_job_block,
    "yaml": read_yaml_block,
    "terraform": read_terraform_block,
}
