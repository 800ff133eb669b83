"""Human task UIs, and templates rendered for a look."""

from __future__ import annotations

import hashlib
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.liquid import rendered
from gt_vpc_nb.local.liquid_values import LiquidError
from gt_vpc_nb.templates import templated, worker_template
from tests.local.test_labeling_api import checked, refused

ROLE = "arn:aws:iam::111122223333:role/labeling"


def render(text, **values):
    return rendered(text, values, {"grant_read_access": lambda uri: f"https://signed/{uri}"})


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("a {{ x }} b", "a 1 &lt; 2 b"),
        ("{{ x | skip_autoescape }}", "1 < 2"),
        ("{{ x | escape }}", "1 &lt; 2"),
        ("{{ rows | to_json | escape }}", "[1, 2, 3]"),
        ("{{ rows | to_json }}", "[1, 2, 3]"),
        ("{{ task.input.manifestLine.my-label }}", "cat"),
        ("{{ task['input'].manifestLine['my-label'] }}", "cat"),
        ("{{ rows[1] }}{{ rows.first }}{{ rows.size }}{{ rows[-1] }}", "2133"),
        ("{{ none.at.all }}|{{ none | default: 'else' }}", "|else"),
        ("{{ uri | grant_read_access }}", "https://signed/s3://in/a.png"),
        ("{% if rows contains 2 and x != '' %}yes{% else %}no{% endif %}", "yes"),
        ("{% if none %}a{% elsif rows.size > 2 %}b{% else %}c{% endif %}", "b"),
        ("{% unless none %}a{% else %}b{% endunless %}", "a"),
        ("{% for r in rows %}{{ forloop.index }}{% unless forloop.last %},{% endunless %}{% endfor %}", "1,2,3"),
        ("{% for r in rows reversed limit:2 %}{{ r }}{% endfor %}", "21"),
        ("{% for r in rows offset:1 %}{% if r == 3 %}{% break %}{% endif %}{{ r }}{% endfor %}", "2"),
        ("{% for r in rows %}{% if r == 2 %}{% continue %}{% endif %}{{ r }}{% endfor %}", "13"),
        ("{% for r in none %}a{% else %}empty{% endfor %}", "empty"),
        ("{% for i in (1..3) %}{{ i }}{% endfor %}", "123"),
        ("{% for pair in map %}{{ pair[0] }}={{ pair[1] }};{% endfor %}", "a=1;b=2;"),
        ("{% assign y = x | split: ' ' | last %}{{ y | plus: 0 | default: 5 }}", None),
        ("{% assign y = rows | join: '-' %}{{ y }}", "1-2-3"),
        ("{% capture c %}<{{ x }}>{% endcapture %}{{ c | skip_autoescape }}", "<1 &lt; 2>"),
        ("{% case rows.size %}{% when 1, 2 %}few{% when 3 %}three{% else %}many{% endcase %}", "three"),
        ("{% raw %}{{ x }}{% endraw %}{% comment %}{{ x | nothing }}{% endcomment %}", "{{ x }}"),
        ("a  {%- if x -%}  b  {%- endif -%}  c", "abc"),
        ("{{ 'it | is: {{ not }}' | upcase }}", None),
        ("{{ 'a|b: c' | upcase }}", "A|B: C"),
        ("{{ true }}{{ 1.5 }}{{ nil }}", "true1.5"),
    ],
)  # fmt: skip
def test_a_template_is_filled_in_as_liquid_has_it(template, page):
    values = {
        "x": "1 < 2", "rows": [1, 2, 3], "uri": "s3://in/a.png", "map": {"a": 1, "b": 2},
        "task": {"input": {"manifestLine": {"my-label": "cat"}}},
    }  # fmt: skip
    if page is None:
        with pytest.raises(LiquidError):
            render(template, **values)
    else:
        assert render(template, **values) == page


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ x | grant_reed_access }}", "did you mean 'grant_read_access'"),
        ("{% iff x %}{% endif %}", "Unknown tag 'iff'"),
        ("{% if x %}a", "endif"),
        ("{% endif %}", "Unknown tag 'endif'"),
        ("{% for in rows %}{% endfor %}", "cannot be read"),
        ("{% break %}", "outside of a for"),
        ("{{ }}", "no value"),
        ("{% if x ~ 3 %}{% endif %}", "no condition"),
        ("{% assign x %}", "assigns nothing"),
        ("{% raw %}", "endraw"),
        ("{{ 1 | divided_by: 0 }}", "divided_by cannot take"),
        ("{% for a in (1..9999999) %}{% endfor %}", "more than"),
    ],
)
def test_a_template_that_cannot_be_rendered_is_one_sentence(template, text):
    with pytest.raises(LiquidError, match=text):
        render(template, x=1, rows=[])


