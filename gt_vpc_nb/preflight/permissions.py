"""What a role may do: by its identity policies, its permissions boundary, and the resource's own policy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.policy import AccessRequest, Decision, evaluate
from gt_vpc_nb.preflight.case import Case, Outcome, failed, not_applicable, parsed, passed, undetermined
from gt_vpc_nb.preflight.surroundings import Missing, Role, Unknown

NO_ROLE = "no role, see IAM-01"


@dataclass(frozen=True)
class Wanted:
    """An action that somebody needs, with what the request carries; `policy` is the text of the resource's policy."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)
    policy: str | None = None


def role_may(case: Case, wanted: Iterable[Wanted], passing: str) -> Outcome:
    """Whether the execution role is allowed everything that is wanted."""
    role = case.surroundings.role
    if isinstance(role, Unknown):
        return undetermined(f"the role is not known: {role.reason}")
    return not_applicable(NO_ROLE) if role is None or isinstance(role, Missing) else permission(role, wanted, passing)


def permission(role: Role, wanted: Iterable[Wanted], passing: str) -> Outcome:
    """Whether a role is allowed everything that is wanted; evidence and remedy name what it lacks."""
    asked = list(wanted)
    try:
        answers = [(each, decision(role, each)) for each in asked]
    except GtVpcError as error:
        return undetermined(f"a policy of {role.arn} cannot be read ({_line(error)})")
    lacking = [each for each, answer in answers if _word(answer) in ("implicitDeny", "explicitDeny")]
    if lacking:
        denies = dict.fromkeys(
            label for _, answer in answers if _word(answer) == "explicitDeny" for label in answer.matched_statements
        )
        by = f"; {', '.join(denies)} denies it" if denies else ""
        actions = ", ".join(dict.fromkeys(each.action for each in lacking))
        remedy = f"Add to the role's policy: {allow_statement(lacking)}"
        denied = "Take the Deny out of the role's policies or its permissions boundary."
        return failed(f"{role.arn} is not allowed {actions}{by}", denied if denies else remedy)
    open_ends = dict.fromkeys(
        answer.reason if isinstance(answer, Unknown) else f"{each.action} is undetermined: {'; '.join(answer.reasons)}"
        for each, answer in answers
        if _word(answer) != "allowed"
    )
    if open_ends:
        return undetermined(f"{role.arn}: {'; '.join(open_ends)}")
    return passed(f"{role.arn} {passing}")


def decision(role: Role, wanted: Wanted) -> Decision | Unknown:
    """What a role's policies, and the resource's, say of one action."""
    if isinstance(role.policies, Unknown):
        return Unknown(f"the policies of {role.arn} are not known: {role.policies.reason}")
    if isinstance(role.boundary, Unknown):
        return Unknown(f"the permissions boundary of {role.arn} is not known: {role.boundary.reason}")
    request = AccessRequest(
        role.arn,
        wanted.action,
        wanted.resource,
        {"aws:PrincipalArn": role.arn, "aws:PrincipalAccount": account_of(role.arn), **wanted.context},
    )
    return evaluate(
        parsed(wanted.policy, "bucket") if wanted.policy else None,
        request,
        identity_policies=[parsed(each.document, "identity") for each in role.policies],
        permissions_boundary=parsed(role.boundary.document, "identity") if role.boundary else None,
        account=account_of(role.arn),
    )


def allow_statement(wanted: Sequence[Wanted]) -> str:
    """An Allow of all that is wanted, as the JSON of a policy statement."""
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Action": list(dict.fromkeys(each.action for each in wanted)),
        "Resource": list(dict.fromkeys(_of_its_bucket(each.resource) for each in wanted)),
    }
    conditions = {key: value for each in wanted for key, value in each.context.items()}
    if conditions:
        statement["Condition"] = {"StringEquals": conditions}
    return json.dumps(statement)


def _of_its_bucket(resource: str) -> str:
    """One object was asked about; a job reads and writes many more, so every object of the bucket is to be allowed."""
    bucket, slash, _ = resource.partition("/")
    return f"{bucket}/*" if slash and ":s3:::" in bucket else resource


def account_of(arn: str) -> str:
    """The account of an ARN; empty where it names none."""
    return arn.split(":")[4] if arn.count(":") >= 5 else ""


def _word(answer: Decision | Unknown) -> str:
    return "unknown" if isinstance(answer, Unknown) else answer.decision


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
