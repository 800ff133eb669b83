"""What a labeling job writes: output manifest lines, worker responses and consolidated annotations, as documented.

Source of the formats: SageMaker developer guide, sms-data-output (sections named at each task type there).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from gt_vpc_nb.local.consolidation import Answer
from gt_vpc_nb.local.dataset import DataObject
from gt_vpc_nb.local.forms import Form, Written

#: No document gives the type of video classification [guess].
_CLIP_TYPE = "groundtruth/video-classification"


def label_members(
    form: Form, data: DataObject, written: Written, *, attribute: str, job: str, output_type: str | None, when: datetime
) -> dict[str, Any]:
    """The two members that a labeled object has more than its input line: the label and its metadata."""
    told = when.strftime("%Y-%m-%dT%H:%M:%S.%f")
    by = "yes" if data.human else "no"
    common = {"type": output_type or _CLIP_TYPE, "job-name": f"labeling-job/{job}", "human-annotated": by}
    if form.underscored:
        common = {"job_name": job, "type": common["type"], "human-annotated": by, "creation_date": told}
    else:
        common["creation-date"] = told
    return {attribute: written.label, f"{attribute}-metadata": {**written.metadata, **common}}


def function_members(content: Mapping[str, Any], *, attribute: str, job: str, when: datetime) -> dict[str, Any]:
    """What a post-annotation function made, and the metadata that Ground Truth adds when it gets it.

    Source: developer guide, sms-custom-templates-step3-lambda-requirements. Its own metadata stay [guess].
    """
    name = f"{attribute}-metadata"
    own = content.get(name)
    common = {"job_name": job, "type": "groundTruth/custom", "human-annotated": "yes"}
    common["creation_date"] = when.strftime("%Y-%m-%dT%H:%M:%S.%f")
    return {**content, name: {**(own if isinstance(own, Mapping) else {}), **common}}


def manifest(objects: Iterable[DataObject]) -> bytes:
    """Output manifest lines: input line and label; an object without a label as it came."""
    return "".join(_dumped({**data.line, **data.output}) + "\n" for data in objects).encode()


def worker_response(form: Form, data: DataObject, answers: Sequence[Answer], region: str, account: str) -> bytes:
    """The file of one object's raw answers (sms-data-output, sms-worker-id-private)."""
    return _dumped({"answers": [_raw_answer(form, data, answer, region, account) for answer in answers]}).encode()


def _raw_answer(form: Form, data: DataObject, answer: Answer, region: str, account: str) -> dict[str, Any]:
    issuer = f"https://cognito-idp.{region}.amazonaws.com/{region}_local{account[-4:]}"
    identity = {"identityProviderType": "Cognito", "issuer": issuer, "sub": answer.worker}
    return {
        "acceptanceTime": _milliseconds(answer.accepted),
        "answerContent": form.raw(answer.value, data),
        "submissionTime": _milliseconds(answer.submitted),
        "timeSpentInSeconds": round((answer.submitted - answer.accepted).total_seconds(), 3),
        "workerId": f"private.{region}.{answer.worker}",
        "workerMetadata": {"identityData": identity},
    }


def consolidation_request(objects: Iterable[DataObject], region: str, form: Form) -> bytes:
    """What the consolidation function is given for one iteration."""
    rows = [
        {
            "datasetObjectId": str(data.number),
            "dataObject": {"s3Uri" if "source-ref" in data.line else "content": data.key},
            "annotations": [
                {
                    "workerId": f"private.{region}.{answer.worker}",
                    "annotationData": {"content": _dumped(form.raw(answer.value, data))},
                }
                for answer in data.answers
            ],
        }
        for data in objects
    ]
    return _dumped(rows).encode()


def consolidation_response(objects: Iterable[DataObject]) -> bytes:
    """What the consolidation function answers for one iteration."""
    rows = [
        {"datasetObjectId": str(data.number), "consolidatedAnnotation": {"content": data.output}} for data in objects
    ]
    return _dumped(rows).encode()


def stamp(when: datetime) -> str:
    """A time as AWS writes it into file names of annotations."""
    return when.strftime("%Y-%m-%d_%H:%M:%S")


def _milliseconds(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"


def _dumped(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
