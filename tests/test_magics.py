from __future__ import annotations

import json

import pytest

from gt_vpc_nb import LabelingJob, SubmittedJob
from gt_vpc_nb.errors import CommandError, GtVpcError, RequestError
from gt_vpc_nb.magics import GtVpcMagics
from gt_vpc_nb.tour import first_policy


@pytest.fixture
def local(shell):
    """A shell whose calls go to the local AWS, with its world and session as variables."""
    place = shell.run_line_magic("gt_vpc", "use local")
    shell.push({"world": place.local.world, "session": place.session, "aws": place.local})
    return shell


PERIMETER = (
    "--vpc {{world.vpc}} --endpoint {{world.vpc_endpoint}} --role {{world.role}} --admin {{world.administrator}}"
)
BODY = """
name: signs-1
vpc:
  id: "{{world.vpc}}"
  subnets: "{{world.subnets}}"
  security_groups: "{{world.security_groups}}"
  vpc_endpoints: ["{{world.vpc_endpoint}}"]
region: "{{world.region}}"
task: {type: ImageMultiClass, title: Sort, description: Choose one, keywords: [Images]}
input: s3://{{world.input_bucket}}/images.manifest
output: s3://{{world.output_bucket}}/labels/
label_categories: [circle, square]
workers: {team: "{{world.workteam}}", per_object: 3, time_limit: 300}
role: "{{world.role}}"
"""


def run(shell, line, cell=None):
    """Runs a magic as a cell would, and raises what the cell would show."""
    code = f"%gt_vpc {line}" if cell is None else f"%%gt_vpc {line}\n{cell}"
    result = shell.run_cell(code)
    result.raise_error()
    return result.result


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "needs a command"),
        ("use local --region us-esat-1", "did you mean 'us-east-1'?"),
        ("use aws --region mars-1", "AWS has no Region 'mars-1'"),
        ("use loacl", "did you mean 'local'?"),
        ("audt b", "did you mean 'audit'?"),
        ("audit", "the following arguments are required: BUCKET"),
        ("audit b --vcp vpc-0a", "there is no option --vcp; did you mean '--vpc'?"),
        ("audit 'b", "could not split this line"),
        ("use nowhere", "'nowhere' is not a place"),
        ("use locl", "did you mean 'local'?"),
        ("jobs more", "'more' is one word too many"),
        ("job", "takes a YAML body"),
        ("submit", "needs a variable that holds a LabelingJob"),
        ("submit nothing", "'nothing' does not hold a LabelingJob"),
        ("audit {{buckt}}", "no variable of this notebook is called 'buckt'"),
    ],
)
def test_a_wrong_line_is_one_sentence(shell, line, sentence):
    with pytest.raises(CommandError) as caught:
        run(shell, line)
    assert sentence in str(caught.value)


def test_an_error_shows_no_frames_and_can_be_asked_for_its_trace(shell, capsys):
    shell.run_cell("%gt_vpc audt b")
    short = capsys.readouterr().out
    assert "CommandError: " in short and "Traceback" not in short
    shell.run_line_magic("config", "GtVpcMagics.short_errors = False")
    shell.run_cell("%gt_vpc audt b")
    assert "Traceback" in capsys.readouterr().out


@pytest.mark.parametrize("line", ["--help", "audit --help", "submit -h"])
def test_help_is_printed_and_the_cell_goes_on(shell, line, capsys):
    assert run(shell, line) is None
    assert "usage: %" in capsys.readouterr().out


def test_question_mark_shows_the_same_help(shell):
    assert "audit" in shell.find_line_magic("gt_vpc").__doc__


@pytest.mark.parametrize("line", ["jobs", "watch j", "stop j", "audit b", "template BoundingBox"])
def test_a_misspelt_region_is_answered_with_the_nearest_and_asks_nobody(shell, line):
    with pytest.raises(RequestError, match="did you mean 'us-east-1'"):
        run(shell, f"{line} --region us-esat-1")


@pytest.mark.parametrize("line", ["submit {{held}}", "form {{held}}", "form job {{held}}"])
def test_what_is_no_job_is_told_by_its_kind_and_never_shown(local, line):
    class Silent:
        def __repr__(self):
            raise AssertionError("it was shown")

    local.push({"held": Silent()})
    with pytest.raises(CommandError, match="a Silent was given, and no LabelingJob"):
        run(local, line)


def test_the_python_of_a_form_names_the_jobs_variable(local, capsys):
    local.push({"held": LabelingJob.example("BoundingBox")})
    run(local, "form {{held}}")
    assert "LabelingJobForm(held, session=session)" in capsys.readouterr().out


def test_no_form_is_offered_in_the_place_of_a_variable(local):
    with pytest.raises(CommandError) as refused:
        run(local, "form job jobs")
    assert "did you mean" not in str(refused.value)


def test_a_session_keeps_its_own_region(local):
    with pytest.raises(CommandError, match="a session has a Region of its own"):
        run(local, "use {{session}} --region eu-west-1")


