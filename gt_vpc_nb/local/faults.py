"""Faults on demand: what goes wrong, how often, for whom, and what happens at a moment of the simulated time."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local import breakdowns
from gt_vpc_nb.local.aims import Aim, Asked, aimed, asked_of
from gt_vpc_nb.local.breakdowns import PATIENCE, ConnectionLost
from gt_vpc_nb.local.clock import Clock, duration_of
from gt_vpc_nb.local.failures import ApiError

if TYPE_CHECKING:
    from gt_vpc_nb.local.history import History
    from gt_vpc_nb.local.upheavals import Upheavals


@dataclass(frozen=True)
class Effect:
    """What happens to a request: `kind` is throttle, fail, slow, drop or skew.

    `done` says that the request is carried out all the same, and only its answer is lost.
    """

    kind: str
    status: int = 500
    code: str | None = None
    seconds: float = 0.0
    how: str = "closed"
    done: bool = False

    def error(self, service: str) -> Exception:
        """What the caller gets instead of an answer."""
        if self.kind == "throttle":
            return breakdowns.throttled(service)
        if self.kind == "skew":
            return breakdowns.skewed(service)
        if self.kind == "fail":
            return breakdowns.broken(service, self.status, self.code)
        return ConnectionLost(self.how)


@dataclass(eq=False)
class Fault:
    """One fault that is active until it has struck `times` times or is called off; `struck` counts.

    As a context manager it is called off at the end of the block.
    """

    number: int
    effect: Effect
    aim: Aim
    times: int | None
    share: float
    seed: str = field(repr=False)
    call_off: Callable[[], None] = field(repr=False, default=lambda: None)
    struck: int = 0
    met: int = field(default=0, repr=False)

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it was to."""
        return self.times is not None and self.struck >= self.times

    def strikes(self, asked: tuple[Asked, ...]) -> bool:
        """Whether it strikes this request; each one that it is after is counted, and drawn for by the seed."""
        if self.spent or not any(self.aim.hits(each) for each in asked):
            return False
        self.met += 1
        if self.share < 1 and random.Random(f"{self.seed}/{self.met}").random() >= self.share:
            return False
        self.struck += 1
        return True

    @property
    def facts(self) -> dict[str, Any]:
        """All of it, as JSON can say it."""
        told = {name: getattr(self, name) for name in ("number", "times", "share", "struck", "met")}
        return {**told, "effect": asdict(self.effect), "aim": asdict(self.aim)}

    def __enter__(self) -> Fault:
        return self

    def __exit__(self, *_: object) -> None:
        self.call_off()

    def __str__(self) -> str:
        often = "always" if self.times is None else f"{self.times} times" if self.times != 1 else "once"
        share = f" for {self.share:.0%} of the requests" if self.share < 1 else ""
        return f"{self.effect.kind} {self.aim}, {often}{share}; struck {self.struck}"


