"""A labeling job as text: YAML and back, and a sentence a line."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from gt_vpc_nb.errors import Problem, RequestError, near_miss
from gt_vpc_nb.job_arguments import listed
from gt_vpc_nb.job_code_trees import yaml_value
from gt_vpc_nb.job_verbs import VERBS
from gt_vpc_nb.request import JobFields

#: Verbs whose first argument may itself be a mapping: one without the key is that.
_WHOLE = ("label_categories",)
#: Fields that no verb sets, because only a request that exists can need them.
EXACTLY = "exactly"


def apply_yaml(text: str | Mapping[str, Any], start: Any) -> Any:
    """A job described in YAML: each key is a verb of the builder, applied to `start`.

    A body in CreateLabelingJob's own words (LabelingJobName: …) is left to the caller, as the mapping itself.

    Raises:
        RequestError: the text is not YAML, not a mapping, or has keys that are no verbs or values that these do not
            take; all of them at once.
    """
    body = _loaded(text)
    if "LabelingJobName" in body:
        return body
    job = start
    wrong = [f"{key!r} is not a part of a labeling job{near_miss(str(key), VERBS)}" for key in body if not _known(key)]
    if wrong:
        end = "" if wrong[-1].endswith("?") else "."
        wrong[-1] += f"{end} A job has: {', '.join(VERBS)}."
    for key in (key for key in VERBS if key in body):
        try:
            job = _apply(job, key, body[key])
        except RequestError as error:
            wrong.append(str(error))
    if wrong:
        raise RequestError(wrong[0] if len(wrong) == 1 else "\n".join([f"The job has {len(wrong)} mistakes:", *wrong]))
    return job.exactly(**{name: _thawed(name, value) for name, value in (body.get(EXACTLY) or {}).items()})


def _known(key: object) -> bool:
    return key == EXACTLY or key in VERBS


def _loaded(text: str | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(text, Mapping):
        return dict(text)
    import yaml

    try:
        body = yaml_value(text) if isinstance(text, (str, bytes)) else text
    except yaml.YAMLError as error:
        raise RequestError(f"The job is not YAML: {' '.join(str(error).split())}.") from error
    if not isinstance(body, dict):
        raise RequestError("A job in YAML is a mapping, beginning for instance with 'name: my-job'.")
    return body


def _apply(job: Any, key: str, value: Any) -> Any:
    verb, first = VERBS[key]
    step = getattr(job, verb)
    if value is None or value is False:
        return job
    try:
        if key == "declares":
            return step(*([value] if isinstance(value, str) else value))
        if isinstance(value, Mapping) and first is not None and (first in value or key not in _WHOLE):
            rest = {name: each for name, each in value.items() if name != first}
            _takes(step, key, rest)
            return step(value[first], **rest) if first in value else step(**rest)
        return step() if value is True and first == "" else step(value)
    except RequestError as error:
        raise RequestError(f"{key}: {error}") from error
    except (TypeError, AttributeError) as error:
        said = str(error).partition(") ")[2] or str(error)
        raise RequestError(f"{key}: {said}; see help(LabelingJob.{verb}).") from error


def _takes(step: Callable[..., Any], key: str, named: Mapping[str, Any]) -> None:
    """Refuses, all at once, the words that a verb has no parameter for."""
    first = VERBS[key][1]
    takes = [name for name, each in inspect.signature(step).parameters.items() if each.kind is each.KEYWORD_ONLY]
    known = [*([first] if first else []), *takes]
    free = any(each.kind is each.VAR_KEYWORD for each in inspect.signature(step).parameters.values())
    wrong = [] if free else [name for name in named if name not in takes]
    if wrong:
        told = ", ".join(f"there is no {name!r}{near_miss(str(name), known)}" for name in wrong)
        raise RequestError(f"{told}; it takes {', '.join(known)}.")


def _thawed(name: str, value: Any) -> Any:
    known = {field.name for field in fields(JobFields)}
    if name not in known:
        raise RequestError(f"{EXACTLY}: {name!r} is not a field of a labeling job{near_miss(name, known)}.")
    if name == "tags":
        return tuple((key, text) for key, text in value)
    return (
        Decimal(value) if name == "price" and value is not None else tuple(value) if isinstance(value, list) else value
    )


def yaml_body(job: JobFields) -> dict[str, Any]:
    """The mapping behind `to_yaml`, with only what is set."""
    body = {
        "vpc": _set(
            id=job.vpc,
            subnets=list(job.subnets),
            security_groups=list(job.security_groups),
            vpc_endpoints=list(job.endpoints),
        ),
        "name": job.name,
        "region": job.region,
        "task": _task(job),
        "input": job.manifest or [json.loads(line) for line in job.objects],
        "output": _set(path=job.output_path, kms_key_id=job.output_key),
        "label_categories": job.category_file or _document(job) or list(job.categories),
        "template": job.template_file or job.template_text,
        "workers": _set(
            team=job.team,
            per_object=job.per_object,
            time_limit=job.time_limit,
            availability=job.availability,
            tasks_in_flight=job.in_flight,
        ),
        "role": job.role,
        "automated_labeling": job.automated
        and (_set(initial_model=job.initial_model, volume_kms_key_id=job.volume_key) or True),
        "stop_after": _set(objects=job.stop_objects, percentage=job.stop_percentage),
        "tags": dict(job.tags),
        "stream_from": _set(topic=job.topic, results_to=job.output_topic),
        "label_attribute": job.attribute,
        "custom_workflow": _functions(job),
        "adjusting": job.audited if job.audit == "adjust" else None,
        "verifying": job.audited if job.audit == "verify" else None,
        "declares": list(job.declared),
        "public_crowd": {"price": str(job.price)} if job.public and job.price is not None else None,
        "raw": json.loads(job.raw),
    }
    return _set(**body)


def _set(**entries: Any) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value not in (None, [], {}, False, "")}


def _task(job: JobFields) -> dict[str, Any]:
    words = _set(title=job.title, description=job.description, keywords=list(job.keywords))
    code = job.task_code or ("custom" if words else None)
    return _set(type=code) | words


def _functions(job: JobFields) -> dict[str, Any] | None:
    """The functions of a workflow of one's own; those of a task type in a foreign Region stay exactly as they are."""
    if job.task_code:
        return None
    return _set(pre_lambda=job.pre_function, consolidation_lambda=job.consolidation_function)


