"""A change of a bucket policy, held to its promises: guarded, journaled, verified, undoable, whatever happens."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from gt_vpc_nb import AwsError, ChangeRefused, Perimeter, RequestError, grant, rollback
from gt_vpc_nb.aws import journal
from gt_vpc_nb.aws.bucket_policies import READ_BACKS, WRITES
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.example import lay_out
from gt_vpc_nb.tour import first_policy

BUCKET = "images-in"
PROGRAM = Path(__file__).with_name("killed_changes.py")


@pytest.fixture(scope="module")
def aws():
    aws = LocalAws(seed=7)
    aws.world = lay_out(aws)
    return aws


@pytest.fixture
def session(aws):
    """A session in the VPC, of its own for each test's faults, with the bucket's policy as AWS's page has it."""
    world = aws.world
    write(aws, first_policy(BUCKET, world.vpc, world.vpc_endpoint))
    return aws.session(vpc_endpoint=world.vpc_endpoint)


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


def owner(aws):
    """The account's root, whom no bucket policy stops."""
    return aws.session(principal=f"arn:aws:iam::{aws.world.account}:root").client("s3")


def write(aws, document):
    text = document if isinstance(document, str) else json.dumps(document)
    owner(aws).put_bucket_policy(Bucket=BUCKET, Policy=text)


def policy_of(aws):
    return owner(aws).get_bucket_policy(Bucket=BUCKET)["Policy"]


def entries(aws):
    return journal.entries(BUCKET, aws.world.account)


def closed(**condition):
    """A policy that is closed to all but these."""
    resources = [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    shut = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources}
    return {"Version": "2012-10-17", "Statement": [{**shut, "Condition": {"StringNotEquals": condition}}]}


# -- faults ----------------------------------------------------------------------------------------------------------


def refusal(code, status):
    """An answer of AWS in the place of the one that was to come."""
    parsed = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return lambda: (AWSResponse("", status, {}, None), parsed)


def silence():
    raise ReadTimeoutError(endpoint_url="https://s3")


def fault(session, operation, answer, *, skip=0, times=99, when="before-call"):
    """Lets `skip` calls of an operation pass and answers the next `times`; returns the list of calls made."""
    calls = []

    def instead(**_):
        calls.append(operation)
        return answer() if skip < len(calls) <= skip + times else None

    session.events.register(f"{when}.{operation}", instead)
    return calls


PUT, GET, JOBS = "s3.PutBucketPolicy", "s3.GetBucketPolicy", "sagemaker.ListLabelingJobs"
BUSY, BROKEN = refusal("SlowDown", 503), refusal("InternalError", 500)
DENIED = refusal("AccessDenied", 403)
NOTHING, KEPT = "; nothing was changed.", r"the journal \S+/images-in.json keeps the old policy"


@pytest.mark.parametrize(
    ("faults", "told", "journaled"),
    [
        ([(JOBS, refusal("ThrottlingException", 400), {})], NOTHING, 0),
        ([(JOBS, silence, {})], NOTHING, 0),
        ([(GET, DENIED, {})], NOTHING, 0),
        ([(GET, BROKEN, {})], NOTHING, 0),
        ([(GET, BUSY, {"skip": 1})], NOTHING, 0),
        ([(GET, silence, {"skip": 1})], NOTHING, 0),
        ([(PUT, BUSY, {})], NOTHING, 0),
        ([(PUT, DENIED, {})], NOTHING, 0),
        ([(PUT, refusal("MalformedPolicy", 400), {})], NOTHING, 0),
        ([(PUT, BROKEN, {})], f"the old policy is still there, .* {KEPT}", 1),
        ([(PUT, silence, {})], f"the old policy is still there, .* {KEPT}", 1),
        ([(PUT, silence, {}), (GET, DENIED, {"skip": 2})], f"whether it was written is unknown, .* {KEPT}", 1),
    ],
)
def test_a_call_that_fails_before_the_write_says_that_nothing_is_changed_or_what_is_unknown(
    aws, session, perimeter, faults, told, journaled
):
    before, plan = policy_of(aws), grant(BUCKET, perimeter, session)
    for operation, answer, options in faults:
        fault(session, operation, answer, **options)
    with pytest.raises(AwsError, match=told) as caught:
        plan.apply()
    assert str(caught.value).count(". ") == 0 and "\n" not in str(caught.value), "one sentence"
    assert caught.value.code and policy_of(aws) == before and len(entries(aws)) == journaled


