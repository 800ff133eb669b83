"""A request in a text or a loaded document: JSON, YAML, and code of other tools with one labeling job in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.job_code_ack import is_ack, requested_by_ack, requests_in_ack
from gt_vpc_nb.job_code_boto3 import requests_in_python
from gt_vpc_nb.job_code_found import FoundRequest, Placed, found_request, in_our_words
from gt_vpc_nb.job_code_stepfunctions import requested_by_states
from gt_vpc_nb.job_code_terraform import RESOURCE, requests_in_terraform
from gt_vpc_nb.job_code_trees import json_tree, yaml_trees

#: Text that is code, told by a word in it.
_CODE: tuple[tuple[str, Callable[[str], list[FoundRequest]]], ...] = (
    (f'"{RESOURCE}"', requests_in_terraform),
    ("create_labeling_job(", requests_in_python),
)


def request_in_text(text: str | bytes) -> Mapping[str, Any]:
    """The one request of a text.

    Raises:
        RequestError: the text cannot be read, holds no labeling job or more than one, or not all its values.
    """
    return _only(_in_text(text))


def request_in_document(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one request of a Kubernetes manifest or a state machine that was loaded before; raises as for a text."""
    return _only(_in_tree([_placed(document)]))


def in_words_of_the_api(members: Mapping[str, Any], spell: Callable[[str], str]) -> dict[str, Any]:
    """The members under the API's names, where they stand under what `spell` makes of these."""
    return dict(in_our_words(_placed(members), spell).plain)


def _placed(value: Any) -> Placed:
    if isinstance(value, Mapping):
        return Placed({str(key): _placed(each) for key, each in value.items()}, 1)
    return Placed(tuple(map(_placed, value)) if isinstance(value, (list, tuple)) else value, 1)


def _in_text(text: str | bytes) -> list[FoundRequest]:
    try:
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise RequestError(f"The text is not UTF-8: byte {error.start} is none of a character.") from error
    if text.lstrip()[:1] == "{":
        return _in_tree([json_tree(text)])
    for word, reader in _CODE:
        if word in text:
            return reader(text)
    trees = yaml_trees(text)
    return requests_in_ack(text) if any(map(is_ack, trees)) else _in_tree(trees)


def _in_tree(trees: list[Placed]) -> list[FoundRequest]:
    found: list[FoundRequest] = []
    for tree in trees:
        if is_ack(tree):
            found.append(requested_by_ack(tree))
        elif isinstance(tree.value, dict) and "States" in tree.value:
            found += requested_by_states(tree)
        elif isinstance(tree.value, dict):
            found.append(found_request(tree, "the request"))
    return found


def _only(found: list[FoundRequest]) -> Mapping[str, Any]:
    """The one request, whole. All that is open is told at once."""
    if len(found) != 1:
        lines = ", ".join(str(each.line) for each in found)
        said = f"holds {len(found)} labeling jobs (lines {lines})" if found else "holds no labeling job"
        raise RequestError(f"The text {said}; give the text of one CreateLabelingJob request.")
    (one,) = found
    if one.unknown:
        said = [f"  line {one.line_of(member)}: {member} is {value}" for member, value in one.unknown.items()]
        raise RequestError("\n".join(["Some values are not in the text, only running it gives them:", *said]))
    return one.request
