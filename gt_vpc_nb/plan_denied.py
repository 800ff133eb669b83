"""What AWS refused at a submit, as far as the survey can tell: who, which action, which bucket, which statement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gt_vpc_nb.aws.objects import parse_uri
from gt_vpc_nb.aws.sessions import DENIED
from gt_vpc_nb.errors import AwsError, PolicyError
from gt_vpc_nb.policy import AccessRequest, Decision, Policy, evaluate
from gt_vpc_nb.policy.origins import signed_by

if TYPE_CHECKING:
    from gt_vpc_nb.builder import LabelingJob
    from gt_vpc_nb.preflight.surroundings import Surroundings

_ACTION = re.compile(r"perform:? ([a-z0-9-]+:[A-Za-z]+)")
_RESOURCE = re.compile(r"on resource:? \"?(arn:[^\s\"]+)")
_IN_S3 = {"PutObject": "s3:PutObject", "HeadObject": "s3:GetObject", "GetObject": "s3:GetObject"}


@dataclass(frozen=True)
class _Network:
    """Where the call may have come from: the caller's own network is not known to AWS's answer."""

    name: str
    context: dict[str, str]


def diagnosed(error: AwsError, job: LabelingJob, found: Surroundings | None) -> AwsError:
    """The same error; where access was denied, with the principal, the action and the statement that may deny it."""
    principal = getattr(getattr(found, "caller", None), "principal", None)
    if error.code not in DENIED or found is None or not isinstance(principal, str):
        return error
    action, resource = _asked(error, job)
    lines = [str(error), f"Who: {principal}. What: {action}{f' on {resource}' if resource else ''}."]
    if action.startswith("s3:") and resource:
        lines += _by_bucket_policy(AccessRequest(principal, action, resource, {}), job, found)
    else:
        lines.append(_by_identity(action, found))
    return AwsError("\n".join(lines), code=error.code, operation=error.operation)


def _asked(error: AwsError, job: LabelingJob) -> tuple[str, str]:
    """The action and the resource: AWS's message names them, or the operation and the job's own files do."""
    action, resource = _ACTION.search(str(error)), _RESOURCE.search(str(error))
    named = action[1] if action else _IN_S3.get(error.operation, f"sagemaker:{error.operation or 'CreateLabelingJob'}")
    if resource or not named.startswith("s3:"):
        return named, resource[1] if resource else ""
    uri = next((each for each in job.files() if each in str(error)), job.output_path or "")
    return named, f"arn:aws:s3:::{'/'.join(parse_uri(uri))}" if uri else ""


def _by_bucket_policy(request: AccessRequest, job: LabelingJob, found: Surroundings) -> Iterator[str]:
    bucket = request.resource.removeprefix("arn:aws:s3:::").partition("/")[0]
    text = found.bucket(bucket).policy
    if not isinstance(text, str):
        told = "has no policy" if text is None else f"has a policy that was not read ({text.reason})"
        yield f"Bucket '{bucket}' {told}: see the identity policies of the caller."
        return
    try:
        policy = Policy.parse(text)
    except PolicyError as problem:
        yield f"The policy of bucket '{bucket}' cannot be read: {str(problem).splitlines()[0]}"
        return
    judged = {each.name: _decided(policy, request, each, found.account) for each in _networks(job)}
    denied = {name: each for name, each in judged.items() if each.decision in ("explicitDeny", "implicitDeny")}
    for name, decision in denied.items():
        yield f"Bucket '{bucket}', from {name}: {decision.decision}. {' '.join(decision.reasons[:2])}"
    let_in = [name for name in judged if name not in denied]
    if let_in and denied:
        yield f"Call from {' or '.join(let_in)}, where the bucket policy does not deny it."
    elif not denied:
        yield f"The policy of bucket '{bucket}' does not deny it: see the identity policies of the caller."
    yield f"The row that shows it: %gt_vpc audit {bucket}"


def _networks(job: LabelingJob) -> list[_Network]:
    inside = [
        _Network(f"VPC endpoint {each}", {"aws:SourceVpce": each, **({"aws:SourceVpc": job.vpc} if job.vpc else {})})
        for each in job.endpoints
    ]
    return [_Network("the internet", {"aws:SourceIp": "203.0.113.10"}), *inside]


def _decided(policy: Policy, request: AccessRequest, network: _Network, account: str) -> Decision:
    context = {**signed_by(request.principal), **network.context}
    asked = AccessRequest(request.principal, request.action, request.resource, context)
    return evaluate(policy, asked, account=account or None)


def _by_identity(action: str, found: Surroundings) -> str:
    permissions = getattr(found.caller, "permissions", ())
    if isinstance(permissions, tuple):
        said = [f"{each.decision} on {each.resource}" for each in permissions if each.action == action]
        if said:
            return f"IAM's simulator says of {action}: {', '.join(said)}."
    return f"Allow {action} to the caller's identity, and see the endpoint policies on the way to SageMaker."
