"""What a remedy prints as Python: it runs as printed, and the check that printed it passes afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gt_vpc_nb import Perimeter, Policy, grant
from gt_vpc_nb.access import plan_policy
from gt_vpc_nb.policy.cors import NEEDED, merged
from gt_vpc_nb.policy.new_policies import endpoint_policy, exempting_endpoint
from tests.preflight.test_worlds import BROKEN
from tests.preflight.worlds import SoundWorld

_BEGINS = re.compile(r"s3 = boto3\.client\(|(?<![\w.])(?:boto3\.client|grant|plan_policy)\(")


@pytest.fixture(scope="module")
def sound() -> SoundWorld:
    return Prepared()


def calls(remedy: str) -> Iterator[str]:
    """The Python in a remedy: from where it begins, as much as is Python."""
    begun = 0
    while found := _BEGINS.search(remedy, begun):
        ends = [at for at in range(len(remedy), found.start(), -1) if remedy[at - 1] == ")"]
        code = next((remedy[found.start() : at] for at in ends if compiles(remedy[found.start() : at])), None)
        assert code, f"what begins at {remedy[found.start() :][:60]!r} is no Python"
        yield code
        begun = found.start() + len(code)


def compiles(code: str) -> bool:
    try:
        compile(code, "remedy", "exec")
    except SyntaxError:
        return False
    return True


class Prepared(SoundWorld):
    """With the key that a remedy leaves to its reader to name."""

    def __init__(self) -> None:
        super().__init__()
        self.client("kms").create_alias(AliasName="alias/your-key", TargetKeyId=self.key)


def run(code: str, w: SoundWorld) -> None:
    """Runs a printed call as the administrator in the VPC; what is planned is applied, as the remedy says."""

    def applied(plan: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given: plan(*given, session=w.session).apply()

    names = {"boto3": SimpleNamespace(client=w.session.client), "grant": applied(grant)}
    names |= {"Perimeter": Perimeter, "Policy": Policy, "plan_policy": applied(plan_policy)}
    names |= {"exempting_endpoint": exempting_endpoint}
    names |= {"merged": merged, "NEEDED": NEEDED, "endpoint_policy": endpoint_policy}
    exec(code, names)
    w.aws.clock.advance(minutes=6)


#: The checks whose remedy is a call.
CALLS = {
    *("NET-01", "NET-02", "NET-03", "NET-04", "NET-09", "NET-10", "NET-12", "S3P-01", "S3P-13", "CORS-01"),
    *("WF-02", "WF-06", "WF-07", "KMS-05"),
}
ROWS = [(*row[:3], f"{row[0]}-{number}") for number, row in enumerate(BROKEN) if row[0] in CALLS]


@pytest.mark.parametrize(("id", "job", "broken"), [row[:3] for row in ROWS], ids=[row[3] for row in ROWS])
def test_a_printed_call_runs_and_mends_the_check(sound, id, job, broken):
    undo = broken(sound)
    try:
        asked = job(sound)
        row = asked.preflight(surroundings=sound.survey(asked)).row(id)
        assert row.status in ("failed", "warned")
        printed = list(calls(row.remedy))
        assert printed
        for code in printed:
            run(code, sound)
        after = asked.preflight(surroundings=sound.survey(asked)).row(id)
        assert after.status == "passed", (printed, str(after))
    finally:
        # What the remedy has mended need not be undone.
        with suppress(ClientError):
            undo()
