"""What AWS asks of a label category configuration file, of any text and for every task type; all problems at once.

Sources: CreateLabelingJob.LabelCategoryConfigS3Uri in the API; SageMaker developer guide, input-data-limits and
sms-label-cat-config-attributes (whose own examples leave out minimum and maximum that its table requires: the table
counts).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gt_vpc_nb.errors import Problem, Severity, near_miss
from gt_vpc_nb.facts import TaskType
from gt_vpc_nb.label_attribute_rules import FIELD, attribute_problems

#: Characters of a label category's name for a task that is none of the built-in ones.
LABEL_CHARACTERS = 256
#: "Under 255" and "under 2,048" characters.
SHORT_INSTRUCTION, FULL_INSTRUCTION = 254, 2_047
ANNOTATION_TYPES = ("BoundingBox", "Polyline", "Polygon", "Keypoint")
#: So many problems are told of each kind: a file may have thousands of labels.
_KEPT = 100
#: Version key -> the versions that AWS's pages and notebooks print.
_VERSIONS = {"document-version": ("2018-11-28", "2020-08-15"), "documentVersion": ("2020-03-01",)}
_MEMBERS = (
    *_VERSIONS,
    *("labels", "instructions", "auditLabelAttributeName", "annotationType"),
    *("frameAttributes", "categoryGlobalAttributes"),
)


@dataclass(frozen=True)
class CategoryFile:
    """A label category configuration file under examination, for a task type (None: a custom workflow).

    `verifying` says that workers only look at earlier labels; `attribute` is the job's own label attribute name.
    """

    document: Mapping[str, Any]
    kind: TaskType | None
    automated: bool = False
    verifying: bool = False
    attribute: str | None = None

    @property
    def frames(self) -> bool:
        """Whether AWS's worker interface for point clouds or video frames reads the file."""
        return self.kind is not None and self.kind.ui == "human-task-ui" and self.kind.modality != "text"

    @property
    def audits(self) -> bool:
        """Whether the task type looks at the labels of an earlier job by what this file says."""
        return self.frames and self.kind is not None and self.kind.job_kind.startswith("adjustment")

    @property
    def entries(self) -> list[Mapping[str, Any]]:
        """The label categories that can be read."""
        found = self.document.get("labels")
        listed = found if isinstance(found, list) else []
        return [each for each in listed if isinstance(each, Mapping) and isinstance(each.get("label"), str)]


def category_file_problems(
    given: str | Mapping[str, Any],
    kind: TaskType | None,
    *,
    automated: bool = False,
    verifying: bool = False,
    attribute: str | None = None,
) -> list[Problem]:
    """Everything wrong with a label category configuration file, given as its text or its parsed JSON.

    >>> from gt_vpc_nb.facts import task_type
    >>> text = '{"document-version": "2018-11-28", "labels": [{"label": "stop"}]}'
    >>> [problem.code for problem in category_file_problems(text, task_type("ImageMultiClass"))]
    ['LAB-02']
    """
    document = _parsed(given) if isinstance(given, str) else given
    if isinstance(document, Problem):
        return [document]
    if not isinstance(document, Mapping):
        return [_problem("LAB-01", "The file is JSON, but not an object.", "Write {…} with labels in it.")]
    file = CategoryFile(document, kind, automated, verifying, attribute)
    return [problem for rule in _RULES for problem in islice(rule(file), _KEPT)]


