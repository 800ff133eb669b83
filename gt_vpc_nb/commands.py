"""What %gt_vpc and %%gt_vpc take, as one table: the parsers, help, completion and the README's are made of it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gt_vpc_nb.command_line import Parser

#: What a word stands for; completion knows values of each of them.
Kind = Literal[
    "place", "profile", "region", "bucket", "vpc", "endpoint", "arn", "status", "job", "name", "variable",
    "new variable", "check", "task", "word", "file", "form", "of form", "flag",
]  # fmt: skip
FORMS = ("job", "policy", "jobs")
PLACES = ("local", "aws")
#: Written here once more, because completion may not load what knows them: pandas, and the builder.
STATUSES = ("Initializing", "InProgress", "Completed", "Failed", "Stopping", "Stopped")
EXAMPLES = ("custom", "custom-with-lambdas", "streaming", "automated-labeling", "public-crowd")


@dataclass(frozen=True)
class Argument:
    """One word of a line: `name` as the parser knows it, `shown` as usage lines write it, `kind` what it stands for."""

    name: str
    kind: Kind
    help: str
    shown: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def once(self) -> bool:
        """Whether a second time on the same line would be one too many."""
        return self.options.get("action") not in ("append", "extend")

    @property
    def many(self) -> bool:
        """Whether several values may follow each other."""
        return self.options.get("nargs") == "+"

    @property
    def usage(self) -> str:
        """As the contract writes it: ``BUCKET...``, ``[--vpc V]...``, ``[--apply]``."""
        many = "..." if self.many or not self.once else ""
        if self.name.startswith("-"):
            return f"[{' '.join(filter(None, (self.name, self.shown)))}]{many}"
        return f"[{self.shown}]{many}" if self.options.get("nargs") == "?" else f"{self.shown}{many}"


@dataclass(frozen=True)
class Command:
    """One command of the magics; `body` says in which language %%gt_vpc takes one, `line` whether %gt_vpc goes too."""

    name: str
    summary: str
    examples: tuple[str, ...]
    arguments: tuple[Argument, ...] = ()
    body: Literal["", "YAML", "JSON"] = ""
    line: bool = True

    @property
    def usage(self) -> str:
        """The command with all it takes, on one line."""
        sign = "%%gt_vpc" if self.body else "%gt_vpc"
        return " ".join([sign, self.name, *(each.usage for each in self.arguments)])


def _option(name: str, shown: str, kind: Kind, help: str) -> Argument:
    return Argument(name, kind, help, shown, {"metavar": shown})


def _options(name: str, shown: str, kind: Kind, help: str) -> Argument:
    return Argument(
        name, kind, f"{help} (may be repeated)", shown, {"action": "append", "default": [], "metavar": shown}
    )


def _word(shown: str, kind: Kind, help: str, name: str = "", **options: Any) -> Argument:
    return Argument(name or shown.lower(), kind, help, shown, {"metavar": shown, **options})


_REGION = _option("--region", "R", "region", "the Region of the labeling job (default: the session's)")
PROFILE = _option("--profile", "P", "profile", "a profile of your AWS configuration")
_APPLY = Argument("--apply", "flag", "make the change; without it nothing is changed", "", {"action": "store_true"})
_BUCKET = _word("BUCKET", "bucket", "the bucket's name")
_NAME = _word("NAME", "job", "the labeling job's name")
_PERIMETER = (
    _options("--vpc", "V", "vpc", "a VPC that may come in (vpc-…)"),
    _options("--endpoint", "E", "endpoint", "a VPC endpoint that may come in (vpce-…)"),
    _option("--role", "ARN", "arn", "the labeling job's execution role"),
    _options("--admin", "ARN", "arn", "who must be able to repair the policy"),
    _REGION,
)

COMMANDS: tuple[Command, ...] = (
    Command(
        "use",
        "Say where calls go: the local AWS, or a real account.",
        ("%gt_vpc use local", "%gt_vpc use aws --profile labeling --region eu-west-1"),
        (
            _word("local|aws", "place", "local, aws, or {{session}} for a boto3 session of yours", "place"),
            _option("--profile", "P", "profile", "a profile of your AWS configuration (with aws)"),
            _option("--region", "R", "region", "the Region of the calls that follow"),
        ),
    ),
    Command(
        "audit",
        "Who gets through these buckets' policies, and can Ground Truth?",
        ("%gt_vpc audit my-bucket --vpc vpc-0a1b2c3d4e5f60718",),
        (_word("BUCKET", "bucket", "names of buckets", "buckets", nargs="+"), *_PERIMETER),
    ),
    Command(
        "grant",
        "Plan the smallest policy edit that lets Ground Truth in; --apply makes it.",
        ("%gt_vpc grant my-bucket --vpc vpc-0a1b2c3d4e5f60718 --role arn:aws:iam::111122223333:role/Labeler",),
        (_BUCKET, *_PERIMETER, _APPLY),
    ),
    Command(
        "rollback",
        "Plan the way back to the policy before the last change; --apply takes it.",
        ("%gt_vpc rollback my-bucket",),
        (_BUCKET, _APPLY),
    ),
    Command(
        "policy",
        "Hold a policy of yours, a JSON body, against a bucket's: linted, evaluated, compared; --apply puts it.",
        ("%%gt_vpc policy my-bucket",),
        (_BUCKET, *_PERIMETER, _APPLY),
        body="JSON",
        line=False,
    ),
    Command(
        "jobs",
        "Your labeling jobs, one row each.",
        ("df = %gt_vpc jobs --status InProgress",),
        (
            _option("--status", "S", "status", "Initializing, InProgress, Completed, Failed, Stopping or Stopped"),
            _options("--region", "R", "region", "a Region to ask"),
            _option("--name", "N", "name", "only jobs whose name contains this"),
        ),
    ),
    Command(
        "watch",
        "Watch labeling jobs get on: human, machine, failed, unlabeled, rate and time left.",
        ("%gt_vpc watch signs-1",),
        (_word("NAME", "job", "names of labeling jobs", "names", nargs="+"), _REGION),
    ),
    Command(
        "diagnose",
        "Why a labeling job failed or does not get on, and what to do.",
        ("%gt_vpc diagnose signs-1",),
        (_NAME, _REGION),
    ),
    Command(
        "stop",
        "Stop a labeling job; what is labeled so far is kept.",
        ("%gt_vpc stop signs-1",),
        (_NAME, _REGION),
    ),
    Command(
        "labels",
        "What a labeling job has labeled, as tables.",
        ("labels = %gt_vpc labels signs-1",),
        (_NAME, _REGION),
    ),
    Command(
        "template",
        "Put a filled-in %%gt_vpc job cell under this one, to change: the smallest complete job of a task type.",
        ("%gt_vpc template BoundingBox",),
        (
            _word("TASK", "task", "a task type, custom, custom-with-lambdas, streaming, …"),
            _option("--region", "R", "region", "the job's Region (default: the session's)"),
        ),
    ),
    Command(
        "explain",
        "What a field of a request, a rule or a task type means, with its source; needs no network.",
        ("%gt_vpc explain LabelAttributeName", "%gt_vpc explain S3P-01", "%gt_vpc explain BoundingBox"),
        (_word("FIELD|RULE|TASK", "word", "a member of CreateLabelingJob, a rule's id, or a task type", "word"),),
    ),
    Command(
        "lint",
        "The mistakes in requests and bucket policies that stand in files; runs nothing.",
        ("%gt_vpc lint train.py notes.md",),
        (_word("FILE", "file", ".py, .ipynb, .md, .json, .yaml or .tf", "files", nargs="+"),),
    ),
    Command(
        "form",
        "Open a form: of a labeling job (yours, or a new one), of a bucket's policy, or of all jobs.",
        ("%gt_vpc form", "%gt_vpc form my_job", "%gt_vpc form policy my-bucket", "%gt_vpc form jobs"),
        (
            _word("NAME", "form", "job, policy, jobs, or a variable that holds a job (default: job)", nargs="?"),
            _word("OF", "of form", "the bucket of a policy, or the variable of a job", nargs="?"),
        ),
    ),
    Command(
        "doctor",
        "Which services answer, who you are, which versions and defaults there are: one block to copy.",
        ("%gt_vpc doctor",),
    ),
    Command(
        "job",
        "Plan a labeling job from a YAML body: problems, preflight, cost, request. Changes nothing.",
        ("%%gt_vpc job signs",),
        (_word("VARIABLE", "new variable", "the variable that gets the LabelingJob", nargs="?"),),
        body="YAML",
        line=False,
    ),
    Command(
        "submit",
        "Check and submit a labeling job: a YAML body, or a variable that holds one.",
        ("%%gt_vpc submit signs", "%gt_vpc submit signs"),
        (
            _word("VARIABLE", "variable", "the variable that gets, or holds, the job", nargs="?"),
            Argument(
                "--despite",
                "check",
                "submit although these preflight checks failed",
                "ID",
                {"action": "extend", "nargs": "+", "default": [], "metavar": "ID"},
            ),
        ),
        body="YAML",
    ),
)
BY_NAME: Mapping[str, Command] = {each.name: each for each in COMMANDS}


def overview() -> str:
    """The help of %gt_vpc as a whole: every command with all it takes."""
    lines = (f"  {each.usage}\n      {each.summary}" for each in COMMANDS)
    return "\n".join(["usage: %gt_vpc COMMAND …", "", *_ABOUT, "", *lines, ""])


_ABOUT = (
    "Ground Truth labeling jobs in a VPC. `%gt_vpc COMMAND --help` tells more, with examples.",
    "{{name}}, {{object.attribute}} and {{items[0]}} are variables of the notebook, on the line and in a body.",
)


class _Root(Parser):
    def format_help(self) -> str:
        return overview()


@functools.cache
def magic_parser() -> Parser:
    """The whole tree of %gt_vpc: made when the first line is read, not when the extension is loaded."""
    parser = _Root(prog="%gt_vpc", usage="%%gt_vpc COMMAND …")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for command in COMMANDS:
        _add(commands, command)
    return parser


def _add(commands: Any, command: Command) -> None:
    examples = "\n".join(f"  {each}" for each in command.examples)
    added = commands.add_parser(
        command.name,
        prog=" ".join(command.usage.split()[:2]),
        usage=_literal(command.usage),
        help=_literal(command.summary),
        description=command.summary,
        epilog=f"example{'s' if len(command.examples) > 1 else ''}:\n{examples}",
    )
    for each in command.arguments:
        added.add_argument(each.name, help=_literal(each.help), **each.options)


def _literal(text: str) -> str:
    """argparse fills in %(names)s."""
    return text.replace("%", "%%")


def magics_table() -> str:
    """The README's table of the magics, in Markdown."""
    rows = ((_cell(each.usage), _cell(each.summary, code=False)) for each in COMMANDS)
    return "\n".join(["| magic | what it does |", "| --- | --- |", *(f"| {usage} | {told} |" for usage, told in rows)])


def _cell(text: str, code: bool = True) -> str:
    escaped = text.replace("|", "\\|")
    return f"`{escaped}`" if code else escaped
