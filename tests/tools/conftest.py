"""Programs that others wrote, unmodified, against the local AWS. The AWS CLI comes with the extra `test`; each other
file is run by `.ci/run` where its tool is installed, and anywhere else it is not collected."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.serving import Places
from tests.local.callers import POISON, VPCE

#: The AWS CLI of this very environment: another one on the PATH is not what CI installed.
AWS_CLI = Path(sys.executable).with_name("aws")
#: Distributions by name: looking for the module `sagemaker.core` would import the whole SDK.
INSTALLED = {each.name.lower() for each in distributions() if each.name}
_TOOLS = {
    "test_aws_cli.py": AWS_CLI.exists(),
    "test_curl.py": shutil.which("curl") is not None,
    "test_s3fs.py": find_spec("s3fs") is not None,
    "test_binder.py": "jupyter-repo2docker" in INSTALLED,
    "test_sagemaker_sdk.py": "sagemaker" in INSTALLED,
    "test_sagemaker_core.py": find_spec("sagemaker") is not None and find_spec("sagemaker.core") is not None,
}
collect_ignore = [name for name, found in _TOOLS.items() if not found]


@pytest.fixture(scope="module")
def aws() -> LocalAws:
    """The small world, twenty minutes a second, and a bucket `signs-in`."""
    aws = LocalAws.example(clock=1200)
    aws.session().client("s3").create_bucket(Bucket="signs-in")
    return aws


@pytest.fixture(scope="module")
def places(aws: LocalAws) -> Iterator[Places]:
    with aws.serve() as places:
        yield places


@pytest.fixture(scope="module")
def outside(places: Places) -> dict[str, str]:
    """The environment of a program on the internet, with whatever could lead it astray set around it."""
    return {**os.environ, **POISON, **places.env("internet")}


@pytest.fixture(scope="module")
def inside(places: Places) -> dict[str, str]:
    """The same behind the VPC endpoint."""
    return {**os.environ, **POISON, **places.env(vpc_endpoint=VPCE)}
