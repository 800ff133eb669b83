"""What the package does when AWS is busy, broken, slow or silent: each fault at each public call that can meet it.

botocore really waits before it asks again, so a fault that is survived strikes once.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from gt_vpc_nb import (
    AwsError,
    LabelingJob,
    Perimeter,
    audit,
    grant,
    labeling_job,
    labeling_jobs,
    rollback,
    survey,
)
from gt_vpc_nb.aws import journal
from gt_vpc_nb.labels import read
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.preflight.surroundings import Unknown
from gt_vpc_nb.tour import first_policy

Call = Callable[["Desk"], Any]


class Desk:
    """A local AWS with a finished job, and the public calls under test, ready to be made."""

    def __init__(self) -> None:
        self.aws = LocalAws.example(seed=7)
        self.world = self.aws.world
        self.session = self.aws.session(vpc_endpoint=self.world.vpc_endpoint)
        self.job("done").submit(self.session).wait()
        self.bucket = self.world.input_bucket
        self._numbers = itertools.count(1)

    def clean(self) -> Desk:
        """No faults, no policy, no job under way, and a name that no job has."""
        self.aws.faults.clear()
        self.aws.clock.advance(days=1)
        self.root.delete_bucket_policy(Bucket=self.bucket)
        self.new = f"job-{next(self._numbers)}"
        return self

    def job(self, name: str) -> LabelingJob:
        world = self.world
        return (
            LabelingJob.in_vpc(world.vpc, subnets=world.subnets, security_groups=world.security_groups)
            .named(name)
            .task("ImageMultiClass", title="Sort shapes", description="Choose one", keywords=["Images"])
            .input(f"s3://{world.input_bucket}/images.manifest")
            .output(f"s3://{world.output_bucket}/labels/")
            .label_categories(["circle", "square"])
            .workers(world.workteam, per_object=3, time_limit=300)
            .as_role(world.role)
        )

    @property
    def perimeter(self) -> Perimeter:
        world = self.world
        return Perimeter(
            vpcs=[world.vpc],
            vpc_endpoints=[world.vpc_endpoint],
            ground_truth=world.region,
            execution_role=world.role,
            administrators=[world.administrator],
        )

    def shut(self) -> None:
        """The policy of AWS's page, which shuts Ground Truth out, so that a grant has something to do."""
        self.write(json.dumps(first_policy(self.bucket, self.world.vpc, self.world.vpc_endpoint)))

    def write(self, text: str) -> None:
        self.root.put_bucket_policy(Bucket=self.bucket, Policy=text)

    @property
    def root(self) -> Any:
        return self.aws.session(principal=f"arn:aws:iam::{self.world.account}:root").client("s3")

    @property
    def policy(self) -> str:
        return self.root.get_bucket_policy(Bucket=self.bucket)["Policy"]

    @property
    def labels(self) -> str:
        return f"s3://{self.world.output_bucket}/labels/done/manifests/output/output.manifest"

    @property
    def names(self) -> list[str]:
        listed = self.aws.session().client("sagemaker").list_labeling_jobs()
        return [job["LabelingJobName"] for job in listed["LabelingJobSummaryList"]]


@pytest.fixture(scope="module")
def one_desk() -> Desk:
    return Desk()


@pytest.fixture
def desk(one_desk: Desk) -> Desk:
    return one_desk.clean()


# -- what strikes once is survived -----------------------------------------------------------------------------------

CALLS: dict[str, tuple[str, Call]] = {
    "labeling_jobs": ("sagemaker:ListLabelingJobs", lambda d: "done" in list(labeling_jobs(d.session)["name"])),
    "status": ("sagemaker:DescribeLabelingJob", lambda d: labeling_job("done", d.session).status().labeled == 20),
    "wait": ("sagemaker:DescribeLabelingJob", lambda d: d.job(d.new).submit(d.session).wait().status == "Completed"),
    "watch": ("sagemaker:DescribeLabelingJob", lambda d: labeling_job("done", d.session).watch(out=StringIO()).ended),
    "survey": ("s3:GetBucketPolicy", lambda d: not unknowns(survey(d.job(d.new), d.session))),
    "audit": ("s3:GetBucketPolicy", lambda d: list(audit(d.bucket, d.perimeter, d.session).buckets["error"]) == [""]),
    "grant": ("sts:GetCallerIdentity", lambda d: grant(d.bucket, d.perimeter, d.session).changes is True),
    "apply": ("s3:PutBucketPolicy", lambda d: grant(d.bucket, d.perimeter, d.session).apply().applied),
    "submit": ("sagemaker:CreateLabelingJob", lambda d: d.job(d.new).submit(d.session).name in d.names),
    "read": (
        "s3:GetObject",
        lambda d: len(read(d.labels, "label", d.session).objects) == 20,
    ),
}


