"""Whatever a file holds, `lint` answers: it never raises, and takes time in proportion to the text."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gt_vpc_nb.linting import ENDINGS, lint_text

REQUEST = """import boto3
client = boto3.client("sagemaker")
role = f"arn:aws:iam::{account}:role/R"
request = {'LabelingJobName': "a", 'HumanTaskConfig': {'TaskTitle': "x", 'TaskKeywords': ["a", *more]}}
request.update(RoleArn=role, Tags=[{'Key': "k", 'Value': str(1 + 2)}])
client.create_labeling_job(**request)
"""
POLICY = """{"Version": "2012-10-17", "Statement": [
  {"Effect": "Deny", "Principal": "*", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::b/*",
   "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d4e5f60718"]}}}]}
"""
YAML = """Resources:
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      PolicyDocument: &a
        Statement: [{Effect: Deny, Principal: "*", Action: s3:*, Resource: !Sub "arn:aws:s3:::${B}/*"}]
      Other: *a
"""
TERRAFORM = """resource "aws_s3_bucket_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Deny", Action = "s3:*", Resource = "${b.arn}/*" }] })
}
"""
JOB = "name: a\ntask: {type: BoundingBox}\nworkers: {team: t, per_object: 3}\noutput: s3://b/k\n"
NOTEBOOK = json.dumps(
    {"cells": [{"cell_type": "code", "source": ["%load_ext gt_vpc_nb\n", REQUEST]}, {"cell_type": "x", "source": 1}]}
)
MARKDOWN = f"```\n{REQUEST}```\n\n```json\n{POLICY}```\n\n    {POLICY}"
TEXTS = (REQUEST, POLICY, YAML, TERRAFORM, JOB, NOTEBOOK, MARKDOWN)
PIECES = [
    *"{}[]()\"'`,:=#<>\\\n\t*&!|-%$.…“’",
    '"""',
    "'''",
    "**",
    "```",
    "${",
    "<<EOF",
    "Statement",
    "create_labeling_job(",
]
PIECES += [
    "\ufeff",
    "\u2028",
    "\x00",
    "\ud800",
    "HumanTaskConfig",
    "s3:",
    "99999999999999999999999",
    "-",
    "lambda:",
    "&a",
    "*a",
]

hostile = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


def check(text, name):
    report = lint_text(text, name)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(1 <= row.line <= lines + 1 for row in report)
    assert all(row.id and row.severity in ("error", "warning", "info") and row.message for row in report)
    assert all(len(str(row).splitlines()) == 1 for row in report)


@hostile
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=40), st.sampled_from(ENDINGS))
def test_any_text_is_answered(pieces, ending):
    check("create_labeling_job(" + "".join(pieces), f"a.{ending}")


@st.composite
def damaged(draw):
    """A text of ours with a few pieces taken out, doubled or put in."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        piece = draw(st.one_of(st.just(""), st.just(text[start:end] * 2), st.sampled_from(PIECES)))
        text = text[:start] + piece + text[end:]
    return text


@hostile
@given(damaged(), st.sampled_from(ENDINGS))
def test_damaged_texts_are_answered_under_any_name(text, ending):
    check(text, f"a.{ending}")


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_every_beginning_of_a_text_is_answered(text, ending):
    for end in range(0, len(text), 23):
        check(text[:end], f"a.{ending}")


DEEP = {
    "brackets": "x = create_labeling_job" + "([{" * 20_000,
    "closed brackets": "create_labeling_job(" + "[" * 5_000 + "]" * 5_000 + ")",
    "objects": '{"Statement": ' * 5_000,
    "operators": "create_labeling_job(a=" + "-" * 20_000 + "1)",
    "sums": "create_labeling_job(a=" + "1+" * 20_000 + "1)",
    "attributes": "create_labeling_job(a=a" + ".b" * 20_000 + ")",
    "conditions": "create_labeling_job()\nif a:\n  b=1\n" + "elif c:\n  b=2\n" * 3_000,
    "a text that doubles": "s = 'x' * 9\ncreate_labeling_job()\ns='abcdefgh'\n" + "s = s + s\n" * 200,
    "a dict that doubles": "create_labeling_job()\nd={'a': 1}\n" + "d = {'a': d, 'b': d}\n" * 200,
    "numbers that grow": "create_labeling_job(a=9**9**9)\nn=9\n" + "n = n * n\n" * 100,
    "aliases that double": "Statement: s3:\na0: &a0 [x]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60)),
    "an alias of itself": "Statement: &a\n  - *a\n",
    "yaml brackets": "Statement: s3:\nx: " + "[" * 5_000,
    "quotes": "create_labeling_job(" + "'" * 20_001,
    "long quotes": "create_labeling_job(" + '""" ' * 10_001,
    "comments": "create_labeling_job(" + "/*" * 20_000,
    "commas": 'create_labeling_job(a="' + "," * 20_000 + "x" + ")" * 20_000,
    "fences": "```python\ncreate_labeling_job(\n" * 2_000,
    "requests": "create_labeling_job(RoleArn=x, **y)\n" * 2_000,
    "names": "create_labeling_job(\n" + "".join(f"a{n} = {{'b': 1}}\n" for n in range(5_000)),
    "policies": "p = [" + POLICY.replace("\n", "") * 300 + "]",
}


@pytest.mark.parametrize("what", DEEP)
def test_deep_and_large_texts_are_answered_in_time(what):
    before = time.process_time()
    for ending in ("py", "json", "yaml", "md", "tf"):
        check(DEEP[what], f"a.{ending}")
    assert time.process_time() - before < 60


@pytest.mark.parametrize("text", ["{", "[1]", '{"cells": 5}', "x", "[" * 5000])
def test_what_is_no_notebook_is_no_notebook_without_problems(text: str) -> None:
    (row,) = lint_text(text, "n.ipynb")
    assert row.severity == "error" and "this is no notebook" in row.message
    assert not list(lint_text('{"cells": [], "nbformat": 4}', "n.ipynb"))
