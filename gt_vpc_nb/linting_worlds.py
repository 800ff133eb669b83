"""What holds of a request whatever its unknown parts are: it is judged with many values for them.

A problem is told only where every one of these requests has it, so that nothing unknown is ever reported as wrong.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.facts import TaskType, limits, regions, task_types
from gt_vpc_nb.linting_nodes import Items, Node, Scalar, Struct, Unknown, dotted, plain, walk
from gt_vpc_nb.request import JobFields, create_request, merged
from gt_vpc_nb.request_look import region_of
from gt_vpc_nb.request_rules import request_problems

_ACCOUNT = "111122223333"
_HUMAN = "HumanTaskConfig"
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
        return request_problems(plain(request))
    return [_with_holes_shown(problem) for problem in _in_every_world(request)]


def _with_holes_shown(problem: Problem) -> Problem:
    return replace(problem, message=re.sub(rf"{UNKNOWN}\d{{3}}", "…", problem.message))


def _in_every_world(request: Struct) -> list[Problem]:
    kept: list[Problem] | None = None
    world = _World(_region(request))
    for example in _examples(world.region):
        found = request_problems(world.filled(request, "", example))
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


@dataclass(frozen=True)
class _World:
    """One way in which the unknown parts of a request may turn out, in one Region."""

    region: str

    def filled(self, node: Node, path: str, example: Any) -> Any:
        """The plain value of a node, with the example's values, or plain valid ones, where it is not known."""
        if isinstance(node, Unknown):
            value = self._pieced(node, path, example) if any(node.pieces) else example
            return self._plausible(path) if value is None else value
        if isinstance(node, Scalar):
            return node.value
        if isinstance(node, Struct):
            inside = example if isinstance(example, Mapping) else {}
            made = {
                each.name: self.filled(each.value, f"{path}.{each.name}" if path else each.name, inside.get(each.name))
                for each in node.members
            }
            return {**inside, **made} if node.open else made
        if not isinstance(node, Items):
            return None
        given = [self.filled(each, f"{path}[]", None) for each in node.items]
        return given or list(example if isinstance(example, list) else []) if node.open else given

    def _pieced(self, node: Unknown, path: str, example: Any) -> Any:
        """A text of which parts are known: the example or what AWS has where that fits, else one that the API takes."""
        fits = re.compile("".join(".*" if piece is None else re.escape(piece) for piece in node.pieces), re.DOTALL)
        limit = limits().get(path)
        candidates = [example, *self._of_aws(path), self._placed_in_arn(node.pieces), _with_fill(node.pieces, path)]
        wanted = (each for each in candidates if isinstance(each, str) and fits.fullmatch(each))
        return next((each for each in wanted if limit is None or limit.matches(each)), example)

    def _of_aws(self, path: str) -> list[str]:
        """The ARNs of AWS's own that a member takes."""
        way = next((way for end, way in _ARNS.items() if path.endswith(end)), None)
        arns = [way(kind, self.region) for kind in task_types()] if way else []
        return [arn for arn in arns if arn]

    def _placed_in_arn(self, pieces: tuple[str | None, ...]) -> str:
        """A text with its holes filled by what stands in an ARN at their places."""
        made = ""
        for piece in pieces:
            fill = {3: self.region, 4: _ACCOUNT}.get(made.count(":"), "example")
            made += fill if piece is None else piece
        return made if made.startswith("arn:") else ""

    def _plausible(self, path: str) -> Any:
        """A valid value for a member that no example has."""
        limit = limits().get(path)
        if limit is None or limit.kind == "structure":
            return {name: self._plausible(f"{path}.{name}") for name in _required(path)}
        if limit.kind == "list":
            return [self._plausible(f"{path}[]") for _ in range(limit.minimum or 0)]
        if limit.kind == "integer":
            return limit.minimum or 0
        if limit.kind == "boolean":
            return False
        return limit.values[0] if limit.values else self._text(path)

    def _text(self, path: str) -> str:
        known = next((text for end, text in _TEXTS.items() if path.endswith(end)), None)
        return known.format(region=self.region, account=_ACCOUNT) if known else f"example{next(_TURN)}"


_ARNS: dict[str, Callable[[TaskType, str], str | None]] = {
    "PreHumanTaskLambdaArn": TaskType.pre_lambda,
    "AnnotationConsolidationLambdaArn": TaskType.consolidation_lambda,
    "HumanTaskUiArn": TaskType.human_task_ui_arn,
    "AlgorithmSpecificationArn": TaskType.algorithm_arn,
}
_TEXTS = {
    "KmsKeyId": "arn:aws:kms:{region}:{account}:key/11111111-2222-3333-4444-555555555555",
    "SnsTopicArn": "arn:aws:sns:{region}:{account}:example",
    "InitialActiveLearningModelArn": "arn:aws:sagemaker:{region}:{account}:model/example",
    "UiTemplateS3Uri": "s3://example-input-bucket/ui/ui.liquid.html",
    "SecurityGroupIds[]": "sg-0123456789abcdef0",
    "Subnets[]": "subnet-0123456789abcdef0",
    "ContentClassifiers[]": "FreeOfPersonallyIdentifiableInformation",
}
#: A text is another one each time, so that nothing which is said of it holds in every world.
_TURN = itertools.count(1)
#: Stands for a hole in a text, with a number that is the member's own; it is shown as `…`.
UNKNOWN = "unknown"


def _with_fill(pieces: tuple[str | None, ...], path: str) -> str:
    fill = f"{UNKNOWN}{zlib.crc32(path.encode()) % 900 + 100}"
    return "".join(fill if piece is None else piece for piece in pieces)


def _required(path: str) -> list[str]:
    inner = {each.removeprefix(f"{path}."): limit for each, limit in limits().items() if each.startswith(f"{path}.")}
    return [name for name, limit in inner.items() if limit.required and "." not in name and "[" not in name]
