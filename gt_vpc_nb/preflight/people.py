"""Checks of IAM: the execution role, the caller, and the roles of a custom workflow's functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gt_vpc_nb import facts
from gt_vpc_nb.policy import AccessRequest, Policy, evaluate
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.case import (
    Case,
    Outcome,
    failed,
    not_applicable,
    passed,
    together,
    undetermined,
    warned,
)
from gt_vpc_nb.preflight.permissions import NO_ROLE, Wanted, account_of, permission, role_may
from gt_vpc_nb.preflight.surroundings import Caller, LambdaFunction, Missing, Role, Unknown
from gt_vpc_nb.preflight.table import Check, automated, fact, offline, streaming

SAGEMAKER = "sagemaker.amazonaws.com"
MANAGED = "AmazonSageMakerGroundTruthExecution"
#: What that managed policy asks of the ARN of an object. Source: security-iam-awsmanpol-ground-truth, version 3.
WORDS = ("GroundTruth", "Groundtruth", "groundtruth", "SageMaker", "Sagemaker", "sagemaker")
_LOG_ACTIONS = ("logs:CreateLogStream", "logs:CreateLogGroup", "logs:DescribeLogStreams", "logs:PutLogEvents")
_QUEUE_ACTIONS = (
    *("sqs:CreateQueue", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"),
    *("sqs:SendMessage", "sqs:SetQueueAttributes"),
)


def sagemaker_may_assume(case: Case) -> Outcome:
    role = case.surroundings.role
    if isinstance(role, Missing):
        return failed(role.reason, "Create the role, or name one that is there: .as_role(arn).")
    if role is None:
        return not_applicable("the request names no role")
    assert isinstance(role, Role)
    return may_assume(role, SAGEMAKER, {"aws:SourceAccount": account_of(role.arn)})


def may_assume(role: Role, who: str, context: dict[str, str]) -> Outcome:
    """Whether a role's trust policy lets somebody assume it."""
    kind = "AWS" if who.startswith("arn:") else "Service"
    statement = {"Effect": "Allow", "Principal": {kind: who}, "Action": "sts:AssumeRole"}
    remedy = f"Add to the trust policy of {role.arn}: {json.dumps(statement)}"
    try:
        trust = _on_the_role(json.loads(role.trust), role.arn)
    except ValueError as error:
        return undetermined(f"the trust policy of {role.arn} cannot be read ({' '.join(str(error).split())})", remedy)
    if trust is None:
        return failed(f"the trust policy of {role.arn} has no statement", remedy)
    request = AccessRequest(who, "sts:AssumeRole", role.arn, context)
    found = evaluate(trust, request, account=account_of(role.arn))
    if found.decision == "allowed":
        return passed(f"the trust policy of {role.arn} lets {who} assume it")
    if found.decision == "explicitDeny":
        return failed(f"{', '.join(found.matched_statements)} of the trust policy of {role.arn} denies {who}", remedy)
    if found.decision == "undetermined" or found.missing_context_keys:
        keys = ", ".join(found.missing_context_keys)
        why = f"it asks for {keys}, which nobody knows beforehand" if keys else "; ".join(found.reasons)
        return undetermined(f"the trust policy of {role.arn} is not decided: {why}", remedy)
    return failed(f"the trust policy of {role.arn} does not let {who} assume it", remedy)


def _on_the_role(document: Any, arn: str) -> Policy | None:
    """A trust policy names no resource: it is the role's. None for one without statements."""
    given = document.get("Statement", []) if isinstance(document, dict) else []
    statements = given if isinstance(given, list) else [given]
    placed = [{**each, "Resource": arn} if isinstance(each, dict) else each for each in statements]
    return Policy.parse({**document, "Statement": placed}) if placed else None


def role_may_report(case: Case) -> Outcome:
    """The role's actions besides S3's, which S3P-02 decides together with the bucket policies."""
    role = case.surroundings.role
    if not isinstance(role, Role):
        return not_applicable(NO_ROLE)
    group = f"arn:aws:logs:{case.region}:{account_of(role.arn)}:log-group:/aws/sagemaker/LabelingJobs"
    logs = [[Wanted(each, group), Wanted(each, f"{group}:*")] for each in _LOG_ACTIONS]
    # A grant on log streams names the group with a tail, one on groups without: either is enough.
    either = [_better(permission(role, [one], ""), permission(role, [other], "")) for one, other in logs]
    metrics = permission(role, [Wanted("cloudwatch:PutMetricData", "*")], "may write metrics and logs")
    return together((*either, metrics), "") if metrics.status != "passed" else _logs_or(either, metrics)


