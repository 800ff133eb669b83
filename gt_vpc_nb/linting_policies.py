"""The findings of a bucket policy at the lines of its text, by `Policy.lint`, whatever holds the policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gt_vpc_nb.errors import Severity
from gt_vpc_nb.facts import rule
from gt_vpc_nb.linting_nodes import Items, Node, Path, Scalar, Struct, Unknown, dotted, walk
from gt_vpc_nb.linting_requests import Said, line_of
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.statement_reading import Finding

_SEVERITIES: dict[str, Severity] = {"ERROR": "error", "SECURITY_WARNING": "warning", "WARNING": "warning"}
#: What Ground Truth does on its buckets, and what reads or removes besides.
_GROUND_TRUTH = ("GetObject", "PutObject", "AbortMultipartUpload", "ListBucket", "GetBucketLocation")
_BESIDES = ("DeleteObject", "GetObjectVersion")
_NETWORKS = {"aws:sourcevpc", "aws:sourcevpce"}
#: What stands for an unknown part, by the condition key; the second of each in the second reading.
_STAND_INS = {
    "aws:sourcevpce": ("vpce-0a1b2c3d4e5f60718", "vpce-0f1e2d3c4b5a69788"),
    "aws:sourcevpc": ("vpc-0a1b2c3d4e5f60718", "vpc-0f1e2d3c4b5a69788"),
    "aws:principalarn": ("arn:aws:iam::111122223333:role/Example", "arn:aws:iam::444455556666:user/other"),
    "aws:sourceip": ("203.0.113.7/32", "198.51.100.0/24"),
    "aws:securetransport": ("false", "true"),
}
_ELEMENTS: dict[str, tuple[Any, Any]] = {
    "version": ("2012-10-17", "2008-10-17"),
    "id": ("example", "another"),
    "sid": ("Example", "Another"),
    "effect": ("Deny", "Allow"),
    "principal": ({"AWS": "arn:aws:iam::111122223333:role/Example"}, {"AWS": "arn:aws:iam::444455556666:user/other"}),
    "action": ("s3:GetObject", "s3:*"),
    "resource": ("arn:aws:s3:::example-bucket/*", "arn:aws:s3:::another-bucket"),
    "condition": ({"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"}}, {}),
}


def text_rows(text: str, first: int, *, verbatim: bool = True) -> Iterator[Said]:
    """The findings of a policy's text, which begins in a line; all in that line where it is not `verbatim`."""
    for finding in Policy.lint(text):
        line = first + _named_line(finding, text) - 1 if verbatim else first
        yield _said(finding, line, _numbers_moved(finding.message, first - 1 if verbatim else 0))
    actions = [text.count("\n", 0, each.start()) for each in re.finditer(r"[\"']Action[\"']\s*:", text)]
    for index, message, remedy in _left_open(text):
        further = actions[index] if verbatim and index < len(actions) else 0
        yield _open_said(first + further, index, message, remedy)


def _named_line(finding: Finding, text: str) -> int:
    """The line of the one value that a finding names, where it stands a little below the key; or the finding's."""
    line = finding.line or 1
    named = set(re.findall(r"'([^']+)'", finding.message))
    below = text.split("\n")[line - 1 : line + 30] if len(named) == 1 else []
    key, value = finding.path.rpartition(".")[2], next(iter(named), "")
    return line + next((n for n, each in enumerate(below) if f'"{value}"' in each and value not in ("", key)), 0)


def _numbers_moved(message: str, by: int) -> str:
    return re.sub(r"\b(line )(\d+)", lambda found: f"{found[1]}{int(found[2]) + by}", message)


def node_rows(policy: Struct) -> Iterator[Said]:
    """The findings of a policy given as a dict or in another language, as far as it is known."""
    places = {dotted(path): (line, node) for path, line, node in walk(policy)}
    lines = {field: line for field, (line, _) in places.items()}
    unknown = [
        field for field, (_, node) in places.items() if isinstance(node, Unknown) or getattr(node, "open", False)
    ]
    readings = [list(Policy.lint(_filled(policy, (), turn))) for turn in range(2 if unknown else 1)]
    for finding in readings[0]:
        # A finding about a value names it; those that stand in for unknown ones are other ones in each reading.
        if all(finding in other for other in readings[1:]):
            yield _said(finding, _exact_line(finding, places, line_of(finding.path, lines, policy.line)))
    opened = [list(_left_open(_filled(policy, (), turn))) for turn in range(2 if unknown else 1)]
    for index, message, remedy in opened[0]:
        if all((index, message, remedy) in other for other in opened[1:]):
            path = f"Statement[{index}].Action" if f"Statement[{index}]" in lines else "Statement.Action"
            yield _open_said(line_of(path, lines, policy.line), index, message, remedy)


