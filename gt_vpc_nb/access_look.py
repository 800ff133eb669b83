"""How a planned change of a bucket policy is told: the edit, who gets in before and after, what opens and closes."""

from __future__ import annotations

import difflib
import json
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gt_vpc_nb.access_guard import GETS_IN
from gt_vpc_nb.facts import GROUND_TRUTH_ACTIONS
from gt_vpc_nb.policy import Policy
from gt_vpc_nb.policy.origins import decisions
from gt_vpc_nb.policy.reach import Comparison, Opening
from gt_vpc_nb.shown import Code, Fold, Items, Part, Rows
from gt_vpc_nb.shown_text import told

if TYPE_CHECKING:
    from gt_vpc_nb.access_change import PolicyChange

#: Lines of an edit, openings, and people or jobs to print; all of them are in `.diff`, `.opens`, `.blocked_by`.
_LINES, _OPENINGS, _NAMES = 60, 6, 10
_WIDTH = 160
_NO_MOVE = "opens nothing, closes nothing"


def edit(change: PolicyChange) -> list[str]:
    """The edit as a unified diff of the indented JSON."""
    names = (f"{change.bucket} before", f"{change.bucket} after")
    return list(difflib.unified_diff(_lines(change.before), _lines(change.after), *names, lineterm=""))


def matrix(change: PolicyChange) -> list[str]:
    """Which of Ground Truth's actions get in from where, before and after, as text."""
    rows = before_and_after(change)
    if not rows:
        return []
    moved = [f"  {origin}: {before} -> {after}" for origin, before, after in rows if before != after]
    same = [origin for origin, before, after in rows if before == after]
    title = "which of Ground Truth's five actions get in, before -> after:"
    return ["", title, *moved, *([f"  as before: {', '.join(same)}"] if same else [])]


def before_and_after(change: PolicyChange) -> list[tuple[str, str, str]]:
    """Origin, and which of Ground Truth's five actions get in from there before and after; those that move first."""
    if change.perimeter is None:
        return []
    before, after = (_entering(change, text) for text in (change.before, change.after))
    rows = [(origin, before[origin], after[origin]) for origin in before]
    return sorted(rows, key=lambda row: row[1] == row[2])


def state(change: PolicyChange) -> str:
    """The change in one line."""
    return f"Policy of bucket '{change.bucket}': {_state(change)} ({change.standing})"


def parts_of(change: PolicyChange) -> list[Part]:
    """What a page shows of a change: what is in the way, who gets in, what opens and closes, and the edit."""
    if not change.changes or change.applied:
        return []
    way = [f"labeling job '{each}' still uses the bucket" for each in change.blocked_by]
    way += [f"it would lock out {each}" for each in change.locks_out]
    rows = before_and_after(change)
    moves = [(kind, each.action, each.resource, each.why) for kind, found in _moves(change.opens) for each in found]
    return [
        Items(way[:_NAMES] + ([f"and {len(way) - _NAMES:,} more"] if len(way) > _NAMES else []), "In the way:"),
        *([Rows("Which of Ground Truth's five actions get in", ("origin", "before", "after"), rows)] if rows else []),
        *([Rows("What it does", ("", "action", "resource", "why"), moves)] if moves else [Items([_NO_MOVE])]),
        Items(change.advice, "Worth reading before applying:"),
        Fold("The edit", [Code("\n".join(edit(change)), diff=True)]),
    ]


def _moves(comparison: Comparison) -> tuple[tuple[str, tuple[Opening, ...]], ...]:
    return (("opens", comparison.opened), ("closes", comparison.closed))


def shown(change: PolicyChange) -> str:
    """The change for people: bounded, however large the policy is."""
    parts = [state(change)]
    if change.changes and not change.applied:
        parts += [*_bounded(edit(change)), *matrix(change), *_in_words(change.opens)]
        parts += _named("in the way: labeling job '{}' still uses the bucket", change.blocked_by, ".blocked_by")
        parts += _named("in the way: it would lock out {}", change.locks_out, ".locks_out")
        parts += [f"- {each}" for each in change.advice]
    return told(parts)


def _state(change: PolicyChange) -> str:
    if change.changes:
        return "applied and verified" if change.applied else "planned, nothing is changed yet"
    if change.undoes is None:
        return "nothing to change"
    forgotten = "the journal forgot it" if change.applied else "apply() takes it out of the journal"
    return f"nothing to undo, the change of {change.undoes.at} was never written or is undone; {forgotten}"


def _bounded(lines: Sequence[str]) -> list[str]:
    kept = [each if len(each) <= _WIDTH else f"{each[:_WIDTH]}… {len(each) - _WIDTH} more" for each in lines[:_LINES]]
    return kept if len(lines) <= _LINES else [*kept, f"… and {len(lines) - _LINES} more lines in .diff"]


def _named(sentence: str, names: Sequence[str], where: str) -> list[str]:
    more = len(names) - _NAMES
    lines = [sentence.format(each) for each in names[:_NAMES]]
    return [*lines, f"in the way: … and {more} more in {where}"] if more > 0 else lines


def _in_words(comparison: Comparison) -> list[str]:
    """What opens and what closes, each with its witness on lines of its own."""
    both = [(kind, each) for kind, found in _moves(comparison) for each in found]
    lines = [line for word, each in both[:_OPENINGS] for line in _opening_lines(word, each)]
    if len(both) > _OPENINGS:
        lines.append(f"… and {len(both) - _OPENINGS} more in .opens")
    return lines or [_NO_MOVE]


def _opening_lines(word: str, opening: Opening) -> list[str]:
    # Who and where on one line, what no longer stops them on the next.
    said = opening.why.replace(": no statement", ":\nno statement", 1).replace(": allowed (", ":\nallowed (", 1)
    indent = " " * 4
    wrapped = (textwrap.wrap(each, 116, initial_indent=indent, subsequent_indent=indent, break_long_words=False,
                             break_on_hyphens=False) for each in said.splitlines())  # fmt: skip
    return [f"{word}: {opening.action} on {opening.resource}", *_bounded([line for lines in wrapped for line in lines])]


def _entering(change: PolicyChange, text: str | None) -> dict[str, str]:
    policy = Policy.parse(text) if text else None
    found: dict[str, list[str]] = {}
    for origin, action, decision in decisions(policy, change.bucket, change.perimeter, change.standing.account):
        enters = decision is not None and decision.decision in GETS_IN and action in GROUND_TRUTH_ACTIONS
        found.setdefault(origin.label, []).extend([action.removeprefix("s3:")] * enters)
    every = len(GROUND_TRUTH_ACTIONS)
    return {name: "all five" if len(each) == every else ", ".join(each) or "none" for name, each in found.items()}


def _lines(text: str | None) -> list[str]:
    if not text:
        return []
    # A policy may hold halves of characters, which no terminal takes.
    readable = json.dumps(json.loads(text), indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return readable.decode().splitlines()