@given(st.text(), st.text(alphabet="ab<>&\"'{}%| "))
def test_a_text_never_becomes_markup_and_any_template_is_rendered_or_refused(value, template):
    assert render("{{ x }}", x=value) == escape(value)
    try:
        assert isinstance(render(template, x=value), str)
    except LiquidError as error:
        assert str(error).endswith(".")


@pytest.mark.parametrize("code", templated())
def test_our_own_templates_are_rendered_with_what_aws_hands_to_them(code):
    text = worker_template(code, instructions="Look", audited="before")
    line = {"source-ref": "s3://in/a.png", "source": "red", "before": {"annotations": []}, "before-metadata": {}}
    page = render(text, task={"input": {"taskObject": "s3://in/a.png", "labels": ["cat"], "manifestLine": line}})
    assert "crowd-form" in page and "{{" not in page and "{%" not in page


def test_a_human_task_ui_is_made_described_listed_and_deleted(small_world):
    world, names = small_world, ["b-look", "a-look", "c-look"]
    for name in names:
        checked(world, "CreateHumanTaskUi", HumanTaskUiName=name, UiTemplate={"Content": f"<p>{name}</p>"})
        world.clock.advance(minutes=1)
    assert (
        refused(world, "CreateHumanTaskUi", HumanTaskUiName="b-look", UiTemplate={"Content": "x"}).code
        == "ResourceInUse"
    )
    told = checked(world, "DescribeHumanTaskUi", HumanTaskUiName="a-look")
    assert told["UiTemplate"] == {"ContentSha256": hashlib.sha256(b"<p>a-look</p>").hexdigest()}
    first = checked(world, "ListHumanTaskUis", MaxResults=2, SortOrder="Descending")
    rest = checked(world, "ListHumanTaskUis", MaxResults=2, SortOrder="Descending", NextToken=first["NextToken"])
    rows = first["HumanTaskUiSummaries"] + rest["HumanTaskUiSummaries"]
    assert [row["HumanTaskUiName"] for row in rows] == names[::-1]
    later = checked(world, "ListHumanTaskUis", CreationTimeAfter=told["CreationTime"])
    assert [row["HumanTaskUiName"] for row in later["HumanTaskUiSummaries"]] == names[1:]
    checked(world, "DeleteHumanTaskUi", HumanTaskUiName="a-look")
    assert refused(world, "DescribeHumanTaskUi", HumanTaskUiName="a-look").code == "ResourceNotFound"
    assert refused(world, "DeleteHumanTaskUi", HumanTaskUiName="a-look").code == "ResourceNotFound"


def test_a_template_or_a_kept_ui_is_rendered_and_errors_are_told(small_world):
    world = small_world
    arn = world.call("CreateHumanTaskUi", HumanTaskUiName="look", UiTemplate={"Content": "<p>{{ task.input.x }}</p>"})
    given = {"RoleArn": ROLE, "Task": {"Input": '{"x": "1 < 2"}'}}
    told = checked(world, "RenderUiTemplate", HumanTaskUiArn=arn["HumanTaskUiArn"], **given)
    assert told == {"RenderedContent": "<p>1 &lt; 2</p>", "Errors": []}
    told = checked(world, "RenderUiTemplate", UiTemplate={"Content": "{{ a | nothing }}"}, **given)
    assert told["RenderedContent"] == "" and "Unknown filter 'nothing'" in told["Errors"][0]["Message"]
    none = f"{arn['HumanTaskUiArn']}-none"
    assert refused(world, "RenderUiTemplate", HumanTaskUiArn=none, **given).code == "ResourceNotFound"
    awss = "arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/VideoObjectDetection"
    assert refused(world, "RenderUiTemplate", HumanTaskUiArn=awss, **given).code == "UnsupportedOperation"
    assert "one of" in refused(world, "RenderUiTemplate", **given).message
    broken = {**given, "Task": {"Input": "no json"}}
    assert "not JSON" in refused(world, "RenderUiTemplate", UiTemplate={"Content": "x"}, **broken).message


def test_a_link_in_a_rendered_template_is_worth_what_the_role_may(tmp_path):
    aws = LocalAws.example()
    sagemaker, iam = aws.session().client("sagemaker"), aws.session().client("iam")
    content = '<img src="{{ task.input.taskObject | grant_read_access }}">'
    task = {"Input": '{"taskObject": "s3://images-in/images/0000.png"}'}
    told = sagemaker.render_ui_template(UiTemplate={"Content": content}, Task=task, RoleArn=aws.world.role)
    assert "images-in" in told["RenderedContent"] and "Signature=" in told["RenderedContent"]
    iam.create_role(RoleName="nobody", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
    with pytest.raises(sagemaker.exceptions.ClientError, match="Could not assume role"):
        sagemaker.render_ui_template(
            UiTemplate={"Content": content}, Task=task, RoleArn="arn:aws:iam::111122223333:role/nobody"
        )
    aws.save(tmp_path / "state")
    assert LocalAws.load(tmp_path / "state").session().client("sagemaker").list_workteams()["Workteams"]