def action_rows(actions: Items) -> Iterator[Said]:
    """What is wrong with actions that are listed for a bucket policy."""
    buckets = ["arn:aws:s3:::example", "arn:aws:s3:::example/*"]
    listed = [each.value for each in actions.items if isinstance(each, Scalar)]
    policy = {"Effect": "Deny", "Principal": "*", "Action": listed, "Resource": buckets}
    places = {"Statement.Action": (actions.line, actions)}
    for finding in Policy.lint({"Version": "2012-10-17", "Statement": policy}):
        if finding.path.startswith("Statement.Action"):
            yield _said(finding, _exact_line(finding, places, actions.line))


def _said(finding: Finding, line: int, message: str | None = None) -> Said:
    severity = _SEVERITIES.get(finding.type, "info")
    return Said(line, finding.issue_code, severity, finding.path, message or finding.message, finding.remedy)


def _exact_line(finding: Finding, places: dict[str, tuple[int, Node]], line: int) -> int:
    """The line of the one entry of a list that a finding names, or of the list."""
    _, node = places.get(finding.path, (line, None))
    if not isinstance(node, Items):
        return line
    named = [e for e in node.items if isinstance(e, Scalar) and f"'{e.value}'" in finding.message]
    return named[0].line if len(named) == 1 else line


def _filled(node: Node, path: Path, turn: int) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Struct):
        return {each.name: _filled(each.value, (*path, each.name), turn) for each in node.members}
    if isinstance(node, Items):
        given = [_filled(each, path, turn) for each in node.items]
        return given or [_stand_in(path, turn)] if node.open else given
    stand_in = _stand_in(path, turn)
    pieces = node.pieces if isinstance(node, Unknown) else (None,)
    if pieces == (None,) or not isinstance(stand_in, str):
        return stand_in
    if pieces[0] is None:
        # What begins with a hole is mostly the ARN of a bucket, with a key after it.
        return stand_in.partition("/")[0] + "".join(piece or "example" for piece in pieces[1:])
    return "".join(("111122223333" if ":iam::" in (pieces[0] or "") else "example") if p is None else p for p in pieces)


def _stand_in(path: Path, turn: int) -> Any:
    words = [step.casefold() for step in path if isinstance(step, str)]
    if "condition" in words:
        return _STAND_INS.get(words[-1], ("example", "another"))[turn] if len(words) > 2 else _element(words, turn)
    return _element(words, turn)


def _element(words: list[str], turn: int) -> Any:
    name = words[-1].removeprefix("not") if words else ""
    if "principal" in words and name != "principal":
        return _ELEMENTS["principal"][turn]["AWS"]
    if name == "statement" or not words:
        return {each.title(): values[turn] for each, values in _ELEMENTS.items() if each not in ("version", "id")}
    return _ELEMENTS.get(name, ("example", "another"))[turn]


def _left_open(source: str | dict[str, Any]) -> Iterator[tuple[int, str, str]]:
    """Statement, sentence and remedy for each Deny by network that does not cover all that matters (rule S3P-10)."""
    lint = Policy.lint(source)
    try:
        policy = lint.repaired or Policy.parse(source)
    except ValueError:
        return
    for statement in policy.statements:
        by_network = _NETWORKS & {each.key.lower() for each in statement.conditions}
        free = [name for name in (*_GROUND_TRUTH, *_BESIDES) if not statement.covers(f"s3:{name}")]
        if statement.effect == "Deny" and by_network and free:
            remedy = "Add those that you mean; s3:* would shut out the console and administrators, too."
            yield statement.index, f"From outside, this Deny leaves open: {', '.join(free)}.", remedy


def _open_said(line: int, index: int, message: str, remedy: str) -> Said:
    return Said(line, "S3P-10", rule("S3P-10").severity, f"Statement[{index}].Action", message, remedy)
