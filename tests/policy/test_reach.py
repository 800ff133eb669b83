"""What a policy leaves open from outside the perimeter: witnesses that hold, and no false proof."""

from __future__ import annotations

import random

import pytest

from gt_vpc_nb import Perimeter, PolicyError
from gt_vpc_nb.facts import s3_actions
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.origins import resource_for

ACCOUNT = "111122223333"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/Admin"
INSIDE = Perimeter(vpcs=["vpc-0mine"], vpc_endpoints=["vpce-0mine"], ground_truth="us-east-1", administrators=[ADMIN])
BOTH = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]
CLOSED = {"aws:SourceVpce": ["vpce-0mine", "vpce-08408e335ebf95b40"], "aws:SourceVpc": "vpc-0mine"}


def deny(condition, action="s3:*", resource=BOTH):
    statement = {"Sid": "D", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource}
    return Policy.parse({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})


CLOSED_POLICIES = {
    "endpoints and VPC": deny({"StringNotEquals": CLOSED}),
    "with the administrator": deny({"StringNotEquals": {**CLOSED, "aws:PrincipalArn": ADMIN}}),
    "ForAllValues": deny({"ForAllValues:StringNotEquals": CLOSED}),
    "to everybody": deny({}),
}
OPEN_POLICIES = {
    "two actions": deny({"StringNotEquals": CLOSED}, ["s3:GetObject", "s3:PutObject"]),
    "objects only": deny({"StringNotEquals": CLOSED}, resource="arn:aws:s3:::b/*"),
    "one folder": deny({"StringNotEquals": CLOSED}, resource=["arn:aws:s3:::b", "arn:aws:s3:::b/private/*"]),
    "ForAnyValue": deny({"ForAnyValue:StringNotEquals": CLOSED}),
    "another endpoint": deny({"StringNotEquals": {"aws:SourceVpce": ["vpce-0mine", "vpce-0other"]}}),
    "a role from everywhere": deny(
        {"StringNotEquals": {**CLOSED, "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/X"}}
    ),
    "a tag": deny({"StringNotEquals": {**CLOSED, "aws:PrincipalTag/team": "maps"}}),
}


@pytest.mark.parametrize("name", CLOSED_POLICIES)
def test_a_closed_policy_is_proven_closed(name):
    assert CLOSED_POLICIES[name].openings("b", INSIDE) == []


@pytest.mark.parametrize("name", OPEN_POLICIES)
def test_an_open_policy_has_witnesses_that_get_in(name):
    ways = OPEN_POLICIES[name].openings("b", INSIDE)
    assert ways
    for each in ways:
        assert evaluate(OPEN_POLICIES[name], each.witness).decision in ("allowed", "notDenied"), each
        assert each.witness.context.get("aws:SourceVpce") not in ("vpce-0mine", "vpce-08408e335ebf95b40")


@pytest.mark.parametrize("name", CLOSED_POLICIES)
def test_a_proven_policy_survives_random_requests_from_outside(name):
    policy, rng, actions = CLOSED_POLICIES[name], random.Random(7), sorted(s3_actions())
    for _ in range(3000):
        action = rng.choice(actions)
        resource = resource_for(action, "b")
        if resource is None:
            continue
        principal = rng.choice([None, f"arn:aws:iam::{ACCOUNT}:role/X", "arn:aws:iam::999999999999:user/u"])
        context = {"aws:PrincipalArn": principal} if principal else {}
        if rng.random() < 0.5:
            context |= {"aws:SourceVpce": f"vpce-{rng.random()}", "aws:SourceVpc": f"vpc-{rng.random()}"}
        decision = evaluate(policy, AccessRequest(principal, action, resource, context), account=ACCOUNT)
        assert decision.decision in ("explicitDeny", "implicitDeny"), decision.explain()


ALSO_CLOSED = {"StringNotEquals": CLOSED}
#: A second condition beside the closed one is a way past it: what the witness must carry.
RANGES = [
    ({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, "aws:SourceIp", lambda v: int(v.split(".")[0]) < 128),
    ({"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}, "aws:SourceIp", lambda v: v[:3] in "10.2001"),
    (
        {"IpAddress": {"aws:SourceIp": ["0.0.0.0/0", "8000::/1"]}},
        "aws:SourceIp",
        lambda v: not v or ":" in v and v < "8",
    ),
    (
        {"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}},
        "aws:CurrentTime",
        lambda v: v < "2026-01-01T01",
    ),
    ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, "s3:TlsVersion", lambda v: float(v) >= 1.2),
    ({"NumericNotEquals": {"s3:max-keys": ["1", "3"]}}, "s3:max-keys", lambda v: v in ("1", "3")),
    ({"StringNotLike": {"aws:SourceVpce": "vpce-0*"}}, "aws:SourceVpce", lambda v: v.startswith("vpce-0")),
    ({"StringLike": {"aws:userid": ["*a*", "?b*"]}}, "aws:userid", lambda v: "a" not in v and v[1:2] != "b"),
    ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x*"}}, "aws:PrincipalArn", lambda v: ":role/x" in v),
    ({"Bool": {"aws:ViaAWSService": "false"}}, "aws:ViaAWSService", lambda v: v in (None, "true")),
    ({"StringNotEqualsIgnoreCase": {"aws:userid": "AbC"}}, "aws:userid", lambda v: v.lower() == "abc"),
    ({"BinaryEquals": {"s3:x": "QQ=="}}, "s3:x", lambda v: v != "QQ=="),
    ({"Null": {"aws:PrincipalTag/team": "true"}}, "aws:PrincipalTag/team", lambda v: v is not None),
    ({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["a"]}}, "aws:TagKeys", lambda v: v is not None),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}, "aws:TagKeys", lambda v: v != "a"),
]


