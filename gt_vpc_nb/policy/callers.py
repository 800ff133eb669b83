"""The principals that some policies can tell apart: those they name, and fresh ones of every account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.glob_classes import Shape, witnesses
from gt_vpc_nb.policy.matching import matches
from gt_vpc_nb.policy.operators import spelled
from gt_vpc_nb.policy.origins import signed_by
from gt_vpc_nb.policy.principals import Principal, principal_of
from gt_vpc_nb.policy.statement_reading import Condition
from gt_vpc_nb.policy.value_classes import text_patterns

DEFAULT_ACCOUNT = "111122223333"
OTHER_ACCOUNT = "999999999999"
SOME_SERVICE = "some-service.amazonaws.com"
_PARTITION = re.compile(r"arn:(aws[a-z-]*):")
#: The account of a text when it is a pattern that not all accounts match, as in arn:aws:iam::1234*:role/R.
_SOME_ACCOUNTS = re.compile(r"(?:^|:)(?=[0-9?*]*[?*])([?*]*[0-9][0-9?*]*)(?=:|$)")
_KINDS = ("iam", "role", "some-role"), ("iam", "user", "some-user"), ("sts", "federated-user", "somebody")


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
    partition = partition_of(policies)
    named = list(dict.fromkeys(_named(policies, partition)))
    arns = [value for condition in _on("aws:principalarn", policies) for value in condition.values]
    texts = [value for condition in _on("aws:principalaccount", policies) for value in condition.values]
    patterns = list(dict.fromkeys(found for each in (*texts, *arns) for found in _SOME_ACCOUNTS.findall(each)))
    texts += [who.account for who in map(principal_of, (*people, *named, *arns)) if who.account]
    accounts = [each for each in dict.fromkeys((*texts, *map(_an_account, patterns))) if _is_account(each)]
    known = {account} if account else {who.account for who in map(principal_of, people) if who.account}
    own = known or {DEFAULT_ACCOUNT, *accounts}
    several = (digit * 12 for digit in "9876543210")
    fresh = next((one for one in several if one not in own and not any(matches(each, one) for each in patterns)), "")
    everywhere = [each for each in dict.fromkeys([*own, fresh or OTHER_ACCOUNT, *accounts]) if each]
    found, beyond = _by_arn(policies, everywhere, partition)
    if len(patterns) > 1 or not fresh:
        beyond = beyond or "accounts are compared with several patterns, whose overlaps are not told apart"
    roles = [f"arn:{partition}:iam::{each}:role/some-role" for each in everywhere]
    roots = [f"arn:{partition}:iam::{each}:root" for each in everywhere]
    principals = list(dict.fromkeys([*roles, SOME_SERVICE, *named, *arns, *found, *roots]))
    same = [_caller(each, own, True) for each in principals]
    other = [_caller(each, known, False) for each in principals]
    return [each for each in (_caller(None, own, False), *same, *other) if each is not None], beyond


def partition_of(policies: Sequence[Policy]) -> str:
    """The AWS partition that the policies speak of: that of their resources, or of their principals, or `aws`."""
    statements = [each for policy in policies for each in policy.statements]
    resources = [text for each in statements for text in (*(each.resources or ()), *(each.not_resources or ()))]
    principals = [name for each in statements for _, name in (*(each.principal or ()), *(each.not_principal or ()))]
    principals += [value for condition in _on("aws:principalarn", policies) for value in condition.values]
    for texts in (resources, principals):
        found = {read[1] for read in map(_PARTITION.match, texts) if read}
        if found:
            return "aws" if "aws" in found else min(found)
    return "aws"


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isdigit()


def _an_account(pattern: str) -> str:
    """An account that a pattern matches, or something else where there is none."""
    digits = pattern.replace("?", "0")
    return digits.replace("*", "0" * (12 - len(digits.replace("*", ""))), 1).replace("*", "")


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


def _named(policies: Sequence[Policy], partition: str) -> Iterator[str]:
    for policy in policies:
        for statement in policy.statements:
            for _, name in (*(statement.principal or ()), *(statement.not_principal or ())):
                account = principal_of(name)
                yield f"arn:{partition}:iam::{account.account}:root" if account.is_root else name


def _on(key: str, policies: Sequence[Policy]) -> list[Condition]:
    everything = (condition for policy in policies for each in policy.statements for condition in each.conditions)
    return [condition for condition in everything if condition.key.lower() == key]


def _by_arn(policies: Sequence[Policy], accounts: Sequence[str], partition: str) -> tuple[list[str], str]:
    """Roles, users and federated users for every set of aws:PrincipalArn patterns that one can match."""
    pairs = [(how.operator, each) for each in _on("aws:principalarn", policies) if (how := spelled(each.operator))]
    patterns = [found for operator, each in pairs if operator for found in text_patterns(operator, each.values)]
    if not any(each.text is None for each in patterns):
        return [], ""
    found: list[str] = []
    for account in accounts:
        for service, kind, some in _KINDS:
            prefix = f"arn:{partition}:{service}::{account}:{kind}/"
            texts = witnesses(patterns, Shape(prefix, 1), (f"{prefix}{some}",))
            if texts is None:
                return found, "the patterns for aws:PrincipalArn are too many to tell all their overlaps apart"
            found += texts
    return found, ""
