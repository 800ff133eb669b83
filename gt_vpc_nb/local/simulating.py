"""IAM's policy simulator: what a user or a role may do by the policies that it carries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.answers import request_id, xml_answer
from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.principals import Principal
from gt_vpc_nb.policy import AccessRequest, evaluate

if TYPE_CHECKING:
    from gt_vpc_nb.local.carried import Carried
    from gt_vpc_nb.local.identities import Identities

OPERATION = "SimulatePrincipalPolicy"
#: What would change the answer and is not looked at here.
_LEFT_OUT = ("PolicyInputList", "PermissionsBoundaryPolicyInputList", "ResourcePolicy", "CallerArn", "ResourceOwner")


def simulate(body: bytes, identities: Identities) -> Answer:
    """Answers SimulatePrincipalPolicy by the principal's identity policies and permissions boundary.

    Raises ApiError for a principal that IAM does not know, and for parameters that are not looked at.
    """
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    left_out = [each for each in _LEFT_OUT if any(name.partition(".")[0] == each for name in form)]
    if left_out:
        message = f"The local AWS does not answer iam {OPERATION} with {', '.join(left_out)}."
        raise ApiError("UnsupportedOperation", message, 501)
    who = _principal(form.get("PolicySourceArn", ""))
    carried = identities.carried(who)
    if not carried.policies and not identities.knows(who):
        raise ApiError("NoSuchEntity", f"{who.role_arn or who.arn} cannot be found.", 404)
    actions = list(_listed(form, "ActionNames"))
    resources = list(_listed(form, "ResourceArns")) or ["*"]
    context = {**who.context(carried.user_id), **dict(_context(form))}
    results = "".join(
        _result(action, resource, _decided(who, carried, action, resource, context))
        for action in actions
        for resource in resources
    )
    told = f"<IsTruncated>false</IsTruncated><EvaluationResults>{results}</EvaluationResults>"
    identifier = f"<ResponseMetadata><RequestId>{request_id()}</RequestId></ResponseMetadata>"
    space = "https://iam.amazonaws.com/doc/2010-05-08/"
    name = f"{OPERATION}Response"
    return xml_answer(f'<{name} xmlns="{space}"><{OPERATION}Result>{told}</{OPERATION}Result>{identifier}</{name}>')


def _principal(arn: str) -> Principal:
    try:
        who = Principal.parse(arn)
    except LocalAwsError:
        who = None
    if who is None or who.is_root or ":assumed-role/" in arn:
        raise ApiError("InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name.", 400)
    return who


def _listed(form: dict[str, str], name: str) -> Iterator[str]:
    number = 1
    while (value := form.get(f"{name}.member.{number}")) is not None:
        yield value
        number += 1


def _context(form: dict[str, str]) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    number = 1
    while (key := form.get(f"ContextEntries.member.{number}.ContextKeyName")) is not None:
        values = tuple(_listed(form, f"ContextEntries.member.{number}.ContextKeyValues"))
        yield key, values[0] if len(values) == 1 else values
        number += 1


def _decided(
    who: Principal, carried: Carried, action: str, resource: str, context: dict[str, str | tuple[str, ...]]
) -> str:
    request = AccessRequest(who.arn, action, resource, context)
    found = evaluate(None, request, identity_policies=carried.policies, account=who.account, **carried.limits)
    if carried.undecided or found.decision == "undetermined":
        why = carried.undecided or "; ".join(found.reasons)
        raise ApiError("UnsupportedOperation", f"The local AWS cannot decide {action} on {resource}: {why}", 501)
    return found.decision


def _result(action: str, resource: str, decision: str) -> str:
    told = (("EvalActionName", action), ("EvalResourceName", resource), ("EvalDecision", decision))
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told)
    return f"<member>{inner}<MatchedStatements/><MissingContextValues/></member>"
