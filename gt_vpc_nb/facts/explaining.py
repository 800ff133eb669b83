"""A rule, a task type or a member of CreateLabelingJob, explained in a few lines with its source; no network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.facts.api_facts import Limit, limits
from gt_vpc_nb.facts.rule_facts import Rule, rules
from gt_vpc_nb.facts.task_facts import TaskType, task_type, task_types
from gt_vpc_nb.shown import Pairs, page
from gt_vpc_nb.shown_text import told


@dataclass(frozen=True, repr=False)
class Explanation:
    """What is known of one word: pairs of a heading and a text, and where they are written."""

    word: str
    rows: tuple[tuple[str, str], ...]
    source: str

    def __repr__(self) -> str:
        return told(self.word, (f"  {heading:<20}{text}" for heading, text in self._pairs()))

    def _repr_html_(self) -> str:
        return page(self.word, Pairs(f"What is known of {self.word}", self._pairs()))

    def _pairs(self) -> list[tuple[str, str]]:
        return [*self.rows, ("source", self.source)]


def explain(word: str) -> Explanation:
    """What a rule's id, a task type, or a member of CreateLabelingJob means, and what its limits are.

    A member is given by its dotted path, or by its last part where only one has it.

    Raises:
        RequestError: there is no such thing, or several; offers the nearest.

    >>> explain("TaskTimeLimitInSeconds").word
    'HumanTaskConfig.TaskTimeLimitInSeconds'
    """
    found = rules().get(word.upper())
    if found is not None:
        return _rule(found)
    if word in {kind.code for kind in task_types()}:
        return _task(task_type(word))
    paths = [path for path in limits() if path == word] or [path for path in limits() if path.endswith(f".{word}")]
    if len(paths) > 1:
        raise RequestError(f"{word!r} is several members of CreateLabelingJob; name one: {', '.join(paths)}.")
    if paths:
        return _member(limits()[paths[0]])
    known = [*(kind.code for kind in task_types()), *rules(), *limits()]
    ends = {path.rpartition(".")[2]: path for path in limits()}
    near = near_miss(word, [*known, *ends]) or "; REQ-01, BoundingBox and RoleArn are."
    raise RequestError(f"{word!r} is no rule, task type or member of CreateLabelingJob{near}")


def _rule(found: Rule) -> Explanation:
    rows = (("when it is kept", found.title), ("otherwise", found.severity), ("about", found.area))
    return Explanation(found.id, rows, found.source)


def _member(found: Limit) -> Explanation:
    counted = {"string": "characters", "list": "elements", "integer": "value"}.get(found.kind)
    rows = [("kind", found.kind), ("required", "yes" if found.required else "no")]
    if counted and (found.minimum is not None or found.maximum is not None):
        rows.append((counted, _span(found.minimum, found.maximum)))
    if found.pattern:
        rows.append(("pattern", found.pattern))
    if found.values:
        rows.append(("one of", ", ".join(found.values)))
    return Explanation(found.member, tuple(rows), found.source)


def _span(least: int | None, most: int | None) -> str:
    if most is None:
        return f"{least or 0:,} or more"
    return f"{least or 0:,} to {most:,}"


def _task(kind: TaskType) -> Explanation:
    return Explanation(kind.code, tuple(_task_rows(kind)), "; ".join(kind.source))


def _task_rows(kind: TaskType) -> Iterator[tuple[str, str]]:
    yield "what", kind.display_name
    yield "data", f"{kind.modality}; each line of the input manifest has {' or '.join(kind.manifest_keys)}"
    if kind.base_task:
        yield "looks at", f"labels of {kind.base_task} that an earlier job wrote"
    own = f"AWS's own, human-task-ui/{kind.human_task_ui}"
    yield "worker interface", own if kind.human_task_ui else f"a template with <{kind.crowd_element}>"
    ending = "ends with -ref" if kind.needs_ref else "does not end with -ref"
    yield "label attribute", f"its name {ending}"
    yield "label categories", f"{_span(kind.labels_min, kind.labels_max)}, of at most {kind.label_chars} characters"
    yield "workers an object", "1" if kind.one_worker else f"1 to 9; {kind.default_workers} unless you say"
    pages = f"; AWS's task pages stop at {kind.time_limit_warn:,}" if kind.time_limit_warn else ""
    yield "seconds a task", f"30 to {kind.time_limit_max:,}{pages}"
    yield "data objects", f"at most {kind.dataset_items:,}"
    yield "automated labeling", f"yes, {kind.algorithm}" if kind.algorithm else "no"
    prices = f", at {kind.prices[0]} to {kind.prices[-1]} USD a task" if kind.prices else ""
    yield "Mechanical Turk", f"yes{prices}" if kind.public_crowd else "no"
    yield "portal in a VPC", "yes" if kind.loads_in_vpc_portal else "its tool does not load there"
    yield "output", kind.output_type or "its type is not published"
