"""Repairs of a policy document: into IAM's grammar where one reading is left, and into plainer words for the same."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from gt_vpc_nb.policy.condition_keys import is_single_valued
from gt_vpc_nb.policy.operators import spelled
from gt_vpc_nb.policy.statement_reading import POLICY_ELEMENTS, STATEMENT_ELEMENTS, Finding

_Json = dict[str, Any]


def grammar_mended(document: Any) -> tuple[Any, list[Finding]]:
    """The document in IAM's grammar as far as that has one reading, and a finding for each repair."""
    if not isinstance(document, dict):
        return document, []
    told: list[Finding] = []
    mended = _in_case(copy.deepcopy(document), POLICY_ELEMENTS, "", told)
    given = mended.get("Statement")
    alone = isinstance(given, dict)
    for number, statement in enumerate([given] if alone else given if isinstance(given, list) else []):
        if isinstance(statement, dict):
            path = "Statement" if alone else f"Statement[{number}]"
            fitted = _statement_mended(statement, path, told)
            statement.clear()
            statement.update(fitted)
    return mended, told


def _statement_mended(statement: _Json, path: str, told: list[Finding]) -> _Json:
    fitted = _in_case(statement, STATEMENT_ELEMENTS, path, told)
    effect = fitted.get("Effect")
    if isinstance(effect, str) and effect not in ("Allow", "Deny") and effect.strip().capitalize() in ("Allow", "Deny"):
        fitted["Effect"] = effect.strip().capitalize()
        message = f"Effect is {effect!r}, and its case matters."
        told.append(_repair("INVALID_EFFECT", f"{path}.Effect", message, f'Repaired: "{fitted["Effect"]}".'))
    if fitted.get("Effect") == "Deny" and not {"Principal", "NotPrincipal"} & set(fitted):
        fitted = {"Principal": "*", **fitted}
        message = "Principal is missing, and a bucket policy needs one in every statement."
        told.append(_repair("MISSING_PRINCIPAL", path, message, 'Repaired: "*", so that this Deny is for everybody.'))
    return fitted


def _repair(code: str, path: str, message: str, done: str) -> Finding:
    return Finding("ERROR", code, path, None, message, done)


def _in_case(given: _Json, names: tuple[str, ...], path: str, told: list[Finding]) -> _Json:
    """The element with its keys in IAM's case, where that key is not there already."""
    right = {name.casefold(): name for name in names}
    spellings = [each.casefold() for each in given]
    found: _Json = {}
    for key, value in given.items():
        name = right.get(key.casefold(), key)
        if name != key and spellings.count(key.casefold()) == 1:
            inner = f"{path}.{key}" if path else key
            told.append(_repair("UNKNOWN_ELEMENT", inner, f"IAM writes {key!r} as {name!r}.", f"Repaired: {name!r}."))
            found[name] = value
        else:
            found[key] = value
    return found


def simplified(document: _Json) -> _Json:
    """The document without words that change no decision: set operators and IfExists on negated operators."""
    found = copy.deepcopy(document)
    if "Version" not in found and "${" not in str(found):
        found = {"Version": "2012-10-17", **found}
    given = found["Statement"]
    for statement in given if isinstance(given, list) else [given]:
        for plainer in (_without_quantifier, _without_if_exists):
            if statement.get("Condition"):
                statement["Condition"] = _respelled(statement["Condition"], plainer)
    return found


def _without_quantifier(operator: str, keys: _Json) -> str:
    how = spelled(operator)
    negated = how is not None and how.operator is not None and how.operator.negated
    if negated and how.quantifier == "forallvalues" and all(map(is_single_valued, keys)):
        return operator.partition(":")[2]
    return operator


def _without_if_exists(operator: str, keys: _Json) -> str:
    how = spelled(operator)
    negated = how is not None and how.operator is not None and how.operator.negated
    return operator[: -len("IfExists")] if negated and how.if_exists and not how.quantifier else operator


def _respelled(block: _Json, plainer: Callable[[str, _Json], str]) -> _Json:
    """The condition block under plainer operators; where a key would stand twice, the operator stays."""
    found: _Json = {}
    for operator, keys in block.items():
        name = plainer(operator, keys)
        there = {each.casefold() for each in {**block.get(name, {}), **found.get(name, {})}}
        if name != operator and there & {each.casefold() for each in keys}:
            name = operator
        found[name] = {**found.get(name, {}), **keys}
    return found
