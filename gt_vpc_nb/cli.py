"""The command ``gt-vpc-nb``."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from gt_vpc_nb import cli_commands
from gt_vpc_nb.command_line import HelpShown, Parser
from gt_vpc_nb.commands import BY_NAME, PROFILE, Argument
from gt_vpc_nb.errors import GtVpcError

#: A command, what it does in a line, what its help says besides, and what it takes; each command takes --json, too.
_COMMANDS: tuple[tuple[str, str, str, tuple[Argument, ...]], ...] = (
    (
        "lint",
        "the mistakes in requests and bucket policies that stand in files; runs nothing",
        "Prints file:line: id severity message for each problem, and exits 1 if there are errors.",
        (
            *BY_NAME["lint"].arguments,
            Argument("--sarif", "flag", "print a SARIF log, for code scanning", "", {"action": "store_true"}),
        ),
    ),
    (
        "audit",
        "who gets through these buckets' policies, and can Ground Truth?",
        "Exits 1 unless every bucket is closed to others and works with Ground Truth.",
        (*BY_NAME["audit"].arguments, PROFILE),
    ),
    ("jobs", "your labeling jobs, one row each", "", (*BY_NAME["jobs"].arguments, PROFILE)),
    (
        "take-home",
        "bring a job's output manifest and label files to this machine; nothing is overwritten",
        "Exits 1 if a file could not be read, or another one is in its place.",
        (
            *BY_NAME["labels"].arguments,
            Argument("--to", "file", "the folder (default: one of the job's name)", "FOLDER", {"metavar": "FOLDER"}),
            PROFILE,
        ),
    ),
    (
        "lab",
        "open the tutorials in JupyterLab, as copies that you may change",
        "Copies the tutorials that are not there yet.",
        (
            Argument(
                "--to",
                "file",
                "where the copies are (default: gt-vpc-nb-tutorials)",
                "FOLDER",
                {"metavar": "FOLDER", "type": Path, "default": Path("gt-vpc-nb-tutorials")},
            ),
            Argument("--no-browser", "flag", "print the address, open no browser", "", {"action": "store_true"}),
        ),
    ),
)
_CODES = "Exit codes: 0 done, 1 done and something was found, 2 not done."


def parser() -> Parser:
    """The argparse tree of the terminal command."""
    about = f"SageMaker Ground Truth labeling jobs that stay inside a VPC. {_CODES}"
    tree = Parser(prog="gt-vpc-nb", description=about)
    tree.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = tree.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    tour = commands.add_parser(
        "tour",
        help="audit, repair, create, watch and read once, on the local AWS: no account, no network",
        description="Takes 1,797 handwritten digits through a labeling job in a VPC on the local AWS.",
    )
    tour.add_argument("--seed", type=int, default=7, metavar="N", help="other workers, other mistakes (default: 7)")
    tour.add_argument("--keep", type=Path, metavar="FOLDER", help="write there, not to a temporary folder")
    for name, summary, more, arguments in _COMMANDS:
        added = commands.add_parser(name, help=summary, description=" ".join(filter(None, (_sentence(summary), more))))
        for each in arguments:
            added.add_argument(each.name, help=each.help, **each.options)
        added.add_argument("--json", action="store_true", help="print JSON, for scripts")
    return tree


def _sentence(summary: str) -> str:
    return summary if summary.endswith("?") else f"{summary}."


class _Version(argparse.Action):
    """Shows the version where help would be shown."""

    def __call__(self, *_: object) -> None:
        from gt_vpc_nb import __version__

        raise HelpShown(f"gt-vpc-nb {__version__}")


def main(words: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0, 1 where something was found, or 2 after one sentence on standard error."""
    try:
        code = _done(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read on (head, say) has enough; what is still to be written at the end of the process goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return cli_commands.FOUND
    return code


def _done(words: Sequence[str] | None) -> int:
    try:
        options = parser().parse_args(words)
        if options.command == "tour":
            return _tour(options.seed, options.keep)
        return int(getattr(cli_commands, options.command.replace("-", "_"))(options))
    except HelpShown as shown:
        print(shown)
        return cli_commands.WELL
    except GtVpcError as error:
        print(error, file=sys.stderr)
        return cli_commands.NOT_DONE


def _tour(seed: int, keep: Path | None) -> int:
    from gt_vpc_nb.local import LocalAws
    from gt_vpc_nb.tour import Tour, run

    with _own_folder(keep) as folder:
        aws = LocalAws.digits(seed=seed)
        session = aws.session(vpc_endpoint=aws.world.vpc_endpoint)
        print(
            f"The local AWS, seed {seed}: no account, no network. {len(aws.truth)} handwritten digits are in "
            f"s3://{aws.world.input_bucket}."
        )
        run(Tour(aws.world, session, aws.truth, folder))
        print(f"\nEverything this tour wrote is in {folder}")
    return 0


@contextlib.contextmanager
def _own_folder(keep: Path | None) -> Iterator[Path]:
    """A folder for all the tour writes: its picture, the journal of policy changes, matplotlib's font list."""
    folder = Path(tempfile.mkdtemp(prefix="gt-vpc-nb-tour-")) if keep is None else keep.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise GtVpcError(f"--keep {keep}: this folder cannot be made ({problem.strerror}); name another.") from problem
    ours = {"GT_VPC_NB_HOME": str(folder / "journal"), "MPLCONFIGDIR": str(folder / "matplotlib")}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield folder
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


if __name__ == "__main__":
    sys.exit(main())
