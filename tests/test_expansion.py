from __future__ import annotations

from types import SimpleNamespace

import numpy
import pandas
import pytest

from gt_vpc_nb.errors import CommandError
from gt_vpc_nb.expansion import Expansion

NAMES = {
    "bucket": "signs-in",
    "subnets": ["subnet-0a", "subnet-0b"],
    "world": SimpleNamespace(role="arn:aws:iam::111122223333:role/Labeler", buckets={"in": "signs-in"}),
    "workers": 3,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{bucket}}", "signs-in"),
        ("{{ bucket }}", "signs-in"),
        ("s3://{{bucket}}/train.manifest", "s3://signs-in/train.manifest"),
        ("{{subnets}}", ["subnet-0a", "subnet-0b"]),
        ("{{subnets[0]}}", "subnet-0a"),
        ("{{subnets[-1]}}", "subnet-0b"),
        ("{{world.role}}", "arn:aws:iam::111122223333:role/Labeler"),
        ("{{world.buckets['in']}}", "signs-in"),
        ("{{workers}}", 3),
        ("{{workers}} of {{workers}}", "3 of 3"),
    ],
)
def test_a_path_becomes_its_value_and_keeps_its_type_when_it_stands_alone(text, value):
    expansion = Expansion(NAMES)
    assert expansion.restore(expansion.mark(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": 1}}',
        "{{ task.input.taskObject | grant_read_access }}",
        "{{ task.input.labels }}",
        "{% for each in task.input %}",
        "{{}}",
        "{{ 1 + 1 }}",
        "",
    ],
)
def test_json_braces_and_liquid_stay_as_they_are(text):
    assert Expansion(NAMES).mark(text) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{{buckt}}", "no variable of this notebook is called 'buckt'; did you mean 'bucket'?"),
        ("{{world.rule}}", "did you mean 'role'?"),
        ("{{subnets[7]}}", "list index out of range"),
        ("{{world.buckets['out']}}", "['out'] is not there"),
        ("{{workers[0]}}", "[0] is not there"),
    ],
)
def test_what_is_not_there_is_an_error_with_the_near_name(text, sentence):
    with pytest.raises(CommandError) as caught:
        Expansion(NAMES).mark(text)
    assert sentence in str(caught.value)


def test_a_list_given_to_a_repeated_option_means_each_of_its_items():
    expansion = Expansion(NAMES)
    assert expansion.restore([expansion.mark("{{subnets}}"), "subnet-0c"]) == ["subnet-0a", "subnet-0b", "subnet-0c"]


def test_values_are_put_back_inside_a_parsed_body():
    expansion = Expansion(NAMES)
    body = {"vpc": {"subnets": expansion.mark("{{subnets}}")}, "workers": [expansion.mark("{{workers}}")]}
    assert expansion.restore(body) == {"vpc": {"subnets": ["subnet-0a", "subnet-0b"]}, "workers": [3]}


@pytest.mark.parametrize(
    "text",
    [
        "{% for label in task.input.labels %}{{ label }}{% endfor %}",
        "{% assign bucket = 1 %}{{ bucket }}",
        "{%- for each in x -%}{{ forloop.index }}{{ each.name }}{% endfor %}",
        "{% raw %}{{ bucket }}{% endraw %}",
    ],
)
def test_what_a_template_names_itself_is_the_templates(text):
    assert Expansion(NAMES).mark(text) == text


def test_a_variable_called_task_does_not_take_the_templates_own():
    expansion = Expansion({"task": SimpleNamespace(type="BoundingBox")})
    marked = expansion.mark("{{ task.input.taskObject }} {{task.type}}")
    assert expansion.restore(marked) == "{{ task.input.taskObject }} BoundingBox"


@pytest.mark.parametrize(
    ("text", "json_text"),
    [
        ('{"a": "{{subnets}}"}', '{"a": ["subnet-0a", "subnet-0b"]}'),
        ('{"a": {{subnets}}}', '{"a": ["subnet-0a", "subnet-0b"]}'),
        ('{"a": "arn:aws:s3:::{{bucket}}/*"}', '{"a": "arn:aws:s3:::signs-in/*"}'),
        ('{"{{bucket}}": {{workers}}}', '{"signs-in": 3}'),
        ('{"a": {"b": {"c": "${aws:username}"}}}', '{"a": {"b": {"c": "${aws:username}"}}}'),
        ('{"a": "x{{quoted}}"}', '{"a": "x\\"\\\\"}'),
        ('{"a": "\\"{{bucket}}"}', '{"a": "\\"signs-in"}'),
    ],
)
def test_a_json_body_stays_json_whatever_the_values_are(text, json_text):
    expansion = Expansion({**NAMES, "quoted": '"\\'})
    assert expansion.restore_json(expansion.mark(text)) == json_text


def test_what_json_has_no_word_for_and_a_mark_of_ones_own_are_one_sentence():
    expansion = Expansion(NAMES)
    with pytest.raises(CommandError, match="cannot stand in JSON"):
        expansion.restore_json(expansion.mark('{"a": "{{world}}"}'))
    with pytest.raises(CommandError, match="U\\+E000"):
        expansion.mark("\ue0007\ue001")


def test_every_path_that_leads_nowhere_is_told_at_once_with_the_nearest_right_one():
    expansion = Expansion({"cats": ["a"], "team": {"team": "t", "name": "n"}, "world": SimpleNamespace(vpc="vpc-1")})
    with pytest.raises(CommandError) as refused:
        expansion.mark("{{cts}} {{team['taem']}} {{team.name}} {{world.vcp}} {{cats[3]}} {{cts}}")
    lines = str(refused.value).splitlines()
    assert [line.partition("; did you mean ")[2] for line in lines] == ["'cats'?", "'team'?", "['name']?", "'vpc'?", ""]


@pytest.mark.parametrize("held", [numpy.array(["a", "b"]), pandas.Series(["a", "b"]), pandas.Index(["a", "b"])])
def test_a_column_of_a_table_is_its_list_in_every_place(held):
    expansion = Expansion({"names": held, "count": numpy.int64(3)})
    assert expansion.restore(expansion.mark("{{names}}")) == ["a", "b"]
    assert expansion.restore([expansion.mark("{{names}}")]) == ["a", "b"]
    assert expansion.restore_json(expansion.mark('{"a": "{{names}}", "b": {{count}}}')) == '{"a": ["a", "b"], "b": 3}'
