"""Whether S3 calls a bucket policy public, which is what RestrictPublicBuckets looks at.

Source: Amazon S3 User Guide, access-control-block-public-access ("The meaning of public").
"""

from __future__ import annotations

from functools import lru_cache

from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.operators import Undecided, network, spelled
from gt_vpc_nb.policy.statement_reading import Condition, Statement

#: Keys that make a grant non-public when they are held to fixed values.
FIXING_KEYS = frozenset(
    key.lower()
    for key in (
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceIp",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "aws:SourceOwner",
        "aws:SourceVpc",
        "aws:SourceVpcArn",
        "aws:SourceVpce",
        "aws:userid",
        "aws:VpceAccount",
        "aws:VpceOrgID",
        "aws:VpceOrgPaths",
        "s3:DataAccessPointAccount",
        "s3:DataAccessPointArn",
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    )
)
_FIXING_OPERATORS = ("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike")
#: Wider address ranges count as public.
_NARROWEST = {4: 8, 6: 32}


@lru_cache(maxsize=1024)
def is_public(policy: Policy | None) -> bool:
    """Whether a statement grants something to callers that no fixed value holds to; Deny statements do not count."""
    return policy is not None and any(grants_to_all(each) for each in policy.statements)


def grants_to_all(statement: Statement) -> bool:
    """Whether a statement grants to everybody, with no condition that holds callers to fixed values."""
    if statement.effect != "Allow":
        return False
    everybody = statement.principal is None or any("*" in name for _, name in statement.principal)
    return everybody and not any(map(_fixes, statement.conditions))


def _fixes(condition: Condition) -> bool:
    how = spelled(condition.operator)
    if how is None or how.operator is None or how.if_exists or how.quantifier == "forallvalues":
        return False
    if condition.key.lower() not in FIXING_KEYS or not condition.values:
        return False
    if how.operator.name == "IpAddress":
        return all(map(_is_narrow, condition.values))
    plain = how.operator.name.lower() in _FIXING_OPERATORS
    return plain and not any(mark in value for value in condition.values for mark in ("*", "?", "${"))


def _is_narrow(text: str) -> bool:
    try:
        version, first, last = network(text)
    except Undecided:
        return False
    bits = 32 if version == 4 else 128
    return last - first < 1 << (bits - _NARROWEST[version])
