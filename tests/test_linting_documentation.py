"""The mistakes that AWS prints in its own examples, all told at once, also those behind broken syntax."""

from __future__ import annotations

import pytest

from gt_vpc_nb import lint

#: The code of the page, block by block as it is printed there, between words of ours.
PAGE = """# A bucket for Ground Truth

```
{
  "Version": "2012-10-17",
  "Id": "Policy1415115909152",
  "Statement": [
    {
      "Sid": "Access-to-specific-VPCE-only",
      "Principal": "*",
      "Action": [
            "s3:GetObject",
            "s3:PutObject"
      ]
      "Effect": "Deny",
      "Resource": ["arn:aws:s3:::<bucket-name>",
                   "arn:aws:s3:::<bucket-name>/*"],
      "Condition": {a
        "StringNotEquals": {
      "aws:sourceVpce": [
        "<vpc-endpoint>",
        "<vpc>"
    ]}
      }
    }
  ]
}
```

The actions:

```
"s3:AbortMultipartUpload",
"s3:GetObject",
"s3:PutObject",
"s3:ListBucket",
"s3:GetBucketLocation"
```

For a console user:

```
"s3:GetObject",
"s3:PutObject",
"s3:ListBucket",
"s3:GetBucketCors",
"s3:PutBucketCors",
"s3:ListAllMyBuckets",
```

```
{
    "Version": "2012-10-17",
    "Id": "1",
    "Statement": [
        {
            "Sid": "DenyAccessFromNonGTandCustomerVPC",
            "Effect": "Deny",
            "Principal": "*",
            "Action": [
                "s3:GetObject",
                "s3:PutObject"
            ],
            "Resource": [
                "arn:aws:s3:::<bucket-name>/*",
                "arn:aws:s3:::<bucket-name>"
            ],
            "Condition": {
                "ForAllValues:StringNotEquals": {
                    "aws:sourceVpce": [
                        "<vpc-endpoint>",
                        "<ground-truth-endpoint>"
                    ],
                    "aws:PrincipalArn": "arn:aws:iam::<aws-account-id>:role/<role-name>",
                    "aws:SourceVpc": "<vpc>"
                }
            }
        }
    ]
}
```

Part of a request:

```
"LabelingJobAlgorithmsConfig": {
      "InitialActiveLearningModelArn": "string",
      "LabelingJobAlgorithmSpecificationArn": "string",
      "LabelingJobResourceConfig": {
         "VolumeKmsKeyId": "string",
         "VpcConfig": {
            "SecurityGroupIds": [ "string" ],
            "Subnets": [ "string" ]
         }
      }
}
```

The whole of it:

```
import boto3
client = boto3.client(service_name='sagemaker')

response = client.create_labeling_job(
    LabelingJobName="example-labeling-job",
    LabelAttributeName="label",
    InputConfig={
        'DataSource': {
            'S3DataSource': {
                'ManifestS3Uri': "s3://bucket/path/manifest-with-input-data.json"
            }
        }
    },
    "LabelingJobAlgorithmsConfig": {
      "LabelingJobAlgorithmSpecificationArn": "arn:aws:sagemaker:us-east-1:027400017018:labeling-job-algorithm-specification/tasktype",
      "LabelingJobResourceConfig": {
         "VpcConfig": {
            "SecurityGroupIds": [ "sg-01233456789", "sg-987654321" ],
            "Subnets": [ "subnet-e0123456", "subnet-e7891011" ]
         }
      }
    },
    OutputConfig={
        'S3OutputPath': "s3://bucket/path/file-to-store-output-data",
        'KmsKeyId': "string"
    },
    RoleArn="arn:aws:iam::*:role/*,
    LabelCategoryConfigS3Uri="s3://bucket/path/label-categories.json",
    StoppingConditions={
        'MaxHumanLabeledObjectCount': 123,
        'MaxPercentageOfInputDatasetLabeled': 123
    },
    HumanTaskConfig={
        'WorkteamArn': "arn:aws:sagemaker:region:*:workteam/private-crowd/*",
        'UiConfig': {
            'UiTemplateS3Uri': "s3://bucket/path/custom-worker-task-template.html"
        },
        'PreHumanTaskLambdaArn': "arn:aws:lambda:us-east-1:432418664414:function:PRE-tasktype",
        'TaskKeywords': [
            "Images",
            "Classification",
            "Multi-label"
        ],
        'TaskTitle': "Add task title here",
        'TaskDescription': "Add description of task here for workers",
        'NumberOfHumanWorkersPerDataObject': 1,
        'TaskTimeLimitInSeconds': 3600,
        'TaskAvailabilityLifetimeInSeconds': 21600,
        'MaxConcurrentTaskCount': 1000,
        'AnnotationConsolidationConfig': {
            'AnnotationConsolidationLambdaArn': "arn:aws:lambda:us-east-1:432418664414:function:ACS-tasktype"
        },
    Tags=[
        {
            'Key': "string",
            'Value': "string"
        },
    ]
)
```
"""  # noqa: E501 - the page's own lines

