"""What the verbs show in a notebook: to axe-core, in narrow cells, magnified, and without a kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SETTING = """
from gt_vpc_nb import LabelingJob, Perimeter, audit, grant, lint, survey
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.tour import first_policy
import json
aws = LocalAws.example(seed=7)
world, session = aws.world, aws.session(vpc_endpoint=aws.world.vpc_endpoint)
perimeter = Perimeter(vpcs=[world.vpc], vpc_endpoints=[world.vpc_endpoint], ground_truth=world.region,
                      execution_role=world.role, administrators=[world.administrator])
policy = json.dumps(first_policy(world.input_bucket, world.vpc, world.vpc_endpoint))
session.client("s3").put_bucket_policy(Bucket=world.input_bucket, Policy=policy)
job = (LabelingJob.in_vpc(world.vpc, subnets=world.subnets, security_groups=world.security_groups,
                          vpc_endpoints=[world.vpc_endpoint])
    .named("shapes-1").in_region(world.region)
    .task("ImageMultiClass", title="Sort shapes", description="Choose one", keywords=["Images"])
    .input(f"s3://{world.input_bucket}/images.manifest").output(f"s3://{world.output_bucket}/labels/")
    .label_categories(["circle", "square"]).workers(world.workteam, per_object=3, time_limit=300).as_role(world.role))
"""
BODY = """%%gt_vpc job
name: shapes-1
region: us-east-1
task: {type: ImageMultiClass, title: Sort, description: Choose one, keywords: [Images]}
input: "s3://{{world.input_bucket}}/images.manifest"
output: "s3://{{world.output_bucket}}/labels/"
label_categories: [circle, square]
workers: {team: "{{world.workteam}}", per_object: 3, time_limit: 300}
role: "{{world.role}}"
"""
RESULTS = {
    "audit": "audit([world.input_bucket, world.output_bucket], perimeter, session)",
    "matrix": "audit([world.input_bucket], perimeter, session).to_frame()",
    "grant": "grant(world.input_bucket, perimeter, session)",
    "job": "job",
    "problems": "job.named('no spaces allowed')",
    "preflight": "job.preflight(session)",
    "preflight table": "job.preflight(session).to_frame()",
    "surroundings": "survey(job, session=session)",
    "banner": "%gt_vpc use {{session}}",
    "plan": BODY,
}
#: The first cells set the scene.
FIRST = 2
pytestmark = pytest.mark.sockets


@pytest.fixture(scope="module")
def book(notebooks: Callable[..., Any]) -> Any:
    return notebooks("%load_ext gt_vpc_nb", SETTING, *RESULTS.values()).run()


def shown(book: Any, what: str) -> str:
    """A selector for what this result shows; the notebook is scrolled there for whoever looks at the picture."""
    cell = FIRST + list(RESULTS).index(what)
    book.output(cell).scroll_into_view_if_needed()
    return f".jp-CodeCell[data-windowed-list-index='{cell}'] .jp-OutputArea-output"


@pytest.mark.parametrize("theme", ["Light", "Dark", "Dark High Contrast"])
@pytest.mark.parametrize("what", RESULTS)
def test_axe_finds_nothing(book: Any, what: str, theme: str) -> None:
    book.resize(1500).theme(theme)
    selector = shown(book, what)
    book.picture(f"{what}-{theme}")
    assert book.violations(selector) == []


@pytest.mark.parametrize(("width", "zoom"), [(700, 1), (1500, 4)], ids=["700 px", "400 %"])
@pytest.mark.parametrize("what", RESULTS)
def test_nothing_is_cut_off_or_hidden(book: Any, what: str, width: int, zoom: float) -> None:
    book.theme("Light").resize(width, zoom)
    selector = shown(book, what)
    book.picture(f"{what}-{width}-{zoom}")
    assert book.unreadable(selector) == []


def test_no_page_reported_an_error(book: Any) -> None:
    assert book.errors == []
