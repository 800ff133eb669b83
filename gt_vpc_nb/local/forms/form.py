"""What a task type makes of its workers' answers: the shape of one row of the table of forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gt_vpc_nb.local.consolidation import Answer, Trust, Verdict
from gt_vpc_nb.local.dataset import DataObject, View

Labels = Sequence[str]


@dataclass(frozen=True)
class File:
    """A file that a label consists of; `path` is relative to the job's folder."""

    path: str
    data: bytes
    content_type: str


@dataclass(frozen=True)
class Written:
    """The two members a label adds to its line of the output manifest; `files` go beside it."""

    label: Any
    metadata: Mapping[str, Any]
    files: tuple[File, ...] = ()


class Placing(Protocol):
    """The S3 URI that a path of the job's folder has."""

    def __call__(self, path: str) -> str: ...


def nothing_to_know(data: DataObject, view: View, labels: Labels) -> dict[str, Any]:
    """The object itself is looked at by nobody but the workers: it has to be there and to be readable."""
    data.look(view)
    return {}


def as_given(value: Any, labels: Labels, data: DataObject) -> Any:
    """The worker's value needs no other form."""
    return value


def no_prior(data: DataObject, attribute: str, view: View) -> Any:
    """The task type looks at no earlier label."""
    return None


@dataclass(frozen=True)
class Form:
    """How answers of one task type become a label.

    `learn` reads what has to be known of an object before it is offered (BadInput, Refused or Missing fail it);
    `valid` tells whether a worker's value is one, and `settle` brings it into the one form that the others take;
    `consolidate` makes several answers into one; `write` lays the verdict out as AWS documents it; `raw` is the answer
    as the worker's browser submits it; `prior` reads the label that an adjustment or verification job looks at.
    """

    consolidate: Callable[[Sequence[Answer], Labels, Trust], Verdict]
    write: Callable[[Verdict, Labels, DataObject, Placing], Written]
    raw: Callable[[Any, DataObject], Mapping[str, Any]]
    valid: Callable[[Any, Labels], bool]
    settle: Callable[[Any, Labels, DataObject], Any] = as_given
    learn: Callable[[DataObject, View, Labels], Mapping[str, Any]] = nothing_to_know
    prior: Callable[[DataObject, str, View], Any] = no_prior
    #: Pass-through jobs write job_name and creation_date, all others job-name and creation-date.
    underscored: bool = False


def rounded(confidence: float | Sequence[float]) -> float:
    """A confidence with the four digits that are written."""
    assert isinstance(confidence, float)
    return round(confidence, 4)


def is_rows(value: Any, labels: Labels, numbers: Sequence[str]) -> bool:
    """Whether a value is a sequence of mappings, each with a label of the job and these numbers."""
    return isinstance(value, list | tuple) and all(
        isinstance(row, Mapping)
        and row.get("label") in labels
        and all(isinstance(row.get(name), int | float) and not isinstance(row.get(name), bool) for name in numbers)
        for row in value
    )


def in_job_order(names: Sequence[str], labels: Labels) -> dict[str, str]:
    """AWS's class map: the numbers of the labels that are used, as text, and their names."""
    return {str(number): label for number, label in enumerate(labels) if label in names}


def names_of(metadata: Mapping[str, Any]) -> Mapping[str, str]:
    """The class map of an earlier label, whichever way it is spelt."""
    return metadata.get("class-map") or metadata.get("class_map") or {}
