"""`lint` on what tools deploy: YAML, Terraform, Kubernetes manifests, state machines, and code that a job writes."""

from __future__ import annotations

import json

import pytest

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.linting import lint_text

JOB = (
    LabelingJob()
    .named("street-signs-1")
    .in_region("us-east-1")
    .task("BoundingBox", title="Box every sign", description="Draw a box around each sign", keywords=["Images"])
    .input("s3://signs-in/train/input.manifest")
    .output("s3://signs-out/labels/")
    .label_categories("s3://signs-in/setup/categories.json")
    .template("s3://signs-in/setup/ui.liquid.html")
    .workers("sign-team", per_object=3, availability=864_000)
    .as_role("arn:aws:iam::111122223333:role/GroundTruthExecution")
    .with_tags({"team": "maps"})
)
WRONG = JOB.workers("sign-team", per_object=3, availability=5_000_000)


def errors(report):
    return [(row.line, row.id, row.field) for row in report.errors]


def ids(report):
    return {row.id for row in report}


CODE = {"boto3": "job.py", "terraform": "job.tf", "ack": "job.yaml", "stepfunctions": "job.json"}


@pytest.mark.parametrize("kind", CODE)
def test_the_code_of_a_right_job_has_no_problem(kind):
    report = lint_text(JOB.to_code(kind), CODE[kind])
    assert errors(report) == [] and report.looked_at == {"request": 1}


@pytest.mark.parametrize("kind", CODE)
def test_what_is_wrong_in_the_code_of_a_job_is_told_at_its_line(kind):
    text = WRONG.to_code(kind)
    report = lint_text(text, CODE[kind])
    field = "HumanTaskConfig.TaskAvailabilityLifetimeInSeconds"
    assert [(row.id, row.field) for row in report.errors] == [("REQ-05", field)] * len(report.errors) != []
    assert {"5000000" in text.replace("_", "").splitlines()[row.line - 1] for row in report.errors} == {True}


def test_a_job_in_the_words_of_the_builder_is_told_by_its_keys():
    text = "# signs\n" + WRONG.to_yaml()
    report = lint_text(text, "job.yaml")
    assert report.looked_at == {"labeling job": 1}
    assert {text.splitlines()[row.line - 1] for row in report.errors} == {"workers:"}
    assert errors(lint_text(JOB.to_yaml(), "job.yml")) == []


def test_variables_of_a_notebook_in_a_job_are_not_wrong():
    text = JOB.to_yaml().replace("street-signs-1", "{{name}}").replace("sign-team", "{{teams[0]}}")
    assert errors(lint_text(text, "job.yaml")) == []
    wrong = text.replace("s3://signs-out/labels/", "signs-out").replace("per_object: 3", "per_object: 30")
    wrong = wrong.replace("{{teams[0]}}", "sign-team")
    assert {(row.field, wrong.splitlines()[row.line - 1]) for row in lint_text(wrong, "job.yaml").errors} == {
        ("output", "output:"),
        ("HumanTaskConfig.NumberOfHumanWorkersPerDataObject", "workers:"),
    }


def test_an_unknown_key_of_a_job_is_told_with_the_near_right_one():
    text = JOB.to_yaml() + "outptu: s3://b/k\n"
    (row,) = lint_text(text, "job.yaml").errors
    assert "'output'" in row.message and row.line == len(text.splitlines())


CLOUDFORMATION = """Resources:
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Deny
            Principal: "*"
            Action: s3:*
            Resource:
              - !Sub "arn:aws:s3:::${Bucket}/*"
              - !GetAtt Bucket.Arn
            Condition:
              ForAllValues:StringNotEquals:
                aws:SourceVpce: !Ref Endpoint
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: "*", Action: "s3:GetObject"}]
"""


def test_a_bucket_policy_in_cloudformation_is_judged_and_a_role_is_not():
    report = lint_text(CLOUDFORMATION, "stack.yaml")
    assert report.looked_at == {"bucket policy": 1} and not report.errors
    assert (17, "FORALLVALUES_WITH_SINGLE_VALUED_KEY") in {(row.line, row.id) for row in report}


