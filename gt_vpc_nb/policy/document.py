"""Policies as values: strict reading, all findings at once."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy.compiled import CompiledPolicy
from gt_vpc_nb.policy.json_places import BadJson, PlacedReader
from gt_vpc_nb.policy.statement_reading import Finding, Statement, read_statements

if TYPE_CHECKING:
    from gt_vpc_nb.policy.lint_result import Lint
    from gt_vpc_nb.policy.openings import Comparison, Openings
    from gt_vpc_nb.policy.perimeter import Perimeter
    from gt_vpc_nb.policy.statement_reading import Findings


@dataclass(frozen=True, eq=False, repr=False)
class Policy:
    """A policy document that was read strictly.

    `Policy.parse` makes one; two are equal when their documents are.
    """

    version: str | None
    id: str | None
    statements: tuple[Statement, ...]
    text: str | None = field(default=None, repr=False)
    _document: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def parse(cls, source: Policy | str | bytes | Mapping[str, Any], *, kind: str = "bucket") -> Policy:
        """Reads a policy from JSON text or a dict; raises PolicyError with every finding. A `Policy` comes back itself.

        `kind` is "bucket" (statements need a Principal) or "identity" (they must not have one).
        """
        if isinstance(source, Policy):
            return source
        text, document, lines, findings = _load(source)
        statements: tuple[Statement, ...] = ()
        if not findings:
            statements, findings = read_statements(document, lines, kind)
        if findings:
            lines = [f"The policy has {len(findings)} finding{'s' if len(findings) > 1 else ''}:"]
            raise PolicyError("\n".join([*lines, *(f"  {each}" for each in findings)]), findings)
        return cls(document.get("Version"), document.get("Id"), statements, text, document)

    @staticmethod
    def lint(text: object) -> Lint:
        """What is wrong with a policy, and `.repaired` where a repair has one reading; never raises on bad text."""
        from gt_vpc_nb.policy.text_repair import lint_text

        return lint_text(text)

    @cached_property
    def compiled(self) -> CompiledPolicy:
        """The statements, ready to decide thousands of requests."""
        return CompiledPolicy(self.statements, self.version)

    @property
    def document(self) -> dict[str, Any]:
        """A copy of the JSON document as a dict."""
        return copy.deepcopy(self._document)

    def to_json(self, indent: int | None = 2) -> str:
        """The document as JSON text."""
        return json.dumps(self._document, indent=indent, ensure_ascii=False)

    def findings(self, bucket: str | None = None, region: str | None = None) -> Findings:
        """What is wrong or doubtful in this policy, the worst first; with a bucket and its Region, also for them."""
        from gt_vpc_nb.policy.findings import findings

        return findings(self, bucket, region)

    def openings(self, bucket: str, perimeter: Perimeter, account: str | None = None) -> Openings:
        """The ways past this policy from outside the perimeter; empty is a proof under the documented semantics.

        `account` is the bucket's; left out, it is that of the people in the perimeter, or any that the policy names.
        """
        from gt_vpc_nb.policy.openings import Openings
        from gt_vpc_nb.policy.reach import openings

        return Openings(openings(self, bucket, perimeter, account))

    def compare(self, new: Policy, bucket: str, account: str | None = None) -> Comparison:
        """What changing this policy into `new` opens and closes on a bucket, each with a witness.

        `account` is the bucket's; left out, it may be any that the policies name.
        """
        from gt_vpc_nb.policy.reach import compare

        return compare(self, new, bucket, account)

    def letting_in_ground_truth(
        self,
        region: str,
        bucket: str,
        *,
        role: str,
        vpc: str | None = None,
        vpc_endpoints: Sequence[str] = (),
        account: str | None = None,
    ) -> Policy:
        """The smallest edit of this policy that lets the Region's Ground Truth endpoint in, and nobody else.

        `account` is the bucket's; left out, it is the role's. Raises PolicyError with the reason where there is no such
        edit; its `.proposal` is a policy that lets Ground Truth in all the same.
        """
        from gt_vpc_nb.policy.rewrite import letting_in_ground_truth

        return letting_in_ground_truth(
            self, region, bucket, role=role, vpc=vpc, vpc_endpoints=vpc_endpoints, account=account
        )

    def __repr__(self) -> str:
        from gt_vpc_nb.policy.policy_look import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from gt_vpc_nb.policy.policy_look import as_html

        return as_html(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and other._document == self._document

    def __hash__(self) -> int:
        return hash(json.dumps(self._document, sort_keys=True))


def _load(source: object) -> tuple[str | None, Any, dict[str, int], list[Finding]]:
    if isinstance(source, Mapping):
        try:
            return None, json.loads(json.dumps(dict(source), allow_nan=False)), {}, []
        except (TypeError, ValueError, RecursionError) as problem:
            return None, {}, {}, [Finding("ERROR", "JSON_SYNTAX_ERROR", "", None, f"this dict is not JSON: {problem}.")]
    if isinstance(source, bytes):
        source = source.decode("utf-8", errors="replace")
    if not isinstance(source, str):
        raise PolicyError(f"A policy is JSON text or a dict, not {type(source).__name__}; pass the document itself.")
    reader = PlacedReader(source)
    try:
        document = reader.read()
    except BadJson as problem:
        message = f"this is not JSON: {problem}."
        return source, {}, {}, [Finding("ERROR", "JSON_SYNTAX_ERROR", "", reader.line(problem.at), message)]
    twice = "this key stands twice in one object."
    findings = [
        Finding("ERROR", "DUPLICATE_KEYS", path, line, twice, "Keep one of them.") for path, line in reader.duplicates
    ]
    return source, document, reader.lines, findings
