"""The labeling job form without a browser: typed into, pressed, and compared with the job that the builder makes."""

from __future__ import annotations

import json
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import boto3
import pytest

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.aws.listing import KINDS as LISTED
from gt_vpc_nb.aws.listing import Choice
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.forms import LabelingJobForm
from gt_vpc_nb.forms.labeling_job_more_rows import ROWS
from gt_vpc_nb.forms.labeling_job_values import KINDS
from gt_vpc_nb.job_code_builder import builder_code
from gt_vpc_nb.job_examples import example_names
from gt_vpc_nb.local import LocalAws

EXAMPLES = {name: LabelingJob.example(name) for name in example_names()}


class Silent:
    """A session whose AWS answers nothing: what a form does before, and without, an answer."""

    region_name = "us-east-1"

    def client(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("nobody answers")


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    return LocalAws.example(seed=7)


def shapes(aws: LocalAws, name: str) -> LabelingJob:
    world = aws.world
    return (
        LabelingJob.in_vpc(world.vpc, subnets=world.subnets, security_groups=world.security_groups,
                           vpc_endpoints=[world.vpc_endpoint])
        .named(name)
        .in_region(world.region)
        .task("ImageMultiClass", title="Sort shapes", description="Choose one", keywords=["Images"])
        .input(f"s3://{world.input_bucket}/images.manifest")
        .output(f"s3://{world.output_bucket}/labels/")
        .label_categories(["circle", "square"])
        .workers("labelers", per_object=3, time_limit=300)
        .as_role(world.role)
    )  # fmt: skip


def fill_in(form: LabelingJobForm, job: LabelingJob) -> None:
    """Types a job into the form, field by field, as a person would: only what the form shows can be filled in."""
    for row in ROWS:
        value = row.value(job)
        if row.value(form.job) == value:
            continue
        field = form.fields[row.name]
        assert field.field.visible, row.name
        field.main.value = KINDS[row.kind].show(value) if row.kind in KINDS else value


# -- two ways ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_form_of_a_job_holds_exactly_that_job(name: str) -> None:
    assert LabelingJobForm(EXAMPLES[name], Silent()).job == EXAMPLES[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_form_filled_in_from_nothing_holds_the_job(name: str) -> None:
    form = LabelingJobForm(session=Silent())
    fill_in(form, EXAMPLES[name])
    assert form.job == EXAMPLES[name]
    assert form.why_not() == []
    assert not form.actions.submit.disabled


def test_setting_the_job_fills_in_the_widgets() -> None:
    form = LabelingJobForm(EXAMPLES["BoundingBox"], Silent())
    form.fields["per_object"].main.value = "many"
    form.job = EXAMPLES["streaming"]
    assert form.fields["name"].main.value == "streaming-1"
    assert form.fields["topic"].main.value == EXAMPLES["streaming"].topic
    assert form.fields["per_object"].main.value == ""
    assert form.fields["per_object"].unread == ""


def test_only_a_labeling_job_can_be_set() -> None:
    with pytest.raises(RequestError, match="give a LabelingJob"):
        LabelingJobForm(session=Silent()).job = {"name": "a"}  # type: ignore[assignment]


def test_what_no_widget_shows_stays() -> None:
    job = LabelingJob.from_request(
        {**EXAMPLES["BoundingBox"].to_request(), "Unheard": {"Of": [1]}, "Tags": [{"Key": "a\nb", "Value": "=c"}]}
    )
    form = LabelingJobForm(job, Silent())
    form.fields["name"].main.value = "another-name"
    assert form.job == replace(job, name="another-name")
    assert form.fields["tags"].main.disabled
    assert "cannot show whole" in form.fields["tags"].field.said


def test_typing_is_not_corrected_while_it_goes_on() -> None:
    form = LabelingJobForm(EXAMPLES["BoundingBox"], Silent())
    form.fields["categories"].main.value = "car\nbus\n"
    assert form.fields["categories"].main.value == "car\nbus\n"
    assert form.job.categories == ("car", "bus")


def test_code_and_yaml_make_the_job_again() -> None:
    form = LabelingJobForm(EXAMPLES["BoundingBox"], Silent())
    names: dict[str, Any] = {}
    exec(form.to_code(), names)
    assert names["job"] == LabelingJob.from_yaml(form.to_yaml()) == form.job
    assert "create_labeling_job(" in form.to_code("boto3")
    form.actions.python.click()
    assert form.actions.copy.value == builder_code(form.job, LabelingJob())
    form.actions.yaml.click()
    assert form.actions.copy.value == form.job.to_yaml()
    assert form.actions.copy.description == "YAML to copy"


@pytest.mark.parametrize("name", ["BoundingBox", "VideoObjectTracking"])
def test_what_is_typed_while_offers_and_defaults_arrive_is_not_lost(name: str) -> None:
    form, done = LabelingJobForm(session=Silent()), Event()

    def arriving() -> None:
        while not done.is_set():
            for kind in LISTED:
                form._offered(kind, (Choice("vpc-1"), Choice("subnet-1", vpc="vpc-1")))
            form._show_job()

    thread = Thread(target=arriving)
    thread.start()
    try:
        fill_in(form, EXAMPLES[name])
    finally:
        done.set()
        thread.join()
    assert form.job == EXAMPLES[name]


# -- what is wrong -------------------------------------------------------------------------------------------------


def test_an_empty_form_says_why_it_cannot_be_sent() -> None:
    form = LabelingJobForm(session=Silent())
    assert form.actions.submit.disabled
    assert "Submit is off" in form.actions.why.value
    assert "Job name" in form.actions.why.value


def test_what_is_missing_only_because_the_name_is_missing_is_no_error_of_its_own() -> None:
    form = LabelingJobForm(replace(EXAMPLES["ImageMultiClass"], name=None), Silent())
    assert form.why_not() == ["1 error: see Job name."]
    assert "follows from the name" in form.fields["attribute"].field.said


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "street_signs", "REQ-01"),
        ("per_object", "12", "REQ-03"),
        ("per_object", "three", "not a whole number"),
        ("time_limit", "1", "REQ-04"),
        ("output_path", "labels", "REQ-06"),
        ("role", "me", "IAM-10"),
        ("tags", "team", "key=value"),
        ("categories", "car\ncar", "LAB-04"),
        ("objects", "{", "not JSON at line 1"),
        ("raw", "[1]", "JSON of another kind"),
        ("raw", '{"StoppingConditions": {"Many": 1}}', ""),
    ],
)
def test_what_is_wrong_stands_under_its_field(field: str, typed: str, said: str) -> None:
    form = LabelingJobForm(EXAMPLES["ImageMultiClass"], Silent())
    form.fields[field].main.value = typed
    if said:
        assert said in form.fields[field].field.said
        assert 'role="alert"' in form.fields[field].field.said
        assert "Error" in form.fields[field].field.said
    assert form.actions.submit.disabled
    assert form.fields[field].row.label in " ".join(form.why_not()) or not said


