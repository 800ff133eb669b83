"""Makes one change of a bucket policy again and again, killed by SIGKILL before another step each time.

Run as a program: `python killed_changes.py SCENARIO FOLDER`. A step is a call to AWS going out or its answer coming
in, and every time the process opens, renames, makes, removes or locks a file of the journal. How many there are is
counted on an undisturbed run, so that a new step is killed at without a word here. The world lives in this process;
each change runs in a fork of it, which notes the policy that the local AWS last accepted, and here that policy is put
in force again before the change is rolled back with the journal that the dead process left. Prints one JSON line a
step: where it was killed, and what was left.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gt_vpc_nb import ChangeRefused, Perimeter, grant, rollback
from gt_vpc_nb.access_change import PolicyChange
from gt_vpc_nb.aws import journal
from gt_vpc_nb.local import LocalAws
from gt_vpc_nb.local.example import lay_out
from gt_vpc_nb.tour import first_policy

_AUDITED = {"open": 0, "os.rename": 1, "os.mkdir": 0, "os.remove": 0, "fcntl.flock": None}
_NEVER = 1_000_000


class Steps:
    """Counts the steps of this process, notes each policy that the local AWS accepts, and dies before a step."""

    def __init__(self, last: int, home: str, note: Callable[[dict[str, Any]], object]) -> None:
        self.last, self.home, self.note = last, home, note
        self.names: list[str] = []
        self._sent = b""

    def watch(self, session: Any) -> None:
        session.events.register("before-call", self._goes_out)
        session.events.register("after-call", self._answered)
        sys.addaudithook(self._audited)

    def step(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) > self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def _goes_out(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        self.step(f"{model.name} goes out")
        self._sent = params["body"]

    def _answered(self, model: Any, http_response: Any, **_: Any) -> None:
        if model.name in ("PutBucketPolicy", "DeleteBucketPolicy") and http_response.status_code < 300:
            self.note({"policy": self._sent.decode() if model.name.startswith("Put") else None})
        self.step(f"{model.name} is answered")

    def _audited(self, event: str, given: tuple[Any, ...]) -> None:
        if event in _AUDITED:
            place = _AUDITED[event]
            if place is None or str(given[place]).startswith(self.home):
                self.step(event)


def world() -> tuple[LocalAws, Any, Perimeter]:
    aws = LocalAws(seed=7)
    laid_out = aws.world = lay_out(aws)
    perimeter = Perimeter(
        vpcs=[laid_out.vpc],
        vpc_endpoints=[laid_out.vpc_endpoint],
        ground_truth=laid_out.region,
        execution_role=laid_out.role,
        administrators=[laid_out.administrator],
    )
    return aws, aws.session(vpc_endpoint=laid_out.vpc_endpoint), perimeter


def granted(bucket: str, session: Any, perimeter: Perimeter) -> PolicyChange:
    return grant(bucket, perimeter, session)


def undone(bucket: str, session: Any, perimeter: Perimeter) -> PolicyChange:
    grant(bucket, perimeter, session).apply()
    return rollback(bucket, session)


def restored(bucket: str, session: Any, perimeter: Perimeter) -> PolicyChange:
    """A change whose new policy evaluates wrongly, so that the old one is put back."""
    plan = grant(bucket, perimeter, session)
    wrong = json.loads(plan.before or "")
    wrong["Statement"][0]["Action"] = "s3:*Object"
    return replace(plan, after=json.dumps(wrong))


def deleted(bucket: str, session: Any, perimeter: Perimeter) -> PolicyChange:
    """The way back to having no policy."""
    account = session.client("sts").get_caller_identity()["Account"]
    journal.append(bucket, account, journal.Entry(None, policy_of(session, bucket), "before", "test", perimeter))
    return rollback(bucket, session)


SCENARIOS: dict[str, Callable[[str, Any, Perimeter], PolicyChange]] = {
    each.__name__: each for each in (granted, undone, restored, deleted)
}


def policy_of(session: Any, bucket: str) -> str | None:
    try:
        return str(session.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    except session.client("s3").exceptions.ClientError:
        return None


def put(session: Any, bucket: str, policy: str | None) -> None:
    s3 = session.client("s3")
    if policy is None:
        s3.delete_bucket_policy(Bucket=bucket)
    else:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def run_and_kill(plan: PolicyChange, last: int, home: str, told: Path) -> list[dict[str, Any]]:
    """Applies the plan in a fork that dies before step `last`, and returns what the fork noted."""
    child = os.fork()
    if not child:
        try:
            apply_and_die(plan, last, home, told)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    ended = os.waitstatus_to_exitcode(status)
    assert ended == (0 if last == _NEVER else -signal.SIGKILL), f"the fork ended with {ended}"
    return [json.loads(line) for line in told.read_text().splitlines()]


def apply_and_die(plan: PolicyChange, last: int, home: str, told: Path) -> None:
    notes = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    steps = Steps(last, home, lambda each: os.write(notes, json.dumps(each).encode() + b"\n"))
    steps.watch(plan.session)
    with contextlib.suppress(ChangeRefused):
        # Every copy is a new object: the world remembers those of the dead.
        plan.apply(copy_to=f"s3://labels-out/old/{last}.json")
    steps.note({"steps": steps.names})
    os._exit(0)


def main(scenario: str, folder: str) -> None:
    aws, session, perimeter = world()
    bucket, account = aws.world.input_bucket, aws.account
    first = json.dumps(first_policy(bucket, aws.world.vpc, aws.world.vpc_endpoint), indent=3)
    last, names = _NEVER, []
    while last == _NEVER or last < len(names):
        home = str(Path(folder, f"home-{last}"))
        os.environ["GT_VPC_NB_HOME"] = home
        put(session, bucket, first)
        given = policy_of(session, bucket)
        plan = SCENARIOS[scenario](bucket, session, perimeter)
        noted = run_and_kill(plan, last, home, Path(folder, f"told-{last}"))
        if last == _NEVER:
            names, last = noted[-1]["steps"], 0
            continue
        left = [plan.before, *(each["policy"] for each in noted)][-1]
        put(session, bucket, left)
        found = {"before": names[last], "old": plan.before, "new": plan.after, "given": given, "left": left}
        print(json.dumps({**found, **rolled_back(bucket, session, account)}))
        last += 1


def rolled_back(bucket: str, session: Any, account: str) -> dict[str, Any]:
    """What a rollback says and does with the journal of the dead process; run until it has nothing to do."""
    entries = len(journal.entries(bucket, account))
    said = []
    for _ in range(entries):
        plan = rollback(bucket, session)
        said.append(repr(plan).splitlines()[0])
        plan.apply()
    return {
        "entries": entries,
        "said": said,
        "then": policy_of(session, bucket),
        "entries left": len(journal.entries(bucket, account)),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
