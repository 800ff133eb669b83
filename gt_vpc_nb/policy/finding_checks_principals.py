"""Checks of whom a statement is about, and of what it does for everybody or for a few."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from gt_vpc_nb.facts import s3_actions
from gt_vpc_nb.policy.barriers import NETWORK_KEYS
from gt_vpc_nb.policy.condition_keys import CALLER_KEYS
from gt_vpc_nb.policy.finding_checks_values import PLACEHOLDER
from gt_vpc_nb.policy.finding_table import ANALYZER, OURS, Check, ConditionPlace, Spot, StatementPlace, quoted
from gt_vpc_nb.policy.new_policies import REPAIR_ACTIONS
from gt_vpc_nb.policy.public_access import grants_to_all

#: An id that stands where a deleted principal stood. Source: IAM User Guide, reference_identifiers.
_DELETED = re.compile(r"(AROA|AIDA)[A-Z0-9]*")
_AWS = re.compile(
    r"\*|\d{12}|arn:[^:]+:iam::\d{12}:(root|user/.+|role/.+)"
    r"|arn:[^:]+:sts::\d{12}:(assumed-role|federated-user)/.+|arn:[^:]+:iam::cloudfront:user/.+|A(ROA|IDA)[A-Z0-9]*"
)
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?|[a-z0-9-]+\.aws\.internal")


def _named(place: StatementPlace) -> Iterator[tuple[str, str, str]]:
    for element, given in (("Principal", place.statement.principal), ("NotPrincipal", place.statement.not_principal)):
        for kind, name in given or ():
            yield kind, name, f"{place.path}.{element}" + ("" if kind == "*" else f".{kind}")


def _deleted(letters: str) -> Callable[[StatementPlace], Iterator[Spot]]:
    def test(place: StatementPlace) -> Iterator[Spot]:
        for kind, name, path in _named(place):
            if kind == "AWS" and name.startswith(letters) and _DELETED.fullmatch(name):
                yield Spot({"name": name}, path)

    return test


def _partial_wildcard(place: StatementPlace) -> Iterator[Spot]:
    for _, name, path in _named(place):
        if name != "*" and set("*?") & set(name):
            verb = "exempts" if ".NotPrincipal" in path else "matches"
            yield Spot({"name": name, "verb": verb}, path)


def _malformed(place: StatementPlace) -> Iterator[Spot]:
    forms = {"AWS": _AWS, "Service": _SERVICE}
    for kind, name, path in _named(place):
        wild = set("*?") & set(name) or PLACEHOLDER.search(name)
        if kind in forms and not wild and not forms[kind].fullmatch(name):
            yield Spot({"name": name, "kind": kind}, path)


def _placeholder(place: StatementPlace) -> Iterator[Spot]:
    for _, name, path in _named(place):
        if PLACEHOLDER.search(name):
            yield Spot({"name": name}, path)


def _not_principal(denies: bool) -> Callable[[StatementPlace], Iterator[Spot]]:
    def test(place: StatementPlace) -> Iterator[Spot]:
        if place.statement.not_principal is not None and place.denies is denies:
            yield Spot(path=f"{place.path}.NotPrincipal")

    return test


def _public(place: StatementPlace) -> Iterator[Spot]:
    if _means_everybody(place) and grants_to_all(place.statement):
        unsure = " that holds callers to fixed values" if place.conditions else ""
        yield Spot({"conditions": unsure}, f"{place.path}.Principal")


def _means_everybody(place: StatementPlace) -> bool:
    return any(kind in ("*", "AWS") and name == "*" for kind, name in place.statement.principal or ())


def _lock_out(place: StatementPlace) -> list[str]:
    if not place.denies or not _means_everybody(place):
        return []
    resources = place.statement.resources
    bucket_meant = resources is None or any(not _only_objects(each) for each in resources)
    return [action for action in REPAIR_ACTIONS if place.statement.covers(action)] if bucket_meant else []


def _only_objects(resource: str) -> bool:
    return "/" in resource.partition(":::")[2]


def _locks_everybody_out(place: StatementPlace) -> Iterator[Spot]:
    actions = _lock_out(place)
    if actions and not place.conditions:
        yield Spot({"actions": quoted(actions)})


def _is_of_network(condition: ConditionPlace) -> bool:
    """Whether a request from elsewhere satisfies it, so that only the network counts."""
    if condition.how is None or condition.key not in NETWORK_KEYS:
        return False
    return condition.exempts or condition.how.is_null or condition.how.quantifier == "forallvalues"


def _locks_out_elsewhere(place: StatementPlace) -> Iterator[Spot]:
    actions = _lock_out(place)
    if actions and place.conditions and all(map(_is_of_network, place.conditions)):
        keys = quoted(dict.fromkeys(each.condition.key for each in place.conditions))
        yield Spot({"actions": quoted(actions), "keys": keys})


def _exempt_everywhere(place: StatementPlace) -> Iterator[Spot]:
    if not place.denies or not any(each.exempts and each.key in NETWORK_KEYS for each in place.conditions):
        return
    if not any(place.statement.covers(each) for each in s3_actions() if each not in REPAIR_ACTIONS):
        return
    for condition in place.conditions:
        callers = [each for each in condition.condition.values if _names_a_caller(condition, each)]
        if condition.exempts and condition.key in CALLER_KEYS and callers:
            yield Spot({"values": quoted(callers), "key": condition.condition.key}, condition.path)


def _names_a_caller(condition: ConditionPlace, value: str) -> bool:
    literal = condition.operator_name.startswith("StringNotEquals")
    return ":assumed-role/" not in value and not (literal and set("*?") & set(value))


PRINCIPAL_CHECKS: tuple[Check, ...] = (
    *(
        Check(
            f"INVALID_{kind.upper()}_REFERENCE",
            "WARNING",
            ANALYZER,
            _deleted(letters),
            f"'{{name}}' is what AWS leaves of a deleted {kind}; a new {kind} of the same name is not meant by it.",
            f"Write the ARN of a {kind} that exists, or remove it.",
        )
        for kind, letters in (("role", "AROA"), ("user", "AIDA"))
    ),
    Check(
        "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        "ERROR",
        ANALYZER,
        _partial_wildcard,
        "A principal takes no wildcard inside, so '{name}' {verb} nobody.",
        'Write each ARN, or Principal "*" with a condition ArnLike on aws:PrincipalArn.',
    ),
    Check(
        "INVALID_PRINCIPAL_FORMAT",
        "ERROR",
        ANALYZER,
        _malformed,
        "'{name}' is no principal of the kind {kind}, and S3 refuses it.",
        "Write an account id, the ARN of a user or role, or under Service a name such as logging.s3.amazonaws.com.",
    ),
    Check(
        "PLACEHOLDER_LEFT",
        "ERROR",
        OURS,
        _placeholder,
        "'{name}' is a placeholder that nobody filled in.",
        "Write the principal's ARN.",
    ),
    Check(
        "ALLOW_WITH_NOT_PRINCIPAL",
        "SECURITY_WARNING",
        ANALYZER,
        _not_principal(denies=False),
        "Allow with NotPrincipal lets in everybody who is not listed, anonymous callers too.",
        "Name whom to allow in Principal.",
    ),
    Check(
        "DENY_WITH_NOT_PRINCIPAL",
        "WARNING",
        OURS,
        _not_principal(denies=True),
        "NotPrincipal exempts a role only if its session and its account are listed as well, and nobody who has a "
        "permissions boundary.",
        'Write Principal "*" with a condition ArnNotLike on aws:PrincipalArn.',
    ),
    Check(
        "PUBLIC_ACCESS",
        "SECURITY_WARNING",
        OURS,
        _public,
        "This Allow is for everybody and has no condition{conditions}, so S3 calls the policy public.",
        "Name principals, or hold aws:SourceVpce, aws:SourceVpc or aws:PrincipalOrgID to fixed values.",
    ),
    Check(
        "DENY_LOCKS_OUT_ADMINISTRATOR",
        "WARNING",
        OURS,
        _locks_everybody_out,
        "This Deny covers {actions} for everybody, so that nobody but the account's root user can mend the policy.",
        "Exempt an administrator by ArnNotLike on aws:PrincipalArn, or leave these actions out.",
    ),
    Check(
        "DENY_LOCKS_OUT_ADMINISTRATOR",
        "WARNING",
        OURS,
        _locks_out_elsewhere,
        "This Deny covers {actions} for everybody outside {keys}, so that an administrator elsewhere, or in the "
        "console, cannot mend the policy, and nobody but the root user can once the network is gone.",
        "Exempt an administrator by ArnNotLike on aws:PrincipalArn, or leave these actions out.",
    ),
    Check(
        "ROLE_EXEMPT_FROM_EVERY_NETWORK",
        "WARNING",
        OURS,
        _exempt_everywhere,
        "{key} stands beside the networks, so {values} passes this Deny from anywhere, the internet included.",
        "Keep it to people who need that, such as an administrator or a console user.",
    ),
)
