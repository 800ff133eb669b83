"""The policy form on the local AWS: findings as one types, plans that change nothing, and Apply with all its guards."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gt_vpc_nb.errors import AwsError, ChangeRefused, PolicyError, RequestError
from gt_vpc_nb.forms import PolicyForm
from gt_vpc_nb.forms.policy_text import edit_html, openings_html, with_findings
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.policy import Finding
from gt_vpc_nb.policy.new_policies import fresh_bucket_policy
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.reach import Opening
from tests.jobs_at_work import submitted

HOSTILE = (
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "\u202egnp.exe",
    "<img src=x onerror=alert(1)>" * 400,
)


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    return LocalAws.example()


def perimeter(aws: LocalAws, **changes: object) -> Perimeter:
    world = aws.world
    who = {
        "vpcs": [world.vpc],
        "vpc_endpoints": [world.vpc_endpoint],
        "ground_truth": world.region,
        "execution_role": world.role,
        "administrators": [world.administrator],
    }
    return Perimeter(**{**who, **changes})


@pytest.fixture
def closed(aws: LocalAws) -> Iterator[str]:
    """The output bucket, closed to everybody outside the VPC, Ground Truth included."""
    s3, bucket = aws.session(vpc_endpoint=aws.world.vpc_endpoint).client("s3"), aws.world.output_bucket
    forgetful = fresh_bucket_policy(bucket, perimeter(aws, ground_truth=None))
    s3.put_bucket_policy(Bucket=bucket, Policy=forgetful.to_json())
    yield bucket
    s3.delete_bucket_policy(Bucket=bucket)


@pytest.fixture
def form(aws: LocalAws, closed: str) -> PolicyForm:
    return PolicyForm(closed, aws.session(vpc_endpoint=aws.world.vpc_endpoint), perimeter(aws))


def now(form: PolicyForm) -> object:
    return json.loads(form.session.client("s3").get_bucket_policy(Bucket=form.bucket)["Policy"])


def test_the_form_opens_with_the_policy_and_nothing_to_apply(form: PolicyForm) -> None:
    assert json.loads(form.text) == now(form)
    assert form.apply_button.disabled and "Nothing is planned" in form.why_not.value
    assert form.repair.layout.display == "none"


def test_findings_stand_under_their_lines_as_one_types(form: PolicyForm) -> None:
    form.text = (
        '{\n  "Version": "2012-10-17",\n  "Statement": [{"Effect": "Allow",\n   "Principal": "*", "Acton": "s3:*"}]\n}'
    )
    assert "ERROR" in form.text_field.said and 'role="alert"' in form.text_field.said
    assert "Acton" in form.lines.value and "└" in form.lines.value
    assert form.lines.value.index("1 │") < form.lines.value.index("2 │")


def test_a_repair_is_offered_as_an_edit_and_taken(form: PolicyForm) -> None:
    whole = form.text
    form.text = whole[: whole.rindex("}")]
    assert form.repair.layout.display is None and "<pre" in form.repaired.value
    form.use_repair.click()
    assert json.loads(form.text) == json.loads(whole)


def test_checking_a_text_that_is_no_policy_says_all_that_is_wrong(form: PolicyForm) -> None:
    form.text = '{"Version": "2012-10-17", "Statement": []'
    form.check_button.click()
    assert isinstance(form.wait().error, PolicyError)
    assert 'role="alert"' in form.message.value and form.apply_button.disabled


def test_checking_shows_matrix_openings_and_edit_and_changes_nothing(form: PolicyForm) -> None:
    before = now(form)
    document = json.loads(form.text)
    document["Statement"] = [{"Sid": "Mine", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket",
                              "Resource": f"arn:aws:s3:::{form.bucket}"}]  # fmt: skip
    form.text = json.dumps(document, indent=2)
    form.check_button.click()
    form.wait()
    assert form.error is None and form.change is not None and now(form) == before
    for part in ("What it changes in the policy", "Who gets in, before and after", "Ways past this policy", "It opens"):
        assert part in form.plan.value
    assert not form.apply_button.disabled


def test_letting_ground_truth_in_is_planned_applied_and_rolled_back(form: PolicyForm) -> None:
    before = now(form)
    form.grant_button.click()
    form.wait()
    assert form.error is None and now(form) == before
    endpoint = form.perimeter and form.perimeter.ground_truth_endpoint
    assert "The smallest edit" in form.plan.value and str(endpoint) in form.text and str(endpoint) not in str(before)
    form.apply_button.click()
    form.wait()
    assert form.error is None and now(form) != before
    assert json.loads(form.text) == now(form)
    assert "applied and verified" in form.message.value and "applied and verified" in repr(form)
    assert form.apply_button.disabled
    form.rollback_button.click()
    form.wait().apply_button.click()
    form.wait()
    assert form.error is None and now(form) == before


def test_an_edit_takes_the_plan_back(form: PolicyForm) -> None:
    form.grant_button.click()
    assert form.wait().change is not None
    form.perimeter_fields.input("vpcs").value = ""
    assert form.change is None and form.apply_button.disabled
    form.apply_button.click()
    assert isinstance(form.error, RequestError)


def test_labeling_jobs_in_the_way_are_named_and_only_accepted_by_name(aws: LocalAws, form: PolicyForm) -> None:
    submitted(aws, "in-the-way")
    form.grant_button.click()
    form.wait()
    assert "in-the-way" in form.plan.value and form.despite_jobs_field.visible
    form.apply_button.click()
    assert isinstance(form.wait().error, ChangeRefused) and "in-the-way" in form.message.value
    assert not form.apply_button.disabled
    form.despite_jobs.value = "in-the-way"
    form.apply_button.click()
    assert "applied and verified" in form.wait().message.value
    aws.clock.advance(days=2)


def test_a_policy_that_changed_since_the_plan_is_not_written_over(aws: LocalAws, form: PolicyForm) -> None:
    form.grant_button.click()
    form.wait()
    s3 = aws.session(vpc_endpoint=aws.world.vpc_endpoint).client("s3")
    s3.delete_bucket_policy(Bucket=form.bucket)
    form.apply_button.click()
    assert isinstance(form.wait().error, ChangeRefused) and "plan it again" in form.message.value


@pytest.mark.parametrize(
    ("name", "typed", "told"),
    [
        ("vpcs", "subnet-1", "is not an id"),
        ("execution_role", "me", "is not the ARN"),
        ("ground_truth", "us-esat-1", "us-east-1"),
    ],
)
def test_what_is_wrong_with_a_field_stands_under_it(form: PolicyForm, name: str, typed: str, told: str) -> None:
    form.perimeter_fields.input(name).value = typed
    assert told in form.perimeter_fields.fields[name].said
    assert 'role="alert"' in form.perimeter_fields.fields[name].said
    form.check_button.click()
    assert isinstance(form.error, RequestError)


def test_several_endpoints_are_typed_with_commas_or_blanks(form: PolicyForm) -> None:
    form.perimeter_fields.input("vpc_endpoints").value = "vpce-1, vpce-2 vpce-3"
    assert form.perimeter is not None and form.perimeter.vpc_endpoints == ("vpce-1", "vpce-2", "vpce-3")


def test_a_bucket_without_policy_starts_empty_and_gets_a_first_one(aws: LocalAws) -> None:
    form = PolicyForm(aws.world.input_bucket, aws.session(), perimeter(aws))
    form.session.client("s3").delete_bucket_policy(Bucket=form.bucket)
    form.again_button.click()
    assert form.text == "" and "no policy" in form.text_field.said
    form.text = fresh_bucket_policy(form.bucket, perimeter(aws)).to_json()
    form.check_button.click()
    assert form.wait().error is None and form.change is not None and form.change.before is None


def test_a_bucket_that_is_not_there_is_an_error_of_the_call(aws: LocalAws) -> None:
    with pytest.raises(AwsError, match="nobody-has-this"):
        PolicyForm("nobody-has-this", aws.session())


def test_every_input_has_a_label(form: PolicyForm) -> None:
    inputs = [form.area, form.despite_jobs, form.despite_lockout]
    inputs += [each.inputs[0] for each in form.perimeter_fields.fields.values()]
    assert all(each.description for each in inputs)


@pytest.mark.parametrize("text", HOSTILE, ids=["script", "quote", "direction", "long"])
def test_no_text_becomes_markup(form: PolicyForm, text: str) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Sid": text, "Effect": "Deny", "Principal": {text: text},
                "Action": [text, "s3:*"], "Resource": text, "Condition": {text: {text: text}}}]}  # fmt: skip
    form.text = json.dumps(document, indent=1, ensure_ascii=False)
    finding = Finding("ERROR", text, text, 1, text, text)
    opening = Opening(text, text, None, text, text)
    made = [form.lines.value, form.text_field.said, with_findings(text, [finding]), openings_html([opening])]
    for html in (*made, edit_html(text, "", text)):
        assert not any(wrong in html for wrong in ("<script", "<img", '" onmouseover="'))
