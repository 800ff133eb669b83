from __future__ import annotations

import json

import pytest

from gt_vpc_nb import PolicyError
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate

ACCOUNT, OTHER = "111122223333", "999999999999"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/path/R"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/R/me"
USER = f"arn:aws:iam::{ACCOUNT}:user/u"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
STRANGER = f"arn:aws:iam::{OTHER}:role/S"
KEY = "arn:aws:s3:::b/k"


def policy(effect="Allow", principal="*", action="s3:GetObject", resource="arn:aws:s3:::b/*", **more):
    statement = {"Sid": "S", "Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **more}
    return Policy.parse({"Version": "2012-10-17", "Statement": [{k: v for k, v in statement.items() if v is not None}]})


def identity(effect="Allow", action="s3:*"):
    statement = {"Effect": effect, "Action": action, "Resource": "*"}
    return Policy.parse({"Version": "2012-10-17", "Statement": statement}, kind="identity")


@pytest.mark.parametrize(
    ("bucket", "principal", "identities", "verdict"),
    [
        (None, ROLE, None, "notDenied"),
        (None, ROLE, (), "implicitDeny"),
        (None, ROLE, (identity(),), "allowed"),
        (None, ROLE, (identity(action="s3:PutObject"),), "implicitDeny"),
        (None, None, None, "implicitDeny"),
        (None, STRANGER, (identity(),), "implicitDeny"),
        (None, ROOT, None, "allowed"),
        (policy(), None, None, "allowed"),
        (policy(), ROLE, None, "allowed"),
        (policy(), STRANGER, None, "notDenied"),
        (policy(), STRANGER, (identity(),), "allowed"),
        (policy(), STRANGER, (), "implicitDeny"),
        (policy(principal={"AWS": ROLE}), SESSION, None, "allowed"),
        (policy(principal={"AWS": ROLE}), USER, None, "notDenied"),
        (policy(principal={"AWS": ROLE}), None, None, "implicitDeny"),
        (policy(principal={"AWS": SESSION}), SESSION, (), "allowed"),
        (policy(principal={"AWS": ACCOUNT}), ROLE, None, "notDenied"),
        (policy(principal={"AWS": ACCOUNT}), ROLE, (), "implicitDeny"),
        (policy(principal={"AWS": ROOT}), ROLE, (identity(),), "allowed"),
        (policy(principal={"AWS": OTHER}), STRANGER, (identity(),), "allowed"),
        (policy(principal={"AWS": [STRANGER, USER]}), USER, (), "allowed"),
        (policy(principal={"Service": "sagemaker.amazonaws.com"}), "sagemaker.amazonaws.com", None, "allowed"),
        (policy(principal={"Service": "logs.amazonaws.com"}), "sagemaker.amazonaws.com", None, "implicitDeny"),
        (policy("Deny"), ROLE, (identity(),), "explicitDeny"),
        (policy("Deny"), None, None, "explicitDeny"),
        (policy("Deny", principal={"AWS": USER}), ROLE, (identity(),), "allowed"),
        (policy(), ROLE, (identity("Deny"),), "explicitDeny"),
        (policy("Deny", resource="arn:aws:s3:::b"), ROLE, (), "implicitDeny"),
        (policy("Deny", action="S3:getobject"), ROLE, (), "explicitDeny"),
        (policy("Deny", action="s3:Get*"), ROLE, (), "explicitDeny"),
        (policy("Deny", action=None, NotAction="s3:PutObject"), ROLE, (), "explicitDeny"),
        (policy("Deny", action=None, NotAction="s3:Get?bject"), ROLE, (), "implicitDeny"),
        (policy("Deny", resource=None, NotResource="arn:aws:s3:::b/other"), ROLE, (), "explicitDeny"),
        (policy("Deny", resource=None, NotResource="arn:aws:s3:::b/*"), ROLE, (), "implicitDeny"),
        (policy("Deny", principal=None, NotPrincipal={"AWS": [ROLE, SESSION, ROOT]}), SESSION, (), "implicitDeny"),
        (policy("Deny", principal=None, NotPrincipal={"AWS": [ROLE, SESSION, ROOT]}), USER, (), "explicitDeny"),
        (policy("Deny", principal=None, NotPrincipal={"AWS": ROLE}), SESSION, (), "undetermined"),
        (policy("Deny", principal=None, NotPrincipal={"AWS": ROLE}), STRANGER, (), "explicitDeny"),
        (policy("Deny", Condition={"StringEqualz": {"aws:x": "y"}}), ROLE, (), "undetermined"),
        (policy("Deny", Condition={"NumericEquals": {"aws:x": "y"}}), ROLE, (), "implicitDeny"),
    ],
)
def test_a_request_is_decided_as_documented(bucket, principal, identities, verdict):
    request = AccessRequest(principal, "s3:GetObject", KEY)
    decision = evaluate(bucket, request, identity_policies=identities, account=ACCOUNT)
    assert decision.decision == verdict, decision.explain()
    assert decision.reasons and all(reason.endswith(".") for reason in decision.reasons)


@pytest.mark.parametrize("action", ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"])
def test_the_owners_root_can_always_repair_its_policy(action):
    request = AccessRequest(ROOT, action, "arn:aws:s3:::b")
    shut = policy("Deny", action="s3:*", resource=["arn:aws:s3:::b", "arn:aws:s3:::b/*"])
    assert evaluate(shut, request, account=ACCOUNT).decision == "allowed"
    assert evaluate(shut, request, account=OTHER).decision == "explicitDeny"


def test_an_undecided_deny_does_not_hide_a_deny_that_matches():
    both = Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [
                policy("Deny", Condition={"StringEqualz": {"aws:x": "y"}}).document["Statement"][0],
                {**policy("Deny").document["Statement"][0], "Sid": "Sure"},
            ],
        }
    )
    decision = evaluate(both, AccessRequest(ROLE, "s3:GetObject", KEY), account=ACCOUNT)
    assert (decision.decision, decision.matched_statements) == ("explicitDeny", ("Sure",))