@pytest.mark.parametrize("answer", [DENIED, BROKEN, BUSY, silence])
def test_a_policy_that_was_written_and_cannot_be_read_back_is_told_and_kept_in_the_journal(
    aws, session, perimeter, answer
):
    plan = grant(BUCKET, perimeter, session)
    fault(session, GET, answer, skip=2)
    with pytest.raises(AwsError, match=f"the new policy was written and cannot be read back, .*; {KEPT}"):
        plan.apply()
    assert json.loads(policy_of(aws)) == json.loads(plan.after)
    assert [(each.before, each.after) for each in entries(aws)] == [(plan.before, plan.after)]
    rollback(BUCKET, aws.session()).apply()
    assert policy_of(aws) == plan.before and entries(aws) == ()


@pytest.mark.parametrize("answer", [BROKEN, silence])
def test_a_write_whose_answer_was_lost_is_found_and_verified(aws, session, perimeter, answer):
    def lost(http_response, parsed, **_):
        if answer is silence:
            silence()
        http_response.status_code, parsed["Error"] = 500, {"Code": "InternalError", "Message": "no"}

    plan = grant(BUCKET, perimeter, session)
    session.events.register(f"after-call.{PUT}", lost)
    assert plan.apply().applied and json.loads(policy_of(aws)) == json.loads(plan.after)


def test_a_busy_s3_is_asked_again_and_the_policy_looked_at_before_each_write(aws, session, perimeter):
    plan = grant(BUCKET, perimeter, session)
    fault(session, PUT, BUSY, times=WRITES - 1)
    looks, writes = fault(session, GET, None, times=0), fault(session, PUT, None, times=0)
    started = aws.clock.now()
    assert plan.apply().applied
    assert len(writes) == 1 and len(looks) == 1 + WRITES + 1 and aws.clock.now() > started


def test_a_policy_that_moves_while_s3_is_busy_is_left_alone(aws, session, perimeter):
    plan, theirs = grant(BUCKET, perimeter, session), closed(**{"aws:PrincipalArn": aws.world.administrator})

    def busy_while_they_write():
        write(aws, theirs)
        return BUSY()

    fault(session, PUT, busy_while_they_write)
    with pytest.raises(ChangeRefused, match="is not the one this change was planned on; plan it again"):
        plan.apply()
    assert json.loads(policy_of(aws)) == theirs and entries(aws) == ()


def test_s3_may_give_the_old_policy_for_a_while_or_ours_in_its_own_spelling(aws, session, perimeter):
    plan = grant(BUCKET, perimeter, session)
    ours = json.loads(plan.after)
    ours["Statement"][0]["Action"].reverse()
    answers = iter([*[plan.before] * (READ_BACKS - 1), json.dumps(ours, indent=8)])
    fault(session, GET, lambda: (AWSResponse("", 200, {}, None), {"Policy": next(answers)}), skip=2)
    assert plan.apply().applied and len(entries(aws)) == 1


# -- other writers ---------------------------------------------------------------------------------------------------


def test_a_policy_that_moves_between_the_two_looks_leaves_no_journal(aws, session, perimeter):
    plan, theirs = grant(BUCKET, perimeter, session), closed(**{"aws:PrincipalArn": aws.world.administrator})
    fault(session, GET, lambda: write(aws, theirs), skip=1, times=1)
    with pytest.raises(ChangeRefused, match="plan it again"):
        plan.apply()
    assert json.loads(policy_of(aws)) == theirs and entries(aws) == ()


