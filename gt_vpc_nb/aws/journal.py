"""The journal of policy changes: what a bucket's policy was before each change, on this machine's disk.

One file a bucket and account under `$GT_VPC_NB_HOME` (default `~/.local/state/gt-vpc-nb`), replaced atomically, so
that a process that dies leaves the old journal or the new one.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gt_vpc_nb.errors import ChangeRefused

VERSION = 1


@dataclass(frozen=True)
class Entry:
    """One change: the policy before and after (None: there was none), when, and where."""

    before: str | None
    after: str | None
    at: str
    where: str

    def __post_init__(self) -> None:
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
    return _write(bucket, account, (*entries(bucket, account), entry))


def drop(bucket: str, account: str, entry: Entry) -> None:
    """Takes the last change out again, once it is undone; nothing happens when another one is the last by now."""
    kept = entries(bucket, account)
    if kept and kept[-1] == entry:
        _write(bucket, account, kept[:-1])


def _write(bucket: str, account: str, kept: tuple[Entry, ...]) -> Path:
    path = path_of(bucket, account)
    text = json.dumps({"version": VERSION, "entries": [asdict(each) for each in kept]}, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
    except OSError as problem:
        raise ChangeRefused(
            f"The journal {path} cannot be written ({problem}); set GT_VPC_NB_HOME to a folder that can be written."
        ) from problem
    return path


def _replace(path: Path, text: str) -> None:
    draft = path.with_suffix(f".{os.getpid()}.new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