def test_an_undecided_allow_does_not_matter_where_another_allows():
    both = Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [
                policy(Condition={"DateEquals": {"aws:x": "never"}}).document["Statement"][0],
                policy().document["Statement"][0],
            ],
        }
    )
    request = AccessRequest(ROLE, "s3:GetObject", KEY, {"aws:x": "2026-01-01"})
    assert evaluate(both, request, account=ACCOUNT).decision == "allowed"


def test_a_deny_says_which_key_and_value_decided():
    shut = policy("Deny", Condition={"StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}})
    context = {"AWS:sourcevpce": "vpce-9"}
    decision = evaluate(shut, AccessRequest(ROLE, "s3:GetObject", KEY, context), account=ACCOUNT)
    assert "'S'" in decision.reasons[0] and "'vpce-9'" in decision.reasons[0] and "'vpce-1'" in decision.reasons[0]
    assert decision.missing_context_keys == ()
    bare = evaluate(shut, AccessRequest(ROLE, "s3:GetObject", KEY), account=ACCOUNT)
    assert bare.missing_context_keys == ("aws:SourceVpce",) and "is missing" in bare.explain()


def test_a_resource_with_a_variable_that_has_no_value_matches_nothing():
    home = policy("Deny", resource="arn:aws:s3:::b/${aws:username}")
    assert evaluate(home, AccessRequest(USER, "s3:GetObject", KEY), account=ACCOUNT).decision == "notDenied"
    context = {"aws:username": "k"}
    assert evaluate(home, AccessRequest(USER, "s3:GetObject", KEY, context), account=ACCOUNT).decision == "explicitDeny"


@pytest.mark.parametrize(
    ("action", "context", "sentence"),
    [
        ("GetObject", {}, "names no service"),
        ("s3:GetObject", {"aws:SourceVpce": None}, "leave a key out"),
    ],
)
def test_a_request_that_says_too_little_is_one_sentence(action, context, sentence):
    with pytest.raises(PolicyError, match=sentence):
        AccessRequest(ROLE, action, KEY, context)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ((policy(), None), "AccessRequest"),
        ((policy(), {"action": "s3:GetObject"}), "not dict"),
        (({"Statement": []}, AccessRequest(ROLE, "s3:GetObject", KEY)), "Policy.parse"),
    ],
)
def test_what_is_no_policy_or_no_request_is_one_sentence(given, sentence):
    for more in ({}, {"identity_policies": []}):
        with pytest.raises(PolicyError, match=sentence):
            evaluate(*given, **more)


def test_one_identity_policy_may_be_given_alone():
    request = AccessRequest(ROLE, "s3:GetObject", KEY)
    assert evaluate(None, request, identity_policies=identity(), account=ACCOUNT).decision == "allowed"


@pytest.mark.parametrize("context", [["aws:SourceVpce"], "aws:SourceVpce"])
def test_a_context_that_is_no_mapping_is_one_sentence(context):
    with pytest.raises(PolicyError, match="mapping"):
        AccessRequest(ROLE, "s3:GetObject", KEY, context)


@pytest.mark.parametrize("form", [dict, json.dumps, lambda each: Policy.parse(each, kind="identity")])
def test_identity_policies_may_be_documents_as_they_are_at_hand(form):
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}
    request = AccessRequest("arn:aws:iam::111122223333:role/R", "s3:GetObject", "arn:aws:s3:::b/k")
    for given in ([form(document)], form(document), (form(document),)):
        assert evaluate(None, request, identity_policies=given, account="111122223333").decision == "allowed"
    with pytest.raises(PolicyError, match="Principal"):
        named = document | {"Statement": document["Statement"] | {"Principal": "*"}}
        evaluate(None, request, identity_policies=[named], account="111122223333")
    with pytest.raises(PolicyError, match="JSON text or a dict, not int"):
        evaluate(None, request, identity_policies=[5], account="111122223333")
