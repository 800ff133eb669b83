"""A job as code of other tools: what each writes reads back as the same request with the same files."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.facts import limits, regions, task_types
from gt_vpc_nb.job_code import KINDS, code
from gt_vpc_nb.job_code_ack import ack_name, requests_in_ack
from gt_vpc_nb.job_code_boto3 import requests_in_python
from gt_vpc_nb.job_code_found import Placed
from gt_vpc_nb.job_code_hcl import read_expression, read_hcl
from gt_vpc_nb.job_code_stepfunctions import requests_in_stepfunctions
from gt_vpc_nb.job_code_terraform import requests_in_terraform, terraform_name

ROLE = "arn:aws:iam::111122223333:role/GroundTruthExecution"


def signs() -> LabelingJob:
    """A job with something of everything, and two files that it brings along."""
    return (
        LabelingJob.in_vpc("vpc-0", subnets=["subnet-0", "subnet-1"], security_groups=["sg-0"])
        .named("street-signs-1")
        .in_region("us-east-1")
        .task("BoundingBox", title="Box every sign", description="A box around each", keywords=["Images", "Signs"])
        .input("s3://signs-in/train.manifest")
        .output("s3://signs-out/labels/", kms_key_id="alias/labels")
        .label_categories(["stop", "yield"])
        .as_role(ROLE)
        .with_automated_labeling(volume_kms_key_id="alias/volumes")
        .stop_after(objects=5000)
        .with_tags({"team": "maps"})
        .declares("FreeOfAdultContent")
        .public_crowd("0.036")
    )


def read(kind, text):
    (found,) = KINDS[kind].read(text)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_code_of_every_kind_reads_back_as_the_same_request_with_the_same_files(kind):
    job = signs()
    found = read(kind, job.to_code(kind))
    assert found.request == job.to_request()
    assert found.files == job.files() and len(found.files) == 2
    assert found.unknown == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_of_the_code_has_the_line_where_it_stands(kind):
    job = signs()
    text = job.to_code(kind).split("\n")
    found = read(kind, "\n".join(text))
    for member, value in [
        ("HumanTaskConfig.TaskTitle", "Box every sign"),
        ("Tags[0].Value", "maps"),
        ("RoleArn", ROLE),
    ]:
        assert value in text[found.lines[member] - 1]
    assert found.line_of("HumanTaskConfig.Novel") == found.lines["HumanTaskConfig"]
    assert found.line_of("Novel") == found.line


#: Every task type in one Region, and one task type in every Region: what a kind of code writes depends on no more.
GRID = [(kind, "us-east-1") for kind in task_types()] + [(task_types()[0], region.code) for region in regions()]


@pytest.mark.parametrize(("task", "region"), GRID, ids=lambda value: getattr(value, "code", value))
def test_a_job_of_every_task_type_and_region_is_code_of_every_kind(task, region):
    job = LabelingJob().named("signs").in_region(region).task(task.code, title="Label signs", description="What it is")
    job = job.input("s3://signs-in/a.manifest").output("s3://signs-out/").label_categories(["stop", "yield"])
    job = job.adjusting("earlier") if "djust" in task.code else job
    job = job.template("<crowd-form></crowd-form>\n") if not job.template_file and task.ui == "template" else job
    job = job.workers("team").as_role(ROLE)
    for kind in KINDS:
        found = read(kind, job.to_code(kind))
        assert (found.request, found.files) == (job.to_request(), job.files())
        assert found.region in (region, None) and (found.region or kind == "stepfunctions")


#: Texts that somebody may have chosen to break out of a quotation, or to look like another.
HOSTILE = [
    "quote \" and ' and \\ and \\n",
    "${aws_iam_role.admin.arn}",
    "$${x} $$${y} %{ if true }%%{z}",
    "{% $states.input %}",
    "line\nfeed\r\nand\ttab",
    "right\u202eto\u2066left",
    "\u2028\u2029\u0085\ufeff\u00a0\x7f",
    "ラベル 🚧 \U000e0041",
    "EOT\nEOT\n",
    "END_OF_FILE\nEND_OF_FILE\n",
    "# no comment // none /* none",
    "*/ ''' \"\"\" --- \n...\n",
    "yes: no\n- ~",
    "",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text_in_every_kind(kind, text):
    job = signs().with_raw(HumanTaskConfig={"TaskTitle": text, "TaskDescription": f"a{text}"})
    job = job.template(f"<p>{text}</p>\n").label_categories([text or "x", f"a{text}"]).with_tags({f"k{text}": text})
    written = job.to_code(kind)
    found = read(kind, written)
    assert (found.request, found.files, found.unknown) == (job.to_request(), job.files(), {})
    assert all(each.isprintable() or each == "\n" for each in written)


TEXTS = st.text(max_size=12) | st.text("${}%\\\"'#\n\r\u202eEOT =<-:", max_size=20) | st.sampled_from(HOSTILE)


def composed(text):
    return unicodedata.is_normalized("NFC", text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, TEXTS, TEXTS, st.sampled_from(list(KINDS)))
@example("e\u0301", "", "", "terraform")
def test_any_text_reads_back_or_is_refused_because_terraform_would_change_it(title, tag, content, kind):
    job = signs().with_raw(HumanTaskConfig={"TaskTitle": title}).with_tags({"k": tag}).template(f"<p>{content}")
    if kind == "terraform" and not (composed(title) and composed(tag)):
        with pytest.raises(RequestError, match="Terraform composes characters"):
            job.to_code(kind)
    else:
        found = read(kind, job.to_code(kind))
        assert (found.request, found.files, found.unknown) == (job.to_request(), job.files(), {})


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_that_a_kind_has_no_words_for_is_refused_by_its_members(kind):
    raw = {"Novel": {"a": [1]}, "HumanTaskConfig": {"TaskTitel": "x", "TaskTitle": None}, "a b": 1}
    job = signs().with_raw(**raw)
    if KINDS[kind].own_names:
        with pytest.raises(RequestError, match="no words for 'Novel'.*'TaskTitel'; did you mean 'TaskTitle'"):
            job.to_code(kind)
    else:
        assert read(kind, job.to_code(kind)).request == job.to_request()


REFUSED = [
    ("cloudformation", {}, "CloudFormation has no resource type for labeling jobs. There is: 'boto3', 'terraform'"),
    ("CDK", {}, "The CDK writes CloudFormation"),
    ("teraform", {}, "There is no code of kind 'teraform'; did you mean 'terraform'?"),
    ("terraform", {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "terraform cannot say"),
    ("terraform", {"HumanTaskConfig": {"TaskKeywords": ["a", "a"]}}, r"TaskKeywords\[\]: 'a' -> None"),
    ("terraform", {"Tags": [{"Key": "a"}]}, r"Tags\[\].Value that is missing"),
    ("ack", {"StoppingConditions": {"MaxHumanLabeledObjectCount": "9"}}, "MaxHumanLabeledObjectCount of kind str"),
    ("stepfunctions", {"Novel.$": "$.x"}, "stepfunctions cannot say"),
    ("ack", {"HumanTaskConfig": {"TaskTitle": "\ud800"}}, "half a character"),
]


@pytest.mark.parametrize(("kind", "raw", "sentence"), REFUSED)
def test_what_code_cannot_be_is_said_in_a_sentence(kind, raw, sentence):
    with pytest.raises(RequestError, match=sentence):
        signs().with_raw(**raw).to_code(kind)


def test_a_file_whose_place_cannot_stand_in_a_comment_is_refused():
    request = signs().to_request()
    for kind in ("ack", "stepfunctions"):
        with pytest.raises(RequestError, match="cannot stand in a comment"):
            code(kind, request, {"s3://b/a\nb": b""}, None)
    for kind in ("boto3", "terraform"):
        assert read(kind, code(kind, request, {"s3://b/a\nb": b"\xff"}, None)).files == {"s3://b/a\nb": b"\xff"}


@pytest.mark.parametrize("spell", [terraform_name, ack_name])
def test_members_beside_each_other_have_names_of_their_own(spell):
    names = [member.rpartition(".")[2] for member in limits() if not member.endswith("[]")]
    assert len({spell(name) for name in names}) == len(set(names))


#: As a person writes it: references, interpolations, a heredoc, comments, a misspelt argument, numbers as texts.
BY_HAND = """\
provider "aws" {
  region = "eu-west-1"
}
// A comment with { in it.
resource "aws_sagemaker_labeling_job" "signs" {
  labeling_job_name    = "street_signs" # not allowed
  label_attribute_name = var.attribute
  role_arn             = aws_iam_role.example.arn
  label_category_config_s3_uri = "s3://${aws_s3_bucket.b.bucket}/${aws_s3_object.c.key}"
  stopping_conditions {
    max_percentage_of_input_dataset_labeled = 101
  }
  human_task_config {
    number_of_human_workers_per_data_object = 10
    task_description = <<-EOT
      Draw a box
        around each $${sign}
    EOT
    task_titel       = "x"
    task_title = join(" ", [for w in var.words : upper(w)
    ])
    task_time_limit_in_seconds = "3600"
    task_keywords = ["Images", var.keyword,
      "Signs", /* the last */
    ]
    workteam_arn = local.team ? "a" : "b"
    ui_config { human_task_ui_arn = data.x.y["z"].arn }
    dynamic "annotation_consolidation_config" {
      for_each = var.own ? [1] : []
      content {
        annotation_consolidation_lambda_arn = each.value
      }
    }
  }
  input_config {
    data_source {
      s3_data_source {
        manifest_s3_uri = "s3://bucket/\\u0061.manifest"
      }
    }
  }
  output_config {
    s3_output_path = "s3://out/"
    kms_key_id     = null
  }
  tags = merge(local.tags, { Name = "x" })
  lifecycle {
    ignore_changes = [tags]
  }
}
"""


def test_terraform_written_by_hand_is_read_with_what_it_leaves_open():
    (found,) = requests_in_terraform(BY_HAND)
    assert (found.name, found.line, found.region) == ("aws_sagemaker_labeling_job.signs", 5, "eu-west-1")
    human = found.request["HumanTaskConfig"]
    assert human["TaskDescription"] == "Draw a box\n  around each ${sign}\n"
    assert human["TaskTimeLimitInSeconds"] == 3600 and human["task_titel"] == "x"
    assert found.request["InputConfig"]["DataSource"]["S3DataSource"] == {"ManifestS3Uri": "s3://bucket/a.manifest"}
    assert "KmsKeyId" not in found.request["OutputConfig"] and "lifecycle" not in found.request
    assert found.unknown == {
        "LabelAttributeName": "var.attribute",
        "RoleArn": "aws_iam_role.example.arn",
        "LabelCategoryConfigS3Uri": '"s3://${aws_s3_bucket.b.bucket}/${aws_s3_object.c.key}"',
        "HumanTaskConfig.TaskTitle": 'join(" ", [for w in var.words : upper(w)\n    ])',
        "HumanTaskConfig.TaskKeywords[1]": "var.keyword",
        "HumanTaskConfig.WorkteamArn": 'local.team ? "a" : "b"',
        "HumanTaskConfig.UiConfig.HumanTaskUiArn": 'data.x.y["z"].arn',
        "HumanTaskConfig.AnnotationConsolidationConfig": 'dynamic "annotation_consolidation_config"',
        "Tags": 'merge(local.tags, { Name = "x" })',
    }


def test_problems_of_terraform_have_their_lines_and_say_nothing_of_what_is_left_open():
    (found,) = requests_in_terraform(BY_HAND)
    told = {(line, problem.field) for line, problem in found.problems() if problem.severity == "error"}
    assert told == {
        (6, "LabelingJobName"),
        (11, "StoppingConditions.MaxPercentageOfInputDatasetLabeled"),
        (14, "HumanTaskConfig.NumberOfHumanWorkersPerDataObject"),
        (15, "HumanTaskConfig.TaskDescription"),
        (19, "HumanTaskConfig.task_titel"),
    }


#: What Terraform 1.11 makes of texts of whole lines.
HEREDOCS = [
    ("<<EOT\n  a\n EOT", "  a\n"),
    ("<<-EOT\n  a\n    b $${x}\n  EOT\n", "a\n  b ${x}\n"),
    ("<<-EOT\n   \n   \\n e\n  # c\nEOT\n", "   \n \\n e\n# c\n"),
    ("<<-EOT\n\tc\n   \n  EOT\n", "c\n   \n"),
    ("<<-EOT\n d%%{ \n\n  EOT x\n  EOT\n", "d%{ \n\n EOT x\n"),
    ("<<EOT\nEOT", ""),
]


@pytest.mark.parametrize(("written", "text"), HEREDOCS)
def test_a_text_of_whole_lines_is_what_terraform_makes_of_it(written, text):
    assert read_hcl(f"a = {written}").argument("a") == Placed(text, 1)


NOT_TERRAFORM = [
    ("a = ", "Line 1 has no value"),
    ('a = "x\n"', "Line 1 has a text whose closing quote is missing|Line 2 has a text whose closing quote"),
    ("b {\n  a = 1\n", "Line 3 ends within a block"),
    ("a = <<X\n1\n", "X does not end"),
    ('a = "\\q"', "no escape"),
    ("a = f(1", "nothing closes"),
    ("a = f(1]", "nothing opens"),
    ("}", "'}' where a name is wanted"),
    ("a = " + "[" * 100, "nested more than"),
    ("a {" * 100, "nested more than"),
    ('a = "' + '${"' * 100, "nested more than"),
]


@pytest.mark.parametrize(("text", "sentence"), NOT_TERRAFORM)
def test_what_is_not_terraform_is_said_with_its_line(text, sentence):
    with pytest.raises(RequestError, match=sentence):
        read_hcl(text)


@given(st.text(max_size=40) | st.text('ab={}[]()"$%\\<-#/*\n\r ,1.:?', max_size=40))
def test_any_text_is_terraform_or_refused(text):
    try:
        assert read_hcl(text).kind == ""
    except RequestError as error:
        assert re.match(r"Line \d+ ", str(error))


@pytest.mark.parametrize(
    ("text", "value", "known"),
    [
        ('{ Effect = "Deny", Action : ["s3:*"] }', {"Effect": "Deny", "Action": ["s3:*"]}, True),
        ("-1.5e2", -150.0, True),
        ("[true, null]", [True, None], True),
        ('jsonencode({ a = "b" })', 'jsonencode({ a = "b" })', False),
        ('"a" == "b"', '"a" == "b"', False),
        ('f(<<EOT\n)" ${g("}")}\nEOT\n, 1)', 'f(<<EOT\n)" ${g("}")}\nEOT\n, 1)', False),
        ('(a ? "b" :\n "c") + d[*].e["f"]', '(a ? "b" :\n "c") + d[*].e["f"]', False),
        ("{ for k, v in w : k => v if v != null }", "{ for k, v in w : k => v if v != null }", False),
        ('{ (a.b) = "c" }', '{ (a.b) = "c" }', False),
        ('{ 1 = "a", # one\n "b c" = [\n"d" // two\n, "e", ]\n }', {"1": "a", "b c": ["d", "e"]}, True),
    ],
)
def test_an_expression_is_its_value_or_left_open(text, value, known):
    tree = read_expression(text)
    assert tree.plain == value and (tree.unknown is None) == known


def test_an_ack_manifest_written_by_hand_is_read_beside_others():
    text = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: x}
---
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: LabelingJob
metadata:
  name: signs
  annotations: {services.k8s.aws/region: eu-west-1}
spec:
  labelingJobName: signs
  labelCategoryConfigS3URI: s3://b/labels.json
  roleArn: arn:aws:iam::111122223333:role/R
  humanTaskConfig:
    taskTitle: 2024-01-01
    numberOfHumanWorkersPerDataObject: 3 # three
    uiConfig:
      uiTemplateS3URI: null
"""
    (found,) = requests_in_ack(text)
    assert (found.name, found.line, found.region) == ("LabelingJob/signs", 5, "eu-west-1")
    human = {"TaskTitle": "2024-01-01", "NumberOfHumanWorkersPerDataObject": 3, "UiConfig": {}}
    assert found.request["HumanTaskConfig"] == human
    assert found.lines["HumanTaskConfig.NumberOfHumanWorkersPerDataObject"] == 16
    near = [(line, problem) for line, problem in found.problems() if problem.field == "roleArn"]
    assert near[0][0] == 13 and "did you mean 'RoleArn'?" in near[0][1].message


