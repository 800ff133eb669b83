"""What the terminal's commands do, besides the tour: one function each, which prints and returns the exit code."""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from gt_vpc_nb.errors import GtVpcError

#: Done, and all is well; done, and something was found; not done.
WELL, FOUND, NOT_DONE = 0, 1, 2


def lint(options: argparse.Namespace) -> int:
    """Problems in files, a line each; errors are found."""
    from gt_vpc_nb.linting import lint

    report = lint(options.files)
    if options.sarif:
        print(report.to_sarif())
    elif options.json:
        print(_records(report.to_frame()))
    else:
        for row in report:
            print(row)
    for line in (*report.notes, f"Lint: {report.summary}."):
        print(line, file=sys.stderr)
    return FOUND if report.errors else WELL


def audit(options: argparse.Namespace) -> int:
    """Who gets through; anything but closed and working is found."""
    from gt_vpc_nb.access import audit
    from gt_vpc_nb.policy.perimeter import Perimeter

    session = _session(options)
    perimeter = Perimeter(
        vpcs=options.vpc,
        vpc_endpoints=options.endpoint,
        ground_truth=options.region or session.region_name,
        execution_role=options.role,
        administrators=options.admin,
    )
    found = audit(options.buckets, perimeter, session)
    print(found.to_json() if options.json else found)
    return WELL if (found.buckets["verdict"] == "closed-and-working").all() else FOUND


def jobs(options: argparse.Namespace) -> int:
    """The labeling jobs; what they need is in the column attention."""
    from gt_vpc_nb.jobs import labeling_jobs

    session = _session(options)
    found = labeling_jobs(session, options.region or None, options.status, options.name)
    print(_records(found) if options.json else found)
    if options.json and found.note:
        print(found.note, file=sys.stderr)
    return WELL


def take_home(options: argparse.Namespace) -> int:
    """A job's output on this machine; a file that is not here as it is in S3 is found."""
    from gt_vpc_nb.jobs import labeling_job
    from gt_vpc_nb.jobs_take_home import take_home

    session = _session(options)
    found = take_home(labeling_job(options.name, session, options.region), options.to)
    print(found.to_json() if options.json else found)
    return WELL if found.complete else FOUND


def lab(options: argparse.Namespace) -> int:
    """The tutorials in JupyterLab, as copies that one may change."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise GtVpcError("gt-vpc-nb lab needs JupyterLab; install it with: pip install jupyterlab")
    folder = options.to.absolute()
    first = _copies(folder)
    told = {"folder": str(folder), "open": first.name}
    print(json.dumps(told) if options.json else f"The tutorials are in {folder}; Ctrl-C ends JupyterLab.", flush=True)
    browser = ["--no-browser"] if options.no_browser else []
    try:
        code = subprocess.call([sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *browser, first])
    except KeyboardInterrupt:
        return WELL
    return WELL if code == 0 else NOT_DONE


def _copies(folder: Path) -> Path:
    """Copies the tutorials that are not there yet; the first one is to be opened."""
    places = (Path(__file__).parents[1] / "notebooks", Path(sys.prefix, "share", "gt-vpc-nb", "notebooks"))
    place = next((each for each in places if any(each.glob("0*.ipynb"))), None)
    if place is None:
        raise GtVpcError(f"The tutorials were not installed: there is no {places[1]}; take notebooks/ of the sources.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for tutorial in sorted(place.glob("*.ipynb")):
            if not (folder / tutorial.name).exists():
                shutil.copyfile(tutorial, folder / tutorial.name)
    except OSError as error:
        raise GtVpcError(
            f"--to {folder}: the tutorials cannot be put there ({error.strerror}); name another."
        ) from error
    return folder / min(place.glob("0*.ipynb")).name


def _session(options: argparse.Namespace) -> Any:
    import boto3

    from gt_vpc_nb.aws.sessions import asking

    region = options.region[0] if isinstance(options.region, list) and options.region else options.region or None
    with asking(f"opening profile {options.profile or 'default'}"):
        return boto3.Session(profile_name=options.profile, region_name=region)


def _records(frame: Any) -> str:
    import pandas

    return pandas.DataFrame(frame).to_json(orient="records", date_format="iso", force_ascii=False)
