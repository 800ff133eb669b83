"""Any JSON raises nothing but PolicyError; what can be read can be decided, proven and compared."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_vpc_nb import Perimeter, PolicyError
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.operators import NAMES

ROLE = "arn:aws:iam::111122223333:role/R"
INSIDE = Perimeter(vpcs=["vpc-0mine"], vpc_endpoints=["vpce-0mine"], ground_truth="us-east-1", execution_role=ROLE)
texts = st.text(max_size=12) | st.sampled_from(
    ["*", "s3:*", "s3:Get*", "arn:aws:s3:::b", "arn:aws:s3:::b/*", ROLE, "${aws:username}", "${*}", "vpce-0mine", "10",
     "10.0.0.0/8", "::1", "true", "2026-01-01", "arn:*:s3:::*/${aws:PrincipalTag/x, 'd'}", "a*b?c", "QQ==", "\ue010"]
)  # fmt: skip
scalars = texts | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)
anything = st.recursive(
    st.none() | scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)
keys = st.sampled_from(
    ["aws:SourceVpce", "aws:sourcevpc", "aws:SourceIp", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:TagKeys",
     "aws:CurrentTime", "aws:SecureTransport", "s3:max-keys", "custom:key"]
)  # fmt: skip
names = st.sampled_from([*NAMES, *(f"ForAllValues:{each}" for each in NAMES), *(f"{each}IfExists" for each in NAMES)])
one_or_many = texts | st.lists(texts, min_size=1, max_size=3)
readable = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"])},
    optional={
        "Sid": texts,
        "Principal": st.just("*") | st.fixed_dictionaries({"AWS": one_or_many}),
        "NotPrincipal": st.fixed_dictionaries({"AWS": one_or_many}),
        "Action": st.sampled_from(["*", "s3:*", "s3:Get*", "s3:ListBucket", ["s3:PutObject", "s3:x"]]),
        "NotAction": st.just("s3:GetObject"),
        "Resource": one_or_many,
        "NotResource": one_or_many,
        "Condition": st.dictionaries(names, st.dictionaries(keys, scalars | st.lists(scalars, max_size=3), max_size=2)),
    },
)


@settings(max_examples=300, deadline=None)
@given(anything | st.dictionaries(st.sampled_from(["Version", "Statement", "Id"]), anything | readable))
def test_any_json_is_a_policy_or_a_policy_error(document):
    for source in (document, json.dumps(document)):
        try:
            Policy.parse(source)
        except PolicyError as problem:
            assert str(problem).strip()


@settings(max_examples=300, deadline=None)
@given(st.lists(readable, min_size=1, max_size=3), st.sampled_from(["2012-10-17", "2008-10-17", None]))
def test_what_can_be_read_can_be_decided_proven_and_compared(statements, version):
    document = {"Statement": statements, **({"Version": version} if version else {})}
    try:
        policy = Policy.parse(document)
    except PolicyError:
        return
    context = {"aws:SourceVpce": "vpce-0mine", "aws:TagKeys": ("a", "b"), "aws:SourceIp": "not an address"}
    for principal in (None, ROLE, "x.amazonaws.com", "anything"):
        decision = evaluate(policy, AccessRequest(principal, "s3:GetObject", "arn:aws:s3:::b/k", context))
        assert decision.reasons and decision.explain()
    for each in policy.openings("b", INSIDE):
        if each.witness is None:
            assert each.why.startswith("undetermined:")
        else:
            assert evaluate(policy, each.witness, account="111122223333").decision in ("allowed", "notDenied")
    policy.compare(Policy.parse({**document, "Id": "other"}), "b")


@pytest.mark.parametrize("size", [1, 1_000])
def test_a_huge_policy_is_answered_all_the_same(size):
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
    }
    endpoints = [f"vpce-{number:017x}" for number in range(size)]
    policy = Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": {**statement, "Condition": {"StringNotEquals": {"aws:SourceVpce": endpoints}}},
        }
    )
    ways = policy.openings("b", INSIDE)
    assert ways and len(ways) < 10 and all(each.witness for each in ways)
    assert len(str(ways[0])) < 1_000
