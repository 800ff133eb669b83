"""How fast the local AWS is, as ratios of CPU time in the same run, so that a busy machine cannot fail them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gt_vpc_nb.facts import task_type
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.workers import workers_from_truth
from tests.local.callers import lay_out_a_job

START = """
import json, time
begun = time.process_time()
import boto3
boto3_alone = time.process_time() - begun
from gt_vpc_nb.local import LocalAws
session = LocalAws().session()
s3 = session.client("s3")
s3.create_bucket(Bucket="signs-in")
s3.put_object(Bucket="signs-in", Key="1.png", Body=b"x")
session.client("sagemaker").list_labeling_jobs()
ready = time.process_time() - begun - boto3_alone
ec2 = session.client("ec2")
begun = time.process_time()
ec2.describe_vpcs()
print(json.dumps([boto3_alone, ready, time.process_time() - begun]))
"""


def test_it_is_ready_and_ec2_is_loaded_in_a_few_times_the_import_of_boto3() -> None:
    """Measured 4 and 6 times; moto's own way to load EC2 takes 9 to 10 times."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    runs = []
    for _ in range(3):
        ran = subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True, env=environment)
        alone, ready, ec2 = json.loads(ran.stdout)
        runs.append((ready / alone, ec2 / alone))
    assert min(ready for ready, _ in runs) < 8
    assert min(ec2 for _, ec2 in runs) < 12


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    return LocalAws.example()


def seconds(aws: LocalAws, count: int) -> float:
    """CPU time of a text labeling job from its creation to Completed, and of reading its output manifest."""
    name, kind = f"texts-{count}-{len(aws.labeling.engine.jobs)}", task_type("TextMultiClass")
    s3, sagemaker = aws.session().client("s3"), aws.session().client("sagemaker")
    truth = {f"text {name} {number}": ("circle", "square")[number % 2] for number in range(count)}
    lines = "".join(json.dumps({"source": text}) + "\n" for text in truth)
    s3.put_object(Bucket="images-in", Key=f"{name}.manifest", Body=lines.encode())
    request = lay_out_a_job(aws)
    request["LabelingJobName"] = name
    request["InputConfig"]["DataSource"]["S3DataSource"]["ManifestS3Uri"] = f"s3://images-in/{name}.manifest"
    task = request["HumanTaskConfig"]
    task |= {"PreHumanTaskLambdaArn": kind.pre_lambda("us-east-1"), "NumberOfHumanWorkersPerDataObject": 1}
    task["AnnotationConsolidationConfig"] = {"AnnotationConsolidationLambdaArn": kind.consolidation_lambda("us-east-1")}
    aws.staff(aws.world.workteam, workers_from_truth(truth, 0.05, 3, 7))
    begun = time.process_time()
    sagemaker.create_labeling_job(**request)
    aws.clock.advance(days=20)
    told = sagemaker.describe_labeling_job(LabelingJobName=name)
    assert (told["LabelingJobStatus"], told["LabelCounters"]["HumanLabeled"]) == ("Completed", count)
    s3.get_object(Bucket="labels-out", Key=f"{name}/manifests/output/output.manifest")["Body"].read()
    return time.process_time() - begun


def test_the_time_of_a_labeling_job_grows_no_faster_than_its_objects(aws: LocalAws) -> None:
    small = min(seconds(aws, 500) for _ in range(3))
    large = min(seconds(aws, 4000) for _ in range(2))
    assert large < 2 * 8 * small


def test_an_object_of_a_job_costs_less_than_a_put_of_its_own(aws: LocalAws) -> None:
    """What nobody reads is not rendered: a job writes a file an object, and does not put it behind the door."""
    s3 = aws.session().client("s3")
    put = _each(lambda: s3.put_object(Bucket="images-in", Key="a", Body=b"x"))
    assert seconds(aws, 2000) / 2000 < put


def test_a_list_of_labeling_jobs_costs_less_than_a_get(aws: LocalAws) -> None:
    s3, sagemaker = aws.session().client("s3"), aws.session().client("sagemaker")
    get = _each(lambda: s3.get_object(Bucket="images-in", Key="images/0000.png")["Body"].read())
    listed = _each(lambda: sagemaker.list_labeling_jobs(MaxResults=1))
    assert listed < get


def _each(work: Callable[[], Any], loops: int = 20, repeats: int = 7) -> float:
    def once() -> float:
        begun = time.process_time()
        for _ in range(loops):
            work()
        return (time.process_time() - begun) / loops

    return min(once() for _ in range(repeats))
