"""The worker task templates that a labeling job uses when it brings none: Liquid over AWS's crowd elements.

A file per task type. Ground Truth fills in ``{{ … }}`` for each task; ``@@AUDITED@@`` is ours, the label attribute name
that an adjustment or verification job looks at, filled in before the template is written to S3.
"""

from __future__ import annotations

import functools
from html import escape
from importlib.resources import files

from gt_vpc_nb.errors import RequestError

_SUFFIX = ".liquid.html"


@functools.cache
def templated() -> tuple[str, ...]:
    """The task types that have a template of ours."""
    names = (each.name for each in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def worker_template(task_code: str, *, instructions: str, audited: str | None = None) -> str:
    """The worker task template of a task type, with the instructions written into it.

    Raises:
        RequestError: there is no template for the task type, or it looks at labels and `audited` does not say which.
    """
    if task_code not in templated():
        raise RequestError(f"There is no worker task template for {task_code}; give one: .template('s3://…').")
    text = files(__name__).joinpath(f"{task_code}{_SUFFIX}").read_text(encoding="utf-8")
    if "@@AUDITED@@" in text and not audited:
        raise RequestError(
            f"{task_code} shows workers the labels of an earlier job; say which: .adjusting('label-attribute')."
        )
    # Braces in the instructions would be Liquid to Ground Truth.
    told = escape(instructions).replace("{", "&#123;").replace("}", "&#125;")
    return text.replace("@@INSTRUCTIONS@@", told).replace("@@AUDITED@@", audited or "")