#: A part of a line of the page, which of the lines that have it, and the id of what is wrong there.
DEFECTS = {
    "no comma after the actions": ('      ]\n      "Effect"', 0, "JSON_SYNTAX_ERROR"),
    "a stray letter": ('"Condition": {a', 0, "JSON_SYNTAX_ERROR"),
    "a VPC among the endpoints": ('        "<vpc>"\n', 0, "VPC_ID_UNDER_SOURCE_VPCE"),
    "the bucket for object actions": ('["arn:aws:s3:::<bucket-name>",', 0, "REDUNDANT_RESOURCE"),
    "only two of five actions": ('"Action": [', 0, "S3P-10"),
    "the bucket for object actions, again": ('"arn:aws:s3:::<bucket-name>"\n', 0, "REDUNDANT_RESOURCE"),
    "only two of five actions, again": ('"Action": [', 1, "S3P-10"),
    "a comma after the last action": ('"s3:ListAllMyBuckets",', 0, "JSON_SYNTAX_ERROR"),
    "an action that no bucket policy has": ('"s3:ListAllMyBuckets",', 0, "UNSUPPORTED_ACTION_IN_POLICY"),
    "ForAllValues on an endpoint": ('"aws:sourceVpce": [\n   ', 1, "FORALLVALUES_WITH_SINGLE_VALUED_KEY"),
    "ForAllValues on a principal": ('"aws:PrincipalArn"', 0, "FORALLVALUES_WITH_SINGLE_VALUED_KEY"),
    "ForAllValues on a VPC": ('"aws:SourceVpc"', 0, "FORALLVALUES_WITH_SINGLE_VALUED_KEY"),
    "a part of a document": ('"LabelingJobAlgorithmsConfig"', 0, "JSON_SYNTAX_ERROR"),
    "a placeholder in the part": ('"VolumeKmsKeyId": "string"', 0, "PLACEHOLDER_LEFT"),
    "a client without a Region": ("client = boto3.client", 0, "SVC-03"),
    "a name that segmentation refuses": ('LabelAttributeName="label"', 0, "REQ-02"),
    "a key of a dict in a call": ('"LabelingJobAlgorithmsConfig"', 1, "PY-SYNTAX"),
    "no algorithm": ("labeling-job-algorithm-specification/tasktype", 0, "AUTO-02"),
    "made-up security groups": ('"sg-01233456789"', 0, "NET-05"),
    "made-up subnets": ('"subnet-e0123456"', 0, "NET-05"),
    "a placeholder for a key": ("'KmsKeyId': \"string\"", 0, "PLACEHOLDER_LEFT"),
    "a text that does not end": ("RoleArn=", 0, "PY-SYNTAX"),
    "no account in the role": ("RoleArn=", 0, "IAM-10"),
    "more than 100 percent": ("MaxPercentageOfInputDatasetLabeled", 0, "REQ-03"),
    "a bracket that is never closed": ("HumanTaskConfig={", 0, "PY-SYNTAX"),
    "no account in the work team": ("WorkteamArn", 0, "WF-01"),
    "no task type before": ("PRE-tasktype", 0, "REQ-10"),
    "no task type after": ("ACS-tasktype", 0, "REQ-10"),
    "several labels for automated labeling": ('"Multi-label"', 0, "AUTO-01"),
    "the time of another work force": ("TaskAvailabilityLifetimeInSeconds", 0, "REQ-05"),
    "a placeholder for a tag's key": ("'Key': \"string\"", 0, "PLACEHOLDER_LEFT"),
    "a placeholder for a tag's value": ("'Value': \"string\"", 0, "PLACEHOLDER_LEFT"),
}


def line_of(part: str, which: int) -> int:
    at = -1
    for _ in range(which + 1):
        at = PAGE.index(part, at + 1)
    return PAGE.count("\n", 0, at) + 1


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.md"
    path.write_text(PAGE, encoding="utf-8")
    return lint(path)


@pytest.mark.parametrize("what", DEFECTS)
def test_the_defects_of_the_page_are_told_at_their_lines(what, report):
    part, which, code = DEFECTS[what]
    assert (line_of(part, which), code) in {(row.line, row.id) for row in report}


def test_nothing_is_said_against_what_is_right_there(report):
    right = ("LabelingJobName=", "ManifestS3Uri", "LabelCategoryConfigS3Uri=", "MaxHumanLabeledObjectCount")
    right += (
        "UiTemplateS3Uri",
        "NumberOfHumanWorkersPerDataObject",
        "TaskTimeLimitInSeconds",
        "MaxConcurrentTaskCount",
    )
    lines = {row.line for row in report}
    assert not lines & {line_of(part, 0) for part in right}
    # Neither against the five actions, beyond that they are no document.
    assert {row.id for row in report if line_of('"s3:Abort', 0) <= row.line <= line_of('"s3:Abort', 0) + 4} == {
        "JSON_SYNTAX_ERROR"
    }


def test_each_syntax_slip_is_told_once_and_no_other(report):
    slips = [row.line for row in report if row.id in ("PY-SYNTAX", "JSON_SYNTAX_ERROR")]
    wanted = {key: value for key, value in DEFECTS.items() if value[2] in ("PY-SYNTAX", "JSON_SYNTAX_ERROR")}
    fragments = [line_of('"s3:AbortMultipartUpload"', 0), line_of('"s3:GetBucketLocation"', 0) + 6]
    assert sorted(slips) == sorted([*(line_of(*value[:2]) for value in wanted.values()), *fragments])
