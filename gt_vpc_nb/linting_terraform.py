"""The requests and bucket policies in Terraform's language, with their lines; references are unknown parts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.job_code_found import FoundRequest, Placed
from gt_vpc_nb.job_code_hcl import Block as Hcl
from gt_vpc_nb.job_code_hcl import read_expression, read_hcl
from gt_vpc_nb.job_code_terraform import requests_in_terraform
from gt_vpc_nb.linting_finding import Found
from gt_vpc_nb.linting_loose import read_loosely
from gt_vpc_nb.linting_loose_cursor import Slip
from gt_vpc_nb.linting_nodes import Items, Member, Node, Scalar, Struct, Unknown, items, struct
from gt_vpc_nb.linting_yaml import pieces

#: After so many lines that are not Terraform's language, the text is something else.
_MOST_SLIPS = 20
_DOCUMENT = re.compile(r"\$?\{?data\.aws_iam_policy_document\.(\w+)\.json\}?")
_ENCODED = re.compile(r"jsonencode\(\s*(.*)\)\s*", re.DOTALL)
#: Arguments of `aws_iam_policy_document` -> elements of a statement.
_ELEMENTS = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def terraform_found(text: str, first: int = 1) -> tuple[list[Found], list[Slip]]:
    """What is to be checked in a text, and each line that had to be left out because Terraform does not read it."""
    lines = text.split("\n")
    slips: list[Slip] = []
    while True:
        try:
            readable = "\n".join(lines)
            configuration, requests = read_hcl(readable), requests_in_terraform(readable)
            break
        except RequestError as problem:
            told = re.match(r"Line (\d+) (.*)", str(problem).split("\n")[0])
            line = int(told[1]) - 1 if told else -1
            slips.append(Slip(first + max(0, line), told[2] if told else str(problem), "Mend it."))
            if "ends within a block" in str(problem):
                lines.append("}")
            elif 0 <= line < len(lines) and lines[line].strip():
                lines[line] = ""
            else:
                return [], slips
            if len(slips) > _MOST_SLIPS:
                return [], slips
    found = [Found("request", _moved(_request(each, lost=bool(slips)), first - 1)) for each in requests]
    policies = _Policies(configuration, first - 1)
    return [*found, *policies.found()], slips


def _request(found: FoundRequest, lost: bool) -> Struct:
    made = _node(found.request, "", found)
    members = made.members if isinstance(made, Struct) else ()
    return Struct(found.line, members, lost, made.extent if isinstance(made, Struct) else (1, 1))


def _node(value: object, path: str, found: FoundRequest) -> Node:
    line = found.lines.get(path, found.line)
    if path in found.unknown:
        return Unknown(line)
    if isinstance(value, dict):
        inner = {name: f"{path}.{name}" if path else name for name in value}
        return struct(line, [Member(n, found.lines.get(p, line), _node(value[n], p, found)) for n, p in inner.items()])
    if isinstance(value, list):
        return items(line, [_node(each, f"{path}[{number}]", found) for number, each in enumerate(value)])
    return Scalar(line, value if value is None or isinstance(value, (str, int, float)) else str(value))


def _moved(node: Node, by: int) -> Node:
    """The same, so many lines further down."""
    if by == 0:
        return node
    if isinstance(node, Struct):
        members = [Member(each.name, each.line + by, _moved(each.value, by)) for each in node.members]
        return struct(node.line + by, members, node.open)
    if isinstance(node, Items):
        return items(node.line + by, [_moved(each, by) for each in node.items], node.open)
    return Scalar(node.line + by, node.value, node.verbatim) if isinstance(node, Scalar) else Unknown(node.line + by)


class _Policies:
    """The bucket policies of a configuration: written out, in JSON, or as data."""

    def __init__(self, configuration: Hcl, above: int) -> None:
        self._above = above
        self._buckets = [block for block in configuration.blocks if block.labels[:1] == ("aws_s3_bucket_policy",)]
        self._documents = {
            block.labels[1]: block
            for block in configuration.blocks
            if block.kind == "data" and block.labels[:1] == ("aws_iam_policy_document",) and len(block.labels) == 2
        }
        self._locals = {
            name: value for block in configuration.blocks if block.kind == "locals" for name, value in block.arguments
        }

    def found(self) -> Iterator[Found]:
        for block in self._buckets:
            policy = block.argument("policy")
            if policy is not None:
                yield from self._of(policy)

    def _of(self, policy: Placed) -> Iterator[Found]:
        written = policy.unknown or ""
        document, encoded = _DOCUMENT.fullmatch(written.strip('"')), _ENCODED.fullmatch(written)
        if document and document[1] in self._documents:
            yield Found("bucket policy", self._document(self._documents[document[1]]))
        elif encoded:
            inner = written[encoded.start(1) : encoded.end(1)]
            above = policy.line - 1 + written.count("\n", 0, encoded.start(1))
            node = self.node(read_expression(inner), above)
            if isinstance(node, Struct):
                yield Found("bucket policy", node)
        elif isinstance(policy.value, str) and "{" in policy.value:
            yield from self._in_text(policy)

    def _in_text(self, policy: Placed) -> Iterator[Found]:
        """JSON in quotes or in a heredoc, which begins in the line after its own."""
        heredoc = policy.unknown is None or policy.unknown.startswith("<<")
        first = policy.line + self._above + (1 if heredoc and "\n" in policy.value else 0)
        if policy.unknown is None:
            yield Found("policy text", Scalar(first, policy.value, heredoc))
            return
        for value, _, _ in read_loosely(policy.value, "json", first).values:
            yield Found("bucket policy", _with_holes(value))

    def node(self, placed: Placed, above: int) -> Node:
        line = placed.line + above + self._above
        if placed.unknown is not None:
            local = re.fullmatch(r"local\.(\w+)", placed.unknown)
            known = self._locals.get(local[1]) if local else None
            if known is not None and known.unknown is None and isinstance(known.value, (str, int)):
                return Scalar(line, known.value)
            is_text = placed.unknown.startswith('"') and isinstance(placed.value, str)
            return pieces(placed.value, line) if is_text else Unknown(line)
        if isinstance(placed.value, dict):
            members = [
                Member(str(name), each.line + above + self._above, self.node(each, above))
                for name, each in placed.value.items()
            ]
            return struct(line, members)
        if isinstance(placed.value, tuple):
            return items(line, [self.node(each, above) for each in placed.value])
        return Scalar(line, placed.value)

    def _document(self, block: Hcl) -> Struct:
        line = block.line + self._above
        statements = [self._statement(each) for each in block.blocks if each.kind == "statement"]
        more = {name for name, _ in block.arguments} - {"version", "policy_id"}
        dynamic = any(each.kind == "dynamic" for each in block.blocks)
        members = [
            Member("Version", line, Scalar(line, "2012-10-17")),
            Member("Statement", line, items(line, statements, bool(more) or dynamic)),
        ]
        return Struct(line, tuple(members))

    def _statement(self, block: Hcl) -> Node:
        line = block.line + self._above
        given = [(name, value) for name, value in block.arguments if name in _ELEMENTS]
        members = [
            Member(_ELEMENTS[name], value.line + self._above, self.node(value, 0))
            for name, value in given
            if value.value is not None
        ]
        if not any(name == "effect" for name, _ in given):
            members.append(Member("Effect", line, Scalar(line, "Allow")))
        for kind, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
            blocks = [each for each in block.blocks if each.kind == kind]
            if blocks:
                members.append(Member(element, blocks[0].line + self._above, self._principals(blocks)))
        conditions = [each for each in block.blocks if each.kind == "condition"]
        if conditions:
            members.append(Member("Condition", conditions[0].line + self._above, self._conditions(conditions)))
        dynamic = any(each.kind == "dynamic" for each in block.blocks)
        return struct(line, members, dynamic)

    def _principals(self, blocks: list[Hcl]) -> Node:
        line = blocks[0].line + self._above
        members = []
        for block in blocks:
            kind, given = block.argument("type"), block.argument("identifiers")
            identifiers = self.node(given, 0) if given else Unknown(line)
            anybody = kind is not None and kind.value == "*"
            if anybody:
                return Scalar(line, "*")
            name = str(kind.value) if kind and kind.unknown is None else "AWS"
            members.append(Member(name, block.line + self._above, identifiers))
        return struct(line, members)

    def _conditions(self, blocks: list[Hcl]) -> Node:
        """The tests, each with its variables; a test that comes again has the variables of all."""
        operators: dict[str, list[Member]] = {}
        places: dict[str, int] = {}
        unknown = False
        for block in blocks:
            test, key, values = (block.argument(name) for name in ("test", "variable", "values"))
            known = all(each is not None and each.unknown is None for each in (test, key))
            if not known or test is None or key is None:
                unknown = True
                continue
            line = block.line + self._above
            value = self.node(values, 0) if values else Unknown(line)
            operators.setdefault(str(test.value), []).append(Member(str(key.value), key.line + self._above, value))
            places.setdefault(str(test.value), test.line + self._above)
        members = [Member(name, places[name], struct(places[name], inner)) for name, inner in operators.items()]
        return struct(blocks[0].line + self._above, members, unknown)


def _with_holes(node: Node) -> Node:
    """JSON out of a heredoc, with `${…}` as holes in its texts."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return pieces(node.value, node.line)
    if isinstance(node, Items):
        return items(node.line, [_with_holes(each) for each in node.items], node.open)
    if isinstance(node, Struct):
        return struct(node.line, [Member(m.name, m.line, _with_holes(m.value)) for m in node.members], node.open)
    return node
