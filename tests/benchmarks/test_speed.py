"""How fast the rooms are, held as ratios measured in the same run, so that a busy machine cannot fail them.

`pytest tests/benchmarks -n 0` prints pytest-benchmark's table.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from gt_vpc_nb.facts import task_type
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate

BUCKET = "arn:aws:s3:::signs-in"
VPC_ONLY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "OnlyFromOurEndpoint",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            "Resource": [BUCKET, f"{BUCKET}/*"],
            "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d4e5f60718"]}},
        }
    ],
}
REQUEST = AccessRequest(
    principal="arn:aws:iam::111122223333:role/GroundTruthExecution",
    action="s3:GetObject",
    resource=f"{BUCKET}/sign.png",
    context={"aws:SourceVpce": "vpce-08408e335ebf95b40"},
)


def fastest(work: Callable[[], object], repeats: int = 7, loops: int = 50) -> float:
    """Seconds a call: the best of several rounds, which is the one with the least of other people's work in it."""

    def once() -> float:
        start = time.perf_counter()
        for _ in range(loops):
            work()
        return (time.perf_counter() - start) / loops

    return min(once() for _ in range(repeats))


def statements(count: int) -> Policy:
    many = [{**VPC_ONLY["Statement"][0], "Sid": f"Deny{number}"} for number in range(count)]
    return Policy.parse({**VPC_ONLY, "Statement": many})


def test_a_decision_about_a_bucket_policy(benchmark: Callable[..., object]) -> None:
    policy = Policy.parse(VPC_ONLY)
    decision = benchmark(lambda: evaluate(policy, REQUEST, account="111122223333"))
    assert decision.decision == "explicitDeny"


def test_reading_a_bucket_policy(benchmark: Callable[..., object]) -> None:
    text = json.dumps(VPC_ONLY)
    assert benchmark(lambda: Policy.parse(text)).statements


def test_looking_up_a_task_type_costs_less_than_reading_its_table(benchmark: Callable[..., object]) -> None:
    assert benchmark(lambda: task_type("BoundingBox")).code == "BoundingBox"
    from gt_vpc_nb.facts.tables import table

    assert fastest(lambda: task_type("BoundingBox")) * 100 < fastest(lambda: table.__wrapped__("task_types"), loops=5)


@pytest.mark.parametrize(("few", "many"), [(2, 32)])
def test_the_time_of_a_decision_grows_no_faster_than_the_policy(few: int, many: int) -> None:
    small, large = statements(few), statements(many)
    ratio = fastest(lambda: evaluate(large, REQUEST)) / fastest(lambda: evaluate(small, REQUEST))
    assert ratio < 2 * many / few
