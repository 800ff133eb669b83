"""Checks of Regions, networks, buckets, portal, roles and keys: for one change, exactly the right one speaks."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from gt_vpc_nb import facts
from gt_vpc_nb.policy.new_policies import endpoint_policy
from gt_vpc_nb.preflight import Preflight, run
from gt_vpc_nb.preflight.checks import CHECKS
from gt_vpc_nb.preflight.surroundings import (
    CorsRule,
    JobInProgress,
    Key,
    LambdaFunction,
    MemberGroup,
    Missing,
    Permission,
    Role,
    RolePolicy,
    Surroundings,
    Topic,
    TrafficRule,
    Unknown,
)
from tests.preflight.sound import (
    ACCOUNT,
    ADMINISTRATOR,
    CORS,
    ENDPOINT,
    GOOD,
    GROUND_TRUTH,
    IN,
    OUT,
    PICTURE,
    REGION,
    REQUEST,
    ROLE,
    TEAM,
    TRUST,
    VPC,
    allowing,
    request_for,
    restricting,
)

MINE = ("SVC", "NET", "S3P", "CORS", "WF", "IAM", "KMS")
Edit = Callable[[Surroundings], Surroundings]


@dataclass(frozen=True)
class Sound:
    """A job and surroundings in which every check of these groups passes."""

    request: dict
    surroundings: Surroundings
    vpc: str | None = VPC

    def flight(self, edit: Edit = lambda s: s) -> Preflight:
        endpoints = (ENDPOINT,) if self.vpc else ()
        return run(self.request, edit(self.surroundings), vpc=self.vpc, vpc_endpoints=endpoints)


def without(request: dict, *names: str) -> dict:
    return {name: value for name, value in request.items() if name not in names}


def with_human(request: dict, **members: object) -> dict:
    return {**request, "HumanTaskConfig": {**request["HumanTaskConfig"], **members}}


PEOPLE_ALONE = without(REQUEST, "LabelingJobAlgorithmsConfig")
TOPICS = [f"arn:aws:sns:{REGION}:{ACCOUNT}:groundtruth-{way}" for way in ("in", "out")]
FUNCTIONS = [f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}" for name in ("before", "after")]
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1111aaaa-22bb-33cc-44dd-555555eeeeee"
FUNCTION_ROLE = Role(f"arn:aws:iam::{ACCOUNT}:role/Consolidation", TRUST, (allowing("s3:GetObject"),))


def key_policy(*principals: str, actions: object = "kms:*") -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def keyed(request: dict) -> dict:
    automated = request["LabelingJobAlgorithmsConfig"]
    resources = {**automated["LabelingJobResourceConfig"], "VolumeKmsKeyId": KEY}
    return {
        **request,
        "OutputConfig": {**request["OutputConfig"], "KmsKeyId": KEY},
        "LabelingJobAlgorithmsConfig": {**automated, "LabelingJobResourceConfig": resources},
    }


AUTOMATED = Sound(REQUEST, GOOD)
BY_PEOPLE = Sound(PEOPLE_ALONE, GOOD)
ENCRYPTED = Sound(
    keyed(REQUEST),
    replace(
        GOOD,
        keys=(Key(KEY, KEY, "Enabled", "CUSTOMER", key_policy(ROLE)),),
        data_objects=(replace(PICTURE, kms_key=KEY),),
    ),
)
STREAMING = Sound(
    {
        **PEOPLE_ALONE,
        "InputConfig": {"DataSource": {"SnsDataSource": {"SnsTopicArn": TOPICS[0]}}},
        "OutputConfig": {**REQUEST["OutputConfig"], "SnsTopicArn": TOPICS[1]},
    },
    replace(
        GOOD,
        manifest=None,
        topics=(Topic(TOPICS[0], True), Topic(TOPICS[1], True, kms_key=KEY)),
        keys=ENCRYPTED.surroundings.keys,
    ),
)
CUSTOM = Sound(
    with_human(
        without(PEOPLE_ALONE, "LabelCategoryConfigS3Uri"),
        PreHumanTaskLambdaArn=FUNCTIONS[0],
        AnnotationConsolidationConfig={"AnnotationConsolidationLambdaArn": FUNCTIONS[1]},
    ),
    replace(GOOD, functions=tuple(LambdaFunction(each, "Active", role=FUNCTION_ROLE) for each in FUNCTIONS)),
)
WRITING = (CorsRule(("*",), ("GET", "HEAD", "PUT"), ("*",), ("Access-Control-Allow-Origin",), 3000),)
VIDEO = Sound(
    request_for("VideoObjectDetection"),
    replace(
        GOOD,
        buckets=(replace(IN, policy=None, cors=WRITING), replace(OUT, cors=WRITING)),
        workforce=replace(GOOD.workforce, vpc=None),
    ),
)


def at(name: str, **changes: object) -> Edit:
    """Changes a part of the survey."""
    return lambda found: replace(found, **{name: replace(getattr(found, name), **changes)})


def to(**changes: object) -> Edit:
    return lambda found: replace(found, **changes)


def the_input(**changes: object) -> Edit:
    return lambda found: replace(found, buckets=(replace(found.buckets[0], **changes), *found.buckets[1:]))


def the_output(**changes: object) -> Edit:
    return lambda found: replace(found, buckets=(found.buckets[0], replace(found.buckets[1], **changes)))


def first(name: str, **changes: object) -> Edit:
    """Changes the first of several."""

    def edit(found: Surroundings) -> Surroundings:
        one, *rest = getattr(found, name)
        return replace(found, **{name: (replace(one, **changes), *rest)})

    return edit


def may_only(*actions: str) -> Edit:
    return to(role=replace(GOOD.role, policies=(allowing(*actions),)))


def all_but(*left_out: str) -> Edit:
    """The role's own policies deny some actions."""
    statement = {"Sid": "NotThese", "Effect": "Deny", "Action": list(left_out), "Resource": "*"}
    deny = RolePolicy("Stop", json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return to(role=replace(GOOD.role, policies=(*GOOD.role.policies, deny)))


def statements(*given: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(given)})