def test_somebody_elses_policy_in_the_read_back_is_told_and_nothing_is_restored(aws, session, perimeter):
    plan, theirs = grant(BUCKET, perimeter, session), closed(**{"aws:PrincipalArn": aws.world.administrator})
    fault(session, PUT, lambda: write(aws, theirs), when="after-call")
    with pytest.raises(ChangeRefused, match=f"Written, but S3 gives another policy .* Nothing more was done; {KEPT}"):
        plan.apply()
    assert json.loads(policy_of(aws)) == theirs and len(entries(aws)) == 1


def test_a_policy_that_was_changed_after_ours_is_not_rolled_back(aws, session, perimeter):
    grant(BUCKET, perimeter, session).apply()
    theirs = closed(**{"aws:PrincipalArn": aws.world.administrator})
    write(aws, theirs)
    with pytest.raises(ChangeRefused) as caught:
        rollback(BUCKET, session)
    assert f"What it was is in {journal.path_of(BUCKET, aws.world.account)}" in str(caught.value)
    assert json.loads(policy_of(aws)) == theirs and len(entries(aws)) == 1


def test_a_write_that_arrives_after_a_rollback_was_planned_keeps_its_journal(aws, session, perimeter):
    plan = grant(BUCKET, perimeter, session)
    fault(session, PUT, silence)
    with pytest.raises(AwsError, match="a late write may still come"):
        plan.apply()
    nothing = rollback(BUCKET, session)
    assert not nothing.changes and "nothing to undo" in repr(nothing)
    write(aws, plan.after)
    with pytest.raises(ChangeRefused, match="plan it again"):
        nothing.apply()
    again = aws.session()
    rollback(BUCKET, again).apply()
    assert policy_of(aws) == plan.before and entries(aws) == ()


def test_two_grants_are_undone_by_two_rollbacks(aws, session, perimeter):
    first = policy_of(aws)
    grant(BUCKET, perimeter, session).apply()
    second = policy_of(aws)
    elsewhere = grant(BUCKET, replace(perimeter, ground_truth="us-west-2"), session).apply()
    assert elsewhere.changes and elsewhere.regions == ("us-east-1", "us-west-2")
    back = rollback(BUCKET, session)
    assert back.regions == elsewhere.regions and back.perimeter == elsewhere.perimeter, "guarded like the change"
    assert "ground-truth: all five -> " in back.diff
    for expected in (second, first):
        rollback(BUCKET, session).apply()
        assert policy_of(aws) == expected
    assert entries(aws) == ()


# -- guards ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "labeling jobs still use bucket 'images-in': signs-1, signs-2"),
        ({"despite_jobs": "signs-1"}, "still use bucket 'images-in': signs-2"),
        ({"despite_jobs": ["sings-1"]}, "'sings-1' in despite_jobs is not in the way; in the way: signs-1, signs-2;"),
        ({"despite_jobs": ["sings-1"]}, "did you mean 'signs-1'?"),
        ({"despite_lockout": ["signs-1"]}, "'signs-1' in despite_lockout is not in the way; in the way: nothing."),
    ],
)
def test_jobs_are_accepted_by_their_names_and_no_other(aws, session, perimeter, options, sentence):
    before, plan = policy_of(aws), grant(BUCKET, perimeter, session)
    in_use(session, "signs-1", "signs-2")
    with pytest.raises(ChangeRefused) as caught:
        plan.apply(**options)
    assert sentence in str(caught.value) and policy_of(aws) == before and entries(aws) == ()


def in_use(session, *names):
    """SageMaker tells of these labeling jobs that write to the bucket."""
    described = {
        "InputConfig": {"DataSource": {}},
        "OutputConfig": {"S3OutputPath": f"s3://{BUCKET}/labels"},
        "HumanTaskConfig": {"UiConfig": {}},
    }
    running = {"LabelingJobSummaryList": [{"LabelingJobName": name} for name in names]}
    fault(session, JOBS, lambda: (AWSResponse("", 200, {}, None), running), times=9999)
    fault(session, "sagemaker.DescribeLabelingJob", lambda: (AWSResponse("", 200, {}, None), described), times=9999)


def test_a_job_that_ended_since_the_plan_may_still_be_named(aws, session, perimeter):
    plan = replace(grant(BUCKET, perimeter, session), blocked_by=("signs-1",))
    assert plan.apply(despite_jobs=["signs-1"]).applied