class Faults:
    """The faults of a local AWS. A request meets the older ones first; `slow` only delays, the others end it.

    `action` is IAM's name for S3 (``s3:GetObject``), ``service:Operation`` for the rest, with wildcards; `bucket` and
    `key` narrow it. `times` ends a fault, `share` lets it strike that share of the requests, drawn by the seed.
    ``on="jobs"`` strikes the labeling jobs' own reads and writes instead of the callers'.
    """

    def __init__(self, seed: int, clock: Clock, upheavals: Upheavals, history: History) -> None:
        self._seed, self._clock, self._history = seed, clock, history
        #: How many were made so far; each is drawn for by its number.
        self.count = 0
        self._active: list[Fault] = []
        self._lock = threading.Lock()
        self.upheavals = upheavals

    # -- what goes wrong with requests ---------------------------------------------------------------------------

    def throttle(self, action: str, **narrowed: Any) -> Fault:
        """The service asks for fewer requests: SlowDown, ThrottlingException, RequestLimitExceeded."""
        return self._add(Effect("throttle"), action, **narrowed)

    def fail(
        self, action: str, status: int = 500, code: str | None = None, *, done: bool = False, **more: Any
    ) -> Fault:
        """The service breaks down: 500 and 503 in its own words, any other error status with a `code`.

        `done` carries the request out before, so that only the answer is wrong.
        """
        breakdowns.checked_status(status, code)
        return self._add(Effect("fail", status, code, done=done), action, **more)

    def slow(self, action: str, seconds: float, **narrowed: Any) -> Fault:
        """The answer takes so many simulated seconds; a session with less patience gives up, and it is done anyway."""
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < float("inf"):
            raise LocalAwsError(f"seconds={seconds!r} is no delay; give simulated seconds above 0.")
        if narrowed.get("on") == "jobs":
            raise LocalAwsError("Labeling jobs wait for a slow answer and nothing is seen of it; leave out on='jobs'.")
        return self._add(Effect("slow", seconds=float(seconds), how="timeout"), action, **narrowed)

    def drop(self, action: str, how: str = "closed", *, done: bool = False, **narrowed: Any) -> Fault:
        """The connection is closed without an answer, or `how="unreachable"`: it is never made."""
        if how not in ("closed", "unreachable") or (done and how == "unreachable"):
            raise LocalAwsError(f"how={how!r}, done={done}: give 'closed', or 'unreachable', where nothing gets done.")
        return self._add(Effect("drop", how=how, done=done), action, **narrowed)

    def skew(self, action: str = "*", **narrowed: Any) -> Fault:
        """The caller's clock is wrong by more than a signature may be old."""
        return self._add(Effect("skew"), action, **narrowed)

    # -- what happens at a moment --------------------------------------------------------------------------------

    def later(self, do: Callable[[], object], **after: float) -> Callable[[], None]:
        """Calls `do()` when so much simulated time has passed, `later(do, minutes=5)`; the answer calls it off.

        It happens in the order of time with the steps of labeling jobs, also inside of one big `clock.advance`. `do`
        may move the clock itself: then the time leaps.
        """
        return self.upheavals.later(do, duration_of(after))

    def put_policy(self, bucket: str, policy: str | Mapping[str, Any] | None, **after: float) -> Callable[[], None]:
        """Somebody replaces a bucket's policy when so much simulated time has passed; None takes it away."""
        return self.upheavals.plan("put_policy", {"bucket": bucket, "policy": policy}, duration_of(after))

    def delete_object(self, uri: str, **after: float) -> Callable[[], None]:
        """Somebody deletes an object, given by its s3:// URI, when so much simulated time has passed."""
        return self.upheavals.plan("delete_object", {"uri": uri}, duration_of(after))

    def remove_role(self, role: str, **after: float) -> Callable[[], None]:
        """Somebody removes a role with its policies, given by its ARN, when so much simulated time has passed."""
        return self.upheavals.plan("remove_role", {"role": role}, duration_of(after))

    def clear(self) -> None:
        """Calls off every fault, and everything planned that has not happened yet."""
        for fault in tuple(self._active):
            fault.call_off()
        self.upheavals.clear()

    @property
    def active(self) -> tuple[Fault, ...]:
        """The faults that can still strike, oldest first."""
        return tuple(fault for fault in self._active if not fault.spent)

    def __repr__(self) -> str:
        lines = [f"  {fault}" for fault in self.active] + [f"  {each}" for each in self.upheavals.waiting]
        return "\n".join(["Faults:", *lines]) if lines else "Faults: none"

    # -- meeting them --------------------------------------------------------------------------------------------

    @contextmanager
    def around(self, service: str, request: AWSPreparedRequest) -> Iterator[None]:
        """What becomes of a request at the door. Raises ApiError or ConnectionLost instead of, or after, the answer."""
        patience = float(request.headers.get(PATIENCE, "inf"))
        del request.headers[PATIENCE]
        after = self._before(service, request, patience) if self._active else None
        try:
            yield
        except ApiError:
            if after is None:  # a refusal is an answer, and lost as any other
                raise
        if after is not None:
            raise after

    def _before(self, service: str, request: AWSPreparedRequest, patience: float) -> Exception | None:
        for effect in self.striking(asked_of(service, request), "callers"):
            if effect.kind != "slow":
                if not effect.done:
                    raise effect.error(service)
                return effect.error(service)
            self._clock.advance(seconds=min(effect.seconds, patience))
            if effect.seconds > patience:
                return effect.error(service)
            patience -= effect.seconds
        return None

    def striking(self, asked: tuple[Asked, ...], on: str) -> list[Effect]:
        """The effects a request meets, oldest first: delays, and at most one end."""
        met: list[Effect] = []
        with self._lock:
            for fault in self._active:
                if fault.aim.on == on and fault.strikes(asked):
                    met.append(fault.effect)
                    if fault.effect.kind != "slow":
                        break
        return met

    def _add(
        self,
        effect: Effect,
        action: str,
        *,
        times: int | None = None,
        share: float = 1.0,
        bucket: str | None = None,
        key: str | None = None,
        on: str = "callers",
    ) -> Fault:
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
            raise LocalAwsError(f"times={times!r} is no number of times; give 1 or more, or leave it out.")
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
            raise LocalAwsError(f"share={share!r} is no share of the requests; give one above 0 and up to 1.")
        fault = self.made(self.count + 1, effect, aimed(action, bucket, key, on), times, float(share))
        if on == "jobs":  # the callers' faults change nothing that is in the history; these do
            self._history.add("fault", **fault.facts)
        return fault

    def made(
        self, number: int, effect: Effect, aim: Aim, times: int | None, share: float, struck: int = 0, met: int = 0
    ) -> Fault:
        """A fault as it is told by its `facts`, added to the active ones."""
        fault = Fault(number, effect, aim, times, share, f"{self._seed}/fault/{number}", struck=struck, met=met)
        fault.call_off = lambda: self.call_off(fault)
        self.count = max(self.count, number)
        # By number, which is by age: a file that is loaded makes those of jobs before those of callers.
        self._active.append(fault)
        self._active.sort(key=lambda each: each.number)
        return fault

    def numbered(self, number: int) -> Fault:
        """A fault that was not called off yet. Raises KeyError."""
        found = [fault for fault in self._active if fault.number == number]
        if not found:
            raise KeyError(number)
        return found[0]

    def call_off(self, fault: Fault) -> None:
        """Ends a fault; one that was called off already stays so."""
        with self._lock:
            if fault not in self._active:
                return
            self._active.remove(fault)
        if fault.aim.on == "jobs":
            self._history.add("call off", number=fault.number)
