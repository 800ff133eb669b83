"""Reads a saved local AWS, and lets what came from outside happen once more at the same simulated times."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from os import PathLike
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local import behind
from gt_vpc_nb.local.aims import Aim
from gt_vpc_nb.local.faults import Effect
from gt_vpc_nb.local.origin import Origin
from gt_vpc_nb.local.principals import Principal
from gt_vpc_nb.local.recorded_calls import from_json
from gt_vpc_nb.local.saving import CALLS, FORMAT, HEADER, HISTORY, THE_WORLDS_OWN, TRUTH, VERSION, unreplayable

if TYPE_CHECKING:
    from gt_vpc_nb.local.door import LocalAws

#: More bytes than this in a file, unpacked, are refused: a small file can be made to unpack without end.
MOST_BYTES = 8 << 30
_UPLOAD = re.compile(r"uploadId=([^&]+)")
#: What reading and replaying nonsense raises: encrypted or cut off parts, wrong JSON, members that are not there.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)


@dataclass(frozen=True)
class Saved:
    """What a file holds, read and checked."""

    path: str
    header: Mapping[str, Any]
    entries: tuple[Mapping[str, Any], ...]
    calls: Mapping[str, Any]
    truth: Mapping[str, Any]
    values: Mapping[str, Any]
    bodies: Mapping[str, bytes]
    uploads: dict[str, str] = field(default_factory=dict)


def loaded(kind: type[LocalAws], path: str | PathLike[str]) -> LocalAws:
    """A new local AWS that went through the history of a file. Raises LocalAwsError for a file that is none."""
    saved = _read(os.fspath(path))
    try:
        return _lived(kind, saved)
    except LocalAwsError:
        raise
    except _DAMAGED as error:
        raise LocalAwsError(f"'{saved.path}' is damaged ({type(error).__name__}: {error}); save it again.") from error


def _lived(kind: type[LocalAws], saved: Saved) -> LocalAws:
    head = saved.header
    aws = kind(head["seed"], account=head["account"], region=head["region"])
    aws.truth = from_json(saved.truth)
    aws.history.loading = True
    for arn, record in saved.calls["functions"].items():
        aws.history.remember(arn, record)
    for number, entry in enumerate(saved.entries, start=1):
        _replay(aws, saved, number, entry)
    _move(aws, head["clock"]["now"])
    aws.history.loading = False
    aws.clock.pace(head["clock"]["mode"])
    for facts in head["faults"]:
        _make_fault(aws, facts)
    aws.faults.count = head["faults made"]
    if head["world"] is not None:
        from gt_vpc_nb.local.example import World

        told = head["world"].items()
        aws.world = World(**{name: tuple(value) if isinstance(value, list) else value for name, value in told})
    return aws


# -- reading ---------------------------------------------------------------------------------------------------------


def _read(path: str) -> Saved:
    try:
        with zipfile.ZipFile(path) as parts:
            return _checked(path, parts)
    except LocalAwsError:
        raise
    except OSError as error:
        told = error.strerror or error
        raise LocalAwsError(f"'{path}' cannot be read ({told}); give a file that aws.save(path) wrote.") from error
    except _DAMAGED as error:
        told = "is no saved local AWS, or it is damaged; give a file that aws.save(path) wrote"
        raise LocalAwsError(f"'{path}' {told}.") from error


def _checked(path: str, parts: zipfile.ZipFile) -> Saved:
    head = json.loads(parts.read(HEADER))
    if head["format"] != FORMAT or not isinstance(head["version"], int):
        raise ValueError(head["format"])
    if head["version"] > VERSION:
        raise LocalAwsError(
            f"'{path}' was saved by a newer gt-vpc-nb, in version {head['version']} of its format, and this one reads "
            f"version {VERSION}; upgrade gt-vpc-nb."
        )
    if (size := sum(part.file_size for part in parts.infolist())) > MOST_BYTES:
        raise LocalAwsError(f"'{path}' unpacks to {size:,} bytes; up to {MOST_BYTES:,} are read.")
    entries = tuple(json.loads(line) for line in parts.read(HISTORY).splitlines())
    bodies = {"": b"", **_digested(parts, "bodies/")}
    for entry in entries:
        if entry["do"] not in STEPS or entry.get("body", "") not in bodies:
            raise ValueError(entry["do"])
        if told := unreplayable(entry, bodies):
            raise LocalAwsError(f"'{path}' is not loaded: {told}.")
    values = {name: from_json(json.loads(data)) for name, data in _digested(parts, "values/").items()}
    calls, truth = json.loads(parts.read(CALLS)), json.loads(parts.read(TRUTH))
    return Saved(path, head, entries, calls, truth, values, bodies)


def _digested(parts: zipfile.ZipFile, folder: str) -> dict[str, bytes]:
    found = {name.removeprefix(folder): parts.read(name) for name in parts.namelist() if name.startswith(folder)}
    for digest, data in found.items():
        if hashlib.sha256(data).hexdigest() != digest:
            raise ValueError(digest)
    return found


# -- once more -------------------------------------------------------------------------------------------------------


def _replay(aws: LocalAws, saved: Saved, number: int, entry: Mapping[str, Any]) -> None:
    try:
        _move(aws, entry["at"])
        STEPS[entry["do"]](aws, saved, entry)
    except LocalAwsError:
        if "outcome" in entry or entry["do"] != "request":  # what broke down then breaks down now
            raise
    except _DAMAGED as error:
        told = f"entry {number} of its history cannot be done ({type(error).__name__}: {error})"
        raise LocalAwsError(f"'{saved.path}' is damaged: {told}.") from error
    if entry["do"] == "request" and aws.history.entries[-1].get("outcome") != entry.get("outcome"):
        raise LocalAwsError(
            f"'{saved.path}' was saved with moto {saved.header['moto']}, and with moto {behind.version()} its request "
            f"{number} ({entry['method']} {entry['url'][:80]}) comes out differently; load it with the former."
        )


def _move(aws: LocalAws, to: str) -> None:
    """Moves the time on; what was planned and could not be done is told a second time to nobody."""
    for _ in range(len(aws.faults.upheavals.waiting)):
        with suppress(LocalAwsError):
            aws.clock.until(datetime.fromisoformat(to))
            return
    aws.clock.until(datetime.fromisoformat(to))


def _request(aws: LocalAws, saved: Saved, entry: Mapping[str, Any]) -> None:
    headers = HTTPHeaders()
    for name, value in entry["headers"].items():
        headers[name] = value
    # moto draws the ids of uploads in parts anew; the later requests of an upload name the one it has now.
    url = _UPLOAD.sub(lambda found: f"uploadId={quote(saved.uploads[unquote(found[1])])}", entry["url"])
    body = saved.bodies[entry["body"]]
    aws.handle(AWSPreparedRequest(entry["method"], url, headers, body, False), Origin(**entry["origin"]))
    if "upload" in entry:
        saved.uploads[entry["upload"]] = aws.history.entries[-1]["upload"]


def _issue(aws: LocalAws, saved: Saved, entry: Mapping[str, Any]) -> None:
    who = Principal.parse(entry["principal"])
    aws.identities.keep(entry["key"], who)
    aws.history.add("issue", principal=who.arn, key=entry["key"])


def _staff(aws: LocalAws, saved: Saved, entry: Mapping[str, Any]) -> None:
    aws.staff(entry["team"], [_worker(aws, saved, told) for told in entry["workers"]])


def _worker(aws: LocalAws, saved: Saved, told: Mapping[str, Any]) -> Any:
    from gt_vpc_nb.local.workers import Person, Worker, worker_of

    if "person" in told:
        return Person(told["person"])
    if "recipe" in told:
        name = told["recipe"]["truth"]
        return worker_of({**told["recipe"], "truth": aws.truth if name == THE_WORLDS_OWN else saved.values[name]})
    aws.history.given += [saved.calls["workers"][told[name]] for name in ("answer", "seconds")]
    return Worker(told["own"], None, None)  # type: ignore[arg-type]


def _submitted(aws: LocalAws, saved: Saved, entry: Mapping[str, Any]) -> None:
    engine, value = aws.labeling.engine, from_json(entry["value"])
    now, accepted = (datetime.fromisoformat(entry[name]) for name in ("now", "accepted"))
    engine.submitted(engine.jobs[tuple(entry["job"])], now, entry["person"], entry["key"], value, accepted)


def _fault(aws: LocalAws, saved: Saved, entry: Mapping[str, Any]) -> None:
    fault = _make_fault(aws, {**entry, "struck": 0, "met": 0})
    aws.history.add("fault", **fault.facts)


def _make_fault(aws: LocalAws, facts: Mapping[str, Any]) -> Any:
    counts = {name: facts[name] for name in ("number", "times", "share", "struck", "met")}
    return aws.faults.made(effect=Effect(**facts["effect"]), aim=Aim(**facts["aim"]), **counts)


def _call_off(aws: LocalAws, saved: Saved, entry: Mapping[str, Any]) -> None:
    aws.faults.call_off(aws.faults.numbered(entry["number"]))


def _plan(aws: LocalAws, saved: Saved, entry: Mapping[str, Any]) -> None:
    aws.faults.upheavals.plan(entry["what"], entry["facts"], timedelta(seconds=entry["seconds"]))


def _cancel(aws: LocalAws, saved: Saved, entry: Mapping[str, Any]) -> None:
    aws.faults.upheavals.cancel(entry["number"])


def _control(aws: LocalAws, saved: Saved, entry: Mapping[str, Any]) -> None:
    aws.control_policies(entry["service"], entry["resource"], account=entry["account"])


STEPS: dict[str, Callable[[LocalAws, Saved, Mapping[str, Any]], None]] = {
    "request": _request,
    "issue": _issue,
    "staff": _staff,
    "submitted": _submitted,
    "fault": _fault,
    "call off": _call_off,
    "plan": _plan,
    "cancel": _cancel,
    "control": _control,
}
