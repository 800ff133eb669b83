"""`LabelingJob`: a labeling job built verb by verb, checked before AWS does, and submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from gt_vpc_nb import job_difference, job_text
from gt_vpc_nb.builder_verbs import JobVerbs
from gt_vpc_nb.errors import Problems, RequestError, refuse
from gt_vpc_nb.job_costs import Estimate, Prices, estimate, objects_within
from gt_vpc_nb.job_examples import example_yaml
from gt_vpc_nb.job_files import brought_files
from gt_vpc_nb.job_problems import job_problems
from gt_vpc_nb.request import account_of, create_request
from gt_vpc_nb.request_reading import read_request
from gt_vpc_nb.shown import Pairs, Part, page
from gt_vpc_nb.shown_text import told

if TYPE_CHECKING:
    from gt_vpc_nb.jobs import SubmittedJob
    from gt_vpc_nb.preflight import Preflight
    from gt_vpc_nb.preflight.surroundings import Surroundings
    from gt_vpc_nb.report.network_picture import NetworkPicture


@dataclass(frozen=True, repr=False)
class LabelingJob(JobVerbs):
    """A labeling job, not yet submitted. Every verb returns a new one; nothing reaches AWS before preflight or submit.

    >>> job = LabelingJob().named("signs").task("BoundingBox", title="Box every sign", description="A box a sign")
    >>> job.in_region("us-east-1").to_request()["HumanTaskConfig"]["PreHumanTaskLambdaArn"]
    'arn:aws:lambda:us-east-1:432418664414:function:PRE-BoundingBox'
    """

    @classmethod
    def example(cls, what: str, region: str = "us-east-1") -> Self:
        """The smallest complete job of a task type, to change verb by verb.

        There is one of "custom", "custom-with-lambdas", "streaming", "automated-labeling" and "public-crowd", too.

        >>> LabelingJob.example("BoundingBox").categories
        ('car', 'bus', 'tree')
        """
        return cls.from_yaml(example_yaml(what, region))

    @classmethod
    def from_request(cls, request: Mapping[str, Any] | str | bytes | Any) -> Self:
        """A job whose `to_request()` is exactly this CreateLabelingJob request, in whatever form it is at hand.

        A dict, JSON or YAML; an answer of `describe_labeling_job`; a `LabelingJob` of sagemaker-core; or code with one
        labeling job in it: Python, Terraform, a Kubernetes manifest or a state machine.
        """
        from gt_vpc_nb.request_forms import request_in

        return cls(**vars(read_request(request_in(request))))

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

    def problems(self) -> Problems:
        """Everything that is wrong or worth knowing, errors first, without the network."""
        return job_problems(self)

    def preflight(self, session: Any = None, surroundings: Surroundings | None = None) -> Preflight:
        """Checks the job against its surroundings: those given (no call is made), or those that a survey finds."""
        from gt_vpc_nb.preflight import run

        found = _found(self, session, surroundings)
        job = self if self.region or not found.region else self.in_region(found.region)
        network = {"Subnets": self.subnets, "SecurityGroupIds": self.security_groups}
        place = {"vpc": self.vpc, "vpc_endpoints": self.endpoints, "network": network}
        return run(job.to_request(), found, **place, problems=job.problems())

    def picture(self, session: Any = None, surroundings: Surroundings | None = None) -> NetworkPicture:
        """Who reaches the job's buckets through what, as their policies are; with `surroundings` no call is made."""
        from gt_vpc_nb.report.network_of_job import picture_of

        found = _found(self, session, surroundings)
        return picture_of(found, vpc=self.vpc, vpc_endpoints=self.endpoints, role=self.role)

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
        arn = create_labeling_job(job.to_request(), job.files(), session, job.region)
        return SubmittedJob(str(job.name), session, job.region, account_of(arn) or "")

    def diff(self, other: LabelingJob) -> job_difference.Differences:
        """What differs between this job's request and another's."""
        theirs = other if isinstance(other, LabelingJob) else LabelingJob.from_request(other)
        return job_difference.differences(self.to_request(), theirs.to_request())

    def to_code(self, kind: str = "boto3") -> str:
        """Code that creates the job without this package: "boto3", "terraform", "ack" or "stepfunctions"."""
        from gt_vpc_nb import job_code

        return job_code.code(kind, self.to_request(), self.files(), self.region)

    def to_sagemaker(self) -> Any:
        """sagemaker-core's `LabelingJob` resource with this job's members; nothing is sent.

        Raises MissingExtra where the extra `sagemaker` is not installed; importing it takes seconds.
        """
        from gt_vpc_nb.aws.sdk_resources import resource_of

        return resource_of(self.to_request())

    @classmethod
    def from_sagemaker(cls, resource: Any) -> Self:
        """The job of a `LabelingJob` resource of sagemaker-core, submitted or not; sagemaker-core is not imported."""
        return cls.from_request(resource)

    def estimate(
        self,
        objects: int | None = None,
        prices: Mapping[str, Any] | Prices | None = None,
        automated_hours: Mapping[str, Any] | None = None,
    ) -> Estimate:
        """What the job takes at the most: objects, worker tasks, instance-hours, and money where its price is known.

        `prices` is a mapping like ``{"labeled_object": "0.08", "worker_task": "0.02", "training": {"ml.p3.2xlarge":
        "3.825"}, "inference": {…}, "source": "our contract"}``, dollars as text; this package knows no prices but those
        that a job for Mechanical Turk offers. `objects` and `automated_hours` are as in `job_costs.estimate`.
        """
        return estimate(self, objects, prices, automated_hours)

    def within_budget(
        self,
        budget: str | Decimal,
        objects: int | None = None,
        prices: Mapping[str, Any] | Prices | None = None,
        automated_hours: Mapping[str, Any] | None = None,
    ) -> Self:
        """Stops the job when people have labeled as many objects as a budget in US dollars pays for.

        >>> job = LabelingJob.example("ImageMultiClass").within_budget("10", prices={"labeled_object": "0.08"})
        >>> job.to_request()["StoppingConditions"]
        {'MaxHumanLabeledObjectCount': 125}

        Raises RequestError when a price is not known, or the budget does not pay for one object.
        """
        count = objects_within(self, budget, objects, prices, automated_hours)
        return self.stop_after(objects=count, percentage=self.stop_percentage)

    def __repr__(self) -> str:
        lines = [f"  {heading:<10}{text}" for heading, text in job_text.job_lines(self, self.problems())]
        return told(f"{job_text.heading(self.name)} (not submitted)", lines)

    def _repr_html_(self) -> str:
        return page(f"{job_text.heading(self.name)} (not submitted)", *self.parts())

    def parts(self) -> list[Part]:
        """What a page shows of the job: what, where, who, and its problems."""
        problems = self.problems()
        pairs = [pair for pair in job_text.job_lines(self, problems) if pair[0] and pair[0] != "problems"]
        return [Pairs("The job", [*pairs, ("problems", problems.answer())]), *problems.parts()]