def test_a_state_machine_written_by_hand_is_read_with_its_paths_left_open():
    for block, path in [
        ('"Parameters": {"LabelingJobName.$": "$.name",', "$.name"),
        ('"Arguments": {"LabelingJobName": "{% $name %}",', "{% $name %}"),
    ]:
        text = f"""\
{{"States": {{"Map": {{"Type": "Map", "ItemProcessor": {{"States": {{
  "Label": {{"Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:sagemaker:createLabelingJob",
    {block}
      "LabelAttributeName": "a_b"}}}}}}}}}}}}}}
"""
        (found,) = requests_in_stepfunctions(text)
        assert (found.name, found.line) == ("Label", 2)
        assert found.unknown == {"LabelingJobName": path}
        assert (5, "LabelAttributeName") in {(line, each.field) for line, each in found.problems()}
        assert "LabelingJobName" not in {each.field for _, each in found.problems()}


def test_a_python_script_written_by_hand_is_read_without_running_it():
    text = """\
import boto3
ROLE = "arn:aws:iam::111122223333:role/R"
name = sys.argv[1]
human = {"TaskTitle": f"Box {name}", "TaskTimeLimitInSeconds": -1}
client = boto3.client("sagemaker", region_name="eu-west-1")
client.create_labeling_job(LabelingJobName=name, RoleArn=ROLE,
    HumanTaskConfig=human, **{"Novel": (1, None)})
"""
    (found,) = requests_in_python(text)
    human = {"TaskTitle": 'f"Box {name}"', "TaskTimeLimitInSeconds": -1}
    assert found.request == {
        "LabelingJobName": "name",
        "RoleArn": "arn:aws:iam::111122223333:role/R",
        "HumanTaskConfig": human,
        "Novel": [1, None],
    }
    assert found.unknown == {"LabelingJobName": "name", "HumanTaskConfig.TaskTitle": 'f"Box {name}"'}
    assert found.lines["HumanTaskConfig.TaskTimeLimitInSeconds"] == 4
    assert (found.line, found.region) == (6, "eu-west-1")