def _better(one: Outcome, other: Outcome) -> Outcome:
    return other if other.status == "passed" else one


def _logs_or(logs: list[Outcome], metrics: Outcome) -> Outcome:
    bad = [each for each in logs if each.status != "passed"]
    return together(bad, "") if bad else metrics


def managed_policy_covers_the_names(case: Case) -> Outcome:
    role = case.surroundings.role
    if not isinstance(role, Role) or isinstance(role.policies, Unknown):
        return not_applicable(NO_ROLE) if not isinstance(role, Role) else undetermined(role.policies.reason)  # type: ignore[union-attr]
    if not any(each.arn.endswith(f":policy/{MANAGED}") for each in role.policies):
        return not_applicable(f"{MANAGED} is not attached to {role.arn}")
    return together((_covered(role, each) for each in _objects(case)), "the request names no object")


def _objects(case: Case) -> Iterator[Wanted]:
    for use in case.uses:
        for action, resource in use.actions:
            if action in ("s3:GetObject", "s3:PutObject"):
                text = case.bucket(use.bucket).policy
                yield Wanted(action, resource, policy=text if isinstance(text, str) else None)


def _covered(role: Role, wanted: Wanted) -> Outcome:
    if any(word in wanted.resource for word in WORDS):
        return passed(f"{MANAGED} covers {wanted.resource} by its name")
    found = permission(role, [Wanted(wanted.action, wanted.resource)], f"is allowed {wanted.action} otherwise")
    if found.status == "failed":
        return warned(
            f"{MANAGED} does not cover {wanted.resource}: its ARN holds none of {', '.join(WORDS)}",
            f"{found.remedy} (or tag the objects SageMaker=true, or choose another name).",
        )
    return found


def role_may_pass_itself(case: Case) -> Outcome:
    passing = Wanted("iam:PassRole", case.role, {"iam:PassedToService": SAGEMAKER})
    return role_may(case, [passing], "may pass itself to SageMaker")


def role_may_stream(case: Case) -> Outcome:
    account = account_of(case.role) or case.surroundings.account
    name = str(case.request.get("LabelingJobName") or "").lower()
    queue = f"arn:aws:sqs:{case.region}:{account}:GroundTruth-{name}"
    wanted = [Wanted(each, queue) for each in _QUEUE_ACTIONS]
    source = places.member(case.request, places.INPUT_TOPIC)
    target = places.member(case.request, places.OUTPUT_TOPIC)
    if source:
        policy = _topic_policy(case, source)
        wanted.append(Wanted("sns:Subscribe", source, {"sns:Protocol": "sqs", "sns:Endpoint": queue}, policy))
        wanted.append(Wanted("sns:Unsubscribe", source, {}, policy))
    if target:
        wanted.append(Wanted("sns:Publish", target, {}, _topic_policy(case, target)))
    return role_may(case, wanted, "may use the job's queue and topics")


def _topic_policy(case: Case, arn: str) -> str | None:
    found = case.surroundings.topic(arn).policy
    return found if isinstance(found, str) else None


def own_functions(case: Case) -> str | None:
    if case.task is None or case.surroundings.functions:
        # AWS's pass-through function on one side, and one of your own on the other.
        return None
    return f"{case.task.code} uses AWS's own functions"


def role_may_invoke(case: Case) -> Outcome:
    arns = [str(places.member(case.request, each) or "") for each in (places.PRE_LAMBDA, places.CONSOLIDATION_LAMBDA)]
    return together(
        (_invokes(case, each) for each in dict.fromkeys(arns) if each and each not in _of_aws(case)),
        "the workflow has no functions",
    )


def _of_aws(case: Case) -> set[str]:
    kind = case.task or facts.task_type("PassThrough")
    return {kind.pre_lambda(case.region), kind.consolidation_lambda(case.region)}


def _invokes(case: Case, arn: str) -> Outcome:
    found = case.surroundings.function(arn)
    if isinstance(found.state, Missing):
        return failed(found.state.reason, "Create the function, or name one that is there: .custom_workflow(…).")
    policy = found.policy if isinstance(found.policy, str) else None
    outcome = role_may(case, [Wanted("lambda:InvokeFunction", arn, policy=policy)], f"may invoke {arn}")
    if outcome.status == "failed" and isinstance(found.policy, Unknown):
        return undetermined(f"{outcome.evidence}, and the policy of {arn} is not known: {found.policy.reason}")
    return outcome


