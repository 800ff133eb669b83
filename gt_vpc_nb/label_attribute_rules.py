"""The attributes that workers give to labels and frames of 3D point clouds and video frames, and their limits.

Source: SageMaker developer guide, sms-label-cat-config-attributes (schema and quota table).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from gt_vpc_nb.errors import Problem, Severity, near_miss
from gt_vpc_nb.facts import TaskType

#: The member of CreateLabelingJob that names the file.
FIELD = "LabelCategoryConfigS3Uri"
#: How many attributes a label (its own and the global ones) or a frame has, and how many of them in free words.
ATTRIBUTES, FREE_TEXT = 10, 5
NAME, DESCRIPTION, CHOICES, CHOICE = 16, 128, 10, 16
TYPES, EDITS = ("string", "number"), ("none", "any")
_MEMBERS = ("name", "type", "description", "enum", "minimum", "maximum", "editsAllowed", "isRequired")
_LISTS = ("frameAttributes", "categoryGlobalAttributes")


def attribute_problems(
    document: Mapping[str, Any], labels: Iterable[Mapping[str, Any]], kind: TaskType | None, frames: bool
) -> Iterator[Problem]:
    """What is wrong with the attributes of a label category file, and of the labels in it."""
    labels = list(labels)
    given = [name for name in _LISTS if name in document]
    given += ["categoryAttributes"] if any("categoryAttributes" in label for label in labels) else []
    if not frames:
        for name in given:
            yield _warning(f"{name} is given, which only 3D point cloud and video frame tasks have.", "Leave it out.")
        return
    if kind and "SemanticSegmentation" in kind.code:
        # AWS ignores these there, and takes frameAttributes.
        for name in given:
            if name != "frameAttributes":
                yield _warning(f"{name} is given, which {kind.code} ignores.", "Leave it out.")
    yield from _all(document, labels)


def _all(document: Mapping[str, Any], labels: list[Mapping[str, Any]]) -> Iterator[Problem]:
    framed = _listed(document.get("frameAttributes"))
    shared = _listed(document.get("categoryGlobalAttributes"))
    for name in _LISTS:
        yield from _list(document.get(name), name, described=name == "frameAttributes")
    yield from _room("a frame", framed)
    yield from _twins("frameAttributes", framed)
    yield from _twins("categoryGlobalAttributes", shared)
    for label in labels:
        own = _listed(label.get("categoryAttributes"))
        place = f"{_quoted(label['label'])}'s categoryAttributes"
        yield from _list(label.get("categoryAttributes"), place, described=False)
        yield from _room(f"the label {_quoted(label['label'])}", [*shared, *own])
        yield from _twins(place, own, {_name(each) for each in shared})
        if "editsAllowed" in label and label["editsAllowed"] not in EDITS:
            yield _error(f"{_quoted(label['label'])}'s editsAllowed is {_quoted(label['editsAllowed'])}.", _EDITING)


_EDITING = "Write 'none' or 'any'."


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _list(value: Any, place: str, *, described: bool) -> Iterator[Problem]:
    if value is not None and (not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value)):
        yield _error(f"{place} is not a list of objects.", "Write [{'name': …, 'type': …}, …].")
    for each in _listed(value):
        yield from _attribute(each, f"{place} {_quoted(_name(each))}", described)


def _attribute(given: Mapping[str, Any], place: str, described: bool) -> Iterator[Problem]:
    for member in given:
        if member not in _MEMBERS:
            yield _error(
                f"{place} has a member {_quoted(member)}{near_miss(member, _MEMBERS) or '.'}", "Rename or remove it."
            )
    name, told = given.get("name"), given.get("description")
    if not isinstance(name, str) or not 1 <= len(name) <= NAME:
        yield _error(f"{place} needs a name of 1 to {NAME} characters.", "Give it a short name.")
    if described and not told:
        yield _error(f"{place} has no description, which a frame attribute needs.", "Describe it.")
    if told is not None and (not isinstance(told, str) or len(told) > DESCRIPTION):
        yield _error(f"{place} has a description that is no text of at most {DESCRIPTION} characters.", "Shorten it.")
    if given.get("type") not in TYPES:
        near = near_miss(str(given.get("type")), TYPES) or "."
        yield _error(
            f"{place} has the type {_quoted(given.get('type'))}, string or number is wanted{near}", "Give one."
        )
    if "editsAllowed" in given and given["editsAllowed"] not in EDITS:
        yield _error(f"{place} has editsAllowed {_quoted(given['editsAllowed'])}.", _EDITING)
    if not isinstance(given.get("isRequired", False), bool):
        yield _error(f"{place} has isRequired {_quoted(given['isRequired'])}.", "Write true or false.")
    yield from _range(given, place)
    yield from _choices(given, place)


def _range(given: Mapping[str, Any], place: str) -> Iterator[Problem]:
    bounds = [given.get("minimum"), given.get("maximum")]
    if given.get("type") != "number":
        if any(each is not None for each in bounds):
            yield _error(f"{place} has minimum or maximum, but is no number.", "Make its type number, or drop them.")
    elif not all(isinstance(each, int) and not isinstance(each, bool) for each in bounds):
        yield _error(f"{place} is a number without whole minimum and maximum.", "Give both.")
    elif bounds[0] > bounds[1]:
        yield _error(f"{place} has the minimum {bounds[0]} above the maximum {bounds[1]}.", "Turn them round.")


def _choices(given: Mapping[str, Any], place: str) -> Iterator[Problem]:
    choices = given.get("enum")
    if choices is None:
        return
    if given.get("type") != "string":
        yield _error(f"{place} has an enum, but is no string.", "Make its type string, or drop the enum.")
    if not isinstance(choices, list) or not 1 <= len(choices) <= CHOICES:
        yield _error(f"{place} has an enum that is no list of 1 to {CHOICES} texts.", "Leave some out.")
        return
    for choice in choices:
        if not isinstance(choice, str) or not 1 <= len(choice) <= CHOICE:
            yield _error(f"{place} offers {_quoted(choice)}; 1 to {CHOICE} characters are wanted.", "Shorten it.")


def _room(owner: str, attributes: list[Mapping[str, Any]]) -> Iterator[Problem]:
    free = [each for each in attributes if each.get("type") == "string" and "enum" not in each]
    if len(attributes) > ATTRIBUTES:
        yield _error(f"{owner} has {len(attributes)} attributes, at most {ATTRIBUTES} are taken.", "Leave some out.")
    if len(free) > FREE_TEXT:
        message = f"{owner} has {len(free)} attributes of free text, at most {FREE_TEXT} are taken."
        yield _error(message, "Offer choices by an enum.")


def _twins(place: str, attributes: list[Mapping[str, Any]], taken: Collection[str] = ()) -> Iterator[Problem]:
    names = Counter(_name(each) for each in attributes)
    for name, times in names.items():
        if times > 1 or name in taken:
            yield _error(f"{place} has {_quoted(name)}, a name that is there already.", "Names are unique: rename one.")


def _name(attribute: Mapping[str, Any]) -> str:
    return str(attribute.get("name", ""))


def _quoted(value: Any) -> str:
    text = str(value)
    return f"'{text if len(text) <= 40 else text[:39] + '…'}'"


def _error(message: str, remedy: str, severity: Severity = "error") -> Problem:
    return Problem("LAB-06", severity, FIELD, message[:1].upper() + message[1:], remedy)


def _warning(message: str, remedy: str) -> Problem:
    return _error(message, remedy, "warning")