def unknowns(value: Any) -> list[str]:
    """The reasons of everything that a survey asked for in vain, but for what the local AWS does not have."""
    if isinstance(value, Unknown):
        return [] if "not asked" in value.reason or "UnsupportedOperation" in value.reason else [str(value)]
    if isinstance(value, tuple | list):
        return [reason for each in value for reason in unknowns(each)]
    inside = getattr(value, "__dataclass_fields__", {})
    return [reason for name in inside for reason in unknowns(getattr(value, name))]


@pytest.mark.parametrize("call", [name for name in CALLS if name != "apply"])
def test_a_lost_answer_is_asked_for_again(desk: Desk, call: str) -> None:
    action, made = CALLS[call]
    if call == "grant":
        desk.shut()
    fault = desk.aws.faults.drop(action, times=1)
    assert made(desk) and fault.struck == 1


@pytest.mark.parametrize("call", ["labeling_jobs", "read", "apply"])
def test_throttling_is_waited_out(desk: Desk, call: str) -> None:
    action, made = CALLS[call]
    if call == "apply":
        desk.shut()
    fault = desk.aws.faults.throttle(action, times=1)
    assert made(desk) and fault.struck == 1


def test_a_job_whose_creation_was_answered_to_nobody_is_not_created_twice_nor_reported_as_taken(desk: Desk) -> None:
    with desk.aws.faults.drop("sagemaker:CreateLabelingJob", times=1, done=True) as fault:
        submitted = desk.job(desk.new).submit(desk.session)
    assert fault.struck == 1 and desk.names.count(desk.new) == 1
    assert submitted.wait().status == "Completed"
    with pytest.raises(AwsError, match="ResourceInUse"):
        desk.job(desk.new).submit(desk.session)


def test_a_name_that_somebody_elses_job_has_is_taken_also_after_a_lost_answer(desk: Desk) -> None:
    desk.aws.faults.drop("sagemaker:CreateLabelingJob", times=1)
    with pytest.raises(AwsError, match="ResourceInUse"):
        desk.job("done").label_attribute("other").submit(desk.session)


def test_a_creation_that_nobody_answers_says_that_the_job_may_be_there(desk: Desk) -> None:
    def silence(**_: Any) -> None:
        raise ReadTimeoutError(endpoint_url="https://api.sagemaker.us-east-1.amazonaws.com/")

    # Where botocore no longer asks again, and nothing of ours waits for it.
    session = desk.aws.session(vpc_endpoint=desk.world.vpc_endpoint)
    session.events.register("before-call.sagemaker.CreateLabelingJob", silence)
    with pytest.raises(AwsError, match="whether it was created is unknown, look for it before you submit again"):
        desk.job(desk.new).submit(session)


# -- what goes on is told --------------------------------------------------------------------------------------------


def refusing(desk: Desk, action: str, **narrowed: Any) -> None:
    """A fault that botocore does not ask again after: the caller's clock is wrong."""
    desk.aws.faults.skew(action, **narrowed)


@pytest.mark.parametrize("call", [name for name in CALLS if name not in ("survey", "audit", "apply")])
def test_a_refusal_is_one_sentence_that_names_code_and_operation(desk: Desk, call: str) -> None:
    action, made = CALLS[call]
    if call == "grant":
        desk.shut()
    refusing(desk, action)
    with pytest.raises(AwsError) as told:
        made(desk)
    assert told.value.code in ("RequestTimeTooSkewed", "InvalidSignatureException", "SignatureDoesNotMatch")
    assert told.value.code in str(told.value) and told.value.operation in str(told.value)
    assert "\n" not in str(told.value) and str(told.value).count(". ") == 0


def test_a_survey_goes_on_and_says_of_each_thing_why_it_is_unknown(desk: Desk) -> None:
    refusing(desk, "s3:GetBucketPolicy", bucket=desk.bucket)
    refusing(desk, "iam:GetRole")
    found = survey(desk.job(desk.new), desk.session)
    reasons = set(unknowns(found))
    assert any("RequestTimeTooSkewed on s3:GetBucketPolicy" in reason for reason in reasons)
    assert any("SignatureDoesNotMatch on iam:GetRole" in reason for reason in reasons)
    assert len(reasons) == 2 and not found.buckets[1].policy and found.manifest.objects == 20


