"""The builder's verbs: each says one thing about a labeling job and returns a new one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from gt_vpc_nb.facts import region
from gt_vpc_nb.job_arguments import (
    StartOrStep,
    audited_task,
    known_task,
    money,
    plain,
    raw_json,
    tag_pairs,
    template_text,
    text_or_none,
    texts,
    uri,
)
from gt_vpc_nb.job_chaining import chained_fields
from gt_vpc_nb.job_files import manifest_rows
from gt_vpc_nb.label_categories import CategoryWords, category_fields
from gt_vpc_nb.request import JobFields, merged
from gt_vpc_nb.request_reading import read_request

if TYPE_CHECKING:
    from gt_vpc_nb.jobs import SubmittedJob


@dataclass(frozen=True, repr=False)
class JobVerbs(JobFields):
    """What can be said about a labeling job; nothing here looks at a request, and nothing reaches AWS."""

    def _with(self, **changes: Any) -> Self:
        left_out = tuple(name for name in self.left_out if changes.get(name) is None)
        # A price is a Decimal, made of text by its verb.
        plainly = {name: value if name == "price" else plain(value) for name, value in changes.items()}
        return replace(self, **({"left_out": left_out} | plainly))

    def exactly(self, **changes: Any) -> Self:
        """Sets fields as they are, with nothing following from it: for a job that is read back from text."""
        return replace(self, **changes)

    @StartOrStep
    def in_vpc(
        self,
        vpc: str | None = None,
        *,
        subnets: Sequence[str] = (),
        security_groups: Sequence[str] = (),
        vpc_endpoints: Sequence[str] = (),
    ) -> Self:
        """Starts a job in a VPC. The request names subnets and security groups only with automated labeling."""
        return self._with(
            vpc=text_or_none("vpc", vpc, "vpc-0a1b2c3d4e5f60718"),
            subnets=texts("subnets", subnets),
            security_groups=texts("security_groups", security_groups),
            endpoints=texts("vpc_endpoints", vpc_endpoints),
        )

    def named(self, name: str) -> Self:
        """The job's name, unique in its account and Region."""
        return self._with(name=name)

    def in_region(self, region_code: str) -> Self:
        """The job's Region; without it the session's. Raises RequestError where Ground Truth does not run."""
        return self._with(region=region(region_code).code)

    def task(
        self,
        task_type: str | None,
        *,
        title: str | None = None,
        description: str | None = None,
        keywords: Sequence[str] = (),
    ) -> Self:
        """One of the 23 task types, or "custom" for a workflow of your own; and what workers read in the portal."""
        words = {"title": title, "description": description, "keywords": texts("keywords", keywords)}
        if task_type is None or task_type == "custom":
            return self._with(task_code=None, **words)
        ours = {"pre_function": None, "consolidation_function": None, "human_task_ui": None, "algorithm": None}
        follows = tuple(name for name in self.left_out if name not in {*ours, "template_file"})
        code = audited_task(known_task(task_type), self.audit)
        return self._with(task_code=code, **words, **ours, left_out=follows)

    def input(self, manifest_or_objects: str | Iterable[Any]) -> Self:
        """An input manifest (s3:// URI), or the data objects: URIs, texts, rows, a DataFrame, written at submit."""
        if isinstance(manifest_or_objects, str):
            return self._with(manifest=uri(manifest_or_objects, "input"), objects=())
        return self._with(manifest=None, objects=manifest_rows(manifest_or_objects))

    def output(self, path: str, *, kms_key_id: str | None = None) -> Self:
        """The s3:// path under which the job makes its folder, and the KMS key that encrypts what it writes."""
        return self._with(output_path=uri(path, "output"), output_key=kms_key_id)

    def label_categories(
        self,
        categories: str | Iterable[str] | Mapping[str, Any],
        *,
        attributes: Sequence[Mapping[str, Any]] = (),
        label_attributes: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        frame_attributes: Sequence[Mapping[str, Any]] = (),
        short_names: Mapping[str, str] | None = None,
        locked: Iterable[str] = (),
        annotation_type: str | None = None,
        instructions: str | None = None,
        full_instructions: str | None = None,
    ) -> Self:
        """Names, an s3:// URI of a label category configuration file, or the document of one as a mapping.

        Attributes are AWS's own objects, `{"name": …, "type": "string" | "number", "enum": […]}`: `attributes` of every
        label, `label_attributes` of one by its name, `frame_attributes` of a frame (3D point cloud and video frame).
        `short_names` are shown in named entity recognition, `locked` labels cannot be edited in an adjustment,
        `annotation_type` is BoundingBox, Polyline, Polygon or Keypoint (video frame). `instructions` are what workers
        read: in the file where Ground Truth takes them there, otherwise in the worker task template.
        What a document leaves out (its version, the audited attribute, edits allowed) follows from the job.
        """
        said = CategoryWords(
            tuple(attributes), dict(label_attributes or {}), tuple(frame_attributes), dict(short_names or {}),
            texts("locked", locked), annotation_type, instructions, full_instructions,
        )  # fmt: skip
        return self._with(**category_fields(categories, said))

    def template(self, uri_or_text: str) -> Self:
        """The worker task template: its s3:// URI, or its text, which is written at submit."""
        if "<" in template_text(uri_or_text):
            return self._with(template_file=None, template_text=uri_or_text)
        return self._with(template_file=uri(uri_or_text, "template"), template_text=None)

    def workers(
        self,
        team: str | None = None,
        *,
        per_object: int | None = None,
        time_limit: int | None = None,
        availability: int | None = None,
        tasks_in_flight: int | None = None,
    ) -> Self:
        """A private work team by name, or any by ARN; seconds a task, seconds on offer, tasks at a time.

        Left out, `per_object` is the task type's default and `time_limit` 3600 seconds.
        """
        return self._with(
            team=team,
            public=self.public and team is None,
            per_object=per_object,
            time_limit=time_limit,
            availability=availability,
            in_flight=tasks_in_flight,
        )

    def as_role(self, role_arn: str) -> Self:
        """The execution role as which Ground Truth reads and writes your buckets."""
        return self._with(role=role_arn)

    def with_automated_labeling(
        self, *, initial_model: str | None = None, volume_kms_key_id: str | None = None
    ) -> Self:
        """Lets a model label what it is sure of; trained in the VPC if the job is in one."""
        left_out = tuple(name for name in self.left_out if name != "algorithm")
        return self._with(automated=True, initial_model=initial_model, volume_key=volume_kms_key_id, left_out=left_out)

    def stop_after(self, *, objects: int | None = None, percentage: int | None = None) -> Self:
        """Stops when people have labeled so many objects, or so many per cent of the dataset is labeled."""
        return self._with(stop_objects=objects, stop_percentage=percentage)

    def with_tags(self, tags: Mapping[str, str]) -> Self:
        """Adds tags, replacing those with the same key."""
        added = tag_pairs(tags)
        return self._with(tags=tuple(pair for pair in self.tags if pair[0] not in tags) + added)

    def stream_from(self, sns_topic_arn: str | None = None, *, results_to: str | None = None) -> Self:
        """Makes a streaming job that takes data objects from an SNS topic and may send results to another."""
        return self._with(topic=sns_topic_arn, output_topic=results_to)

    def label_attribute(self, name: str) -> Self:
        """The label attribute name in the output manifest; left out, the job's name with ``-ref`` where needed."""
        return self._with(attribute=name)

    def custom_workflow(self, *, pre_lambda: str | None = None, consolidation_lambda: str | None = None) -> Self:
        """A workflow of your own: your Lambda functions (or none) in place of a built-in task type."""
        return self._with(task_code=None, pre_function=pre_lambda, consolidation_function=consolidation_lambda)

    def adjusting(self, job_or_attribute: str | JobFields | SubmittedJob) -> Self:
        """Workers correct the labels of an earlier job, given as such or by its label attribute name.

        Given the job, its output is the input and its label categories are taken, where this job names none.
        """
        return self._auditing("adjust", job_or_attribute)

    def verifying(self, job_or_attribute: str | JobFields | SubmittedJob) -> Self:
        """Workers judge the labels of an earlier job, given as such or by its label attribute name.

        Who verifies boxes or masks chooses among this job's label categories, such as good and bad, and may comment.
        In frames and point clouds every label is locked: ask by attributes, such as `{"name": "right", …}`.
        """
        return self._auditing("verify", job_or_attribute)

    def declares(self, *classifiers: str) -> Self:
        """Declares the data free of personally identifiable information or adult content."""
        return self._with(declared=tuple(dict.fromkeys((*self.declared, *classifiers))))

    def public_crowd(self, price: str | Decimal) -> Self:
        """Mechanical Turk in place of a work team, at a price in US dollars a task and worker, as text."""
        return self._with(public=True, team=None, price=money(price))

    def with_raw(self, **members: Any) -> Self:
        """Merges members of CreateLabelingJob over everything else, last."""
        return self._with(raw=raw_json(merged(json.loads(self.raw), members)))

    def _auditing(self, audit: str, job_or_attribute: str | JobFields | SubmittedJob) -> Self:
        if isinstance(job_or_attribute, str):
            code = audited_task(self.task_code, audit) if self.task_code else None
            return self._with(audit=audit, audited=job_or_attribute, task_code=code)
        return self._with(**chained_fields(self, _fields_of(job_or_attribute), audit))


def _fields_of(job: JobFields | SubmittedJob) -> JobFields:
    if isinstance(job, JobFields):
        return job
    from gt_vpc_nb.aws.submitting import request_of

    return read_request(request_of(job.name, job.session, job.region))
