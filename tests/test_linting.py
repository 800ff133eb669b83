"""`lint` as people use it: on AWS's own page, on scripts, notebooks and data files, none of which is ever run."""

from __future__ import annotations

import json

import pytest

from gt_vpc_nb import GtVpcError, LabelingJob, lint
from gt_vpc_nb.cli import main
from gt_vpc_nb.facts import regions, rules, task_type, task_types
from gt_vpc_nb.linting import lint_text
from gt_vpc_nb.request_rules import request_problems

JOB = (
    LabelingJob()
    .named("street-signs-1")
    .in_region("us-east-1")
    .task("BoundingBox", title="Box every sign", description="Draw a box around each sign", keywords=["Images"])
    .input("s3://signs-in/train/input.manifest")
    .output("s3://signs-out/labels/")
    .label_categories("s3://signs-in/setup/categories.json")
    .template("s3://signs-in/setup/ui.liquid.html")
    .workers("sign-team", per_object=3)
    .as_role("arn:aws:iam::111122223333:role/GroundTruthExecution")
)
REQUEST = JOB.to_request()
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Network",
            "Effect": "Deny",
            "Principal": "*",
            "Action": [
                "s3:GetObject*",
                "s3:PutObject",
                "s3:AbortMultipartUpload",
                "s3:List*",
                "s3:GetBucketLocation",
                "s3:DeleteObject",
            ],
            "Resource": ["arn:aws:s3:::signs-in", "arn:aws:s3:::signs-in/*"],
            "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d4e5f60718", "vpce-08408e335ebf95b40"]}},
        }
    ],
}


def places(value, path=()):
    """The path of every member of a request."""
    for name, each in value.items() if isinstance(value, dict) else ():
        yield (*path, name)
        yield from places(each, (*path, name))


def put(request, path, value):
    return {**request, path[0]: value if len(path) == 1 else put(request[path[0]], path[1:], value)}


