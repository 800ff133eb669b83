"""The one argparse tree behind %gt_vpc, %%gt_vpc, their help and their completion."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from typing import NoReturn

from gt_vpc_nb.errors import CommandError, near_miss


class HelpShown(Exception):
    """Raised instead of leaving the interpreter when help was asked for; carries the text."""


class Parser(argparse.ArgumentParser):
    """An argparse parser that answers with one sentence and never leaves the interpreter."""

    def __init__(self, *args: object, **options: object) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(*args, allow_abbrev=False, **options)

    def print_help(self, file: object = None) -> None:
        raise HelpShown(self.format_help())

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise CommandError(message or f"{self.prog} stopped with status {status}.")

    def error(self, message: str) -> NoReturn:
        end = "" if message.endswith("?") else "."
        raise CommandError(f"{self.prog}: {message}{end} What it takes: {' '.join(self.format_usage().split()[1:])}")

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: object = None) -> tuple:
        found, unknown = super().parse_known_args(args, namespace)
        options = [word for word in unknown if word.startswith("-")]
        if options:
            self.error(f"there is no option {options[0]}{near_miss(options[0], self._option_string_actions)}")
        if unknown:
            self.error(f"'{unknown[0]}' is one word too many")
        return found, unknown

    def _check_value(self, action: argparse.Action, value: object) -> None:
        # argparse lists every choice in its own words; a person wants the nearest one.
        if action.choices is not None and value not in action.choices:
            choices = ", ".join(map(str, action.choices))
            raise CommandError(
                f"{self.prog}: '{value}' is not one of {choices}{near_miss(str(value), map(str, action.choices))}"
            )


def _perimeter_options(parser: Parser) -> None:
    parser.add_argument("--vpc", action="append", default=[], metavar="V", help="a VPC that may come in (vpc-…)")
    parser.add_argument(
        "--endpoint", action="append", default=[], metavar="E", help="a VPC endpoint that may come in (vpce-…)"
    )
    parser.add_argument("--role", metavar="ARN", help="the labeling job's execution role")
    parser.add_argument(
        "--admin", action="append", default=[], metavar="ARN", help="who must be able to repair the policy"
    )


def _command(commands: argparse._SubParsersAction, name: str, summary: str, example: str) -> Parser:
    return commands.add_parser(name, help=summary, description=summary, epilog=f"example:\n  {example}")


def _add_use(commands: argparse._SubParsersAction) -> None:
    use = _command(commands, "use", "Say where calls go: the local AWS, or a real account.", "%gt_vpc use local")
    use.add_argument("place", help="local, aws, or {{session}} for a boto3 session of yours")
    use.add_argument("--profile", metavar="P", help="a profile of your AWS configuration (with aws)")
    use.add_argument("--region", metavar="R", help="the Region of the calls that follow")


def _add_buckets(commands: argparse._SubParsersAction) -> None:
    audit = _command(
        commands, "audit", "Who gets through these buckets' policies, and can Ground Truth?", "%gt_vpc audit my-bucket"
    )
    audit.add_argument("buckets", nargs="+", metavar="BUCKET")
    _perimeter_options(audit)
    audit.add_argument("--region", metavar="R", help="the Region of the labeling job (default: the session's)")
    grant = _command(
        commands,
        "grant",
        "Plan the smallest policy edit that lets Ground Truth in; --apply makes it.",
        "%gt_vpc grant my-bucket --vpc vpc-0a1b2c3d4e5f60718 --role arn:aws:iam::111122223333:role/Labeler",
    )
    grant.add_argument("bucket", metavar="BUCKET")
    _perimeter_options(grant)
    grant.add_argument("--region", metavar="R", help="the Region of the labeling job (default: the session's)")
    grant.add_argument("--apply", action="store_true", help="make the change; without it nothing is changed")
    rollback = _command(
        commands, "rollback", "Plan the way back to the policy before the last change.", "%gt_vpc rollback my-bucket"
    )
    rollback.add_argument("bucket", metavar="BUCKET")
    rollback.add_argument("--apply", action="store_true", help="make the change; without it nothing is changed")


def _add_jobs(commands: argparse._SubParsersAction) -> None:
    jobs = _command(commands, "jobs", "Your labeling jobs, one row each.", "df = %gt_vpc jobs --status InProgress")
    jobs.add_argument("--status", metavar="S", help="Initializing, InProgress, Completed, Failed, Stopping or Stopped")
    jobs.add_argument("--region", action="append", default=[], metavar="R", help="a Region to ask (may be repeated)")
    jobs.add_argument("--name", metavar="N", help="only jobs whose name contains this")
    job = _command(
        commands,
        "job",
        "Plan a labeling job from a YAML body: problems, preflight, request. Changes nothing.",
        "%%gt_vpc job signs",
    )
    job.add_argument("variable", nargs="?", metavar="VARIABLE", help="the variable that gets the LabelingJob")
    submit = _command(
        commands,
        "submit",
        "Check and submit a labeling job: a YAML body, or a variable that holds one.",
        "%gt_vpc submit signs",
    )
    submit.add_argument("variable", nargs="?", metavar="VARIABLE", help="the variable that gets, or holds, the job")
    submit.add_argument(
        "--despite", nargs="+", default=[], metavar="ID", help="submit although these preflight checks failed"
    )


def _add_template(commands: argparse._SubParsersAction) -> None:
    template = _command(
        commands,
        "template",
        "Put a filled-in %%gt_vpc job cell under this one, to change: the smallest complete job of a task type.",
        "%gt_vpc template BoundingBox",
    )
    template.add_argument("task", metavar="TASK", help="a task type, custom, custom-with-lambdas, streaming, …")
    template.add_argument("--region", metavar="R", help="the job's Region (default: the session's)")


def _add_explain(commands: argparse._SubParsersAction) -> None:
    explain = _command(
        commands,
        "explain",
        "What a rule, a task type or a member of CreateLabelingJob means, with its limits and its source; offline.",
        "%gt_vpc explain REQ-04",
    )
    explain.add_argument("word", metavar="FIELD|RULE|TASK", help="TaskTimeLimitInSeconds, REQ-04, BoundingBox, …")


def _add_lint(commands: argparse._SubParsersAction) -> None:
    lint = _command(
        commands,
        "lint",
        "The mistakes in requests and bucket policies that stand in files; runs nothing.",
        "%gt_vpc lint train.py notes.md",
    )
    lint.add_argument("files", nargs="+", metavar="FILE", help=".py, .ipynb, .md, .json, .yaml or .tf")


def magic_parser() -> Parser:
    """The whole tree of %gt_vpc; its help is the magic's help."""
    parser = Parser(
        prog="%gt_vpc",
        description="Ground Truth labeling jobs in a VPC. `%gt_vpc COMMAND --help` tells more; %%gt_vpc job and "
        "%%gt_vpc submit take a YAML body. {{name}} is replaced by a variable of the notebook.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for add in (_add_use, _add_buckets, _add_jobs, _add_template, _add_explain, _add_lint):
        add(commands)
    return parser


def words_of(line: str) -> list[str]:
    """The words of a magic's line, quoted as in a shell; raises CommandError for an open quote."""
    try:
        return shlex.split(line, comments=True)
    except ValueError as problem:
        raise CommandError(f"%gt_vpc could not split this line ({problem}): {line.strip()}") from None
