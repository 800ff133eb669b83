"""What came to a local AWS from outside and could change something, in order: enough to live its life once more.

Reads are left out, and so is what labeling jobs read and write: that happens again by itself.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local.behind import Answer
from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.origin import Origin
from gt_vpc_nb.local.recorded_calls import RecordedCalls, telling

if TYPE_CHECKING:
    from gt_vpc_nb.local.workers import Person, Worker

#: Bodies are kept in memory up to so many bytes in all, and then in a temporary file.
IN_MEMORY = 8_000_000
_IDS = re.compile(rb"[a-z]+-[0-9a-f]{17}|\bA[A-Z]{3}[A-Z0-9]{12,17}\b")
_UPLOAD = re.compile(rb"<InitiateMultipartUploadResult.*?<UploadId>([^<]+)", re.DOTALL)
_ID_HEADERS = ("x-amz-version-id",)


class Bodies:
    """Bytes by their digest, each kept once."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - it lives as long as this
        weakref.finalize(self, self._file.close)
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0

    def keep(self, data: bytes) -> str:
        """The digest under which the bytes are found again; empty for no bytes."""
        if not data:
            return ""
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._places:
            self._file.seek(self._end)
            self._file.write(data)
            self._places[digest] = (self._end, len(data))
            self._end += len(data)
        return digest

    def __getitem__(self, digest: str) -> bytes:
        if not digest:
            return b""
        place, length = self._places[digest]
        self._file.seek(place)
        return self._file.read(length)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)


class History:
    """Entries, each with a `do` that `replaying.STEPS` has a row for; bodies they name; answers of your functions."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.entries: list[dict[str, Any]] = []
        self.bodies = Bodies()
        self.calls: list[RecordedCalls] = []
        self.functions: dict[str, RecordedCalls] = {}
        #: While a file is loaded nobody's functions are asked, only the record.
        self.loading = False
        #: Then the answers of the workers who are just being put into a team, two records each.
        self.given: list[list[Any]] = []
        self._places: set[str] = set()

    def add(self, do: str, **facts: Any) -> dict[str, Any]:
        """Writes down one thing that happens now."""
        entry = {"do": do, "at": self._now().isoformat(), **facts}
        self.entries.append(entry)
        return entry

    def issued(self, do: str, **facts: Any) -> None:
        """Writes down a key that was given out; while a file is loaded only its own keys count."""
        if not self.loading:
            self.add(do, **facts)

    def knows(self, place: str) -> bool:
        """Whether a service was asked before in an account and Region; the first time makes its defaults."""
        return place in self._places

    @contextmanager
    def of(
        self, service: str, request: AWSPreparedRequest, origin: Origin, place: str
    ) -> Iterator[Callable[[Answer], Answer]]:
        """Writes down a request while it is answered, and how the answer that goes through the given function was."""
        self._places.add(place)
        entry = self.add(
            "request",
            service=service,
            method=request.method,
            url=request.url,
            headers=dict(request.headers.items()),
            body=self.bodies.keep(request.body),
            origin=asdict(origin),
        )

        def told(answer: Answer) -> Answer:
            entry["outcome"] = outcome(answer)
            if begun := _UPLOAD.search(answer[2][:4096]):
                entry["upload"] = begun[1].decode()
            return answer

        try:
            yield told
        except ApiError as error:
            entry["outcome"] = f"{error.status} {error.code}"
            raise

    def team(self, workers: Sequence[Worker | Person]) -> tuple[list[Worker | Person], list[dict[str, Any]]]:
        """Workers whose answers are recorded where they are functions of your own, and what a file says of all."""
        if isinstance(workers, str) or not isinstance(workers, Sequence):
            raise LocalAwsError(f"The workers are {workers!r}; give a list, like [Person('ada')].")
        for each in workers:
            if not hasattr(each, "name"):
                raise LocalAwsError(f"{each!r} is no worker; give Person('ada'), or a Worker with name and answer.")
        found = [self._recorded(each) for each in workers]
        return [worker for worker, _ in found], [told for _, told in found]

    def _recorded(self, worker: Worker | Person) -> tuple[Worker | Person, dict[str, Any]]:
        if not hasattr(worker, "answer"):
            return worker, {"person": worker.name}
        if worker.recipe is not None:
            return worker, {"recipe": worker.recipe}
        again = "put your workers into the work team again with aws.staff(team, workers)"
        records = [self.given.pop(0) if self.loading else [] for _ in range(2)]
        calls = [RecordedCalls(f"Worker {worker.name!r}", again, record) for record in records]
        told = {"own": worker.name, "answer": len(self.calls), "seconds": len(self.calls) + 1}
        self.calls += calls
        answer = calls[0].via(telling(worker.name, worker.answer))
        seconds = calls[1].via(telling(worker.name, worker.seconds))
        return replace(worker, answer=answer, seconds=seconds), told

    def function(self, arn: str, ask: Callable[..., Any], raised: type[Exception]) -> Callable[..., Any]:
        """A Lambda function whose answers are recorded; while a file is loaded only the record answers."""
        if arn not in self.functions:
            self.remember(arn, [])
        return self.functions[arn].via(None if self.loading else ask, raised)

    def remember(self, arn: str, record: list[Any]) -> None:
        """Takes in what a Lambda function answered so far."""
        self.functions[arn] = RecordedCalls(f"Lambda function {arn}", f"give it with aws.function('{arn}', …)", record)


def outcome(answer: Answer) -> str:
    """Status and ids of an answer in a few letters, so that another life can be held to it."""
    status, headers, body = answer
    found = [*_IDS.findall(body[:65536]), *(headers[name].encode() for name in _ID_HEADERS if name in headers)]
    return f"{status} {hashlib.sha256(b' '.join(found)).hexdigest()[:8]}" if found else str(status)