def test_mending_takes_the_error_away() -> None:
    form = LabelingJobForm(EXAMPLES["ImageMultiClass"], Silent())
    form.fields["per_object"].main.value = "three"
    form.fields["per_object"].main.value = "3"
    assert form.fields["per_object"].field.said == ""
    assert form.job.per_object == 3
    assert not form.actions.submit.disabled


def test_a_problem_without_a_field_stands_at_the_top() -> None:
    job = EXAMPLES["ImageMultiClass"].with_raw(Unheard=1)
    form = LabelingJobForm(job, Silent())
    assert any(problem.field == "Unheard" for problem in form.problems)
    assert "Unheard" in form._top.value


def test_every_error_is_shown_somewhere() -> None:
    form = LabelingJobForm(LabelingJob().task("BoundingBox").exactly(per_object=99, title="x" * 999), Silent())
    shown = form._top.value + "".join(field.field.said for field in form.fields.values() if field.field.visible)
    assert all(problem.code in shown for problem in form.problems)


def test_sections_come_and_go_with_the_task() -> None:
    form = LabelingJobForm(LabelingJob().task("VideoObjectDetection"), Silent())
    assert form.fields["frame_attributes"].field.visible
    assert not form.fields["template_text"].field.visible
    form.fields["task_code"].main.value = "TextMultiClass"
    assert not form.fields["frame_attributes"].field.visible
    assert form.fields["template_text"].field.visible
    assert not form.fields["pre_function"].field.visible
    form.fields["task_code"].main.value = None
    assert form.fields["pre_function"].field.visible


