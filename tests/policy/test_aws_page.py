"""The bucket policies of AWS's page, mended until they parse, decide seven requests as tabulated."""

from __future__ import annotations

import pytest

from gt_vpc_nb.policy import AccessRequest, Policy, evaluate

ACCOUNT = "111122223333"
X = f"arn:aws:iam::{ACCOUNT}:role/X"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
MINE, ANOTHER, GROUND_TRUTH = "vpce-0mine", "vpce-0another", "vpce-08408e335ebf95b40"
VPC, FOREIGN = "vpc-0mine", "vpc-0foreign"


def deny(*blocks):
    statements = [
        {
            "Sid": f"Deny{number}",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": block,
        }
        for number, block in enumerate(blocks)
    ]
    return Policy.parse({"Version": "2012-10-17", "Statement": statements})


ENDPOINTS = [MINE, GROUND_TRUTH]
POLICIES = {
    "first, repaired": deny({"StringNotEquals": {"aws:sourceVpce": [MINE, VPC]}}),
    "second": deny({"ForAllValues:StringNotEquals": {"aws:sourceVpce": ENDPOINTS, "aws:SourceVpc": VPC}}),
    "third": deny(
        {
            "ForAllValues:StringNotEquals": {
                "aws:sourceVpce": ENDPOINTS,
                "aws:PrincipalArn": X,
                "aws:SourceVpc": VPC,
            }
        }
    ),
    "current third, last key wins": deny({"StringNotEquals": {"aws:sourceVpce": ENDPOINTS}}),
    "two statements": deny(
        {"StringNotEquals": {"aws:sourceVpce": ENDPOINTS}}, {"StringNotEquals": {"aws:SourceVpc": VPC}}
    ),
}


def through(endpoint, vpc):
    return {"aws:SourceVpce": endpoint, "aws:SourceVpc": vpc}


REQUESTS = {
    "internet, any principal": (OTHER, {}),
    "internet, role X": (X, {}),
    "my VPC, my endpoint": (OTHER, through(MINE, VPC)),
    "my VPC, another endpoint": (OTHER, through(ANOTHER, VPC)),
    "Ground Truth's endpoint": (OTHER, through(GROUND_TRUTH, FOREIGN)),
    "another VPC": (OTHER, through(ANOTHER, FOREIGN)),
    "training without a VpcConfig, role X": (X, {}),
}
# A row a request, a column a policy in the order above: D is denied, o is not denied.
TABLE = {
    "internet, any principal": "DDDDD",
    "internet, role X": "DDoDD",
    "my VPC, my endpoint": "ooooo",
    "my VPC, another endpoint": "DooDD",
    "Ground Truth's endpoint": "DoooD",
    "another VPC": "DDDDD",
    "training without a VpcConfig, role X": "DDoDD",
}


@pytest.mark.parametrize(
    ("request_name", "policy_name", "letter"),
    [(row, name, letter) for row, letters in TABLE.items() for name, letter in zip(POLICIES, letters, strict=True)],
)
def test_each_policy_decides_each_request_as_tabulated(request_name, policy_name, letter):
    principal, network = REQUESTS[request_name]
    context = {"aws:PrincipalArn": principal, **network}
    request = AccessRequest(principal, "s3:GetObject", "arn:aws:s3:::b/k", context)
    decision = evaluate(POLICIES[policy_name], request, account=ACCOUNT)
    assert decision.decision == {"D": "explicitDeny", "o": "notDenied"}[letter], decision.explain()