@pytest.fixture
def linted(tmp_path):
    """Lints a text under a file name."""

    def of(text, name="job.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return lint(path)

    return of


def told(report, *severities):
    return {(row.line, row.id) for row in report if not severities or row.severity in severities}


def errors(report):
    return [(row.line, row.id, row.field) for row in report.errors]


def test_a_right_request_in_a_script_has_no_problem(linted):
    report = linted(f"import boto3\nsm = boto3.client('sagemaker', region_name='us-east-1')\nrequest = {REQUEST!r}\n")
    assert [*report] == [] and report.looked_at == {"request": 1}
    assert not report.notes


def test_a_wrong_member_is_told_at_its_own_line(linted):
    lines = [f"    {name}={value!r}," for name, value in REQUEST.items() if name != "HumanTaskConfig"]
    human = [f"        {name!r}: {value!r}," for name, value in REQUEST["HumanTaskConfig"].items()]
    code = ["client.create_labeling_job(", *lines, "    HumanTaskConfig={", *human, "    }", ")"]
    at = next(number for number, line in enumerate(code) if "TaskTimeLimitInSeconds" in line)
    code[at] = "        'TaskTimeLimitInSeconds': 12 * 3600,"
    assert errors(linted("\n".join(code))) == [(at + 1, "REQ-04", "HumanTaskConfig.TaskTimeLimitInSeconds")]


SCRIPTS = {
    "a call with keywords": "c.create_labeling_job(**{literal})",
    "a dict in a variable": "request = {literal}\nc.create_labeling_job(**request)",
    "a dict that nobody sends yet": "request = {literal}",
    "a dict built by dict()": "c.create_labeling_job(**dict({literal}))",
    "a dict that a function gives": "def request():\n    return {literal}",
    "a dict in a method of a class": "class A:\n    def b(self):\n        self.c.create_labeling_job(**{literal})",
    "a dict after a branch": "if True:\n    x = 1\nelse:\n    x = 2\nc.create_labeling_job(**{literal})",
    "a dict inside try": "try:\n    r = {literal}\n    c.create_labeling_job(**r)\nexcept Exception:\n    raise",
    "JSON in a text": "r = json.loads('''{json}''')",
    "a dict merged from two": "a = {literal}\nc.create_labeling_job(**(a | {{'Tags': []}}))",
    "a dict completed later": "r = {{}}\nr.update({literal})\nr['Tags'] = []\nc.create_labeling_job(**r)",
}


@pytest.mark.parametrize("form", SCRIPTS.values(), ids=SCRIPTS)
def test_a_request_is_found_however_a_script_writes_it(form, linted):
    right = linted(form.format(literal=repr(REQUEST), json=json.dumps(REQUEST)))
    assert errors(right) == []
    wrong = {**REQUEST, "RoleArn": "arn:aws:iam::1:role/R"}
    assert {row.field for row in linted(form.format(literal=repr(wrong), json=json.dumps(wrong))).errors} == {"RoleArn"}


UNKNOWN = {
    "a whole member": ("'HumanTaskConfig': {", "'HumanTaskConfig': settings(), 'Other': {"),
    "an ARN": ("'arn:aws:iam::111122223333:role/GroundTruthExecution'", "sagemaker.get_execution_role()"),
    "a part of an ARN": ("'arn:aws:iam::111122223333:role/GroundTruthExecution'", "f'arn:aws:iam::{account}:role/R'"),
    "the name": ("'street-signs-1'", "f'signs-{int(time.time())}'"),
    "the function": ("'arn:aws:lambda:us-east-1:432418664414:function:PRE-BoundingBox'", "pre[region]"),
    "the time limit": ("3600", "minutes * 60"),
    "the bucket": ("'s3://signs-in/train/input.manifest'", "'s3://{}/input.manifest'.format(bucket)"),
    "the work team's Region": (
        "'arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/sign-team'",
        "f'arn:aws:sagemaker:{region}:{account}:workteam/private-crowd/signs'",
    ),
    "all that comes before a team": (
        "'arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/sign-team'",
        "TEAMS + '/signs'",
    ),
    "a keyword": ("['Images']", "[word for word in words]"),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_is_not_literal_is_never_wrong(what, linted):
    known, unknown = UNKNOWN[what]
    code = repr(REQUEST).replace(known, unknown)
    assert unknown in code
    wanted = {"a whole member": [(1, "REQ-06", "Other")]}.get(what, [])
    assert errors(linted(f"c.create_labeling_job(**{code})")) == wanted


PARTLY_KNOWN = {
    "functions of two task types": (
        {"HumanTaskConfig.PreHumanTaskLambdaArn": "'arn:aws:lambda:{}:{}:function:PRE-TextMultiClass'.format(r, a)"},
        ("REQ-10", "HumanTaskConfig.AnnotationConsolidationConfig.AnnotationConsolidationLambdaArn"),
    ),
    "the ending of a template": (
        {"HumanTaskConfig.UiConfig.UiTemplateS3Uri": "f's3://{bucket}/instructions.template'"},
        ("TPL-04", "HumanTaskConfig.UiConfig.UiTemplateS3Uri"),
    ),
    "the ending of a name": ({"LabelAttributeName": "name + '-metadata'"}, ("REQ-02", "LabelAttributeName")),
}


@pytest.mark.parametrize("what", PARTLY_KNOWN)
def test_the_known_part_of_a_text_is_judged(what, linted):
    changes, wanted = PARTLY_KNOWN[what]
    code = repr(REQUEST)
    for path, expression in changes.items():
        value = REQUEST
        for step in path.split("."):
            value = value[step]
        code = code.replace(f"{path.rpartition('.')[2]!r}: {value!r}", f"{path.rpartition('.')[2]!r}: {expression}")
    report = linted(f"c.create_labeling_job(**{code})")
    assert [(row.id, row.field) for row in report] == [wanted]
    assert "unknown" not in str(report)


def test_format_is_worked_out_where_all_of_it_is_known(linted):
    code = repr(REQUEST).replace(
        "'s3://signs-out/labels/'", "'{}://{bucket}/{1}'.format('s4', 'x', bucket='signs-out')"
    )
    (row,) = linted(f"c.create_labeling_job(**{code})").errors
    assert "s4://signs-out/x" in row.message


@pytest.mark.parametrize("region", ["us-west-2", "eu-central-1"])
def test_what_is_unknown_may_be_in_the_region_of_the_rest(region, linted):
    request = JOB.in_region(region).to_request()
    team = f"arn:aws:sagemaker:{region}:111122223333:workteam/private-crowd/sign-team"
    output = {**request["OutputConfig"], "KmsKeyId": "key", "SnsTopicArn": "topic"}
    code = repr({**request, "OutputConfig": output}).replace(
        repr(team), "f'arn:aws:sagemaker:{r}:{a}:workteam/private-crowd/t'"
    )
    code = code.replace("'key'", "key").replace("'topic'", "topic")
    assert [*linted(f"c.create_labeling_job(**{code})")] == []


def test_what_is_known_is_told_beside_what_is_not(linted):
    code = repr({**REQUEST, "LabelAttributeName": "signs-metadata"}).replace(
        "'arn:aws:lambda", "region + 'arn:aws:lambda"
    )
    assert errors(linted(f"c.create_labeling_job(**{code})")) == [(1, "REQ-02", "LabelAttributeName")]


def test_a_missing_member_is_told_where_it_would_stand(linted):
    human = {name: value for name, value in REQUEST["HumanTaskConfig"].items() if name != "TaskTitle"}
    rest = {name: value for name, value in REQUEST.items() if name not in ("HumanTaskConfig", "RoleArn")}
    code = f"x = 1\nc.create_labeling_job(\n    HumanTaskConfig={human!r},\n    **{rest!r},\n)\n"
    assert errors(linted(code)) == [(2, "IAM-10", "RoleArn"), (3, "REQ-06", "HumanTaskConfig.TaskTitle")]


def test_a_call_that_gets_more_from_elsewhere_lacks_nothing(linted):
    assert errors(linted("c.create_labeling_job(LabelingJobName='a', LabelAttributeName='a', **rest)")) == []


def test_a_member_given_under_a_condition_is_not_missing(linted):
    request = {name: value for name, value in REQUEST.items() if name != "RoleArn"}
    code = f"r = {request!r}\nif role:\n    r['RoleArn'] = role\nc.create_labeling_job(**r)\n"
    assert errors(linted(code)) == []


def test_a_name_that_changes_in_a_loop_is_not_known_after_it(linted):
    code = f"role = 'x'\nfor role in roles:\n    pass\nc.create_labeling_job(**{{**{REQUEST!r}, 'RoleArn': role}})"
    assert errors(linted(code)) == []


def test_nothing_is_ever_run(linted, tmp_path):
    mark = tmp_path / "mark"
    code = f"import pathlib\nx = pathlib.Path({str(mark)!r}).write_text('ran')\nc.create_labeling_job(RoleArn=x)\n"
    linted(code)
    linted(code + "c.create_labeling_job(\n")
    assert not mark.exists()


LONG = {
    **REQUEST,
    "Tags": [{"Key": "k", "Value": "v"}],
    "StoppingConditions": {"MaxPercentageOfInputDatasetLabeled": 123},
}
LINES = json.dumps(LONG, indent=2).splitlines()
#: The lines that close a structure with something after it.
CLOSING = [number for number, line in enumerate(LINES) if line.strip() == "},"]


@pytest.mark.parametrize("name", ["job.json", "job.py"])
@pytest.mark.parametrize("number", CLOSING)
def test_a_missing_bracket_costs_one_row_and_hides_nothing(number, name):
    lines = [*LINES[: number - 1], f"{LINES[number - 1]},", *LINES[number + 1 :]]
    report = lint_text("\n".join(lines), name)
    syntax = "JSON_SYNTAX_ERROR" if name.endswith("json") else "PY-SYNTAX"
    wanted = [("REQ-03", "StoppingConditions.MaxPercentageOfInputDatasetLabeled"), (syntax, "")]
    assert sorted((row.id, row.field) for row in report.errors) == sorted(wanted)


# Against the rules themselves.


@pytest.mark.parametrize("path", [*places(REQUEST)], ids=".".join)
@pytest.mark.parametrize("value", ["", 0, None, [], {}, ["a", "a"], "a b" * 150, 10**7, "s3://b/k", True], ids=repr)
def test_the_problems_are_those_of_the_rules(path, value):
    request = put(REQUEST, path, value)
    rules_say = {(each.code, each.field, each.message) for each in request_problems(request)}
    report = lint_text(f"request = {request!r}\nc.create_labeling_job(**request)\n", "job.py")
    assert {(row.id, row.field, row.message) for row in report if row.id != "PLACEHOLDER_LEFT"} == rules_say


@pytest.mark.parametrize("kind", [kind.code for kind in task_types()])
def test_no_task_type_s_own_request_has_an_error(kind):
    for region in regions()[:3]:
        request = JOB.in_region(region.code).task(kind, title="T", description="D", keywords=["K"])
        request = request.workers("sign-team", per_object=task_type(kind).default_workers)
        human = {name: each for name, each in request.to_request()["HumanTaskConfig"].items() if name != "UiConfig"}
        code = f"c.create_labeling_job(HumanTaskConfig={{**{human!r}, 'UiConfig': ui}}, **{{**{rest(request)!r}}})"
        assert [row.field for row in lint_text(code, "job.py").errors] == []


def rest(job):
    return {name: each for name, each in job.to_request().items() if name != "HumanTaskConfig"}


# Policies.


def test_a_right_policy_says_only_that_it_grants_nothing(linted):
    for name, text in (("p.json", json.dumps(POLICY)), ("p.py", f"policy = {POLICY!r}")):
        assert [row.id for row in linted(text, name)] == ["DENY_ONLY_POLICY"], name


POLICIES = {
    "a dict": "p = {p!r}",
    "a dict sent as JSON": "s3.put_bucket_policy(Bucket='signs-in', Policy=json.dumps({p!r}))",
    "JSON in a text": "s3.put_bucket_policy(Bucket='b', Policy='''{j}''')",
    "a dict of a variable": "p = {p!r}\ns3.put_bucket_policy(Bucket='signs-in', Policy=json.dumps(p))",
}


@pytest.mark.parametrize("form", POLICIES.values(), ids=POLICIES)
def test_a_policy_is_found_however_a_script_writes_it(form, linted):
    keys = {"ForAllValues:StringNotEquals": {"aws:SourceVpce": "vpc-0a1b2c3d4e5f60718"}}
    policy = {**POLICY, "Statement": [{**POLICY["Statement"][0], "Condition": keys}]}
    report = linted(form.format(p=policy, j=json.dumps(policy)))
    assert {"VPC_ID_UNDER_SOURCE_VPCE", "FORALLVALUES_WITH_SINGLE_VALUED_KEY"} <= {row.id for row in report}
    assert report.looked_at == {"bucket policy": 1}


OTHERS = {
    "a trust policy": "iam.create_role(AssumeRolePolicyDocument=json.dumps({p!r}))",
    "an identity policy": "iam.put_role_policy(PolicyDocument=json.dumps({p!r}))",
    "an endpoint policy": "ec2.create_vpc_endpoint(PolicyDocument=json.dumps({p!r}))",
}


@pytest.mark.parametrize("form", OTHERS.values(), ids=OTHERS)
def test_other_policies_are_not_judged_as_bucket_policies(form, linted):
    open_door = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    report = linted(form.format(p={"Version": "2012-10-17", "Statement": [open_door]}))
    assert [*report] == []


def test_a_policy_with_unknown_parts_is_judged_on_the_rest(linted):
    code = (
        repr(POLICY)
        .replace("'vpce-0a1b2c3d4e5f60718'", "endpoint")
        .replace("'arn:aws:s3:::signs-in'", "f'arn:aws:s3:::{b}'")
    )
    assert errors(linted(f"p = {code}")) == []
    wrong = code.replace("'Deny'", "'deny'")
    assert [row.id for row in linted(f"p = {wrong}").errors] == ["INVALID_EFFECT"]


def test_a_key_that_stands_twice_in_a_dict_is_told_with_both_lines(linted):
    report = linted(
        repr(POLICY).replace("'Effect': 'Deny',", "'Effect': 'Allow',\n'Effect': 'Deny',").join(("p = ", "\n"))
    )
    assert [(row.line, row.id) for row in report.errors] == [(2, "DUPLICATE_KEYS")]


# Files and their kinds.


def test_a_notebook_is_told_by_cell_and_by_line_of_its_file(linted):
    cells = [
        {"cell_type": "markdown", "source": ["# Labels\n"]},
        {"cell_type": "code", "source": ["%load_ext gt_vpc_nb\n", "!ls\n", "name = 'a b'\n"], "outputs": []},
        {
            "cell_type": "code",
            "source": ["x = %time\n", f"c.create_labeling_job(**{{**{REQUEST!r},\n", " 'LabelingJobName': name})"],
        },
        {"cell_type": "code", "source": ["%%bash\n", "create_labeling_job("]},
    ]
    text = json.dumps({"cells": cells, "nbformat": 4}, indent=1)
    row = linted(text, "n.ipynb").errors[0]
    assert (row.id, row.field, row.place) == ("REQ-01", "LabelingJobName", "cell 3, line 3")
    assert "'LabelingJobName': name" in text.splitlines()[row.line - 1]
    assert len(linted(text, "n.ipynb").errors) == 1


def test_the_magics_of_a_notebook_are_checked_too(linted):
    cells = [
        [
            "%%gt_vpc job signs\n",
            "name: signs\n",
            "task: {type: BoundingBox, title: T, description: D, keywords: [K]}\n",
            "workers: {team: t, per_object: 99}\n",
        ],
        ["%%gt_vpc policy signs-in\n", '{"Version": "2012-10-17"\n', '"Statement": []}\n'],
    ]
    text = json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}, indent=1)
    found = {(row.place, row.id) for row in linted(text, "n.ipynb").errors}
    assert ("cell 1, line 4", "REQ-03") in found and ("cell 2, line 2", "JSON_SYNTAX_ERROR") in found


