"""How fast policies are decided, explained and proven, held as ratios measured in the same run.

`pytest tests/benchmarks -n 0 -s` prints the figures: CPU seconds of one core, the best of several rounds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import z3

from gt_vpc_nb import Perimeter
from gt_vpc_nb.facts import GROUND_TRUTH_ACTIONS
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.matching import glob
from gt_vpc_nb.policy.origins import INTERNET, OTHER_ENDPOINT, OTHER_VPC, resource_for, signed_by, through

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/R"
MINE, GROUND_TRUTH = "vpce-0a1b2c3d", "vpce-08408e335ebf95b40"
INSIDE = Perimeter(["vpc-0a1b2c3d"], [MINE], ground_truth="us-east-1", execution_role=ROLE)
STRANGER = f"arn:aws:iam::{ACCOUNT}:role/S"
ORIGINS = (
    (ROLE, {**signed_by(ROLE), **through(MINE, "vpc-0a1b2c3d")}),
    (ROLE, {**signed_by(ROLE), **through(GROUND_TRUTH, OTHER_VPC)}),
    (ROLE, {**signed_by(ROLE), **INTERNET}),
    (STRANGER, {**signed_by(STRANGER), **through(OTHER_ENDPOINT, OTHER_VPC)}),
    (None, {**signed_by(None), **INTERNET}),
)


def seed_policy(bucket: str, actions: tuple[str, ...] = ("s3:GetObject", "s3:PutObject")) -> str:
    """The second policy of AWS's page in form: three keys under ForAllValues:StringNotEquals."""
    exempt = {"aws:sourceVpce": [MINE, GROUND_TRUTH], "aws:SourceVpc": "vpc-0a1b2c3d", "aws:PrincipalArn": ROLE}
    statement = {
        "Sid": "Closed",
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(actions),
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"ForAllValues:StringNotEquals": exempt},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def requests(bucket: str) -> list[AccessRequest]:
    return [
        AccessRequest(who, action, resource_for(action, bucket), context)
        for action in GROUND_TRUTH_ACTIONS
        for who, context in ORIGINS
    ]


def cpu(work: Callable[[], object], rounds: int = 5) -> float:
    """CPU seconds of one call: the best round."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def test_a_decision_costs_about_what_reading_the_policys_json_costs() -> None:
    text, asked = seed_policy("b"), requests("b")
    policy = Policy.parse(text)

    def bare() -> None:
        for _ in range(200):
            for request in asked:
                evaluate(policy, request, account=ACCOUNT)

    def explained() -> None:
        for _ in range(20):
            for request in asked:
                assert evaluate(policy, request, account=ACCOUNT).reasons

    def reading() -> None:
        for _ in range(5000):
            json.loads(text)

    bare_one, told_one, read_one = cpu(bare) / 5000, cpu(explained) / 500, cpu(reading) / 5000
    print(f"{1 / bare_one:,.0f} decisions/s, {1 / told_one:,.0f} explained/s, json.loads {1 / read_one:,.0f}/s")
    assert bare_one < 3 * read_one
    assert told_one < 40 * read_one


def test_many_buckets_are_parsed_compiled_and_decided_in_few_readings_of_their_json() -> None:
    names = [f"bucket-{number}" for number in range(300)]
    texts = [seed_policy(name) for name in names]

    def decided() -> None:
        for name, text in zip(names, texts, strict=True):
            policy = Policy.parse(text)
            for request in requests(name):
                evaluate(policy, request, account=ACCOUNT)

    spent, reading = cpu(decided, 3), cpu(lambda: [json.loads(each) for each in texts], 3)
    print(f"10,000 buckets x 5 x 5 would take {spent / 300 * 10_000:.2f} s; {spent / reading:.0f} times json.loads")
    assert spent < 160 * reading


def solver_answers() -> None:
    """One question to z3: is there a request from outside that the policy's Deny does not meet?"""
    names = ("vpce", "vpc", "arn")
    has, value = {n: z3.Bool(f"has {n}") for n in names}, {n: z3.Int(n) for n in names}
    exempt = {"vpce": (0, 1), "vpc": (0,), "arn": (0,)}
    differs = [z3.Or(z3.Not(has[n]), z3.And([value[n] != code for code in exempt[n]])) for n in names]
    solver = z3.Solver()
    solver.add(has["vpce"] == has["vpc"], has["arn"], z3.And(differs[:2]), z3.Not(z3.And(differs)))
    assert solver.check() == z3.sat


def test_all_actions_are_proven_sooner_than_z3_answers_a_question_for_each() -> None:
    policy = Policy.parse(seed_policy("b", ("s3:*",)))
    two = Policy.parse(seed_policy("b"))
    every, few, solver = (
        cpu(work) for work in (lambda: policy.openings("b", INSIDE), lambda: two.openings("b", INSIDE), solver_answers)
    )
    print(f"openings over s3:* {every * 1000:.2f} ms, two actions {few * 1000:.2f} ms, z3 {solver * 1000:.2f} ms once")
    assert every < len(GROUND_TRUTH_ACTIONS) * solver
    assert few < len(GROUND_TRUTH_ACTIONS) * solver


def test_thirty_stars_cost_a_few_searches_of_the_text() -> None:
    text = "a" * 10_000
    pattern = glob("*ab" * 30 + "*c?*")
    ours = cpu(lambda: [pattern(text) for _ in range(200)])
    search = cpu(lambda: [text.find("ab") for _ in range(200 * 30)])
    print(f"{ours / 200 * 1e6:.1f} µs")
    assert not pattern(text) and ours < 30 * search
