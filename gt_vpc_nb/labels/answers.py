"""What single workers answered: files of `annotations/worker-response` -> answers, and how far they agree.

Source of the format: Amazon SageMaker Developer Guide, "Labeling job output data" (sms-data-output) and "Track worker
IDs" (sms-worker-id-private).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from gt_vpc_nb.errors import ManifestError

#: …/annotations/worker-response/iteration-<n>/<object>/<time>.json
PLACE = re.compile(r"annotations/worker-response/iteration-(\d+)/([^/]+)/[^/]+\.json$")


@dataclass(frozen=True)
class Answer:
    """One worker's answer for one data object; `choice` is the class or classes, None where it is something drawn."""

    object: str
    iteration: int
    worker: str
    seconds: float | None
    choice: str | None


def answers_in(place: str, raw: bytes) -> Iterator[Answer]:
    """The answers of one file. Raises ManifestError for a file that holds none."""
    found = PLACE.search(place)
    try:
        listed = json.loads(raw)["answers"]
        for each in listed if found else ():
            seconds = each.get("timeSpentInSeconds")
            kept = float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else None
            yield Answer(found[2], int(found[1]), str(each["workerId"]), kept, choice_of(each.get("answerContent")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError(f"{place} holds no worker's answers ({error}); see sms-data-output.") from None


def choice_of(content: Any) -> str | None:
    """The class that an answer names, or its classes in order; None where workers draw, mark or write."""
    told = [each for each in content.values() if isinstance(each, Mapping)] if isinstance(content, Mapping) else []
    if len(told) != 1:
        return None
    one, several = told[0].get("label"), told[0].get("labels")
    if isinstance(one, str):
        return one
    if isinstance(several, list) and all(isinstance(each, str) for each in several):
        return " + ".join(sorted(several)) or "none"
    return None


def by_object(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """A row for each object: how many answered, what most of them said, and the share of those; least agreed first."""
    rows = []
    for name, group in _grouped(answers, "object").items():
        choices = Counter(each.choice for each in group if each.choice is not None)
        # Equal counts are told in the order of their names, so that the same files give the same table.
        most = min(choices, key=lambda choice: (-choices[choice], choice)) if choices else None
        share = round(choices[most] / choices.total(), 4) if most is not None else None
        said = ", ".join(
            f"{choice} {count}" for choice, count in sorted(choices.items(), key=lambda each: (-each[1], each[0]))
        )
        rows.append({"object": name, "answers": len(group), "most_said": most, "agreement": share, "said": said})
    return sorted(rows, key=lambda row: (row["agreement"] is None, row["agreement"] or 0, row["object"]))


def by_worker(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """A row for each worker: answers, objects, median seconds, and the share of others' answers that say the same.

    Who agrees least with the others comes first.
    """
    listed = list(answers)
    said = {name: Counter(each.choice for each in group if each.choice is not None)
            for name, group in _grouped(listed, "object").items()}  # fmt: skip
    rows = []
    for worker, group in _grouped(listed, "worker").items():
        chosen = [each for each in group if each.choice is not None]
        others = sum(said[each.object].total() - 1 for each in chosen)
        same = sum(said[each.object][each.choice] - 1 for each in chosen)
        times = [each.seconds for each in group if each.seconds is not None]
        rows.append({
            "worker": worker, "answers": len(group), "objects": len({each.object for each in group}),
            "median_seconds": round(median(times), 1) if times else None,
            "agreement": round(same / others, 4) if others else None,
        })  # fmt: skip
    return sorted(rows, key=lambda row: (row["agreement"] is None, row["agreement"] or 0, row["worker"]))


def _grouped(answers: Iterable[Answer], name: str) -> dict[str, list[Answer]]:
    groups: dict[str, list[Answer]] = {}
    for each in answers:
        groups.setdefault(getattr(each, name), []).append(each)
    return groups
