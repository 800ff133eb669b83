from __future__ import annotations

import builtins

import pytest

from gt_vpc_nb import errors
from gt_vpc_nb.errors import GtVpcError, MissingExtra, Problem, RequestError, near_miss, refuse

OURS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, GtVpcError)]


@pytest.mark.parametrize("error", [each for each in OURS if each is not GtVpcError])
def test_every_error_is_ours_and_pythons(error):
    assert any(vars(builtins).get(base.__name__) is base for base in error.__mro__[2:-3]), error


@pytest.mark.parametrize("error", OURS)
def test_the_tree_in_the_docstring_names_every_error(error):
    assert error.__name__ in errors.__doc__


def test_ipython_shows_at_most_five_lines():
    shown = GtVpcError("\n".join(f"line {number}" for number in range(9)))._render_traceback_()
    assert len(shown) == 5 and shown[0] == "GtVpcError: line 0" and "5 more" in shown[-1]


def test_every_error_among_the_problems_is_named_and_warnings_pass():
    wrong = Problem("REQ-01", "error", "LabelingJobName", "'' is empty.", "Give a name.")
    odd = Problem("AUTO-04", "warning", "InputConfig", "few objects.")
    refuse([odd], "The request")
    with pytest.raises(RequestError) as caught:
        refuse([wrong, odd, wrong], "The request")
    assert str(caught.value).startswith("The request has 2 problems:\n  error REQ-01 LabelingJobName: '' is empty.")
    assert caught.value.problems == (wrong, odd, wrong)


@pytest.mark.parametrize(
    ("word", "tail"), [("boundingbox", "; did you mean 'BoundingBox'?"), ("zebra", ""), ("", ""), (7, "")]
)
def test_near_misses_are_offered_whatever_the_case(word, tail):
    assert near_miss(word, ["BoundingBox", "ImageMultiClass"]) == tail


def test_a_missing_extra_says_the_line_that_installs_it():
    assert "pip install 'gt-vpc-nb[local]'" in str(MissingExtra("local", "moto", "The local AWS"))
