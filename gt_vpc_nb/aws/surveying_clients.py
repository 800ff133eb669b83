"""The clients of one survey: each is made when it is first asked for, and once."""

from __future__ import annotations

from threading import RLock
from typing import Any

from gt_vpc_nb.aws.sessions import client

#: A survey asks many services at once, and in a closed VPC some of them do not answer at all: each wait is short.
ATTEMPTS = 4


class Clients:
    """Called with a service's name, and a Region where it is not the job's."""

    def __init__(self, session: Any, region: str | None) -> None:
        self.region = region or ""
        self._session, self._lock = session, RLock()
        self._made: dict[tuple[str, str | None], Any] = {}

    def __call__(self, service: str, region: str | None = None) -> Any:
        # A boto3 session makes its clients in one thread at a time.
        with self._lock:
            key = (service, region or self.region or None)
            if key not in self._made:
                self._made[key] = client(self._session, *key, attempts=ATTEMPTS)
            return self._made[key]