def _parsed(text: str) -> Any:
    twins: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        twins.extend(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        return dict(pairs)

    try:
        found = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        # AWS's own page of May 2023 prints the file without the comma after the version.
        return _problem("LAB-01", f"The file is not JSON ({error}).", "Correct it there; often a comma is missing.")
    if twins:
        return _problem("LAB-01", f"The file has the member {_shown(twins[0])} twice.", "Leave one of them out.")
    return found


def _form(file: CategoryFile) -> Iterator[Problem]:
    for name in file.document:
        if name not in _MEMBERS:
            message = (
                f"The file has a member {_shown(name)}, which Ground Truth does not know{near_miss(name, _MEMBERS)}"
            )
            yield _problem("LAB-01", message, "Rename it, or leave it out.", "warning")
    yield from _version(file)
    labels = file.document.get("labels")
    if not isinstance(labels, list):
        yield _problem("LAB-01", "The file has no labels, a list of {'label': name}.", "Add labels.")
        return
    for place, entry in enumerate(labels):
        if not isinstance(entry, Mapping) or not isinstance(entry.get("label"), str):
            yield _problem("LAB-01", f"labels[{place}] is {_shown(entry)}, not {{'label': name}}.", "Give it a name.")


def _version(file: CategoryFile) -> Iterator[Problem]:
    wanted = "documentVersion" if file.frames else "document-version"
    example = f'"{wanted}": "{_VERSIONS[wanted][0]}"'
    given = [key for key in _VERSIONS if key in file.document]
    if not given:
        yield _problem("LAB-01", f"The file names no version of its form, {example}.", f"Add {example}.")
    for key in given:
        version = file.document[key]
        if key != wanted:
            message = f"The file says {key}; AWS's examples for this task type say {wanted}."
            yield _problem("LAB-01", message, f"Write {example}.", "warning")
        elif version not in _VERSIONS[key]:
            message = f"{key} is {_shown(version)}; AWS prints {', '.join(_VERSIONS[key])}."
            yield _problem("LAB-01", message, f"Write {example}.", "warning")


def _counts(file: CategoryFile) -> Iterator[Problem]:
    kind, count = file.kind, len(file.entries)
    least = kind.labels_min if kind else 1
    name = kind.code if kind else "a custom workflow"
    if isinstance(file.document.get("labels"), list) and count < least:
        message = f"{count} label categories given, {name} wants {least} or more."
        yield _problem("LAB-02", message, "Add label categories.")
    if kind and kind.labels_max is not None and count > kind.labels_max:
        message = f"{count} label categories given, {name} takes at most {kind.labels_max}."
        yield _problem("LAB-03", message, "Leave some out, or make two jobs.")
    if kind and file.automated and kind.labels_max_automated is not None and count > kind.labels_max_automated:
        most = f"{name} with automated labeling takes at most {kind.labels_max_automated}"
        yield _problem("AUTO-07", f"{count} label categories given, {most}.", "Leave some out.")


def _names(file: CategoryFile) -> Iterator[Problem]:
    longest = file.kind.label_chars if file.kind else LABEL_CHARACTERS
    for name, times in Counter(entry["label"] for entry in file.entries).items():
        if times > 1:
            message = f"The label category {_shown(name)} is given {times} times; names are unique."
            yield _problem("LAB-04", message, "Give each name once.")
        if not 1 <= len(name) <= longest:
            message = f"The label category {_shown(name)} has {len(name)} characters; 1 to {longest} wanted."
            yield _problem("LAB-04", message, "Give it a shorter name." if name else "Give it a name.")


def _instructions(file: CategoryFile) -> Iterator[Problem]:
    told = file.document.get("instructions")
    recognition = file.kind is not None and file.kind.code == "NamedEntityRecognition"
    if not recognition and (told is None or not file.frames):
        return
    name = file.kind.code if file.kind else ""
    parts = told if isinstance(told, Mapping) else {}
    limits = (("shortInstruction", SHORT_INSTRUCTION), ("fullInstruction", FULL_INSTRUCTION))
    for part, most in limits:
        text = parts.get(part)
        if not isinstance(text, str) or (recognition and not text.strip()):
            yield _problem("LAB-05", f"{name} needs a text in instructions.{part}.", f"Add instructions.{part}.")
        elif file.frames and len(text) > most:
            message = f"instructions.{part} has {len(text)} characters, {name} takes at most {most}."
            yield _problem("LAB-05", message, "Shorten it.")


def _attributes(file: CategoryFile) -> Iterator[Problem]:
    return attribute_problems(file.document, file.entries, file.kind, file.frames)


def _audit(file: CategoryFile) -> Iterator[Problem]:
    audited = file.document.get("auditLabelAttributeName")
    name = file.kind.code if file.kind else "a custom workflow"
    if file.audits and not (isinstance(audited, str) and audited):
        message = f"{name} needs auditLabelAttributeName, the attribute with the labels to look at."
        yield _problem("LAB-07", message, "Name it: .adjusting('name') or .verifying('name').")
    elif audited is not None and not file.audits:
        message = f"auditLabelAttributeName is given, but {name} looks at no earlier labels."
        yield _problem("LAB-07", message, "Leave it out, or use the Adjustment… task type.", "warning")
    elif audited is not None and audited == file.attribute:
        message = f"The job would write its labels over those that it looks at, {_shown(audited)}."
        yield _problem("LAB-07", message, "Give the job a label attribute name of its own: .label_attribute('…').")
    editable = [entry["label"] for entry in file.entries if entry.get("editsAllowed") != "none"]
    if file.frames and file.verifying and editable:
        message = f"{_few(editable)} can be edited; a verification says editsAllowed 'none' for every label."
        yield _problem("LAB-07", message, "Add 'editsAllowed': 'none' to each label.")
    yield from _annotation_type(file)


def _annotation_type(file: CategoryFile) -> Iterator[Problem]:
    form = file.document.get("annotationType")
    if form is None:
        return
    if file.kind is None or file.kind.modality != "video frame":
        message = "annotationType is given, which only video frame tasks have."
        yield _problem("LAB-07", message, "Leave it out.", "warning")
    elif form not in ANNOTATION_TYPES:
        near = near_miss(str(form), ANNOTATION_TYPES)
        message = f"annotationType is {_shown(form)}, one of {', '.join(ANNOTATION_TYPES)} is wanted{near or '.'}"
        yield _problem("LAB-07", message, "Use one of these.")


def _problem(code: str, message: str, remedy: str, severity: Severity = "error") -> Problem:
    return Problem(code, severity, FIELD, message, remedy)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(_shown(name) for name in names[:3]) + more


_RULES = (_form, _counts, _names, _instructions, _attributes, _audit)