def test_a_task_that_has_no_adjustment_says_so() -> None:
    form = LabelingJobForm(EXAMPLES["AdjustmentBoundingBox"], Silent())
    form.fields["task_code"].main.value = "TextMultiClass"
    assert "no adjustment job" in form.fields["task_code"].field.said
    assert form.job == EXAMPLES["AdjustmentBoundingBox"]


# -- the preview ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", range(4))
def test_changed_lines_are_marked_in_every_preview(view: int) -> None:
    form = LabelingJobForm(EXAMPLES["BoundingBox"], Silent())
    form.view.index = view
    assert ", 0 lines changed" in form.preview.value
    form.fields["title"].main.value = "Another title"
    assert "changed" in form.preview.value.partition(">")[2]
    assert "Another title" in form.preview.value and ", 1 lines" not in form.preview.value
    assert 'tabindex="0" role="region" aria-label="Preview' in form.preview.value


def test_the_request_is_previewed_in_the_sessions_region() -> None:
    form = LabelingJobForm(replace(EXAMPLES["BoundingBox"], region=None), Silent())
    form.view.index = 1
    assert "arn:aws:lambda:us-east-1:" in form.preview.value
    assert form.job.region is None


# -- hostile text --------------------------------------------------------------------------------------------------

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "quote": "\"'><img src=x onerror=alert(1)>",
    "direction": "\u202e\u2066gnp.exe",
    "long": "<b>" + "x" * 10_000,
    "style": "</style><script>alert(1)</script>",
}
TYPED = (
    "name",
    "title",
    "description",
    "keywords",
    "categories",
    "tags",
    "role",
    "team",
    "manifest",
    "raw",
    "attribute",
)


def htmls(form: LabelingJobForm) -> str:
    from ipywidgets import HTML, Box

    def within(widget: Any) -> list[str]:
        if isinstance(widget, HTML):
            return [widget.value]
        return [text for each in widget.children for text in within(each)] if isinstance(widget, Box) else []

    return "".join(within(form.widget)) + form._repr_html_()


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_of_a_job_becomes_markup(name: str) -> None:
    text = HOSTILE[name]
    form = LabelingJobForm(EXAMPLES["ImageMultiClass"], Silent())
    for field in TYPED:
        typed = {"tags": f"{text}={text}", "raw": json.dumps({text: text})}.get(field, text)
        form.fields[field].main.value = typed
        for view in range(4):
            form.view.index = view
            made = htmls(form)
            assert "<script" not in made
            assert "<img" not in made
            assert "<b>x" not in made
            assert made.count("<style>") == 1
    assert form.error is None


# -- the account's offers --------------------------------------------------------------------------------------------


def test_a_form_offers_what_the_account_has(aws: LocalAws) -> None:
    world, form = aws.world, LabelingJobForm(session=aws.session()).wait()
    assert world.vpc in form.fields["vpc"].main.options
    assert "labelers" in form.fields["team"].main.options
    assert f"s3://{world.input_bucket}/" in form.fields["manifest"].main.options
    assert form.fields["role"].main.options == (world.role,)
    form.fields["vpc"].main.value = world.vpc
    offered = [value for _, value in form.fields["subnets"].picker.options]
    assert set(offered) == set(world.subnets)
    form.fields["subnets"].picker.value = (world.subnets[0],)
    assert form.job.subnets == (world.subnets[0],)
    form.fields["subnets"].main.value = f"subnet-typed\n{world.subnets[1]}"
    assert form.fields["subnets"].picker.value == (world.subnets[1],)
    form.fields["subnets"].picker.value = ()
    assert form.job.subnets == ("subnet-typed",)


def test_what_may_not_be_listed_is_told_beside_the_field_and_typed_by_hand(aws: LocalAws) -> None:
    with aws.faults.fail("ec2:DescribeVpcs", 403, "UnauthorizedOperation"):
        form = LabelingJobForm(session=aws.session()).wait()
    assert "UnauthorizedOperation on ec2:DescribeVpcs" in form.fields["vpc"].field.offers.value
    form.fields["vpc"].main.value = "vpc-0123456789abcdef0"
    assert form.job.vpc == "vpc-0123456789abcdef0"


