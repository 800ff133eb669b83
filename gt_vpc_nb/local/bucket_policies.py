"""What S3 itself says about a bucket policy: which it does not take."""

from __future__ import annotations

import fnmatch

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.facts import s3_actions
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.policy import Policy, Statement
from gt_vpc_nb.policy.new_policies import LARGEST_POLICY


def accepted(body: bytes, bucket: str) -> Policy:
    """The policy in a PutBucketPolicy. Raises ApiError MalformedPolicy for what S3 would not take."""
    if len(body) > LARGEST_POLICY:
        raise _malformed("Policies must not exceed 20 kilobytes")
    try:
        policy = Policy.parse(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise _malformed("This policy contains invalid Json") from None
    except PolicyError as error:
        raise _malformed(" ".join(str(error).splitlines())) from None
    for statement in policy.statements:
        _check(statement, bucket)
    return policy


def _check(statement: Statement, bucket: str) -> None:
    if statement.principal is None and statement.not_principal is None:
        raise _malformed("Missing required field Principal")
    named = (*(statement.actions or ()), *(statement.not_actions or ()))
    known = {name.casefold() for name in s3_actions()}
    for action in named:
        pattern = action.casefold()
        if pattern != "*" and not (pattern in known or fnmatch.filter(known, pattern)):
            raise _malformed("Policy has invalid action")
    resources = (*(statement.resources or ()), *(statement.not_resources or ()))
    own = f"arn:aws:s3:::{bucket}"
    for resource in resources:
        if resource != own and not resource.startswith((f"{own}/", f"{own}*")):
            raise _malformed("Policy has invalid resource")
    _check_fit(statement.actions or (), statement.resources or ())


def _check_fit(actions: tuple[str, ...], resources: tuple[str, ...]) -> None:
    """Each action that is spelled out needs a resource of its kind: a bucket's ARN, or an object's."""
    kinds = {kind for each in resources for kind in _kinds(each)}
    by_name = {name.casefold(): action for name, action in s3_actions().items()}
    for name in actions:
        action = by_name.get(name.casefold())
        if action and resources and not kinds.intersection(action.resource_types):
            raise _malformed("Action does not apply to any resource(s) in statement")


def _kinds(resource: str) -> tuple[str, ...]:
    if "/" in resource:
        return ("object",)
    return ("bucket", "object") if resource.endswith("*") else ("bucket",)


def _malformed(message: str) -> ApiError:
    return ApiError("MalformedPolicy", message)