def deny(sid: str, condition: dict, *, bucket: str = "signs-in", actions: object = "s3:*") -> dict:
    where = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Principal": "*",
        "Action": actions,
        "Resource": where,
        "Condition": condition,
    }


def unless(**values: object) -> dict:
    names = {"vpce": "aws:SourceVpce", "vpc": "aws:SourceVpc", "who": "aws:PrincipalArn"}
    return {"StringNotEquals": {names[name]: value for name, value in values.items()}}


SPLIT = statements(
    deny("ByEndpoint", unless(vpce=[GROUND_TRUTH, "vpce-0ffffffffffffffff"], who=ADMINISTRATOR)),
    deny("ByVpc", unless(vpc=VPC, vpce=GROUND_TRUTH, who=ADMINISTRATOR)),
)
ONE_DENY = unless(vpce=[ENDPOINT, GROUND_TRUTH], who=ADMINISTRATOR)
FOR_ALL = statements(deny("All", {"ForAllValues:StringNotEquals": ONE_DENY["StringNotEquals"]}))
WRONG_ID = statements(deny("All", unless(vpce=[VPC, ENDPOINT, GROUND_TRUTH], who=ADMINISTRATOR)))
NO_PATH = statements(
    deny(
        "All", unless(vpce=[ENDPOINT, GROUND_TRUTH], who=[ADMINISTRATOR, f"arn:aws:iam::{ACCOUNT}:role/Administrator"])
    )
)
NO_PRINCIPAL = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::signs-in/*"},
    }
)
ROLE_EXEMPT = restricting(ENDPOINT, GROUND_TRUTH, people=(ADMINISTRATOR, ROLE))
NOT_ALL = restricting(ENDPOINT, GROUND_TRUTH, actions=("s3:GetObject", "s3:PutObject"))
ONLY_AES = statements(
    deny(
        "OnlyAes",
        {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}},
        bucket="signs-out",
        actions="s3:PutObject",
    )
)
ELSEWHERE = restricting("vpce-0ffffffffffffffff", GROUND_TRUTH)
ONLY_JOB = statements(
    {"Sid": "Job", "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::signs-*"]}
)
ONLY_PORTAL = endpoint_policy(["another-bucket"], REGION).to_json()
LOGS = ("logs:*", "cloudwatch:PutMetricData", "iam:PassRole")
MANAGED = RolePolicy(
    "AmazonSageMakerGroundTruthExecution",
    statements({"Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*groundtruth*"]}),
    "arn:aws:iam::aws:policy/AmazonSageMakerGroundTruthExecution",
)
#: What cannot be decided by a policy that cannot be read.
UNREADABLE = tuple(f"S3P-{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13)) + ("WF-02",)
IN_USE = (JobInProgress("older-job", "InProgress", ("signs-in",)),)

#: the id, the sound job, what is changed, a word of the evidence and of the remedy, what follows and is right to say
BROKEN = [
    ("SVC-01", AUTOMATED, to(used_before=False), "no labeling job", "AWS Support", ()),
    ("SVC-03", AUTOMATED, the_input(region="eu-west-1"), "signs-in (input manifest) is in eu-west-1", "in_region", ()),
    ("SVC-03", AUTOMATED, the_input(region=Missing("there is no bucket signs-in")), "no bucket", "Create the", ()),
    ("SVC-03", ENCRYPTED, first("keys", arn=KEY.replace(REGION, "eu-west-1")), "eu-west-1", "key", ()),
    ("SVC-04", BY_PEOPLE, to(endpoints=GOOD.endpoints[1:]), ENDPOINT, "vpc_endpoints", ("NET-03",)),
    ("SVC-04", AUTOMATED, first("endpoints", region="eu-west-1"), "eu-west-1", f"com.amazonaws.{REGION}", ()),
    (
        "NET-01",
        AUTOMATED,
        to(endpoints=GOOD.endpoints[1:]),
        f"{VPC} has no S3",
        "create_vpc_endpoint",
        ("SVC-04", "NET-03"),
    ),
    ("NET-01", AUTOMATED, first("endpoints", state="pending"), "pending", "'Gateway'", ("NET-03",)),
    ("NET-01", AUTOMATED, first("endpoints", kind="Interface"), "Interface", "'Gateway'", ()),
    ("NET-02", AUTOMATED, first("subnets", route_table="rtb-2"), "rtb-2", "modify_vpc_endpoint", ()),
    (
        "NET-03",
        BY_PEOPLE,
        first("endpoints", policy=ONLY_JOB),
        f"sagemaker-labeling-data-{REGION}",
        "endpoint_policy(",
        (),
    ),
    ("NET-04", BY_PEOPLE, first("endpoints", policy=ONLY_PORTAL), "does not allow", "endpoint_policy(", ()),
    ("NET-06", AUTOMATED, first("security_groups", vpc="vpc-1"), "sg-1 in vpc-1", "one VPC", ()),
    ("NET-06", AUTOMATED, to(subnets=()), "subnet-1 not found", "exist", ()),
    ("NET-07", AUTOMATED, first("subnets", free_addresses=1), "subnet-1 has 1 free", "Add a subnet", ()),
    ("NET-08", AUTOMATED, first("vpcs", tenancy="dedicated"), "dedicated", "default tenancy", ()),
    ("NET-09", AUTOMATED, first("security_groups", egress=()), "443", "authorize_security_group_egress", ()),
    (
        "NET-09",
        AUTOMATED,
        first("security_groups", egress=(TrafficRule("tcp", 443, 443, prefix_lists=("pl-2",)),)),
        "443",
        "S3",
        (),
    ),
    ("NET-09", AUTOMATED, first("security_groups", ingress=()), "each other", "authorize_security_group_ingress", ()),
    ("NET-10", AUTOMATED, first("vpcs", dns_support=False), "EnableDnsSupport is off", "modify_vpc_attribute", ()),
    ("NET-10", AUTOMATED, first("vpcs", dns_hostnames=False), "EnableDnsHostnames is off", "modify_vpc_attribute", ()),
    ("NET-11", AUTOMATED, to(endpoints=GOOD.endpoints[:1]), "sagemaker.api", "interface endpoint", ()),
    ("NET-12", AUTOMATED, the_input(policy=restricting(GROUND_TRUTH)), ENDPOINT, "plan_policy(", ("S3P-13",)),
    (
        "NET-12",
        Sound(
            {
                **REQUEST,
                "LabelingJobAlgorithmsConfig": without(
                    REQUEST["LabelingJobAlgorithmsConfig"], "LabelingJobResourceConfig"
                ),
            },
            replace(GOOD, buckets=(replace(IN, policy=None), OUT)),
        ),
        the_input(policy=IN.policy),
        "outside your VPC",
        "in_vpc",
        (),
    ),
    (
        "S3P-01",
        AUTOMATED,
        the_input(policy=restricting(ENDPOINT)),
        "OnlyFromTheVpc",
        "grant('signs-in', Perimeter(",
        (),
    ),
    ("S3P-02", AUTOMATED, may_only(*LOGS), "nothing allows", '"Effect": "Allow"', ("S3P-12",)),
    ("S3P-02", AUTOMATED, all_but("s3:PutObject"), "NotThese", "own policy", ("S3P-12",)),
    ("S3P-02", AUTOMATED, at("role", boundary=allowing(*LOGS)), "nothing allows", "Allow", ("S3P-12",)),
    ("S3P-03", BY_PEOPLE, the_input(policy=SPLIT), "ByEndpoint and ByVpc", "one Deny", ("S3P-13",)),
    ("S3P-04", AUTOMATED, the_input(policy=FOR_ALL), "ForAllValues", "", ()),
    (
        "S3P-05",
        BY_PEOPLE,
        the_input(policy=statements(deny("All", unless(vpce=[VPC, GROUND_TRUTH], who=ADMINISTRATOR)))),
        f"{ENDPOINT} is stopped",
        "",
        ("S3P-13",),
    ),
    ("S3P-05", AUTOMATED, the_input(policy=WRONG_ID), VPC, "", ()),
    (
        "S3P-06",
        AUTOMATED,
        the_input(policy=restricting(ENDPOINT, GROUND_TRUTH, people=())),
        ADMINISTRATOR,
        "exempting_console_users(",
        (),
    ),
    ("S3P-07", AUTOMATED, the_input(policy=NO_PATH), "role/Administrator", ADMINISTRATOR, ()),
    ("S3P-08", AUTOMATED, the_input(policy=ROLE_EXEMPT), ROLE, "aws:PrincipalArn", ()),
    ("S3P-09", AUTOMATED, to(jobs_in_progress=IN_USE), "older-job (InProgress)", "Leave its policy", ()),
    (
        "S3P-09",
        AUTOMATED,
        lambda s: the_input(policy=restricting(ENDPOINT))(to(jobs_in_progress=IN_USE)(s)),
        "needs another policy",
        "Wait",
        ("S3P-01",),
    ),
    ("S3P-10", AUTOMATED, the_input(policy=NOT_ALL), "s3:DeleteObject", "audit(", ()),
    ("S3P-11", BY_PEOPLE, the_input(policy=NO_PRINCIPAL), "Principal", "Policy.lint", UNREADABLE),
    ("S3P-11", BY_PEOPLE, the_input(policy=IN.policy + " " * 20_480), "20,480", "Shorten", ()),
    ("S3P-12", AUTOMATED, may_only(*LOGS), "only denies", "Allow", ("S3P-02",)),
    ("S3P-13", BY_PEOPLE, the_input(policy=ELSEWHERE), "browser", "exempting_endpoint(", ()),
    ("CORS-01", AUTOMATED, the_input(cors=()), "signs-in", "merged([], NEEDED['CORS-01'])", ()),
    (
        "CORS-01",
        AUTOMATED,
        the_input(cors=(CorsRule(("https://a.example",), ("GET",)),)),
        "a.example",
        "get_bucket_cors",
        (),
    ),
    ("CORS-01", AUTOMATED, the_input(cors=(CorsRule(("*",), ("GET",)),)), "expose", "merged(", ()),
    ("CORS-01", CUSTOM, the_input(cors=()), "signs-in", "merged(", ()),
    ("CORS-02", VIDEO, the_input(cors=CORS), "GET, HEAD, PUT", "NEEDED['CORS-02']", ()),
    ("CORS-02", VIDEO, the_output(cors=()), "signs-out", "merged([]", ()),
    ("CORS-02", VIDEO, the_output(cors=(replace(WRITING[0], headers=()),)), "every header", "merged(", ()),
    (
        "WF-01",
        AUTOMATED,
        to(work_team=Missing("there is no work team x"), workforce=None),
        "no work team",
        "Create",
        (),
    ),
    ("WF-01", AUTOMATED, at("work_team", arn=f"{TEAM}-2"), "AWS has", "own ARN", ()),
    ("WF-02", AUTOMATED, at("workforce", vpc=None), "not bound to a VPC", "update_workforce(", ("WF-10",)),
    ("WF-02", AUTOMATED, at("workforce", vpc="vpc-other"), "vpc-other", "update_workforce(", ("NET-03", "NET-10")),
    ("WF-03", AUTOMATED, at("workforce", status="Failed", failure_reason="no room"), "Failed (no room)", "Active", ()),
    ("WF-04", VIDEO, at("workforce", vpc=VPC), "VideoObjectDetection", "point cloud and video", ()),
    ("WF-06", AUTOMATED, at("workforce", source_cidrs=()), "open to the internet", "SourceIpConfig", ()),
    ("WF-06", AUTOMATED, at("workforce", source_cidrs=("0.0.0.0/0",)), "0.0.0.0/0", "SourceIpConfig", ()),
    ("WF-07", AUTOMATED, at("work_team", vpc_source_ip=None), "VpcSourceIp", "update_workteam(", ()),
    ("WF-08", AUTOMATED, at("workforce", subnets=()), "0 subnets", "1 to 16", ()),
    ("WF-08", AUTOMATED, at("workforce", security_groups=tuple("abcdef")), "6 security groups", "1 to 5", ()),
    ("WF-09", AUTOMATED, at("work_team", members=0, groups=()), "no members", "Add workers", ()),
    (
        "WF-09",
        AUTOMATED,
        at("work_team", groups=(MemberGroup("a", people=0),)),
        "nobody is in the group a",
        "Add workers",
        (),
    ),
    ("WF-10", AUTOMATED, at("workforce", vpc=None), "no VPC", "ec2:CreateVpcEndpoint", ("WF-02",)),
    (
        "WF-11",
        AUTOMATED,
        at(
            "caller",
            permissions=(Permission("sagemaker:CreateLabelingJob", "*", "explicitDeny"), GOOD.caller.permissions[1]),
        ),
        "private-crowd",
        "sagemaker:WorkteamType",
        ("IAM-08",),
    ),
    ("IAM-01", AUTOMATED, at("role", trust='{"Statement": []}'), ROLE, "sts:AssumeRole", ()),
    ("IAM-01", AUTOMATED, at("role", trust=TRUST.replace("sagemaker", "ec2")), "does not let", "trust policy", ()),
    ("IAM-01", AUTOMATED, at("role", trust=TRUST.replace("Allow", "Deny")), "denies", "trust policy", ()),
    ("IAM-02", AUTOMATED, all_but("cloudwatch:PutMetricData"), "cloudwatch:PutMetricData", "Deny", ()),
    ("IAM-02", AUTOMATED, may_only("s3:*", "iam:PassRole", "cloudwatch:*"), "logs:CreateLogStream", '"Allow"', ()),
    (
        "IAM-03",
        AUTOMATED,
        to(role=replace(GOOD.role, policies=(allowing(*LOGS), MANAGED))),
        "does not cover",
        "tag the objects",
        ("S3P-02", "S3P-12"),
    ),
    ("IAM-04", AUTOMATED, may_only("s3:*", "logs:*", "cloudwatch:*"), "iam:PassRole", '"iam:PassedToService"', ()),
    ("IAM-05", STREAMING, all_but("sqs:CreateQueue"), "sqs:CreateQueue", "Deny", ()),
    ("IAM-05", STREAMING, may_only("s3:*", "sqs:*", "sns:Publish", "kms:*", *LOGS), "sns:Subscribe", TOPICS[0], ()),
    ("IAM-06", CUSTOM, may_only("s3:*", *LOGS), "lambda:InvokeFunction", FUNCTIONS[0], ()),
    (
        "IAM-06",
        CUSTOM,
        first("functions", state=Missing(f"there is no function {FUNCTIONS[0]}")),
        FUNCTIONS[0],
        "Create the function",
        (),
    ),
    (
        "IAM-07",
        CUSTOM,
        to(
            functions=tuple(
                LambdaFunction(each, "Active", role=replace(FUNCTION_ROLE, policies=())) for each in FUNCTIONS
            )
        ),
        "s3:GetObject",
        "arn:aws:s3:::signs-out/*",
        (),
    ),
    (
        "IAM-08",
        AUTOMATED,
        at("caller", permissions=(GOOD.caller.permissions[0], Permission("iam:PassRole", ROLE, "implicitDeny"))),
        f"iam:PassRole on {ROLE}",
        '"Allow"',
        (),
    ),
    ("KMS-01", ENCRYPTED, first("keys", state="Disabled"), "is Disabled", "enable_key", ("KMS-02", "KMS-04")),
    (
        "KMS-01",
        ENCRYPTED,
        first("keys", policy=key_policy(ROLE, actions=["kms:CreateGrant", "kms:Decrypt"])),
        "kms:Encrypt",
        '"Principal"',
        ("KMS-02",),
    ),
    (
        "KMS-02",
        ENCRYPTED,
        first(
            "keys",
            policy=key_policy(
                ROLE,
                actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            ),
        ),
        "kms:CreateGrant",
        "kms:GrantIsForAWSResource",
        (),
    ),
    ("KMS-03", AUTOMATED, the_output(policy=ONLY_AES), "OnlyAes", "aws:kms", ("S3P-01", "NET-12")),
    (
        "KMS-04",
        Sound(REQUEST, ENCRYPTED.surroundings),
        first("keys", policy=key_policy(ADMINISTRATOR)),
        "s3://signs-in/1.png",
        "kms:Decrypt",
        (),
    ),
    (
        "KMS-05",
        STREAMING,
        first("keys", policy=key_policy(ADMINISTRATOR)),
        "neither admits the role",
        "kms:GenerateDataKey",
        (),
    ),
    ("KMS-05", STREAMING, first("keys", manager="AWS"), "AWS's own key", "customer key", ()),
]


#: What no program can decide.
BEYOND = ("SVC-01", "WF-10")
SOUND = [AUTOMATED, BY_PEOPLE, ENCRYPTED, STREAMING, CUSTOM, VIDEO]


def not_passed(result: Preflight) -> set[str]:
    return {row.id for row in result.rows if row.id.startswith(MINE) and row.status not in ("passed", "not applicable")}


@pytest.mark.parametrize("sound", SOUND)
def test_a_sound_job_passes_every_check(sound):
    result = sound.flight()
    assert [str(row) for row in result.rows if row.id in not_passed(result)] == []


@pytest.mark.parametrize(("id", "sound", "edit", "evidence", "remedy", "also"), BROKEN)
def test_exactly_the_check_whose_ground_is_missing_speaks(id, sound, edit, evidence, remedy, also):
    assert not not_passed(sound.flight())
    result = sound.flight(edit)
    row = result.row(id)
    told = "\n".join(str(each) for each in result.rows if each.id in not_passed(result))
    assert not_passed(result) - {id} == set(also), told
    assert row.status in ("failed", "warned") or id in BEYOND
    assert evidence in row.evidence, row
    assert remedy in row.remedy, row


def test_every_check_of_these_groups_is_seen_to_pass_and_to_speak():
    seen = {row[0] for row in BROKEN}
    passed = {row.id for each in SOUND for row in each.flight().rows if row.status == "passed"}
    mine = {check.id for check in CHECKS if check.id.startswith(MINE)}
    known_offline = {"SVC-02", "SVC-05", "NET-05", "WF-12", "IAM-10"}
    facts_of_aws = {"NET-13", "CORS-03", "WF-05", "IAM-09"}
    assert seen == mine - known_offline - facts_of_aws
    assert mine - passed == facts_of_aws | {"WF-10", "IAM-03"}


def calls(text: str) -> list[str]:
    """The calls of boto3 and of this package in a remedy, each as far as its brackets go."""
    found, starts = [], ["boto3.client(", "grant(", "merged(", "endpoint_policy(", "exempting_console_users(", "audit("]
    starts += ["plan_policy("]
    for start in starts:
        at = text.find(start)
        while at >= 0:
            end, depth = at, 0
            while end < len(text) and (depth or text[end] not in " ,;"):
                depth += (text[end] in "([{") - (text[end] in ")]}")
                if depth < 0:
                    break
                end += 1
            found.append(text[at:end].rstrip("."))
            at = text.find(start, end)
    return found


def test_what_is_shown_to_mend_it_is_python():
    shown = [call for _, sound, edit, *_ in BROKEN for row in sound.flight(edit).rows for call in calls(row.remedy)]
    assert len({call.partition("(")[0] for call in shown}) >= 6
    for call in shown:
        ast.parse(call)


DENIED = Unknown("AccessDenied on s3:GetSomething (no)")
POLICIES = {"S3P-01", "S3P-02", "S3P-03", "S3P-04", "S3P-05", "S3P-06", "S3P-07", "S3P-08", "S3P-10", "S3P-11"}
#: the sound job, what may not be read, and what is undetermined then
UNREAD = [
    (AUTOMATED, to(used_before=DENIED), {"SVC-01"}),
    (AUTOMATED, the_input(region=DENIED), {"SVC-03"}),
    (AUTOMATED, to(endpoints=DENIED), {"SVC-04", "NET-01", "NET-02", "NET-03", "NET-04", "NET-11", "NET-12", "S3P-13"}),
    (AUTOMATED, to(subnets=DENIED), {"NET-01", "NET-02", "NET-06", "NET-07", "NET-08"}),
    (AUTOMATED, to(security_groups=DENIED), {"NET-06", "NET-09"}),
    (AUTOMATED, first("security_groups", egress=DENIED), {"NET-09"}),
    (AUTOMATED, first("subnets", route_table=DENIED), {"NET-02"}),
    (AUTOMATED, to(vpcs=DENIED), {"NET-08", "NET-10"}),
    (AUTOMATED, first("vpcs", tenancy=DENIED), {"NET-08"}),
    (AUTOMATED, first("vpcs", dns_support=DENIED), {"NET-10"}),
    (AUTOMATED, the_input(policy=DENIED), POLICIES | {"NET-12", "S3P-12", "S3P-13", "WF-02"}),
    (AUTOMATED, to(caller=DENIED), {"S3P-06", "IAM-08", "WF-11"}),
    (AUTOMATED, at("caller", principal=DENIED), {"S3P-06"}),
    (AUTOMATED, at("caller", permissions=DENIED), {"IAM-08", "WF-11"}),
    (AUTOMATED, to(jobs_in_progress=DENIED), {"S3P-09"}),
    (AUTOMATED, to(jobs_in_progress=(JobInProgress("older", "InProgress", DENIED),)), {"S3P-09"}),
    (AUTOMATED, the_input(cors=DENIED), {"CORS-01"}),
    (VIDEO, the_output(cors=DENIED), {"CORS-02"}),
    (AUTOMATED, to(work_team=DENIED), {"WF-01", "WF-07", "WF-09"}),
    (AUTOMATED, at("work_team", vpc_source_ip=DENIED), {"WF-07"}),
    (AUTOMATED, at("work_team", groups=(MemberGroup("a", people=DENIED),)), {"WF-09"}),
    (
        AUTOMATED,
        to(workforce=DENIED),
        {"NET-03", "NET-10", "S3P-13", "WF-02", "WF-03", "WF-04", "WF-06", "WF-07", "WF-08", "WF-10"},
    ),
    (AUTOMATED, to(role=DENIED), {"IAM-01", "IAM-02", "IAM-03", "IAM-04", "S3P-02", "S3P-12"}),
    (AUTOMATED, at("role", policies=DENIED), {"IAM-02", "IAM-03", "IAM-04", "S3P-02", "S3P-12"}),
    (AUTOMATED, at("role", boundary=DENIED), {"IAM-02", "IAM-04", "S3P-02", "S3P-12"}),
    (STREAMING, to(role=DENIED), {"IAM-01", "IAM-02", "IAM-03", "IAM-05", "S3P-02", "S3P-12", "KMS-05"}),
    (
        STREAMING,
        to(topics=(GOOD_TOPIC := STREAMING.surroundings.topics[0], replace(GOOD_TOPIC, arn=TOPICS[1], kms_key=DENIED))),
        {"KMS-05"},
    ),
    (CUSTOM, at("role", policies=DENIED), {"IAM-02", "IAM-03", "IAM-06", "S3P-02", "S3P-12"}),
    (CUSTOM, to(functions=tuple(LambdaFunction(each, "Active", role=DENIED) for each in FUNCTIONS)), {"IAM-07"}),
    (ENCRYPTED, to(keys=()), {"KMS-01", "KMS-02", "KMS-04"}),
    (ENCRYPTED, first("keys", policy=DENIED), {"KMS-01", "KMS-02", "KMS-04"}),
    (AUTOMATED, to(data_objects=(replace(PICTURE, kms_key=DENIED),)), {"KMS-04"}),
    (AUTOMATED, the_output(policy=DENIED), POLICIES | {"NET-12", "S3P-12", "KMS-03"}),
]


@pytest.mark.parametrize(("sound", "edit", "ids"), UNREAD)
def test_what_may_not_be_read_is_undetermined_with_its_reason_and_never_passed(sound, edit, ids):
    result = sound.flight(edit)
    rows = {row.id: row for row in result.rows if row.id in not_passed(result)}
    assert set(rows) == ids
    assert {row.status for row in rows.values()} == {"undetermined"}
    assert all("AccessDenied" in row.evidence or "was not surveyed" in row.evidence for row in rows.values())
    assert result.passed is all(row.severity != "error" for row in rows.values())


def test_a_team_of_amazon_mechanical_turk_has_no_workforce_to_check():
    public = f"arn:aws:sagemaker:{REGION}:394669845002:workteam/public-crowd/default"
    result = run(with_human(PEOPLE_ALONE, WorkteamArn=public), replace(GOOD, work_team=None, workforce=None))
    for id in ("WF-02", "WF-03", "WF-06", "WF-07", "WF-08", "WF-09"):
        assert result.row(id).status == "not applicable"


def test_offline_rules_of_these_groups_speak_in_their_rows():
    odd = with_human(REQUEST, WorkteamArn=TEAM.replace("private", "public"))
    rows = {row.id: row for row in run({**odd, "RoleArn": "arn:aws:iam::*:role/x"}, GOOD, vpc=VPC).rows}
    assert {id for id in ("WF-01", "WF-12", "IAM-10") if rows[id].status == "failed"} == {"WF-01", "WF-12", "IAM-10"}
    assert rows["SVC-05"].status == "passed" and rows["SVC-02"].status == "passed"


def test_facts_are_told_and_pass_nothing():
    rows = {row.id: row for row in AUTOMATED.flight().rows}
    for id in ("CORS-03", "WF-05", "IAM-09"):
        assert rows[id].status == "not applicable" and facts.rule(id).severity == "info" and rows[id].evidence


@pytest.mark.parametrize(
    ("id", "policy", "status"),
    [
        ("S3P-05", WRONG_ID, "warned"),
        ("S3P-05", statements(deny("All", unless(vpce=[VPC, GROUND_TRUTH], who=ADMINISTRATOR))), "failed"),
        ("S3P-03", SPLIT, "failed"),
        ("S3P-04", FOR_ALL, "warned"),
    ],
)
def test_a_slip_that_stops_nobody_of_ours_only_warns(id, policy, status):
    assert BY_PEOPLE.flight(the_input(policy=policy)).row(id).status == status
