"""Policies that only limit: endpoint policies, boundaries, session policies, SCPs, RCPs, Block Public Access."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.public_access import FIXING_KEYS, is_public

ACCOUNT, OTHER = "111122223333", "999999999999"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/R"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/R/me"
USER = f"arn:aws:iam::{ACCOUNT}:user/u"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/L"
STRANGER = f"arn:aws:iam::{OTHER}:role/S"
SERVICE = "logging.s3.amazonaws.com"


def bucket(effect="Allow", principal="*", **more):
    statement = {"Sid": "B", "Effect": effect, "Principal": principal, "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}
    given = {key: value for key, value in {**statement, **more}.items() if value is not None}
    return Policy.parse({"Version": "2012-10-17", "Statement": given})


def identity(effect="Allow", action="s3:*", **more):
    statement = {"Sid": "I", "Effect": effect, "Action": action, "Resource": "*", **more}
    return Policy.parse({"Version": "2012-10-17", "Statement": statement}, kind="identity")


YES, NO, DENY = identity(), identity(action="s3:PutObject"), identity("Deny")
UNSURE = identity(Condition={"NumericEquals": {"aws:x": "many"}})
DIRECT, BY_ROLE, BY_ACCOUNT = bucket(), bucket(principal={"AWS": ROLE}), bucket(principal={"AWS": ACCOUNT})
EVERYTHING = bucket()


def decided(policy, principal, **given):
    request = AccessRequest(principal, "s3:GetObject", "arn:aws:s3:::b/k", {"aws:x": "1"})
    decision = evaluate(policy, request, account=ACCOUNT, **given)
    assert decision.reasons and all(each.endswith(".") for each in decision.reasons), decision
    return decision.decision


@pytest.mark.parametrize(
    ("policy", "principal", "given", "verdict"),
    [
        (None, ROLE, {"permissions_boundary": YES}, "notDenied"),
        (None, ROLE, {"permissions_boundary": NO}, "implicitDeny"),
        (None, ROLE, {"permissions_boundary": DENY}, "explicitDeny"),
        (None, ROLE, {"identity_policies": [YES], "permissions_boundary": YES}, "allowed"),
        (None, ROLE, {"identity_policies": [YES], "permissions_boundary": NO}, "implicitDeny"),
        (None, ROLE, {"identity_policies": [YES], "permissions_boundary": UNSURE}, "undetermined"),
        (None, ROLE, {"identity_policies": [UNSURE]}, "undetermined"),
        (None, ROLE, {"identity_policies": [UNSURE], "permissions_boundary": NO}, "implicitDeny"),
        # A bucket policy that names the role is limited by a boundary; one that names the session or everybody is not.
        (BY_ROLE, SESSION, {"permissions_boundary": NO}, "implicitDeny"),
        (BY_ROLE, SESSION, {"permissions_boundary": YES}, "allowed"),
        (BY_ROLE, SESSION, {"session_policies": [NO]}, "implicitDeny"),
        (bucket(principal={"AWS": SESSION}), SESSION, {"permissions_boundary": NO}, "allowed"),
        (bucket(principal={"AWS": USER}), USER, {"permissions_boundary": NO}, "allowed"),
        (DIRECT, SESSION, {"permissions_boundary": NO}, "allowed"),
        (BY_ACCOUNT, USER, {"identity_policies": []}, "implicitDeny"),
        (BY_ACCOUNT, USER, {"identity_policies": [YES]}, "allowed"),
        (None, ROLE, {"identity_policies": [YES], "session_policies": []}, "implicitDeny"),
        (None, ROLE, {"identity_policies": [YES], "session_policies": [NO, YES]}, "allowed"),
        (DIRECT, STRANGER, {"identity_policies": [YES], "permissions_boundary": NO}, "implicitDeny"),
        (DIRECT, STRANGER, {"identity_policies": [YES], "permissions_boundary": YES}, "allowed"),
        (DIRECT, STRANGER, {"identity_policies": [UNSURE]}, "undetermined"),
        # With a boundary, NotPrincipal in a Deny exempts nobody.
        (bucket("Deny", NotPrincipal={"AWS": [USER, ACCOUNT]}, principal=None), USER, {}, "notDenied"),
        (bucket("Deny", NotPrincipal={"AWS": [USER, ACCOUNT]}, principal=None), USER,
         {"permissions_boundary": YES}, "explicitDeny"),
        (DIRECT, ROLE, {"service_control_policies": [YES]}, "allowed"),
        (DIRECT, ROLE, {"service_control_policies": [YES, NO]}, "implicitDeny"),
        (DIRECT, ROLE, {"service_control_policies": [[NO, YES]]}, "allowed"),
        (DIRECT, ROLE, {"service_control_policies": [[YES, DENY]]}, "explicitDeny"),
        (DIRECT, ROOT, {"service_control_policies": [NO]}, "implicitDeny"),
        (DIRECT, LINKED, {"service_control_policies": [NO]}, "allowed"),
        (DIRECT, None, {"service_control_policies": [NO]}, "allowed"),
        (DIRECT, SERVICE, {"service_control_policies": [DENY]}, "allowed"),
        (DIRECT, ROLE, {"service_control_policies": [UNSURE]}, "undetermined"),
        (DIRECT, None, {"resource_control_policies": [bucket("Deny")]}, "explicitDeny"),
        (DIRECT, STRANGER, {"resource_control_policies": [EVERYTHING, bucket("Deny")]}, "explicitDeny"),
        (DIRECT, ROLE, {"resource_control_policies": [EVERYTHING]}, "allowed"),
        (DIRECT, LINKED, {"resource_control_policies": [bucket("Deny")]}, "allowed"),
        (DIRECT, ROLE, {"endpoint_policy": bucket(principal={"AWS": USER})}, "implicitDeny"),
        (DIRECT, ROLE, {"endpoint_policy": EVERYTHING}, "allowed"),
        (DIRECT, None, {"endpoint_policy": bucket("Deny")}, "explicitDeny"),
        (DIRECT, None, {"restrict_public_buckets": True}, "implicitDeny"),
        (DIRECT, STRANGER, {"restrict_public_buckets": True}, "implicitDeny"),
        (DIRECT, ROLE, {"restrict_public_buckets": True}, "allowed"),
        (DIRECT, SERVICE, {"restrict_public_buckets": True}, "allowed"),
        (bucket(principal={"AWS": OTHER}), STRANGER, {"restrict_public_buckets": True}, "notDenied"),
    ],
)  # fmt: skip
def test_a_limit_is_decided_as_documented(policy, principal, given, verdict):
    assert decided(policy, principal, **given) == verdict


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({}, "allowed"),
        ({"service_control_policies": [NO]}, "implicitDeny"),
        ({"service_control_policies": [[YES], [DENY]]}, "explicitDeny"),
        ({"endpoint_policy": Policy.parse(bucket("Deny", Resource="*").document)}, "explicitDeny"),
        ({"identity_policies": [], "service_control_policies": [YES]}, "allowed"),
    ],
)
def test_the_owners_root_repairs_its_policy_unless_an_endpoint_or_organization_stops_it(given, verdict):
    shut = bucket("Deny", Resource=["arn:aws:s3:::b", "arn:aws:s3:::b/*"])
    request = AccessRequest(ROOT, "s3:PutBucketPolicy", "arn:aws:s3:::b")
    assert evaluate(shut, request, account=ACCOUNT, **given).decision == verdict


def test_a_matched_statement_says_which_kind_of_policy_it_stands_in():
    request = AccessRequest(ROLE, "s3:GetObject", "arn:aws:s3:::b/k")
    decision = evaluate(DIRECT, request, account=ACCOUNT, service_control_policies=[[YES, DENY]])
    assert decision.matched_statements == ("I",) and "service control policy" in decision.reasons[0]


@pytest.mark.parametrize(
    ("policy", "principal", "action", "words"),
    [
        (bucket(Condition={"StringEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}), None, "s3:GetObject",
         "'B' would match if aws:SourceVpce satisfied StringEquals 'vpce-1', 'vpce-2'"),
        (bucket(Condition={"Null": {"aws:SourceVpce": "false"}}), None, "s3:GetObject", "aws:SourceVpce were present"),
        (bucket(Action="s3:PutObject"), None, "s3:GetObject", "it named s3:GetObject"),
        (bucket(Resource="arn:aws:s3:::b"), None, "s3:GetObject", "it named arn:aws:s3:::b/k"),
        (BY_ROLE, None, "s3:GetObject", "it named everybody"),
        (bucket("Deny", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1", "aws:SourceVpc": "vpc-1"}}), ROLE,
         "s3:GetObject", "would not match if aws:SourceVpce satisfied StringEquals 'vpce-1' or if aws:SourceVpc"),
        (bucket("Deny", Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), ROLE, "s3:GetObject",
         "would not match if aws:SourceIp satisfied IpAddress '203.0.113.0/24'"),
    ],
)  # fmt: skip
def test_a_near_miss_says_what_would_have_had_to_differ(policy, principal, action, words):
    decision = evaluate(policy, AccessRequest(principal, action, "arn:aws:s3:::b/k"), account=ACCOUNT)
    assert len(decision.near_misses) == 1 and words in decision.near_misses[0]
    assert decision.near_misses[0] in decision.explain()


def test_two_things_that_differ_are_no_near_miss():
    far = bucket(Action="s3:PutObject", Resource="arn:aws:s3:::b")
    assert evaluate(far, AccessRequest(None, "s3:GetObject", "arn:aws:s3:::b/k")).near_misses == ()


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        (None, True),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"StringLike": {"aws:SourceVpce": "vpce-*"}}, True),
        ({"StringLike": {"aws:PrincipalArn": ROLE}}, False),
        ({"ForAnyValue:StringEquals": {"aws:PrincipalOrgPaths": "o-1/r-1/"}}, False),
        ({"ForAllValues:StringEquals": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"StringEquals": {"aws:UserAgent": "me"}}, True),
        ({"StringEquals": {"aws:SourceVpc": "${aws:username}"}}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, True),
        ({"IpAddress": {"aws:SourceIp": "11.0.0.0/8"}}, False),
        ({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/31"]}}, True),
        ({"IpAddress": {"aws:SourceIp": "somewhere"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
    ],
)
def test_a_policy_is_public_where_no_fixed_value_holds_it(condition, public):
    policy = bucket(**({"Condition": condition} if condition else {}))
    assert is_public(policy) is public
    assert is_public(bucket(principal={"AWS": ROLE}, **({"Condition": condition} if condition else {}))) is False
    assert is_public(bucket("Deny", **({"Condition": condition} if condition else {}))) is False


@given(st.sampled_from(sorted(FIXING_KEYS)), st.sampled_from(["vpce-1", "o-1", ROLE, ACCOUNT]))
def test_any_key_that_fixes_a_caller_is_enough_in_any_case(key, value):
    assert not is_public(bucket(Condition={"stringequals": {key.upper(): value}}))
