"""The journal of policy changes: what a bucket's policy was before each change, on this machine's disk.

One file a bucket and account under `$GT_VPC_NB_HOME` (default `~/.local/state/gt-vpc-nb`), for its owner's eyes only.
It is replaced atomically and forced to disk with its folder, so that a process that dies, or a machine that loses its
power, leaves the old journal or the new one. Processes that write at the same time take turns.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gt_vpc_nb.errors import ChangeRefused
from gt_vpc_nb.policy.perimeter import Perimeter

try:
    import fcntl
except ImportError:  # Windows opens no folders, neither to lock nor to force them; two writers must not meet there.
    fcntl = None  # type: ignore[assignment]

VERSION = 1
#: For its owner alone: policies name accounts, roles and networks.
_FILE_MODE, _FOLDER_MODE = 0o600, 0o700


@dataclass(frozen=True)
class Entry:
    """One change: the policy before and after (None: there was none), when, and where.

    `perimeter` and `regions` are what the change was planned with, so that its undoing is guarded alike.
    """

    before: str | None
    after: str | None
    at: str
    where: str
    perimeter: Perimeter | None = None
    regions: tuple[str | None, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.perimeter, dict):
            object.__setattr__(self, "perimeter", Perimeter(**self.perimeter))
        object.__setattr__(self, "regions", tuple(self.regions))
        for policy in (self.before, self.after):
            if policy is not None:
                json.loads(policy)


def home() -> Path:
    """The folder of the journal."""
    given = os.environ.get("GT_VPC_NB_HOME")
    return Path(given) if given else Path.home() / ".local" / "state" / "gt-vpc-nb"


def path_of(bucket: str, account: str) -> Path:
    """The journal file of a bucket."""
    return home() / "policies" / account / f"{bucket}.json"


def entries(bucket: str, account: str) -> tuple[Entry, ...]:
    """The changes made to a bucket's policy, oldest first; raises ChangeRefused for a journal it cannot read."""
    path = path_of(bucket, account)
    try:
        read: Any = json.loads(path.read_text(encoding="utf-8"))
        if read["version"] != VERSION:
            raise ChangeRefused(f"The journal {path} is of version {read['version']}; this package reads {VERSION}.")
        return tuple(Entry(**each) for each in read["entries"])
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, ValueError, KeyError, TypeError) as problem:
        told = f"{type(problem).__name__}: {problem}"
        raise ChangeRefused(
            f"The journal {path} cannot be read ({told}); move it away to start a new one."
        ) from problem


def append(bucket: str, account: str, entry: Entry) -> Path:
    """Writes one more change to the journal before it is made."""
    with _turn(path_of(bucket, account)) as path:
        return _replace(path, (*entries(bucket, account), entry))


def drop(bucket: str, account: str, entry: Entry) -> None:
    """Takes a change out again, once it is undone or was never made; nothing happens when it is not there."""
    if entry not in entries(bucket, account):
        return
    with _turn(path_of(bucket, account)) as path:
        kept = list(entries(bucket, account))
        if entry in kept:
            # Of two changes that look alike, the newer one.
            del kept[len(kept) - 1 - kept[::-1].index(entry)]
            _replace(path, tuple(kept))


@contextmanager
def _turn(path: Path) -> Iterator[Path]:
    """Makes the journal's folder and holds it: the lock ends with the process, however that ends."""
    folder = None
    try:
        _make_folder(path.parent)
        if fcntl is not None:
            folder = os.open(path.parent, os.O_RDONLY)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield path
    except OSError as problem:
        raise ChangeRefused(
            f"The journal {path} cannot be written ({problem}); set GT_VPC_NB_HOME to a folder that can be written."
        ) from problem
    finally:
        if folder is not None:
            os.close(folder)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
    _force(folder.parent)


def _replace(path: Path, kept: tuple[Entry, ...]) -> Path:
    text = json.dumps({"version": VERSION, "entries": [asdict(each) for each in kept]}, indent=1)
    # One name for all: whoever holds the folder writes over the draft of a process that died.
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
    _force(path.parent)
    return path


def _force(folder: Path) -> None:
    """Forces a folder's names to disk: a file's own fsync does not."""
    if fcntl is None:
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
