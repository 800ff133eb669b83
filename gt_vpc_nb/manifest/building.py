"""Data objects -> the lines of an input manifest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gt_vpc_nb.errors import ManifestError

FOLDER_MARK = "/"


def manifest_lines(entries: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    r"""One JSON object a line, in UTF-8, each line ended by \n. Raises ManifestError for what JSON cannot say.

    >>> list(manifest_lines([{"source-ref": "s3://signs-in/1.png"}]))
    [b'{"source-ref":"s3://signs-in/1.png"}\n']
    """
    for number, entry in enumerate(entries, 1):
        try:
            text = json.dumps(dict(entry), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            yield text.encode() + b"\n"
        except (TypeError, ValueError, RecursionError) as error:
            raise ManifestError(
                f"Object {number} cannot be written as JSON ({error}); give texts, numbers, lists and mappings."
            ) from error


def entry_of(item: object, attributes: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A URI, a text or a mapping -> one entry: an s3:// URI is a source-ref, any other text a source.

    >>> entry_of("Buy milk", {"shop": 3}, 1)
    {'source': 'Buy milk', 'shop': 3}
    """
    if isinstance(item, Mapping):
        return {**{str(name): value for name, value in item.items()}, **attributes}
    if not isinstance(item, str):
        raise ManifestError(
            f"Object {number} is {type(item).__name__}; give s3:// URIs, texts, or mappings with source-ref or source."
        )
    return {"source-ref" if item.startswith("s3://") else "source": item, **attributes}


def with_data(entry: dict[str, Any], number: int) -> dict[str, Any]:
    """An entry that names its data object. Raises ManifestError for one that does not."""
    if not ("source-ref" in entry or "source" in entry):
        had = ", ".join(entry) or "nothing"
        raise ManifestError(f"Object {number} has {had}, but no data object; give it a source-ref or a source.")
    return entry
