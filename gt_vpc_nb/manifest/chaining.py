"""The output manifest of one labeling job -> the lines of the next one's input."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_DATA = ("source", "source-ref")


def chained(entry: Mapping[str, Any], label_attribute: str | None, keep: Collection[str] | None) -> dict[str, Any]:
    """What of an output manifest's line an input manifest may have; empty for an object without the wanted label.

    Names that begin with $ are Ground Truth's own (streaming jobs write them) and refused in an input manifest. Without
    `keep` every other name stays; with it the data object, the label and those names, each with its metadata.
    An attempt that failed is left out with its label: without `label_attribute` the object is labeled once more.

    >>> chained({"source": "a", "mood": 1, "mood-metadata": {}, "$label-attribute-name-object-id": "7"}, "mood", None)
    {'source': 'a', 'mood': 1, 'mood-metadata': {}}
    """
    failed = {name.removesuffix("-metadata") for name in entry if name.endswith("-metadata") and _failed(entry[name])}
    if label_attribute is not None and (label_attribute in failed or label_attribute not in entry):
        return {}
    wanted = None if keep is None else {*_DATA, *keep, *((label_attribute,) if label_attribute else ())}
    return {name: value for name, value in entry.items() if _stays(name, failed, wanted)}


def _stays(name: str, failed: Collection[str], wanted: Collection[str] | None) -> bool:
    of = name.removesuffix("-metadata")
    if name.startswith("$") or of in failed:
        return False
    return wanted is None or name in wanted or of in wanted


def _failed(metadata: Any) -> bool:
    return isinstance(metadata, Mapping) and bool(metadata.get("failure-reason"))
