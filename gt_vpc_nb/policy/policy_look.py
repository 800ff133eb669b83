"""How a policy shows itself: how many statements of which effect, and a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gt_vpc_nb.policy.statement_reading import Condition, Statement
from gt_vpc_nb.shown import Code, Fold, Rows, page
from gt_vpc_nb.shown_text import counted, told

if TYPE_CHECKING:
    from gt_vpc_nb.policy.document import Policy

_COLUMNS = ("statement", "effect", "who", "does", "on", "where")


def answer(policy: Policy) -> str:
    """The policy in one line."""
    effects = [each.effect for each in policy.statements]
    counts = [f"{effects.count(each):,} {each}" for each in ("Deny", "Allow") if each in effects]
    return f"Policy of {counted(len(effects), 'statement')}{': ' if counts else ''}{', '.join(counts)}"


def as_text(policy: Policy) -> str:
    """The policy for a terminal: the answer, and a line for each statement."""
    lines = (f"  {label}: {effect} {who} to {does}, on {on}{f', where {where}' if where else ''}"
             for label, effect, who, does, on, where in map(_row, policy.statements))  # fmt: skip
    return told(answer(policy), lines)


def as_html(policy: Policy) -> str:
    """The policy for a notebook: the answer, a row for each statement, and its document to unfold."""
    rows = [_row(each) for each in policy.statements]
    return page(answer(policy), Rows("Statements", _COLUMNS, rows), Fold("The document", [Code(policy.to_json())]))


def _row(statement: Statement) -> tuple[str, ...]:
    return (
        statement.label,
        statement.effect,
        _who(statement),
        _either(statement.actions, statement.not_actions),
        _either(statement.resources, statement.not_resources),
        " and ".join(map(_condition, statement.conditions)),
    )


def _who(statement: Statement) -> str:
    pairs = statement.principal if statement.principal is not None else statement.not_principal
    if pairs is None:
        return "its holder"
    names = ", ".join(value if kind in ("AWS", "*") else f"{kind} {value}" for kind, value in pairs)
    return f"{'' if statement.principal is not None else 'all but '}{names}"


def _either(named: Sequence[str] | None, excepted: Sequence[str] | None) -> str:
    return ", ".join(named) if named is not None else f"all but {', '.join(excepted or ())}"


def _condition(condition: Condition) -> str:
    return f"{condition.key} {condition.operator} {' or '.join(condition.values)}"
