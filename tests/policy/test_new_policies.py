"""A new policy lets in whom it names and is proven closed to everybody else; an exemption moves nothing else."""

from __future__ import annotations

import pytest

from gt_vpc_nb import Perimeter, PolicyError, RequestError
from gt_vpc_nb.facts import CONSOLE_ACTIONS, GROUND_TRUTH_ACTIONS, region, regions, s3_actions
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.new_policies import (
    LARGEST_POLICY,
    PORTAL_ACTIONS,
    REPAIR_ACTIONS,
    endpoint_policy,
    exempting_administrators,
    exempting_console_users,
    exempting_endpoint,
    fresh_bucket_policy,
    replacement,
)
from gt_vpc_nb.policy.origins import INTERNET, OTHER_VPC, resource_for, signed_by, through
from gt_vpc_nb.policy.rewrite import ground_truth_request

ACCOUNT = "111122223333"
ROLE, ADMIN, USER, SOMEBODY, CI = (
    f"arn:aws:iam::{ACCOUNT}:{name}" for name in ("role/R", "role/Admin", "user/u", "role/some", "role/ci/Ci")
)
BOTH = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
MINE, ENDPOINT = "vpce-0mine", "vpce-08408e335ebf95b40"
CONSOLE = tuple(each for each in CONSOLE_ACTIONS if each != "s3:ListAllMyBuckets")
NETWORKS = {
    "internet": INTERNET,
    "mine": through(MINE, "vpc-0mine"),
    "my VPC": through("vpce-0other", "vpc-0mine"),
    "elsewhere": through("vpce-0other", OTHER_VPC),
    "ground truth": through(ENDPOINT, OTHER_VPC),
}
PERIMETERS = {
    "everything": Perimeter(["vpc-0mine"], [MINE], [CI], "us-east-1", ROLE, [ADMIN], [USER]),
    "an endpoint": Perimeter(vpc_endpoints=[MINE], ground_truth="us-east-1", execution_role=ROLE),
    "a VPC and an administrator": Perimeter(["vpc-0mine"], administrators=[ADMIN]),
    "an administrator who uses the console": Perimeter(administrators=[ADMIN], console_users=[ADMIN, USER]),
    "Ground Truth alone": Perimeter(ground_truth="us-east-1", execution_role=ROLE),
    "nobody": Perimeter(),
    "two of each": Perimeter(["vpc-0mine", "vpc-0b"], [MINE, "vpce-0b"], [CI, ROLE], "us-east-1", ROLE, [ADMIN]),
}


