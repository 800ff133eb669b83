"""The forms in which people have a request: dict, text, an answer of AWS, an object of another library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.job_code_ack import is_ack, requested_by_ack, requests_in_ack
from gt_vpc_nb.job_code_boto3 import requests_in_python
from gt_vpc_nb.job_code_found import FoundRequest, Placed, found_request, in_our_words
from gt_vpc_nb.job_code_stepfunctions import requested_by_states
from gt_vpc_nb.job_code_terraform import RESOURCE, requests_in_terraform, terraform_name
from gt_vpc_nb.job_code_trees import json_tree, yaml_trees

#: What DescribeLabelingJob tells of the job beyond the request that made it.
_OF_THE_JOB = (
    "CreationTime",
    "FailureReason",
    "JobReferenceCode",
    "LabelCounters",
    "LabelingJobArn",
    "LabelingJobOutput",
    "LabelingJobStatus",
    "LastModifiedTime",
    "ResponseMetadata",
)
#: What only an answer of AWS has: whoever writes one of these words by mistake is told so.
_ANSWERED = ("LabelingJobArn", "LabelingJobStatus")
#: Text that is code, told by a word in it.
_CODE: tuple[tuple[str, Callable[[str], list[FoundRequest]]], ...] = (
    (f'"{RESOURCE}"', requests_in_terraform),
    ("create_labeling_job(", requests_in_python),
)


def request_in(given: Any) -> Mapping[str, Any]:
    """The CreateLabelingJob request in whatever somebody has.

    A dict of boto3; JSON or YAML text of one; the answer of DescribeLabelingJob, whose members about the job itself
    are left out; a resource of sagemaker-core; a Kubernetes manifest of ACK, a state machine, a Terraform
    configuration or a Python script with one labeling job. A member that the API does not have stays where it is.

    Raises:
        RequestError: there is no labeling job in it, more than one, or one whose values are not in the text.
    """
    if isinstance(given, (str, bytes)):
        return _described(_only(_in_text(given)))
    if isinstance(given, Mapping):
        return _in_mapping(given)
    if hasattr(given, "labeling_job_name") and hasattr(given, "__dict__"):
        return _described(_from_resource(given), answered=True)
    raise RequestError(
        f"A CreateLabelingJob request is a dict, not {type(given).__name__}; JSON or YAML text of one, an answer of "
        "describe_labeling_job and sagemaker-core's LabelingJob are read too."
    )


def _described(request: Mapping[str, Any], *, answered: bool = False) -> Mapping[str, Any]:
    """Without what AWS answers about the job and what it answers as empty; a request as it is."""
    if not answered and not all(member in request for member in _ANSWERED):
        return request
    return {name: v for name, v in request.items() if name not in _OF_THE_JOB and v not in (None, [], {})}


def _in_mapping(given: Mapping[str, Any]) -> Mapping[str, Any]:
    if "LabelingJobName" not in given and ("States" in given or {"apiVersion", "kind"} <= set(given)):
        return _only(_in_tree([_placed(given)]))
    return _described(given)


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


def _from_resource(resource: Any) -> Mapping[str, Any]:
    """The members of an object whose attributes are the API's in snake_case, without importing its library."""
    status = {terraform_name(member): member for member in _OF_THE_JOB}
    members = {status.get(name, name): value for name, value in _attributes(resource).items()}
    return in_our_words(_placed(members), terraform_name).plain


def _attributes(value: Any) -> Any:
    """What is set of an object's attributes, and of theirs; `Unassigned` is how sagemaker-core says that one is not."""
    if isinstance(value, (list, tuple)):
        return [_attributes(each) for each in value]
    if isinstance(value, (Mapping, str, int, float)) or not hasattr(value, "__dict__"):
        return value
    inner = {name: each for name, each in vars(value).items() if not name.startswith("_")}
    return {name: _attributes(each) for name, each in inner.items() if not _unset(each)}


def _unset(value: Any) -> bool:
    return value is None or type(value).__name__ == "Unassigned"
