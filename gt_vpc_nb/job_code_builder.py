"""A labeling job as the chain of the builder's verbs that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gt_vpc_nb.job_text import EXACTLY, said_and_exactly
from gt_vpc_nb.job_verbs import VERBS
from gt_vpc_nb.request import JobFields

_WIDTH = 110


def builder_code(job: JobFields, start: Any, name: str = "job") -> str:
    """Python that builds the same job with this package, as a variable of that name; `start` is an empty job.

    Text that does not show itself, such as a mark of direction, is written as its escape.
    """
    body, exactly = said_and_exactly(job, start)
    calls = [_call(key, value) for key, value in body.items()]
    if exactly:
        calls.append(f".{EXACTLY}({_arguments(exactly)})")
    chain = "".join(f"\n    {call}" for call in calls)
    money = "from decimal import Decimal\n\n" if any(isinstance(each, Decimal) for each in exactly.values()) else ""
    made = f"(\n    LabelingJob(){chain}\n)" if calls else "LabelingJob()"
    return f"{money}from gt_vpc_nb import LabelingJob\n\n{name} = {made}\n"


def _call(key: str, value: Any) -> str:
    verb, first = VERBS[key]
    if key == "declares":
        return f".{verb}({', '.join(map(_written, value))})"
    if isinstance(value, Mapping) and first:
        named = {name: each for name, each in value.items() if name != first}
        given = [_written(value[first])] if first in value else [_written(None)] if key in _NEEDS_FIRST else []
        # A mapping without the verb's own key is itself what the verb takes, such as a label category document.
        return f".{verb}({_written(value)})" if key in _WHOLE else f".{verb}({', '.join([*given, *_named(named)])})"
    if isinstance(value, Mapping) and first == "":
        return f".{verb}({_arguments(value)})"
    return f".{verb}()" if value is True else f".{verb}({_written(value)})"


#: Verbs that cannot be called without their first argument, although a job may not have it.
_NEEDS_FIRST = ("task",)
_WHOLE = ("label_categories",)


def _arguments(values: Mapping[str, Any]) -> str:
    return ", ".join(_named(values))


def _named(values: Mapping[str, Any]) -> list[str]:
    if not all(name.isidentifier() for name in values):
        return [f"**{_written(dict(values))}"]
    return [f"{name}={_written(each)}" for name, each in values.items()]


def _written(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_written(key)}: {_written(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_written, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def _text(text: str) -> str:
    lines = text.splitlines(keepends=True)
    if len(lines) > 1 and len(text) > _WIDTH:
        return "(\n" + "".join(f"        {_literal(line)}\n" for line in lines) + "    )"
    return _literal(text)


def _literal(text: str) -> str:
    if not text.isprintable() or '"' in text or "\\" in text:
        return repr(text)
    return f'"{text}"'
