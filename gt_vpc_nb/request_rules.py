"""What AWS's documents ask of a CreateLabelingJob request beyond its shape; every rule speaks, not only the first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from gt_vpc_nb.errors import Problem, Severity, near_miss
from gt_vpc_nb.facts import ALGORITHM_ACCOUNT, HUMAN_TASK_UI_ACCOUNT, regions, task_types
from gt_vpc_nb.request_look import CONSOLIDATION as _ACS
from gt_vpc_nb.request_look import PRE_FUNCTION as _PRE
from gt_vpc_nb.request_look import WORK_TEAM as _TEAM
from gt_vpc_nb.request_look import Look, account_in, region_of
from gt_vpc_nb.request_reading import member
from gt_vpc_nb.request_shape import shape_problems

_HUMAN = "HumanTaskConfig"
_UI = f"{_HUMAN}.UiConfig"
_PRICE = f"{_HUMAN}.PublicWorkforceTaskPrice"
_AUTO = "LabelingJobAlgorithmsConfig"
_ALGORITHM = f"{_AUTO}.LabelingJobAlgorithmSpecificationArn"
_PII = "FreeOfPersonallyIdentifiableInformation"
#: Members whose ARN must be in the Region of the job (rule SVC-03); KMS keys may also be given as a bare id.
_REGIONAL = (
    _TEAM,
    _PRE,
    _ACS,
    f"{_UI}.HumanTaskUiArn",
    _ALGORITHM,
    f"{_AUTO}.InitialActiveLearningModelArn",
    f"{_AUTO}.LabelingJobResourceConfig.VolumeKmsKeyId",
    "OutputConfig.KmsKeyId",
    "OutputConfig.SnsTopicArn",
    "InputConfig.DataSource.SnsDataSource.SnsTopicArn",
)
_BUCKETS = (
    "InputConfig.DataSource.S3DataSource.ManifestS3Uri",
    "OutputConfig.S3OutputPath",
    "LabelCategoryConfigS3Uri",
    f"{_UI}.UiTemplateS3Uri",
)
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
#: Task types where AWS's documents disagree about ``-ref``, or only a general sentence applies; see seed errors, 3.
_REF_UNSURE = frozenset({"VerificationSemanticSegmentation", "PassThrough"})
#: Seconds. Sources: HumanTaskConfig.TaskTimeLimitInSeconds and .TaskAvailabilityLifetimeInSeconds in the API.
CUSTOM_TIME_LIMIT, AVAILABILITY, PUBLIC_AVAILABILITY = 28_800, 2_592_000, 43_200


def request_problems(request: Mapping[str, Any], *, region: str | None = None, in_vpc: bool = False) -> list[Problem]:
    """Everything that can be said against a CreateLabelingJob request without asking AWS; no network.

    `region` is the job's Region where it is known (otherwise the Region that its Lambda ARNs name); `in_vpc` says that
    the job belongs to a VPC even if the request carries no VpcConfig.
    """
    look = Look(request, region, in_vpc)
    look = Look(request, region or region_of(look.text(_PRE)) or region_of(look.text(_ACS)), in_vpc)
    return [*shape_problems(request), *(problem for rule in _RULES for problem in rule(look))]


def _problem(code: str, field: str, message: str, remedy: str, severity: Severity = "error") -> Problem:
    return Problem(code, severity, field, message, remedy)


def _places(look: Look) -> Iterator[Problem]:
    known = [each.code for each in regions()]
    if look.region is None:
        return
    if look.region not in known:
        message = f"Ground Truth does not run in Region {look.region!r}{near_miss(look.region, known)}"
        yield _problem("SVC-02", "Region", f"{message}.", f"Use one of: {', '.join(known)}.")
        return
    for path in _REGIONAL:
        there = region_of(look.text(path))
        if there not in (None, look.region):
            code = "SVC-05" if _of_aws(look, path) else "SVC-03"
            yield _problem(
                code, path, f"It is in Region {there}, the job is in {look.region}.", f"Use {look.region}'s."
            )
    yield from _accounts(look)


def _of_aws(look: Look, path: str) -> bool:
    return path in (_ALGORITHM, f"{_UI}.HumanTaskUiArn") or bool(
        (path == _PRE and look.built_in(path, "PRE-")) or (path == _ACS and look.built_in(path, "ACS-"))
    )


def _accounts(look: Look) -> Iterator[Problem]:
    lambdas = {each.code: each.lambda_account for each in regions()}
    for path in (_PRE, _ACS, f"{_UI}.HumanTaskUiArn", _ALGORITHM):
        arn = look.text(path)
        if not arn or not _of_aws(look, path):
            continue
        owner = {_ALGORITHM: ALGORITHM_ACCOUNT, f"{_UI}.HumanTaskUiArn": HUMAN_TASK_UI_ACCOUNT}.get(path)
        owner = owner or lambdas.get(region_of(arn) or "")
        if owner and account_in(arn) != owner:
            message = f"Account {account_in(arn)!r} is given, AWS's is {owner} in {region_of(arn)}."
            yield _problem("SVC-05", path, message, f"Write {owner}.")


def _attribute(look: Look) -> Iterator[Problem]:
    name, kind, field = look.text("LabelAttributeName"), look.kind, "LabelAttributeName"
    if name.endswith("-metadata"):
        yield _problem(
            "REQ-02", field, f"{name!r} ends with -metadata, which AWS adds itself.", "Choose another ending."
        )
    if name in ("source", "source-ref"):
        yield _problem("REQ-02", field, f"{name!r} is the manifest's own key for the data.", "Choose another name.")
    if kind and kind.needs_ref and name and not name.endswith("-ref"):
        yield _problem(
            "REQ-02", field, f"{kind.code} wants a name that ends with -ref, not {name!r}.", f"Use {name}-ref."
        )
    if kind and kind.forbids_ref and name.endswith("-ref") and name != "source-ref":
        severity: Severity = "warning" if kind.code in _REF_UNSURE else "error"
        message = f"{kind.code} wants a name that does not end with -ref, unlike {name!r}."
        yield _problem("REQ-02", field, message, "Drop the -ref.", severity)


def _functions(look: Look) -> Iterator[Problem]:
    pre, acs = look.built_in(_PRE, "PRE-"), look.built_in(_ACS, "ACS-")
    if not (pre or acs):
        for path, prefix in ((_PRE, "PRE-"), (_ACS, "ACS-")):
            name = look.text(path).rpartition(":function:")[2]
            if name.startswith(prefix) and account_in(look.text(path)) in {each.lambda_account for each in regions()}:
                near = near_miss(name.removeprefix(prefix), [kind.code for kind in task_types()])
                yield _problem("REQ-10", path, f"{name!r} is not a function of AWS's{near}.", "Name a task type.")
    elif pre != acs and not _passes_through(pre, acs):
        missing = "no function" if not look.has(_ACS if pre else _PRE) else "another function"
        message = f"The task type is {pre or acs}, but the other step has {acs if pre and acs else missing}."
        path, prefix = (_ACS, "ACS-") if pre else (_PRE, "PRE-")
        yield _problem("REQ-10", path, message, f"Use {prefix}{pre or acs}, or a custom workflow for both.")


def _passes_through(pre: str | None, acs: str | None) -> bool:
    """Each of AWS's two pass-through functions changes nothing by itself: the other step may be yours, or left out."""
    return (pre or acs) == "PassThrough" and not (pre and acs)


