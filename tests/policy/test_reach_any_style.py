"""Random policies of every style against random requests: whoever gets in from outside stands in `openings`."""

from __future__ import annotations

import random

import pytest

from gt_vpc_nb import Perimeter
from gt_vpc_nb.facts import s3_actions
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.origins import resource_for, signed_by

OWN, OTHER = "111122223333", "999999999999"
ADMIN, ROLE = f"arn:aws:iam::{OWN}:role/Admin", f"arn:aws:iam::{OWN}:role/team/R"
CI, LOGGING = f"arn:aws:iam::{OWN}:user/ci", "logging.s3.amazonaws.com"
MINE, GROUND_TRUTH = "vpce-0mine", "vpce-08408e335ebf95b40"
INSIDE = Perimeter(["vpc-0mine"], [MINE], ground_truth="us-east-1", administrators=[ADMIN], principals=[CI])
TEXT = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"]
ARN = ["ArnLike", "ArnNotLike", "StringNotLike", "StringNotEquals"]
#: key -> (operators, values of policies, values of requests)
KEYS = {
    "aws:SourceVpce": (TEXT, [MINE, GROUND_TRUTH, "vpce-0f*", "vpce-0for", "vpc-0mine"], ["vpce-0for", "vpce-1"]),
    "aws:SourceVpc": (TEXT, ["vpc-0mine", "vpc-0f?r"], ["vpc-0for", "vpc-1"]),
    "aws:SourceIp": (["IpAddress", "NotIpAddress"], ["203.0.113.0/24", "203.0.113.10", "0.0.0.0/1", "2001:db8::/32"],
                     ["203.0.113.10", "203.0.113.9", "10.3.3.3", "200.1.1.1", "2001:db8::5", "2002::1"]),
    "aws:VpcSourceIp": (["IpAddress", "NotIpAddress"], ["10.0.0.0/8", "10.0.0.10"], ["10.0.0.10", "192.168.0.1"]),
    "aws:PrincipalArn": (ARN, [ADMIN, ROLE, f"arn:aws:iam::{OWN}:role/*", "arn:aws:iam::*:role/team/*", "*Admin*"], []),
    "aws:PrincipalAccount": (TEXT[:2], [OWN, OTHER], []),
    "aws:PrincipalTag/t": (TEXT, ["a", "A", "b*"], ["a", "A", "b", "z"]),
    "aws:TagKeys": (TEXT, ["a", "b", "c*"], ["a", "b", "cc", "z"]),
    "s3:max-keys": (["NumericLessThan", "NumericEquals", "NumericNotEquals"], ["1", "10", "5.5"], ["0", "1", "9"]),
    "aws:CurrentTime": (["DateLessThan", "DateGreaterThan"], ["2026-01-01T00:00:00Z"], ["2025-06-01", "2026-06-01"]),
    "aws:SecureTransport": (["Bool"], ["true", "false"], ["true", "false"]),
    "aws:ViaAWSService": (["Bool"], ["true", "false"], ["true", "false"]),
}  # fmt: skip
PEOPLE = [None, ROLE, f"arn:aws:iam::{OWN}:role/Adminx", f"arn:aws:iam::{OWN}:user/u", f"arn:aws:iam::{OTHER}:role/o",
          f"arn:aws:iam::{OTHER}:role/team/q", f"arn:aws:sts::{OWN}:assumed-role/x/s", LOGGING]  # fmt: skip
ACTIONS = [each for each in s3_actions() if resource_for(each, "b")]


def a_condition(chance):
    key = chance.choice([*list(KEYS)[:5] * 3, *KEYS])
    operators, values, _ = KEYS[key]
    shape = chance.random()
    if shape < 0.1:
        return "Null", key, [chance.choice(["true", "false"])]
    prefix = chance.choice(["ForAllValues:", "ForAnyValue:"]) if shape < 0.25 else ""
    suffix = "IfExists" if 0.25 < shape < 0.4 else ""
    return f"{prefix}{chance.choice(operators)}{suffix}", key, chance.sample(values, chance.randint(1, len(values)))