def survey(job: LabelingJob, session: Any = None) -> Surroundings:
    """Reads everything around a job that its preflight needs, and changes nothing; save it with `.to_json()`."""
    from gt_vpc_nb.aws.surveying import survey_request
    from gt_vpc_nb.report.bars import while_waiting

    job = _placed(job, session)
    with while_waiting("surveying"):
        return survey_request(
            job.to_request(),
            session,
            region=job.region,
            vpc=job.vpc,
            vpc_endpoints=job.endpoints,
            files=job.files() if job.name and job.output_path else {},
        )


def _found(job: LabelingJob, session: Any, surroundings: Surroundings | None) -> Surroundings:
    from gt_vpc_nb.preflight.surroundings import Surroundings

    if surroundings is None:
        return survey(job, session)
    if not isinstance(surroundings, Surroundings):
        given = type(surroundings).__name__
        raise RequestError(f"surroundings= is {given}; give what survey(job) made, or Surroundings.from_json(text).")
    return surroundings


def _placed(job: LabelingJob, session: Any) -> LabelingJob:
    if not isinstance(job, LabelingJob):
        raise RequestError(f"A survey is of a LabelingJob, not {type(job).__name__}; use LabelingJob.from_request(…).")
    if job.region:
        return job
    from gt_vpc_nb.aws.sessions import open_session

    here = open_session(session).region_name
    if not here:
        raise RequestError("Neither the job nor the session names a Region; add .in_region('us-east-1').")
    return job.in_region(here)
