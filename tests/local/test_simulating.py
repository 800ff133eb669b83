"""IAM's policy simulator on the local AWS."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from gt_vpc_nb.local import LocalAws

ROLE = "arn:aws:iam::111122223333:role/R"
PASS = {
    "Effect": "Allow",
    "Action": "iam:PassRole",
    "Resource": ROLE,
    "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
}
STOP = {"Effect": "Deny", "Action": "sagemaker:StopLabelingJob", "Resource": "*"}
JOBS = {"Effect": "Allow", "Action": "sagemaker:*LabelingJob*", "Resource": "*"}


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture(scope="module")
def iam():
    iam = LocalAws(seed=7).session().client("iam")
    iam.create_role(RoleName="R", AssumeRolePolicyDocument=document(), Path="/")
    iam.put_role_policy(RoleName="R", PolicyName="P", PolicyDocument=document(PASS, STOP, JOBS))
    iam.create_user(UserName="ann")
    bound = iam.create_policy(PolicyName="Bound", PolicyDocument=document(PASS))["Policy"]["Arn"]
    iam.create_role(RoleName="Bound", AssumeRolePolicyDocument=document(), PermissionsBoundary=bound)
    iam.put_role_policy(RoleName="Bound", PolicyName="P", PolicyDocument=document(JOBS))
    return iam


def decisions(iam, source: str, actions: list[str], resources: list[str], **context: str) -> list[str]:
    entries = [
        {"ContextKeyName": f"iam:{name}", "ContextKeyValues": [value], "ContextKeyType": "string"}
        for name, value in context.items()
    ]
    answer = iam.simulate_principal_policy(
        PolicySourceArn=source, ActionNames=actions, ResourceArns=resources, ContextEntries=entries
    )
    return [each["EvalDecision"] for each in answer["EvaluationResults"]]


@pytest.mark.parametrize(
    ("source", "action", "resource", "context", "decision"),
    [
        (ROLE, "iam:PassRole", ROLE, {"PassedToService": "sagemaker.amazonaws.com"}, "allowed"),
        (ROLE, "iam:PassRole", ROLE, {}, "implicitDeny"),
        (ROLE, "iam:PassRole", ROLE, {"PassedToService": "ec2.amazonaws.com"}, "implicitDeny"),
        (ROLE, "sagemaker:CreateLabelingJob", "*", {}, "allowed"),
        (ROLE, "sagemaker:StopLabelingJob", "*", {}, "explicitDeny"),
        ("arn:aws:iam::111122223333:user/ann", "sagemaker:CreateLabelingJob", "*", {}, "implicitDeny"),
        ("arn:aws:iam::111122223333:role/Bound", "sagemaker:CreateLabelingJob", "*", {}, "implicitDeny"),
        ("arn:aws:iam::111122223333:role/Administrator", "sagemaker:CreateLabelingJob", "*", {}, "allowed"),
    ],
)
def test_identity_policies_and_boundary_decide(iam, source, action, resource, context, decision):
    assert decisions(iam, source, [action], [resource], **context) == [decision]


def test_every_action_is_asked_on_every_resource(iam):
    answer = iam.simulate_principal_policy(
        PolicySourceArn=ROLE, ActionNames=["iam:PassRole", "sagemaker:StopLabelingJob"], ResourceArns=[ROLE, "*"]
    )
    told = [(each["EvalActionName"], each["EvalResourceName"]) for each in answer["EvaluationResults"]]
    assert told == [(action, on) for action in ("iam:PassRole", "sagemaker:StopLabelingJob") for on in (ROLE, "*")]
    assert answer["IsTruncated"] is False


@pytest.mark.parametrize(
    ("source", "more", "code"),
    [
        ("arn:aws:iam::111122223333:role/Nobody", {}, "NoSuchEntity"),
        ("arn:aws:iam::111122223333:user/nobody", {}, "NoSuchEntity"),
        ("arn:aws:iam::111122223333:root", {}, "InvalidInput"),
        ("arn:aws:sts::111122223333:assumed-role/R/session", {}, "InvalidInput"),
        (ROLE, {"PolicyInputList": [document(JOBS)]}, "UnsupportedOperation"),
    ],
)
def test_what_cannot_be_simulated_is_refused(iam, source, more, code):
    with pytest.raises(ClientError) as raised:
        iam.simulate_principal_policy(PolicySourceArn=source, ActionNames=["iam:PassRole"], **more)
    assert raised.value.response["Error"]["Code"] == code
