"""Who asks, and whether a Principal element means them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_ARN = re.compile(r"arn:[^:]*:(iam|sts)::(\d{12}):(.+)", re.DOTALL)
_ACCOUNT = re.compile(r"(?:arn:[^:]*:iam::)?(\d{12})(?::root)?")


@dataclass(frozen=True)
class Principal:
    """A caller, taken apart. `kind` is anonymous, service, root, role, session, user or other."""

    arn: str
    kind: str
    account: str | None = None
    role: str | None = None

    @property
    def is_root(self) -> bool:
        return self.kind == "root"


@lru_cache(maxsize=16384)
def principal_of(given: str | None) -> Principal:
    """Reads a principal: an IAM or STS ARN, a service name, an account id (its root), or None, "*", "anonymous"."""
    if given is None or given in ("", "*", "anonymous"):
        return Principal("anonymous", "anonymous")
    account = _ACCOUNT.fullmatch(given)
    if account:
        return Principal(given, "root", account[1])
    arn = _ARN.fullmatch(given)
    if not arn:
        return Principal(given, "service" if given.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "other")
    service, account_id, name = arn.groups()
    kind, _, rest = name.partition("/")
    if service == "sts" and kind == "assumed-role":
        return Principal(given, "session", account_id, rest.split("/")[0])
    if kind == "role":
        return Principal(given, "role", account_id, rest.rsplit("/", 1)[-1])
    return Principal(given, "user" if kind == "user" else "other", account_id)


def means(kind: str, named: str, principal: Principal) -> str | None:
    """How a named principal means this one, or None.

    "direct" (the caller itself, or everybody), "role" (the role of its session, which a boundary still limits) or
    "account" (delegation to its account, whose identity policies decide).
    """
    if (kind, named) in (("*", "*"), ("AWS", "*")):
        return "direct"
    if kind != "AWS":
        return "direct" if named == principal.arn and principal.kind in ("service", "other") else None
    account = _ACCOUNT.fullmatch(named)
    if account:
        if account[1] != principal.account:
            return None
        return "direct" if principal.is_root else "account"
    if named == principal.arn:
        return "role" if principal.kind == "role" else "direct"
    other = principal_of(named)
    sessions = principal.kind == "session" and other.kind == "role"
    return "role" if sessions and (other.account, other.role) == (principal.account, principal.role) else None
