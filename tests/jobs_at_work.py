"""Labeling jobs on the local AWS for tests that look at them."""

from __future__ import annotations

from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.jobs import SubmittedJob
from gt_vpc_nb.local import LocalAws


def submitted(aws: LocalAws, name: str) -> SubmittedJob:
    """A job of 20 pictures that the example's workers complete in some simulated minutes."""
    world = aws.world
    place = {"subnets": world.subnets, "security_groups": world.security_groups, "vpc_endpoints": [world.vpc_endpoint]}
    job = (
        LabelingJob.in_vpc(world.vpc, **place)
        .named(name)
        .in_region(world.region)
        .task("ImageMultiClass", title="Name the shape", description="Choose the shape you see", keywords=["Images"])
        .input(f"s3://{world.input_bucket}/images.manifest")
        .output(f"s3://{world.output_bucket}/labels/")
        .label_categories(["circle", "square"])
        .workers(world.workteam, per_object=3, time_limit=300)
        .as_role(world.role)
    )
    return job.submit(aws.session(vpc_endpoint=world.vpc_endpoint))
