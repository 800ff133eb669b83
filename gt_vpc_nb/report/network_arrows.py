"""Who reaches which bucket through what: one arrow for each bucket and origin, from decisions of its policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from gt_vpc_nb.policy.origins import OTHER_ENDPOINT, Origin, decisions
from gt_vpc_nb.policy.perimeter import Perimeter

State = Literal["open", "stopped", "partly", "undetermined", "gets in", "kept out"]
#: The worst first: this is the order of arrows that lead to one bucket.
ORDER: tuple[State, ...] = ("open", "stopped", "partly", "undetermined", "gets in", "kept out")
_GETS_IN = ("allowed", "notDenied")
#: Origins in a reader's words.
_WHO = {
    "your-endpoint": "Your notebooks and tools",
    "your-vpc-other-endpoint": "Your VPC, elsewhere",
    "ground-truth": "Ground Truth",
    "automated-labeling": "Automated labeling",
    "worker-browser": "Workers' browsers",
    "console-user": "Console user",
    "administrator": "Administrator",
    "other-principal": "Another role",
    "anyone": "Anyone, unsigned",
}
#: Whom nobody meant to let in.
_OUTSIDE = frozenset({"anyone", "other-principal"})


@dataclass(frozen=True)
class Decided:
    """What a bucket policy decides for one action from one origin, by which statements."""

    bucket: str
    origin: Origin
    action: str
    decision: str
    statement: str = ""


@dataclass(frozen=True)
class Arrow:
    """From somebody, through an endpoint or the internet, to a bucket: what comes through, and what stops the rest."""

    bucket: str
    who: str
    principal: str
    through: str
    state: State
    actions: tuple[str, ...] = ()
    statement: str = ""

    @property
    def words(self) -> str:
        """What the arrow says, in a few words."""
        by = f" by '{self.statement}'" if self.statement else ": no statement lets it in"
        return {
            "gets in": "gets in",
            "open": "gets in from outside",
            "kept out": f"kept out{by}",
            "stopped": f"stopped{by}",
            "partly": f"partly stopped{by}",
            "undetermined": "undetermined",
        }[self.state]

    @property
    def sentence(self) -> str:
        """The arrow as a sentence."""
        what = f" ({', '.join(self.actions)})" if self.actions else ""
        return f"{self.who} ({self.principal}) through {self.through} to {self.bucket}: {self.words}{what}"


def arrows(decided: Iterable[Decided], perimeter_people: Iterable[str] = ()) -> tuple[Arrow, ...]:
    """An arrow for each bucket and origin, the worst of a bucket first; `perimeter_people` are meant to come in."""
    groups: dict[tuple[str, str], list[Decided]] = {}
    for each in decided:
        groups.setdefault((each.bucket, each.origin.label), []).append(each)
    meant = set(perimeter_people)
    drawn = [_arrow(found, meant) for found in groups.values()]
    buckets = list(dict.fromkeys(each.bucket for each in drawn))
    return tuple(sorted(drawn, key=lambda each: (buckets.index(each.bucket), ORDER.index(each.state))))


def decided_of(bucket: str, policy: object, perimeter: Perimeter, account: str) -> Iterator[Decided]:
    """What a bucket's policy decides for everybody of a perimeter."""
    for origin, action, found in decisions(policy, bucket, perimeter, account):  # type: ignore[arg-type]
        labels = ", ".join(found.matched_statements) if found and found.decision not in _GETS_IN else ""
        yield Decided(bucket, origin, action, found.decision if found else "notDenied", labels)


def _arrow(found: list[Decided], meant: set[str]) -> Arrow:
    origin = found[0].origin
    stopped = [each for each in found if each.decision not in _GETS_IN]
    outside = origin.name in _OUTSIDE and origin.principal not in meant
    told = stopped or found if outside else stopped
    if outside and len(stopped) < len(found):
        told = [each for each in found if each.decision in _GETS_IN]
    return Arrow(
        found[0].bucket,
        _WHO.get(origin.name, origin.name),
        origin.principal or "anonymous",
        _through(origin),
        _state(found, stopped, outside),
        tuple(each.action.removeprefix("s3:") for each in told),
        ", ".join(dict.fromkeys(each.statement for each in stopped if each.statement)),
    )


def _state(found: list[Decided], stopped: list[Decided], outside: bool) -> State:
    if any(each.decision == "undetermined" for each in found):
        return "undetermined"
    if outside:
        return "open" if len(stopped) < len(found) else "kept out"
    if not stopped:
        return "gets in"
    return "stopped" if len(stopped) == len(found) else "partly"


def _through(origin: Origin) -> str:
    endpoint, vpc = origin.context.get("aws:SourceVpce"), origin.context.get("aws:SourceVpc")
    if not endpoint:
        return "the internet"
    if origin.name == "ground-truth":
        return f"AWS's own endpoint {endpoint}"
    return f"{'another endpoint' if endpoint == OTHER_ENDPOINT else endpoint} in {vpc}"
