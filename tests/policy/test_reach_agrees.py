"""The proof held against independent answers: random requests, brute force, and the solver z3."""

from __future__ import annotations

import itertools
import random

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_vpc_nb import Perimeter
from gt_vpc_nb.facts import s3_actions
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.policy.origins import resource_for, signed_by

ACCOUNT, OTHER = "111122223333", "999999999999"
MINE, GROUND_TRUTH, FOREIGN = "vpce-0mine", "vpce-08408e335ebf95b40", "vpce-0foreign"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/Admin"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/R"
INSIDE = Perimeter(vpcs=["vpc-0mine"], vpc_endpoints=[MINE], ground_truth="us-east-1", administrators=[ADMIN])
BUCKET, OBJECTS = "arn:aws:s3:::b", "arn:aws:s3:::b/*"
VALUES = {
    "aws:SourceVpce": [MINE, GROUND_TRUTH, FOREIGN],
    "aws:SourceVpc": ["vpc-0mine", "vpc-0foreign"],
    "aws:PrincipalArn": [ADMIN, ROLE],
    "aws:PrincipalTag/team": ["maps", "signs"],
}
ACTIONS = ["s3:*", "s3:Get*", "s3:GetObject", "s3:ListBucket", "s3:PutBucketPolicy"]
ASKED = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:GetBucketLocation", "s3:PutBucketPolicy"]

exact = st.sampled_from(["StringEquals", "StringNotEquals", "StringEqualsIfExists", "StringNotEqualsIfExists"])
loose = st.sampled_from(["StringLike", "StringNotLike", "ForAllValues:StringNotEquals", "ForAnyValue:StringEquals"])


def conditions(operators):
    def block(key):
        values = st.lists(st.sampled_from(VALUES[key]), min_size=1, max_size=2, unique=True)
        return st.tuples(operators, st.just(key), values)

    return st.lists(st.sampled_from(list(VALUES)).flatmap(block), max_size=3)


def statements(operators):
    return st.builds(
        _statement,
        st.sampled_from(["Deny", "Deny", "Allow"]),
        st.sampled_from(["*", {"AWS": ROLE}, {"AWS": OTHER}]),
        st.sampled_from(ACTIONS),
        st.sampled_from([[BUCKET, OBJECTS], [OBJECTS], [BUCKET]]),
        conditions(operators),
    )


def _statement(effect, principal, action, resource, found):
    block = {}
    for operator, key, values in found:
        block.setdefault(operator, {}).setdefault(key, values)
    given_block = {"Condition": block} if block else {}
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **given_block}


def policies(operators):
    many = st.lists(statements(operators), min_size=1, max_size=4)
    return many.map(lambda each: Policy.parse({"Version": "2012-10-17", "Statement": each}))


def outside(request):
    context = request.context
    return (
        context.get("aws:SourceVpce") not in (MINE, GROUND_TRUTH)
        and context.get("aws:SourceVpc") != "vpc-0mine"
        and request.principal != ADMIN
    )


def everything(action):
    """Requests of an action for every combination of the values above, a fresh one, and none."""
    networks = [{}]
    for endpoint, vpc in itertools.product(
        [*VALUES["aws:SourceVpce"], "vpce-0z"], [*VALUES["aws:SourceVpc"], "vpc-0z"]
    ):
        networks.append({"aws:SourceVpce": endpoint, "aws:SourceVpc": vpc})
    people = [None, ADMIN, ROLE, f"arn:aws:iam::{ACCOUNT}:user/u", f"arn:aws:iam::{OTHER}:role/o"]
    for principal, network, team in itertools.product(people, networks, [None, "maps", "signs", "other"]):
        if principal is None and team:
            continue
        tags = {"aws:PrincipalTag/team": team} if team else {}
        yield AccessRequest(principal, action, resource_for(action, "b"), {**signed_by(principal), **network, **tags})


def gets_in(policy, request):
    return evaluate(policy, request, account=ACCOUNT).decision in ("allowed", "notDenied")


@settings(max_examples=150, deadline=None)
@given(policies(exact | loose))
def test_openings_are_what_brute_force_finds(policy):
    ways = policy.openings("b", INSIDE)
    assert all(each.witness for each in ways)
    for each in ways:
        assert outside(each.witness) and gets_in(policy, each.witness), each
    found = {
        action: next((r for r in everything(action) if outside(r) and gets_in(policy, r)), None) for action in ASKED
    }
    assert bool(ways) >= any(found.values()), (found, ways)
    if not ways:
        assert not any(found.values())
    for action, request in found.items():
        covering = [each for each in ways if each.action == action or _same_cover(policy, each.action, action)]
        assert not request or covering, (action, request)


def _same_cover(policy, one, other):
    def cover(action):
        return [each.covers(action) for each in policy.statements], resource_for(action, "b")

    return cover(one) == cover(other)


@settings(max_examples=40, deadline=None)
@given(policies(exact | loose), policies(exact | loose))
def test_a_comparison_is_what_brute_force_finds(old, new):
    change = old.compare(new, "b", account=ACCOUNT)
    for each in change.opened:
        assert gets_in(new, each.witness) and not gets_in(old, each.witness)
    for each in change.closed:
        assert gets_in(old, each.witness) and not gets_in(new, each.witness)
    for action in ASKED:
        for request in everything(action):
            before, after = gets_in(old, request), gets_in(new, request)
            assert not (after and not before) or change.opened
            assert not (before and not after) or change.closed


