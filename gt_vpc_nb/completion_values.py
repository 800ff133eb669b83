"""The values that a word of a magic may have, by what it stands for: facts, names already seen, files, variables."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gt_vpc_nb.commands import EXAMPLES, FORMS, PLACES, STATUSES, Argument
from gt_vpc_nb.completion_seen import Seen

#: Files that `lint` reads; folders lead to them.
_LINTED = (".py", ".ipynb", ".md", ".json", ".yaml", ".yml", ".tf")


@dataclass(frozen=True)
class _Here:
    """What is known where a value is asked for."""

    words: Sequence[str]
    fragment: str
    names: Mapping[str, Any]
    seen: Seen


def values(
    argument: Argument, words: Sequence[str], fragment: str, names: Mapping[str, Any], seen: Seen
) -> Sequence[str]:
    """What may stand for an argument; `words` stand before it on the line, `fragment` is what is written of it."""
    return _VALUES[argument.kind](_Here(words, fragment, names, seen))


def _seen(kind: str) -> Callable[[_Here], Sequence[str]]:
    return lambda here: here.seen.of(kind)


def _regions(_: _Here) -> list[str]:
    from gt_vpc_nb import facts

    return sorted(each.code for each in facts.regions())


def _tasks(_: _Here) -> list[str]:
    from gt_vpc_nb import facts

    return [*(each.code for each in facts.task_types()), *EXAMPLES]


def _words(_: _Here) -> list[str]:
    from gt_vpc_nb import facts

    members = [path for path in facts.limits() if not path.endswith("[]")]
    short = [path.rpartition(".")[2] for path in members]
    return [*short, *facts.rules(), *(each.code for each in facts.task_types()), *members]


def _checks(_: _Here) -> list[str]:
    from gt_vpc_nb import facts

    return [name for name, rule in facts.rules().items() if rule.severity == "error"]


def _jobs_held(here: _Here) -> list[str]:
    # Nobody holds a job before the builder was loaded; to load it here would take too long.
    builder = sys.modules.get("gt_vpc_nb.builder")
    if builder is None:
        return []
    return [
        name for name, each in here.names.items() if isinstance(each, builder.LabelingJob) and not name.startswith("_")
    ]


def _forms(here: _Here) -> list[str]:
    return [*FORMS, *_jobs_held(here)]


def _of_form(here: _Here) -> Sequence[str]:
    return {"policy": here.seen.of("bucket"), "job": _jobs_held(here)}.get(here.words[0] if here.words else "", [])


def _profiles(_: _Here) -> list[str]:
    path = Path(os.environ.get("AWS_CONFIG_FILE", "~/.aws/config")).expanduser()
    read = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        read.read(path, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return []
    return [name.removeprefix("profile ") for name in read.sections() if not name.startswith(("sso-", "services "))]


def _files(here: _Here) -> list[str]:
    folder, _, start = here.fragment.rpartition("/")
    place = Path(f"{folder}/" if folder or here.fragment.startswith("/") else ".").expanduser()
    lead = here.fragment.removesuffix(start)
    found = []
    try:
        with os.scandir(place) as entries:
            for each in entries:
                if each.name.startswith(".") and not start.startswith("."):
                    continue
                if each.is_dir():
                    found.append(f"{lead}{each.name}/")
                elif each.name.endswith(_LINTED):
                    found.append(f"{lead}{each.name}")
    except OSError:
        return []
    return sorted(name.replace(" ", "\\ ") for name in found)


_VALUES: Mapping[str, Callable[[_Here], Sequence[str]]] = {
    "place": lambda here: [*PLACES, "{{"],
    "profile": _profiles,
    "region": _regions,
    "bucket": _seen("bucket"),
    "vpc": _seen("vpc"),
    "endpoint": _seen("endpoint"),
    "arn": _seen("arn"),
    "status": lambda here: STATUSES,
    "job": _seen("job"),
    "name": _seen("job"),
    "variable": _jobs_held,
    "new variable": _jobs_held,
    "check": _checks,
    "task": _tasks,
    "word": _words,
    "file": _files,
    "form": _forms,
    "of form": _of_form,
    "flag": lambda here: (),
}
