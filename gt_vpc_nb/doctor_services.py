"""Whether five services of AWS answer from here: each asked once, with a time-out of its own, all at the same time."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from gt_vpc_nb.aws.sessions import code_of, open_session, regional_client

#: Seconds to connect, to read, and until a look is given up whatever keeps it (a name that is not resolved, say).
CONNECT, READ, GIVE_UP = 3.0, 5.0, 12.0
#: A session makes one client at a time: two at once trip over each other. Nothing is asked meanwhile.
_MAKING = threading.Lock()
State = Literal["answers", "silent", "not asked"]


@dataclass(frozen=True)
class Service:
    """One service of the check: a call that reads next to nothing, and what it is needed for."""

    name: str
    shown: str
    operation: str
    arguments: tuple[tuple[str, Any], ...]
    needed_for: str
    everywhere: bool = False


SERVICES = (
    Service("sts", "STS", "get_caller_identity", (), "knowing who and where you are", True),
    Service("s3", "S3", "list_buckets", (), "manifests, labels, bucket policies", True),
    Service("sagemaker", "SageMaker", "list_labeling_jobs", (("MaxResults", 1),), "labeling jobs"),
    Service("ec2", "EC2", "describe_vpcs", (), "checking the VPC and its endpoints"),
    Service("iam", "IAM", "list_roles", (("MaxItems", 1),), "checking the execution role", True),
)


@dataclass(frozen=True)
class Answer:
    """What one service said; `seconds` is how long it took, `told` the whole answer where the caller needs it."""

    service: Service
    state: State
    detail: str
    seconds: float = 0.0
    told: Any = None


def answers(session: Any, region: str | None, signed: bool) -> tuple[Answer, ...]:
    """All services, asked at the same time; `signed` False asks without credentials: a refusal is an answer, too."""
    asked = {
        each.name: _on_its_own(lambda each=each: _asked(each, session, region, signed))
        for each in SERVICES
        if each.everywhere or region
    }
    until = time.monotonic() + GIVE_UP
    return tuple(_waited(each, asked.get(each.name), until) for each in SERVICES)


def within(seconds: float, work: Callable[[], Any], otherwise: Any) -> Any:
    """What the work gives, or `otherwise` when it takes longer or fails; the work is left behind, not waited for."""
    try:
        found = _on_its_own(work).get(timeout=seconds)
    except queue.Empty:
        return otherwise
    return otherwise if isinstance(found, Exception) else found


def _on_its_own(work: Callable[[], Any]) -> queue.Queue[Any]:
    """A thread that nothing waits for at the interpreter's end."""
    box: queue.Queue[Any] = queue.Queue()

    def run() -> None:
        try:
            box.put(work())
        except Exception as error:
            box.put(error)

    threading.Thread(target=run, daemon=True, name="gt-vpc-nb-doctor").start()
    return box


def _waited(service: Service, box: queue.Queue[Any] | None, until: float) -> Answer:
    if box is None:
        return Answer(service, "not asked", f"no Region is named, and {service.shown} has an address in each")
    try:
        found = box.get(timeout=max(0.0, until - time.monotonic()))
    except queue.Empty:
        return Answer(service, "silent", f"no answer within {GIVE_UP:.0f} s{_way(service)}", GIVE_UP)
    if isinstance(found, Answer):
        return found
    return Answer(service, "silent", f"{_first_words(found)}{_way(service)}")


def _asked(service: Service, session: Any, region: str | None, signed: bool) -> Answer:
    config = Config(
        retries={"total_max_attempts": 1},
        connect_timeout=CONNECT,
        read_timeout=READ,
        **({} if signed else {"signature_version": UNSIGNED}),
    )
    # A service without Regions still needs one named for its address.
    with _MAKING:
        client = regional_client(open_session(session), service.name, region or "us-east-1", config)
    start = time.monotonic()
    try:
        told = getattr(client, service.operation)(**dict(service.arguments))
    except ClientError as error:
        code = code_of(error)
        said = "the way there is open" if not signed else f"{client.meta.service_model.service_id} said {code}"
        return Answer(service, "answers", said if not signed else f"refused: {said}", time.monotonic() - start)
    return Answer(service, "answers", client.meta.endpoint_url, time.monotonic() - start, told)


def _way(service: Service) -> str:
    return f" (for {service.needed_for}; in a closed VPC it needs a VPC endpoint or a NAT)"


def _first_words(error: Exception) -> str:
    return " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
