"""Lines of an output manifest -> rows, for every built-in task type: one table of readers by the output's type.

Source of the formats: Amazon SageMaker Developer Guide, "Labeling job output data" (sms-data-output).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gt_vpc_nb.labels.shapes import READERS, Found, by_its_looks
from gt_vpc_nb.manifest.lines import object_on, refuse_line, source_of


@dataclass(frozen=True)
class LabeledObject:
    """One data object of an output manifest, with its label if it has one.

    `human` is True when people labeled it, False when automated labeling did, None when nobody did (or nothing says).
    `confidence` is 0 to 1; `created` is UTC; `annotations` are mappings, one a class, box, entity, cuboid or file.
    """

    line: int
    object: str
    labeled: bool = False
    label: Any = None
    class_name: str | None = None
    confidence: float | None = None
    human: bool | None = None
    type: str | None = None
    job: str | None = None
    created: datetime | None = None
    failure: str | None = None
    annotations: tuple[Mapping[str, Any], ...] = field(default=())


def labeled_objects(lines: Iterable[bytes], label_attribute: str) -> Iterator[LabeledObject]:
    """Row by row in bounded memory; an object without the attribute is a row with labeled=False.

    Raises ManifestError with the line's number for a line that is not a JSON object, or whose label is not of the
    shape that its type has. Empty lines are passed over.
    """
    for number, raw in enumerate(lines, 1):
        if raw.strip():
            yield labeled_object(object_on(raw, number), label_attribute, number)


def labeled_object(entry: Mapping[str, Any], label_attribute: str, number: int) -> LabeledObject:
    """One parsed line -> one row."""
    metadata = entry.get(f"{label_attribute}-metadata", {})
    if not isinstance(metadata, dict):
        refuse_line(number, f"has '{label_attribute}-metadata' that is not an object")
    about = _about(metadata)
    if label_attribute not in entry:
        return LabeledObject(number, source_of(entry), **about)
    kind = about["type"]
    reader: Callable[..., Found] = READERS.get(kind.casefold(), by_its_looks) if kind else by_its_looks
    try:
        found = reader(entry[label_attribute], metadata, entry)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        refuse_line(
            number, f"has a label in '{label_attribute}' that is not of the shape of {kind or 'any known type'}"
        )
    return LabeledObject(
        number, source_of(entry), True, found.label, found.class_name, found.confidence,
        annotations=tuple(found.annotations), **about,
    )  # fmt: skip


def _about(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What every type's metadata says; custom workflows write some names with underscores."""
    return {
        "human": _FLAGS.get(str(metadata.get("human-annotated")).casefold()),
        "type": _words(metadata.get("type")),
        "job": _job(metadata.get("job-name", metadata.get("job_name"))),
        "created": _moment(metadata.get("creation-date", metadata.get("creation_date"))),
        "failure": _words(metadata.get("failure-reason")),
    }


_FLAGS = {"yes": True, "true": True, "no": False, "false": False}


def _words(value: Any) -> str | None:
    return None if value is None else value if isinstance(value, str) else json.dumps(value)


def _job(value: Any) -> str | None:
    """AWS writes both ``labeling-job/my-job`` and ``my-job``."""
    words = _words(value)
    return None if words is None else words.removeprefix("labeling-job/")


def _moment(value: Any) -> datetime | None:
    """AWS writes ISO times without a zone; they are UTC. What is no time is None."""
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def attributes_on(entry: Mapping[str, Any]) -> set[str]:
    """The label attributes that a line has: every name with a ``-metadata`` beside it."""
    return {name.removesuffix("-metadata") for name in entry if name.endswith("-metadata")} - {"source", "source-ref"}
