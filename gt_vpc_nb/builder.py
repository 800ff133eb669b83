"""`LabelingJob`: a labeling job built verb by verb, checked before AWS does, and submitted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, Self

from gt_vpc_nb import job_text
from gt_vpc_nb.errors import Problem, RequestError, near_miss, refuse
from gt_vpc_nb.facts import region
from gt_vpc_nb.job_arguments import StartOrStep, audited_task, known_task, money, texts, uri
from gt_vpc_nb.job_files import brought_files, manifest_rows
from gt_vpc_nb.job_problems import job_problems
from gt_vpc_nb.request import JobFields, create_request, merged
from gt_vpc_nb.request_reading import read_request

if TYPE_CHECKING:
    from gt_vpc_nb.jobs import SubmittedJob
    from gt_vpc_nb.preflight import Preflight
    from gt_vpc_nb.preflight.surroundings import Surroundings


@dataclass(frozen=True, repr=False)
class LabelingJob(JobFields):
    """A labeling job, not yet submitted. Every verb returns a new one; nothing reaches AWS before preflight or submit.

    >>> job = LabelingJob().named("signs").task("BoundingBox", title="Box every sign", description="A box a sign")
    >>> job.in_region("us-east-1").to_request()["HumanTaskConfig"]["PreHumanTaskLambdaArn"]
    'arn:aws:lambda:us-east-1:432418664414:function:PRE-BoundingBox'
    """

    def _with(self, **changes: Any) -> Self:
        left_out = tuple(name for name in self.left_out if changes.get(name) is None)
        return replace(self, **({"left_out": left_out} | changes))

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
    ) -> LabelingJob:
        """Starts a job in a VPC. The request names subnets and security groups only with automated labeling."""
        return self._with(
            vpc=vpc,
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

    def label_categories(self, categories: str | Iterable[str] | Mapping[str, Any]) -> Self:
        """Names, an s3:// URI of a label category configuration file, or the whole document as a mapping."""
        if isinstance(categories, str):
            return self._with(category_file=uri(categories, "label_categories"), categories=(), category_document=None)
        if isinstance(categories, Mapping):
            return self._with(category_file=None, categories=(), category_document=json.dumps(dict(categories)))
        return self._with(category_file=None, categories=texts("categories", categories), category_document=None)

    def template(self, uri_or_text: str) -> Self:
        """The worker task template: its s3:// URI, or its text, which is written at submit."""
        if "<" in uri_or_text:
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
        kept = tuple(pair for pair in self.tags if pair[0] not in tags)
        return self._with(tags=kept + tuple(tags.items()))

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
        """Workers correct the labels of an earlier job, given as such or by its label attribute name."""
        return self._auditing("adjust", job_or_attribute)

    def verifying(self, job_or_attribute: str | JobFields | SubmittedJob) -> Self:
        """Workers judge the labels of an earlier job, given as such or by its label attribute name."""
        return self._auditing("verify", job_or_attribute)

    def declares(self, *classifiers: str) -> Self:
        """Declares the data free of personally identifiable information or adult content."""
        return self._with(declared=tuple(dict.fromkeys((*self.declared, *classifiers))))

    def public_crowd(self, price: str | Decimal) -> Self:
        """Mechanical Turk in place of a work team, at a price in US dollars a task and worker, as text."""
        return self._with(public=True, team=None, price=money(price))

    def with_raw(self, **members: Any) -> Self:
        """Merges members of CreateLabelingJob over everything else, last."""
        return self._with(raw=json.dumps(merged(json.loads(self.raw), members)))

    def _auditing(self, audit: str, job_or_attribute: str | JobFields | SubmittedJob) -> Self:
        earlier = job_or_attribute
        if not isinstance(earlier, (str, JobFields)):
            earlier = self.from_job(earlier.name, earlier.session, earlier.region)
        attribute = earlier if isinstance(earlier, str) else earlier.attribute_name
        changes: dict[str, Any] = {"audit": audit, "audited": attribute}
        if self.task_code:
            changes["task_code"] = audited_task(self.task_code, audit)
        if isinstance(earlier, JobFields) and not (self.manifest or self.objects):
            output = (earlier.output_path or "").rstrip("/")
            changes["manifest"] = f"{output}/{earlier.name}/manifests/output/output.manifest"
        return self._with(**changes)

    @classmethod
    def from_request(cls, request: Mapping[str, Any]) -> Self:
        """A job whose `to_request()` is exactly this CreateLabelingJob request."""
        return cls(**vars(read_request(request)))

    @classmethod
    def from_job(cls, name: str, session: Any = None, region: str | None = None) -> Self:
        """The job that made a labeling job which exists; name it anew before submitting it again."""
        from gt_vpc_nb.aws.submitting import request_of

        return cls.from_request(request_of(name, session, region))

    @classmethod
    def from_yaml(cls, text: str | Mapping[str, Any]) -> Self:
        """A job in YAML: keys are the builder's verbs, or CreateLabelingJob's own members."""
        job = job_text.apply_yaml(text, cls())
        return job if isinstance(job, cls) else cls.from_request(job)

    def to_yaml(self) -> str:
        """The body of `%%gt_vpc job`; `from_yaml` makes the same job of it."""
        return job_text.yaml_text(self, type(self)())

    def to_request(self) -> dict[str, Any]:
        """The dict for `create_labeling_job`. Raises RequestError when it needs a Region and none is named."""
        return create_request(self)

    def files(self) -> dict[str, bytes]:
        """What `submit` writes to S3 before it creates the job: URI -> content."""
        return brought_files(self)

    def problems(self) -> list[Problem]:
        """Everything that is wrong or worth knowing, errors first, without the network."""
        return job_problems(self)

    def preflight(self, session: Any = None, surroundings: Surroundings | None = None) -> Preflight:
        """Checks the job against its surroundings: those given (no call is made), or those that a survey finds."""
        from gt_vpc_nb.preflight import run

        found = survey(self, session) if surroundings is None else surroundings
        job = self if self.region or not found.region else self.in_region(found.region)
        return run(job.to_request(), found, vpc=self.vpc, vpc_endpoints=self.endpoints, problems=job.problems())

    def submit(self, session: Any = None) -> SubmittedJob:
        """Writes the job's files and creates it: one CreateLabelingJob call.

        Raises:
            RequestError: `problems()` has errors (they are in `.problems`), or a file of another content is there.
            AwsError: S3 or SageMaker said no.
        """
        from gt_vpc_nb.aws.submitting import create_labeling_job
        from gt_vpc_nb.jobs import SubmittedJob

        job = _placed(self, session)
        refuse(job.problems(), job_text.heading(job.name))
        create_labeling_job(job.to_request(), job.files(), session, job.region)
        return SubmittedJob(str(job.name), session, job.region)

    def diff(self, other: LabelingJob) -> job_text.Differences:
        """What differs between this job's request and another's."""
        return job_text.differences(self.to_request(), other.to_request())

    def to_code(self, kind: str = "boto3") -> str:
        """Code that creates the job without this package. Raises RequestError for a kind that does not exist."""
        if kind != "boto3":
            raise RequestError(f"There is no code of kind {kind!r}{near_miss(kind, ['boto3'])}; there is: 'boto3'.")
        return job_text.boto3_code(self.to_request(), self.files(), self.region)

    def __repr__(self) -> str:
        lines = [f"  {heading:<10}{text}" for heading, text in job_text.job_lines(self, self.problems())]
        return "\n".join([f"{job_text.heading(self.name)} (not submitted)", *lines])

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(heading)}</th>'
            f'<td style="text-align:left">{escape(text)}</td></tr>'
            for heading, text in job_text.job_lines(self, self.problems())
        )
        return f"<table><caption>{escape(job_text.heading(self.name))} (not submitted)</caption>{rows}</table>"


def survey(job: LabelingJob, session: Any = None) -> Surroundings:
    """Reads everything around a job that its preflight needs, and changes nothing; save it with `.to_json()`."""
    from gt_vpc_nb.aws.surveying import survey_request

    job = _placed(job, session)
    return survey_request(
        job.to_request(),
        session,
        region=job.region,
        vpc=job.vpc,
        vpc_endpoints=job.endpoints,
        files=job.files() if job.name and job.output_path else {},
    )


def _placed(job: LabelingJob, session: Any) -> LabelingJob:
    if job.region:
        return job
    from gt_vpc_nb.aws.sessions import open_session

    here = open_session(session).region_name
    if not here:
        raise RequestError("Neither the job nor the session names a Region; add .in_region('us-east-1').")
    return job.in_region(here)
