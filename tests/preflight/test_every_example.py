"""The package's own examples, laid out soundly on the local AWS: the preflight of every one passes."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image

from gt_vpc_nb import LabelingJob, facts
from gt_vpc_nb.job_examples import example_names
from gt_vpc_nb.local.workers import workers_from_truth
from gt_vpc_nb.policy.cors import NEEDED, merged
from tests.local.scenes import scene
from tests.preflight.worlds import SoundWorld

KINDS = {kind.code: kind for kind in facts.task_types()}
OBJECTS = 3


class Gallery(SoundWorld):
    """The sound world, with CORS for frames, and each example at home in it."""

    def __init__(self) -> None:
        super().__init__()
        self.truth: dict[str, Any] = {}
        self.finished: dict[str, LabelingJob] = {}
        for bucket in (self.world.input_bucket, self.world.output_bucket):
            rules = {"CORSRules": merged([], NEEDED["CORS-02"])}
            self.client("s3").put_bucket_cors(Bucket=bucket, CORSConfiguration=rules)

    def example(self, name: str) -> LabelingJob:
        world, job = self.world, LabelingJob.example(name)
        if name == "public-crowd":
            job = job.workers(per_object=3, availability=21_600).public_crowd(price="0.036")
            return self.at_home(job, name).input(self.input("ImageMultiClass"))
        job = self.at_home(job, name).in_vpc(
            world.vpc,
            subnets=world.subnets,
            security_groups=world.security_groups,
            vpc_endpoints=[world.vpc_endpoint],
        )
        job = job.workers("sign-team", per_object=job.per_object)
        return self.special(name, job) if name not in KINDS else self.fed(KINDS[name], job)

    def at_home(self, job: LabelingJob, name: str) -> LabelingJob:
        return job.output(f"s3://{self.world.output_bucket}/labels/").as_role(self.world.role)

    def fed(self, kind: facts.TaskType, job: LabelingJob) -> LabelingJob:
        """With the input of its task type: for an adjustment or verification, what the earlier job wrote."""
        if kind.base_task is None:
            return job.input(self.input(kind.code))
        earlier = self.earlier(kind.base_task)
        return job.input(f"{earlier.output_path}{earlier.name}/manifests/output/output.manifest")

    def special(self, name: str, job: LabelingJob) -> LabelingJob:
        if name == "automated-labeling":
            task = job.task("TextMultiClass", title="Which text is it?", description="Choose what the text is.")
            return task.input(f"s3://{self.world.input_bucket}/texts.manifest")
        if name == "streaming":
            return job.stream_from(self.stream.topic, results_to=self.stream.output_topic)
        fed = job.input(self.input("TextMultiClass"))
        if name == "custom":
            return fed
        names = {"pre_lambda": "LabelingFunctionPrepare", "consolidation_lambda": "LabelingFunctionJoin"}
        return fed.custom_workflow(**{verb: self.function(each) for verb, each in names.items()})

    def input(self, code: str) -> str:
        """A manifest of that task type, and everything that it refers to."""
        s3, bucket = self.client("s3"), self.world.input_bucket
        found, at = scene(code, picture), f"s3://{bucket}/{code}/"
        for key, content in found.files.items():
            s3.put_object(Bucket=bucket, Key=f"{code}/{key}", Body=in_order(content.replace(b"s3://in/", at.encode())))
        lines = "".join(json.dumps(line) + "\n" for line in found.lines[:OBJECTS])
        s3.put_object(Bucket=bucket, Key=f"{code}.manifest", Body=lines.replace("s3://in/", at).encode())
        self.truth |= {key.replace("s3://in/", at): answer for key, answer in found.truth.items()}
        return f"s3://{bucket}/{code}.manifest"

    def open_portal(self, in_vpc: bool) -> None:
        """The worker portal in the VPC, or outside it for what does not load there."""
        sagemaker, world = self.client("sagemaker"), self.world
        told = sagemaker.describe_workforce(WorkforceName="us")["Workforce"]
        if bool(told.get("WorkforceVpcConfig")) == in_vpc:
            return
        place = {"VpcId": world.vpc, "SecurityGroupIds": [self.group], "Subnets": list(world.subnets)}
        sagemaker.update_workforce(WorkforceName="us", WorkforceVpcConfig=place if in_vpc else {})
        self.aws.clock.advance(minutes=6)

    def earlier(self, code: str) -> LabelingJob:
        """The finished job of a task type, which others look at."""
        if code not in self.finished:
            job = self.example(code)
            self.aws.staff(self.team, workers_from_truth(self.truth, mistakes=0, count=5))
            submitted = job.submit(self.session)
            self.aws.clock.advance(hours=3)
            assert submitted.status().status == "Completed"
            self.finished[code] = job
        return self.finished[code]


def in_order(content: bytes) -> bytes:
    """A sequence file whose frames come one after another; the scenes take all of them at one time."""
    if not content.startswith(b'{"seq-no"'):
        return content
    told = json.loads(content)
    for number, frame in enumerate(told["frames"]):
        frame["unix-timestamp"] = 1_566_861_644.5 + number
    return json.dumps(told).encode()


def picture(*size: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size[-2:], "white").save(file, format="PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    return Gallery()


@pytest.mark.parametrize("name", example_names())
def test_an_example_that_is_laid_out_soundly_passes_its_preflight(gallery, name):
    job = gallery.example(name)
    in_vpc = name not in KINDS or KINDS[name].loads_in_vpc_portal
    gallery.open_portal(in_vpc)
    calls: list[str] = []
    gallery.session.events.register("before-call", lambda model, **_: calls.append(model.name), unique_id=name)
    result = job.preflight(gallery.session)
    gallery.session.events.unregister("before-call", unique_id=name)
    assert len(calls) <= 40, calls
    told = "\n".join(str(row) for row in result.rows if row.status not in ("passed", "not applicable"))
    assert result.passed, told
    warned = {row.id: row.remedy for row in result.rows if row.status == "warned"}
    assert set(warned) == (set() if in_vpc else {"WF-02"}), told
    # What mends one check must not break another: such a portal is not to be bound to the VPC.
    assert "update_workforce" not in warned.get("WF-02", "") and result.row("WF-10").status == "not applicable"
