from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.serving import Places
from tests.local.callers import ONLY_FROM_VPC, VPCE, fetch, lay_out_a_job
from tests.tools.conftest import AWS_CLI

pytestmark = pytest.mark.sockets

Cli = Callable[..., str]


def run(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(AWS_CLI), *arguments], env=env, capture_output=True, text=True, timeout=300)


@pytest.fixture
def cli(inside: dict[str, str]) -> Cli:
    """The AWS CLI behind the VPC endpoint; what it prints, and nothing on its error output."""

    def call(*arguments: str) -> str:
        done = run(inside, *arguments)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    return call


@pytest.fixture
def ask(cli: Cli) -> Callable[..., object]:
    """The same, with its JSON read."""
    return lambda *arguments: json.loads(cli(*arguments, "--output", "json"))


def test_a_large_file_goes_up_in_parts_and_comes_back(cli: Cli, tmp_path: Path) -> None:
    data, back = tmp_path / "large", tmp_path / "back"
    data.write_bytes(os.urandom(20 * 2**20))
    cli("s3", "cp", "--no-progress", str(data), "s3://signs-in/large")
    assert cli("s3", "ls", "s3://signs-in/large").split()[2:] == [str(20 * 2**20), "large"]
    cli("s3", "cp", "--no-progress", "s3://signs-in/large", str(back))
    assert back.read_bytes() == data.read_bytes()
    cli("s3", "rm", "s3://signs-in/large")


def test_a_folder_is_synced_both_ways_and_the_second_time_there_is_nothing_to_do(cli: Cli, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "deep").mkdir(parents=True)
    files = {"a b+c.txt": b"", "ü%20.txt": b"1", "deep/日本.bin": b"2" * 1000}
    for name, data in files.items():
        (here / name).write_bytes(data)
        # S3 tells whole seconds; a file of this very second would be newer than its own copy, as on AWS.
        os.utime(here / name, (1_700_000_000, 1_700_000_000))
    assert cli("s3", "sync", str(here), "s3://signs-in/synced").count("upload:") == 3
    assert cli("s3", "sync", str(here), "s3://signs-in/synced") == ""
    cli("s3", "sync", "s3://signs-in/synced", str(there))
    assert {name: (there / name).read_bytes() for name in files} == files
    (here / "a b+c.txt").unlink()
    assert "delete:" in cli("s3", "sync", "--delete", str(here), "s3://signs-in/synced")
    assert cli("s3", "rm", "--recursive", "s3://signs-in/synced").count("delete:") == 2


def test_the_internet_is_refused_with_the_words_of_aws(
    aws: LocalAws, cli: Cli, outside: dict[str, str], places: Places
) -> None:
    s3 = aws.session(VPCE).client("s3")
    s3.put_object(Bucket="signs-in", Key="a", Body=b"hello")
    s3.put_bucket_policy(Bucket="signs-in", Policy=ONLY_FROM_VPC)
    url = cli("s3", "presign", "s3://signs-in/a").strip()
    assert cli("s3", "cp", "s3://signs-in/a", "-") == "hello"
    assert fetch(url) == (200, b"hello")
    status, body = fetch(url.replace(places.url(VPCE), places.url("internet")))
    assert status == 403 and b"AccessDenied" in body
    refused = run(outside, "s3", "cp", "s3://signs-in/a", "-")
    assert refused.returncode != 0 and "(403)" in refused.stderr and "Forbidden" in refused.stderr
    refused = run(outside, "s3api", "get-object", "--bucket", "signs-in", "--key", "a", "/dev/null")
    assert "AccessDenied" in refused.stderr and "explicit deny in a resource-based policy" in refused.stderr
    s3.delete_bucket_policy(Bucket="signs-in")