def test_an_audit_has_a_row_for_a_bucket_that_cannot_be_read_and_the_others_are_judged(desk: Desk) -> None:
    refusing(desk, "s3:GetBucketPolicy", bucket=desk.bucket)
    verdicts = audit([desk.bucket, desk.world.output_bucket], desk.perimeter, desk.session).buckets
    assert list(verdicts["verdict"])[0] == "unreadable" and list(verdicts["verdict"])[1] != "unreadable"
    assert "RequestTimeTooSkewed" in verdicts["error"].iloc[0]


def test_a_region_that_does_not_answer_is_named_and_the_others_are_shown(desk: Desk) -> None:
    desk.aws.faults.skew("sagemaker:ListLabelingJobs", times=1)
    jobs = labeling_jobs(desk.session, regions=["eu-west-1", "us-east-1", "us-west-2"])
    assert jobs.to_text().count("Not asked in full") == 1 and "InvalidSignatureException" in jobs.to_text()


def test_a_wait_ends_with_the_refusal_and_the_job_goes_on(desk: Desk) -> None:
    submitted = desk.job(desk.new).submit(desk.session)
    desk.aws.faults.later(lambda: refusing(desk, "sagemaker:DescribeLabelingJob", times=1), seconds=100)
    with pytest.raises(AwsError, match="InvalidSignatureException"):
        submitted.wait()
    assert submitted.wait().status == "Completed"


# -- nothing is half-written -----------------------------------------------------------------------------------------

OLD, NEW = "old", "new"


@pytest.mark.parametrize(
    ("fault", "left", "told"),
    [
        (lambda f: f.fail("s3:PutBucketPolicy"), OLD, "the old policy is still there"),
        (lambda f: f.fail("s3:PutBucketPolicy", 503), OLD, "the old policy is still there"),
        (lambda f: f.drop("s3:PutBucketPolicy"), OLD, "the old policy is still there"),
        (lambda f: f.drop("s3:PutBucketPolicy", "unreachable"), OLD, "the old policy is still there"),
        (lambda f: f.skew("s3:PutBucketPolicy"), OLD, "nothing was changed"),
        (lambda f: f.throttle("s3:PutBucketPolicy"), OLD, "nothing was changed"),
        (lambda f: f.fail("s3:PutBucketPolicy", done=True), NEW, ""),
        (lambda f: f.drop("s3:PutBucketPolicy", done=True), NEW, ""),
        (lambda f: f.slow("s3:PutBucketPolicy", seconds=31), NEW, ""),
        (lambda f: f.slow("s3:PutBucketPolicy", seconds=29), NEW, ""),
    ],
)
@pytest.mark.parametrize("way", ["grant", "rollback"])
def test_a_change_is_made_or_not_and_says_which(desk: Desk, fault: Any, left: str, told: str, way: str) -> None:
    desk.shut()
    change = grant(desk.bucket, desk.perimeter, desk.session)
    if way == "rollback":
        change.apply()
        change = rollback(desk.bucket, desk.session)
    before = json.loads(desk.policy)
    with fault(desk.aws.faults) as struck:
        if told:
            with pytest.raises(AwsError, match=told) as refused:
                change.apply()
            assert "\n" not in str(refused.value)
        else:
            assert change.apply().applied
    assert struck.struck and (json.loads(desk.policy) == before) is (left == OLD)
    unsure = "still" in told or left == NEW
    kept = len(journal.entries(desk.bucket, desk.world.account))
    assert kept == (unsure if way == "grant" else left == OLD)


def test_a_slow_answer_is_waited_for_as_long_as_the_package_has_patience(desk: Desk) -> None:
    before = desk.aws.clock.now()
    desk.aws.faults.slow("sagemaker:ListLabelingJobs", seconds=29, times=1)
    desk.aws.faults.slow("sagemaker:ListLabelingJobs", seconds=31, times=1)
    assert len(labeling_jobs(desk.session))
    # The second fault strikes in the same request, whose 30 s are over after one second of it: it is asked again.
    assert desk.aws.clock.now() - before == timedelta(seconds=30)


def test_files_of_a_job_whose_answer_was_lost_are_there_once_and_are_no_conflict(desk: Desk) -> None:
    fault = desk.aws.faults.drop("s3:PutObject", times=1, done=True)
    assert desk.job(desk.new).submit(desk.session).wait().status == "Completed" and fault.struck == 1
