"""Why a request was decided so: down to the statement, operator, key and value, and what would have had to differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gt_vpc_nb.policy.access_request import AccessRequest
from gt_vpc_nb.policy.condition_words import remedy, why
from gt_vpc_nb.policy.conditions import all_of
from gt_vpc_nb.policy.document import Policy
from gt_vpc_nb.policy.evaluation import Policies
from gt_vpc_nb.policy.statement_reading import Statement

#: Sentences of one kind before they are cut: a policy of 20 KB can hold hundreds of statements.
_SHOWN = 12


@dataclass(frozen=True)
class Explanation:
    """The statements that decided, the keys that were missing, the reasons and the near misses."""

    statements: tuple[str, ...]
    missing_keys: tuple[str, ...]
    reasons: tuple[str, ...]
    near_misses: tuple[str, ...]


@dataclass(frozen=True)
class _Seen:
    """One statement beside one request: which of its elements mean it, and whether it matches."""

    kind: str
    statement: Statement
    action: bool
    resource: bool
    how: str
    answers: tuple[bool | None, ...]
    words: tuple[str, ...]

    @property
    def holds(self) -> bool | None:
        if not self.action or not self.resource or self.how == "nobody":
            return False
        return all_of([None if self.how == "open" else True, *self.answers])


def explained(topic: str, policies: Policies, request: AccessRequest) -> Explanation:
    """The explanation of a verdict that `evaluation` reached; `topic` is what decided it there."""
    seen = [each for kind, policy in policies.named() for each in _statements(kind, policy, policies, request)]
    decisive = _decisive(topic, seen, request, policies)
    told = tuple(_sentence(each, request) for each in decisive[:_SHOWN])
    if len(decisive) > _SHOWN:
        told += (f"{len(decisive) - _SHOWN} more statements say the same.",)
    closing = _closing(topic, request, policies)
    reasons = (closing, *told) if topic.startswith("limit") or not told else (*told, *filter(None, [closing]))
    labels = tuple(dict.fromkeys(each.statement.label for each in decisive))
    missing = _missing(policies, request)
    return Explanation(labels, missing, tuple(filter(None, reasons)), tuple(_near_misses(topic, seen, request)))


def _statements(kind: str, policy: Policy, policies: Policies, request: AccessRequest) -> Iterator[_Seen]:
    compiled = policy.compiled
    bounded = kind == "bucket policy" and policies.boundary is not None
    for index, statement in enumerate(compiled.statements):
        action, resource, how = compiled.meets(index, request, bounded)
        answers = tuple(test(request.folded) for test in compiled.conditions[index])
        pairs = zip(statement.conditions, answers, strict=True)
        words = tuple(why(condition, request.folded, answer) for condition, answer in pairs)
        yield _Seen(kind, statement, action, resource, how, answers, words)


def _decisive(topic: str, seen: list[_Seen], request: AccessRequest, policies: Policies) -> list[_Seen]:
    if topic == "denied":
        denies = [each for each in seen if each.statement.effect == "Deny" and each.holds is not False]
        sure = [each for each in denies if each.holds]
        return sure or denies
    kinds = {
        "bucket allows": ("bucket policy",),
        "cross-account left": ("bucket policy",),
        "cross-account identity": ("bucket policy",),
        "identity allows": ("identity policy",),
        "both allow": ("bucket policy", "identity policy"),
        "undecided": tuple({each.kind for each in seen}),
        "root": ("bucket policy",),
    }.get(topic, ())
    same = request.caller.account is not None and policies.account in (None, request.caller.account)
    allows = [each for each in seen if each.kind in kinds and each.statement.effect == "Allow"]
    allows = [each for each in allows if not (same and each.kind == "bucket policy" and each.how == "account")]
    sure = [each for each in allows if each.holds]
    return [each for each in allows if each.holds is None] if topic == "undecided" or not sure else sure


def _sentence(each: _Seen, request: AccessRequest) -> str:
    told = "cannot be decided" if each.holds is None else "matches"
    words = [word for word, answer in zip(each.words, each.answers, strict=True) if answer is each.holds]
    if each.how == "open":
        words.insert(0, f"NotPrincipal names {request.principal} but not its account, and both must be listed")
    where = "" if each.kind == "bucket policy" else f" of the {each.kind}"
    because = "; ".join(words) or f"{request.action} on {request.resource}"
    return f"{each.statement.effect} statement '{each.statement.label}'{where} {told}: {because}."


def _closing(topic: str, request: AccessRequest, policies: Policies) -> str:
    """The sentence that a topic adds, or nothing where the statements say it all."""
    caller = request.caller
    across = f"The caller is of account {caller.account}, the bucket of {policies.account}"
    who = "An anonymous caller" if caller.kind == "anonymous" else caller.arn
    if topic.startswith("limit "):
        return f"The {topic.removeprefix('limit ')} limits the request and has no statement that surely allows it."
    return {
        "root repairs": "The root of the bucket's account can always repair its bucket policy.",
        "root": "The account's root needs no policy, and none denies it.",
        "nobody allows": f"{who} has no identity policies, and no statement of the bucket policy allows it.",
        "cross-account bucket": f"{across}, and no statement of the bucket policy allows it.",
        "cross-account identity": f"{across}, and its identity policies do not allow it.",
        "cross-account left": f"{across}, so its identity policies, which were not given, must allow it too.",
        "boundary": "The permissions boundary or the session policies do not allow it.",
        "public access blocked": "Block Public Access (RestrictPublicBuckets) turns a public policy off for callers of "
        "other accounts and for anonymous ones.",
        "left": "No statement denies it; the caller's identity policies, which were not given, decide.",
        "nothing allows": "No statement of the bucket policy or the identity policies allows it.",
        "undecided": "Whether it is allowed cannot be decided.",
    }.get(topic, "")


def _missing(policies: Policies, request: AccessRequest) -> tuple[str, ...]:
    keys = {
        condition.key.lower(): condition.key
        for _, policy in policies.named()
        for statement in policy.statements
        for condition in statement.conditions
    }
    return tuple(sorted(key for folded, key in keys.items() if folded not in request.folded))


def _near_misses(topic: str, seen: list[_Seen], request: AccessRequest) -> Iterator[str]:
    if topic == "denied":
        for each in [one for one in seen if one.statement.effect == "Deny" and one.holds][:_SHOWN]:
            ways = [remedy(condition, False) for condition in each.statement.conditions]
            if ways:
                yield f"Deny statement '{each.statement.label}' would not match if {' or if '.join(ways)}."
        return
    if topic in ("bucket allows", "identity allows", "both allow", "root", "root repairs"):
        return
    near = [(one, tuple(_lacking(one, request))) for one in seen if one.statement.effect == "Allow"]
    for each, lacking in [(one, lacking) for one, lacking in near if len(lacking) == 1][:_SHOWN]:
        yield f"Allow statement '{each.statement.label}' would match if {lacking[0]}."


def _lacking(each: _Seen, request: AccessRequest) -> Iterator[str]:
    """What keeps a statement from matching, an item for each element."""
    if not each.action:
        yield f"it named {request.action}"
    if not each.resource:
        yield f"it named {request.resource}"
    if each.how == "nobody":
        yield f"it named {request.principal or 'everybody'}"
    pairs = zip(each.statement.conditions, each.answers, strict=True)
    yield from (remedy(condition, True) for condition, answer in pairs if answer is False)