def test_markdown_is_read_block_by_block(linted):
    text = f"""# Notes
```python
request = {REQUEST!r}
```
1. and then
   ```json
   {{"LabelingJobName": "a b", "HumanTaskConfig": {{}}}}
   ```
~~~html
<p>"Statement": create_labeling_job(</p>
~~~
Indented:

    c.create_labeling_job(LabelingJobName='a_b', **more)

"""
    report = linted(text, "notes.md")
    assert {row.line for row in report.errors} == {7, 14}
    assert report.looked_at["request"] == 3


DATA = {
    "a request": REQUEST,
    "a describe answer": {**REQUEST, "LabelingJobStatus": "Completed", "LabelCounters": {}, "LabelingJobArn": "arn"},
    "a state machine": {
        "States": {
            "Label": {
                "Type": "Task",
                "Resource": "arn:aws:states:::sagemaker:createLabelingJob.sync",
                "Parameters": {
                    **{k: v for k, v in REQUEST.items() if k != "LabelingJobName"},
                    "LabelingJobName.$": "$.n",
                },
            }
        }
    },
}


@pytest.mark.parametrize("what", DATA)
def test_json_files_hold_requests_of_many_kinds(what, linted):
    assert errors(linted(json.dumps(DATA[what], indent=2), "a.json")) == []
    text = json.dumps(DATA[what], indent=2).replace('"s3://signs-out/labels/"', '"signs-out"')
    at = text[: text.index('"signs-out"')].count("\n") + 1
    assert (at, "REQ-06", "OutputConfig.S3OutputPath") in errors(linted(text, "a.json"))


