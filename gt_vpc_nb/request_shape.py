"""What the shape of CreateLabelingJob says about a request: every member, its kind, size, pattern and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gt_vpc_nb.errors import Problem, near_miss
from gt_vpc_nb.facts import Limit, limits

#: Which rule a member belongs to: the first row whose path begins the member's. The rest is REQ-06.
_RULES = (
    ("LabelingJobName", "REQ-01"),
    ("LabelAttributeName", "REQ-02"),
    ("InputConfig.DataSource", "STR-01"),
    ("LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig", "NET-05"),
    ("LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VolumeKmsKeyId", "KMS-02"),
    ("LabelingJobAlgorithmsConfig.InitialActiveLearningModelArn", "AUTO-11"),
    ("LabelingJobAlgorithmsConfig", "AUTO-02"),
    ("StoppingConditions", "REQ-03"),
    ("OutputConfig.KmsKeyId", "KMS-01"),
    ("RoleArn", "IAM-10"),
    ("HumanTaskConfig.WorkteamArn", "WF-01"),
    ("HumanTaskConfig.UiConfig", "TPL-01"),
    ("HumanTaskConfig.PreHumanTaskLambdaArn", "REQ-10"),
    ("HumanTaskConfig.AnnotationConsolidationConfig", "REQ-10"),
    ("HumanTaskConfig.NumberOfHumanWorkersPerDataObject", "REQ-03"),
    ("HumanTaskConfig.MaxConcurrentTaskCount", "REQ-03"),
    ("HumanTaskConfig.TaskTimeLimitInSeconds", "REQ-04"),
    ("HumanTaskConfig.TaskAvailabilityLifetimeInSeconds", "REQ-05"),
    ("HumanTaskConfig.PublicWorkforceTaskPrice", "REQ-09"),
    ("Tags", "REQ-07"),
)
#: The builder's verb for a member that is missing.
_VERBS = {
    "LabelingJobName": ".named('…')",
    "LabelAttributeName": ".named('…') or .label_attribute('…')",
    "InputConfig": ".input('s3://…')",
    "OutputConfig": ".output('s3://…')",
    "RoleArn": ".as_role('arn:aws:iam::…:role/…')",
    "HumanTaskConfig.WorkteamArn": ".workers('team') and, for a team by name, .as_role('arn:…')",
    "HumanTaskConfig.UiConfig": ".template('s3://…')",
    "HumanTaskConfig.TaskTitle": ".task(…, title='…')",
    "HumanTaskConfig.TaskDescription": ".task(…, description='…')",
    "HumanTaskConfig.NumberOfHumanWorkersPerDataObject": ".workers(…, per_object=3)",
    "HumanTaskConfig.TaskTimeLimitInSeconds": ".workers(…, time_limit=3600)",
}
_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "string": (str, "text"),
    "integer": (int, "a whole number"),
    "boolean": (bool, "true or false"),
    "list": ((list, tuple), "a list"),
    "structure": (Mapping, "a structure"),
}


def shape_problems(request: Mapping[str, Any]) -> Iterator[Problem]:
    """Every member that is missing, unknown, of the wrong kind, or out of its bounds; all of them are errors."""
    yield from _structure(request, "", "")


def _structure(value: Mapping[str, Any], member: str, field: str) -> Iterator[Problem]:
    inside = _children(member)
    for name, limit in inside.items():
        if limit.required and name not in value:
            verb = _VERBS.get(limit.member)
            remedy = f"Add {verb}." if verb else "Give it a value."
            yield _problem(limit.member, _join(field, name), f"{name} is missing", remedy)
    for name, each in value.items():
        if name in inside:
            yield from _value(each, inside[name], _join(field, str(name)))
        else:
            near = _elsewhere(str(name)) or near_miss(str(name), inside)
            where = f"{field or 'CreateLabelingJob'} has no member {name!r}{near}"
            yield _problem(_join(member, str(name)), _join(field, str(name)), where, "Remove or rename it.")


def _children(member: str) -> dict[str, Limit]:
    prefix = f"{member}." if member else ""
    below = {path.removeprefix(prefix): limit for path, limit in limits().items() if path.startswith(prefix)}
    return {name: limit for name, limit in below.items() if "." not in name and not name.endswith("[]")}


def _elsewhere(name: str) -> str:
    """Where a member belongs that stands in the wrong structure, as the tail of a sentence, or nothing."""
    above = next((path.rpartition(".")[0] for path in limits() if path.rpartition(".")[2] == name), None)
    return "" if above is None else f"; it is a member of {above or 'CreateLabelingJob'}"


def _value(value: Any, limit: Limit, field: str) -> Iterator[Problem]:
    kind, word = _KINDS[limit.kind]
    if not isinstance(value, kind) or (limit.kind == "integer" and isinstance(value, bool)):
        yield _problem(limit.member, field, f"{_shown(value)} is given, {word} is wanted", f"Give {word}.")
    elif limit.kind == "structure":
        yield from _structure(value, limit.member, field)
    else:
        yield from _bounds(value, limit, field)
        if limit.kind == "list":
            element = limits()[f"{limit.member}[]"]
            for index, each in enumerate(value):
                yield from _value(each, element, f"{field}[{index}]")


def _bounds(value: Any, limit: Limit, field: str) -> Iterator[Problem]:
    size = value if limit.kind == "integer" else len(value)
    if not (limit.minimum or 0) <= size <= (size if limit.maximum is None else limit.maximum):
        unit = {"string": " characters", "list": " entries"}.get(limit.kind, "")
        upper = f"or more{unit}" if limit.maximum is None else f"to {limit.maximum}{unit}"
        wanted = f"{limit.minimum or 0} {upper}"
        yield _problem(limit.member, field, f"{size}{unit} given, {wanted} wanted", f"Use {wanted}.")
    if limit.kind != "string":
        return
    if limit.values and value not in limit.values:
        wanted = f"{_shown(value)} is given, one of {', '.join(limit.values)} is wanted"
        yield _problem(limit.member, field, wanted + near_miss(value, limit.values), "Use one of these values.")
    if not limit.matches(value):
        yield _problem(limit.member, field, f"{_shown(value)} does not match {limit.pattern}", "Write it in that form.")


def _problem(member: str, field: str, message: str, remedy: str) -> Problem:
    code = next(
        (rule for prefix, rule in _RULES if member == prefix or member.startswith((f"{prefix}.", f"{prefix}["))),
        "REQ-06",
    )
    return Problem(
        code, "error", field, message[:1].upper() + message[1:] + ("" if message.endswith("?") else "."), remedy
    )


def _join(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
