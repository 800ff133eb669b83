"""`Policy.lint`: every finding of a text, however broken, and the repaired policy where there is one reading.

A repair never widens access. It mends slips of the pen, writes elements in IAM's case, gives a Deny without Principal
the Principal "*", and drops what changes no decision; where there are two readings, nothing is repaired.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.document_mending import grammar_mended, simplified
from gt_vpc_nb.policy.findings import findings
from gt_vpc_nb.policy.json_places import BadJson, PlacedReader
from gt_vpc_nb.policy.lint_result import Lint
from gt_vpc_nb.policy.mending_reader import MendingReader
from gt_vpc_nb.policy.statement_reading import Finding, read_statements

#: Longer texts are not read: S3 takes 20 KB, and what is ten times that is no policy.
LONGEST = 200_000


@dataclass(frozen=True)
class _Reading:
    """A document, as far as one could be read; `slips` are what had to be mended for it."""

    document: Any
    slips: tuple[Finding, ...]
    lines: Mapping[str, int]
    certain: bool


def lint_text(source: object) -> Lint:
    """The findings of a policy as text, bytes, dict or `Policy`; never raises on what it is given."""
    reading = _read(source)
    if reading.document is None:
        return Lint(reading.slips)
    strict = _strict_findings(reading.document, reading.lines)
    mended, mends = grammar_mended(reading.document) if strict else (reading.document, [])
    left = _strict_findings(mended, reading.lines)
    told = [*reading.slips, *_told(strict, mends, reading.lines)]
    if left:
        return Lint(tuple(told))
    policy = Policy.parse(mended)
    told += [_placed(each, reading.lines) for each in findings(policy)]
    simple = simplified(mended)
    changed = bool(reading.slips or mends) or simple != mended
    return Lint(tuple(told), _parsed(simple) if changed and reading.certain else None)


def _strict_findings(document: Any, lines: Mapping[str, int]) -> list[Finding]:
    return read_statements(document, lines, "bucket")[1]


def _told(strict: list[Finding], mends: list[Finding], lines: Mapping[str, int]) -> list[Finding]:
    """The strict findings, those that were mended with what was done."""
    done = {(each.issue_code, each.path): _placed(each, lines) for each in mends}
    kept = [done.pop((each.issue_code, each.path), each) for each in strict]
    return [*kept, *done.values()]


def _placed(finding: Finding, lines: Mapping[str, int]) -> Finding:
    line = lines.get(finding.path)
    return Finding(finding.type, finding.issue_code, finding.path, line, finding.message, finding.remedy)


def _parsed(document: dict[str, Any]) -> Policy | None:
    try:
        return Policy.parse(document)
    except PolicyError:
        return None


def _unread(message: str, remedy: str = "", line: int | None = None) -> _Reading:
    return _Reading(None, (Finding("ERROR", "JSON_SYNTAX_ERROR", "", line, message, remedy),), {}, False)


def _read(source: object) -> _Reading:
    if isinstance(source, Policy):
        source = source.document if source.text is None else source.text
    if isinstance(source, Mapping):
        return _read_mapping(source)
    if isinstance(source, bytes | bytearray):
        return _read_bytes(bytes(source))
    if isinstance(source, str):
        return _read_text(source)
    return _unread(f"a policy is JSON text or a dict, not {type(source).__name__}.", "Pass the document itself.")


def _read_mapping(source: Mapping[Any, Any]) -> _Reading:
    try:
        text = json.dumps(dict(source), allow_nan=False)
        if len(text) > LONGEST:
            return _too_long(text)
        document = PlacedReader(text).read()
    except (TypeError, ValueError, RecursionError) as problem:
        return _unread(f"this dict is not JSON: {problem}.")
    return _Reading(document, (), {}, True)


def _read_bytes(source: bytes) -> _Reading:
    try:
        return _read_text(source.decode("utf-16" if source[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"))
    except UnicodeDecodeError as problem:
        line = source.count(b"\n", 0, problem.start) + 1
    told = "these bytes are not UTF-8 text."
    broken = Finding("ERROR", "JSON_SYNTAX_ERROR", "", line, told, "Save the policy as UTF-8.")
    reading = _read_text(source.decode("utf-8", errors="replace"))
    return _Reading(reading.document, (broken, *reading.slips), reading.lines, False)


def _too_long(text: str) -> _Reading:
    return _unread(f"this text has {len(text):,} characters, and S3 takes policies of 20,480 bytes.")


def _read_text(text: str) -> _Reading:
    if len(text) > LONGEST:
        return _too_long(text)
    if not text.strip("\ufeff \t\r\n"):
        return _unread("there is no text.", "Pass the policy's JSON.")
    reader = MendingReader(text)
    try:
        document = reader.read()
    except BadJson as problem:
        stop = Finding("ERROR", "JSON_SYNTAX_ERROR", "", reader.line(problem.at), f"this is not JSON: {problem}.")
        return _Reading(None, (*reader.findings, stop), reader.lines, False)
    return _Reading(document, tuple(reader.findings), reader.lines, reader.certain)