@settings(max_examples=50, deadline=None)
@given(policies(exact | loose))
def test_a_policy_compared_with_itself_opens_and_closes_nothing(policy):
    same = Policy.parse({**policy.document, "Id": "the same in other words"})
    assert not policy.compare(policy, "b").opened and not policy.compare(policy, "b").closed
    assert not policy.compare(same, "b").opened and not policy.compare(same, "b").closed


CLOSED = Policy.parse(
    {
        "Version": "2012-10-17",
        "Statement": _statement(
            "Deny", "*", "s3:*", [BUCKET, OBJECTS],
            [("StringNotEquals", "aws:SourceVpce", [MINE, GROUND_TRUTH]),
             ("StringNotEquals", "aws:SourceVpc", ["vpc-0mine"]),
             ("ArnNotLike", "aws:PrincipalArn", [ADMIN])],
        ),
    }
)  # fmt: skip


def test_a_proven_policy_survives_a_hundred_thousand_random_requests_from_outside():
    assert CLOSED.openings("b", INSIDE) == []
    rng, actions = random.Random(7), [each for each in s3_actions() if resource_for(each, "b")]
    people = [
        None,
        ROLE,
        f"arn:aws:iam::{OTHER}:user/u",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/X/s",
        "s3.amazonaws.com",
    ]
    for _ in range(100_000):
        principal, action = rng.choice(people), rng.choice(actions)
        context = signed_by(principal)
        if rng.random() < 0.7:
            context |= {"aws:SourceVpce": f"vpce-{rng.random()}", "aws:SourceVpc": f"vpc-{rng.random()}"}
        request = AccessRequest(principal, action, resource_for(action, "b"), context)
        assert not gets_in(CLOSED, request)


class _Solver:
    """The same question to z3: every key is a flag (present) and a number (which value; others are fresh)."""

    def __init__(self, policy):
        self.codes = {key: {value: n for n, value in enumerate(values)} for key, values in VALUES.items()}
        self.has = {key: z3.Bool(f"has {key}") for key in VALUES}
        self.is_ = {key: z3.Int(f"value of {key}") for key in VALUES}
        self.kind = z3.Int("kind")  # 0 anonymous, 1 of the account, 2 of the other account
        self.policy = policy

    def opening(self, action):
        deny, allow = [], []
        for statement in self.policy.statements:
            if not statement.covers(action) or not self._resource(statement, action):
                continue
            holds = z3.And([self._principal(statement), *map(self._condition, statement.conditions)])
            (deny if statement.effect == "Deny" else allow).append(holds)
        solver = z3.Solver()
        solver.add(self._world(), self._outside(), z3.Not(z3.Or(deny)), z3.Or(self.kind == 1, z3.Or(allow)))
        return solver.check() == z3.sat

    def _world(self):
        vpce, vpc = self.has["aws:SourceVpce"], self.has["aws:SourceVpc"]
        arn, code = self.has["aws:PrincipalArn"], self.is_["aws:PrincipalArn"]
        return z3.And(
            vpce == vpc, arn == (self.kind != 0), self.kind >= 0, self.kind <= 2,
            z3.Implies(self.kind == 0, z3.Not(self.has["aws:PrincipalTag/team"])),
            z3.Implies(z3.And(arn, z3.Or(code == 0, code == 1)), self.kind == 1),
        )  # fmt: skip

    def _outside(self):
        vpce, vpc, arn = (self.is_[key] for key in list(VALUES)[:3])
        return z3.And(
            z3.Or(z3.Not(self.has["aws:SourceVpce"]), z3.And(vpce != 0, vpce != 1)),
            z3.Or(z3.Not(self.has["aws:SourceVpc"]), vpc != 0),
            z3.Or(self.kind == 0, arn != 0),
        )

    @staticmethod
    def _resource(statement, action):
        return (OBJECTS if "/" in resource_for(action, "b") else BUCKET) in statement.resources

    def _principal(self, statement):
        (_, name), *_ = statement.principal
        if name == "*":
            return z3.BoolVal(True)
        return z3.And(self.kind == 1, self.is_["aws:PrincipalArn"] == 1) if name == ROLE else self.kind == 2

    def _condition(self, condition):
        has, value = self.has[condition.key], self.is_[condition.key]
        listed = z3.Or([value == self.codes[condition.key][each] for each in condition.values])
        negated, if_exists = "Not" in condition.operator, condition.operator.endswith("IfExists")
        met = z3.Not(listed) if negated else listed
        return z3.If(has, met, z3.BoolVal(negated or if_exists))


@settings(max_examples=150, deadline=None)
@given(policies(exact))
def test_z3_agrees_on_random_policies(policy):
    ways = policy.openings("b", INSIDE)
    for action in ASKED:
        ours = any(each.action == action or _same_cover(policy, each.action, action) for each in ways)
        assert ours == _Solver(policy).opening(action), (action, policy.to_json())


@pytest.mark.parametrize("stars", [1, 5, 30])
def test_patterns_of_many_stars_stay_within_the_budget(stars):
    statement = _statement("Deny", "*", "s3:*", [BUCKET, OBJECTS], [("StringNotLike", "aws:userid", ["*a" * stars])])
    ways = Policy.parse({"Version": "2012-10-17", "Statement": statement}).openings("b", INSIDE)
    assert ways and all(each.witness for each in ways)