def deny(condition=None, action="s3:*", **more):
    statement = {"Sid": "D", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": BOTH, **more}
    return {**statement, "Condition": condition} if condition else statement


def policy(*statements):
    return Policy.parse({"Version": "2012-10-17", "Statement": list(statements)})


def passes(one, action, who, network, **more):
    resource = resource_for(action, "b") or BOTH[0]
    request = AccessRequest(who, action, resource, {**signed_by(who), **network, **more})
    return evaluate(one, request, account=ACCOUNT).decision in ("allowed", "notDenied")


def expected(perimeter, action, who, name):
    network = NETWORKS[name]
    endpoint, vpc = network.get("aws:SourceVpce"), network.get("aws:SourceVpc")
    return (
        endpoint in perimeter.vpc_endpoints
        or vpc in perimeter.vpcs
        or who in perimeter.principals
        or (endpoint == perimeter.ground_truth_endpoint and endpoint is not None and action in GROUND_TRUTH_ACTIONS)
        or (who in perimeter.administrators and action in REPAIR_ACTIONS)
        or (who in perimeter.console_users and action in CONSOLE)
    )


@pytest.mark.parametrize("name", PERIMETERS)
def test_a_fresh_policy_lets_in_whom_the_perimeter_names_for_what_they_need(name):
    perimeter = PERIMETERS[name]
    fresh = fresh_bucket_policy("b", perimeter)
    for action in s3_actions():
        for who in (ROLE, ADMIN, USER, SOMEBODY, CI):
            for network in NETWORKS:
                wanted = expected(perimeter, action, who, network)
                assert passes(fresh, action, who, NETWORKS[network]) is wanted, (action, who, network)


@pytest.mark.parametrize("name", PERIMETERS)
def test_a_fresh_policy_is_proven_closed(name):
    assert fresh_bucket_policy("b", PERIMETERS[name]).openings("b", PERIMETERS[name]) == []


@pytest.mark.parametrize("code", [each.code for each in regions()])
def test_a_fresh_policy_needs_no_edit_for_ground_truth_in_any_region(code):
    perimeter = Perimeter(vpc_endpoints=[MINE], ground_truth=code, execution_role=ROLE, administrators=[ADMIN])
    fresh = fresh_bucket_policy("b", perimeter)
    assert fresh.letting_in_ground_truth(code, "b", role=ROLE) == fresh
    other = next(each.code for each in regions() if each.code != code)
    assert fresh.letting_in_ground_truth(other, "b", role=ROLE) != fresh


def test_a_fresh_policy_takes_tls_only_even_from_inside():
    fresh = fresh_bucket_policy("b", PERIMETERS["everything"])
    assert not passes(fresh, "s3:GetObject", ROLE, NETWORKS["mine"], **{"aws:SecureTransport": "false"})


def test_a_session_is_named_by_the_arn_that_its_requests_carry():
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/me"
    fresh = fresh_bucket_policy("b", Perimeter(administrators=[session]))
    assert passes(fresh, "s3:PutBucketPolicy", session, INTERNET)


def test_a_policy_too_large_for_s3_is_refused():
    crowd = [f"arn:aws:iam::{ACCOUNT}:role/a-role-with-quite-a-long-name-{number:04}" for number in range(400)]
    with pytest.raises(PolicyError, match=f"{LARGEST_POLICY:,}"):
        fresh_bucket_policy("b", Perimeter(principals=crowd))


@pytest.mark.parametrize("name", ["", "arn:aws:s3:::b", "s3://b", "b/*"])
def test_what_is_no_bucket_name_is_refused(name):
    for build in (lambda: fresh_bucket_policy(name, Perimeter()), lambda: endpoint_policy(name, "us-east-1")):
        with pytest.raises(PolicyError, match="bucket's name"):
            build()


ONLY_MINE = {"StringNotEquals": {"aws:SourceVpce": MINE}}
LOCKED = {
    "an endpoint": policy(deny(ONLY_MINE)),
    "an endpoint and a family of actions": policy(deny(ONLY_MINE, ["s3:*Bucket*", "s3:Get*", "s3:Put*", "s3:List*"])),
    "addresses": policy(deny({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}})),
    "an address by number": policy(deny({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}})),
    "a VPC of somebody": policy(deny({"StringEquals": {"aws:SourceVpc": "vpc-0bad"}})),
    "another administrator": policy(deny({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/Boss"}})),
    "NotPrincipal": policy(
        {
            **{"Effect": "Deny", "NotPrincipal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}},
            **{"Action": "s3:*", "Resource": BOTH},
        }
    ),
    "several": policy(
        deny(ONLY_MINE, ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:GetBucketCORS", "s3:PutBucketCORS"]),
        deny(ONLY_MINE, "s3:*BucketPolicy"),
        deny({"Bool": {"aws:SecureTransport": "false"}}),
    ),
}
EXEMPTING = {
    "administrators": (exempting_administrators, REPAIR_ACTIONS),
    "console users": (exempting_console_users, CONSOLE),
}
ANYWHERE = [{}, *NETWORKS.values(), {"aws:SourceIp": "198.51.100.7"}, through("vpce-0x", "vpc-0bad")]


@pytest.mark.parametrize("who", EXEMPTING)
@pytest.mark.parametrize("style", LOCKED)
def test_people_are_exempted_from_anywhere_for_their_actions_and_nothing_else_moves(style, who):
    exempting, actions = EXEMPTING[who]
    old, new = LOCKED[style], exempting(LOCKED[style], "b", [ADMIN, USER])
    assert new != old and exempting(new, "b", [ADMIN, USER]) == new
    for action in s3_actions():
        for person in (ADMIN, USER, SOMEBODY):
            for network in ANYWHERE:
                exempt = person != SOMEBODY and action in actions
                wanted = exempt or passes(old, action, person, network)
                assert passes(new, action, person, network) is wanted, (action, person, network)


@pytest.mark.parametrize("style", LOCKED)
def test_an_endpoint_is_let_in_for_five_actions_and_nothing_else_moves(style):
    old, mine = LOCKED[style], through("vpce-0new", "vpc-0new")
    try:
        new = exempting_endpoint(old, "b", "vpce-0new", vpc="vpc-0new", role=ADMIN)
    except PolicyError as error:
        # A list of who may pass is no network rule.
        assert "look at" in str(error)
        return
    for action in s3_actions():
        for person in (ADMIN, SOMEBODY):
            for network in (mine, *ANYWHERE):
                wanted = (network is mine and action in GROUND_TRUTH_ACTIONS) or passes(old, action, person, network)
                assert passes(new, action, person, network) is wanted, (action, person, network)


def test_an_exemption_is_one_value_more_where_a_list_of_principals_stands():
    old = policy(deny({"StringNotEquals": {"aws:SourceVpce": MINE, "aws:PrincipalArn": ADMIN}}, "s3:PutBucketPolicy"))
    new = exempting_administrators(old, "b", USER)
    wanted = {"StringNotEquals": {"aws:SourceVpce": MINE, "aws:PrincipalArn": [ADMIN, USER]}}
    assert new == policy(deny(wanted, "s3:PutBucketPolicy"))


@pytest.mark.parametrize(
    "free",
    [
        policy(deny(ONLY_MINE, "s3:DeleteObject")),
        policy(deny({"Bool": {"aws:SecureTransport": "false"}})),
        policy(deny({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})),
        policy({**deny(ONLY_MINE), "Effect": "Allow"}),
        policy(deny(ONLY_MINE, Resource="arn:aws:s3:::another")),
    ],
)
def test_whom_no_restriction_stops_needs_no_exemption(free):
    assert exempting_administrators(free, "b", [ADMIN]) == exempting_console_users(free, "b", [USER]) == free
    assert exempting_administrators(free, "b", []) == free


def test_a_deny_for_everybody_is_left_alone_and_the_exemption_proposed():
    old = policy(deny(None, "s3:PutBucketPolicy"), deny(ONLY_MINE))
    with pytest.raises(PolicyError, match="'D' restricts neither networks nor callers") as caught:
        exempting_administrators(old, "b", [ADMIN])
    assert all(passes(caught.value.proposal, action, ADMIN, INTERNET) for action in REPAIR_ACTIONS)
    assert not passes(caught.value.proposal, "s3:GetObject", ADMIN, INTERNET)


def test_a_deny_that_cannot_be_decided_exempts_nobody():
    with pytest.raises(PolicyError, match="cannot be decided"):
        exempting_administrators(policy(deny({"NotIpAdress": {"aws:SourceIp": "198.51.100.0/24"}})), "b", [ADMIN])


@pytest.mark.parametrize("who", ["Admin", "arn:aws:iam::111122223333:role/*", "", "sagemaker.amazonaws.com"])
def test_who_is_not_one_user_or_role_is_refused(who):
    with pytest.raises(PolicyError, match="ARN of a user or role"):
        exempting_administrators(LOCKED["an endpoint"], "b", [who])


@pytest.mark.parametrize("code", [each.code for each in regions()])
def test_an_endpoint_policy_reaches_the_jobs_buckets_and_the_portals(code):
    found = endpoint_policy(["in", "out"], code)
    for bucket, actions in {
        **dict.fromkeys(("in", "out"), GROUND_TRUTH_ACTIONS),
        **dict.fromkeys(region(code).system_buckets, PORTAL_ACTIONS),
    }.items():
        for action in s3_actions():
            resource = resource_for(action, bucket)
            if resource:
                request = AccessRequest(None, action, resource, signed_by(None))
                wanted = "allowed" if action in actions else "implicitDeny"
                assert evaluate(found, request, account=ACCOUNT).decision == wanted, (bucket, action)
    other = AccessRequest(None, "s3:GetObject", "arn:aws:s3:::elsewhere/k", signed_by(None))
    assert evaluate(found, other, account=ACCOUNT).decision == "implicitDeny"


def test_an_endpoint_policy_can_keep_the_jobs_buckets_to_the_execution_role():
    found = endpoint_policy("in", "us-east-1", role=ROLE)
    portal = region("us-east-1").system_buckets[0]
    for who, bucket, wanted in (
        (ROLE, "in", "allowed"),
        (SOMEBODY, "in", "notDenied"),
        (SOMEBODY, portal, "allowed"),
        (None, "in", "implicitDeny"),
    ):
        request = AccessRequest(who, "s3:GetObject", f"arn:aws:s3:::{bucket}/k", signed_by(who))
        assert evaluate(found, request, account=ACCOUNT).decision == wanted, (who, bucket)


def test_an_endpoint_policy_needs_buckets_and_a_region_of_ground_truth():
    with pytest.raises(PolicyError, match="at least one bucket"):
        endpoint_policy([], "us-east-1")
    with pytest.raises(RequestError, match="eu-north-1"):
        endpoint_policy(["b"], "eu-north-1")


def test_a_replacement_keeps_the_allows_and_whom_the_denies_excepted():
    allow = {"Effect": "Allow", "Principal": {"AWS": SOMEBODY}, "Action": "s3:GetObject", "Resource": BOTH[1]}
    excepted = {"aws:SourceVpce": [MINE, ENDPOINT, "vpc-0wrong"], "aws:SourceVpc": "vpc-0mine"}
    callers = {"ArnNotLike": {"aws:PrincipalArn": [CI, f"arn:aws:iam::{ACCOUNT}:role/x*"]}}
    old = policy(allow, deny({"StringNotEquals": excepted, **callers, "StringNotEqualz": {"k": "v"}}))
    new = replacement(old, "b", Perimeter(ground_truth="us-east-1", execution_role=ROLE))
    inside = Perimeter(["vpc-0mine"], [MINE], [CI], "us-east-1", ROLE)
    assert new.document["Statement"][0] == allow
    assert new.document["Statement"][1:] == fresh_bucket_policy("b", inside).document["Statement"]
    assert evaluate(new, ground_truth_request("s3:GetObject", "b", ENDPOINT, ROLE)).decision == "notDenied"
