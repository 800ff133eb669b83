"""Requests that hide between classes: each gets in by `evaluate`, so no proof may call its policy closed."""

from __future__ import annotations

import pytest

from gt_vpc_nb import Perimeter
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/R"
INSIDE = Perimeter(vpcs=["vpc-0mine"], vpc_endpoints=["vpce-0mine"])


def statement(effect, condition=None, **elements):
    partition = elements.pop("partition", "aws")
    resource = {"Resource": [f"arn:{partition}:s3:::b", f"arn:{partition}:s3:::b/*"]}
    resource = resource if "NotResource" not in elements else {}
    more = {"Condition": condition} if condition else {}
    return {"Effect": effect, "Principal": "*", "Action": "s3:*", **resource, **elements, **more}


def deny(condition=None, **elements):
    return statement("Deny", condition, **elements)


def allow(condition=None, **elements):
    return statement("Allow", condition, **elements)


def by(arn):
    return arn, {"aws:PrincipalArn": arn, "aws:PrincipalAccount": arn.split(":")[4]}


SIGNED_ONLY = deny({"Null": {"aws:PrincipalArn": "false"}})
TAGS = tuple(f"t{number}" for number in range(12))
ENDLESS = "1" + "0" * 30
HIDDEN = {
    "twelve values at once": (
        [deny({"ForAllValues:StringNotEquals": {"aws:TagKeys": each}}) for each in TAGS],
        (ROLE, {"aws:TagKeys": TAGS}),
    ),
    "two values that one statement asks for": (
        [
            SIGNED_ONLY,
            allow({"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}, "ForAnyValue:StringLike": {"aws:TagKeys": "b*"}}),
        ],
        (None, {"aws:TagKeys": ("a", "bb")}),
    ),
    "a variable with a default": (
        [
            deny({"StringNotEquals": {"s3:prefix": "${aws:username, 'none'}"}}),
            deny({"StringEquals": {"s3:prefix": "none"}}),
        ],
        (ROLE, {"s3:prefix": "al", "aws:username": "al"}),
    ),
    "a variable with a default in a resource": (
        [
            deny(NotResource="arn:aws:s3:::b/${aws:PrincipalTag/t, 'none'}/*"),
            deny(Resource="arn:aws:s3:::b/none/*"),
        ],
        (ROLE, {"aws:PrincipalTag/t": "k"}),
    ),
    "empty text, which quantifiers read as no value": (
        [
            deny({"ForAnyValue:StringNotEquals": {"x:k": "x"}}),
            deny({"StringNotLike": {"x:k": "*"}}),
            deny({"StringEquals": {"x:k": "x"}}),
        ],
        (ROLE, {"x:k": ""}),
    ),
    "a number of 31 digits": (
        [deny({"NumericLessThanEquals": {"s3:max-keys": ENDLESS}}), deny({"Null": {"s3:max-keys": "true"}})],
        (ROLE, {"s3:max-keys": ENDLESS[:-1] + "1"}),
    ),
    "an anonymous caller's user id": (
        [SIGNED_ONLY, deny({"StringNotEquals": {"aws:userid": "anonymous"}}), allow()],
        (None, {"aws:userid": "anonymous"}),
    ),
    "a federated user": (
        [deny({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:sts::{ACCOUNT}:federated-user/*"}})],
        by(f"arn:aws:sts::{ACCOUNT}:federated-user/bob"),
    ),
    "the root of another account": (
        [deny({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}), allow()],
        by("arn:aws:iam::999999999999:root"),
    ),
    "a part of an account in an ARN": (
        [deny({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::1234*:role/*"}}), allow()],
        by("arn:aws:iam::123400000000:role/a"),
    ),
    "a part of an account": (
        [deny({"StringNotLike": {"aws:PrincipalAccount": "5?*5"}}), allow()],
        by("arn:aws:iam::555500000005:role/a"),
    ),
    "a role in China": (
        [deny({"ArnNotLike": {"aws:PrincipalArn": f"arn:aws-cn:iam::{ACCOUNT}:role/*"}}, partition="aws-cn")],
        by(f"arn:aws-cn:iam::{ACCOUNT}:role/a"),
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_no_policy_is_proven_closed_that_lets_a_hidden_request_in(name):
    statements, (principal, context) = HIDDEN[name]
    policy = Policy.parse({"Version": "2012-10-17", "Statement": statements})
    key = "s3:prefix" in context or "s3:max-keys" in context
    partition = principal.split(":")[1] if principal else "aws"
    resource = f"arn:{partition}:s3:::b" if key else f"arn:{partition}:s3:::b/k/x"
    asked = AccessRequest(principal, "s3:ListBucket" if key else "s3:GetObject", resource, context)
    assert evaluate(policy, asked, account=ACCOUNT).decision in ("allowed", "notDenied")
    assert policy.openings("b", INSIDE, ACCOUNT)


def test_comparing_policies_of_another_partition_sees_what_opens():
    def closed_but_for(*endpoints):
        condition = {"StringNotEquals": {"aws:SourceVpce": list(endpoints)}}
        return Policy.parse({"Version": "2012-10-17", "Statement": deny(condition, partition="aws-cn")})

    assert closed_but_for("vpce-0mine").compare(closed_but_for("vpce-0mine", "vpce-0b"), "b").opened


@pytest.mark.parametrize("number", ["1e99999999", "1e999999999999", "-1e-99999999"])
def test_a_number_beyond_reading_is_undetermined_and_not_expanded(number):
    policy = Policy.parse({"Version": "2012-10-17", "Statement": deny({"NumericLessThan": {"s3:max-keys": number}})})
    assert policy.openings("b", INSIDE, ACCOUNT)