REFUSED = {
    "nothing.py": (None, "cannot be read"),
    "folder.py": ("/", "is a folder"),
    "job.txt": (b"x", "is none of the files that lint reads"),
    "noending": (b"x", "is none of the files that lint reads"),
    "job.pyy": (b"x", "did you mean 'py'?"),
    "binary.py": (b"\0\0", "is binary"),
    "latin.py": (b"a\n\xe9", "is not text in UTF-8 (see line 2)"),
    "huge.json": (b" " * 10_000_001, "more than 10 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_sentence(name, tmp_path):
    content, sentence = REFUSED[name]
    path = tmp_path / name
    path.mkdir() if content == "/" else path.write_bytes(content) if content is not None else None
    with pytest.raises(GtVpcError) as caught:
        lint(path)
    assert sentence in str(caught.value) and str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_unreadable_file_is_named_at_once(tmp_path):
    with pytest.raises(GtVpcError) as caught:
        lint([tmp_path / "a.py", tmp_path / "b.py"])
    assert len(str(caught.value).splitlines()) == 2


def test_a_file_without_anything_to_check_says_so(linted):
    assert linted("", "a.py").notes[0].endswith("a.py is empty.")
    assert "no CreateLabelingJob request and no bucket policy" in linted("print('hello')").notes[0]
    assert not linted("print('hello')")


# What comes back.


def test_the_report_is_a_sequence_a_table_and_a_text(linted):
    report = linted("c.create_labeling_job(LabelingJobName='<script>alert(1)</script>', **more)")
    row = report.errors[0]
    assert report[0] in report and len(report) == len([*report])
    assert str(row).startswith(f"{row.file}:1: REQ-01 error LabelingJobName: ")
    frame = report.to_frame()
    assert [*frame["id"]] == [each.id for each in report] and frame["line"].dtype == "Int64"
    assert "<script>" not in report._repr_html_() and "&lt;script&gt;" in report._repr_html_()
    assert "1 request: " in repr(report)
    run = json.loads(report.to_sarif())["runs"][0]
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_every_id_is_a_rule_or_tells_what_it_is_of(linted):
    report = linted("c.create_labeling_job(LabelingJobName='_', RoleArn='string', Nonsense=1)")
    assert {row.id for row in report} <= {*rules(), "PLACEHOLDER_LEFT"}


def test_the_command_prints_a_line_a_problem_and_exits_1_on_errors(tmp_path, capsys):
    path = tmp_path / "job.py"
    path.write_text("c.create_labeling_job(LabelingJobName='a b', **more)", encoding="utf-8")
    assert main(["lint", str(path)]) == 1
    out, err = capsys.readouterr()
    assert out.startswith(f"{path}:1: REQ-01 error LabelingJobName: ") and "1 error" in err
    assert main(["lint", "--sarif", str(path)]) == 1
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"][0]["ruleId"] == "REQ-01"
    path.write_text("c.create_labeling_job(LabelingJobName='a', **more)", encoding="utf-8")
    assert main(["lint", str(path)]) == 0
    assert main(["lint", str(tmp_path / "none.py")]) == 2
    assert "cannot be read" in capsys.readouterr().err
