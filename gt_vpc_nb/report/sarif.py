"""Findings as SARIF 2.1.0, which code scanning of GitHub, GitLab and editors reads.

Source of the format: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Result:
    """One line of a report: a rule's id, how bad it is, what is said, and where.

    Where is a URI, the line of that document and the path to the element, if there are such.
    """

    rule: str
    level: Level
    message: str
    uri: str
    line: int | None = None
    path: str = ""


def sarif(results: Iterable[Result]) -> str:
    """One run of this package as a SARIF log; a result's line is the document's, from 1."""
    listed = list(results)
    rules = list(dict.fromkeys(each.rule for each in listed))
    index = {rule: number for number, rule in enumerate(rules)}
    driver = {
        "name": "gt-vpc-nb",
        "version": version("gt-vpc-nb"),
        "rules": [{"id": rule, "name": _name(rule), "shortDescription": {"text": _words(rule)}} for rule in rules],
    }
    run = {"tool": {"driver": driver}, "results": [_result(each, index[each.rule]) for each in listed]}
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, ensure_ascii=False)


def _result(result: Result, index: int) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": result.uri}}
    if result.line:
        place["region"] = {"startLine": result.line}
    location: dict[str, Any] = {"physicalLocation": place}
    if result.path:
        location["logicalLocations"] = [{"fullyQualifiedName": result.path}]
    return {
        "ruleId": result.rule,
        "ruleIndex": index,
        "level": result.level,
        "message": {"text": result.message},
        "locations": [location],
    }


def _words(rule: str) -> str:
    return rule.replace("_", " ").replace("-", " ").capitalize()


def _name(rule: str) -> str:
    return "".join(part.capitalize() for part in rule.replace("-", "_").split("_"))
