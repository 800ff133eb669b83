"""How a survey asks: few calls, reads alone, nothing that the job does not name, and a reason for each refusal."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

import pytest

from gt_vpc_nb import LabelingJob, survey
from gt_vpc_nb.aws.surveying import survey_request
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.preflight import Surroundings
from gt_vpc_nb.preflight.surroundings import NOT_SURVEYED, Missing, Unknown

READS = ("Get", "List", "Describe", "Head", "Simulate", "Render")
SERVICES = ("s3", "ec2", "iam", "sagemaker", "kms", "lambda", "sns", "sqs", "cognito-idp")
KEY = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000"
TOPIC = "arn:aws:sns:us-east-1:111122223333:signs-in"
FUNCTIONS = [f"arn:aws:lambda:us-east-1:111122223333:function:LabelingFunction{name}" for name in ("Before", "After")]


@pytest.fixture
def aws() -> LocalAws:
    return LocalAws.example(seed=7)


def ordinary(aws: LocalAws) -> LabelingJob:
    """A job with everything that most jobs have, and automated labeling in a VPC."""
    world = aws.world
    return (
        LabelingJob.in_vpc(world.vpc, subnets=world.subnets, security_groups=world.security_groups)
        .named("shapes-1")
        .in_region(world.region)
        .task("ImageMultiClass", title="Sort shapes", description="Choose one", keywords=["Images"])
        .input(f"s3://{world.input_bucket}/images.manifest")
        .output(f"s3://{world.output_bucket}/labels/")
        .label_categories(["circle", "square"])
        .workers(world.workteam, per_object=3, time_limit=300)
        .as_role(world.role)
        .with_automated_labeling()
    )


def everything(aws: LocalAws) -> dict[str, Any]:
    """A request that names something of every kind that a survey can look at."""
    request = ordinary(aws).to_request()
    request["OutputConfig"] |= {"KmsKeyId": KEY, "SnsTopicArn": TOPIC}
    request["InputConfig"]["DataSource"]["SnsDataSource"] = {"SnsTopicArn": TOPIC}
    request["LabelingJobAlgorithmsConfig"]["InitialActiveLearningModelArn"] = (
        "arn:aws:sagemaker:us-east-1:111122223333:model/shapes"
    )
    custom = dict(request["HumanTaskConfig"], PreHumanTaskLambdaArn=FUNCTIONS[0])
    custom["AnnotationConsolidationConfig"] = {"AnnotationConsolidationLambdaArn": FUNCTIONS[1]}
    return {**request, "HumanTaskConfig": custom}


def counting(session: Any) -> Counter[str]:
    calls: Counter[str] = Counter()
    session.events.register(
        "before-call", lambda model, **_: calls.update([f"{model.service_model.service_name} {model.name}"])
    )
    return calls


def portal_in_the_vpc(aws: LocalAws) -> str:
    """A work team whose portal is in the job's VPC, which is what this package is for."""
    sagemaker, world = aws.session().client("sagemaker"), aws.world
    address = "https://login.example.com"
    oidc = dict.fromkeys(("Issuer", "AuthorizationEndpoint", "TokenEndpoint", "UserInfoEndpoint"), address)
    oidc |= {"ClientId": "signs", "ClientSecret": "not-kept", "LogoutEndpoint": address, "JwksUri": address}
    sagemaker.create_workforce(
        WorkforceName="default",
        OidcConfig=oidc,
        WorkforceVpcConfig={
            "VpcId": world.vpc,
            "Subnets": list(world.subnets),
            "SecurityGroupIds": list(world.security_groups),
        },
        SourceIpConfig={"Cidrs": ["10.0.0.0/8"]},
    )
    return sagemaker.create_workteam(
        WorkteamName="insiders",
        WorkforceName="default",
        Description="People in the VPC.",
        MemberDefinitions=[{"OidcMemberDefinition": {"Groups": ["labelers"]}}],
    )["WorkteamArn"]


def gaps(value: Any, path: str = "") -> dict[str, str]:
    """Where a survey has no fact, with the reason."""
    if isinstance(value, Unknown | Missing):
        return {path: value.reason}
    inside = (
        enumerate(value)
        if isinstance(value, tuple)
        else ((name, getattr(value, name)) for name in getattr(value, "__dataclass_fields__", ()))
    )
    return {where: why for name, each in inside for where, why in gaps(each, f"{path}.{name}").items()}


