"""What holds of a request whatever its unknown parts are: it is judged with many values for them.

A problem is told only where every one of these requests has it, so that nothing unknown is ever reported as wrong.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.facts import limits, regions, task_types
from gt_vpc_nb.linting_nodes import Items, Node, Scalar, Struct, Unknown, dotted, walk
from gt_vpc_nb.request import JobFields, create_request, merged
from gt_vpc_nb.request_look import region_of
from gt_vpc_nb.request_rules import request_problems

_ACCOUNT = "111122223333"
_HUMAN = "HumanTaskConfig"
_KEY = f"arn:aws:kms:us-east-1:{_ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
#: What the two kinds of world differ in besides the task type; both are valid values.
_MORE: tuple[dict[str, Any], ...] = (
    {
        _HUMAN: {"TaskTimeLimitInSeconds": 30, "TaskAvailabilityLifetimeInSeconds": 43_200},
        "StoppingConditions": {"MaxHumanLabeledObjectCount": 100, "MaxPercentageOfInputDatasetLabeled": 50},
    },
    {_HUMAN: {"TaskTimeLimitInSeconds": 3_600, "TaskAvailabilityLifetimeInSeconds": 2_592_000}},
)


def certain_problems(request: Struct) -> list[Problem]:
    """The problems that a request has whatever its unknown parts are."""
    unknown = [dotted(path) for path, _, node in walk(request) if isinstance(node, Unknown) or _is_open(node)]
    if not unknown:
        return request_problems(_filled(request, "", {}))
    kept: list[Problem] | None = None
    for example in _examples(_region(request)):
        found = request_problems(_filled(request, "", example))
        kept = found if kept is None else [problem for problem in kept if problem in found]
        if not kept:
            return []
    return kept or []


def _is_open(node: Node) -> bool:
    return isinstance(node, (Items, Struct)) and node.open


def _region(request: Struct) -> str:
    known = [node.value for _, _, node in walk(request) if isinstance(node, Scalar) and isinstance(node.value, str)]
    places = {each.code for each in regions()}
    return next((region for text in known if (region := region_of(text)) in places), None) or regions()[0].code


def _examples(region: str) -> Iterator[dict[str, Any]]:
    """Valid requests of every kind, as full as they can be; and one of a custom workflow."""
    for kind in (*task_types(), None):
        for automated in {bool(kind and kind.algorithm), False}:
            fields = JobFields(
                name="example",
                region=region,
                task_code=kind.code if kind else None,
                title="Example",
                description="An example",
                keywords=("Example",),
                manifest="s3://example-input-bucket/manifest/input.manifest",
                output_path="s3://example-output-bucket/labels/",
                category_file="s3://example-input-bucket/categories/labels.json",
                template_file=None if kind and kind.human_task_ui else "s3://example-input-bucket/ui/ui.liquid.html",
                role=f"arn:aws:iam::{_ACCOUNT}:role/Example",
                team="example",
                per_object=None if kind else 1,
                automated=automated,
                subnets=("subnet-0123456789abcdef0",) if automated else (),
                security_groups=("sg-0123456789abcdef0",) if automated else (),
                tags=(("example", "example"),),
            )
            yield merged(create_request(fields), _MORE[automated])


def _filled(node: Node, path: str, example: Any) -> Any:
    """The plain value of a node, with the example's values, or plain valid ones, where it is not known."""
    if isinstance(node, Unknown):
        return example if example is not None else _plausible(path)
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Struct):
        inside = example if isinstance(example, Mapping) else {}
        made = {
            member.name: _filled(
                member.value, f"{path}.{member.name}" if path else member.name, inside.get(member.name)
            )
            for member in node.members
        }
        return {**inside, **made} if node.open else made
    if not isinstance(node, Items):
        return None
    listed = example if isinstance(example, list) else []
    given = [_filled(each, f"{path}[]", None) for each in node.items]
    return given or list(listed) if node.open else given


def _plausible(path: str) -> Any:
    """A valid value for a member that no example has."""
    if path.endswith("KmsKeyId"):
        return _KEY
    limit = limits().get(path)
    if limit is None or limit.kind == "structure":
        return {name: _plausible(f"{path}.{name}") for name in _required(path)}
    if limit.kind == "list":
        return [_plausible(f"{path}[]") for _ in range(limit.minimum or 0)]
    if limit.kind == "integer":
        return limit.minimum or 0
    if limit.kind == "boolean":
        return False
    return limit.values[0] if limit.values else _text(path)


_TEXTS = {
    "SnsTopicArn": f"arn:aws:sns:us-east-1:{_ACCOUNT}:example",
    "InitialActiveLearningModelArn": f"arn:aws:sagemaker:us-east-1:{_ACCOUNT}:model/example",
    "UiTemplateS3Uri": "s3://example-input-bucket/ui/ui.liquid.html",
    "SecurityGroupIds[]": "sg-0123456789abcdef0",
    "Subnets[]": "subnet-0123456789abcdef0",
    "ContentClassifiers[]": "FreeOfPersonallyIdentifiableInformation",
}


#: A text is another one each time, so that nothing which is said of it holds in every world.
_TURN = itertools.count(1)


def _text(path: str) -> str:
    return next((text for end, text in _TEXTS.items() if path.endswith(end)), f"example{next(_TURN)}")


def _required(path: str) -> list[str]:
    inner = {each.removeprefix(f"{path}."): limit for each, limit in limits().items() if each.startswith(f"{path}.")}
    return [name for name, limit in inner.items() if limit.required and "." not in name and "[" not in name]
