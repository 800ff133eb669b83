"""The folder in S3 that a labeling job writes: where things are put, and what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gt_vpc_nb.local.dataset import BadInput, Content, DataObject, View
from gt_vpc_nb.local.failures import Missing, Refused
from gt_vpc_nb.local.forms import FORMS
from gt_vpc_nb.local.job import Job
from gt_vpc_nb.local.outputs import consolidation_request, consolidation_response, manifest, stamp, worker_response

_JSON = "application/json"


class JobFolder:
    """Writes as the execution role from Ground Truth's endpoint.

    Every method raises BadInput, naming action and ARN, when a policy or a missing bucket stops it [guess: text].
    """

    def __init__(self, job: Job, view: View) -> None:
        self._job, self._view = job, view
        self._form = FORMS[job.task_type.code]

    def place(self, path: str) -> str:
        """The S3 URI of a path in the folder."""
        bucket, prefix = self._job.folder
        return f"s3://{bucket}/{prefix}{path}"

    def put(self, path: str, data: Content, content_type: str = _JSON, view: View | None = None) -> str:
        """Writes one file and returns its URI."""
        bucket, prefix = self._job.folder
        try:
            (view or self._view).put(bucket, prefix + path, data, content_type)
        except (Refused, Missing) as error:
            why, what = "NoSuchBucket", f"s3:PutObject on arn:aws:s3:::{bucket}/{prefix}{path}"
            if isinstance(error, Refused):
                why, what = error.said, f"{error.action} on {error.resource_arn}"
            reason = f"ClientError: Unable to write the output of the job. {why}: {what}."
            raise BadInput(reason) from error
        return self.place(path)

    def put_answers(self, data: DataObject, iteration: int, now: datetime) -> None:
        """The raw answers for one object."""
        folder = f"annotations/worker-response/iteration-{iteration}/{data.number}"
        data.response_path = f"{folder}/{stamp(now)}.json"
        job, answers = self._job, data.answers
        self.put(data.response_path, lambda: worker_response(self._form, data, answers, job.region, job.account))

    def put_request(self, answered: Sequence[DataObject], iteration: int, now: datetime) -> str:
        """Everybody's answers of one iteration, as the consolidation function gets them."""
        path = f"annotations/consolidated-annotation/consolidation-request/iteration-{iteration}/{stamp(now)}.json"
        kept = tuple(answered)
        return self.put(path, lambda: consolidation_request(kept, self._job.region, self._form))

    def put_response(self, done: Sequence[DataObject], iteration: int, now: datetime) -> None:
        """The labels of one iteration."""
        path = f"annotations/consolidated-annotation/consolidation-response/iteration-{iteration}/{stamp(now)}.json"
        kept = tuple(done)
        self.put(path, lambda: consolidation_response(kept))
        self.put(f"annotations/intermediate/{iteration}/annotations.manifest", manifest(done))

    def put_manifest(self, objects: Sequence[DataObject]) -> str:
        """The output manifest as far as it goes."""
        return self.put("manifests/output/output.manifest", manifest(objects))