def test_many_jobs_are_counted_and_not_all_printed(session, perimeter):
    in_use(session, *(f"signs-{number}" for number in range(300)))
    plan = grant(BUCKET, perimeter, session)
    assert len(plan.blocked_by) == 300 and repr(plan).count("signs-") == 10
    assert "in the way: … and 290 more in .blocked_by" in repr(plan)
    with pytest.raises(ChangeRefused, match="signs-5 and 294 more") as caught:
        plan.apply()
    assert len(str(caught.value)) < 400


def confirmed(session):
    """Whether each write asked S3 to let its caller lock itself out."""
    found = []
    session.events.register(
        f"before-call.{PUT}",
        lambda params, **_: found.append(params["headers"].get("x-amz-confirm-remove-self-bucket-access")),
    )
    return found


@pytest.mark.parametrize(("who", "asked"), [("the caller", [True]), ("an administrator", [False]), ("nobody", [False])])
def test_s3_is_asked_to_lock_its_caller_out_only_when_that_was_accepted_by_name(aws, session, perimeter, who, asked):
    world, other = aws.world, f"arn:aws:iam::{aws.world.account}:role/Else"
    let_in = {"the caller": [other], "an administrator": [world.administrator], "nobody": [world.administrator, other]}
    plan = grant(BUCKET, replace(perimeter, administrators=[other]), session)
    after = json.dumps(closed(**{"aws:PrincipalArn": [*let_in[who], f"{world.role}"]}))
    shut = {"the caller": (world.administrator,), "an administrator": (other,), "nobody": ()}[who]
    plan = replace(plan, after=after, locks_out=shut, perimeter=None)
    writes = confirmed(session)
    if shut:
        with pytest.raises(ChangeRefused, match=f"it would lock out {shut[0]}. Exempt them, or apply"):
            plan.apply()
        with pytest.raises(ChangeRefused, match="in despite_lockout is not in the way; in the way: arn:.*did you mean"):
            plan.apply(despite_lockout=f"{shut[0]}s")
        assert writes == []
    try:
        plan.apply(despite_lockout=shut)
    except AwsError as error:
        assert who == "the caller" and "was written and cannot be read back" in str(error)
    assert [each is not None and str(each).lower() == "true" for each in writes] == asked


def test_the_owners_root_is_never_locked_out(aws, perimeter):
    nobody = json.dumps(closed(**{"aws:PrincipalArn": "arn:aws:iam::111122223333:role/Nobody"}))
    root = aws.session(principal=f"arn:aws:iam::{aws.world.account}:root")
    write(aws, closed(**{"aws:PrincipalArn": aws.world.administrator}))
    journal.append(BUCKET, aws.world.account, journal.Entry(nobody, policy_of(aws), "now", "test"))
    plan = rollback(BUCKET, root)
    assert plan.locks_out == () and plan.apply().applied and json.loads(policy_of(aws)) == json.loads(nobody)


def test_a_new_policy_that_evaluates_wrongly_is_taken_back(aws, session, perimeter):
    before, plan = policy_of(aws), grant(BUCKET, perimeter, session)
    with pytest.raises(ChangeRefused, match="The new policy still stops Ground Truth .*; the old one was put back"):
        replace(plan, after=plan.before.replace("s3:GetObject", "s3:*Object")).apply()
    assert policy_of(aws) == before and entries(aws) == ()


@pytest.mark.parametrize(
    ("operation", "skip", "told"),
    [(PUT, 1, "put back is unknown"), (GET, 3, "put back is unknown")],
)
def test_a_restore_that_fails_says_so_and_keeps_the_journal(aws, session, perimeter, operation, skip, told):
    plan = grant(BUCKET, perimeter, session)
    fault(session, operation, DENIED, skip=skip)
    with pytest.raises(AwsError, match=f"the new policy still stops Ground Truth .*{told}; {KEPT}"):
        replace(plan, after=plan.before.replace("s3:GetObject", "s3:*Object")).apply()
    assert len(entries(aws)) == 1


