"""Checks of jobs that begin with the labels of an earlier one: what is skipped, adjusted or verified."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gt_vpc_nb import facts
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, together, undetermined, warned
from gt_vpc_nb.preflight.data import manifest_of, with_manifest
from gt_vpc_nb.preflight.surroundings import Attribute, EarlierJob, Missing, Unknown
from gt_vpc_nb.preflight.table import Check
from gt_vpc_nb.preflight.telling import few
from gt_vpc_nb.templates.checking import looked_at


def audits(case: Case) -> bool:
    """Whether the task type shows workers the labels of an earlier job."""
    return case.task is not None and case.task.base_task is not None


def audited_attribute(case: Case) -> str | Unknown:
    """The label attribute that the job looks at: the category file's of frames, the template's of images."""
    assert case.task is not None
    if case.task.ui == "human-task-ui":
        file = case.surroundings.category_file
        text = file.text if file else Unknown("the request names no label category file")
        found = (_member(text, "auditLabelAttributeName"),)
        place = "the label category file"
    else:
        file = case.surroundings.template
        text = file.text if file else Unknown("the request names no worker template")
        found = looked_at(text) if isinstance(text, str) else ()
        place = "the worker template"
    if isinstance(text, Unknown | Missing):
        return Unknown(text.reason)
    return next((each for each in found if each), Unknown(f"{place} names no labels to look at"))


def _member(text: object, name: str) -> str:
    """A member of the label category file that is a text; empty where it is not, or cannot be read (LAB-01 says so)."""
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return ""
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""


def earlier_labels(case: Case) -> Outcome:
    own = case.request.get("LabelAttributeName")
    outcomes = [_own(case, str(own))] if own else []
    return together([*outcomes, *(_audited(case, str(own)) if audits(case) else ())], "the job names no attribute")


def _own(case: Case, name: str) -> Outcome:
    """Ground Truth labels only those objects that do not have the job's own attribute yet."""
    manifest = manifest_of(case)
    lines, objects = manifest.attribute(name).lines, manifest.objects
    if not lines:
        return passed(f"no line has {name!r} yet")
    remedy = f"Choose another name: .label_attribute('…'), or leave {name!r} out of the manifest."
    if lines >= objects:
        return failed(f"every line has {name!r} already: nothing is left to label", remedy)
    rest = f"only the other {objects - lines:,} are labeled"
    return warned(f"{lines:,} of {objects:,} lines have {name!r} already: {rest}", remedy)


def _audited(case: Case, own: str) -> Iterator[Outcome]:
    name = audited_attribute(case)
    if isinstance(name, Unknown):
        yield undetermined(f"which labels the job looks at is not known: {name.reason}", "Say it: .adjusting('…').")
        return
    manifest = manifest_of(case)
    if name == own:
        message = f"the job would write its labels over those that it looks at, {name!r}"
        yield failed(message, "Give it a name of its own: .label_attribute('…').")
    bare = manifest.objects - manifest.attribute(name).lines
    remedy = f"Leave such objects out: manifest.clean({manifest.uri!r}, 's3://…', label_attribute={name!r})."
    if bare == manifest.objects:
        near = few([repr(each.name[:60]) for each in manifest.attributes if each.job]) or "none"
        yield failed(f"no line has {name!r}, the labels to look at; labels there are: {near}", remedy)
    elif bare > 0:
        yield failed(f"{bare:,} of {manifest.objects:,} lines have no {name!r}, the labels to look at", remedy)
    else:
        yield passed(f"every line has {name!r}")
        yield from _fitting(case, manifest.attribute(name))


def _fitting(case: Case, attribute: Attribute) -> Iterator[Outcome]:
    """Were the labels made by a task that this one can show?"""
    assert case.task is not None
    wanted = facts.task_type(str(case.task.base_task)).output_type
    if attribute.type and wanted and attribute.type != wanted:
        evidence = f"{attribute.name!r} is {attribute.type}, and {case.task.code} shows {wanted}"
        yield failed(evidence, "Use the Adjustment… or Verification… task type of those labels.")


def audits_agree(case: Case) -> Iterator[Outcome]:
    """LAB-07, as far as the earlier job's own request tells it."""
    if not audits(case):
        return
    name = audited_attribute(case)
    if isinstance(name, Unknown) or case.manifest is None:
        return
    job = case.manifest.attribute(name).job
    if not job:
        return
    earlier = case.surroundings.earlier_job(job)
    if isinstance(earlier.status, Missing):
        yield not_applicable(f"the job {job} that wrote {name!r} is gone")
    elif isinstance(earlier.status, Unknown):
        yield undetermined(f"what the job {job} that wrote {name!r} was is not known: {earlier.status.reason}")
    else:
        yield _same_task(case, job, earlier.pre_lambda)
        if case.task is not None and case.task.modality == "video frame":
            yield _same_form(case, earlier)


def _same_task(case: Case, job: str, function: str) -> Outcome:
    assert case.task is not None
    try:
        before = facts.task_type(function.rpartition(":PRE-")[2])
    except RequestError:
        return undetermined(f"{job} was a custom workflow", f"Look whether {case.task.code} can show its labels.")
    if (before.base_task or before.code) == case.task.base_task:
        return passed(f"{job} was {before.code}, whose labels {case.task.code} shows")
    evidence = f"{job} was {before.code}, and {case.task.code} shows labels of {case.task.base_task}"
    return failed(evidence, "Use the Adjustment… task type of those labels.")


def _same_form(case: Case, earlier: EarlierJob) -> Outcome:
    """Boxes are adjusted as boxes, polygons as polygons."""
    before, file = earlier.annotation_type, case.surroundings.category_file
    own = _member(file.text if file else "", "annotationType") or "BoundingBox"
    if isinstance(before, Missing):
        return not_applicable(f"{before.reason}: what {earlier.name} drew is not known any more")
    if isinstance(before, Unknown):
        look = f"Look into {earlier.label_categories or 'its label category file'}: annotationType is to be {own}."
        return undetermined(f"what {earlier.name} drew is not known: {before.reason}", look)
    if before == own:
        return passed(f"{earlier.name} drew {before}, and so does this job")
    remedy = f"Write 'annotationType': {before!r} into the label category file."
    return failed(f"{earlier.name} drew {before}, and this job's annotationType is {own[:60]}", remedy)


CHECKS = (Check("MAN-12", ("manifest",), earlier_labels, with_manifest),)
