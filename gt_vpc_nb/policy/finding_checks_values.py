"""Checks of a condition's values: can they be read, and can a request ever have them?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from gt_vpc_nb.policy.finding_table import ANALYZER, OURS, Check, ConditionPlace, FindingType, Spot, quoted
from gt_vpc_nb.policy.operators import Undecided
from gt_vpc_nb.policy.variables import has_variables

_LITERAL_WILDCARD = re.compile(r"\$\{[^}]*\}")
#: Text that a page or a template leaves for the reader to fill in.
PLACEHOLDER = re.compile(r"<[^<>]+>|\{\{.*\}\}")
_SESSION = re.compile(r"arn:[^:]*:sts::[^:]*:assumed-role/")
_TWELVE_DIGITS = re.compile(r"\d{12}|anonymous|\*")


def _words(place: ConditionPlace, values: list[str]) -> dict[str, object]:
    how = place.condition
    effect = "every request is denied" if place.place.denies and place.exempts else "the condition is never decided"
    return {"operator": how.operator, "key": how.key, "values": quoted(values), "effect": effect}


def _empty(place: ConditionPlace) -> Iterator[Spot]:
    if not place.condition.values:
        yield Spot({**_words(place, []), "answer": "always" if place.negated else "never"})


def _empty_text(place: ConditionPlace) -> Iterator[Spot]:
    if place.key.startswith("aws:") and "" in place.condition.values:
        yield Spot(_words(place, []))


def _unreadable(family: str) -> Callable[[ConditionPlace], Iterator[Spot]]:
    def test(place: ConditionPlace) -> Iterator[Spot]:
        operator = place.how.operator if place.how else None
        if operator is None or operator.family != family:
            return
        wrong = [each for each in place.condition.values if not has_variables(each) and not _reads(place, each)]
        if wrong:
            yield Spot(_words(place, wrong))

    return test


def _reads(place: ConditionPlace, value: str) -> bool:
    try:
        place.how.operator.read_wanted(value)
    except Undecided:
        return False
    return True


def _variable_in_non_text(place: ConditionPlace) -> Iterator[Spot]:
    operator = place.how.operator if place.how else None
    if operator is not None and not operator.takes_variables:
        wrong = [each for each in place.condition.values if has_variables(each)]
        if wrong:
            yield Spot(_words(place, wrong))


def _strange_null(place: ConditionPlace) -> Iterator[Spot]:
    if place.how and place.how.is_null:
        wrong = [each for each in place.condition.values if each.lower() not in ("true", "false")]
        if wrong:
            yield Spot(_words(place, wrong))


def _both_booleans(place: ConditionPlace) -> Iterator[Spot]:
    asks = place.how is not None and (place.how.is_null or place.operator_name == "Bool")
    if asks and {"true", "false"} <= {each.lower() for each in place.condition.values}:
        yield Spot(_words(place, []))


def _literal_wildcard(place: ConditionPlace) -> Iterator[Spot]:
    if place.operator_name.startswith(("StringEquals", "StringNotEquals")):
        wild = [each for each in place.condition.values if set("*?") & set(_LITERAL_WILDCARD.sub("", each))]
        if wild:
            like = "StringNotLike" if place.negated else "StringLike"
            yield Spot(
                {**_words(place, wild), "like": like, "does": "exempts nobody" if place.negated else "matches nobody"}
            )


def _not_an_arn(place: ConditionPlace) -> Iterator[Spot]:
    if place.operator_name.startswith("Arn"):
        given = [each for each in place.condition.values if not has_variables(each)]
        wrong = [each for each in given if each.count(":") < 5 and not PLACEHOLDER.search(each)]
        if wrong:
            yield Spot({**_words(place, wrong), "answer": "satisfies" if place.negated else "fails"})


def _session_arn(place: ConditionPlace) -> Iterator[Spot]:
    if place.key == "aws:principalarn":
        sessions = [each for each in place.condition.values if _SESSION.match(each)]
        if sessions:
            yield Spot(_words(place, sessions))


def _root_arn(place: ConditionPlace) -> Iterator[Spot]:
    if place.key == "aws:principalarn":
        roots = [each for each in place.condition.values if each.endswith(":root")]
        if roots:
            yield Spot(_words(place, roots))


def _not_an_account(place: ConditionPlace) -> Iterator[Spot]:
    accounts = (
        "aws:principalaccount",
        "aws:sourceaccount",
        "aws:vpceaccount",
        "aws:resourceaccount",
        "s3:resourceaccount",
    )
    if place.key in accounts and place.operator_name in ("StringEquals", "StringNotEquals"):
        given = [each for each in place.condition.values if not has_variables(each) and not PLACEHOLDER.search(each)]
        wrong = [each for each in given if not _TWELVE_DIGITS.fullmatch(each)]
        if wrong:
            yield Spot(_words(place, wrong))


def _placeholder(place: ConditionPlace) -> Iterator[Spot]:
    left = [each for each in place.condition.values if PLACEHOLDER.search(each)]
    if left:
        yield Spot(_words(place, left))


def _without_version(place: ConditionPlace) -> Iterator[Spot]:
    operator = place.how.operator if place.how else None
    if operator is None or not operator.takes_variables or place.place.case.policy.version == "2012-10-17":
        return
    literal = [each for each in place.condition.values if has_variables(each)]
    if literal:
        yield Spot(_words(place, literal))


#: How each family of operators reads its values. Access Analyzer's codes; the last two are ours in its style.
_FAMILIES: tuple[tuple[str, str, FindingType, str, str], ...] = (
    ("number", "TYPE_MISMATCH_NUMBER", "ERROR", "a number", "Write digits, for instance 1.2."),
    ("date", "INVALID_DATE_VALUE", "WARNING", "a date", "Write it as 2030-01-31T12:00:00Z or as epoch seconds."),
    ("address", "TYPE_MISMATCH_IP_RANGE", "ERROR", "an IP address or range", "Write it as 203.0.113.0/24."),
    ("boolean", "TYPE_MISMATCH_BOOLEAN", "ERROR", "true or false", "Write true or false."),
    ("binary", "TYPE_MISMATCH_BINARY", "ERROR", "base64", "Write the bytes in base64."),
)

VALUE_CHECKS: tuple[Check, ...] = (
    *(
        Check(
            code,
            kind,
            OURS if family == "binary" else ANALYZER,
            _unreadable(family),
            f"{{operator}} wants {wanted}, and {{values}} cannot be read as such, so nothing compares with it.",
            remedy,
        )
        for family, code, kind, wanted, remedy in _FAMILIES
    ),
    Check(
        "INVALID_VARIABLE_FOR_OPERATOR",
        "ERROR",
        ANALYZER,
        _variable_in_non_text,
        "{operator} takes no policy variables, and {values} is one.",
        "Only String and Arn operators fill them in.",
    ),
    Check(
        "TYPE_MISMATCH_BOOLEAN",
        "ERROR",
        ANALYZER,
        _strange_null,
        "{operator} takes true (the key is missing) or false (it is there), not {values}.",
    ),
    Check(
        "INVALID_CONDITION_MULTIPLE_BOOLEAN",
        "ERROR",
        ANALYZER,
        _both_booleans,
        "{operator} on {key} lists both true and false, which is no condition on its value.",
        "Keep one of them.",
    ),
    Check(
        "EMPTY_ARRAY_CONDITION",
        "WARNING",
        ANALYZER,
        _empty,
        "{operator} on {key} lists no values, so a request that has the key {answer} satisfies it.",
        "List values, or remove the condition.",
    ),
    Check(
        "EMPTY_CONDITION_VALUE",
        "WARNING",
        OURS,
        _empty_text,
        "{key} is compared with empty text, which no request has there.",
        "Remove the empty value.",
    ),
    Check(
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        "WARNING",
        ANALYZER,
        _literal_wildcard,
        "{operator} takes * and ? literally, so {values} {does}.",
        "Write {like}, or ArnLike / ArnNotLike for ARNs.",
    ),
    Check(
        "ARN_OPERATOR_WITHOUT_ARN",
        "WARNING",
        OURS,
        _not_an_arn,
        "{operator} compares ARNs of six parts, and {values} is not one, so every request {answer} it.",
        "Write the whole ARN.",
    ),
    Check(
        "SESSION_ARN_UNDER_PRINCIPAL_ARN",
        "WARNING",
        OURS,
        _session_arn,
        "aws:PrincipalArn of a role's session is the ARN of the role, so the session's ARN {values} never matches.",
        "Write arn:aws:iam::ACCOUNT:role/PATH/NAME.",
    ),
    Check(
        "ROOT_ARN_UNDER_PRINCIPAL_ARN",
        "WARNING",
        OURS,
        _root_arn,
        "{values} under aws:PrincipalArn means the root user alone, not everybody in the account.",
        "Write aws:PrincipalAccount for the account.",
    ),
    Check(
        "ACCOUNT_ID_FORMAT",
        "WARNING",
        OURS,
        _not_an_account,
        "{key} holds an account id of twelve digits, so {values} never matches.",
    ),
    Check(
        "PLACEHOLDER_LEFT",
        "ERROR",
        OURS,
        _placeholder,
        "{values} is a placeholder that nobody filled in, so it matches no request.",
        "Write the value itself.",
    ),
    Check(
        "VARIABLES_WITHOUT_VERSION",
        "WARNING",
        OURS,
        _without_version,
        'Without "Version": "2012-10-17" a policy variable is plain text, so {values} matches only these characters.',
        'Add "Version": "2012-10-17" if the variable is meant.',
    ),
)
