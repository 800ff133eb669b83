"""Each command of %gt_vpc on the local AWS: its result, and the Python it prints, which runs in the same notebook."""

from __future__ import annotations

import json
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from gt_vpc_nb import LabelingJob, SubmittedJob
from gt_vpc_nb.errors import CommandError, GtVpcError, PolicyError

BODY = """
name: {name}
vpc: {{id: "{{{{world.vpc}}}}", vpc_endpoints: ["{{{{world.vpc_endpoint}}}}"]}}
region: us-east-1
task: {{type: ImageMultiClass, title: Sort, description: Choose one}}
input: s3://{{{{world.input_bucket}}}}/images.manifest
output: s3://{{{{world.output_bucket}}}}/labels/
label_categories: "{{{{labels}}}}"
workers: {{team: "{{{{world.workteam}}}}", per_object: 1}}
"""
PERIMETER = (
    "--vpc {{world.vpc}} --endpoint {{world.vpc_endpoint}} --role {{world.role}} --admin {{world.administrator}}"
)


@pytest.fixture(scope="module")
def shell() -> Any:
    shell = InteractiveShell()
    shell.run_line_magic("load_ext", "gt_vpc_nb")
    shell.run_cell("place = %gt_vpc use local").raise_error()
    place = shell.user_ns["place"]
    shell.push({"world": place.local.world, "aws": place.local, "labels": ["circle", "square"]})
    # A job to look at, which is over.
    _run(shell, f"%%gt_vpc submit done\n{BODY.format(name='done-1')}role: '{place.local.world.role}'\n")
    place.local.clock.advance(days=2)
    yield shell
    shell.run_line_magic("unload_ext", "gt_vpc_nb")


def _run(shell: InteractiveShell, code: str) -> Any:
    result = shell.run_cell(code)
    result.raise_error()
    return result.result


def printed(shell: InteractiveShell, code: str, capsys: pytest.CaptureFixture[str]) -> tuple[Any, str]:
    """The cell's value, and the Python that it printed."""
    capsys.readouterr()
    value = _run(shell, code)
    text = capsys.readouterr().out
    python = text[text.index("# in Python:") :]
    return value, python.partition("\nOut[")[0]


RUNS = [
    f"%gt_vpc audit {{{{world.input_bucket}}}} {PERIMETER}",
    f"%gt_vpc grant {{{{world.input_bucket}}}} {PERIMETER}",
    "%gt_vpc jobs",
    "%gt_vpc jobs --status Completed --region us-east-1 --name done",
    "%gt_vpc diagnose done-1",
    "%gt_vpc labels done-1 --region us-east-1",
    "%gt_vpc explain LabelAttributeName",
    "%gt_vpc explain S3P-01",
    "%gt_vpc doctor",
    "%gt_vpc template TextMultiClass",
    f"%%gt_vpc policy {{{{world.input_bucket}}}} {PERIMETER}\n"
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "{{world.role}}"},\n'
    ' "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{{world.input_bucket}}/*"}}\n',
]


