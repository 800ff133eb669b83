"""A policy's statements, read strictly: every wrong element is a finding with its place, never a guess."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.errors import near_miss
from gt_vpc_nb.policy.matching import action_matches
from gt_vpc_nb.shown import Pairs, badge, page
from gt_vpc_nb.shown_text import ShownList, counted, told

VERSIONS = ("2012-10-17", "2008-10-17")
POLICY_ELEMENTS = ("Version", "Id", "Statement")
STATEMENT_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_KINDS = ("AWS", "Service", "Federated", "CanonicalUser")


@dataclass(frozen=True, repr=False)
class Finding:
    """One thing Access Analyzer would say of a policy; `type` is its word, `path` leads to the place."""

    type: str
    issue_code: str
    path: str
    line: int | None
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        where = self.path or "policy"
        line = f" (line {self.line})" if self.line else ""
        return f"{where}{line}: {self.message}" + (f" {self.remedy}" if self.remedy else "")

    def __repr__(self) -> str:
        return told(f"{self.type} {self.issue_code} {self}")

    def _repr_html_(self) -> str:
        where = f"{self.path or 'policy'}{f', line {self.line}' if self.line else ''}"
        rows = (("type", badge(self.type)), ("issue code", self.issue_code), ("where", where), ("to do", self.remedy))
        return page(self.message, Pairs("Finding", rows))


class Findings(ShownList):
    """Findings, the worst first; an ordinary list beside how it shows itself."""

    caption = "Findings"
    columns = ("type", "line", "where", "finding", "to do")
    right = (1,)

    def answer(self) -> str:
        return f"The policy has {counted(len(self), 'finding')}." if self else "The policy has no findings."

    def row(self, each: Finding) -> tuple[object, ...]:
        return badge(each.type), each.line, each.path or "policy", each.message, each.remedy


@dataclass(frozen=True)
class Condition:
    """One operator on one key: any of the values satisfies it (none of them, for a negated operator)."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """One statement; what is absent is None, what is listed is a tuple."""

    index: int
    sid: str | None
    effect: str
    principal: tuple[tuple[str, str], ...] | None
    not_principal: tuple[tuple[str, str], ...] | None
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    conditions: tuple[Condition, ...]

    @property
    def label(self) -> str:
        """Its Sid, or its place in the policy."""
        return self.sid or f"Statement {self.index + 1}"

    def covers(self, action: str) -> bool:
        """Whether its Action or NotAction means an action."""
        if self.actions is not None:
            return any(action_matches(each, action) for each in self.actions)
        return not any(action_matches(each, action) for each in self.not_actions or ())


def read_statements(document: Any, lines: Mapping[str, int], kind: str) -> tuple[tuple[Statement, ...], list[Finding]]:
    """The statements of a document and everything that is wrong with it."""
    reader = _Reader(lines, kind)
    return tuple(reader.policy(document)), reader.findings


class _Reader:
    def __init__(self, lines: Mapping[str, int], kind: str) -> None:
        self.findings: list[Finding] = []
        self._lines = lines
        self._kind = kind

    def wrong(self, code: str, path: str, message: str, remedy: str = "") -> None:
        self.findings.append(Finding("ERROR", code, path, self._lines.get(path), message, remedy))

    def policy(self, document: Any) -> list[Statement]:
        if not isinstance(document, dict):
            self.wrong("JSON_SYNTAX_ERROR", "", f"a policy is a JSON object, not {_kind_of(document)}.")
            return []
        self.known("", document, POLICY_ELEMENTS)
        version = document.get("Version")
        if version is not None and version not in VERSIONS:
            self.wrong("INVALID_VERSION", "Version", f"{version!r} is not a version.", 'Use "2012-10-17".')
        if not isinstance(document.get("Id", ""), str):
            self.wrong("DATA_TYPE_MISMATCH", "Id", f"text is wanted, not {_kind_of(document['Id'])}.")
        if "Statement" not in document:
            self.wrong(
                "MISSING_STATEMENT", "", "there is no Statement.", "Add one; a policy without it decides nothing."
            )
            return []
        given = document["Statement"]
        if isinstance(given, dict):
            return [self.statement(given, 0, "Statement")]
        if not isinstance(given, list):
            self.wrong("DATA_TYPE_MISMATCH", "Statement", f"an object or a list is wanted, not {_kind_of(given)}.")
            return []
        if not given:
            self.wrong("EMPTY_ARRAY_STATEMENT", "Statement", "the list of statements is empty.")
        return [self.statement(each, number, f"Statement[{number}]") for number, each in enumerate(given)]

    def known(self, path: str, given: Mapping[str, Any], names: tuple[str, ...]) -> None:
        for name in given:
            if name not in names:
                inner = f"{path}.{name}" if path else name
                self.wrong("UNKNOWN_ELEMENT", inner, f"IAM has no element {name!r} here{near_miss(name, names)}")

    def statement(self, given: Any, index: int, path: str) -> Statement:
        if not isinstance(given, dict):
            self.wrong("DATA_TYPE_MISMATCH", path, f"a statement is an object, not {_kind_of(given)}.")
            given = {}
        else:
            self.known(path, given, STATEMENT_ELEMENTS)
            self.required(given, path)
        sid = given.get("Sid")
        if sid is not None and not isinstance(sid, str):
            self.wrong("DATA_TYPE_MISMATCH", f"{path}.Sid", f"text is wanted, not {_kind_of(sid)}.")
            sid = None
        return Statement(
            index,
            sid,
            given.get("Effect") if isinstance(given.get("Effect"), str) else "",
            self.principals(given, "Principal", path),
            self.principals(given, "NotPrincipal", path),
            self.texts(given, "Action", path),
            self.texts(given, "NotAction", path),
            self.texts(given, "Resource", path),
            self.texts(given, "NotResource", path),
            tuple(self.conditions(given, path)),
        )

    def required(self, given: Mapping[str, Any], path: str) -> None:
        effect = given.get("Effect")
        if effect not in ("Allow", "Deny"):
            told = "Effect is missing" if effect is None else f"Effect is {effect!r}"
            self.wrong("INVALID_EFFECT", f"{path}.Effect", f"{told}.", 'Write "Allow" or "Deny", in this case.')
        for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
            present = [name for name in (one, other) if name in given]
            if len(present) == 2:
                self.wrong(f"UNSUPPORTED_{one.upper()}", path, f"{one} and {other} exclude each other.", "Keep one.")
            wanted = one != "Principal" or self._kind == "bucket"
            if not present and wanted:
                self.wrong(f"MISSING_{one.upper()}", path, f"{one} is missing.", f"A statement needs {one} or {other}.")
            if present and not wanted:
                self.wrong("UNSUPPORTED_PRINCIPAL", f"{path}.{present[0]}", "an identity policy has no Principal.")

    def texts(self, given: Mapping[str, Any], name: str, path: str) -> tuple[str, ...] | None:
        if name not in given:
            return None
        values = given[name] if isinstance(given[name], list) else [given[name]]
        here = f"{path}.{name}"
        if not values:
            self.wrong(f"EMPTY_ARRAY_{name.upper()}", here, "the list is empty.")
        wrong = [each for each in values if not isinstance(each, str) or not each]
        for each in wrong:
            self.wrong("DATA_TYPE_MISMATCH", here, f"text is wanted, not {_kind_of(each)}.")
        texts = tuple(each for each in values if isinstance(each, str) and each)
        if name.endswith("Action"):
            for each in texts:
                if each != "*" and not each.partition(":")[2]:
                    self.wrong("INVALID_ACTION", here, f"{each!r} is not service:Action.", "For instance s3:GetObject.")
        return texts

    def principals(self, given: Mapping[str, Any], name: str, path: str) -> tuple[tuple[str, str], ...] | None:
        if name not in given:
            return None
        value, here = given[name], f"{path}.{name}"
        if value == "*":
            return (("*", "*"),)
        if not isinstance(value, dict) or not value:
            self.wrong("INVALID_PRINCIPAL_FORMAT", here, f'"*" or an object is wanted, not {_kind_of(value)}.')
            return ()
        self.known(here, value, _KINDS)
        return tuple(
            ("AWS" if kind == "AWS" else kind, each) for kind in value for each in self.texts(value, kind, here)
        )

    def conditions(self, given: Mapping[str, Any], path: str) -> list[Condition]:
        found: list[Condition] = []
        block, here = given.get("Condition", {}), f"{path}.Condition"
        if not isinstance(block, dict):
            self.wrong("DATA_TYPE_MISMATCH", here, f"an object is wanted, not {_kind_of(block)}.")
            return found
        for operator, keys in block.items():
            if not isinstance(keys, dict):
                self.wrong("DATA_TYPE_MISMATCH", f"{here}.{operator}", f"an object is wanted, not {_kind_of(keys)}.")
                continue
            folded = Counter(key.casefold() for key in keys)
            for key, value in keys.items():
                inner = f"{here}.{operator}.{key}"
                if folded[key.casefold()] > 1:
                    self.wrong("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", inner, "this key stands twice, in different case.")
                found.append(Condition(operator, key, self.values(value, inner)))
        return found

    def values(self, given: Any, path: str) -> tuple[str, ...]:
        values = given if isinstance(given, list) else [given]
        for each in values:
            if each is None or isinstance(each, (dict, list)):
                self.wrong("DATA_TYPE_MISMATCH", path, f"text, a number or a boolean is wanted, not {_kind_of(each)}.")
        return tuple(_as_text(each) for each in values if not isinstance(each, (dict, list)) and each is not None)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _kind_of(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "a boolean", type(None): "null"}
    found = names.get(type(value), "a number")
    return "empty text" if value == "" else found
