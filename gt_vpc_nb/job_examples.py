"""The smallest complete labeling job of every kind, as YAML to change: names, buckets and ARNs are placeholders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.facts import AUTO_LABELING_MIN_OBJECTS, TaskType, region, task_type, task_types
from gt_vpc_nb.job_chaining import OUTPUT_MANIFEST
from gt_vpc_nb.job_text import dumped

ACCOUNT = "111122223333"
CATEGORIES = ("car", "bus", "tree")
OPINIONS = ("good", "bad")
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/GroundTruthExecution"
_VPC = {
    "id": "vpc-0a1b2c3d4e5f60718",
    "subnets": ["subnet-0a1b2c3d4e5f60718"],
    "security_groups": ["sg-0a1b2c3d4e5f60718"],
    "vpc_endpoints": ["vpce-0a1b2c3d4e5f60718"],
}
#: What one line of the input manifest refers to, by modality; AWS's guide has a page on each.
_LINES = {
    "image": '{"source-ref": "s3://signs-in/1.jpg"}',
    "text": '{"source": "Some text"}',
    "video clip": '{"source-ref": "s3://signs-in/1.mp4"}',
    "video frame": '{"source-ref": "s3://signs-in/1/sequence.json"}: frames, in a sequence file',
    "3D point cloud (frame)": '{"source-ref": "s3://signs-in/1.txt", "source-ref-metadata": {"format": …}}',
    "3D point cloud (sequence)": '{"source-ref": "s3://signs-in/1/sequence.json"}: frames, in a sequence file',
    "any": '{"source": "Some text"} or {"source-ref": "s3://signs-in/1.jpg"}',
}
#: What workers are asked to do: title, and the description that is also their instructions.
_WORDS = {
    "image": ("Label every picture", "Look at the picture and label what you see."),
    "text": ("Label every text", "Read the text and label what it is about."),
    "video clip": ("Label every clip", "Watch the clip and label what you see."),
    "video frame": ("Label every frame", "Go through the frames and label what you see in each."),
    "3D point cloud (frame)": ("Label every point cloud", "Turn the point cloud and label what you see."),
    "3D point cloud (sequence)": ("Label every point cloud", "Go through the sequence and label what you see."),
    "any": ("Answer about what is shown", "Read or look, and write your answer."),
}
_AUDIT_WORDS = {
    "adjusting": ("Correct the labels", "Look at the labels that are there and correct what is wrong."),
    "verifying": ("Judge the labels", "Look at the labels that are there and say whether they are right."),
}
_TEMPLATE = """\
<script src="https://assets.crowd.aws/crowd-html-elements.js"></script>
<crowd-form>
  <blockquote>{{ task.input.source }}</blockquote>
  <crowd-text-area name="answer" label="Your answer" required></crowd-text-area>
