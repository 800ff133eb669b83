"""Every public result, made with a text of somebody else in every place that can hold one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gt_vpc_nb import AccessRequest, LabelingJob, Perimeter, Policy, SubmittedJob, evaluate, labels, manifest
from gt_vpc_nb.access_audit import Audit
from gt_vpc_nb.access_change import PolicyChange
from gt_vpc_nb.access_draft import PolicyDraft
from gt_vpc_nb.access_verdicts import judged
from gt_vpc_nb.aws.diagnosing import Diagnosis
from gt_vpc_nb.aws.reading_buckets import ReadBucket
from gt_vpc_nb.aws.sessions import Standing
from gt_vpc_nb.defaults import Filled, Provenance
from gt_vpc_nb.errors import Problem, Problems
from gt_vpc_nb.facts.explaining import Explanation
from gt_vpc_nb.job_costs import CostLine, Estimate
from gt_vpc_nb.job_difference import differences
from gt_vpc_nb.linting_report import LintReport, LintRow
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.manifest.checking import LineProblem
from gt_vpc_nb.plan import Plan
from gt_vpc_nb.policy import Finding
from gt_vpc_nb.policy.lint_result import Lint
from gt_vpc_nb.policy.openings import Comparison, Opening, Openings
from gt_vpc_nb.policy.statement_reading import Findings
from gt_vpc_nb.preflight import CheckRow, Preflight
from gt_vpc_nb.preflight.surroundings import Bucket, Role, Surroundings, Unknown
from gt_vpc_nb.report.job_status import JobStatus
from gt_vpc_nb.report.network_arrows import ORDER, Arrow
from gt_vpc_nb.report.network_picture import NetworkPicture
from gt_vpc_nb.report.tables import table

ROLE = "arn:aws:iam::111122223333:role/R"
INSIDE = Perimeter(["vpc-0mine"], ["vpce-0mine"], ground_truth="us-east-1", execution_role=ROLE)
WHERE = Standing("local AWS", "us-east-1", "111122223333")
NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def policy(text: str, statements: int = 1) -> Policy:
    statement = {
        "Sid": text,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::b", f"arn:aws:s3:::b/{text}*", "arn:aws:s3:::b/*"],
        "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-0mine", text]}},
    }
    return Policy.parse({"Version": "2012-10-17", "Id": text, "Statement": [statement] * statements})


def job(text: str, many: int = 1) -> LabelingJob:
    return (
        LabelingJob()
        .named(text)
        .in_region("us-east-1")
        .task("BoundingBox", title=text, description=text, keywords=[text] * min(many, 5))
        .input(f"s3://{text}/in.manifest")
        .output(f"s3://{text}/out")
        .label_categories([f"{text}{at}" for at in range(many)])
        .workers(text)
        .as_role(text)
        .with_tags({text: text})
    )


def problems(text: str, many: int = 1) -> list[Problem]:
    return [Problem(text, "error", text, text, text)] * many


def preflight(text: str, many: int = 1) -> Preflight:
    rows = [CheckRow(text, "error", status, text, text) for status in ("failed", "passed", "not applicable")]
    return Preflight(tuple(rows * many), text)


def opening(text: str) -> Opening:
    return Opening(text, text, AccessRequest(text, "s3:GetObject", text, {text: text}), text, text)


def audit(text: str, many: int = 1) -> Audit:
    read = ReadBucket(Bucket("b", "us-east-1", policy=policy(text).to_json()), WHERE)
    failed = ReadBucket(Bucket(text, Unknown(text), policy=Unknown(text)), WHERE, failed=text)
    return Audit((judged(read, INSIDE), judged(failed, INSIDE)) * many, text)


def picture(text: str, many: int = 1) -> NetworkPicture:
    arrows = tuple(
        Arrow(f"{text}{at % 9}", text, text, text, state, (text,), text) for at in range(many) for state in ORDER
    )
    return NetworkPicture(arrows, text, (text,))


def comparison(text: str, many: int = 1) -> Comparison:
    return Comparison((opening(text),) * many, (opening(text),) * many)


def change(text: str, many: int = 1) -> PolicyChange:
    return PolicyChange(
        text, None, policy(text, many).to_json(), comparison(text, many), (text,) * many, (text,) * many,
        (text,) * many, WHERE, INSIDE,
    )  # fmt: skip


def draft(text: str, many: int = 1) -> PolicyDraft:
    found = (finding(text),) * many
    return PolicyDraft(text, text, Lint(found), found, change(text, many), (opening(text),) * many)


def finding(text: str) -> Finding:
    return Finding("ERROR", text, text, 3, text, text)


def filled(text: str, many: int = 1) -> Filled:
    row = Provenance("role", text, "overridden", text, text)
    return Filled(job(text), (row, *[Provenance("team", text, "given", text)] * many))


def estimate(text: str, many: int = 1) -> Estimate:
    return Estimate((CostLine(text, Decimal(3), text, None, text),) * many, text, (text,) * many)


def plan(text: str, many: int = 1) -> Plan:
    return Plan(job(text, many), tuple(problems(text, many)), preflight(text, many), None, filled(text, many))


def status(text: str, many: int = 1) -> JobStatus:
    return JobStatus(text, "Failed", 9, 5, 3, 2, 1, 3, NOW, NOW, NOW, text, text, text, text, text, text)


def surroundings(text: str, many: int = 1) -> Surroundings:
    buckets = tuple(Bucket(f"{text}{at}", Unknown(text), policy=Unknown(text)) for at in range(many))
    return Surroundings(text, text, text, text, buckets=buckets, role=Role(text, text, ()), jobs_in_progress=())


def report(text: str, many: int = 1) -> manifest.Report:
    found = tuple(LineProblem(text, "error", text, text, text, line=at) for at in range(many))
    from gt_vpc_nb.facts import task_type

    return manifest.Report(text, task_type("BoundingBox"), many, found, many, many)


def read_labels(text: str, many: int = 1) -> labels.Labels:
    about = {"type": text, "class-name": text, "job-name": text, "human-annotated": "yes", "confidence": 0.5}
    line = json.dumps({"source": text, "a": 0, "a-metadata": {**about, "creation-date": text}})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "output.manifest"
        path.write_text(f"{line}\n" * many, encoding="utf-8")
        return labels.read(path, "a")


def differ(text: str, many: int = 1) -> Any:
    return differences({f"{text}{at}": text for at in range(many)}, {text: 1})


def explanation(text: str, many: int = 1) -> Explanation:
    return Explanation(text, ((text, text),) * many, text)


def lint(text: str, many: int = 1) -> LintReport:
    return LintReport((LintRow(text, 1, text, "error", text, text, text, text),) * many, (text,) * many)


def any_table(text: str, many: int = 1) -> Any:
    return table([{text: text, "status": text}] * many, [text, "status"], title=text, summary=text, note=text)


def decision(text: str, many: int = 1) -> Any:
    asked = AccessRequest(ROLE, "s3:GetObject", "arn:aws:s3:::b/k", {"aws:SourceVpce": text})
    return evaluate(policy(text, many), asked, account="111122223333")


#: What is shown -> how it is made of a text, and of how many things.
RESULTS: dict[str, Callable[[str, int], Any]] = {
    "LabelingJob": job,
    "Problem": lambda text, many: problems(text)[0],
    "Problems": lambda text, many: Problems(problems(text, many)),
    "Preflight": preflight,
    "Preflight.to_frame": lambda text, many: preflight(text, many).to_frame(),
    "Plan": plan,
    "Filled": filled,
    "Estimate": estimate,
    "Differences": differ,
    "Explanation": explanation,
    "Surroundings": surroundings,
    "Policy": policy,
    "Lint": lambda text, many: Lint((finding(text),) * many, policy(text, many)),
    "Finding": lambda text, many: finding(text),
    "Findings": lambda text, many: Findings([finding(text)] * many),
    "Opening": lambda text, many: opening(text),
    "Openings": lambda text, many: Openings([opening(text)] * many),
    "Comparison": comparison,
    "Decision": decision,
    "Perimeter": lambda text, many: replace(INSIDE, principals=[ROLE] * many),
    "Audit": audit,
    "Audit.buckets": lambda text, many: audit(text, many).buckets,
    "Audit.findings": lambda text, many: audit(text, many).findings,
    "Audit.openings": lambda text, many: audit(text, many).openings,
    "Audit.to_frame": lambda text, many: audit(text, many).to_frame(),
    "NetworkPicture": picture,
    "PolicyChange": change,
    "PolicyDraft": draft,
    "JobStatus": status,
    "SubmittedJob": lambda text, many: SubmittedJob(text, LocalAws(seed=7).session(), "us-east-1"),
    "Diagnosis": lambda text, many: Diagnosis(text, text, (text,) * many, (text,) * many),
    "LintReport": lint,
    "Report": report,
    "Labels": read_labels,
    "Labels.annotations": lambda text, many: read_labels(text, many).annotations,
    "Table": any_table,
}
