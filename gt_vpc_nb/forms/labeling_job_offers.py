"""What the account offers for the fields of a form, asked for beside it: a form never waits for AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any

from gt_vpc_nb.aws.listing import Choice, choices
from gt_vpc_nb.preflight.surroundings import Unknown

Found = tuple[Choice, ...] | Unknown


class Offers:
    """Asks the account for lists, all at once; `found` is called with each as it comes, from its own thread."""

    def __init__(self, session: Any, found: Callable[[str, Found], None]) -> None:
        self._session, self._found = session, found
        self._region: str | None = None
        self._threads: list[Thread] = []

    def ask(self, kinds: Iterable[str], region: str | None) -> None:
        """Asks for lists of a Region; answers for a Region that was left meanwhile are not told."""
        self._region = region
        for kind in kinds:
            thread = Thread(target=self._ask, args=(kind, region), daemon=True)
            self._threads.append(thread)
            thread.start()

    def wait(self, timeout: float | None) -> None:
        """Waits until every list has come."""
        for thread in self._threads:
            thread.join(timeout)
        self._threads = [thread for thread in self._threads if thread.is_alive()]

    def _ask(self, kind: str, region: str | None) -> None:
        try:
            found: Found = choices(kind, self._session, region)
        except Exception as error:  # whatever a list dies of, the form goes on and says so beside the field
            found = Unknown(f"{type(error).__name__}: {error}")
        if region == self._region:
            self._found(kind, found)