def test_nothing_is_said_of_a_list_some_of_whose_elements_are_left_open():
    tags = 'Tags=[{"Key": next(keys), "Value": "1"}, {"Key": next(keys), "Value": "2"}]'
    (found,) = requests_in_python(f"client.create_labeling_job({tags})")
    assert found.request["Tags"][0] == {"Key": "next(keys)", "Value": "1"}
    assert not {problem.field for _, problem in found.problems()} & {"Tags", "Tags[0].Key", "Tags[1].Key"}
    (literal,) = requests_in_python(f"client.create_labeling_job({tags.replace('next(keys)', repr('k'))})")
    assert "Tags" in {problem.field for _, problem in literal.problems()}


def test_a_file_that_terraform_would_compose_is_carried_as_bytes():
    job = signs().template("<p>cafe\u0301</p>\n")
    written = job.to_code("terraform")
    assert "content_base64" in written and "\u0301" not in written
    assert read("terraform", written).files == job.files()


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (requests_in_ack, "a: [1"),
        (requests_in_ack, "\x00"),
        (requests_in_ack, "apiVersion: sagemaker.services.k8s.aws/v1\nkind: LabelingJob\n"),
        (requests_in_ack, "".join(f"a{n}: &a{n} [" + f"*a{n - 1}, " * 9 * (n > 0) + "]\n" for n in range(9))),
        (requests_in_stepfunctions, '{"a": 1,}'),
        (requests_in_stepfunctions, '{"a":' * 100),
        (requests_in_python, "client.create_labeling_job(**"),
        (requests_in_python, "(" * 5000),
    ],
)
def test_text_that_cannot_be_read_is_refused_in_one_sentence(reader, text):
    with pytest.raises(RequestError, match=r"Line \d+|not YAML"):
        reader(text)


def test_names_of_names_do_not_exhaust_the_machine():
    script = "\n".join(f"a{n} = [a{n - 1}, a{n - 1}, a{n - 1}, a{n - 1}]" for n in range(1, 40))
    (found,) = requests_in_python(f"a0 = 1\n{script}\nc.create_labeling_job(Tags=a39)")
    assert "Tags" in found.unknown or any(path.startswith("Tags") for path in found.unknown)
