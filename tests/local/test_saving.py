"""A local AWS in a file: what is loaded lives on as if it had never been saved; a bad file is told in a sentence."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.facts import task_type
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.workers import Person, Task, Worker, workers_from_truth

# An example takes a second: a failing one is shown as it was found.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def job(aws: LocalAws, name: str, **task: Any) -> dict[str, Any]:
    world, kind = aws.world, task_type("ImageMultiClass")
    manifest = f"s3://{world.input_bucket}/images.manifest"
    return {
        "LabelingJobName": name,
        "LabelAttributeName": "shape",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": manifest}}},
        "OutputConfig": {"S3OutputPath": f"s3://{world.output_bucket}/jobs/"},
        "RoleArn": world.role,
        "LabelCategoryConfigS3Uri": f"s3://{world.input_bucket}/labels.json",
        "HumanTaskConfig": {
            "WorkteamArn": world.workteam,
            "UiConfig": {"UiTemplateS3Uri": f"s3://{world.input_bucket}/t.html"},
            "PreHumanTaskLambdaArn": kind.pre_lambda("us-east-1"),
            "TaskTitle": "Name it",
            "TaskDescription": "Which is it?",
            "NumberOfHumanWorkersPerDataObject": 3,
            "TaskTimeLimitInSeconds": 300,
            "AnnotationConsolidationConfig": {
                "AnnotationConsolidationLambdaArn": kind.consolidation_lambda("us-east-1")
            },
            **task,
        },
    }


def begun() -> LocalAws:
    """The small world with the files of a job, at seed 7."""
    aws = LocalAws.example(seed=7)
    s3 = aws.session().client("s3")
    s3.put_object(Bucket=aws.world.input_bucket, Key="t.html", Body=b"<crowd-form></crowd-form>")
    labels = {"document-version": "2018-11-28", "labels": [{"label": "circle"}, {"label": "square"}]}
    s3.put_object(Bucket=aws.world.input_bucket, Key="labels.json", Body=json.dumps(labels).encode())
    return aws


def create(aws: LocalAws, name: str) -> str:
    return aws.session().client("sagemaker").create_labeling_job(**job(aws, name))["LabelingJobArn"]


def files(aws: LocalAws) -> dict[str, bytes]:
    """Everything that lies in the output bucket."""
    s3, bucket = aws.session().client("s3"), aws.world.output_bucket
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
    return {key: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def told(aws: LocalAws) -> dict[str, Any]:
    """What a caller can find out: jobs, outputs, ids, time."""
    session = aws.session()
    sagemaker, ec2, iam = (session.client(name) for name in ("sagemaker", "ec2", "iam"))
    names = [each["LabelingJobName"] for each in sagemaker.list_labeling_jobs()["LabelingJobSummaryList"]]
    jobs = [sagemaker.describe_labeling_job(LabelingJobName=name) for name in sorted(names)]
    return {
        "jobs": [{name: value for name, value in each.items() if name != "ResponseMetadata"} for each in jobs],
        "files": files(aws),
        "vpcs": sorted(vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]),
        "roles": sorted(role["RoleId"] for role in iam.list_roles()["Roles"]),
        "users": sorted(user["UserId"] for user in iam.list_users()["Users"]),
        "faults": repr(aws.faults),
        "now": aws.clock.now(),
    }


# -- what can happen -------------------------------------------------------------------------------------------------


def attempt(call: Callable[..., Any], **params: Any) -> str:
    try:
        return str(sorted(call(**params).keys()))
    except ClientError as refused:
        return refused.response["Error"]["Code"]


def assume(aws: LocalAws) -> str:
    sts = aws.session(principal=f"arn:aws:iam::{aws.account}:user/ann").client("sts")
    return attempt(sts.assume_role, RoleArn=aws.world.administrator, RoleSessionName="me")


def access_key(aws: LocalAws) -> str:
    iam = aws.session().client("iam")
    if not iam.list_users()["Users"]:
        iam.create_user(UserName="ann")
        iam.put_user_policy(UserName="ann", PolicyName="all", PolicyDocument=json.dumps(POLICY))
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": "x"}
    aws.session().client("s3", **keys).get_object(Bucket=aws.world.input_bucket, Key="t.html")
    return key["AccessKeyId"]


def upload(aws: LocalAws) -> str:
    s3, place = aws.session().client("s3"), {"Bucket": aws.world.output_bucket, "Key": "large"}
    begun = {**place, "UploadId": s3.create_multipart_upload(**place)["UploadId"]}
    part = {"PartNumber": 1, "ETag": s3.upload_part(**begun, PartNumber=1, Body=b"part")["ETag"]}
    return s3.complete_multipart_upload(**begun, MultipartUpload={"Parts": [part]})["ETag"]


def versioned(aws: LocalAws) -> str:
    s3, bucket = aws.session().client("s3"), aws.world.input_bucket
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return s3.put_object(Bucket=bucket, Key="v", Body=b"1")["VersionId"]


def staff(aws: LocalAws, mistakes: float) -> None:
    aws.staff(aws.world.workteam, workers_from_truth(aws.truth, mistakes, 3, seed="other"))


def start(aws: LocalAws) -> str:
    listed = aws.session().client("sagemaker").list_labeling_jobs()["LabelingJobSummaryList"]
    return create(aws, f"job-{len(listed)}")


def stop(aws: LocalAws) -> str:
    return attempt(aws.session().client("sagemaker").stop_labeling_job, LabelingJobName="job-0")


def shut(aws: LocalAws, seconds: int) -> None:
    bucket = aws.world.output_bucket
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    aws.faults.put_policy(bucket, {"Version": "2012-10-17", "Statement": [statement]}, seconds=seconds)
    aws.faults.put_policy(bucket, None, seconds=seconds + 20)


HAPPENINGS: dict[str, Callable[[LocalAws], Any]] = {
    "start a job": start,
    "stop a job": stop,
    "a little later": lambda aws: aws.clock.advance(seconds=37.123457),
    "later": lambda aws: aws.clock.advance(minutes=2),
    "look around": lambda aws: told(aws) and None,
    "a VPC": lambda aws: aws.session().client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"],
    "another Region": lambda aws: aws.session(region="eu-west-1").client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"],
    "a VPC there": lambda aws: (
        aws.session(region="eu-west-1").client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    ),
    "an access key": access_key,
    "assume a role": assume,
    "an upload": upload,
    "a version": versioned,
    "careless people": lambda aws: staff(aws, 0.5),
    "nobody": lambda aws: aws.staff(aws.world.workteam, ()),
    "S3 fails jobs": lambda aws: (
        aws.faults.fail("s3:GetObject", key="images/*", on="jobs", share=0.9, times=40) and None
    ),
    "S3 is busy": lambda aws: aws.faults.throttle("s3:PutBucketAcl", share=0.5) and None,
    "a shut bucket": lambda aws: shut(aws, 60),
    "an object goes": lambda aws: aws.faults.delete_object("s3://images-in/images/0015.png", seconds=80) and None,
    "all calm": lambda aws: aws.faults.clear(),
}


@settings(max_examples=4, deadline=None, phases=NO_SHRINKING, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(HAPPENINGS)), min_size=3, max_size=14), st.data())
def test_what_is_loaded_lives_on_like_its_twin_that_was_never_saved(happenings: list[str], data: st.DataObject) -> None:
    happenings = ["start a job", *happenings]
    saved_after = data.draw(st.integers(0, len(happenings)))
    twin = begun()
    expected = [HAPPENINGS[each](twin) for each in happenings]
    twin.clock.advance(hours=3)
    end = told(twin)
    aws = begun()
    seen = [HAPPENINGS[each](aws) for each in happenings[:saved_after]]
    with tempfile.TemporaryDirectory() as folder:
        aws.save(Path(folder, "state"))
        aws = LocalAws.load(Path(folder, "state"))
    seen += [HAPPENINGS[each](aws) for each in happenings[saved_after:]]
    aws.clock.advance(hours=3)
    assert seen == expected
    assert told(aws) == end


def test_what_is_loaded_and_saved_again_is_the_same_file(tmp_path: Path) -> None:
    aws = begun()
    for name, happen in HAPPENINGS.items():
        if name != "an upload":  # its id is moto's own, and another each time
            happen(aws)
    aws.save(tmp_path / "one")
    LocalAws.load(tmp_path / "one").save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_key_that_was_given_out_is_still_known(tmp_path: Path) -> None:
    aws = begun()
    key = aws.session(principal="arn:aws:iam::111122223333:user/ann").get_credentials().access_key
    aws.save(tmp_path / "state")
    aws = LocalAws.load(tmp_path / "state")
    sts = aws.session().client("sts", aws_access_key_id=key, aws_secret_access_key="x")
    assert sts.get_caller_identity()["Arn"].endswith("user/ann")


def test_faults_of_callers_are_loaded_with_what_they_counted(tmp_path: Path) -> None:
    aws = begun()
    fault = aws.faults.skew("s3:ListAllMyBuckets", times=3)
    attempt(aws.session().client("s3").list_buckets)
    aws.save(tmp_path / "state")
    aws = LocalAws.load(tmp_path / "state")
    assert fault.struck == 1 and [each.struck for each in aws.faults.active] == [1]
    calls = [attempt(aws.session().client("s3").list_buckets) for _ in range(3)]
    assert calls[:2] == ["RequestTimeTooSkewed"] * 2 != calls[1:]


def test_faults_of_callers_and_of_jobs_are_loaded_in_the_order_they_were_made(tmp_path: Path) -> None:
    aws = begun()
    aws.faults.throttle("s3:PutBucketAcl")
    aws.faults.fail("s3:GetObject", on="jobs")
    aws.save(tmp_path / "state")
    told_before = repr(aws.faults)
    assert repr(LocalAws.load(tmp_path / "state").faults) == told_before


def test_a_scaled_clock_goes_on_at_its_pace(tmp_path: Path) -> None:
    aws = LocalAws(clock=36_000)
    aws.clock.sleep(60)
    before = aws.clock.now()
    aws.save(tmp_path / "state")
    aws = LocalAws.load(tmp_path / "state")
    assert aws.clock.mode == 36_000 and aws.clock.now() > before
    assert "36000 simulated seconds" in repr(aws.clock)


# -- functions of your own -------------------------------------------------------------------------------------------


def own_workers(asked: list[str]) -> list[Worker]:
    def answer(task: Task) -> str:
        asked.append(task.key)
        return "circle"

    return [Worker(name, answer, lambda task: 5.0) for name in ("ann", "ben", "cy")]


def test_what_your_workers_answered_is_in_the_file_and_they_are_asked_no_more(tmp_path: Path) -> None:
    aws, asked = begun(), []
    aws.staff(aws.world.workteam, own_workers(asked))
    create(aws, "job")
    aws.clock.advance(seconds=100)
    count = len(asked)
    aws.save(tmp_path / "state")
    aws = LocalAws.load(tmp_path / "state")
    assert len(asked) == count >= 10
    aws.clock.advance(hours=2)
    described = aws.session().client("sagemaker").describe_labeling_job(LabelingJobName="job")
    assert described["LabelingJobStatus"] == "Failed" and "aws.staff(team, workers)" in described["FailureReason"]


def test_your_workers_put_into_the_team_again_end_the_job_as_without_a_file(tmp_path: Path) -> None:
    aws = begun()
    aws.staff(aws.world.workteam, own_workers([]))
    create(aws, "job")
    aws.clock.advance(seconds=100)
    aws.save(tmp_path / "state")
    aws = LocalAws.load(tmp_path / "state")
    aws.staff(aws.world.workteam, own_workers([]))
    aws.clock.advance(hours=2)
    again = told(aws)
    assert again["jobs"][0]["LabelingJobStatus"] == "Completed"
    aws.save(tmp_path / "state")
    assert told(LocalAws.load(tmp_path / "state")) == again


def test_what_real_people_answered_is_in_the_file(tmp_path: Path) -> None:
    aws = begun()
    aws.staff(aws.world.workteam, [Person("ada"), *workers_from_truth(aws.truth, 0.1, 2, seed=7)])
    create(aws, "job")
    aws.clock.advance(minutes=3)
    engine = aws.labeling.engine
    for at_work, task in engine.open_tasks("ada")[:7]:
        engine.submitted(at_work, aws.clock.now(), "ada", task.key, "circle", aws.clock.now())
    aws.save(tmp_path / "state")
    aws.clock.advance(days=31)
    end = told(aws)
    aws = LocalAws.load(tmp_path / "state")
    assert len(aws.labeling.engine.open_tasks("ada")) == 3
    aws.clock.advance(days=31)
    assert told(aws) == end


ARN = "arn:aws:lambda:us-east-1:111122223333:function:before-SageMaker"


def custom(aws: LocalAws, asked: list[Any]) -> dict[str, Any]:
    """A job with two functions of your own: one prepares the tasks, one makes no label of any answer."""
    names = {"PolicyName": "lambda", "RoleName": "GroundTruthExecution"}
    allow = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    aws.session().client("iam").put_role_policy(**names, PolicyDocument=document)

    def before(event: Any, _: None) -> Any:
        asked.append(event)
        return {"taskInput": {"place": len(asked)}, "isHumanAnnotationRequired": "true"}

    aws.function(ARN, before)
    aws.function(f"{ARN}-after", lambda event, _: asked.append(event) or [])
    after = {"AnnotationConsolidationLambdaArn": f"{ARN}-after"}
    return job(aws, "job", PreHumanTaskLambdaArn=ARN, AnnotationConsolidationConfig=after)


def test_what_your_lambda_function_answered_is_in_the_file_and_it_is_asked_no_more(tmp_path: Path) -> None:
    aws, asked = begun(), []
    aws.session().client("sagemaker").create_labeling_job(**custom(aws, asked))
    aws.clock.advance(seconds=100)
    assert asked
    count, before = len(asked), files(aws)
    aws.save(tmp_path / "state")
    aws = LocalAws.load(tmp_path / "state")
    assert len(asked) == count and files(aws) == before


def test_functions_of_yours_that_wait_for_their_time_cannot_be_saved(tmp_path: Path) -> None:
    aws = begun()
    aws.faults.later(print, minutes=5)
    with pytest.raises(LocalAwsError, match="1 functions of yours wait for their time"):
        aws.save(tmp_path / "state")
    aws.faults.clear()
    aws.save(tmp_path / "state")


def test_what_your_function_did_at_its_time_happens_again(tmp_path: Path) -> None:
    aws = begun()
    s3 = aws.session().client("s3")
    create(aws, "job")
    aws.faults.later(lambda: s3.delete_object(Bucket="images-in", Key="images/0015.png"), seconds=95)
    aws.clock.advance(hours=2)
    end = told(aws)
    assert end["jobs"][0]["LabelCounters"]["FailedNonRetryableError"] == 1
    aws.save(tmp_path / "state")
    assert told(LocalAws.load(tmp_path / "state")) == end


# -- files -----------------------------------------------------------------------------------------------------------


def changed(path: Path, **parts: bytes) -> Path:
    """The same file with other parts; a part may be given as a function of the old bytes."""
    with zipfile.ZipFile(path) as old:
        held = {name: old.read(name) for name in old.namelist()}
    names = {"header": "local-aws.json", "history": "history.jsonl", "calls": "calls.json"}
    for name, change in parts.items():
        held[names.get(name, name)] = change(held[names.get(name, name)]) if callable(change) else change
    with zipfile.ZipFile(path, "w") as new:
        for name, data in held.items():
            new.writestr(name, data)
    return path


def with_header(**facts: Any) -> Callable[[bytes], bytes]:
    return lambda old: json.dumps({**json.loads(old), **facts}).encode()


def entry(**facts: Any) -> Callable[[bytes], bytes]:
    return lambda old: json.dumps({**json.loads(old.splitlines()[0]), **facts}).encode()


def in_service(service: str) -> Callable[[bytes], bytes]:
    return lambda old: old.replace(b'"service": "s3"', f'"service": "{service}"'.encode())


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_bytes(b""), "no saved local AWS"),
        (lambda path: path.write_bytes(b"hello"), "no saved local AWS"),
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), "no saved local AWS"),
        (lambda path: path.write_bytes(b"?" * 200 + path.read_bytes()[200:]), "no saved local AWS"),
        (lambda path: changed(path, header=b"[]"), "no saved local AWS"),
        (lambda path: changed(path, header=b"{" * 100_000), "no saved local AWS"),
        (lambda path: changed(path, header=with_header(format="another")), "no saved local AWS"),
        (lambda path: changed(path, header=with_header(version=2)), "newer gt-vpc-nb.*upgrade"),
        (lambda path: changed(path, header=with_header(account="me")), "not an AWS account id"),
        (lambda path: changed(path, header=with_header(clock={})), "damaged"),
        (lambda path: changed(path, header=with_header(world={"moon": 1})), "damaged"),
        (lambda path: changed(path, header=with_header(seed=8)), "comes out differently"),
        (lambda path: changed(path, history=b"{}"), "no saved local AWS"),
        (lambda path: changed(path, history=entry(do="import os")), "no saved local AWS"),
        (lambda path: changed(path, history=entry(at="soon")), "damaged: entry 1 .*ValueError"),
        (lambda path: changed(path, history=entry(principal="me")), "'me'"),
        (lambda path: changed(path, history=in_service("lambda")), "something in lambda"),
        (lambda path: changed(path, calls=b"[]"), "damaged"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_told_in_one_sentence(
    tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    begun().save(tmp_path / "state")
    spoil(tmp_path / "state")
    with pytest.raises(LocalAwsError, match=said) as refused:
        LocalAws.load(tmp_path / "state")
    assert "\n" not in str(refused.value)


def test_a_body_that_was_changed_is_found_out(tmp_path: Path) -> None:
    begun().save(tmp_path / "state")
    with zipfile.ZipFile(tmp_path / "state") as parts:
        body = next(name for name in parts.namelist() if name.startswith("bodies/"))
    with pytest.raises(LocalAwsError, match="damaged"):
        LocalAws.load(changed(tmp_path / "state", **{body: b"other"}))


def test_a_request_that_is_left_out_does_not_stop_a_file(tmp_path: Path) -> None:
    aws = begun()
    with pytest.raises(ClientError, match="does not answer for dynamodb"):
        aws.session().client("dynamodb").delete_table(TableName="t")
    aws.save(tmp_path / "state")
    assert LocalAws.load(tmp_path / "state").clock.now() == aws.clock.now()


def test_an_older_file_stays_when_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    aws = begun()
    aws.save(tmp_path / "state")
    before = (tmp_path / "state").read_bytes()
    with pytest.raises(ClientError):
        aws.session().client("lambda").delete_function(FunctionName="nobody")
    with pytest.raises(LocalAwsError, match="something in lambda, which a file does not hold"):
        aws.save(tmp_path / "state")
    assert (tmp_path / "state").read_bytes() == before and [each.name for each in tmp_path.iterdir()] == ["state"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(LocalAwsError, match="give a file in a folder that exists"):
        LocalAws().save(tmp_path / "no" / "state")
    assert list(tmp_path.iterdir()) == []


def test_an_sns_subscription_that_reaches_for_the_network_is_not_in_a_file(tmp_path: Path) -> None:
    aws = LocalAws()
    sns = aws.session().client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    aws.save(tmp_path / "state")
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://example.com/")
    with pytest.raises(LocalAwsError, match="SNS subscription by https"):
        aws.save(tmp_path / "state")
