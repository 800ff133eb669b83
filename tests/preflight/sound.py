"""A sound job and sound surroundings, to break in one thing: what every table of checks begins with."""

from __future__ import annotations

import json

from gt_vpc_nb import facts
from gt_vpc_nb.preflight import Preflight, run
from gt_vpc_nb.preflight.surroundings import (
    Attribute,
    Bucket,
    Caller,
    CorsRule,
    DataObject,
    Endpoint,
    Manifest,
    MemberGroup,
    Permission,
    Quota,
    Role,
    RolePolicy,
    SecurityGroup,
    Subnet,
    Surroundings,
    TextFile,
    TrafficRule,
    Vpc,
    Workforce,
    WorkTeam,
)
from gt_vpc_nb.templates import worker_template

REGION, ACCOUNT = "us-east-1", "111122223333"
VPC, ENDPOINT = "vpc-0a1b2c3d4e5f60718", "vpce-0a1b2c3d4e5f60718"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/GroundTruthExecution"
TEAM = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:workteam/private-crowd/sign-team"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/admins/Administrator"
GROUND_TRUTH = facts.region(REGION).ground_truth_endpoint
TASK = facts.task_type("ImageMultiClass")


def request_for(task: str = "ImageMultiClass", **members: object) -> dict:
    """A valid request, in a VPC with automated labeling where the task has it; `members` replace whole members."""
    kind = facts.task_type(task)
    interface = (
        {"UiTemplateS3Uri": "s3://signs-in/ui.liquid.html"}
        if kind.ui == "template"
        else {"HumanTaskUiArn": kind.human_task_ui_arn(REGION)}
    )
    automated = {
        "LabelingJobAlgorithmSpecificationArn": kind.algorithm_arn(REGION),
        "LabelingJobResourceConfig": {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
    }
    return {
        "LabelingJobName": "street-signs-1",
        "LabelAttributeName": "street-signs-1-ref" if kind.needs_ref else "street-signs-1",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://signs-in/train.manifest"}}},
        "OutputConfig": {"S3OutputPath": "s3://signs-out/labels/"},
        "LabelCategoryConfigS3Uri": "s3://signs-in/labels.json",
        "RoleArn": ROLE,
        **({"LabelingJobAlgorithmsConfig": automated} if kind.algorithm else {}),
        "HumanTaskConfig": {
            "WorkteamArn": TEAM,
            "UiConfig": interface,
            "PreHumanTaskLambdaArn": kind.pre_lambda(REGION),
            "AnnotationConsolidationConfig": {"AnnotationConsolidationLambdaArn": kind.consolidation_lambda(REGION)},
            "TaskTitle": "Which sign is it?",
            "TaskDescription": "Choose the sign that you see.",
            "NumberOfHumanWorkersPerDataObject": 1 if kind.one_worker else 3,
            "TaskTimeLimitInSeconds": 3600,
        },
        **members,
    }


def restricting(*endpoints: str, actions: object = ("s3:*",), people: object = (ADMINISTRATOR,)) -> str:
    """A bucket policy that denies everybody but the endpoints and some people."""
    exempt = {"aws:SourceVpce": list(endpoints), **({"aws:PrincipalArn": list(people)} if people else {})}
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "OnlyFromTheVpc",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": list(actions),
                    "Resource": ["arn:aws:s3:::signs-in", "arn:aws:s3:::signs-in/*"],
                    "Condition": {"StringNotEquals": exempt},
                }
            ],
        }
    )


def allowing(*actions: str) -> RolePolicy:
    """An identity policy that allows the actions on everything."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return RolePolicy("GroundTruth", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
CORS = (CorsRule(("*",), ("GET",), (), ("Access-Control-Allow-Origin",)),)
IN = Bucket("signs-in", REGION, restricting(ENDPOINT, GROUND_TRUTH), CORS, notifications=())
OUT = Bucket("signs-out", REGION, notifications=())
CATEGORIES = TextFile(
    "s3://signs-in/labels.json",
    json.dumps({"document-version": "2018-11-28", "labels": [{"label": "stop"}, {"label": "yield"}]}),
)
TEMPLATE = TextFile("s3://signs-in/ui.liquid.html", worker_template("ImageMultiClass", instructions="Choose."))
INSTANCES = {each for kind in facts.task_types() for each in kind.instances(REGION) or ()}
QUOTAS = (
    *(Quota(f"{each} for {work} job usage", 1.0) for each in sorted(INSTANCES) for work in ("training", "transform")),
    Quota("Labeling jobs in progress", 20.0),
)
LINE = '{"source-ref": "s3://signs-in/1.png"}'
MANIFEST = Manifest(
    "s3://signs-in/train.manifest",
    5000,
    (LINE,),
    size=5000 * len(LINE),
    longest_line=len(LINE),
    longest_attribute=19,
    attributes=(Attribute("source-ref", 5000),),
)
PICTURE = DataObject("s3://signs-in/1.png", True, 34_567, "image/png", 640, 480, None)
GOOD = Surroundings(
    place="AWS",
    region=REGION,
    account=ACCOUNT,
    taken_at="2026-11-23T12:00:00+00:00",
    buckets=(IN, OUT),
    manifest=MANIFEST,
    data_objects=(PICTURE,),
    category_file=CATEGORIES,
    template=TEMPLATE,
    leftovers=(),
    quotas=QUOTAS,
    jobs_in_progress=(),
    caller=Caller(
        f"arn:aws:sts::{ACCOUNT}:assumed-role/Administrator/me",
        ACCOUNT,
        ADMINISTRATOR,
        (
            Permission("sagemaker:CreateLabelingJob", "*", "allowed"),
            Permission("iam:PassRole", ROLE, "allowed"),
        ),
    ),
    used_before=True,
    vpcs=(Vpc(VPC, "default", True, True, ("10.0.0.0/16",)),),
    subnets=(Subnet("subnet-1", VPC, "rtb-1", 200, "us-east-1a", None),),
    security_groups=(
        SecurityGroup(
            "sg-1",
            VPC,
            ingress=(TrafficRule(groups=("sg-1",)),),
            egress=(TrafficRule("tcp", 443, 443, cidrs=("0.0.0.0/0",)),),
        ),
    ),
    endpoints=(
        Endpoint(ENDPOINT, VPC, f"com.amazonaws.{REGION}.s3", "Gateway", "available", ("rtb-1",)),
        Endpoint(
            "vpce-0c1d2e3f4a5b60718",
            VPC,
            f"com.amazonaws.{REGION}.sagemaker.api",
            "Interface",
            "available",
            subnets=("subnet-1",),
            private_dns=True,
        ),
    ),
    role=Role(
        ROLE,
        TRUST,
        (
            allowing(
                *("s3:*", "logs:*", "cloudwatch:PutMetricData", "iam:PassRole", "lambda:InvokeFunction"),
                *("sqs:*", "sns:*", "kms:*"),
            ),
        ),
    ),
    work_team=WorkTeam(TEAM, 3, (MemberGroup("labelers", "cognito", people=3),), vpc_source_ip="Enabled"),
    workforce=Workforce(
        "default", "Active", VPC, ("203.0.113.0/24",), subnets=("subnet-1",), security_groups=("sg-1",)
    ),
)
REQUEST = request_for()
PUBLIC_TEAM = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"


def flight(surroundings: Surroundings = GOOD, request: dict | None = None) -> Preflight:
    """The preflight of a job built in the VPC."""
    return run(REQUEST if request is None else request, surroundings, vpc=VPC, vpc_endpoints=(ENDPOINT,))
