"""The example of every kind of labeling job: no error in it anywhere, and the local AWS runs it to its end."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import regions, task_type, task_types
from gt_vpc_nb.job_examples import CATEGORIES, OPINIONS, example_names, example_yaml
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.example import lay_out
from gt_vpc_nb.local.workers import Worker
from tests.local.conftest import SmallWorld, grey_png
from tests.local.scenes import LABELS, scene

CODES = [kind.code for kind in task_types()]
REGIONS = [each.code for each in regions()]


def test_there_is_an_example_of_every_task_type_and_of_what_is_none():
    others = ("custom", "custom-with-lambdas", "streaming", "automated-labeling", "public-crowd")
    assert example_names() == (*CODES, *others)


@pytest.mark.parametrize("what", example_names())
def test_nothing_in_an_example_is_an_error_or_a_warning_in_any_region(what):
    for region in REGIONS:
        job = LabelingJob.from_yaml(example_yaml(what, region))
        assert [str(each) for each in job.problems() if each.severity != "info"] == []
        assert job.region == region and job == LabelingJob.example(what, region)


@pytest.mark.parametrize("what", example_names())
def test_an_example_reads_back_from_its_own_yaml_and_its_own_request(what):
    job = LabelingJob.example(what)
    assert LabelingJob.from_yaml(job.to_yaml()) == job
    assert "exactly" not in job.to_yaml()
    assert LabelingJob.from_request(job.to_request()).to_request() == job.to_request()


def test_an_example_that_is_not_there_is_refused_with_the_nearest_name():
    with pytest.raises(RequestError, match="did you mean 'BoundingBox'"):
        example_yaml("boundingbox")
    with pytest.raises(RequestError, match="does not run in Region 'eu-west-3'"):
        example_yaml("BoundingBox", "eu-west-3")


AUDITS = [(kind, verb) for kind in task_types() for verb in ("adjusting", "verifying")
          if {"adjusting": "adjustment", "verifying": "verification"}[verb] in kind.job_kind]  # fmt: skip


@pytest.mark.parametrize(("kind", "verb"), AUDITS, ids=lambda each: getattr(each, "code", each))
def test_every_kind_of_audit_follows_from_the_job_before_it(kind, verb):
    first = LabelingJob.example(kind.base_task)
    second = (
        LabelingJob().named("again").in_region("us-east-1").output("s3://signs-out/again/").workers("labelers")
        .as_role(first.role)
    )  # fmt: skip
    job = getattr(second, verb)(first)
    if not job.categories:
        job = job.label_categories(OPINIONS)
    assert (job.task_code, job.audited) == (kind.code, first.attribute_name)
    assert job.manifest.endswith(f"labels/{first.name}/manifests/output/output.manifest")
    assert job.attribute_name == ("again-ref" if kind.needs_ref else "again")
    job = job.task(kind.base_task, title="t", description="d")
    assert [str(each) for each in job.problems() if each.severity != "info"] == []
    assert LabelingJob.from_yaml(job.to_yaml()) == job


def test_there_are_audits_of_seven_task_types():
    assert len({kind.base_task for kind, _ in AUDITS}) == 7 and len(AUDITS) == 14


def test_labels_of_other_task_types_cannot_be_audited():
    audited = {kind.base_task for kind, _ in AUDITS}
    for kind in task_types():
        if kind.code not in audited and kind.base_task is None:
            with pytest.raises(RequestError, match=f"Labels of {kind.code} have no adjustment job"):
                LabelingJob().adjusting(LabelingJob.example(kind.code))


CROWD = [
    (lambda job: job, set()),
    (lambda job: job.public_crowd("0.037"), {"REQ-09"}),
    (lambda job: replace(job, price=None), {"WF-12"}),
    (lambda job: replace(job, declared=("FreeOfAdultContent",)), {"WF-12"}),
    (lambda job: job.in_vpc("vpc-0a1b2c3d4e5f60718"), {"WF-01"}),
    (lambda job: replace(job, availability=43_201), {"REQ-05"}),
    (lambda job: job.task("VideoObjectDetection", title="t", description="d"), {"WF-12"}),
]


@pytest.mark.parametrize(("change", "codes"), CROWD)
def test_the_public_crowd_is_taken_only_with_a_price_of_the_ladder_and_declarations(change, codes):
    job = change(LabelingJob.example("public-crowd"))
    found = {each.code for each in job.problems() if each.severity == "error"}
    assert codes <= found and (codes or not found)


def run(world: SmallWorld, code: str) -> list:
    """Puts the scene of a task type where the example looks for it, and runs the example; its output manifest."""
    job, kind = LabelingJob.example(code), task_type(code)
    found = scene(code, grey_png)
    world.objects |= {("in", name): data for name, data in found.files.items()}
    if kind.base_task:
        run(world, kind.base_task)
    else:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in found.lines)
        world.objects["signs-in", "input.manifest"] = text.encode()
    truth = dict.fromkeys(found.truth, OPINIONS[0]) if kind.job_kind == "verification" else found.truth
    world.staff(truth, 0.0, 5)
    submit(world, job)
    world.clock.advance(days=2)
    described = world.describe(job.name)
    assert described["LabelingJobStatus"] == "Completed", described
    assert described["LabelCounters"]["TotalLabeled"] == len(found.lines)
    return output(world, job)


def submit(world: SmallWorld, job: LabelingJob) -> None:
    for uri, data in job.files().items():
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        world.objects[bucket, key] = data
    world.call("CreateLabelingJob", **job.to_request())


def output(world: SmallWorld, job: LabelingJob) -> list:
    data = world.objects["signs-out", f"labels/{job.name}/manifests/output/output.manifest"]
    return [json.loads(line) for line in data.decode().splitlines()]


@pytest.mark.parametrize("code", CODES)
def test_the_example_of_a_task_type_runs_to_its_end(small, code):
    assert CATEGORIES == LABELS
    attribute, kind = LabelingJob.example(code).attribute_name, task_type(code)
    for line in run(small, code):
        assert attribute in line
        assert line[f"{attribute}-metadata"].get("type") == kind.output_type or kind.output_type is None


@pytest.fixture
def small():
    return SmallWorld()


def texts(world: SmallWorld) -> None:
    keys = [f"text {number}" for number in range(12)]
    text = "".join(json.dumps({"source": key}) + "\n" for key in keys)
    world.objects["signs-in", "input.manifest"] = text.encode()
    world.api.staff("labelers", [Worker("ann", lambda task: {"answer": task.key}, lambda task: 4)])


@pytest.mark.newest  # Older botocore asks for both functions.
def test_the_example_of_a_workflow_without_functions_runs_to_its_end(small):
    texts(small)
    job = LabelingJob.example("custom")
    submit(small, job)
    small.clock.advance(days=1)
    assert small.describe(job.name)["LabelingJobStatus"] == "Completed"
    assert all(line["custom-1-metadata"]["type"] == "groundTruth/custom" for line in output(small, job))


def consolidated(world: SmallWorld, event: dict) -> list:
    """A post-annotation function: takes the first answer as the label."""
    bucket, _, key = event["payload"]["s3Uri"].removeprefix("s3://").partition("/")
    name, found = event["labelAttributeName"], []
    for row in json.loads(world.objects[bucket, key]):
        answer = json.loads(row["annotations"][0]["annotationData"]["content"])["answer"]
        content = {name: answer, f"{name}-metadata": {"mine": True}}
        found.append({"datasetObjectId": row["datasetObjectId"], "consolidatedAnnotation": {"content": content}})
    return found


def test_the_example_of_a_workflow_with_functions_calls_both(small):
    texts(small)
    job = LabelingJob.example("custom-with-lambdas")
    small.functions[job.pre_function] = lambda event, context: {"taskInput": {"source": event["dataObject"]["source"]}}
    small.functions[job.consolidation_function] = lambda event, context: consolidated(small, event)
    submit(small, job)
    small.clock.advance(days=1)
    assert small.describe(job.name)["LabelingJobStatus"] == "Completed"
    assert {line[job.name] for line in output(small, job)} == {f"text {number}" for number in range(12)}


def test_the_streaming_example_labels_what_its_topic_brings():
    aws = LocalAws(seed=7)
    world, session = lay_out(aws, input_bucket="signs-in", output_bucket="signs-out"), aws.session()
    sns, s3 = session.client("sns"), session.client("s3")
    allowed = {"Effect": "Allow", "Action": ["sqs:*", "sns:*"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    session.client("iam").put_role_policy(RoleName="GroundTruthExecution", PolicyName="s", PolicyDocument=document)
    job = LabelingJob.example("streaming").as_role(world.role)
    for arn in (job.topic, job.output_topic):
        assert sns.create_topic(Name=arn.rpartition(":")[2])["TopicArn"] == arn
    aws.staff(world.workteam, [Worker("ann", lambda task: "car", lambda task: 4)])
    running = job.workers("labelers", per_object=1).submit(session)
    aws.clock.advance(minutes=2)
    s3.put_object(Bucket="signs-in", Key="1.png", Body=grey_png(9))
    sns.publish(TopicArn=job.topic, Message=json.dumps({"source-ref": "s3://signs-in/1.png"}))
    aws.clock.advance(minutes=5)
    assert running.status().labeled == 1