@pytest.mark.parametrize(("condition", "key", "fits"), RANGES)
def test_a_range_or_pattern_is_taken_apart_exactly(condition, key, fits):
    policy = deny({**ALSO_CLOSED, **condition}) if "StringNotEquals" not in condition else deny(condition)
    ways = policy.openings("b", INSIDE)
    assert ways and all(each.witness for each in ways), ways
    for each in ways:
        assert evaluate(policy, each.witness).decision == "notDenied"
        assert fits(each.witness.context.get(key)), each.witness.context


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ({"StringNotEqualz": {"aws:SourceVpce": "vpce-0mine"}}, "not a condition operator"),
        ({"StringNotEquals": {"aws:userid": "${aws:username}"}}, "policy variable"),
        ({"NumericLessThan": {"s3:max-keys": "ten"}}, "'ten' is not a number"),
        ({"NotIpAddress": {"aws:SourceIp": "everywhere"}}, "is not an IP address"),
    ],
)
def test_what_is_beyond_the_proof_is_never_an_empty_list(condition, why):
    ways = deny(condition).openings("b", INSIDE)
    assert any(each.witness is None and each.why.startswith("undetermined:") and why in each.why for each in ways), ways


def test_a_condition_nobody_can_decide_does_not_matter_behind_a_deny_that_is_certain():
    both = Policy.parse(
        {"Version": "2012-10-17", "Statement": [*deny({}).document["Statement"],
         *deny({"StringNotEquals": {"aws:userid": "${aws:username}"}}).document["Statement"]]}
    )  # fmt: skip
    assert both.openings("b", INSIDE) == []


def test_many_keys_are_harmless():
    keys = {f"aws:RequestTag/{number}": ["a", "b", "c"] for number in range(40)}
    policy = deny({"StringNotEquals": keys})
    ways = policy.openings("b", INSIDE)
    assert ways and all(evaluate(policy, each.witness).decision == "notDenied" for each in ways)


def test_past_the_budget_the_answer_is_undetermined_and_not_slow():
    tags = [f"aws:RequestTag/{number}" for number in range(24)]
    statements = [deny({"StringNotEquals": {tag: "a"}}).document["Statement"][0] for tag in tags]
    statements += deny({"StringEquals": dict.fromkeys(tags, "a")}).document["Statement"]
    ways = Policy.parse({"Version": "2012-10-17", "Statement": statements}).openings("b", INSIDE)
    assert {each.why[:32] for each in ways} == {"undetermined: there are more than"[:32]}
    assert all(each.witness is None for each in ways)


def test_what_everybody_may_do_is_open_to_everybody():
    public = Policy.parse(
        {"Version": "2012-10-17", "Statement": {"Sid": "All", "Effect": "Allow", "Principal": "*",
         "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/public/*"}}
    )  # fmt: skip
    ways = [each for each in public.openings("b", INSIDE) if each.witness.principal is None]
    assert {(each.action, each.statement) for each in ways} == {("s3:GetObject", "All")}
    assert all(each.witness.resource.startswith("arn:aws:s3:::b/public/") for each in ways)


def test_a_service_that_is_let_in_is_an_opening():
    logging = Policy.parse(
        {"Version": "2012-10-17", "Statement": [*deny({"StringNotEquals": CLOSED, "Bool":
         {"aws:PrincipalIsAWSService": "false"}}).document["Statement"], {"Effect": "Allow", "Action": "s3:PutObject",
         "Principal": {"Service": "logging.s3.amazonaws.com"}, "Resource": "arn:aws:s3:::b/*"}]}
    )  # fmt: skip
    ways = logging.openings("b", INSIDE)
    assert {each.witness.principal for each in ways} == {"logging.s3.amazonaws.com"}
    assert {each.action for each in ways} == {"s3:PutObject"}


def test_without_the_buckets_account_any_that_the_policy_names_may_be_its_own():
    policy = deny({"StringNotEquals": {**CLOSED, "aws:PrincipalAccount": "333344445555"}})
    nobody = Perimeter(vpcs=["vpc-0mine"], vpc_endpoints=["vpce-0mine"], ground_truth="us-east-1")
    assert {each.witness.context["aws:PrincipalAccount"] for each in policy.openings("b", nobody)} == {"333344445555"}
    assert policy.openings("b", nobody, account="222233334444") == []


@pytest.mark.parametrize("bucket", ["s3://b", "arn:aws:s3:::b", "b/k", "", None, "b*"])
def test_what_is_no_buckets_name_is_one_sentence(bucket):
    for ask in (lambda: deny({}).openings(bucket, INSIDE), lambda: deny({}).compare(deny({}), bucket)):
        with pytest.raises(PolicyError, match="is not a bucket's name"):
            ask()


def test_what_is_no_perimeter_or_no_policy_is_one_sentence():
    with pytest.raises(PolicyError, match="Perimeter"):
        deny({}).openings("b", None)
    with pytest.raises(PolicyError, match="Policy.parse"):
        deny({}).compare(None, "b")
