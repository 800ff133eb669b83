"""The five things people do, once, on the local AWS: audit, repair, create, watch, read.

`cli.py` opens the local AWS and hands it in; everything here would run the same on a real account.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gt_vpc_nb.access import audit, grant
from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.errors import JobFailed
from gt_vpc_nb.policy.perimeter import Perimeter

TITLE = "Read the digit"
CLASSES = tuple("0123456789")


@dataclass(frozen=True)
class Tour:
    """What the steps share: the account's world, a session inside the VPC, the true labels, and where to write."""

    world: Any
    session: Any
    truth: dict[str, str]
    folder: Path
    say: Callable[[object], None] = print

    @property
    def buckets(self) -> tuple[str, str]:
        return (self.world.input_bucket, self.world.output_bucket)

    @property
    def perimeter(self) -> Perimeter:
        world = self.world
        return Perimeter(
            vpcs=(world.vpc,),
            vpc_endpoints=(world.vpc_endpoint,),
            ground_truth=world.region,
            execution_role=world.role,
            administrators=(world.administrator,),
        )

    def job(self, name: str) -> LabelingJob:
        """The digits as an image classification job with automated labeling in the VPC."""
        world = self.world
        return (
            LabelingJob.in_vpc(
                world.vpc,
                subnets=world.subnets,
                security_groups=world.security_groups,
                vpc_endpoints=[world.vpc_endpoint],
            )
            .named(name)
            .in_region(world.region)
            .task("ImageMultiClass", title=TITLE, description="Choose the digit you see", keywords=["Images", "Digits"])
            .input(f"s3://{world.input_bucket}/digits.manifest")
            .output(f"s3://{world.output_bucket}/labels/")
            .label_categories(CLASSES)
            .workers(world.workteam, per_object=3, time_limit=300, availability=864000, tasks_in_flight=1000)
            .as_role(world.role)
            .with_automated_labeling()
        )


def first_policy(bucket: str, vpc: str, vpc_endpoint: str) -> dict[str, Any]:
    """The first bucket policy of AWS's page on labeling jobs in a VPC, mended until it is JSON.

    Source: the SageMaker developer guide, samurai-vpc-labeling-job (2023). Its two syntax errors are repaired; what it
    says is left: a VPC id under aws:sourceVpce, which never matches, and no word of Ground Truth.
    """
    statement = {
        "Sid": "Access-to-specific-VPCE-only",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:PutObject"],
        "Effect": "Deny",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"StringNotEquals": {"aws:sourceVpce": [vpc_endpoint, vpc]}},
    }
    return {"Version": "2012-10-17", "Id": "Policy1415115909152", "Statement": [statement]}


def run(tour: Tour) -> None:
    """Walks through the five steps and prints what a person wants to see at each."""
    for number, (title, step) in enumerate(_STEPS, 1):
        tour.say(f"\n{number}. {title}\n{'=' * (len(title) + 3)}")
        step(tour)


def _audit(tour: Tour) -> None:
    s3 = tour.session.client("s3")
    for bucket in tour.buckets:
        policy = first_policy(bucket, tour.world.vpc, tour.world.vpc_endpoint)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    tour.say("Both buckets carry the first policy of AWS's page on labeling jobs in a VPC, mended until it is JSON.")
    tour.say(audit(tour.buckets, tour.perimeter, tour.session))


def _fail(tour: Tour) -> None:
    job = tour.job("digits-1")
    tour.say(job.preflight(tour.session))
    tour.say("\nSubmitted all the same:")
    submitted = job.submit(tour.session)
    try:
        submitted.wait()
    except JobFailed as failure:
        tour.say(submitted.status())
        tour.say(failure)
    else:
        raise AssertionError("digits-1 completed although its buckets shut Ground Truth out.")


def _repair(tour: Tour) -> None:
    for bucket in tour.buckets:
        change = grant(bucket, tour.perimeter, tour.session)
        tour.say(change)
        tour.say(change.apply())
    tour.say(audit(tour.buckets, tour.perimeter, tour.session))


def _create_and_watch(tour: Tour) -> None:
    job = tour.job("digits-2")
    tour.say(job)
    preflight = job.preflight(tour.session)
    tour.say(preflight)
    submitted = job.submit(tour.session)
    submitted.watch(poll=900, live=False)
    tour.say(submitted.status())


def _read(tour: Tour) -> None:
    from gt_vpc_nb.jobs import labeling_job
    from gt_vpc_nb.report.accuracy import accuracy_against
    from gt_vpc_nb.report.tables import table

    labels = labeling_job("digits-2", tour.session).labels()
    columns = ("object", "class_name", "confidence", "human")
    tour.say(table(labels.objects.head(8), columns, title="The first labels", summary=labels.summary))
    picture = labels.show(tour.folder / "digits-with-labels.png", session=tour.session)
    tour.say(f"\nA picture of some digits with their labels: {picture.path}")
    tour.say("")
    tour.say(accuracy_against(labels.objects, tour.truth))


_STEPS: tuple[tuple[str, Callable[[Tour], None]], ...] = (
    ("Audit: who gets through, and can Ground Truth?", _audit),
    ("Submit anyway: it fails, as the preflight said", _fail),
    ("Repair: let Ground Truth in, and nobody else", _repair),
    ("Create and watch: check, submit, label", _create_and_watch),
    ("Read: the labels and how right they are", _read),
)
