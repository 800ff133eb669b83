"""One line of a manifest -> the JSON object on it, or one sentence about what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from gt_vpc_nb.errors import ManifestError, Problem

LINE_CHARACTERS = 100_000
ATTRIBUTE_CHARACTERS = 20_000


def object_on(raw: bytes, number: int) -> dict[str, Any]:
    """The JSON object on line `number` (from 1). Raises ManifestError with the line's number for anything else.

    >>> object_on(b'{"source": "Buy milk"}', 1)
    {'source': 'Buy milk'}
    """
    try:
        found = _DECODER.decode(_text(raw, number))
    except RecursionError:
        refuse_line(number, "is nested too deeply to be read")
    except ManifestError:
        raise
    except ValueError as error:
        why = f"{error.msg} at column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        refuse_line(number, f"is not a JSON object ({why})")
    if not isinstance(found, dict):
        refuse_line(number, f"is JSON, but {_KINDS.get(type(found), 'a number')} and not an object")
    return found


_KINDS = {list: "a list", str: "a string", bool: "true or false", type(None): "null"}


def _text(raw: bytes, number: int) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse_line(number, f"is not UTF-8 (byte {error.start + 1})")
    if text.startswith("\ufeff"):
        refuse_line(number, "starts with a byte order mark")
    if not text.strip():
        refuse_line(number, "is empty")
    return text


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name '{twin[:60]}' occurs twice")
    return found


# json.loads would make a decoder of its own for each line, a fifth of the time.
_DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_without_twins)


def refuse_line(number: int, what: str) -> NoReturn:
    """Raises the ManifestError of one malformed line."""
    problem = Problem("MAN-01", "error", f"line {number}", f"Line {number} {what}.", "Write one JSON object a line.")
    raise ManifestError(
        f"Line {number} {what}; a manifest has one JSON object in UTF-8 on each line: correct that line.", [problem]
    )


def source_of(entry: Mapping[str, Any]) -> str:
    """The data object of a line: its S3 URI (source-ref) or its text (source); empty where it names neither."""
    found = entry.get("source-ref", entry.get("source", ""))
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
