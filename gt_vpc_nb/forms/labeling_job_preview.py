"""A job as it would be written or sent: the texts behind the form's preview and its copies."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping

from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.errors import GtVpcError, RequestError, near_miss
from gt_vpc_nb.facts import regions
from gt_vpc_nb.forms.fields import marked_lines, table_html, text_region
from gt_vpc_nb.job_code_builder import builder_code
from gt_vpc_nb.shown_text import counted

#: A preview shows a part of a text that is longer; what is copied is whole.
_LINES, _WIDTH = 600, 2_000


def python_of(job: LabelingJob) -> str:
    """The job as this package's own code."""
    return builder_code(job, LabelingJob())


def request_text(job: LabelingJob) -> str:
    """The CreateLabelingJob request as JSON."""
    return json.dumps(job.to_request(), indent=2, ensure_ascii=False)


#: What a preview can show, by the words of its drop-down, and whether it is of the job as it would be sent.
VIEWS: Mapping[str, tuple[Callable[[LabelingJob], str], bool]] = {
    "YAML (the body of %%gt_vpc job)": (LabelingJob.to_yaml, False),
    "JSON (the CreateLabelingJob request)": (request_text, True),
    "Python (this package)": (python_of, False),
    "Python (boto3)": (lambda job: job.to_code("boto3"), True),
}


def code_of(job: LabelingJob, kind: str) -> str:
    """The job as code: "python" is this package's, the others are those of `LabelingJob.to_code`."""
    return python_of(job) if kind == "python" else job.to_code(kind)


def preview_html(view: str, job: LabelingJob, before: LabelingJob, whole: Callable[[LabelingJob], LabelingJob]) -> str:
    """A preview whose lines are marked where they are not as they were; `whole` makes a job what would be sent."""
    if view not in VIEWS:
        raise RequestError(f"There is no preview {view!r}{near_miss(view, VIEWS)}; there are: {', '.join(VIEWS)}.")
    _, sent = VIEWS[view]
    try:
        lines = marked_lines(*(_text(view, whole(each) if sent else each) for each in (before, job)))
    except GtVpcError as error:
        # An incomplete job has no request yet, and says why.
        lines = [("", str(error))]
    shown = [(mark, line if len(line) <= _WIDTH else f"{line[:_WIDTH]} …") for mark, line in lines[:_LINES]]
    if len(lines) > _LINES:
        shown.append(("", f"… and {len(lines) - _LINES:,} more lines"))
    changed = sum(bool(mark) for mark, _ in lines)
    return text_region(f"Preview: {view}, {counted(changed, 'line', 'lines')} changed", shown)


@functools.lru_cache(maxsize=16)
def _text(view: str, job: LabelingJob) -> str:
    # While somebody types, only one of the two texts is new.
    return VIEWS[view][0](job)


def in_place(job: LabelingJob, here: str | None) -> LabelingJob:
    """The job in the Region where it would be sent: its own, or the session's where Ground Truth runs there."""
    if job.region or here not in {each.code for each in regions()}:
        return job
    return job.exactly(region=here)


def sent_html(job: LabelingJob) -> str:
    """What a submit sends, before it does: files, and the request."""
    files = [(uri, f"{len(content):,} bytes") for uri, content in job.files().items()]
    written = table_html("Files that are written first", ("URI", "size"), files) if files else ""
    return (
        "<p><strong>What is sent</strong></p>"
        + written
        + text_region("The CreateLabelingJob request", [("", each) for each in request_text(job).split("\n")])
    )
