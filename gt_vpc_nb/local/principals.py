"""Who a caller is: users, sessions of roles, and roots of accounts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gt_vpc_nb.errors import LocalAwsError

_PRINCIPAL = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?:iam|sts)::(?P<account>\d{12}):"
    r"(?:(?P<kind>user|role|assumed-role)/(?P<name>[\w+=,.@/-]+)|(?P<root>root))"
)


def account_id(given: object) -> str:
    """The 12 digits of an account, also when they are given as a number. Raises LocalAwsError for anything else."""
    if not re.fullmatch(r"\d{12}", str(given)):
        raise LocalAwsError(f"account={given!r} is not an AWS account id; give its 12 digits, like '111122223333'.")
    return str(given)


@dataclass(frozen=True)
class Principal:
    """A user, a role's session or an account's root; `arn` is what GetCallerIdentity says."""

    arn: str
    account: str
    kind: str
    name: str
    role_arn: str | None = None

    @classmethod
    def parse(cls, arn: str) -> Principal:
        """Reads an ARN; a role's ARN stands for a session of that role. Raises LocalAwsError for anything else."""
        match = _PRINCIPAL.fullmatch(str(arn))
        if not match:
            raise LocalAwsError(
                f"principal={arn!r} is not the ARN of a user, a role, a role's session or an account's root; "
                "give one like arn:aws:iam::111122223333:role/Name."
            )
        account, kind, name = match["account"], match["kind"] or "root", match["name"] or ""
        if kind == "role":
            return cls.session_of(arn, "session")
        if kind == "assumed-role":
            role, _, _session = name.rpartition("/")
            return cls(arn, account, kind, role, f"arn:{match['partition']}:iam::{account}:role/{role}")
        return cls(arn, account, kind, name.rpartition("/")[2])

    @classmethod
    def session_of(cls, role_arn: str, session: str) -> Principal:
        """A session of a role; its path, if any, is not part of the session's ARN."""
        _, partition, _, _, account, path = role_arn.split(":", 5)
        name = path.rpartition("/")[2]
        arn = f"arn:{partition}:sts::{account}:assumed-role/{name}/{session}"
        return cls(arn, account, "assumed-role", name, role_arn)

    @property
    def is_root(self) -> bool:
        return self.kind == "root"

    def context(self, user_id: str) -> dict[str, str]:
        """The condition keys about the principal; for a role's session aws:PrincipalArn is the role's ARN."""
        kinds = {"root": "Account", "user": "User", "assumed-role": "AssumedRole"}
        context = {
            "aws:PrincipalArn": self.role_arn or self.arn,
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalType": kinds[self.kind],
            "aws:PrincipalIsAWSService": "false",
            "aws:userid": user_id,
        }
        return {**context, "aws:username": self.name} if self.kind == "user" else context
