"""What may come next on a line of %gt_vpc: commands, options, values, variables; no call is made to know it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.command_line import WORD
from gt_vpc_nb.commands import BY_NAME, COMMANDS, Argument, Command
from gt_vpc_nb.completion_body import body_language, keys, kind_of_value
from gt_vpc_nb.completion_seen import Seen
from gt_vpc_nb.completion_values import values
from gt_vpc_nb.completion_variables import paths

#: Such a line is ours: also behind an assignment, `df = %gt_vpc jobs`.
_OURS = re.compile(r"\s*(?:[\w\s,.*\[\]'\"]+=\s*)?(?P<sign>%%?)gt_vpc(?:\s+(?P<rest>.*))?$", re.DOTALL)
_IN_A_CELL = re.compile(r"\s*%%gt_vpc\b")
#: An open {{, and what stands of a path after it.
_OPEN = re.compile(r"\{\{\s*(?P<path>[\w.\[\]'\"-]*)$")
SHOWN = 200


@dataclass(frozen=True)
class Suggestions:
    """Texts to put in the place of `fragment`, the part that stands right before the cursor."""

    fragment: str
    texts: tuple[str, ...]


def suggestions(before: str, names: Mapping[str, Any], seen: Seen) -> Suggestions | None:
    """What may stand where `before`, a cell up to the cursor, ends; None where that is no concern of ours."""
    line = before.rpartition("\n")[2]
    in_a_cell = _IN_A_CELL.match(before) is not None and "\n" in before.lstrip()
    ours = None if in_a_cell else _OURS.match(line)
    if not in_a_cell and (ours is None or ours["rest"] is None):
        return None
    opened = _OPEN.search(line)
    if opened:
        return Suggestions(opened["path"].rpartition(".")[2], tuple(paths(opened["path"], names)[:SHOWN]))
    if ours is None:
        return _in_a_body(before, line, names, seen)
    words, fragment = _split(ours["rest"])
    texts = _after(words, fragment, ours["sign"], names, seen)
    return Suggestions(_replaced(fragment), tuple(_beginning(texts, fragment)[:SHOWN]))


def _in_a_body(cell: str, line: str, names: Mapping[str, Any], seen: Seen) -> Suggestions:
    """In a body Python's names are out of place, so that nothing to suggest is an answer, too."""
    if body_language(cell) != "YAML":
        return Suggestions("", ())
    begun = keys(line)
    if begun is not None:
        return Suggestions(line, tuple(f"{key}:" for key in begun))
    kind, start = kind_of_value(line) or ("flag", "")
    found = values(Argument("", kind, ""), (), start, names, seen)
    return Suggestions(start, tuple(_beginning(found, start)[:SHOWN]))


def _split(rest: str) -> tuple[list[str], str]:
    """The words that are complete, and the one that is being written."""
    words = [found[0] for found in WORD.finditer(rest)]
    return (words[:-1], words[-1]) if words and not rest[-1].isspace() else (words, "")


def _replaced(fragment: str) -> str:
    """Of `--region=us` the part after the sign; of an open quote what follows it."""
    fragment = fragment.partition("=")[2] if fragment.startswith("--") and "=" in fragment else fragment
    return fragment.lstrip("\"'")


def _beginning(texts: Iterable[str], fragment: str) -> list[str]:
    start = _replaced(fragment).casefold()
    return [text for text in dict.fromkeys(texts) if text.casefold().startswith(start)]


def _after(words: Sequence[str], fragment: str, sign: str, names: Mapping[str, Any], seen: Seen) -> list[str]:
    if not words:
        fits = [each.name for each in COMMANDS if (each.body if sign == "%%" else each.line)]
        return [*fits, "--help"]
    command = BY_NAME.get(words[0])
    if command is None:
        return []
    waiting = _waiting(command, words[1:], fragment)
    given = {word.partition("=")[0] for word in words[1:] if word.startswith("--")}
    options = [] if waiting and waiting.name.startswith("--") else _options(command, given)
    if fragment.startswith("-") and "=" not in fragment:
        return options
    offered = values(waiting, words[1:], _replaced(fragment), names, seen) if waiting else []
    return [*offered, *([] if fragment else options)]


def _options(command: Command, given: set[str]) -> list[str]:
    free = [each for each in command.arguments if each.name.startswith("--") and not (each.once and each.name in given)]
    return [*(each.name for each in free), "--help"]


def _waiting(command: Command, words: Sequence[str], fragment: str) -> Argument | None:
    """The argument whose value stands at the cursor, or None."""
    options = {each.name: each for each in command.arguments if each.name.startswith("--")}
    name, sign, _ = fragment.partition("=")
    if sign and name in options:
        return options[name]
    placed = [each for each in command.arguments if not each.name.startswith("--")]
    taken, waiting = 0, None
    for word in words:
        if word.startswith("--"):
            waiting = None if "=" in word else options.get(word)
            waiting = waiting if waiting and waiting.shown else None
        elif waiting is not None and not waiting.many:
            waiting = None
        elif waiting is None:
            taken += 1
    if waiting is not None or not placed:
        return waiting
    return placed[taken] if taken < len(placed) else (placed[-1] if placed[-1].many else None)
