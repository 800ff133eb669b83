"""One access request: who wants to do what to which resource, and what the request carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gt_vpc_nb.errors import PolicyError
from gt_vpc_nb.policy.principals import Principal, principal_of


@dataclass(frozen=True, init=False)
class AccessRequest:
    """Who wants to do what to which resource, and what the request carries.

    `principal` is an IAM ARN (user, role, role session, root), a service name such as "sagemaker.amazonaws.com", or
    None for an anonymous caller. `context` maps condition keys to a value or a tuple of values; no key is derived.
    """

    principal: str | None
    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    folded: dict[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    caller: Principal = field(init=False, repr=False, compare=False)

    def __init__(
        self,
        principal: str | None,
        action: str,
        resource: str,
        context: Mapping[str, str | tuple[str, ...]] | None = None,
    ) -> None:
        if not isinstance(action, str) or ":" not in action:
            raise PolicyError(f"action {action!r} names no service; write it as in s3:GetObject.")
        if not isinstance(context or {}, Mapping):
            raise PolicyError(f"context is a mapping from condition keys to values, not {type(context).__name__}.")
        values: dict[str, str | tuple[str, ...]] = {}
        folded: dict[str, tuple[str, ...]] = {}
        for key, given in (context or {}).items():
            value = given if type(given) is str else _value(key, given)
            values[key] = value
            folded[key.lower()] = (value,) if type(value) is str else tuple(value)
        # Written past the frozen door: once, here. `folded` and `caller` are what deciding needs a thousand times.
        self.__dict__.update(
            principal=principal,
            action=action,
            resource=resource,
            context=MappingProxyType(values),
            folded=folded,
            caller=principal_of(principal),
        )

    def __hash__(self) -> int:
        return hash((self.principal, self.action, self.resource, tuple(sorted(self.folded))))


def _value(key: str, value: object) -> str | tuple[str, ...]:
    if value is None:
        raise PolicyError(f"context key {key!r} was given None; leave a key out to say that it is missing.")
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(map(_text, value))
    return _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
