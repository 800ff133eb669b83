"""A sound world on the local AWS, sound jobs in it, and what breaks them: undone after each try."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from gt_vpc_nb import LabelingJob, survey
from gt_vpc_nb.facts import region
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.policy.new_policies import fresh_bucket_policy
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.preflight import Preflight, Surroundings

OIDC = {
    "ClientId": "c", "ClientSecret": "hidden", "Issuer": "https://i.example", "AuthorizationEndpoint": "https://i.example/a",
    "TokenEndpoint": "https://i.example/t", "UserInfoEndpoint": "https://i.example/u",
    "LogoutEndpoint": "https://i.example/l", "JwksUri": "https://i.example/j",
}  # fmt: skip
TEXTS = 5000
Undo = Callable[[], object]


class SoundWorld:
    """The example of the local AWS with everything that a job in a VPC wants, and four sound jobs."""

    def __init__(self) -> None:
        self.aws = LocalAws.example(seed=7)
        self.world = self.aws.world
        self.clients: dict[str, Any] = {}
        self._network()
        self._people()
        self._role()
        self._buckets()

    def client(self, service: str) -> Any:
        """The administrator's client, from inside the VPC."""
        if service not in self.clients:
            self.clients[service] = self.session.client(service)
        return self.clients[service]

    @cached_property
    def session(self) -> Any:
        return self.aws.session(vpc_endpoint=self.world.vpc_endpoint)

    @property
    def perimeter(self) -> Perimeter:
        world = self.world
        return Perimeter(
            vpcs=[world.vpc],
            vpc_endpoints=[world.vpc_endpoint],
            ground_truth=world.region,
            execution_role=world.role,
            administrators=[world.administrator],
            console_users=[world.administrator],
            principals=[self.functions_role],
        )

    @property
    def functions_role(self) -> str:
        """The role of the job's own functions, which run in no VPC."""
        return f"arn:aws:iam::{self.world.account}:role/Functions"

    @property
    def group(self) -> str:
        return self.world.security_groups[0]

    def _network(self) -> None:
        ec2, world = self.client("ec2"), self.world
        self.api_endpoint = self.create_api_endpoint(world.vpc, world.subnets)
        ec2.modify_vpc_attribute(VpcId=world.vpc, EnableDnsHostnames={"Value": True})
        group = world.security_groups[0]
        among = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=among)

    def create_api_endpoint(self, vpc: str, subnets: Sequence[str]) -> str:
        made = self.client("ec2").create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=f"com.amazonaws.{self.world.region}.sagemaker.api",
            VpcEndpointType="Interface",
            SubnetIds=list(subnets),
            PrivateDnsEnabled=True,
        )
        return made["VpcEndpoint"]["VpcEndpointId"]

    def _people(self) -> None:
        sagemaker, world = self.client("sagemaker"), self.world
        portal = {
            "VpcId": world.vpc,
            "SecurityGroupIds": list(world.security_groups),
            "Subnets": list(world.subnets),
        }
        sagemaker.create_workforce(
            WorkforceName="us",
            OidcConfig=OIDC,
            WorkforceVpcConfig=portal,
            SourceIpConfig={"Cidrs": ["203.0.113.0/24"]},
        )
        self.aws.clock.advance(minutes=6)
        self.team = sagemaker.create_workteam(
            WorkteamName="sign-team",
            WorkforceName="us",
            Description="The people who label.",
            MemberDefinitions=[{"OidcMemberDefinition": {"Groups": ["labelers"]}}],
            WorkerAccessConfiguration={"S3Presign": {"IamPolicyConstraints": {"VpcSourceIp": "Enabled"}}},
        )["WorkteamArn"]

    def _role(self) -> None:
        self.role_name = self.world.role.rpartition("/")[2]
        more = {"Effect": "Allow", "Action": ["sqs:*", "sns:*", "lambda:InvokeFunction"], "Resource": "*"}
        self.put_role_policy("Streaming", more)

    def _buckets(self) -> None:
        s3, world = self.client("s3"), self.world
        lines = "".join(json.dumps({"source": f"Text number {number}"}) + "\n" for number in range(TEXTS))
        s3.put_object(Bucket=world.input_bucket, Key="texts.manifest", Body=lines.encode())
        for bucket in (world.input_bucket, world.output_bucket):
            self.put_policy(bucket, self.closing(bucket))

    def closing(self, bucket: str, **changes: Any) -> str:
        """The policy that closes a bucket to everybody but the perimeter, or a perimeter with changes."""
        return fresh_bucket_policy(bucket, replace(self.perimeter, **changes)).to_json()

    @cached_property
    def pictures(self) -> LabelingJob:
        """A job in which people label the 20 pictures."""
        world = self.world
        return (
            LabelingJob.in_vpc(
                world.vpc,
                subnets=world.subnets,
                security_groups=world.security_groups,
                vpc_endpoints=[world.vpc_endpoint],
            )
            .named("shapes-1")
            .in_region(world.region)
            .task("ImageMultiClass", title="Which shape is it?", description="Choose the shape that you see.")
            .input(f"s3://{world.input_bucket}/images.manifest")
            .output(f"s3://{world.output_bucket}/labels/")
            .label_categories(["circle", "square"])
            .workers("sign-team")
            .as_role(world.role)
        )

    @cached_property
    def texts(self) -> LabelingJob:
        """A job with automated labeling, trained in the VPC."""
        return (
            self.pictures.named("texts-1")
            .task("TextMultiClass", title="Which text is it?", description="Choose what the text is.")
            .input(f"s3://{self.world.input_bucket}/texts.manifest")
            .with_automated_labeling()
        )

    @cached_property
    def stream(self) -> LabelingJob:
        """A job that takes its pictures from a topic and sends its labels to another."""
        sns = self.client("sns")
        source, target = (sns.create_topic(Name=f"groundtruth-{way}")["TopicArn"] for way in ("in", "out"))
        return self.pictures.named("stream-1").stream_from(source, results_to=target)

    @cached_property
    def custom(self) -> LabelingJob:
        """A job with functions of its own before and after the workers."""
        before, after = self.function("LabelingFunctionBefore"), self.function("LabelingFunctionAfter")
        template = "<crowd-form>{{ task.input.taskObject | grant_read_access }}</crowd-form>"
        script = '<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>'
        return (
            self.pictures.named("custom-1")
            .task("custom", title="Which shape is it?", description="Choose the shape that you see.")
            .custom_workflow(pre_lambda=before, consolidation_lambda=after)
            .template(script + template)
            .workers("sign-team", per_object=3)
        )

    def function(self, name: str) -> str:
        """A Lambda function with a role of its own, which may read everything."""
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("handler.py", "def handle(event, context):\n    return event\n")
        role = self.create_functions_role()
        made = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role,
            Handler="handler.handle",
            Code={"ZipFile": code.getvalue()},
        )
        return made["FunctionArn"]

    def create_functions_role(self) -> str:
        iam = self.client("iam")
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        try:
            iam.create_role(RoleName="Functions", AssumeRolePolicyDocument=document(trust))
        except iam.exceptions.EntityAlreadyExistsException:
            return self.functions_role
        self.put_role_policy("Read", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}, "Functions")
        return self.functions_role

    @cached_property
    def key(self) -> str:
        """A KMS key that admits the execution role."""
        made = self.client("kms").create_key(Policy=self.key_policy("kms:*"))
        return made["KeyMetadata"]["Arn"]

    def key_policy(self, *actions: str) -> str:
        """The policy of a key that its account manages, and the execution role uses for some actions."""
        manage = ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:Disable*", "kms:Get*", "kms:List*", "kms:Put*"]
        own = {"AWS": f"arn:aws:iam::{self.world.account}:role/Administrator"}
        statements = [{"Sid": "Manage", "Effect": "Allow", "Principal": own, "Action": manage, "Resource": "*"}]
        if actions:
            use = {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": self.world.role}, "Resource": "*"}
            statements.append({**use, "Action": list(actions)})
        return document(*statements)

    @cached_property
    def encrypted(self) -> LabelingJob:
        """A job with automated labeling whose output and volumes have a KMS key."""
        output = f"s3://{self.world.output_bucket}/labels/"
        job = self.texts.named("encrypted-1").output(output, kms_key_id=self.key)
        return job.with_automated_labeling(volume_kms_key_id=self.key)

    def survey(self, job: LabelingJob) -> Surroundings:
        return survey(job, self.session)

    @cached_property
    def _found(self) -> dict[str, Surroundings]:
        return {}

    def found(self, job: LabelingJob) -> Surroundings:
        """The survey of a job while nothing is broken."""
        if job.name not in self._found:
            self._found[str(job.name)] = self.survey(job)
        return self._found[str(job.name)]

    def put_policy(self, bucket: str, text: str) -> None:
        self.client("s3").put_bucket_policy(Bucket=bucket, Policy=text)

    def put_role_policy(self, name: str, statement: dict[str, Any], role: str | None = None) -> None:
        self.client("iam").put_role_policy(
            RoleName=role or self.role_name, PolicyName=name, PolicyDocument=document(statement)
        )

    @property
    def ground_truth(self) -> str:
        """The id of Ground Truth's own endpoint."""
        return region(self.world.region).ground_truth_endpoint


def document(*statements: dict[str, Any]) -> str:
    """A policy's text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def speaking(result: Preflight) -> set[str]:
    """The checks that neither passed nor had nothing to ask."""
    return {row.id for row in result.rows if row.status not in ("passed", "not applicable")}