def test_a_session_that_answers_nothing_leaves_a_form_that_works() -> None:
    form = LabelingJobForm(session=Silent()).wait()
    assert "nobody answers" in form.fields["vpc"].field.offers.value
    assert form.error is None


def test_another_region_is_asked_anew(aws: LocalAws) -> None:
    form = LabelingJobForm(session=aws.session()).wait()
    form.fields["region"].main.value = "eu-west-1"
    form.wait()
    assert aws.world.vpc not in form.fields["vpc"].main.options


# -- check and submit --------------------------------------------------------------------------------------------------


def writes(session: boto3.Session) -> list[str]:
    """The operations of a session that are no reading, as they are called from now on."""
    found: list[str] = []
    reading = ("Get", "List", "Describe", "Head", "Simulate", "RenderUiTemplate")

    def note(model: Any, **_: Any) -> None:
        if not model.name.startswith(reading):
            found.append(model.name)

    session.events.register("before-call", note)
    return found


def test_filling_in_previewing_and_checking_write_nothing(aws: LocalAws) -> None:
    session = aws.session()
    written = writes(session)
    form = LabelingJobForm(session=session).wait()
    fill_in(form, shapes(aws, "checked-only"))
    for view in range(4):
        form.view.index = view
    form.actions.check.click()
    form.wait()
    assert form.error is None
    assert form.plan is not None
    assert form.plan.job == form.job
    assert "Preflight" in form.actions.plan.value
    assert written == []


def test_a_job_is_filled_in_submitted_and_watched_to_its_end(aws: LocalAws) -> None:
    session = aws.session()
    form = LabelingJobForm(session=session).wait()
    fill_in(form, shapes(aws, "by-form"))
    written = writes(session)
    form.actions.submit.click()
    form.actions.submit.click()
    form.wait()
    assert form.error is None, form.error
    assert form.result is not None
    assert written.count("CreateLabelingJob") == 1
    assert "by-form" in form.actions.sent.value
    assert form.actions.submit.disabled
    assert "was sent" in form.actions.why.value
    assert form.result.wait().status == "Completed"
    form.actions.refresh.click()
    form.wait()
    assert "Completed" in form.actions.status.value
    assert "Completed" in repr(form)
    assert "Completed" in form._repr_html_()
    form.fields["name"].main.value = "by-form-2"
    assert not form.actions.submit.disabled


def test_failed_checks_are_refused_unless_they_are_named(aws: LocalAws) -> None:
    session = aws.session()
    session.client("s3").delete_bucket_cors(Bucket=aws.world.input_bucket)
    form = LabelingJobForm(shapes(aws, "despite"), session)
    form.actions.submit.click()
    form.wait()
    assert isinstance(form.error, RequestError)
    assert "CORS-01" in form.message.value
    assert "Check failed" in form.fields["manifest"].field.said
    assert form.result is None
    assert form.actions.sent.value == ""
    form.fields["title"].main.value = "Another title"
    assert "Check failed" not in form.fields["manifest"].field.said
    assert "check again" in form.actions.outdated.value
    form.actions.despite.value = "CORS-01"
    form.actions.submit.click()
    form.wait()
    assert form.result is not None
    assert form.result.name == "despite"


def test_what_cannot_be_read_is_not_checked() -> None:
    form = LabelingJobForm(EXAMPLES["ImageMultiClass"], Silent())
    form.fields["per_object"].main.value = "three"
    with pytest.raises(RequestError, match="Workers for each data object"):
        form.check()


def test_what_is_configured_fills_open_fields_and_is_told(aws: LocalAws) -> None:
    role = aws.world.role
    form = LabelingJobForm(replace(shapes(aws, "defaults"), role=None), aws.session(), settings={"role": role}).wait()
    assert "from %config GtVpcMagics.role" in form.fields["role"].field.said
    assert form.job.role is None
    assert form.why_not() == []
    form.view.index = 1
    assert role in form.preview.value
    assert form.check().job.role == role


def test_every_field_has_a_label_and_says_what_it_is() -> None:
    form = LabelingJobForm(session=Silent())
    bare = [name for name, row in form.fields.items() if not (row.main.description and row.main.tooltip)]
    assert bare == []


def test_a_form_is_walked_as_any_box_is() -> None:
    form = LabelingJobForm(session=Silent())
    assert form.children == form.widget.children and len(form.children) > 1
