"""How the values of a labeling job stand in an input, and what is read from what somebody typed there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import eq
from typing import Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.job_arguments import money
from gt_vpc_nb.job_files import manifest_rows


@dataclass(frozen=True)
class Kind:
    """A kind of value: `show` writes it into an input, `parse` reads it back or raises RequestError.

    `long` inputs have several lines. `same` tells whether two values say the same.
    """

    show: Callable[[Any], str]
    parse: Callable[[str], Any]
    long: bool = False
    same: Callable[[Any, Any], bool] = eq

    def shows(self, value: Any) -> bool:
        """Whether an input can show the value whole, so that typing in it loses nothing."""
        if not value:
            return True
        shown = self.show(value)
        if "\r" in shown or (not self.long and "\n" in shown):
            return False
        try:
            return self.same(self.parse(shown), value)
        except RequestError:
            return False


def _number(text: str) -> int | None:
    digits = text.strip().replace(",", "").replace("_", "")
    if not digits:
        return None
    # Not int() alone: it also reads digits of other scripts, which nobody means here.
    if not digits.removeprefix("-").isdecimal() or not digits.isascii():
        raise RequestError(f"{text.strip()!r} is not a whole number; write digits only, such as 3600.")
    return int(digits)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    found = []
    for line in _lines(text):
        key, sign, value = line.partition("=")
        if not sign:
            raise RequestError(f"{line!r} is not key=value; write one tag a line, such as team=maps.")
        found.append((key.strip(), value.strip()))
    return tuple(found)


def _names(text: str) -> dict[str, str]:
    return dict(_pairs(text))


def _json(text: str, kind: type, example: str) -> Any:
    if not text.strip():
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        said = getattr(error, "msg", "nested too deeply")
        raise RequestError(f"It is not JSON{where}: {said}; write for instance {example}.") from error
    if not isinstance(value, kind):
        raise RequestError(f"It is JSON of another kind; write for instance {example}.")
    return value


def _json_list(text: str) -> tuple[Any, ...]:
    value = _json(text, list, '[{"name": "occluded", "type": "string", "enum": ["yes", "no"]}]') or []
    if not all(isinstance(each, dict) for each in value):
        raise RequestError('Each attribute is an object such as {"name": "occluded", "type": "string"}.')
    return tuple(value)


def _shown_json(value: Any) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value, indent=2, ensure_ascii=False)


def _objects(text: str) -> tuple[str, ...]:
    lines = [line for line in text.split("\n") if line.strip()]
    return manifest_rows([_row(line) for line in lines]) if lines else ()


def _row(line: str) -> Any:
    if not line.lstrip().startswith("{"):
        return line.strip()
    return _json(line, dict, '{"source-ref": "s3://signs-in/1.jpg"}')


def _text_of_json(text: str) -> str | None:
    value = _json(text, dict, '{"labels": [{"label": "car"}]}')
    return None if value is None else json.dumps(value)


def _raw(text: str) -> str:
    return json.dumps(_json(text, dict, '{"Tags": [{"Key": "team", "Value": "maps"}]}') or {})


def _same_json(one: str | None, other: str | None) -> bool:
    return one == other or (bool(one) and bool(other) and json.loads(str(one)) == json.loads(str(other)))


def _pretty(value: str | None) -> str:
    document = json.loads(value) if value else None
    return _shown_json(document) if document else ""


def _mapping(text: str) -> dict[str, Any]:
    return _json(text, dict, '{"car": [{"name": "occluded", "type": "string"}]}') or {}


def _shown_pairs(value: Any) -> str:
    return "\n".join(f"{key}={text}" for key, text in (value.items() if isinstance(value, Mapping) else value))


#: Each kind of value that is typed; choices and flags hold their values themselves.
KINDS: Mapping[str, Kind] = {
    "text": Kind(lambda value: value or "", lambda text: text or None),
    "long text": Kind(lambda value: value or "", lambda text: text or None, long=True),
    "number": Kind(lambda value: "" if value is None else str(value), _number),
    "money": Kind(lambda value: "" if value is None else str(value), lambda text: money(text) if text else None),
    "lines": Kind("\n".join, _lines, long=True),
    "pairs": Kind(_shown_pairs, _pairs, long=True),
    "names": Kind(_shown_pairs, _names, long=True),
    "objects": Kind("\n".join, _objects, long=True),
    "attributes": Kind(lambda value: _shown_json(value) if value else "", _json_list, long=True),
    "mapping": Kind(lambda value: _shown_json(value) if value else "", _mapping, long=True),
    "document": Kind(_pretty, _text_of_json, long=True, same=_same_json),
    "raw": Kind(_pretty, _raw, long=True, same=_same_json),
}