def test_unloading_and_loading_again_leave_one_magic_and_one_configurable(shell):
    shell.run_line_magic("reload_ext", "gt_vpc_nb")
    assert sum(isinstance(each, GtVpcMagics) for each in shell.configurables) == 1
    shell.run_line_magic("unload_ext", "gt_vpc_nb")
    assert shell.find_line_magic("gt_vpc") is None
    assert not any(isinstance(each, GtVpcMagics) for each in shell.configurables)
    assert GtVpcError.short_in_notebooks


def test_use_local_shows_where_calls_go(shell):
    assert repr(run(shell, "use local")).startswith("Calls now go to: local AWS · us-east-1 · ")


def test_use_takes_a_session_of_ones_own(local):
    outside = local.user_ns["aws"].session()
    local.push({"outside": outside})
    assert run(local, "use {{outside}}").session is outside


def test_audit_and_grant_and_rollback_are_a_line_each(local):
    world, session = local.user_ns["world"], local.user_ns["session"]
    s3, bucket = session.client("s3"), world.input_bucket
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(first_policy(bucket, world.vpc, world.vpc_endpoint)))
    before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert not run(local, f"audit {bucket} {PERIMETER}").buckets["ground_truth_ok"].iloc[0]
    run(local, f"grant {bucket} {PERIMETER}")
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == before, "a plan changes nothing"
    run(local, f"grant {bucket} {PERIMETER} --apply")
    assert run(local, f"audit {bucket} {PERIMETER}").buckets["ground_truth_ok"].iloc[0]
    run(local, f"rollback {bucket} --apply")
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(before)


def test_the_equivalent_python_is_printed(local, capsys):
    run(local, "jobs --status InProgress")
    told = "# in Python:\nfrom gt_vpc_nb import labeling_jobs\nlabeling_jobs(session=session, status='InProgress')\n"
    assert told in capsys.readouterr().out


def test_a_result_can_be_assigned(local):
    local.run_cell("df = %gt_vpc jobs").raise_error()
    assert len(local.user_ns["df"]) == 0 and "attention" in local.user_ns["df"].columns


def test_a_yaml_body_is_a_plan_that_sends_nothing_and_binds_its_variable(local):
    plan = run(local, "job signs", BODY)
    assert isinstance(local.user_ns["signs"], LabelingJob)
    assert "nothing was sent" in repr(plan)
    assert local.user_ns["session"].client("sagemaker").list_labeling_jobs()["LabelingJobSummaryList"] == []


def test_submit_refuses_what_the_preflight_found_and_sends_it_when_told_so(local):
    body = BODY.replace("images.manifest", "missing.manifest")
    with pytest.raises(RequestError, match="was not submitted; the preflight failed") as caught:
        run(local, "submit signs", body)
    names = str(caught.value).split("--despite ")[1].strip()
    assert isinstance(run(local, f"submit signs --despite {names}", body), SubmittedJob)


def test_despite_must_name_a_check_that_failed(local):
    with pytest.raises(RequestError, match="--despite names S3P-99, which did not fail"):
        run(local, "submit --despite S3P-99", BODY)


def test_a_job_built_in_python_is_submitted_by_its_variable(local):
    run(local, "job signs", BODY)
    assert isinstance(run(local, "submit signs"), SubmittedJob)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("name: [", "not YAML"),
        ("", "YAML"),
        ("nmae: signs-1", "name"),
        ("name: {{nowhere}}", "no variable of this notebook"),
        ("name: a\nname: b", "given twice"),
        ("name: &a [*a]", "nested too deep"),
        ("workers: {team: t, per_objct: 1}", "did you mean 'per_object'?"),
        ("tags: none", "give a mapping"),
        ("- a\n- b", "YAML"),
    ],
)
def test_a_wrong_body_is_one_sentence(local, body, sentence):
    with pytest.raises(GtVpcError) as caught:
        run(local, "job", body + "\n")
    assert sentence in str(caught.value)


def test_a_number_written_as_a_word_is_a_problem_of_the_plan(local):
    plan = run(local, "job", BODY + "stop_after: {objects: many}\n")
    assert "'many' is given, a whole number is wanted" in repr(plan) and plan._repr_html_()


@pytest.mark.parametrize("name", ["class", "1x", "a-b", "ü b"])
def test_what_cannot_be_a_variable_is_refused_before_anything_is_done(local, name):
    with pytest.raises(CommandError, match="is not a variable name"):
        run(local, f"job '{name}'", BODY)


def test_a_body_under_a_command_that_takes_none_is_refused(local):
    with pytest.raises(CommandError, match="takes no body"):
        run(local, "audit b", "name: x")


def test_lint_gives_its_report_and_the_python_for_it(shell, tmp_path, capsys):
    path = tmp_path / "job.py"
    path.write_text("c.create_labeling_job(LabelingJobName='a b', **more)", encoding="utf-8")
    report = run(shell, f"lint {path}")
    assert [(row.line, row.id) for row in report] == [(1, "REQ-01")]
    assert f"lint(['{path}'])" in capsys.readouterr().out
