"""The worker task templates that a labeling job uses when it brings none: Liquid over AWS's crowd elements.

A file per task type. Ground Truth fills in ``{{ … }}`` for each task; ``@@…@@`` is ours, filled in before the template
is written to S3: the instructions, and the members of a manifest line that an adjustment or verification job shows.

Sources: developer guide (2023), the pages of the task types; sms-verification-data and, for `overlay` and
`worker-comment` of verification, sms-ui-template-crowd-image-classifier; sms-custom-templates-step2-automate (the line
of the manifest is `task.input` where no function of AWS's changes it).
"""

from __future__ import annotations

import functools
import re
from html import escape
from importlib.resources import files

from gt_vpc_nb.errors import RequestError

_SUFFIX = ".liquid.html"


@functools.cache
def templated() -> tuple[str, ...]:
    """The task types that have a template of ours."""
    names = (each.name for each in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def worker_template(
    task_code: str, *, instructions: str, full_instructions: str | None = None, audited: str | None = None
) -> str:
    """The worker task template of a task type, with the instructions written into it.

    Raises:
        RequestError: there is no template for the task type, or it looks at labels and `audited` does not say which.
    """
    if task_code not in templated():
        raise RequestError(f"There is no worker task template for {task_code}; give one: .template('s3://…').")
    text = files(__name__).joinpath(f"{task_code}{_SUFFIX}").read_text(encoding="utf-8")
    if "@@AUDITED@@" in text and not audited:
        verb = "verifying" if task_code.startswith("Verification") else "adjusting"
        raise RequestError(
            f"{task_code} shows workers the labels of an earlier job; say which: .{verb}('label-attribute')."
        )
    words = {
        "INSTRUCTIONS": _paragraphs(instructions),
        "FULL_INSTRUCTIONS": _paragraphs(full_instructions or instructions),
        "AUDITED": _member(audited or ""),
        "METADATA": _member(f"{audited}-metadata"),
    }
    return re.sub(r"@@([A-Z_]+)@@", lambda found: words[found[1]], text)


def _paragraphs(told: str) -> str:
    """Text as HTML, a paragraph where an empty line parts it. Braces in it would be Liquid to Ground Truth."""
    safe = escape(told).replace("{", "&#123;").replace("}", "&#125;")
    return "\n".join(f"<p>{' '.join(part.split())}</p>" for part in re.split(r"\n\s*\n", safe.strip()))


def _member(name: str) -> str:
    """How Liquid gets at a member: by a dot, as AWS's pages do, unless the name begins with a digit."""
    return f'["{name}"]' if name[:1].isdigit() else f".{name}"
