"""The forms in which people have a request: dict, text, an answer of AWS, an object of another library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gt_vpc_nb.errors import RequestError

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


def request_in(given: Any) -> Mapping[str, Any]:
    """The CreateLabelingJob request in whatever somebody has.

    A dict of boto3; JSON or YAML text of one; the answer of DescribeLabelingJob, whose members about the job itself
    are left out; a resource of sagemaker-core; a Kubernetes manifest of ACK, a state machine, a Terraform
    configuration or a Python script with one labeling job. A member that the API does not have stays where it is.

    Raises:
        RequestError: there is no labeling job in it, more than one, or one whose values are not in the text.
    """
    if isinstance(given, (str, bytes)):
        from gt_vpc_nb.request_texts import request_in_text

        return _described(request_in_text(given))
    if isinstance(given, Mapping):
        return _in_mapping(given)
    if hasattr(given, "labeling_job_name") and hasattr(given, "__dict__"):
        return _described(_in_resource(given), answered=True)
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
        from gt_vpc_nb.request_texts import request_in_document

        return request_in_document(given)
    return _described(given)


def _in_resource(resource: Any) -> Mapping[str, Any]:
    """The members of an object whose attributes are the API's in snake_case, without importing its library."""
    from gt_vpc_nb.job_code_terraform import terraform_name
    from gt_vpc_nb.request_texts import in_words_of_the_api

    status = {terraform_name(member): member for member in _OF_THE_JOB}
    members = {status.get(name, name): value for name, value in _attributes(resource).items()}
    return in_words_of_the_api(members, terraform_name)


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