def test_the_long_form_of_cloudformation_is_read_too():
    statement = {
        "Effect": "deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": {"Fn::Sub": "arn:aws:s3:::${Bucket}/*"},
        "Condition": {"StringNotEquals": {"aws:SourceVpce": {"Ref": "Endpoint"}}},
    }
    properties = {"Bucket": {"Ref": "Bucket"}, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {"Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}}
    text = json.dumps(template, indent=1)
    (row,) = lint_text(text, "stack.json").errors
    assert row.id == "INVALID_EFFECT" and '"deny"' in text.splitlines()[row.line - 1]


def test_yaml_is_read_past_the_lines_that_are_none():
    lines = CLOUDFORMATION.splitlines()
    lines.insert(4, "      Bucket: [")
    report = lint_text("\n".join(lines), "stack.yaml")
    assert "YAML-SYNTAX" in {row.id for row in report.errors}
    assert "FORALLVALUES_WITH_SINGLE_VALUED_KEY" in ids(report)


TERRAFORM = {
    "jsonencode": """
resource "aws_s3_bucket_policy" "signs" {
  bucket = aws_s3_bucket.signs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:GetObject", "s3:PutObject"]
      Resource  = "${aws_s3_bucket.signs.arn}/*"
      Condition = {
        "ForAllValues:StringNotEquals" = { "aws:SourceVpce" = ["vpc-0a1b2c3d4e5f60718", var.endpoint] }
      }
    }]
  })
}
""",
    "a heredoc": """
resource "aws_s3_bucket_policy" "signs" {
  bucket = "signs"
  policy = <<EOF
{"Version": "2012-10-17",
 "Statement": [{"Effect": "Deny", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"],
   "Resource": "arn:aws:s3:::signs/*",
   "Condition": {
     "ForAllValues:StringNotEquals":
        {"aws:SourceVpce": ["vpc-0a1b2c3d4e5f60718", "vpce-0a1b2c3d4e5f60718"]}}}]}
EOF
}
""",
    "a heredoc with references": """
resource "aws_s3_bucket_policy" "signs" {
  policy = <<-EOF
    {"Version": "2012-10-17",
     "Statement": [{"Effect": "Deny", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject"],
       "Resource": "${aws_s3_bucket.signs.arn}/*",
       "Condition": {
         "ForAllValues:StringNotEquals":
            {"aws:SourceVpce": ["vpc-0a1b2c3d4e5f60718", "${var.endpoint}"]}}}]}
  EOF
}
""",
    "data": """
data "aws_iam_policy_document" "signs" {
  statement {
    effect    = "Deny"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.signs.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "ForAllValues:StringNotEquals"
      variable = "aws:SourceVpce"
      values   = ["vpc-0a1b2c3d4e5f60718", var.endpoint]
    }
  }
}
resource "aws_s3_bucket_policy" "signs" {
  policy = data.aws_iam_policy_document.signs.json
}
""",
}


@pytest.mark.parametrize("how", TERRAFORM)
def test_a_bucket_policy_in_terraform_is_judged_at_its_lines(how):
    text = TERRAFORM[how]
    report = lint_text(text, "main.tf")
    assert not report.errors, report
    rows = {row.id: text.splitlines()[row.line - 1] for row in report}
    assert "aws:SourceVpce" in rows["FORALLVALUES_WITH_SINGLE_VALUED_KEY"]
    assert "vpc-0a1b2c3d4e5f60718" in rows["VPC_ID_UNDER_SOURCE_VPCE"]


def test_terraform_is_read_past_a_line_that_is_none():
    text = TERRAFORM["data"].replace('    effect    = "Deny"', '    effect    = "Deny"\n    sid = ')
    report = lint_text(text, "main.tf")
    assert {(row.line, row.id) for row in report.errors} == {(5, "TF-SYNTAX")}
    assert "VPC_ID_UNDER_SOURCE_VPCE" in ids(report)