def test_an_ordinary_job_takes_at_most_forty_calls_and_three_seconds(aws: LocalAws) -> None:
    job = ordinary(aws).workers(portal_in_the_vpc(aws), per_object=3, time_limit=300)
    session, files = aws.session(), f"s3://{aws.world.input_bucket}/files"
    for uri, body in job.files().items():
        session.client("s3").put_object(Bucket=aws.world.input_bucket, Key=f"files/{uri.rpartition('/')[2]}", Body=body)
    job = job.label_categories(f"{files}/label-categories.json").template(f"{files}/template.liquid.html")
    calls = counting(session)
    started = time.process_time()
    found = survey(job, session)
    assert time.process_time() - started < 3
    assert found.workforce.vpc == aws.world.vpc
    assert found.category_file.text and found.template.text
    # Where IAM's simulator answers the first question, it is asked the second.
    assert 20 < sum(calls.values()) + (calls["iam SimulatePrincipalPolicy"] == 1) <= 40, calls


def test_a_survey_reads_and_never_writes(aws: LocalAws) -> None:
    session = aws.session()
    calls = counting(session)
    survey_request(everything(aws), session, vpc=aws.world.vpc, vpc_endpoints=[aws.world.vpc_endpoint])
    assert {call.split()[0] for call in calls} >= {"s3", "ec2", "iam", "sagemaker", "kms", "lambda", "sns", "sqs"}
    assert [call for call in calls if not call.split()[1].startswith(READS)] == []


def test_nothing_is_asked_that_the_job_does_not_name(aws: LocalAws) -> None:
    world, session = aws.world, aws.session()
    calls = counting(session)
    job = LabelingJob().named("shapes-1").in_region(world.region).task("TextMultiClass").as_role(world.role)
    job = job.input(f"s3://{world.input_bucket}/images.manifest").output(f"s3://{world.output_bucket}/labels/")
    found = survey(job.label_categories(["a", "b"]), session)
    assert {call.split()[0] for call in calls} == {"sts", "s3", "iam", "sagemaker"}
    assert (found.vpcs, found.endpoints, found.keys, found.functions, found.topics, found.queue) == ((),) * 5 + (None,)


def test_an_empty_request_costs_one_call(aws: LocalAws) -> None:
    session = aws.session()
    calls = counting(session)
    found = survey_request({}, session)
    assert not set(calls) - {"sts GetCallerIdentity", "iam GetRole", "iam SimulatePrincipalPolicy"}, calls
    assert found.buckets == () and found.jobs_in_progress != NOT_SURVEYED


def test_whoever_may_read_nothing_learns_which_action_is_wanted_for_each_thing(aws: LocalAws) -> None:
    request = everything(aws)
    for service in SERVICES:
        aws.faults.fail(f"{service}:*", 403, "AccessDeniedException")
    found = survey_request(request, aws.session(), vpc=aws.world.vpc, vpc_endpoints=[aws.world.vpc_endpoint])
    unread = gaps(found)
    assert all("not asked" in why or re.search(r"(403|Denied\w*) on [\w-]+:\w+", why) for why in unread.values()), (
        unread
    )
    assert NOT_SURVEYED.reason not in unread.values()
    parts = {path.split(".")[1] for path, why in unread.items() if " on " in why}
    assert parts >= {
        *("buckets", "manifest", "template", "leftovers", "vpcs", "subnets", "security_groups", "endpoints"),
        *("role", "keys", "work_team", "workforce", "same_name_job", "jobs_in_progress", "used_before"),
        *("initial_model", "functions", "topics", "queue", "caller"),
    }
    assert found.account == aws.account
    assert Surroundings.from_json(found.to_json()) == found


def test_a_slow_service_costs_its_own_part_alone(aws: LocalAws) -> None:
    aws.faults.fail("ec2:*", 400, "RequestLimitExceededByTest")
    found = survey(ordinary(aws), aws.session())
    assert "RequestLimitExceededByTest on ec2:DescribeSubnets" in found.subnets.reason
    assert found.manifest.objects == 20 and found.role.arn == aws.world.role


def test_services_that_cannot_be_reached_are_named_with_the_way_to_them(aws: LocalAws) -> None:
    request = everything(aws)
    for service in SERVICES:
        aws.faults.drop(f"{service}:*", "unreachable")
    found = survey_request(request, aws.session(), vpc=aws.world.vpc)
    told = [why for why in gaps(found).values() if "not asked" not in why]
    assert len(told) > 20 and {re.search(r"on (\S+):", why)[1] for why in told} >= {
        "s3",
        "ec2",
        "iam",
        "sagemaker",
        "kms",
    }
    assert all("the service needs a VPC endpoint or a NAT" in why for why in told), told


def test_no_secret_is_kept(aws: LocalAws) -> None:
    job = ordinary(aws).workers(portal_in_the_vpc(aws), per_object=3, time_limit=300)
    text = survey(job, aws.session()).to_json()
    assert "not-kept" not in text and "X-Amz-Signature" not in text and "ASIA" not in text
