"""`%gt_vpc template`: a cell to change, which plans as it stands."""

from __future__ import annotations

import pytest

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.expansion import Expansion
from gt_vpc_nb.job_examples import example_names, example_yaml


@pytest.mark.parametrize("what", example_names())
def test_the_braces_of_a_template_are_left_to_ground_truth(what):
    text = example_yaml(what)
    assert Expansion({}).mark(text) == text


def test_a_filled_in_cell_comes_under_this_one_and_says_the_python_for_it(shell, capsys):
    shell.run_cell("%gt_vpc template BoundingBox --region eu-west-1").raise_error()
    first, _, body = shell.rl_next_input.partition("\n")
    assert first == "%%gt_vpc job" and LabelingJob.from_yaml(body) == LabelingJob.example("BoundingBox", "eu-west-1")
    assert "LabelingJob.example('BoundingBox', 'eu-west-1')" in capsys.readouterr().out


def test_the_region_is_the_sessions_where_none_is_named(shell, capsys):
    shell.run_line_magic("gt_vpc", "use local --region eu-central-1")
    shell.run_cell("%gt_vpc template custom").raise_error()
    assert "region: eu-central-1" in shell.rl_next_input


def test_a_wrong_name_is_answered_with_the_nearest_one(shell):
    with pytest.raises(RequestError, match="did you mean 'BoundingBox'"):
        shell.run_line_magic("gt_vpc", "template boundingbox")