# -- the copy in S3 --------------------------------------------------------------------------------------------------


def test_the_old_policy_is_copied_to_s3_only_when_asked(aws, session, perimeter):
    s3, before = session.client("s3"), policy_of(aws)
    grant(BUCKET, perimeter, session).apply(copy_to="s3://labels-out/policies/first.json")
    assert s3.get_object(Bucket="labels-out", Key="policies/first.json")["Body"].read().decode() == before
    rollback(BUCKET, session).apply()
    assert s3.list_objects_v2(Bucket="labels-out", Prefix="policies/")["KeyCount"] == 1


@pytest.mark.parametrize(
    ("place", "error", "sentence"),
    [
        ("policies/old.json", RequestError, "is not an s3:// URI"),
        ("s3://labels-out", RequestError, "names a bucket, not an object"),
        ("s3://labels-out/taken.json", RequestError, "is already there with other content, and is not overwritten"),
        ("s3://no-such-bucket-anywhere/old.json", AwsError, "; nothing was changed."),
    ],
)
def test_a_copy_that_cannot_be_made_stops_the_change(aws, session, perimeter, place, error, sentence):
    session.client("s3").put_object(Bucket="labels-out", Key="taken.json", Body=b"mine")
    before = policy_of(aws)
    with pytest.raises(error) as caught:
        grant(BUCKET, perimeter, session).apply(copy_to=place)
    assert sentence in str(caught.value) and policy_of(aws) == before and entries(aws) == ()


# -- what is shown ---------------------------------------------------------------------------------------------------


def test_a_huge_policy_is_shown_in_part_and_kept_whole(aws, session, perimeter):
    long = {**first_policy(BUCKET, aws.world.vpc, aws.world.vpc_endpoint)}
    names = [f"arn:aws:s3:::{BUCKET}/{number:04}<b>{'x' * 100}/*" for number in range(120)]
    long["Statement"] = [{**long["Statement"][0], "Resource": [f"arn:aws:s3:::{BUCKET}/*", *names]}]
    write(aws, long)
    plan = grant(BUCKET, perimeter, session)
    plan = replace(plan, after=json.dumps(closed(**{"aws:SourceVpce": aws.world.vpc_endpoint})))
    assert plan.diff.count("\n-") > 120
    shown = repr(plan)
    assert "more lines in .diff" in shown and len(shown.splitlines()) < 140
    assert max(map(len, shown.splitlines())) < 200 and "<b>" not in plan._repr_html_()
    assert "which of Ground Truth's five actions get in" in shown


def test_a_planned_change_shows_all_a_person_decides_on(aws, session, perimeter):
    in_use(session, "signs-1")
    plan = replace(grant(BUCKET, perimeter, session), locks_out=("arn:aws:iam::111122223333:role/A",))
    for part in (
        "planned, nothing is changed yet",
        "+++ images-in after",
        " -> all five",
        "opens: ",
        "in the way: labeling job 'signs-1' still uses the bucket",
        "in the way: it would lock out arn:aws:iam::111122223333:role/A",
        "- Workers must open the worker portal from the VPC",
    ):
        assert part in repr(plan), part


# -- sudden ends -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "ends_as"), [("granted", "old"), ("undone", "new"), ("restored", "old"), ("deleted", "new")]
)
def test_a_process_killed_before_any_step_leaves_a_policy_and_a_journal_that_rollback_understands(
    scenario, ends_as, tmp_path
):
    ran = subprocess.run(
        [sys.executable, PROGRAM, scenario, tmp_path], capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    steps = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(steps) > 15 and {each["left"] == each["old"] for each in steps} == {True, False}
    assert {"open", "os.rename", "GetBucketPolicy goes out"} <= {each["before"] for each in steps}
    for number, each in enumerate(steps):
        told = f"killed before step {number}, {each['before']}: {each}"
        assert each["left"] in (each["old"], each["new"]), told
        assert each["then"] == each[ends_as] and each["entries left"] == 0, told
        assert scenario == "deleted" or each["then"] == each["given"], told
        assert each["entries"] or each["left"] == each[ends_as], told
