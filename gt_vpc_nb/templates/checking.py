"""What AWS asks of a worker task template, of any text and for every task type; all problems at once.

Sources: SageMaker developer guide, sms-custom-templates-step2, the pages of the task types, and
sms-ui-template-crowd-entity-annotation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from urllib.parse import urlsplit

from gt_vpc_nb.errors import Problem, Severity, near_miss
from gt_vpc_nb.facts import TaskType
from gt_vpc_nb.templates.reading import BLOCKS, Element, Expression, ReadTemplate, read_template

FIELD = "HumanTaskConfig.UiConfig.UiTemplateS3Uri"
CROWD_SCRIPT = "https://assets.crowd.aws/crowd-html-elements.js"
#: The one crowd element that is a form of its own.
FORMLESS = "crowd-entity-annotation"
READ_ACCESS = "grant_read_access"
#: What AWS's own pre-annotation functions put into task.input.
BUILT_IN_INPUT = ("taskObject", "labels", "manifestLine")
_SHOWN_IN = ("src", "href", "data", "poster")
#: Hosts that serve every file as plain text, which browsers do not run.
_PLAIN_TEXT_HOSTS = ("raw.githubusercontent.com", "gist.githubusercontent.com")
#: So many problems are told of each kind: a file that is no template at all has as many as it has tags.
_KEPT = 50
#: Characters of a message: what a template holds may be of any length.
_LONGEST = 300
_LOOKED_AT = re.compile(r"task\.input\.manifestLine\.([\w-]+)")


@dataclass(frozen=True)
class _Look:
    """A template under examination: `given` are the names in task.input, None where a function of yours makes them."""

    read: ReadTemplate
    kind: TaskType | None
    given: Collection[str] | None

    @cached_property
    def input_paths(self) -> list[tuple[str, Expression]]:
        """Each reading of task.input.…, with where it stands."""
        return [(path, each) for each in self.read.expressions for path in each.paths if path.startswith("task.input.")]

    def reads(self, name: str) -> list[Expression]:
        """The expressions that read task.input.NAME."""
        wanted = f"task.input.{name}"
        return [each for path, each in self.input_paths if path == wanted or path.startswith(f"{wanted}.")]


def template_problems(text: str, kind: TaskType | None, given: Collection[str] | None = None) -> list[Problem]:
    """Everything wrong with the text of a worker task template for a task type (None: a custom workflow).

    `given` names what a custom workflow without a pre-annotation function finds in task.input: its manifest's keys.

    >>> [problem.code for problem in template_problems("<p>Hello</p>", None)]
    ['TPL-02', 'TPL-02']
    """
    built_in = kind is not None and kind.job_kind != "custom"
    look = _Look(read_template(text), kind if built_in else None, BUILT_IN_INPUT if built_in else given)
    return [problem for rule in _RULES for problem in islice(rule(look), _KEPT)]


def looked_at(text: str) -> tuple[str, ...]:
    """The label attributes of earlier jobs that a template shows, in order.

    >>> looked_at("{{ task.input.manifestLine.boxes.annotations }} {{ task.input.manifestLine['boxes-metadata'] }}")
    ('boxes',)
    """
    paths = (path for each in read_template(text).expressions for path in each.paths)
    found = (match[1].removesuffix("-metadata") for path in paths if (match := _LOOKED_AT.match(path)))
    return tuple(name for name in dict.fromkeys(found) if name not in ("source", "source-ref"))


def _script(look: _Look) -> Iterator[Problem]:
    sources = [(each, each.attributes.get("src", "")) for each in look.read.named("script")]
    crowd = [(each, src) for each, src in sources if src.split("?")[0].endswith("/crowd-html-elements.js")]
    if not crowd:
        yield _problem(
            "TPL-02", "", "The crowd elements are not loaded.", f'Add <script src="{CROWD_SCRIPT}"></script>.'
        )
    for each, src in crowd:
        if src != CROWD_SCRIPT:
            message = f"the crowd elements are loaded from {src[:100]!r}, AWS's are at {CROWD_SCRIPT}."
            yield _problem("TPL-02", each, message, f'Write <script src="{CROWD_SCRIPT}"></script>.', "warning")


def _form(look: _Look) -> Iterator[Problem]:
    forms, own = look.read.named("crowd-form"), look.read.named(FORMLESS)
    for each in own:
        if each.in_form:
            message = f"<{FORMLESS}> stands inside <crowd-form>, and is a form of its own."
            yield _problem("TPL-02", each, message, "Take the <crowd-form> away.")
    if not forms and not own:
        yield _problem("TPL-02", "", "There is no <crowd-form>: nobody could submit.", "Put <crowd-form> around it.")
    if len(forms) > 1 and not look.read.branches:
        message = f"there are {len(forms)} <crowd-form> elements, one is submitted."
        yield _problem("TPL-02", forms[1], message, "Put everything into one.")
    answering = [each for each in look.read.elements if each.name.startswith("crowd-") and "name" in each.attributes]
    for each in answering if forms else ():
        if each.name != FORMLESS and not each.in_form and not look.read.branches:
            message = f"<{each.name}> stands outside <crowd-form>, so its answer is not submitted."
            yield _problem("TPL-02", each, message, "Move it into the <crowd-form>.")


def _element(look: _Look) -> Iterator[Problem]:
    kind = look.kind
    # What a verification asks with is left to its author: any choice of one category will do.
    if kind is None or not kind.crowd_element or kind.job_kind == "verification":
        return
    found = look.read.named(kind.crowd_element)
    if not found:
        message = f"There is no <{kind.crowd_element}>, whose answers {kind.code} consolidates."
        yield _problem("TPL-02", "", message, f"Use <{kind.crowd_element}>.", "warning")
    for each in found:
        if not each.attributes.get("name"):
            message = f"<{each.name}> has no name, under which its answer is submitted."
            yield _problem("TPL-02", each, message, "Give it a name.")


def _tags(look: _Look) -> Iterator[Problem]:
    # Where Liquid chooses between tags, they do not pair by reading: then nothing is sure.
    sure = not look.read.branches
    for name, line in look.read.unclosed:
        severity: Severity = "error" if name.startswith("crowd-") and sure else "warning"
        yield _problem("TPL-02", line, f"<{name}> has no end tag.", f"Write </{name}>.", severity)
    for name, line in look.read.stray:
        message = f"</{name}> ends nothing that is open."
        yield _problem("TPL-02", line, message, "Take it away, or add its start.", "warning")
    for name, line in look.read.self_closed:
        if "-" in name:
            message = f"<{name} /> does not end there: browsers ignore the stroke."
            yield _problem("TPL-02", line, message, f"Write <{name}></{name}>.", "warning")


def _liquid(look: _Look) -> Iterator[Problem]:
    for line in look.read.open_liquid:
        yield _problem("TPL-03", line, "a Liquid brace is opened and not ended.", "Close it by }} or %}.")
    opened: list[Expression] = []
    for each in look.read.expressions:
        if each.tag in BLOCKS:
            opened.append(each)
        elif each.tag.startswith("end"):
            if not opened or opened[-1].tag != each.tag.removeprefix("end"):
                yield _problem("TPL-03", each.line, f"{{% {each.tag} %}} ends nothing.", "Pair the Liquid tags.")
            else:
                opened.pop()
    for each in opened:
        yield _problem("TPL-03", each.line, f"{{% {each.tag} %}} has no {{% end{each.tag} %}}.", "End it.")


def _variables(look: _Look) -> Iterator[Problem]:
    own = {each.defines for each in look.read.expressions} - {""}
    for each in look.read.expressions:
        for path in each.paths:
            root, _, rest = path.partition(".")
            if root not in own | {"task", "forloop", "tablerowloop"}:
                near = near_miss(root, sorted({"task", *own}))
                message = f"{path!r} is nothing that the template knows{near or '.'}"
                yield _problem("TPL-03", each.line, message, "Variables begin with task.input.")
            elif root == "task" and rest.split(".")[0] != "input":
                near = near_miss(path, [f"task.input.{name}" for name in look.given or ()]) or "."
                yield _problem("TPL-03", each.line, f"{path!r} is not in task.input{near}", "Read task.input.…")
    for path, each in look.input_paths:
        name = path.split(".")[2]
        if look.given is not None and name not in look.given:
            near = near_miss(name, look.given) or f"; it has {', '.join(sorted(look.given))}."
            yield _problem("TPL-03", each.line, f"task.input has no {name!r}{near}", "Correct the name.")


def _task_object(look: _Look) -> Iterator[Problem]:
    if look.kind is None:
        return
    shown = look.reads("taskObject")
    if not shown:
        yield _problem("TPL-03", "", "Workers are not shown task.input.taskObject.", "Show it.")
    if not look.reads("labels") and look.kind.job_kind != "verification":
        message = "The label categories are not taken from task.input.labels."
        yield _problem("TPL-03", "", message, "Write {{ task.input.labels | to_json | escape }}.", "warning")
    granted = [each for each in look.read.expressions if READ_ACCESS in each.filters]
    if shown and look.kind.manifest_keys == ("source-ref",) and not granted:
        message = f"task.input.taskObject is an object in S3, and nothing grants read access to it by {READ_ACCESS}."
        yield _problem("TPL-03", shown[0].line, message, f"Write {{{{ task.input.taskObject | {READ_ACCESS} }}}}.")
    if look.kind.manifest_keys == ("source",):
        for each in shown:
            if READ_ACCESS in each.filters:
                message = f"{READ_ACCESS} is for objects in S3, and {look.kind.code} shows texts."
                yield _problem("TPL-03", each.line, message, "Take the filter away.", "warning")


def _addresses(look: _Look) -> Iterator[Problem]:
    for element in look.read.elements:
        for name in _SHOWN_IN:
            value = element.attributes.get(name, "")
            yield from _address(look, element, name, value.strip())


def _address(look: _Look, element: Element, name: str, value: str) -> Iterator[Problem]:
    inside = read_template(value).expressions if "{{" in value else ()
    from_task = [each for each in inside if any(path.startswith("task.input.") for path in each.paths)]
    if any(READ_ACCESS not in each.filters for each in from_task):
        # A function of yours may have made an address that needs no grant.
        severity: Severity = "error" if look.kind else "warning"
        message = f"{name} of <{element.name}> is {value[:80]} without {READ_ACCESS}."
        yield _problem("TPL-03", element, message, f"Add | {READ_ACCESS}.", severity)
    elif value.startswith("s3://") and not inside:
        message = f"{name} of <{element.name}> is {value[:80]!r}, which no browser can open."
        remedy = f"Write {{{{ '{value[:60]}' | {READ_ACCESS} }}}}."
        yield _problem("TPL-03", element, message, remedy)
    if element.name == "script" and name == "src":
        yield from _external_script(element, value)


def _external_script(element: Element, value: str) -> Iterator[Problem]:
    if value.startswith("http://"):
        message = f"the script {value[:100]!r} is not loaded into the worker portal, which is an https page."
        yield _problem("TPL-04", element, message, "Use https.", "warning")
    elif _host(value) in _PLAIN_TEXT_HOSTS:
        message = f"{_host(value)} serves scripts as plain text, which browsers refuse to run."
        yield _problem("TPL-04", element, message, "Serve it as text/javascript.", "warning")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _problem(code: str, where: Element | int | str, message: str, remedy: str, severity: Severity = "error") -> Problem:
    line = where.line if isinstance(where, Element) else where
    told = f"Line {line}: {message}" if line else message
    return Problem(code, severity, FIELD, told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…", remedy)


_RULES: tuple[Callable[[_Look], Iterator[Problem]], ...] = (
    *(_script, _form, _element, _tags),
    *(_liquid, _variables, _task_object, _addresses),
)
