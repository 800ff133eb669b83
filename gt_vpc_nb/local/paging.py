"""Long lists in pages with opaque tokens, as the List operations of AWS hand them out."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.local.failures import ApiError
from gt_vpc_nb.local.origin import Caller

#: Account, Region, and a name in lower case: what is unique.
Key = tuple[str, str, str]


def key_of(caller: Caller, name: str) -> Key:
    """Under which a caller's resource of this name is found."""
    return (caller.account, caller.region, name.lower())


def rows_of(
    rows: Mapping[Key, dict[str, Any]], caller: Caller, member: str, contains: str = ""
) -> list[dict[str, Any]]:
    """The caller's own rows whose name has these letters in it."""
    mine = [row for key, row in rows.items() if key[:2] == (caller.account, caller.region)]
    return [row for row in mine if contains.lower() in row[member].lower()]


def page(rows: Sequence[dict[str, Any]], params: Mapping[str, Any], name: str, size: int = 100) -> dict[str, Any]:
    """One page of the rows under `name`, with a NextToken when there are more.

    A token belongs to the query it came from: with other filters it is refused. `size` is the page without MaxResults
    [guess: AWS does not publish the default of every List operation].
    """
    start = _start(params)
    end = start + params.get("MaxResults", size)
    answer: dict[str, Any] = {name: list(rows[start:end])}
    if end < len(rows):
        answer["NextToken"] = _token(end, params)
    return answer


def ordered(
    rows: Sequence[dict[str, Any]], params: Mapping[str, Any], columns: Mapping[str, str], default: str
) -> list[dict[str, Any]]:
    """The rows by SortBy (API word -> member name) and SortOrder; equal rows stay in order of creation."""
    column = columns[params.get("SortBy", default)]
    return sorted(rows, key=lambda row: row[column], reverse=params.get("SortOrder") == "Descending")


def _query(params: Mapping[str, Any]) -> str:
    asked = {key: str(value) for key, value in params.items() if key not in ("NextToken", "MaxResults")}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _token(start: int, params: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, _query(params)]).encode()).decode()


def _start(params: Mapping[str, Any]) -> int:
    token = params.get("NextToken")
    if not token:
        return 0
    try:
        start, query = json.loads(base64.urlsafe_b64decode(token.encode()))
    except ValueError:
        start, query = -1, None
    if query != _query(params) or not isinstance(start, int) or start < 0:
        raise ApiError("ValidationException", "The pagination token is invalid.")
    return start
