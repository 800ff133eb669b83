"""An audit for other tools: its findings and openings as SARIF results, its tables as Markdown."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

import pandas as pd

from gt_vpc_nb.access_verdicts import Judgement
from gt_vpc_nb.report.sarif import Level, Result
from gt_vpc_nb.report.tables import Table

_LEVELS: dict[str, Level] = {"ERROR": "error", "SECURITY_WARNING": "error", "WARNING": "warning", "SUGGESTION": "note"}


def results(judgement: Judgement) -> list[Result]:
    """What a bucket's judgement says, as results; its policy is the file they are about."""
    uri = f"s3://{quote(judgement.summary['bucket'])}?policy"
    found = [
        Result(each.issue_code, _LEVELS[each.type], f"{each.message} {each.remedy}".strip(), uri, each.line, each.path)
        for each in judgement.findings
    ]
    for way in judgement.ways:
        unknown = way.why.startswith("undetermined:")
        rule, level = ("UNDETERMINED_OPENING", "warning") if unknown else ("OPENING", "error")
        found.append(Result(rule, level, str(way), uri))  # type: ignore[arg-type]
    if judgement.summary["error"]:
        found.append(Result("UNREADABLE_BUCKET", "warning", judgement.summary["error"], uri))
    return found


def markdown(frame: Table) -> str:
    """A table as Markdown; pandas's own way needs a further package."""

    def cell(value: object) -> str:
        return escape("-" if value is None or value is pd.NA else str(value)).replace("|", "\\|").replace("\n", " ")

    lines = [f"**{frame.title}**: {escape(frame.summary)}", ""]
    lines += ["| " + " | ".join(frame.columns) + " |", "|" + " --- |" * len(frame.columns)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in frame.itertuples(index=False)]
    return "\n".join(lines)
