"""The principals that some policies can tell apart: those they name, and fresh ones of every account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.glob_classes import Shape, witnesses
from gt_vpc_nb.policy.operators import spelled
from gt_vpc_nb.policy.origins import signed_by
from gt_vpc_nb.policy.principals import Principal, principal_of
from gt_vpc_nb.policy.statement_reading import Condition
from gt_vpc_nb.policy.value_classes import text_patterns

DEFAULT_ACCOUNT = "111122223333"
OTHER_ACCOUNT = "999999999999"
SOME_SERVICE = "some-service.amazonaws.com"


@dataclass(frozen=True)
class Caller:
    """Somebody who may ask: the principal, the keys that come with it, and whether the bucket is of its account."""

    principal: str | None
    read: Principal
    context: dict[str, str]
    same_account: bool

    @property
    def kind(self) -> str:
        """How its requests are signed: anonymous, service or signed."""
        return self.read.kind if self.read.kind in ("anonymous", "service") else "signed"


def callers(policies: Sequence[Policy], account: str | None, people: Sequence[str]) -> tuple[list[Caller], str]:
    """Everybody who makes a difference, the least privileged first, and what they do not stand for.

    Without the bucket's `account` it is that of `people`; without those, every account that is named may be the
    bucket's, or not. The root of the bucket's account is left out: it can always repair its bucket policy.
    """
    named = list(dict.fromkeys(_named(policies)))
    arns = [value for condition in _on("aws:principalarn", policies) for value in condition.values]
    accounts = [value for condition in _on("aws:principalaccount", policies) for value in condition.values]
    accounts += [who.account for who in map(principal_of, (*people, *named, *arns)) if who.account]
    accounts = [each for each in dict.fromkeys(accounts) if len(each) == 12 and each.isdigit()]
    known = {account} if account else {who.account for who in map(principal_of, people) if who.account}
    own = known or {DEFAULT_ACCOUNT, *accounts}
    fresh = next(each for each in (OTHER_ACCOUNT, "888888888888", "777777777777") if each not in own)
    everywhere = list(dict.fromkeys([*own, fresh, *accounts]))
    found, beyond = _by_arn(policies, everywhere)
    roles = [f"arn:aws:iam::{each}:role/some-role" for each in everywhere]
    principals = list(dict.fromkeys([*roles, SOME_SERVICE, *named, *arns, *found]))
    same = [_caller(each, own, True) for each in principals]
    other = [_caller(each, known, False) for each in principals]
    return [each for each in (_caller(None, own, False), *same, *other) if each is not None], beyond


def _caller(principal: str | None, own: set[str], same: bool) -> Caller | None:
    """A caller of the bucket's account, or of another one; None where it cannot be."""
    read = principal_of(principal)
    unreadable = read.kind == "other" and (set("*?${") & set(read.arn) or (not read.account and ":" in read.arn))
    if unreadable or set("*?") & set(read.arn) or (read.account in own) is not same or (same and read.is_root):
        return None
    context = signed_by(principal)
    if read.kind not in ("anonymous", "service"):
        context["aws:PrincipalIsAWSService"] = "false"
    return Caller(principal, read, context, same)


def _named(policies: Sequence[Policy]) -> Iterator[str]:
    for policy in policies:
        for statement in policy.statements:
            for _, name in (*(statement.principal or ()), *(statement.not_principal or ())):
                account = principal_of(name)
                yield f"arn:aws:iam::{account.account}:root" if account.is_root else name


def _on(key: str, policies: Sequence[Policy]) -> list[Condition]:
    everything = (condition for policy in policies for each in policy.statements for condition in each.conditions)
    return [condition for condition in everything if condition.key.lower() == key]


def _by_arn(policies: Sequence[Policy], accounts: Sequence[str]) -> tuple[list[str], str]:
    """Roles and users for every set of aws:PrincipalArn patterns that one can match."""
    pairs = [(how.operator, each) for each in _on("aws:principalarn", policies) if (how := spelled(each.operator))]
    patterns = [found for operator, each in pairs if operator for found in text_patterns(operator, each.values)]
    if not any(each.text is None for each in patterns):
        return [], ""
    found: list[str] = []
    for account in accounts:
        for kind in ("role", "user"):
            prefix = f"arn:aws:iam::{account}:{kind}/"
            texts = witnesses(patterns, Shape(prefix, 1), (f"{prefix}some-{kind}",))
            if texts is None:
                return found, "the patterns for aws:PrincipalArn are too many to tell all their overlaps apart"
            found += texts
    return found, ""
