"""The command ``gt-vpc-nb``."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from gt_vpc_nb.command_line import HelpShown, Parser
from gt_vpc_nb.errors import GtVpcError


def parser() -> Parser:
    """The argparse tree of the terminal command."""
    tree = Parser(prog="gt-vpc-nb", description="SageMaker Ground Truth labeling jobs that stay inside a VPC.")
    commands = tree.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    tour = commands.add_parser(
        "tour",
        help="audit, repair, create, watch and read once, on the local AWS: no account, no network",
        description="Takes 1,797 handwritten digits through a labeling job in a VPC on the local AWS.",
    )
    tour.add_argument("--seed", type=int, default=7, metavar="N", help="other workers, other mistakes (default: 7)")
    tour.add_argument("--keep", type=Path, metavar="FOLDER", help="write there, not to a temporary folder")
    lint = commands.add_parser(
        "lint",
        help="the mistakes in requests and bucket policies that stand in files; runs nothing",
        description="Prints file:line: id severity message for each problem, and exits 1 if there are errors.",
    )
    lint.add_argument("files", nargs="+", metavar="FILE", help=".py, .ipynb, .md, .json, .yaml or .tf")
    lint.add_argument("--sarif", action="store_true", help="print a SARIF log, for code scanning")
    return tree


def main(words: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0, or 1 after one sentence on standard error, or for errors that lint found."""
    try:
        options = parser().parse_args(words)
        return _lint(options.files, options.sarif) if options.command == "lint" else _tour(options.seed, options.keep)
    except HelpShown as shown:
        print(shown)
        return 0
    except GtVpcError as error:
        print(error, file=sys.stderr)
        return 1


def _lint(files: Sequence[str], as_sarif: bool) -> int:
    from gt_vpc_nb.linting import lint

    report = lint(files)
    for line in [report.to_sarif()] if as_sarif else report:
        print(line)
    for line in (*report.notes, f"Lint: {report.summary}."):
        print(line, file=sys.stderr)
    return 1 if report.errors else 0


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
