"""From problems that a pure function found to a check's outcome; and the files that such functions read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.preflight.case import Outcome, failed, not_applicable, passed, undetermined, warned
from gt_vpc_nb.preflight.surroundings import Missing, TextFile, Unknown

#: So many problems of one rule are told in full; the others are counted.
FEW = 3


def told(problems: Iterable[Problem], id: str, sound: str) -> Outcome:
    """What the problems of one rule mean: an error fails, a warning warns, none of them passes with `sound`."""
    mine = [each for each in problems if each.code == id]
    for severity, outcome in (("error", failed), ("warning", warned)):
        found = [each for each in mine if each.severity == severity]
        if found:
            return outcome(few([_sentence(each) for each in found]), _remedies(found))
    return passed(sound)


def _sentence(problem: Problem) -> str:
    return f"{problem.field}: {problem.message}" if problem.field else problem.message


def _remedies(problems: Sequence[Problem]) -> str:
    return " ".join(dict.fromkeys(each.remedy for each in problems[:FEW] if each.remedy))


def few(sentences: Sequence[str], of: int | None = None) -> str:
    """The first few sentences, and how many more there are (`of` in all, where not all were kept)."""
    count = max(of or 0, len(sentences))
    more = f"; and {count - FEW:,} more" if count > FEW else ""
    return "; ".join(dict.fromkeys(sentences[:FEW])) + more


def unread(file: TextFile | None, name: str, see: str = "") -> Outcome | None:
    """Why a file's text cannot be judged, or None where it can; `see` is the rule that says what is missing."""
    if file is None:
        return undetermined(f"the {name} was not surveyed")
    if isinstance(file.text, Unknown):
        return undetermined(f"{name}: {file.text.reason}")
    if isinstance(file.text, Missing):
        return (
            not_applicable(f"{file.text.reason}, see {see}") if see else failed(file.text.reason, f"Write the {name}.")
        )
    return None