def _document(job: JobFields) -> Any:
    return json.loads(job.category_document) if job.category_document else None


def yaml_text(job: JobFields, start: Any) -> str:
    """YAML from which `apply_yaml` makes the same job again, beginning at `start`."""
    body, exactly = said_and_exactly(job, start)
    plain = {name: str(value) if isinstance(value, Decimal) else listed(value) for name, value in exactly.items()}
    return dumped({**body, EXACTLY: plain} if plain else body)


def said_and_exactly(job: JobFields, start: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the builder's verbs say of a job, beginning at `start`, and the fields that no verb sets as they are."""
    body = yaml_body(job)
    try:
        read = apply_yaml(dumped(body), start)
    except RequestError:
        # A request read from AWS may hold what no verb takes; then every field is written as it is.
        body, read = {}, start
    missed = {f.name: getattr(job, f.name) for f in fields(job) if getattr(job, f.name) != getattr(read, f.name)}
    return body, missed


def heading(name: str | None) -> str:
    """What a job is called before it is submitted."""
    return f"Labeling job '{name}'" if name else "Labeling job without a name"


def dumped(body: Mapping[str, Any]) -> str:
    """YAML in the order given, long lines unbroken; it reads back as exactly this, whatever the texts are."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Texts of several lines, such as templates, as such; what stands twice is written twice."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def shown(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
        # A character that does not show itself is escaped; YAML's other styles take some of them for line ends.
        hidden = any(not each.isprintable() and each != "\n" for each in text)
        style = '"' if hidden else "|" if "\n" in text else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, shown)
    return yaml.dump(dict(body), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100)


def job_lines(job: JobFields, problems: list[Problem]) -> list[tuple[str, str]]:
    """What, where, who and what is wrong, as (heading, text) pairs."""
    who = "Mechanical Turk" if job.public else job.team or "no work team yet"
    vpc = ", ".join(map(str, [job.vpc or "", *job.subnets, *job.endpoints])).strip(", ")
    errors = [problem for problem in problems if problem.severity == "error"]
    rest = [problem for problem in problems if problem.severity == "warning"]
    pairs = [
        ("what", f"{job.task_code or 'custom workflow'}: {job.title or 'no title yet'}"),
        ("where", f"{job.region or 'the Region of the session'}{f', in {vpc}' if vpc else ', in no VPC'}"),
        ("from", job.manifest or job.topic or (f"{len(job.objects)} data objects" if job.objects else "no input yet")),
        ("to", job.output_path or "no output yet"),
        ("who", f"{who}{', and automated labeling' if job.automated else ''}"),
        ("problems", "none" if not errors + rest else ""),
    ]
    return [*pairs, *(("", str(problem)) for problem in errors + rest)]
