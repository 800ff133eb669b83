"""Classes: one of an object, several of an object, and what a person thinks of an earlier label."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.local.consolidation import Answer, Trust, Verdict
from gt_vpc_nb.local.dataset import BadInput, DataObject, View
from gt_vpc_nb.local.forms.form import Form, Labels, Placing, Written, rounded


def one_class(answers: Sequence[Answer], labels: Labels, trust: Trust) -> Verdict:
    """The class with the highest weighted vote; of equals the one that comes first among the labels."""
    if len(answers) == 1:
        return Verdict(answers[0].value, 0.0)
    others = max(len(labels) - 1, 1)
    chosen = {answer.value for answer in answers}
    weights = dict.fromkeys(labels, 0.0)
    for answer in answers:
        right = trust.of(answer.worker)
        for label in weights:
            weights[label] += math.log(right if answer.value == label else (1 - right) / others)
    top = max(weights.values())
    winner = next(label for label in labels if label in chosen and weights[label] == top)
    for answer in answers:
        trust.record(answer.worker, float(answer.value == winner))
    return Verdict(winner, 1 / sum(math.exp(weight - top) for weight in weights.values()))


def several_classes(answers: Sequence[Answer], labels: Labels, trust: Trust) -> Verdict:
    """Every label that at least one worker chose, in the order of the label list."""
    total = sum(trust.of(answer.worker) for answer in answers)
    shares = {
        label: sum(trust.of(answer.worker) for answer in answers if label in answer.value) / total for label in labels
    }
    chosen = tuple(label for label in labels if shares[label] > 0)
    if len(answers) == 1:
        return Verdict(chosen, (0.0,) * len(chosen))
    majority = {label for label in labels if shares[label] >= 0.5}
    for answer in answers:
        agreed = sum((label in answer.value) == (label in majority) for label in labels)
        trust.record(answer.worker, agreed / len(labels))
    return Verdict(chosen, tuple(shares[label] for label in chosen))


def opinions(answers: Sequence[Answer], labels: Labels, trust: Trust) -> Verdict:
    """What people think of an earlier label: the vote on it, and everybody's comments."""
    votes = [Answer(each.worker, _opinion(each.value), each.accepted, each.submitted) for each in answers]
    vote = one_class(votes, labels, trust)
    comments = tuple(each.value["comment"] for each in answers if _comment(each.value))
    return Verdict({"label": vote.value, "comments": comments}, vote.confidence)


def _opinion(value: Any) -> str:
    return value["label"] if isinstance(value, Mapping) else value


def _comment(value: Any) -> str:
    return value.get("comment", "") if isinstance(value, Mapping) else ""


def _write_class(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    metadata = {"class-name": verdict.value, "confidence": rounded(verdict.confidence)}
    return Written(list(labels).index(verdict.value), metadata)


def _write_classes(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    numbers = [list(labels).index(label) for label in verdict.value]
    pairs = zip(numbers, verdict.value, verdict.confidence, strict=True)  # type: ignore[arg-type]
    shares = {str(number): rounded(confidence) for number, _, confidence in pairs}
    names = {str(number): label for number, label in zip(numbers, verdict.value, strict=True)}
    return Written(numbers, {"class-map": names, "confidence-map": shares})


def _write_opinion(verdict: Verdict, labels: Labels, data: DataObject, place: Placing) -> Written:
    name = verdict.value["label"]
    feedback = [{"comment": comment} for comment in verdict.value["comments"]]
    metadata = {"class-name": name, "confidence": rounded(verdict.confidence)}
    # AWS prints the index of a verification as a string, and leaves the feedback out where there is none.
    return Written(str(list(labels).index(name)), metadata | ({"worker-feedback": feedback} if feedback else {}))


def _element(data: DataObject) -> str:
    """The crowd element of AWS's own template, under whose name the answer is kept."""
    return "crowd-image-classifier" if "source-ref" in data.line else "crowd-classifier"


def _raw_opinion(value: Any, data: DataObject) -> dict[str, Any]:
    # Output of the crowd element, developer guide, sms-ui-template-crowd-image-classifier.
    told = {"label": _opinion(value)}
    return {"crowd-image-classifier": told | ({"workerComment": _comment(value)} if _comment(value) else {})}


def _prior_is_there(data: DataObject, attribute: str, view: View) -> Any:
    """What a verification looks at is shown, not read: it has to be there."""
    if attribute not in data.line:
        raise BadInput(f"ClientError: {data.key} has no {attribute} to verify.")
    return data.line[attribute]


def _are_classes(value: Any, labels: Labels) -> bool:
    return isinstance(value, list | tuple | set | frozenset) and all(each in labels for each in value)


def _is_opinion(value: Any, labels: Labels) -> bool:
    return (_opinion(value) in labels) if isinstance(value, str) or "label" in (value or {}) else False


ONE_CLASS = Form(
    one_class,
    _write_class,
    lambda value, data: {_element(data): {"label": value}},
    lambda value, labels: isinstance(value, str) and value in labels,
)
CLIP_CLASS = Form(one_class, _write_class, lambda value, data: {"crowd-classifier": {"label": value}}, ONE_CLASS.valid)
SEVERAL_CLASSES = Form(
    several_classes,
    _write_classes,
    lambda value, data: {f"{_element(data)}-multi-select": {"labels": list(value)}},
    _are_classes,
)
OPINION = Form(opinions, _write_opinion, _raw_opinion, _is_opinion, prior=_prior_is_there)
