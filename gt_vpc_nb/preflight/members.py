"""Checks of the request's own members: what AWS knows beyond what `LabelingJob.problems()` decides."""

from __future__ import annotations

from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.case import Case, Outcome, failed, passed, together, undetermined, warned
from gt_vpc_nb.preflight.surroundings import LambdaFunction, Missing, Unknown
from gt_vpc_nb.preflight.table import Check, fact, offline
from gt_vpc_nb.preflight.telling import few


def name_is_free(case: Case) -> Outcome:
    name, status = case.request.get("LabelingJobName") or "", case.surroundings.same_name_job
    if status is None:
        return passed(f"no labeling job is named {name}")
    return failed(f"a labeling job named {name} is there already ({status})", "Choose another name: .named(…).")


def _unnamed(case: Case) -> str | None:
    return None if case.request.get("LabelingJobName") else "the request names no job"


def functions_are_there(case: Case) -> Outcome:
    """Functions of one's own; AWS's are there wherever Ground Truth is."""
    own = [_there(each) for each in case.surroundings.functions]
    return together(own or [passed("AWS's own functions")], "")


def _there(function: LambdaFunction) -> Outcome:
    name = function.arn.rpartition(":function:")[2] or function.arn
    if isinstance(function.state, Missing):
        return failed(function.state.reason, "Create the function, or name one that is there: .custom_workflow(…).")
    if isinstance(function.state, Unknown):
        return undetermined(f"whether the function {name} is there is not known: {function.state.reason}")
    if function.state not in ("Active", "Inactive"):
        return failed(f"the function {name} is {function.state}", "Wait until it is Active, or repair it.")
    return passed(f"the function {name} is {function.state}")


def _own_functions(case: Case) -> str | None:
    return None if case.surroundings.functions or case.task is not None else "no function is named"


def folder_is_empty(case: Case) -> Outcome:
    """Is anything left of an earlier job where this one would write?"""
    left = case.surroundings.leftovers
    assert not isinstance(left, Unknown)
    if not left:
        return passed("the job's folder is empty")
    folder = f"{str(places.member(case.request, places.OUTPUT)).rstrip('/')}/{case.request.get('LabelingJobName')}/"
    return warned(f"{folder} holds {few([repr(key) for key in left])}", "Choose another name or output folder.")


def _no_output(case: Case) -> str | None:
    return None if places.split_uri(places.member(case.request, places.OUTPUT)) else "the request names no output"


CHECKS = (
    Check("REQ-01", ("same_name_job",), name_is_free, _unnamed),
    *(offline(id) for id in ("REQ-02", "REQ-03", "REQ-04", "REQ-05", "REQ-06", "REQ-07")),
    fact(
        "REQ-08",
        "the job stops at the first stopping condition that is met, and after 30 days at the latest; it can be "
        "chained then",
    ),
    offline("REQ-09"),
    Check("REQ-10", (), functions_are_there, _own_functions),
    Check("REQ-11", ("leftovers",), folder_is_empty, _no_output),
)
