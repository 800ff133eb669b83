"""Worlds to begin with: a VPC, buckets, images, a role and a work team, made by ordinary calls."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from gt_vpc_nb.facts import GROUND_TRUTH_ACTIONS, s3_actions
from gt_vpc_nb.local.workers import Worker, workers_from_truth
from gt_vpc_nb.policy.cors import merged

if TYPE_CHECKING:
    from gt_vpc_nb.local.door import LocalAws

SHAPES = ("circle", "square")
ROLE = "GroundTruthExecution"


@dataclass(frozen=True)
class World:
    """What was laid out, by id, name or ARN. `workteam`, `role` and `administrator` are ARNs."""

    account: str
    region: str
    vpc: str
    vpc_endpoint: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    input_bucket: str
    output_bucket: str
    role: str
    administrator: str
    workteam: str


def lay_out(
    aws: LocalAws,
    *,
    input_bucket: str = "images-in",
    output_bucket: str = "labels-out",
    workteam: str = "labelers",
    workers: Sequence[Worker] = (),
) -> World:
    """Makes a VPC with two subnets and an S3 endpoint, two buckets, an execution role and a work team.

    Nothing is restricted yet: neither bucket has a policy.
    """
    session = aws.session()
    network = _network(session)
    for bucket in (input_bucket, output_bucket):
        _bucket(session, bucket)
    _allow_portals(session, input_bucket)
    role = _execution_role(session, (input_bucket, output_bucket))
    team = _work_team(session, workteam)
    if workers:
        aws.staff(team, workers)
    return World(
        account=aws.account,
        region=aws.region,
        **network,
        input_bucket=input_bucket,
        output_bucket=output_bucket,
        role=role,
        administrator=aws.identities.administrator(),
        workteam=team,
    )


def small_world(aws: LocalAws) -> LocalAws:
    """20 pictures of circles and squares, `images.manifest`, and three workers who know them; takes about 2 s."""
    return _with_pictures(aws, _shapes(), "images.manifest", "images-in", "labels-out", "labelers")


def digits_world(aws: LocalAws) -> LocalAws:
    """The 1,797 handwritten digits of scikit-learn, `digits.manifest`, and three workers who know them."""
    from gt_vpc_nb.local.digits import digits

    pictures = ((name, png, str(digit)) for name, png, digit in digits())
    return _with_pictures(aws, pictures, "digits.manifest", "digits-in", "digits-out", "digit-readers")


def _with_pictures(
    aws: LocalAws, pictures: Iterable[tuple[str, bytes, str]], manifest: str, source: str, target: str, team: str
) -> LocalAws:
    world = lay_out(aws, input_bucket=source, output_bucket=target, workteam=team)
    s3 = aws.session().client("s3")
    for name, png, label in pictures:
        s3.put_object(Bucket=source, Key=name, Body=png, ContentType="image/png")
        aws.truth[f"s3://{source}/{name}"] = label
    lines = "".join(json.dumps({"source-ref": uri}) + "\n" for uri in aws.truth)
    s3.put_object(Bucket=source, Key=manifest, Body=lines.encode(), ContentType="application/x-ndjson")
    aws.staff(world.workteam, workers_from_truth(aws.truth, mistakes=0.06, count=3, seed=aws.seed))
    aws.world = world
    return aws


def _shapes() -> Iterable[tuple[str, bytes, str]]:
    from PIL import Image, ImageDraw

    for number in range(20):
        shape = SHAPES[number % 2]
        picture = Image.new("RGB", (64, 64), "white")
        pen = ImageDraw.Draw(picture)
        corner = 6 + number // 2
        box = (corner, corner, 62 - corner, 62 - corner)
        (pen.ellipse if shape == "circle" else pen.rectangle)(box, fill=(30 + 10 * number, 90, 160))
        file = io.BytesIO()
        picture.save(file, format="PNG")
        yield f"images/{number:04}.png", file.getvalue(), shape


def _network(session: boto3.Session) -> dict[str, Any]:
    ec2, region = session.client("ec2"), session.region_name
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    subnets = []
    for number, zone in enumerate("ab"):
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{region}{zone}")
        subnets.append(made["Subnet"]["SubnetId"])
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[-1])
    group = ec2.create_security_group(VpcId=vpc, GroupName="labeling", Description="Labeling jobs and notebooks")
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=f"com.amazonaws.{region}.s3", VpcEndpointType="Gateway", RouteTableIds=[table]
    )
    return {
        "vpc": vpc,
        "vpc_endpoint": endpoint["VpcEndpoint"]["VpcEndpointId"],
        "subnets": tuple(subnets),
        "security_groups": (group["GroupId"],),
    }


def _bucket(session: boto3.Session, bucket: str) -> None:
    place = {"CreateBucketConfiguration": {"LocationConstraint": session.region_name}}
    session.client("s3").create_bucket(Bucket=bucket, **(place if session.region_name != "us-east-1" else {}))


def _allow_portals(session: boto3.Session, bucket: str) -> None:
    """Worker portals load pictures with JavaScript, so the bucket needs CORS (SageMaker guide, sms-cors-update)."""
    session.client("s3").put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": merged([])})


def _execution_role(session: boto3.Session, buckets: tuple[str, str]) -> str:
    iam = session.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    made = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=_document(trust))
    role = made["Role"]["Arn"]
    iam.put_role_policy(RoleName=ROLE, PolicyName="GroundTruth", PolicyDocument=_document(*_permissions(role, buckets)))
    return role


def _permissions(role: str, buckets: tuple[str, str]) -> Iterable[dict[str, Any]]:
    """What Ground Truth needs of its role, with automated labeling (rules IAM-02 and IAM-04)."""
    kinds = {name: s3_actions()[name].resource_types for name in GROUND_TRUTH_ACTIONS}
    whole = [f"arn:aws:s3:::{bucket}" for bucket in buckets]
    yield _allow([name for name in kinds if "bucket" in kinds[name]], whole)
    yield _allow([name for name in kinds if "object" in kinds[name]], [f"{arn}/*" for arn in whole])
    logs = ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    yield _allow(["cloudwatch:PutMetricData", *logs], ["*"])
    passes = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    yield {**_allow(["iam:PassRole"], [role]), "Condition": passes}


def _allow(actions: list[str], resources: list[str]) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _work_team(session: boto3.Session, name: str) -> str:
    made = session.client("sagemaker").create_workteam(
        WorkteamName=name,
        Description="The people who label.",
        MemberDefinitions=[{"OidcMemberDefinition": {"Groups": ["labelers"]}}],
    )
    return made["WorkteamArn"]
