from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import astuple

import pytest
from botocore.exceptions import ClientError

from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.example import lay_out
from gt_vpc_nb.local.job_world import JobWorld


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    return LocalAws.example(seed=7)


def test_the_example_is_a_vpc_with_an_endpoint_two_buckets_a_role_and_a_team(aws: LocalAws) -> None:
    world, session = aws.world, aws.session(vpc_endpoint=aws.world.vpc_endpoint)
    ec2, s3 = session.client("ec2"), session.client("s3")
    endpoint = ec2.describe_vpc_endpoints(VpcEndpointIds=[world.vpc_endpoint])["VpcEndpoints"][0]
    assert (endpoint["VpcId"], endpoint["VpcEndpointType"]) == (world.vpc, "Gateway")
    assert len(world.subnets) == 2
    assert {each["Name"] for each in s3.list_buckets()["Buckets"]} == {world.input_bucket, world.output_bucket}
    assert s3.get_bucket_cors(Bucket=world.input_bucket)["CORSRules"][0]["AllowedMethods"] == ["GET"]
    for bucket in (world.input_bucket, world.output_bucket):
        with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
            s3.get_bucket_policy(Bucket=bucket)
    team = world.workteam.rpartition("/")[2]
    assert session.client("sagemaker").describe_workteam(WorkteamName=team)["Workteam"]["WorkteamArn"] == world.workteam


def test_the_manifest_names_twenty_pictures_whose_labels_are_known(aws: LocalAws) -> None:
    s3 = aws.session().client("s3")
    manifest = s3.get_object(Bucket=aws.world.input_bucket, Key="images.manifest")["Body"].read()
    assert len(manifest.splitlines()) == len(aws.truth) == 20
    assert set(aws.truth.values()) == {"circle", "square"}
    first = s3.get_object(Bucket=aws.world.input_bucket, Key="images/0000.png")
    assert first["Body"].read().startswith(b"\x89PNG") and first["ContentType"] == "image/png"


def test_a_session_behind_the_endpoint_is_in_the_vpc(aws: LocalAws) -> None:
    aws.session(vpc_endpoint=aws.world.vpc_endpoint).client("s3").list_buckets()
    assert aws.log[-1].origin.vpc == aws.world.vpc


def test_training_in_the_subnets_goes_through_the_endpoint_on_their_route_table(aws: LocalAws) -> None:
    world = aws.world
    origin = JobWorld(aws).vpc_endpoint_for(world.subnets, world.region)
    assert (origin.vpc, origin.vpc_endpoint) == (world.vpc, world.vpc_endpoint)
    ec2 = aws.session().client("ec2")
    bare = ec2.create_subnet(VpcId=world.vpc, CidrBlock="10.0.9.0/24")["Subnet"]["SubnetId"]
    assert JobWorld(aws).vpc_endpoint_for([*world.subnets, bare], world.region) is None
    assert JobWorld(aws).vpc_endpoint_for(["subnet-00000000000000000"], world.region) is None
    assert JobWorld(aws).vpc_endpoint_for([], world.region) is None


def test_ground_truth_can_work_with_the_role(aws: LocalAws) -> None:
    world = aws.world
    view = JobWorld(aws).view(world.role, JobWorld(aws).vpc_endpoint_for(world.subnets, world.region), world.region)
    assert view.get(world.input_bucket, "images.manifest")
    view.put(world.output_bucket, "labels/x.json", b"{}", "application/json")
    assert view.list(world.output_bucket, "labels/") == ["labels/x.json"]
    assert view.location(world.output_bucket) == world.region


def test_another_process_lays_out_the_same_world(aws: LocalAws) -> None:
    show = "from gt_vpc_nb.local import LocalAws; print(LocalAws.example(seed=7).world)"
    run = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert run.stdout.strip() == str(aws.world)


def test_a_world_can_be_laid_out_in_another_region_and_account() -> None:
    aws = LocalAws(seed=7, account="444455556666", region="eu-west-1")
    world = lay_out(aws, input_bucket="maps-in", output_bucket="maps-out", workteam="map-team")
    assert (world.account, world.region) == ("444455556666", "eu-west-1")
    assert world.role == "arn:aws:iam::444455556666:role/GroundTruthExecution"
    s3 = aws.session().client("s3")
    assert s3.get_bucket_location(Bucket="maps-in")["LocationConstraint"] == "eu-west-1"
    assert all(astuple(world))
