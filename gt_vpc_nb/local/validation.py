"""Whether a value fits a shape of AWS's service model, said in AWS's words.

botocore itself checks only required members, types and minimums before it sends; patterns, maximums and enums are
checked by AWS, so here they are too.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import botocore.session

from gt_vpc_nb.local.answers import with_times
from gt_vpc_nb.local.failures import ApiError

if TYPE_CHECKING:
    from botocore.model import ServiceModel, Shape

# Python's `re` has no Unicode categories. Each stands for the ranges where its characters live: a little too wide at
# the edges (a digit passes as \p{L}), which lets AWS's own accepted values through.
_CATEGORIES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{M}": "\u0300-\u036f",
    r"\p{Z}": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
    r"\p{S}": "$+<=>^`|~\u00a2-\u00b8\u2030-\u2bff",
    r"\p{P}": r"!-#%-*,-/:;?@\[-\]_{}" + "\u00a1-\u00bf\u2010-\u205e\u3001-\u303f",
}


@functools.cache
def service_model() -> ServiceModel:
    """SageMaker's model as the installed botocore has it."""
    return botocore.session.get_session().get_service_model("sagemaker")


def violations(shape: Shape, value: object) -> list[str]:
    """Every constraint of the shape that the value does not satisfy, one phrase each as AWS words them.

    The wording and the lower-camel paths follow the ValidationException texts AWS is known to return; types, which
    AWS refuses as SerializationException, are in the same list.
    """
    return list(_walk(shape, value, ""))


def validation_message(phrases: list[str]) -> str:
    """The message of one ValidationException for all phrases."""
    count = "1 validation error" if len(phrases) == 1 else f"{len(phrases)} validation errors"
    return f"{count} detected: {'; '.join(phrases)}"


def _walk(shape: Shape, value: Any, path: str) -> Iterator[str]:
    kind, fits = _KINDS[shape.type_name]
    if not fits(value):
        yield _phrase(value, path, f"Member must be {kind}")
    elif shape.type_name == "structure":
        yield from _structure(shape, value, path)
    elif shape.type_name == "list":
        yield from _bounds(shape, value, path, len(value), "length")
        for number, element in enumerate(value, start=1):
            yield from _walk(shape.member, element, f"{path}.{number}.member")
    elif shape.type_name == "map":
        yield from _bounds(shape, value, path, len(value), "length")
        for key, element in value.items():
            yield from _walk(shape.value, element, f"{path}.{key}.member")
    elif shape.type_name == "string":
        yield from _string(shape, value, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _bounds(shape, value, path, value, "value")


def _structure(shape: Shape, value: dict, path: str) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    for name in shape.required_members:
        if value.get(name) is None:
            yield _phrase(None, prefix + _lower(name), "Member must not be null")
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _walk(member, value[name], prefix + _lower(name))


def _string(shape: Shape, value: str, path: str) -> Iterator[str]:
    yield from _bounds(shape, value, path, len(value), "length")
    pattern = shape.metadata.get("pattern")
    if pattern and not python_pattern(pattern).fullmatch(value):
        yield _phrase(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    if shape.enum and value not in shape.enum:
        yield _phrase(value, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")


def _bounds(shape: Shape, value: object, path: str, measured: float, what: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and measured < low:
        yield _phrase(value, path, f"Member must have {what} greater than or equal to {low}")
    if high is not None and measured > high:
        yield _phrase(value, path, f"Member must have {what} less than or equal to {high}")


@functools.cache
def python_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern of AWS's model (Java's dialect) for Python's `re`."""
    for category, ranges in _CATEGORIES.items():
        pattern = pattern.replace(category, ranges)
    return re.compile(pattern)


def _phrase(value: object, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_KINDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "structure": ("a structure", lambda value: isinstance(value, dict)),
    "map": ("a map", lambda value: isinstance(value, dict)),
    "list": ("a list", lambda value: isinstance(value, list | tuple)),
    "string": ("a string", lambda value: isinstance(value, str)),
    "boolean": ("a boolean", lambda value: isinstance(value, bool)),
    "integer": ("an integer", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "long": ("an integer", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    "float": ("a number", _number),
    "double": ("a number", _number),
    "timestamp": ("a timestamp", lambda value: isinstance(value, datetime) or _number(value)),
}


def params_of(operation: str, body: bytes) -> dict[str, Any]:
    """The parameters of an awsJson request as boto3 had them. Raises ApiError for a body that is no JSON object."""
    try:
        params = json.loads(body or b"{}")
    except ValueError:
        raise ApiError("SerializationException", "The request body is not JSON.") from None
    if not isinstance(params, dict):
        raise ApiError("SerializationException", "The request body is not a JSON object.")
    return with_times(service_model().operation_model(operation).input_shape, params)
