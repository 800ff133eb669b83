from __future__ import annotations

import json
import re

import pytest

from gt_vpc_nb import ChangeRefused, LabelingJob, Perimeter, RequestError, audit, grant, rollback
from gt_vpc_nb.access_audit import BUCKETS, ROWS
from gt_vpc_nb.aws import journal
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.tour import first_policy


@pytest.fixture(scope="module")
def aws():
    return LocalAws.example(seed=7)


@pytest.fixture
def inside(aws):
    """A session in the VPC, with both buckets' policies removed afterwards."""
    session = aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    yield session
    for bucket in (aws.world.input_bucket, aws.world.output_bucket):
        # The root can repair whatever a test did.
        aws.session(principal=f"arn:aws:iam::{aws.world.account}:root").client("s3").delete_bucket_policy(Bucket=bucket)


@pytest.fixture
def perimeter(aws):
    world = aws.world
    return Perimeter(
        vpcs=[world.vpc],
        vpc_endpoints=[world.vpc_endpoint],
        ground_truth=world.region,
        execution_role=world.role,
        administrators=[world.administrator],
    )


def closed(world, *more_endpoints, sid="Closed"):
    endpoints = [world.vpc_endpoint, *more_endpoints]
    statement = {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{world.input_bucket}", f"arn:aws:s3:::{world.input_bucket}/*"],
        "Condition": {"StringNotEquals": {"aws:SourceVpce": endpoints, "aws:PrincipalArn": world.administrator}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def put(session, bucket, document):
    session.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    return policy_of(session, bucket)


def policy_of(session, bucket):
    return session.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]


GROUND_TRUTH = "vpce-08408e335ebf95b40"


@pytest.mark.parametrize(
    ("make", "verdict", "lets_in"),
    [
        (None, "open", True),
        (lambda world: first_policy(world.input_bucket, world.vpc, world.vpc_endpoint), "open", False),
        (lambda world: closed(world), "closed-but-blocks-ground-truth", False),
        (lambda world: closed(world, GROUND_TRUTH), "closed-and-working", True),
    ],
)
def test_the_verdict_comes_from_the_policy(aws, inside, perimeter, make, verdict, lets_in):
    if make:
        put(inside, aws.world.input_bucket, make(aws.world))
    row = audit(aws.world.input_bucket, perimeter, inside).buckets.iloc[0]
    assert (row["verdict"], bool(row["ground_truth_ok"])) == (verdict, lets_in)
    assert bool(row["cors_ok"]) and row["error"] == ""


def test_the_tables_have_the_columns_of_the_contract(aws, inside, perimeter):
    found = audit([aws.world.input_bucket, aws.world.output_bucket], perimeter, inside)
    assert tuple(found.to_frame().columns) == ROWS and tuple(found.buckets.columns) == BUCKETS
    assert {str(found.buckets[name].dtype) for name in ("ground_truth_ok", "closed", "cors_ok")} == {"boolean"}
    origins = {"your-endpoint", "your-vpc-other-endpoint", "ground-truth", "automated-labeling", "worker-browser"}
    assert {*origins, "administrator", "other-principal", "anyone"} == set(found.to_frame()["origin"])
    assert json.loads(found.to_json())["buckets"][0]["bucket"] == aws.world.input_bucket
    assert found.to_markdown().count("\n| ") >= 2 + 16


def test_what_cannot_be_read_is_a_row_and_the_rest_goes_on(aws, perimeter, inside):
    put(inside, aws.world.input_bucket, closed(aws.world))
    outside = aws.session(principal=f"arn:aws:iam::{aws.world.account}:role/Nobody")
    found = audit([aws.world.input_bucket, "no-such-bucket", aws.world.output_bucket], perimeter, outside).buckets
    assert found["verdict"].tolist()[:2] == ["unreadable", "unreadable"]
    assert "GetBucketPolicy" in found["error"].iloc[0] and "no bucket no-such-bucket" in found["error"].iloc[1]
    assert found["ground_truth_ok"].isna().tolist()[:2] == [True, True]


def test_hostile_names_are_escaped(aws, inside, perimeter):
    put(inside, aws.world.input_bucket, closed(aws.world, sid="<script>alert(1)</script>"))
    found = audit([aws.world.input_bucket, "<b>"], perimeter, inside)
    assert "<script>" not in found._repr_html_() and "<b>" not in found._repr_html_()
    assert "<script>" not in grant(aws.world.input_bucket, perimeter, inside)._repr_html_()


def test_a_plan_changes_nothing_and_shows_what_it_opens(aws, inside, perimeter):
    bucket = aws.world.input_bucket
    before = put(inside, bucket, first_policy(bucket, aws.world.vpc, aws.world.vpc_endpoint))
    plan = grant(bucket, perimeter, inside)
    assert policy_of(inside, bucket) == before and plan.changes and not plan.applied
    assert f'+            "{GROUND_TRUTH}"' in plan.diff
    assert {dict(each.witness.context)["aws:SourceVpce"] for each in plan.opens.opened} == {GROUND_TRUTH}
    assert plan.opens.closed == () and plan.blocked_by == () and plan.locks_out == ()
    assert "planned, nothing is changed yet" in repr(plan) and any("portal" in each for each in plan.advice)


def test_apply_makes_the_change_and_rollback_restores_it_exactly(aws, inside, perimeter):
    bucket = aws.world.input_bucket
    before = put(inside, bucket, first_policy(bucket, aws.world.vpc, aws.world.vpc_endpoint))
    done = grant(bucket, perimeter, inside).apply()
    assert done.applied and bool(audit(bucket, perimeter, inside).buckets["ground_truth_ok"].iloc[0])
    assert not grant(bucket, perimeter, inside).changes, "a second grant finds nothing to do"
    back = rollback(bucket, inside)
    assert policy_of(inside, bucket) != before, "planning the way back changes nothing"
    back.apply()
    assert policy_of(inside, bucket) == before
    with pytest.raises(ChangeRefused, match="knows no change"):
        rollback(bucket, inside)


def test_a_bucket_without_a_policy_needs_no_grant(aws, inside, perimeter):
    plan = grant(aws.world.input_bucket, perimeter, inside)
    assert not plan.changes and plan.apply().applied
    assert journal.entries(aws.world.input_bucket, aws.world.account) == ()


def test_a_policy_that_moved_since_the_plan_is_left_alone(aws, inside, perimeter):
    bucket = aws.world.input_bucket
    put(inside, bucket, first_policy(bucket, aws.world.vpc, aws.world.vpc_endpoint))
    plan = grant(bucket, perimeter, inside)
    moved = put(inside, bucket, closed(aws.world))
    with pytest.raises(ChangeRefused, match="plan it again"):
        plan.apply()
    assert policy_of(inside, bucket) == moved


def test_a_bucket_in_use_waits_unless_its_jobs_are_named(aws, inside, perimeter):
    world, bucket = aws.world, aws.world.input_bucket
    job = (
        LabelingJob.in_vpc(world.vpc)
        .named("in-the-way")
        .in_region(world.region)
        .task("ImageMultiClass", title="Sort", description="Choose one", keywords=["Images"])
        .input(f"s3://{bucket}/images.manifest")
        .output(f"s3://{world.output_bucket}/labels/")
        .label_categories(["circle", "square"])
        .workers(world.workteam, per_object=1, time_limit=300)
        .as_role(world.role)
    )
    running = job.submit(inside)
    put(inside, bucket, first_policy(bucket, world.vpc, world.vpc_endpoint))
    plan = grant(bucket, perimeter, inside)
    assert plan.blocked_by == ("in-the-way",)
    with pytest.raises(ChangeRefused, match="labeling jobs still use bucket 'images-in': in-the-way"):
        plan.apply()
    assert plan.apply(despite_jobs=["in-the-way"]).applied
    running.stop()
    aws.clock.advance(hours=1)


def test_a_change_that_locks_the_caller_out_is_refused_unless_it_is_named(aws, inside, perimeter):
    bucket, s3 = aws.world.input_bucket, inside.client("s3")
    shut = closed(aws.world, GROUND_TRUTH)
    shut["Statement"][0]["Condition"] = {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/Else"}}
    where = aws.world.account
    journal.append(bucket, where, journal.Entry(json.dumps(shut), json.dumps(closed(aws.world)), "now", "test"))
    put(inside, bucket, closed(aws.world))
    plan = rollback(bucket, inside)
    assert plan.locks_out == (aws.world.administrator,)
    with pytest.raises(ChangeRefused, match="it would lock out"):
        plan.apply()
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == closed(aws.world)


@pytest.mark.parametrize("died", ["before the write", "after the write"])
def test_a_process_that_dies_leaves_a_journal_that_rollback_understands(aws, inside, perimeter, died):
    bucket = aws.world.input_bucket
    before = put(inside, bucket, first_policy(bucket, aws.world.vpc, aws.world.vpc_endpoint))
    plan = grant(bucket, perimeter, inside)
    journal.append(bucket, aws.world.account, journal.Entry(plan.before, plan.after, "now", "test"))
    if died == "after the write":
        put(inside, bucket, json.loads(plan.after))
    rollback(bucket, inside).apply()
    assert json.loads(policy_of(inside, bucket)) == json.loads(before)


def test_a_journal_that_cannot_be_read_is_one_sentence(aws, inside):
    path = journal.path_of(aws.world.input_bucket, aws.world.account)
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with pytest.raises(ChangeRefused) as caught:
        rollback(aws.world.input_bucket, inside)
    assert re.search(r"The journal .* cannot be read", str(caught.value))


@pytest.mark.parametrize("missing", ["ground_truth", "execution_role"])
def test_grant_must_know_whom_to_let_in(aws, inside, perimeter, missing):
    from dataclasses import replace

    with pytest.raises(RequestError, match="grant needs to know whom to let in"):
        grant(aws.world.input_bucket, replace(perimeter, **{missing: None}), inside)
