"""A labeling job as a state machine of Step Functions (Amazon States Language), and such states read back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from gt_vpc_nb.job_code_found import FoundRequest, Placed, found_request
from gt_vpc_nb.job_code_notes import noted_files, upload_notes
from gt_vpc_nb.job_code_trees import json_tree

STATE = "Create labeling job"
#: The integration that waits until the job ends; the state fails when the job does.
RESOURCE = "arn:aws:states:::sagemaker:createLabelingJob.sync"
_RESOURCES = re.compile(r"arn:aws[a-z-]*:states:[^:]*:[^:]*:(aws-sdk:)?sagemaker:createLabelingJob(\.sync)?")
_JSONATA = re.compile(r"\{%.*%\}", re.DOTALL)


def stepfunctions_code(request: Mapping[str, Any], files: Mapping[str, bytes], region: str | None) -> str:
    """A state machine that creates the job and waits for its end; it runs in the job's Region."""
    comment = "\n".join([f"Create the state machine in {region}." if region else "", *upload_notes(files)]).strip("\n")
    state = {"Comment": comment, "Type": "Task", "Resource": RESOURCE, "Parameters": request, "End": True}
    machine = {"QueryLanguage": "JSONPath", "StartAt": STATE, "States": {STATE: state}}
    shown = json.dumps(machine, indent=2, ensure_ascii=False, allow_nan=False)
    plain = (each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in shown)
    return "".join(plain) + "\n"


def requests_in_stepfunctions(text: str) -> list[FoundRequest]:
    """Every state of a state machine that creates a labeling job; paths and expressions are marked as unknown.

    Raises:
        RequestError: the text is not JSON; the sentence names the line.
    """
    return list(requested_by_states(json_tree(text)))


def requested_by_states(tree: Placed, name: str = "") -> Iterator[FoundRequest]:
    """The requests of the states anywhere in a document."""
    if isinstance(tree.value, tuple):
        for each in tree.value:
            yield from requested_by_states(each, name)
    if not isinstance(tree.value, dict):
        return
    resource = tree.value.get("Resource", Placed("", 1)).value
    if isinstance(resource, str) and _RESOURCES.fullmatch(resource):
        given = [
            _given(tree.value[key], key == "Arguments") for key in ("Parameters", "Arguments") if key in tree.value
        ]
        found = found_request(given[0] if given else Placed({}, tree.line), name, None, tree.line)
        comment = tree.value.get("Comment", Placed("", 1)).value
        yield FoundRequest(**{**vars(found), "files": noted_files(str(comment).split("\n"))})
        return
    for key, each in tree.value.items():
        yield from requested_by_states(each, key)


def _given(tree: Placed, jsonata: bool) -> Placed:
    """The tree with what is found while the state runs marked: JSONata in Arguments, ``Member.$`` in Parameters."""
    if isinstance(tree.value, dict):
        inner = {}
        for key, each in tree.value.items():
            if not jsonata and key.endswith(".$") and isinstance(each.value, str):
                inner[key.removesuffix(".$")] = Placed(each.value, each.line, each.value)
            else:
                inner[key] = _given(each, jsonata)
        return Placed(inner, tree.line)
    if isinstance(tree.value, tuple):
        return Placed(tuple(_given(each, jsonata) for each in tree.value), tree.line)
    if jsonata and isinstance(tree.value, str) and _JSONATA.fullmatch(tree.value):
        return Placed(tree.value, tree.line, tree.value)
    return tree
