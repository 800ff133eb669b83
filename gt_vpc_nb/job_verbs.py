"""The keys of a labeling job in YAML, and the verbs of the builder that they stand for."""

from __future__ import annotations

#: YAML key -> the builder's verb, and the key under which a mapping carries the verb's first argument.
VERBS = {
    "vpc": ("in_vpc", "id"),
    "name": ("named", None),
    "region": ("in_region", None),
    "task": ("task", "type"),
    "input": ("input", None),
    "output": ("output", "path"),
    "label_categories": ("label_categories", "names"),
    "template": ("template", None),
    "workers": ("workers", "team"),
    "role": ("as_role", None),
    "automated_labeling": ("with_automated_labeling", ""),
    "stop_after": ("stop_after", ""),
    "tags": ("with_tags", None),
    "stream_from": ("stream_from", "topic"),
    "label_attribute": ("label_attribute", None),
    "custom_workflow": ("custom_workflow", ""),
    "adjusting": ("adjusting", None),
    "verifying": ("verifying", None),
    "declares": ("declares", None),
    "public_crowd": ("public_crowd", "price"),
    "raw": ("with_raw", ""),
}