@pytest.mark.parametrize("code", RUNS, ids=lambda code: code.split()[1])
def test_the_python_that_is_printed_runs_in_the_same_notebook_and_gives_the_same(
    shell: InteractiveShell, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    value, python = printed(shell, code, capsys)
    again = _run(shell, python)
    # %gt_vpc template gives a cell, not a value; its Python makes the job.
    assert type(again) is (type(value) if value is not None else LabelingJob)
    assert "session=place.session" in python or "session" not in python
    if value is not None and "doctor" not in code:
        assert repr(again) == repr(value)


def test_the_python_of_a_plan_builds_the_job_that_was_bound(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_line_magic("config", f"GtVpcMagics.role = '{shell.user_ns['world'].role}'")
    plan, python = printed(shell, f"%%gt_vpc job planned\n{BODY.format(name='planned-1')}", capsys)
    bound = shell.user_ns.pop("planned")
    assert bound == plan.job and bound.role == shell.user_ns["world"].role, "the job that was filled in is bound"
    preflight = _run(shell, python)
    assert shell.user_ns["planned"] == bound and preflight.summary == plan.preflight.summary
    shell.run_line_magic("config", "GtVpcMagics.role = ''")


def test_submit_fills_in_tells_what_it_filled_in_and_prints_the_python(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_line_magic("config", f"GtVpcMagics.role = '{shell.user_ns['world'].role}'")
    shell.push({"mine": LabelingJob.from_yaml({
        "name": "mine-1", "region": "us-east-1", "workers": {"team": shell.user_ns["world"].workteam, "per_object": 1},
        "task": {"type": "ImageMultiClass", "title": "Sort", "description": "Choose one"},
        "input": f"s3://{shell.user_ns['world'].input_bucket}/images.manifest",
        "output": f"s3://{shell.user_ns['world'].output_bucket}/labels/", "label_categories": ["circle", "square"],
    })})  # fmt: skip
    capsys.readouterr()
    submitted = _run(shell, "submitted = %gt_vpc submit mine") or shell.user_ns["submitted"]
    text = capsys.readouterr().out
    assert isinstance(submitted, SubmittedJob) and isinstance(shell.user_ns["mine"], LabelingJob)
    assert "from %config GtVpcMagics.role" in text and "mine.submit(session=place.session)" in text
    with pytest.raises(GtVpcError, match="mine-1"):
        _run(shell, text[text.index("# in Python:") :])
    shell.run_line_magic("config", "GtVpcMagics.role = ''")


def test_a_job_is_watched_stopped_and_its_labels_read(shell: InteractiveShell) -> None:
    _run(shell, f"%%gt_vpc submit late\n{BODY.format(name='late-1')}role: '{{{{world.role}}}}'\n")
    assert _run(shell, "%gt_vpc stop late-1").status in ("Stopping", "Stopped")
    assert "done-1" in repr(_run(shell, "%gt_vpc watch done-1"))
    assert _run(shell, "%gt_vpc labels {{done}}").labeled == 20


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("form", "LabelingJobForm"),
        ("form job", "LabelingJobForm"),
        ("form held", "LabelingJobForm"),
        ("form job held", "LabelingJobForm"),
        ("form {{held}}", "LabelingJobForm"),
        ("form jobs", "JobsView"),
        ("form policy {{world.input_bucket}}", "PolicyForm"),
    ],
)
def test_a_form_opens_with_what_it_is_of(
    shell: InteractiveShell, line: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.push({"held": LabelingJob.example("BoundingBox")})
    opened, python = printed(shell, f"%gt_vpc {line}", capsys)
    assert type(opened).__name__ == form
    assert f"from gt_vpc_nb.forms import {form}" in python


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("form polcy", "did you mean 'policy'?"),
        ("form policy", "needs the bucket's name"),
        ("form job nowhere", "'nowhere' is no form"),
        ("use local --profile x", "a profile is of your AWS configuration"),
        ("policy b", "takes a JSON body: start the cell with %%gt_vpc policy"),
    ],
)
def test_what_does_not_fit_is_one_sentence(shell: InteractiveShell, line: str, sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        _run(shell, f"%gt_vpc {line}")
    assert sentence in str(caught.value)


def test_a_broken_policy_is_shown_with_its_findings_and_not_applied(shell: InteractiveShell) -> None:
    draft = _run(shell, '%%gt_vpc policy {{world.input_bucket}}\n{"Statement": [{"Effect": "Alow"}]}\n')
    assert draft.change is None and "This is no policy" in repr(draft) and len(draft.lint)
    with pytest.raises(PolicyError):
        _run(shell, '%%gt_vpc policy {{world.input_bucket}} --apply\n{"Statement": [{"Effect": "Alow"}]}\n')


def test_a_policy_is_compared_put_and_rolled_back(shell: InteractiveShell) -> None:
    session, world = shell.user_ns["place"].session, shell.user_ns["world"]
    s3, bucket = session.client("s3"), world.output_bucket
    statement = {"Sid": "Reading", "Effect": "Allow", "Principal": {"AWS": world.role}, "Action": "s3:GetObject",
                 "Resource": f"arn:aws:s3:::{bucket}/*"}  # fmt: skip
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    new = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Principal": "*"}]})
    draft = _run(shell, f"%%gt_vpc policy {bucket} {PERIMETER}\n{new}\n")
    assert draft.openings and draft.change.opens.opened, "everybody may read"
    assert "gets in from outside" in repr(draft) and "nothing was changed" in draft.summary
    assert "Principal" in draft.change.diff
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"] == [statement]
    new = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Action": "s3:PutObject"}]})
    session.client("sagemaker").stop_labeling_job(LabelingJobName="mine-1")
    shell.user_ns["aws"].clock.advance(hours=1)
    _run(shell, f"%%gt_vpc policy {bucket} --apply\n{new}\n")
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(new)
    _run(shell, f"%gt_vpc rollback {bucket} --apply")
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"] == [statement]


def test_several_jobs_are_watched_in_one_view_and_the_python_does_the_same(shell: InteractiveShell, capsys) -> None:
    for name in ("both-1", "both-2"):
        _run(shell, f"%%gt_vpc submit both\n{BODY.format(name=name)}role: '{{{{world.role}}}}'\n")
    view, python = printed(shell, "%gt_vpc watch both-1 both-2 both-1", capsys)
    assert [status.status for status in view.statuses] == ["Completed", "Completed"]
    assert "watch(['both-1', 'both-2'], session=place.session)" in python
    assert len(_run(shell, "%gt_vpc watch {{both}} both-1").statuses) == 2


def test_the_banner_of_an_account_that_nobody_can_name_says_why(shell: InteractiveShell, monkeypatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    said = repr(_run(shell, "%gt_vpc use aws --region eu-west-1"))
    _run(shell, "%gt_vpc use {{place.session}}")
    assert said.startswith("Calls now go to: AWS · eu-west-1 · account not known (") and "credentials" in said