</crowd-form>
"""


def example_names() -> tuple[str, ...]:
    """What there is an example of: the 23 task types, and what is no task type of its own."""
    return (*(kind.code for kind in task_types()), *_OTHERS)


def example_yaml(what: str, region_code: str = "us-east-1") -> str:
    """The smallest complete job of a task type, or of one of `example_names()` that is none: the YAML of a cell.

    `LabelingJob.from_yaml` reads it; nothing in it is an error in any Region of Ground Truth.

    Raises:
        RequestError: there is no such example, or Ground Truth does not run in the Region.

    >>> print(example_yaml("ImageMultiClass").splitlines()[0])
    # Image classification (single label). Change what is yours: buckets, ids, role, work team, categories.
    """
    code = region(region_code).code
    if what in _OTHERS:
        told, body = _OTHERS[what](code)
        return _page(told, body)
    names = example_names()
    if what not in names:
        near = near_miss(str(what), names) or f"; choose one of: {', '.join(names)}"
        raise RequestError(f"There is no example of {what!r}{near}")
    kind = task_type(what)
    line = _LINES[kind.modality] if kind.base_task is None else "as the earlier job wrote it, with its labels"
    return _page([f"{kind.display_name}. {_CHANGE}", f"A line of the input: {line}"], _of(kind, code))


_CHANGE = "Change what is yours: buckets, ids, role, work team, categories."


def _page(told: list[str], body: Mapping[str, Any]) -> str:
    return "".join(f"# {line}\n" for line in told) + dumped({k: v for k, v in body.items() if v is not None})


def _of(kind: TaskType, region_code: str) -> dict[str, Any]:
    title, description = _WORDS[kind.modality]
    body: dict[str, Any] = {
        "vpc": _VPC,
        "name": f"{kind.code.lower()}-1",
        "region": region_code,
        "task": {"type": kind.code, "title": title, "description": description},
        "input": "s3://signs-in/input.manifest",
        "output": {"path": "s3://signs-out/labels/"},
        "label_categories": list(CATEGORIES),
        "workers": {"team": "labelers"},
        "role": _ROLE,
    }
    return body | _BY_KIND[kind.job_kind](kind)


def _adjusting(kind: TaskType) -> dict[str, Any]:
    return _audit(kind, "adjusting")


def _verifying(kind: TaskType) -> dict[str, Any]:
    return _audit(kind, "verifying") | {"label_categories": list(OPINIONS)}


def _audit(kind: TaskType, verb: str) -> dict[str, Any]:
    """The job before this one has the name of its task type, and so has its label attribute."""
    base = task_type(kind.base_task or "")
    earlier = f"{base.code.lower()}-1"
    title, description = _AUDIT_WORDS[verb]
    return {
        "task": {"type": kind.code, "title": title, "description": description},
        "input": f"s3://signs-out/labels/{earlier}/{OUTPUT_MANIFEST}",
        verb: f"{earlier}-ref" if base.needs_ref else earlier,
    }


_BY_KIND: Mapping[str, Callable[[TaskType], dict[str, Any]]] = {
    "base": lambda kind: {},
    "custom": lambda kind: {"label_categories": None},
    "adjustment": _adjusting,
    "verification": _verifying,
    "adjustment|verification": _adjusting,
}


def _custom(region_code: str) -> tuple[list[str], dict[str, Any]]:
    told = [f"A workflow of your own without Lambda functions: the manifest line is task.input. {_CHANGE}"]
    return told, _own_workflow(region_code) | {"name": "custom-1", "custom_workflow": {}}


def _custom_with_lambdas(region_code: str) -> tuple[list[str], dict[str, Any]]:
    functions = f"arn:aws:lambda:{region_code}:{ACCOUNT}:function:sagemaker"
    told = [f"A workflow of your own: one function prepares tasks, one makes labels of the answers. {_CHANGE}"]
    names = {"pre_lambda": f"{functions}-prepare", "consolidation_lambda": f"{functions}-consolidate"}
    return told, _own_workflow(region_code) | {"name": "custom-with-lambdas-1", "custom_workflow": names}


def _own_workflow(region_code: str) -> dict[str, Any]:
    body = _of(task_type("PassThrough"), region_code)
    title, description = _WORDS["any"]
    return body | {
        "task": {"type": "custom", "title": title, "description": description},
        "template": _TEMPLATE,
        "workers": {"team": "labelers", "per_object": 1},
    }


def _streaming(region_code: str) -> tuple[list[str], dict[str, Any]]:
    topic = f"arn:aws:sns:{region_code}:{ACCOUNT}:groundtruth"
    told = [
        f"A streaming labeling job: it takes data objects from one topic and sends labels to another. {_CHANGE}",
        "It runs until it is stopped, or until ten days pass without an object.",
    ]
    body = _of(task_type("ImageMultiClass"), region_code)
    return told, body | {
        "name": "streaming-1",
        "input": None,
        "stream_from": {"topic": f"{topic}-in", "results_to": f"{topic}-out"},
    }


def _automated(region_code: str) -> tuple[list[str], dict[str, Any]]:
    told = [
        f"Automated labeling: a model, trained in the VPC, labels what it is sure of. {_CHANGE}",
        f"The input has at least {AUTO_LABELING_MIN_OBJECTS:,} objects.",
    ]
    body = _of(task_type("ImageMultiClass"), region_code)
    return told, body | {"name": "automated-labeling-1", "automated_labeling": True}


def _public(region_code: str) -> tuple[list[str], dict[str, Any]]:
    kind = task_type("ImageMultiClass")
    told = [
        f"The public workforce, Mechanical Turk: everybody may see the data, so it is in no VPC. {_CHANGE}",
        f"The price of a task is one of: {', '.join(kind.prices)} USD.",
    ]
    return told, _of(kind, region_code) | {
        "vpc": None,
        "name": "public-crowd-1",
        "workers": {"per_object": 3, "availability": 21_600},
        "declares": ["FreeOfPersonallyIdentifiableInformation", "FreeOfAdultContent"],
        "public_crowd": {"price": "0.036"},
    }


_OTHERS: Mapping[str, Callable[[str], tuple[list[str], dict[str, Any]]]] = {
    "custom": _custom,
    "custom-with-lambdas": _custom_with_lambdas,
    "streaming": _streaming,
    "automated-labeling": _automated,
    "public-crowd": _public,
}