def a_statement(chance):
    conditions = {}
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        operator, key, values = a_condition(chance)
        conditions.setdefault(operator, {}).setdefault(key, values)
    effect = chance.choice(["Deny"] * 4 + ["Allow"])
    statement = {"Effect": effect, **({"Condition": conditions} if conditions else {})}
    if effect == "Deny" and chance.random() < 0.15:
        statement["NotPrincipal"] = {"AWS": [ROLE, OWN]}
    else:
        statement["Principal"] = chance.choice(["*", "*", "*", {"AWS": ROLE}, {"AWS": OTHER}, {"Service": LOGGING}])
    actions = [("Action", "s3:*"), ("Action", "s3:*"), ("Action", ["s3:Get*"]), ("NotAction", ["s3:Put*", "s3:List*"])]
    resources = [("Resource", ["arn:aws:s3:::b", "arn:aws:s3:::b/*"])] * 3
    resources += [
        ("Resource", "arn:aws:s3:::b*"),
        ("Resource", "arn:aws:s3:::b/*.png"),
        ("NotResource", "arn:aws:s3:::b"),
    ]
    return {**statement, **dict([chance.choice(actions), chance.choice(resources)])}


def a_policy(chance):
    statements = [a_statement(chance) for _ in range(chance.randint(1, 4))]
    return Policy.parse({"Version": "2012-10-17", "Statement": statements})


def a_request(chance):
    """Somebody from outside the perimeter, with the keys that such a request carries."""
    principal, action = chance.choice(PEOPLE), chance.choice(["s3:GetObject", "s3:ListBucket", chance.choice(ACTIONS)])
    resource = resource_for(action, "b").replace("any-object", chance.choice(["any-object", "x.png", "a/b"]))
    context = signed_by(principal)
    network = chance.choice([("aws:SourceIp",), ("aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp")])
    context |= {key: chance.choice(KEYS[key][2]) for key in (*network, "aws:CurrentTime", "aws:SecureTransport")}
    if principal and principal != LOGGING and chance.random() < 0.5:
        context["aws:PrincipalTag/t"] = chance.choice(KEYS["aws:PrincipalTag/t"][2])
    for key in ("s3:max-keys", "aws:ViaAWSService"):
        if chance.random() < 0.5:
            context[key] = chance.choice(KEYS[key][2])
    if chance.random() < 0.5:
        context["aws:TagKeys"] = tuple(chance.sample(KEYS["aws:TagKeys"][2], chance.randint(0, 3)))
    return AccessRequest(principal, action, resource, context)


def verdict(policy, request):
    return evaluate(policy, request, account=OWN).decision


def kind(policy, request):
    """What `openings` tells apart: which statements mean the action and the resource, and the kind of network."""
    anybody = AccessRequest(None, request.action, request.resource)
    meant = tuple(policy.compiled.meets(index, anybody)[:2] for index in range(len(policy.statements)))
    return meant, "aws:SourceVpce" in request.context


@pytest.mark.parametrize("seed", range(8))
def test_whoever_gets_in_from_outside_stands_in_openings(seed):
    chance = random.Random(seed)
    for _ in range(60):
        policy = a_policy(chance)
        ways = policy.openings("b", INSIDE)
        for way in (each for each in ways if each.witness):
            assert verdict(policy, way.witness) in ("allowed", "notDenied"), way
            assert way.witness.context.get("aws:SourceVpce") not in (MINE, GROUND_TRUTH)
            assert way.witness.principal not in (ADMIN, CI)
        known = {kind(policy, way.witness) for way in ways if way.witness}
        if any(way.witness is None for way in ways):
            continue
        for request in (a_request(chance) for _ in range(60)):
            if verdict(policy, request) in ("allowed", "notDenied"):
                assert kind(policy, request) in known, (policy.to_json(), request)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_change_opens_or_closes_for_anybody_stands_in_the_comparison(seed):
    chance = random.Random(seed)
    for _ in range(60):
        old, new = a_policy(chance), a_policy(chance)
        change = old.compare(new, "b", account=OWN)
        for request in (a_request(chance) for _ in range(60)):
            before, after = verdict(old, request), verdict(new, request)
            if "undetermined" in (before, after):
                continue
            gains, loses = (each in ("allowed", "notDenied") for each in (after, before))
            assert change.opened or not gains or loses, (old.to_json(), new.to_json(), request)
            assert change.closed or not loses or gains, (old.to_json(), new.to_json(), request)