def _worker_ui(look: Look) -> Iterator[Problem]:
    template, arn, kind = look.has(f"{_UI}.UiTemplateS3Uri"), look.text(f"{_UI}.HumanTaskUiArn"), look.kind
    if template == look.has(f"{_UI}.HumanTaskUiArn"):
        given = "both" if template else "neither"
        remedy = "Leave .template() out." if template else "Add .template('s3://…/ui.liquid.html')."
        yield _problem("TPL-01", _UI, f"One of UiTemplateS3Uri and HumanTaskUiArn is wanted, {given} given.", remedy)
    elif kind and template != (kind.ui == "template"):
        wanted = "UiTemplateS3Uri" if kind.ui == "template" else f"HumanTaskUiArn for {kind.human_task_ui}"
        yield _problem("TPL-01", _UI, f"{kind.code} wants {wanted}.", f"Give {wanted} only.")
    elif kind and arn and not arn.endswith(f":human-task-ui/{kind.human_task_ui}"):
        message = f"{kind.code} wants the worker interface {kind.human_task_ui}, not {arn.rpartition('/')[2]}."
        yield _problem("TPL-01", f"{_UI}.HumanTaskUiArn", message, f"Use …:human-task-ui/{kind.human_task_ui}.")
    uri = look.text(f"{_UI}.UiTemplateS3Uri")
    if uri and not uri.endswith((".html", ".liquid", ".htm")):
        message = f"{uri!r} ends with neither .html nor .liquid."
        yield _problem("TPL-04", f"{_UI}.UiTemplateS3Uri", message, "Name it .liquid.html.", "warning")