def test_s3api_answers_in_json(ask: Callable[..., object], cli: Cli) -> None:
    name = ("--bucket", "signs-in")
    assert ask("s3api", "get-bucket-location", *name) == {"LocationConstraint": None}
    assert ask("s3api", "get-public-access-block", *name)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"]
    cli("s3api", "put-bucket-policy", *name, "--policy", ONLY_FROM_VPC)
    assert json.loads(ask("s3api", "get-bucket-policy", *name)["Policy"]) == json.loads(ONLY_FROM_VPC)
    cli("s3api", "delete-bucket-policy", *name)
    listed = ask("s3api", "list-objects-v2", "--bucket", "images-in", "--prefix", "images/", "--page-size", "7")
    assert len(listed["Contents"]) == 20


def test_who_and_where_is_told_by_sts_iam_and_ec2(ask: Callable[..., object], aws: LocalAws) -> None:
    assert ask("sts", "get-caller-identity")["Arn"] == "arn:aws:sts::111122223333:assumed-role/Administrator/session"
    role = ask("iam", "get-role", "--role-name", aws.world.role.rpartition("/")[2])["Role"]
    assert role["Arn"] == aws.world.role
    found = ask("ec2", "describe-vpc-endpoints", "--filters", f"Name=vpc-id,Values={aws.world.vpc}")["VpcEndpoints"]
    assert [each["VpcEndpointId"] for each in found] == [aws.world.vpc_endpoint]


def test_a_labeling_job_is_created_watched_listed_and_stopped(
    ask: Callable[..., object], cli: Cli, aws: LocalAws, tmp_path: Path
) -> None:
    request = lay_out_a_job(aws)
    file = tmp_path / "job.json"
    file.write_text(json.dumps(request), encoding="utf-8")
    made = ask("sagemaker", "create-labeling-job", "--cli-input-json", f"file://{file}")["LabelingJobArn"]
    shapes = ("--labeling-job-name", "shapes")
    deadline = time.monotonic() + 120
    while (found := ask("sagemaker", "describe-labeling-job", *shapes))["LabelingJobStatus"] != "Completed":
        assert time.monotonic() < deadline, found
    assert (found["LabelingJobArn"], found["LabelCounters"]["HumanLabeled"]) == (made, 20)
    assert cli("s3", "cp", found["LabelingJobOutput"]["OutputDatasetS3Uri"], "-").count("\n") == 20

    members = '[{"OidcMemberDefinition":{"Groups":["nobody"]}}]'
    team = ("--workteam-name", "nobody", "--description", "Nobody", "--member-definitions", members)
    request["HumanTaskConfig"]["WorkteamArn"] = nobody = ask("sagemaker", "create-workteam", *team)["WorkteamArn"]
    file.write_text(json.dumps({**request, "LabelingJobName": "halted"}), encoding="utf-8")
    cli("sagemaker", "create-labeling-job", "--cli-input-json", f"file://{file}")
    assert cli("sagemaker", "stop-labeling-job", "--labeling-job-name", "halted") == ""
    listed = ask("sagemaker", "list-labeling-jobs", "--sort-by", "Name", "--page-size", "1")
    jobs = {job["LabelingJobName"]: job["LabelingJobStatus"] for job in listed["LabelingJobSummaryList"]}
    assert list(jobs) == ["halted", "shapes"] and jobs["halted"] in ("Stopping", "Stopped")
    listed = ask("sagemaker", "list-labeling-jobs-for-workteam", "--workteam-arn", nobody)
    assert [job["LabelingJobName"] for job in listed["LabelingJobSummaryList"]] == ["halted"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("sagemaker", "describe-labeling-job", "--labeling-job-name", "none"), "(ResourceNotFound)"),
        (("sagemaker", "list-hubs"), "(UnsupportedOperation)"),
        (("macie2", "list-findings"), "(UnsupportedOperation)"),
        (("iam", "get-role", "--role-name", "none"), "(NoSuchEntity)"),
        (("s3", "ls", "s3://none-such"), "(NoSuchBucket)"),
        (("s3api", "head-object", "--bucket", "signs-in", "--key", "none"), "(404)"),
    ],
)
def test_an_error_is_told_in_the_clis_own_words(inside: dict[str, str], arguments: tuple[str, ...], told: str) -> None:
    done = run(inside, *arguments)
    assert done.returncode != 0 and "An error occurred" in done.stderr and told in done.stderr
