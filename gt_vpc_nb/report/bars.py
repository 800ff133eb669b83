"""Bars for what takes longer than two seconds; nothing at all for what does not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from gt_vpc_nb.report.live_places import runs_by_itself

#: Seconds until somebody wonders.
PATIENCE = 2.0
_REFRESH = 0.5
Thing = TypeVar("Thing")


def with_bar(things: Iterable[Thing], doing: str, unit: str, total: int | None = None) -> Iterator[Thing]:
    """The same things, with a bar of how many were done once that takes over two seconds.

    >>> list(with_bar([1, 2], "counting", "number"))
    [1, 2]
    """
    begun, done, bar = time.monotonic(), 0, None
    try:
        for each in things:
            if bar is not None:
                bar.update(done - bar.n)
            elif time.monotonic() - begun > PATIENCE and not runs_by_itself():
                bar = _bar(desc=doing, unit=f" {unit}", total=total, initial=done)
            yield each
            done += 1
    finally:
        if bar is not None:
            bar.close()


@contextmanager
def while_waiting(doing: str) -> Iterator[None]:
    """Says what is going on and for how long, once it takes over two seconds; for what has no steps to count."""
    over = threading.Event()
    thread = threading.Thread(target=_tell, args=(doing, over), name="gt-vpc-nb-waiting", daemon=True)
    quiet = runs_by_itself()
    if not quiet:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if not quiet:
            thread.join()


def _tell(doing: str, over: threading.Event) -> None:
    if over.wait(PATIENCE):
        return
    with _bar(desc=doing, bar_format="{desc}: {elapsed}") as bar:
        while not over.wait(_REFRESH):
            bar.refresh()


def _bar(**how: object) -> object:
    # Imported when it is wanted: in a notebook it takes all of ipywidgets along.
    from tqdm.auto import tqdm

    return tqdm(leave=False, dynamic_ncols=True, **how)