def _workers(look: Look) -> Iterator[Problem]:
    count, path = (
        look.number(f"{_HUMAN}.NumberOfHumanWorkersPerDataObject"),
        f"{_HUMAN}.NumberOfHumanWorkersPerDataObject",
    )
    if look.kind and look.kind.one_worker and count is not None and count != 1:
        yield _problem("REQ-03", path, f"{look.kind.code} takes 1 worker per object, not {count}.", "Use per_object=1.")
    tasks = look.number(f"{_HUMAN}.MaxConcurrentTaskCount")
    if tasks is not None and 1000 < tasks <= 5000:
        message = f"{tasks} tasks in flight; more than 1000 may need a higher quota."
        yield _problem("REQ-03", f"{_HUMAN}.MaxConcurrentTaskCount", message, "Ask AWS Support first.", "warning")


def _times(look: Look) -> Iterator[Problem]:
    path, kind = f"{_HUMAN}.TaskTimeLimitInSeconds", look.kind
    limit, most = look.number(path), kind.time_limit_max if kind else CUSTOM_TIME_LIMIT
    if limit is not None and limit > most:
        name = kind.code if kind else "a custom workflow"
        yield _problem("REQ-04", path, f"{limit} s given, {name} takes at most {most} s.", f"Use 30 to {most}.")
    elif limit is not None and kind and kind.time_limit_warn is not None and limit > kind.time_limit_warn:
        message = f"{limit} s given; AWS's task pages stop at {kind.time_limit_warn} s, its API at {most} s."
        yield _problem("REQ-04", path, message, f"Stay at or below {kind.time_limit_warn}.", "warning")
    path = f"{_HUMAN}.TaskAvailabilityLifetimeInSeconds"
    available, most = look.number(path), PUBLIC_AVAILABILITY if look.crowd == "public-crowd" else AVAILABILITY
    if available is not None and available > most:
        message = f"{available} s given, {look.crowd or 'a work team'} takes at most {most} s."
        yield _problem("REQ-05", path, message, f"Use 60 to {most}.")
    elif available is not None and limit is not None and available < limit:
        message = f"Tasks are available for {available} s but may take {limit} s."
        yield _problem("REQ-05", path, message, "Make them available for longer.", "warning")


def _crowd(look: Look) -> Iterator[Problem]:
    in_vpc = look.in_vpc or look.has(f"{_AUTO}.LabelingJobResourceConfig.VpcConfig")
    if in_vpc and look.crowd in ("public-crowd", "vendor-crowd"):
        yield _problem(
            "WF-01", _TEAM, f"A job in a VPC needs a private work team, not {look.crowd}.", "Use .workers(…)."
        )
    price = look.has(_PRICE)
    if look.crowd == "public-crowd":
        declared = member(look.request, "InputConfig.DataAttributes.ContentClassifiers")
        if look.kind and not look.kind.public_crowd:
            yield _problem("WF-12", _TEAM, f"{look.kind.code} is not offered on Mechanical Turk.", "Use .workers(…).")
        if not isinstance(declared, (list, tuple)) or _PII not in declared:
            path = "InputConfig.DataAttributes.ContentClassifiers"
            yield _problem("WF-12", path, f"Mechanical Turk wants {_PII} declared.", f"Add .declares('{_PII}').")
        if not price:
            yield _problem("WF-12", _PRICE, "Mechanical Turk wants a price.", "Add .public_crowd(price='0.036').")
    elif price and look.crowd:
        yield _problem("REQ-09", _PRICE, f"A price is given, but {look.crowd} has none.", "Leave it out.", "warning")


