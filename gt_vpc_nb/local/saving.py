"""Writes a local AWS into one file: a zip of JSON and of the bodies it names, and nothing that could be run.

========================  ==============================================================================
``local-aws.json``        format, version, seed, account, Region, clock, world, faults; read first
``history.jsonl``         what came from outside, an entry a line, in order
``calls.json``            what functions of your own answered
``truth.json``            `aws.truth`
``values/<digest>``       truths of workers, each once
``bodies/<digest>``       bodies of requests, each once
========================  ==============================================================================
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from gt_vpc_nb.errors import LocalAwsError
from gt_vpc_nb.local import behind
from gt_vpc_nb.local.recorded_calls import as_json

if TYPE_CHECKING:
    from gt_vpc_nb.local.door import LocalAws

FORMAT, VERSION = "gt_vpc_nb local AWS", 1
HEADER, HISTORY, CALLS, TRUTH = "local-aws.json", "history.jsonl", "calls.json", "truth.json"
#: Services whose requests can be done once more without running anybody's code and without a network.
REPLAYED = frozenset({"s3", "sts", "iam", "sagemaker", "ec2", "kms", "sns", "sqs", "cognito-idp"})
#: Stands for `aws.truth` where a worker's truth is that very mapping.
THE_WORLDS_OWN = "truth.json"


def saved(aws: LocalAws, path: str | PathLike[str]) -> None:
    """Writes the file in one move: a file of that name is the old one or the new one, never half of it.

    Raises LocalAwsError for what cannot be saved, and for a path that cannot be written.
    """
    _refuse_unsaid(aws)
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            _write(aws, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _unwritable(path: str | PathLike[str], error: OSError) -> LocalAwsError:
    return LocalAwsError(
        f"'{os.fspath(path)}' cannot be written ({error.strerror}); give a file in a folder that exists."
    )


def _refuse_unsaid(aws: LocalAws) -> None:
    own = [planned for planned in aws.faults.upheavals.waiting if planned.facts is None]
    if own:
        raise LocalAwsError(
            f"{len(own)} functions of yours wait for their time (faults.later), and a file cannot hold them; "
            "advance the clock past them, or call them off with faults.clear()."
        )
    for entry in aws.history.entries:
        if told := unreplayable(entry, aws.history.bodies):
            raise LocalAwsError(f"This local AWS cannot be saved: {told}.")
    for calls in (*aws.history.calls, *aws.history.functions.values()):
        if calls.unsaid:
            raise LocalAwsError(
                f"This local AWS cannot be saved: {calls.name} answered with a value where {calls.unsaid}."
            )


def unreplayable(entry: Mapping[str, Any], bodies: Any) -> str:
    """Why an entry must not be done once more, or nothing: it could run somebody's code, or reach for a network."""
    if entry["do"] != "request":
        return ""
    if entry["service"] not in REPLAYED:
        return f"it was asked to change something in {entry['service']}, which a file does not hold"
    if entry["service"] == "sns":
        form = parse_qs(bodies[entry["body"]].decode("utf-8", "replace"))
        if form.get("Action") == ["Subscribe"] and form.get("Protocol") not in (["sqs"], None):
            return f"it has an SNS subscription by {form['Protocol'][0]}, which a file does not hold"
    return ""


def _write(aws: LocalAws, file: Any) -> None:
    history, values = aws.history, {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
        entries = "".join(
            json.dumps(_plain(entry, aws, values), ensure_ascii=False) + "\n" for entry in history.entries
        )
        _put(parts, HEADER, _json(_header(aws)))
        _put(parts, HISTORY, entries.encode())
        functions = {arn: calls.record for arn, calls in history.functions.items()}
        _put(parts, CALLS, _json({"workers": [calls.record for calls in history.calls], "functions": functions}))
        _put(parts, TRUTH, _json(as_json(aws.truth)))
        for digest, data in values.items():
            _put(parts, f"values/{digest}", data)
        for digest in _used(history.entries):
            _put(parts, f"bodies/{digest}", history.bodies[digest])


def _header(aws: LocalAws) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "moto": behind.version(),
        "seed": aws.seed,
        "account": aws.account,
        "region": aws.region,
        "clock": {"mode": aws.clock.mode, "now": aws.clock.now().isoformat()},
        "world": None if aws.world is None else asdict(aws.world),
        "faults": [fault.facts for fault in aws.faults.active if fault.aim.on == "callers"],
        "faults made": aws.faults.count,
    }


def _plain(entry: Mapping[str, Any], aws: LocalAws, values: dict[str, bytes]) -> Mapping[str, Any]:
    """An entry with the truths of its workers by their names."""
    if entry["do"] == "submitted":
        times = {name: entry[name].isoformat() for name in ("now", "accepted")}
        return {**entry, **times, "value": as_json(entry["value"])}
    if entry["do"] != "staff":
        return entry
    return {**entry, "workers": [_worker(told, aws, values) for told in entry["workers"]]}


def _worker(told: Mapping[str, Any], aws: LocalAws, values: dict[str, bytes]) -> Mapping[str, Any]:
    if "recipe" not in told:
        return told
    truth = told["recipe"]["truth"]
    name = THE_WORLDS_OWN
    if truth is not aws.truth:
        data = _json(as_json(truth))
        name = hashlib.sha256(data).hexdigest()
        values[name] = data
    return {"recipe": {**told["recipe"], "truth": name}}


def _used(entries: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    return dict.fromkeys(entry["body"] for entry in entries if entry.get("body"))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _put(parts: zipfile.ZipFile, name: str, data: bytes) -> None:
    # Without the time of day in it, so that one state is one file.
    place = zipfile.ZipInfo(name)
    place.compress_type = zipfile.ZIP_DEFLATED
    parts.writestr(place, data)
