"""Checks of what workers see: the label category file and the worker template that a survey found."""

from __future__ import annotations

from functools import partial

from gt_vpc_nb.errors import Problem
from gt_vpc_nb.label_category_rules import category_file_problems
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.audits import audits_agree
from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, passed, together, undetermined
from gt_vpc_nb.preflight.surroundings import Unknown
from gt_vpc_nb.preflight.table import Check, Reason, always, automated, offline
from gt_vpc_nb.preflight.telling import told, unread
from gt_vpc_nb.templates.checking import template_problems

#: Characters of the task input that RenderUiTemplate takes; source: botocore, RenderableTask.Input.
TASK_INPUT = 128_000


def category_problems(case: Case) -> list[Problem]:
    """What is wrong with the label category file that was read."""
    file = case.surroundings.category_file
    if file is None or not isinstance(file.text, str):
        return []
    name = case.request.get("LabelAttributeName")
    return category_file_problems(
        file.text, case.task, automated=case.automated, attribute=name if isinstance(name, str) else None
    )


def categories_keep(id: str, sound: str, case: Case) -> Outcome:
    """Does the file keep a rule? Where it cannot be read as categories at all, only LAB-01 fails."""
    gap = unread(case.surroundings.category_file, "label category file", "" if id == "LAB-01" else "LAB-01")
    if gap:
        return gap
    found = category_problems(case)
    if id != "LAB-01" and any(each.code == "LAB-01" and each.severity == "error" for each in found):
        mine = told(found, id, sound)
        return (
            mine if mine.status == "failed" else not_applicable("the file is no list of label categories, see LAB-01")
        )
    return told(found, id, sound)


def _has_categories(case: Case) -> str | None:
    return None if places.member(case.request, places.CATEGORIES) else "the request names no label category file"


def _frames(case: Case) -> str | None:
    reads = case.task is not None and case.task.ui == "human-task-ui" and case.task.modality != "text"
    return None if reads else "only 3D point cloud and video frame tasks have these"


def _instructed(case: Case) -> str | None:
    reads = case.task is not None and case.task.ui == "human-task-ui"
    return None if reads else "the instructions are in the worker template"


def _few_labels(case: Case) -> str | None:
    if case.task is None or case.task.labels_max_automated is None:
        return automated(case) or "automated labeling has no label limit of its own for it"
    return automated(case)


def audited_labels_agree(case: Case) -> Outcome:
    outcome = categories_keep("LAB-07", "the file names the labels that workers look at", case)
    return together([outcome, *audits_agree(case)], "")


def template_keeps(id: str, sound: str, case: Case) -> Outcome:
    """Does the worker template keep a rule? TPL-02 says where there is none."""
    gap = unread(case.surroundings.template, "worker template", "" if id == "TPL-02" else "TPL-02")
    if gap:
        return gap
    file = case.surroundings.template
    assert file is not None and isinstance(file.text, str)
    return told(template_problems(file.text, case.task, _given(case)), id, sound)


def _given(case: Case) -> list[str] | None:
    """The names in task.input where no pre-annotation function makes them: the manifest's attributes."""
    names = [each.name for each in case.manifest.attributes] if case.manifest else []
    return names if names and not places.member(case.request, places.PRE_LAMBDA) else None


def template_renders(case: Case) -> Outcome:
    """What we read in the template, and what SageMaker says when it renders it for the first data object."""
    read = template_keeps("TPL-03", "the template shows task object and labels, with read access", case)
    rendered = case.surroundings.rendered
    if rendered is None or read.status in ("not applicable", "undetermined"):
        return read
    if isinstance(rendered, Unknown):
        # Rendering only adds to what was read; it may well not be allowed.
        return read if read.status == "failed" else passed(f"{read.evidence}; not rendered ({rendered.reason})")
    errors = [f"{each.code}: {each.message}" for each in rendered.errors]
    return together([read, *(failed(each, "Correct the template.") for each in errors)], "")


def task_input_is_short(case: Case) -> Outcome:
    manifest, file = case.manifest, case.surroundings.category_file
    if manifest is None:
        return not_applicable("no manifest tells how long a task is")
    if not manifest.longest_line:
        return undetermined("how long the longest line of the manifest is is not known", "Survey again.")
    labels = len(file.text) if file is not None and isinstance(file.text, str) else 0
    if manifest.longest_line + labels > TASK_INPUT:
        evidence = f"the longest line and the label categories have {manifest.longest_line + labels:,} characters"
        return failed(f"{evidence}, a task takes {TASK_INPUT:,}", "Shorten the lines, or refer to objects in S3.")
    return passed(f"a task has at most {manifest.longest_line + labels:,} of {TASK_INPUT:,} characters")


def _has_template(case: Case) -> str | None:
    return None if places.member(case.request, places.TEMPLATE) else "AWS's own worker interface is used"


def _rule(id: str, sound: str, unless: Reason = always) -> Check:
    return Check(id, (), partial(categories_keep, id, sound), lambda case: _has_categories(case) or unless(case))


CHECKS = (
    _rule("LAB-01", "the file has a version and labels"),
    _rule("LAB-02", "there are enough label categories"),
    _rule("LAB-03", "there are not too many label categories"),
    _rule("LAB-04", "the names are unique and short enough"),
    _rule("LAB-05", "the instructions are there and short enough", _instructed),
    _rule("LAB-06", "the attributes of labels and frames keep their limits", _frames),
    _rule("AUTO-07", "there are few enough label categories for automated labeling", _few_labels),
    Check("LAB-07", (), audited_labels_agree, lambda case: _has_categories(case) or _frames(case)),
    offline("TPL-01"),
    Check("TPL-02", (), partial(template_keeps, "TPL-02", "crowd elements in one crowd-form"), _has_template),
    Check("TPL-03", (), template_renders, _has_template),
    Check("TPL-04", (), partial(template_keeps, "TPL-04", "an .html or .liquid file"), _has_template),
    Check("TPL-05", ("manifest",), task_input_is_short, _has_template),
)
