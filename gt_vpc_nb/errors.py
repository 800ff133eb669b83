"""What can go wrong, one sentence each.

GtVpcError
├── RequestError (ValueError)        a labeling job's fields; carries .problems
├── PolicyError (ValueError)         a policy that cannot be read or rewritten; carries .findings, .proposal
├── ManifestError (ValueError)       a manifest or an output that cannot be read; carries .problems
├── CommandError (ValueError)        a magic or a command line that cannot be understood
├── AwsError (RuntimeError)          AWS said no, or did not answer; carries .code and .operation
├── ChangeRefused (RuntimeError)     a change that would do harm, or whose ground has moved
├── JobFailed (RuntimeError)         a labeling job ended as Failed or Stopped
├── WaitTimeout (TimeoutError)       a labeling job is still running when the time is up
├── LocalAwsError (RuntimeError)     the local AWS was asked for something it does not do
└── MissingExtra (ImportError)       a room needs packages that are not installed
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from gt_vpc_nb.shown_text import ShownList, counted, told

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, repr=False)
class Problem:
    """One thing that is wrong or worth knowing, with what to do about it.

    `code` is a rule id that `%gt_vpc explain` knows (for instance ``REQ-01``); `field` is the dotted API member.
    """

    code: str
    severity: Severity
    field: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.severity} {self.code} {self.field}: {self.message}" + (f" {self.remedy}" if self.remedy else "")

    def __repr__(self) -> str:
        return told(str(self))

    def _repr_html_(self) -> str:
        from gt_vpc_nb.shown import Pairs, badge, page

        rows = (("severity", badge(self.severity)), ("rule", self.code), ("field", self.field), ("to do", self.remedy))
        return page(self.message, Pairs("Problem", rows))


class Problems(ShownList):
    """Problems, the worst first; an ordinary list beside how it shows itself."""

    caption = "Problems"
    columns = ("severity", "rule", "field", "problem", "to do")

    def answer(self) -> str:
        counts = Counter(each.severity for each in self)
        names = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("note", "notes")}
        return ", ".join(counted(counts[each], *names[each]) for each in names if counts[each]) or "No problems."

    def row(self, each: Problem) -> tuple[object, ...]:
        from gt_vpc_nb.shown import badge

        return badge(each.severity), each.code, each.field, each.message, each.remedy


class GtVpcError(Exception):
    """The base of every error this package raises on purpose."""

    #: `%config GtVpcMagics.short_errors = False` turns this off and brings the traceback back.
    short_in_notebooks = True

    @property
    def _render_traceback_(self) -> Callable[[], list[str]]:
        """IPython's hook: one to five lines instead of a traceback, and no hook where the traceback is wanted.

        A hook that answered None would do in a terminal; a kernel would send that None for a traceback, and whoever
        runs the notebook would break on it.
        """
        if not type(self).short_in_notebooks:
            raise AttributeError("errors are not shortened: %config GtVpcMagics.short_errors is False")
        return self._short

    def _short(self) -> list[str]:
        lines = told(str(self)).splitlines() or [type(self).__doc__ or ""]
        shown = lines if len(lines) <= 5 else [*lines[:4], f"… and {len(lines) - 4} more lines: print(error)"]
        return [f"{type(self).__name__}: {shown[0]}", *shown[1:]]


class RequestError(GtVpcError, ValueError):
    """A labeling job's fields are not what CreateLabelingJob takes."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class PolicyError(GtVpcError, ValueError):
    """A policy cannot be read, or no edit does what was asked; then `proposal` may be another policy that does."""

    def __init__(self, message: str, findings: Sequence[object] = (), proposal: object | None = None) -> None:
        super().__init__(message)
        self.findings = tuple(findings)
        self.proposal = proposal


class ManifestError(GtVpcError, ValueError):
    """A manifest or an output manifest cannot be read."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class CommandError(GtVpcError, ValueError):
    """A magic or a command line cannot be understood."""


class AwsError(GtVpcError, RuntimeError):
    """AWS refused a call, or did not answer it."""

    def __init__(self, message: str, *, code: str = "", operation: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.operation = operation


class ChangeRefused(GtVpcError, RuntimeError):
    """A change was not made because it would do harm, or because its ground has moved."""


class JobFailed(GtVpcError, RuntimeError):
    """A labeling job ended as Failed or Stopped."""


class WaitTimeout(GtVpcError, TimeoutError):
    """A labeling job is still running when the time is up; the job itself goes on."""


class LocalAwsError(GtVpcError, RuntimeError):
    """The local AWS was asked for something it does not do."""


class MissingExtra(GtVpcError, ImportError):
    """A room needs packages that are not installed."""

    def __init__(self, extra: str, needs: str, what_for: str) -> None:
        super().__init__(f"{what_for} needs {needs}; install it with: pip install 'gt-vpc-nb[{extra}]'")
        self.extra = extra


def near_miss(word: str, words: Iterable[str]) -> str:
    """The nearest right word as the tail of a sentence, or nothing.

    >>> near_miss("boundingbox", ["BoundingBox", "ImageMultiClass"])
    "; did you mean 'BoundingBox'?"
    """
    by_folded = {each.casefold(): each for each in words}
    near = difflib.get_close_matches(str(word).casefold(), by_folded, n=1, cutoff=0.6)
    return f"; did you mean '{by_folded[near[0]]}'?" if near else ""


def refuse(problems: Sequence[Problem], subject: str) -> None:
    """Raises one RequestError that names every error among the problems; warnings pass."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        count = "1 problem" if len(errors) == 1 else f"{len(errors)} problems"
        raise RequestError("\n".join([f"{subject} has {count}:", *(f"  {problem}" for problem in errors)]), problems)