def _ladder(look: Look) -> Iterator[Problem]:
    parts = [look.number(f"{_PRICE}.AmountInUsd.{name}") or 0 for name in ("Dollars", "Cents", "TenthFractionsOfACent")]
    if not look.has(_PRICE) or look.kind is None or not look.kind.prices:
        return
    price = Decimal(parts[0] * 1000 + parts[1] * 10 + parts[2]) / 1000
    if price not in {Decimal(each) for each in look.kind.prices}:
        ladder = ", ".join(look.kind.prices)
        yield _problem("REQ-09", _PRICE, f"{price} USD is not a price of {look.kind.code}.", f"Use one of: {ladder}.")


def _automated(look: Look) -> Iterator[Problem]:
    if not isinstance(member(look.request, _AUTO), Mapping):
        return
    kind, algorithm = look.kind, look.text(_ALGORITHM).rpartition("labeling-job-algorithm-specification/")[2]
    able = [each for each in task_types() if each.algorithm]
    if kind is None or not kind.algorithm:
        name = kind.code if kind else "a custom workflow"
        message = f"Automated labeling does not exist for {name}, only for {', '.join(each.code for each in able)}."
        yield _problem("AUTO-01", _AUTO, message, "Leave .with_automated_labeling() out.")
    elif look.has(_ALGORITHM) and algorithm != kind.algorithm:
        message = f"The algorithm is {algorithm!r}, the task type {kind.code} wants {kind.algorithm!r}."
        yield _problem("AUTO-02", _ALGORITHM, message, "Make both the same task.")
    if look.has("InputConfig.DataSource.SnsDataSource"):
        yield _problem("AUTO-05", _AUTO, "Automated labeling does not go with a stream.", "Leave one of them out.")


def _data(look: Look) -> Iterator[Problem]:
    source = "InputConfig.DataSource"
    streaming = look.has(f"{source}.SnsDataSource")
    if look.has("InputConfig") and not streaming and not look.has(f"{source}.S3DataSource"):
        yield _problem("STR-01", source, "There is no input.", "Add .input('s3://…') or .stream_from('arn:aws:sns:…').")
    if streaming and look.has("StoppingConditions"):
        message = "A streaming job pays no heed to stopping conditions."
        yield _problem("STR-04", "StoppingConditions", message, "Leave .stop_after() out.", "info")
    for path in _BUCKETS:
        scheme, _, rest = look.text(path).partition("://")
        bucket, _, key = rest.partition("/")
        if scheme == "s3" and not _BUCKET.fullmatch(bucket):
            yield _problem("REQ-06", path, f"{bucket!r} is not the name of a bucket.", "Write s3://bucket/key.")
        elif scheme == "s3" and not key and path != _BUCKETS[1]:
            yield _problem("REQ-06", path, f"{look.text(path)!r} is a bucket, not an object.", "Write s3://bucket/key.")
        elif scheme == "https":
            message = f"{look.text(path)!r} is an address, where Ground Truth looks for an S3 URI."
            yield _problem("REQ-06", path, message, "Write s3://bucket/key.", "warning")
    folder = look.text(_BUCKETS[0]).rpartition("/")[0]
    if folder.count("/") > 2 and f"{look.text(_BUCKETS[1]).rstrip('/')}/".startswith(f"{folder}/"):
        message = f"The output goes into the folder of the input manifest, {folder}/."
        yield _problem("REQ-11", _BUCKETS[1], message, "Keep output and input apart.", "warning")


def _tags(look: Look) -> Iterator[Problem]:
    tags = member(look.request, "Tags")
    keys = [tag.get("Key") for tag in tags if isinstance(tag, Mapping)] if isinstance(tags, (list, tuple)) else []
    for key, times in Counter(key for key in keys if isinstance(key, str)).items():
        if times > 1:
            yield _problem("REQ-07", "Tags", f"The tag {key!r} is given {times} times.", "Give each key once.")


_RULES: tuple[Callable[[Look], Iterator[Problem]], ...] = (
    _places,
    _attribute,
    _functions,
    _worker_ui,
    _workers,
    _times,
    _crowd,
    _ladder,
    _automated,
    _data,
    _tags,
)