def consolidation_reads_the_output(case: Case) -> Outcome:
    arn = str(places.member(case.request, places.CONSOLIDATION_LAMBDA) or "")
    if not arn or arn in _of_aws(case):
        return not_applicable("no consolidation function of yours")
    output = places.split_uri(places.member(case.request, places.OUTPUT))
    function = case.surroundings.function(arn)
    if isinstance(function.role, Unknown):
        return undetermined(f"the role of {arn} is not known: {function.role.reason}")
    if not isinstance(function.role, Role) or output is None:
        return not_applicable("the function, its role or the output is not there, see IAM-06")
    return _reads(case, function, function.role, output)


def _reads(case: Case, function: LambdaFunction, role: Role, output: tuple[str, str]) -> Outcome:
    policy = case.bucket(output[0]).policy
    if isinstance(policy, Unknown):
        return undetermined(f"the policy of s3://{output[0]} is not known: {policy.reason}")
    # A function outside every VPC comes from AWS's network, without an endpoint of yours.
    wanted = Wanted("s3:GetObject", f"arn:aws:s3:::{output[0]}/{output[1]}", {}, policy)
    reads = permission(role, [wanted], f"may read the output for {function.arn.rpartition(':')[2]}")
    own = case.surroundings.role
    if reads.status == "failed":
        reads = replace(reads, remedy=_reading_remedy(case, role, wanted) or reads.remedy)
    if reads.status == "passed" or not isinstance(own, Role):
        return reads
    trusts = may_assume(own, role.arn, {"aws:PrincipalArn": role.arn, "aws:PrincipalAccount": account_of(role.arn)})
    assumes = permission(role, [Wanted("sts:AssumeRole", own.arn)], f"may assume {own.arn}")
    return assumes if "passed" == trusts.status == assumes.status else reads


def _reading_remedy(case: Case, role: Role, wanted: Wanted) -> str:
    """What to do when the role's own policies allow it, so that the bucket's policy denies it."""
    bucket = wanted.resource.partition(":::")[2].partition("/")[0]
    if permission(role, [replace(wanted, policy=None)], "").status != "passed":
        return ""
    perimeter = f"{case.perimeter_call[:-1]}, principals=[{role.arn!r}])"
    return f"Its requests come from no VPC of yours; let the role in: grant({bucket!r}, {perimeter})."


def caller_may_create(case: Case) -> Outcome:
    caller = case.surroundings.caller
    assert isinstance(caller, Caller)
    if caller.arn.endswith(":root"):
        return passed(f"{caller.arn} may do everything in its account")
    wanted = [("sagemaker:CreateLabelingJob", None), *([("iam:PassRole", case.role)] if case.role else [])]
    return together((_may(caller, action, resource) for action, resource in wanted), "")


def _may(caller: Caller, action: str, resource: str | None) -> Outcome:
    answer = caller.may(action, resource)
    on = f" on {resource}" if resource else ""
    if isinstance(answer, Unknown):
        return undetermined(f"whether {caller.arn} may {action}{on} is not known: {answer.reason}")
    if answer:
        return passed(f"{caller.arn} may {action}{on}")
    statement = {"Effect": "Allow", "Action": action, "Resource": resource or "*"}
    return failed(
        f"{caller.arn} may not {action}{on}", f"Add to the caller's policy: {json.dumps(statement)}, or ask who may."
    )


CHECKS = (
    Check("IAM-01", ("role",), sagemaker_may_assume),
    Check("IAM-02", ("role",), role_may_report),
    Check("IAM-03", ("role",), managed_policy_covers_the_names),
    Check("IAM-04", ("role",), role_may_pass_itself, automated),
    Check("IAM-05", ("role",), role_may_stream, streaming),
    Check("IAM-06", ("role",), role_may_invoke, own_functions),
    Check("IAM-07", (), consolidation_reads_the_output, own_functions),
    Check("IAM-08", ("caller",), caller_may_create),
    fact("IAM-09", "who works in the console needs more than the API: AmazonSageMakerFullAccess is AWS's shortcut"),
    offline("IAM-10"),
)
