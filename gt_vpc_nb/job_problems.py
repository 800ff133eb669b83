"""Everything that is wrong with a labeling job's fields, before there is a request and in the request they make."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from gt_vpc_nb.errors import Problem, Problems
from gt_vpc_nb.facts import regions
from gt_vpc_nb.job_chaining import chaining_problems
from gt_vpc_nb.label_categories import category_problems
from gt_vpc_nb.request import JobFields, brings_template, create_request
from gt_vpc_nb.request_look import region_of
from gt_vpc_nb.request_rules import request_problems
from gt_vpc_nb.templates.checking import template_problems

_ORDER = ("error", "warning", "info")


def job_problems(fields: JobFields) -> Problems:
    """All problems, errors first. A job without a Region is checked as far as its Region does not matter."""
    placed = fields if fields.region else replace(fields, region=region_of(fields.team or "") or regions()[0].code)
    in_vpc = bool(fields.vpc or fields.subnets or fields.endpoints)
    found = request_problems(create_request(placed), region=placed.region, in_vpc=in_vpc)
    if fields.region is None:
        # The Region is a stand-in, so nothing can be said about places.
        found = [problem for problem in found if problem.code not in ("SVC-02", "SVC-03", "SVC-05")]
    found += [*_place(fields), *category_problems(fields), *_network(fields), *_audit(fields)]
    found += [*chaining_problems(fields), *_rows(fields), *_template(fields)]
    return Problems(sorted(dict.fromkeys(found), key=lambda problem: _ORDER.index(problem.severity)))


def _place(fields: JobFields) -> Iterator[Problem]:
    if fields.region is None:
        message = "No Region is named; the session's is taken when the job is checked or submitted."
        yield Problem("SVC-02", "info", "Region", message, "Add .in_region('…') to fix it.")


def _network(fields: JobFields) -> Iterator[Problem]:
    inside = fields.vpc or fields.subnets or fields.security_groups
    if inside and not fields.automated:
        message = "The request carries no VpcConfig: CreateLabelingJob takes one only for automated labeling."
        remedy = "Bucket policies, work team and portal keep the job in the VPC; preflight checks them."
        yield Problem("NET-13", "info", "LabelingJobAlgorithmsConfig", message, remedy)
    if fields.vpc and fields.automated and not (fields.subnets and fields.security_groups):
        missing = " and ".join(n for n, v in (("subnets", fields.subnets), ("groups", fields.security_groups)) if not v)
        path = "LabelingJobAlgorithmsConfig.LabelingJobResourceConfig.VpcConfig"
        message = f"Automated labeling in {fields.vpc} has no {missing.replace('groups', 'security groups')}."
        yield Problem("NET-05", "error", path, message, "Give 1 to 16 subnets and 1 to 5 security groups to .in_vpc().")


def _audit(fields: JobFields) -> Iterator[Problem]:
    kind = fields.task_type
    if kind and kind.base_task and brings_template(fields) and not (fields.audited or fields.template_text):
        message = f"{kind.code} shows workers the labels of an earlier job, and does not say which."
        yield Problem("MAN-12", "error", "LabelAttributeName", message, "Add .adjusting('label-attribute').")


def _template(fields: JobFields) -> list[Problem]:
    """What is wrong with a template given as text; what task.input holds is known where no function makes it."""
    if not fields.template_text or fields.template_file:
        return []
    rows = [json.loads(line) for line in fields.objects]
    given = {key for row in rows for key in row} if rows and not fields.task_code and not fields.pre_function else None
    return template_problems(fields.template_text, fields.task_type, given)


def _rows(fields: JobFields) -> Iterator[Problem]:
    kind = fields.task_type
    for number, line in enumerate(fields.objects if kind else (), start=1):
        keys = json.loads(line)
        if not any(key in keys for key in kind.manifest_keys if kind):
            wanted = " or ".join(kind.manifest_keys)
            message = f"Data object {number} has no {wanted}, which {kind.code} reads."
            yield Problem(
                "MAN-05", "error", "InputConfig.DataSource.S3DataSource", message, f"Give each object {wanted}."
            )
            return
