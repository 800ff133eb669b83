"""Places, buckets, people and keys on the local AWS: one thing is broken, and exactly the right check speaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from gt_vpc_nb import LabelingJob
from tests.preflight.worlds import SoundWorld, Undo, document, speaking

Break = Callable[[SoundWorld], Undo]
Job = Callable[[SoundWorld], LabelingJob]


@pytest.fixture(scope="module")
def sound() -> SoundWorld:
    return SoundWorld()


def nothing(w: SoundWorld) -> Undo:
    """For a job that is broken itself."""
    return lambda: None


def pictures(w: SoundWorld) -> LabelingJob:
    return w.pictures


def texts(w: SoundWorld) -> LabelingJob:
    return w.texts


def stream(w: SoundWorld) -> LabelingJob:
    return w.stream


def custom(w: SoundWorld) -> LabelingJob:
    return w.custom


def encrypted(w: SoundWorld) -> LabelingJob:
    return w.encrypted


def edited(job: Job, edit: Callable[[LabelingJob, SoundWorld], LabelingJob]) -> Job:
    return lambda w: edit(job(w), w)


def policy(text: Callable[[SoundWorld, str], str], which: str = "input_bucket") -> Break:
    """Puts another policy on a bucket."""

    def put(w: SoundWorld) -> Undo:
        bucket = getattr(w.world, which)
        w.put_policy(bucket, text(w, bucket))
        return lambda: w.put_policy(bucket, w.closing(bucket))

    return put


def closing(**changes: Any) -> Break:
    return policy(lambda w, bucket: w.closing(bucket, **changes))


def deny(w: SoundWorld, bucket: str, actions: object = "s3:*", sid: str = "Closed", **exempt: object) -> dict:
    """A Deny that exempts; the administrator always is."""
    names = {"vpce": "aws:SourceVpce", "vpc": "aws:SourceVpc"}
    values = {names[name]: value for name, value in exempt.items()} | {"aws:PrincipalArn": w.world.administrator}
    where = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    condition = {"StringNotEquals": values}
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": where,
        "Condition": condition,
    }


def inside(w: SoundWorld) -> list[str]:
    return [w.world.vpc_endpoint, w.ground_truth]


def split(w: SoundWorld, bucket: str) -> str:
    one = deny(w, bucket, sid="ByEndpoint", vpce=[w.ground_truth, "vpce-0ffffffffffffffff"])
    return document(one, deny(w, bucket, sid="ByVpc", vpc=w.world.vpc, vpce=w.ground_truth))


def for_all(w: SoundWorld, bucket: str) -> str:
    return document(deny(w, bucket, vpce=inside(w))).replace('"StringNotEquals"', '"ForAllValues:StringNotEquals"')


def a_vpc_among_endpoints(w: SoundWorld, bucket: str) -> str:
    return document(deny(w, bucket, vpce=[w.world.vpc, *inside(w)]))


def a_session(w: SoundWorld, bucket: str) -> str:
    text = w.closing(bucket)
    session = f"arn:aws:sts::{w.world.account}:assumed-role/Administrator/me"
    return text.replace(f'"{w.world.administrator}"', f'"{w.world.administrator}", "{session}"')


def part_of_the_actions(w: SoundWorld, bucket: str) -> str:
    return document(deny(w, bucket, ["s3:GetObject", "s3:PutObject"], vpce=inside(w)))


def another_endpoint(w: SoundWorld, bucket: str) -> str:
    return document(deny(w, bucket, vpce=["vpce-0ffffffffffffffff", w.ground_truth]))


def only_aes(w: SoundWorld, bucket: str) -> str:
    statement = {
        "Sid": "OnlyAes",
        "Effect": "Deny",
        "Principal": {"AWS": w.world.role},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}},
    }
    return document(*json.loads(w.closing(bucket))["Statement"], statement)


def other_vpc(*, s3: bool = True, tenancy: str = "default", size: int = 24) -> Break:
    """A job trains in another VPC: `w.other` names its subnet and security group."""

    def make(w: SoundWorld) -> Undo:
        ec2 = w.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", InstanceTenancy=tenancy)["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.0.0/{size}")["Subnet"]["SubnetId"]
        group = ec2.create_security_group(VpcId=vpc, GroupName="g", Description="g")["GroupId"]
        among = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=among)
        w.create_api_endpoint(vpc, [subnet])
        if s3:
            table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
            service = f"com.amazonaws.{w.world.region}.s3"
            ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, VpcEndpointType="Gateway", RouteTableIds=[table])
        for bucket in (w.world.input_bucket, w.world.output_bucket):
            w.put_policy(bucket, w.closing(bucket, vpcs=[w.world.vpc, vpc]))
        w.other = (subnet, group)
        buckets = (w.world.input_bucket, w.world.output_bucket)
        return lambda: [w.put_policy(bucket, w.closing(bucket)) for bucket in buckets]

    return make


def elsewhere(w: SoundWorld) -> LabelingJob:
    subnet, group = w.other
    return w.texts.exactly(vpc=None, endpoints=(), subnets=(subnet,), security_groups=(group,))


def with_the_other_group(w: SoundWorld) -> LabelingJob:
    return w.texts.exactly(security_groups=(w.other[1],))


def crowded(w: SoundWorld) -> Undo:
    undo = other_vpc(size=28)(w)
    for _ in range(10):
        w.client("ec2").create_network_interface(SubnetId=w.other[0])
    return undo


def another_route_table(w: SoundWorld) -> Undo:
    ec2, subnet = w.client("ec2"), w.world.subnets[0]
    tables = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["RouteTables"]
    own = next(each for each in tables[0]["Associations"] if each.get("SubnetId") == subnet)
    table = ec2.create_route_table(VpcId=w.world.vpc)["RouteTable"]["RouteTableId"]
    ec2.replace_route_table_association(AssociationId=own["RouteTableAssociationId"], RouteTableId=table)

    def undo() -> None:
        told = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Associations"]
        moved = next(each for each in told if each.get("SubnetId") == subnet)["RouteTableAssociationId"]
        ec2.replace_route_table_association(AssociationId=moved, RouteTableId=own["RouteTableId"])

    return undo


def endpoint_policy(*statements: Callable[[SoundWorld], dict]) -> Break:
    def put(w: SoundWorld) -> Undo:
        ec2, id = w.client("ec2"), w.world.vpc_endpoint
        ec2.modify_vpc_endpoint(VpcEndpointId=id, PolicyDocument=document(*(each(w) for each in statements)))
        everything = document({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})
        return lambda: ec2.modify_vpc_endpoint(VpcEndpointId=id, PolicyDocument=everything)

    return put


def for_the_job(w: SoundWorld) -> dict:
    where = [f"arn:aws:s3:::{bucket}{tail}" for bucket in ("images-in", "labels-out") for tail in ("", "/*")]
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": where}


def for_the_portal(w: SoundWorld) -> dict:
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::sagemaker-*", "arn:aws:s3:::sm-*"],
    }


def for_the_administrator(w: SoundWorld) -> dict:
    condition = {"StringEquals": {"aws:PrincipalArn": w.world.administrator}}
    return {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}


def no_group_talk(w: SoundWorld) -> Undo:
    among = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": w.group}]}]
    w.client("ec2").revoke_security_group_ingress(GroupId=w.group, IpPermissions=among)
    return lambda: w.client("ec2").authorize_security_group_ingress(GroupId=w.group, IpPermissions=among)


def no_https(w: SoundWorld) -> Undo:
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    w.client("ec2").revoke_security_group_egress(GroupId=w.group, IpPermissions=everything)
    return lambda: w.client("ec2").authorize_security_group_egress(GroupId=w.group, IpPermissions=everything)


def no_dns(name: str) -> Break:
    def turn(w: SoundWorld) -> Undo:
        ec2 = w.client("ec2")
        ec2.modify_vpc_attribute(VpcId=w.world.vpc, **{name: {"Value": False}})
        return lambda: ec2.modify_vpc_attribute(VpcId=w.world.vpc, **{name: {"Value": True}})

    return turn


def no_api_endpoint(w: SoundWorld) -> Undo:
    w.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[w.api_endpoint])

    def undo() -> None:
        w.api_endpoint = w.create_api_endpoint(w.world.vpc, w.world.subnets)

    return undo


def no_cors(w: SoundWorld) -> Undo:
    s3, bucket = w.client("s3"), w.world.input_bucket
    rules = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    s3.delete_bucket_cors(Bucket=bucket)
    return lambda: s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})


def workforce(**changes: Any) -> Break:
    """Updates the workforce; it is Active again when this is over."""

    def update(w: SoundWorld) -> Undo:
        sagemaker = w.client("sagemaker")
        told = sagemaker.describe_workforce(WorkforceName="us")["Workforce"]
        vpc = {name: told["WorkforceVpcConfig"][name] for name in ("VpcId", "SecurityGroupIds", "Subnets")}
        sagemaker.update_workforce(WorkforceName="us", **changes)
        w.aws.clock.advance(minutes=6)

        def undo() -> None:
            before = {"SourceIpConfig": {"Cidrs": told["SourceIpConfig"]["Cidrs"]}, "WorkforceVpcConfig": vpc}
            sagemaker.update_workforce(WorkforceName="us", **{name: before[name] for name in changes})
            w.aws.clock.advance(minutes=6)

        return undo

    return update


def updating(w: SoundWorld) -> Undo:
    w.client("sagemaker").update_workforce(WorkforceName="us", SourceIpConfig={"Cidrs": ["203.0.113.0/24"]})
    return lambda: w.aws.clock.advance(minutes=6)


def unbound_links(w: SoundWorld) -> Undo:
    def bind(word: str) -> None:
        constraints = {"S3Presign": {"IamPolicyConstraints": {"VpcSourceIp": word}}}
        w.client("sagemaker").update_workteam(WorkteamName="sign-team", WorkerAccessConfiguration=constraints)

    bind("Disabled")
    return lambda: bind("Enabled")


def without_action(name: str, *lost: str, role: str | None = None) -> Break:
    """Takes actions out of an inline policy of a role."""

    def put(w: SoundWorld) -> Undo:
        iam, owner = w.client("iam"), role or w.role_name
        before = iam.get_role_policy(RoleName=owner, PolicyName=name)["PolicyDocument"]
        kept = []
        for each in before["Statement"]:
            actions = [
                one
                for one in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
                if one not in lost
            ]
            kept += [{**each, "Action": actions}] if actions else []
        nothing = {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}
        iam.put_role_policy(RoleName=owner, PolicyName=name, PolicyDocument=document(*(kept or [nothing])))
        return lambda: iam.put_role_policy(RoleName=owner, PolicyName=name, PolicyDocument=json.dumps(before))

    return put


def administrator_may_not(action: str) -> Break:
    def put(w: SoundWorld) -> Undo:
        deny = {"Effect": "Deny", "Action": action, "Resource": "*"}
        w.put_role_policy("Not", deny, "Administrator")
        return lambda: w.client("iam").delete_role_policy(RoleName="Administrator", PolicyName="Not")

    return put


def trusting(service: str) -> Break:
    def put(w: SoundWorld) -> Undo:
        iam = w.client("iam")

        def trust(who: str) -> None:
            statement = {"Effect": "Allow", "Principal": {"Service": who}, "Action": "sts:AssumeRole"}
            iam.update_assume_role_policy(RoleName=w.role_name, PolicyDocument=document(statement))

        trust(service)
        return lambda: trust("sagemaker.amazonaws.com")

    return put


def key_for(*actions: str) -> Break:
    def put(w: SoundWorld) -> Undo:
        kms = w.client("kms")
        kms.put_key_policy(KeyId=w.key, PolicyName="default", Policy=w.key_policy(*actions))
        return lambda: kms.put_key_policy(KeyId=w.key, PolicyName="default", Policy=w.key_policy("kms:*"))

    return put


def disabled_key(w: SoundWorld) -> Undo:
    w.client("kms").disable_key(KeyId=w.key)
    return lambda: w.client("kms").enable_key(KeyId=w.key)


def input_with_a_foreign_key(w: SoundWorld) -> Undo:
    s3, bucket = w.client("s3"), w.world.input_bucket
    key = w.client("kms").create_key(Policy=w.key_policy())["KeyMetadata"]["Arn"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    return lambda: s3.delete_bucket_encryption(Bucket=bucket)


def topic_with_the_key_of_sns(w: SoundWorld) -> Undo:
    sns, topic = w.client("sns"), str(w.stream.output_topic)

    def encrypt(key: str) -> None:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)

    encrypt("alias/aws/sns")
    return lambda: encrypt("")


def a_bucket_far_away(w: SoundWorld) -> Undo:
    s3 = w.aws.session(region="eu-west-1").client("s3")
    s3.create_bucket(Bucket="far-away", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    names = {"document-version": "2018-11-28", "labels": [{"label": "circle"}, {"label": "square"}]}
    s3.put_object(Bucket="far-away", Key="labels.json", Body=json.dumps(names).encode())
    w.put_role_policy("Far", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    return lambda: w.client("iam").delete_role_policy(RoleName=w.role_name, PolicyName="Far")


def a_running_job(w: SoundWorld) -> Undo:
    w.pictures.named("older-1").submit(w.session)
    w.aws.clock.advance(minutes=1)

    def undo() -> None:
        w.client("sagemaker").stop_labeling_job(LabelingJobName="older-1")
        w.aws.clock.advance(hours=2)

    return undo


USES = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
WRONG_ACCOUNT = "arn:aws:sagemaker:us-east-1:111122223333:labeling-job-algorithm-specification/text-classification"
FIVE = ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:GetBucketLocation")

#: the id, the job, what is broken, and what follows from it and is right to be said too
BROKEN: list[tuple[str, Job, Break, set[str]]] = [
    (
        "SVC-03",
        edited(pictures, lambda job, w: job.label_categories("s3://far-away/labels.json")),
        a_bucket_far_away,
        set(),
    ),
    (
        "SVC-04",
        edited(pictures, lambda job, w: job.exactly(endpoints=(w.world.vpc_endpoint, "vpce-0ffffffffffffffff"))),
        nothing,
        set(),
    ),
    ("SVC-05", edited(texts, lambda job, w: job.exactly(algorithm=WRONG_ACCOUNT)), nothing, set()),
    ("NET-01", elsewhere, other_vpc(s3=False), set()),
    ("NET-02", texts, another_route_table, set()),
    ("NET-03", pictures, endpoint_policy(for_the_job), set()),
    ("NET-04", pictures, endpoint_policy(for_the_portal, for_the_administrator), set()),
    ("NET-05", edited(texts, lambda job, w: job.exactly(security_groups=(w.group,) * 6)), nothing, set()),
    ("NET-06", with_the_other_group, other_vpc(), set()),
    ("NET-07", elsewhere, crowded, set()),
    ("NET-08", elsewhere, other_vpc(tenancy="dedicated"), set()),
    ("NET-09", texts, no_group_talk, set()),
    ("NET-09", texts, no_https, set()),
    ("NET-10", pictures, no_dns("EnableDnsHostnames"), set()),
    ("NET-11", pictures, no_api_endpoint, set()),
    ("NET-12", texts, closing(vpcs=(), vpc_endpoints=()), {"S3P-13", "KMS-04"}),
    ("S3P-01", pictures, closing(ground_truth=None), set()),
    ("S3P-02", pictures, without_action("GroundTruth", "s3:PutObject"), {"S3P-12"}),
    ("S3P-03", pictures, policy(split), {"S3P-13"}),
    ("S3P-04", pictures, policy(for_all), set()),
    ("S3P-05", pictures, policy(a_vpc_among_endpoints), set()),
    ("S3P-06", pictures, closing(console_users=()), set()),
    ("S3P-07", pictures, policy(a_session), set()),
    ("S3P-08", pictures, policy(lambda w, bucket: w.closing(bucket, principals=(w.world.role,))), set()),
    ("S3P-09", pictures, a_running_job, set()),
    ("S3P-10", pictures, policy(part_of_the_actions), set()),
    ("S3P-12", pictures, without_action("GroundTruth", *FIVE), {"S3P-02"}),
    ("S3P-13", pictures, policy(another_endpoint), set()),
    ("CORS-01", pictures, no_cors, set()),
    ("WF-01", edited(pictures, lambda job, w: job.workers("gone")), nothing, set()),
    ("WF-02", pictures, workforce(WorkforceVpcConfig={}), {"WF-10"}),
    ("WF-03", pictures, updating, set()),
    ("WF-06", pictures, workforce(SourceIpConfig={"Cidrs": ["0.0.0.0/0"]}), set()),
    ("WF-07", pictures, unbound_links, set()),
    ("WF-10", pictures, workforce(WorkforceVpcConfig={}), {"WF-02"}),
    ("WF-11", pictures, administrator_may_not("sagemaker:CreateLabelingJob"), {"IAM-08"}),
    ("IAM-01", pictures, trusting("ec2.amazonaws.com"), set()),
    ("IAM-02", pictures, without_action("GroundTruth", "cloudwatch:PutMetricData"), set()),
    ("IAM-04", texts, without_action("GroundTruth", "iam:PassRole"), set()),
    ("IAM-05", stream, without_action("Streaming", "sqs:*"), set()),
    ("IAM-06", custom, without_action("Streaming", "lambda:InvokeFunction"), set()),
    ("IAM-07", custom, without_action("Read", "s3:GetObject", role="Functions"), set()),
    ("IAM-08", pictures, administrator_may_not("iam:PassRole"), set()),
    ("KMS-01", encrypted, key_for("kms:CreateGrant", "kms:Decrypt"), {"KMS-02"}),
    ("KMS-02", encrypted, key_for(*USES), set()),
    ("KMS-03", pictures, policy(only_aes, "output_bucket"), {"S3P-01"}),
    ("KMS-04", pictures, input_with_a_foreign_key, set()),
    ("KMS-05", stream, topic_with_the_key_of_sns, set()),
]


@pytest.mark.parametrize("name", ["pictures", "texts", "stream", "custom", "encrypted"])
def test_a_sound_job_in_a_sound_world_passes(sound, name):
    job = getattr(sound, name)
    result = job.preflight(surroundings=sound.found(job))
    assert result.passed
    assert {row.id for row in result.rows if row.status in ("failed", "warned")} == set()


@pytest.mark.parametrize(("id", "job", "broken", "also"), BROKEN)
def test_exactly_the_check_whose_ground_is_broken_speaks(sound, id, job, broken, also):
    undo = broken(sound)
    try:
        asked = job(sound)
        result = asked.preflight(surroundings=sound.survey(asked))
    finally:
        undo()
    before = speaking(sound.pictures.preflight(surroundings=sound.found(sound.pictures))) | {"AUTO-08"}
    told = "\n".join(str(row) for row in result.rows if row.id in speaking(result))
    assert speaking(result) - before == {id, *also}, told


def test_nothing_is_left_broken(sound):
    result = sound.pictures.preflight(surroundings=sound.survey(sound.pictures))
    assert {row.id for row in result.rows if row.status in ("failed", "warned")} == set()
