"""A labeling job as the Kubernetes resource LabelingJob of the ACK service controller for SageMaker, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.job_code_found import FoundRequest, Placed, found_request, in_our_words, members_of, words
from gt_vpc_nb.job_code_notes import noted_files, upload_notes
from gt_vpc_nb.job_code_trees import yaml_trees

API_VERSION = "sagemaker.services.k8s.aws/v1alpha1"
REGION = "services.k8s.aws/region"
#: Words that ACK writes in capitals wherever they are not the first.
_CAPITALS = {"Arn": "ARN", "Id": "ID", "Ids": "IDs", "Kms": "KMS", "Uri": "URI"}


def ack_name(member: str) -> str:
    """What ACK calls a member of CreateLabelingJob.

    >>> ack_name("LabelCategoryConfigS3Uri"), ack_name("KmsKeyId")
    ('labelCategoryConfigS3URI', 'kmsKeyID')
    """
    first, *rest = words(member)
    return first.lower() + "".join(_CAPITALS.get(word, word) for word in rest)


def ack_code(request: Mapping[str, Any], files: Mapping[str, bytes], region: str | None) -> str:
    """A manifest for `kubectl apply`; what must be in S3 before stands in its comments, as shell commands."""
    notes = upload_notes(files)
    name = re.sub(r"[^a-z0-9]+", "-", str(request.get("LabelingJobName", "")).lower()).strip("-")
    lines = [f"# {note}".rstrip() for note in notes]
    lines += [f"apiVersion: {API_VERSION}", "kind: LabelingJob", "metadata:", f"  name: {name or 'labeling-job'}"]
    lines += ["  annotations:", f"    {REGION}: {yaml_text(region)}"] if region else []
    return "\n".join([*lines, "spec:", *_lines(_spelled(request, ""), "  "), ""])


def yaml_text(text: str) -> str:
    """A text in double quotes as YAML reads it, with every character that does not show itself escaped."""
    shown = json.dumps(text, ensure_ascii=False)
    return "".join(each if each.isprintable() else _escaped(each) for each in shown)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _spelled(value: Any, member: str) -> Any:
    if isinstance(value, Mapping):
        known = members_of(member)
        return {ack_name(name): _spelled(each, known[name].member) for name, each in value.items()}
    return [_spelled(each, f"{member}[]") for each in value] if isinstance(value, list) else value


def _lines(value: Mapping[str, Any], margin: str) -> list[str]:
    lines: list[str] = []
    for key, each in value.items():
        if isinstance(each, dict) and each:
            lines += [f"{margin}{key}:", *_lines(each, margin + "  ")]
        elif isinstance(each, list) and each:
            lines += [f"{margin}{key}:", *(line for element in each for line in _element(element, margin + "  "))]
        else:
            lines.append(f"{margin}{key}: {_scalar(each)}")
    return lines


def _element(value: Any, margin: str) -> list[str]:
    if not isinstance(value, dict) or not value:
        return [f"{margin}- {_scalar(value)}"]
    first, *rest = _lines(value, margin + "  ")
    return [f"{margin}- {first.strip()}", *rest]


def _scalar(value: Any) -> str:
    return yaml_text(value) if isinstance(value, str) else json.dumps(value)


def requests_in_ack(text: str) -> list[FoundRequest]:
    """Every LabelingJob of the ACK controller in a YAML text.

    Raises:
        RequestError: the text is not YAML; the sentence names the line.
    """
    comments = [line.removeprefix("#").removeprefix(" ") for line in text.split("\n") if line.startswith("#")]
    files = noted_files(comments)
    found = []
    for tree in yaml_trees(text):
        if is_ack(tree):
            each = requested_by_ack(tree)
            found.append(FoundRequest(**{**vars(each), "files": files}))
    return found


def is_ack(tree: Placed) -> bool:
    """Whether a document is a LabelingJob of the ACK controller."""
    if not isinstance(tree.value, dict):
        return False
    version, kind = (tree.value.get(key, Placed("", 1)).value for key in ("apiVersion", "kind"))
    return kind == "LabelingJob" and str(version).partition("/")[0] == API_VERSION.partition("/")[0]


def requested_by_ack(tree: Placed) -> FoundRequest:
    """The request of one LabelingJob document. Raises RequestError where it has no spec."""
    spec, metadata = tree.value.get("spec"), tree.value.get("metadata", Placed({}, tree.line)).plain
    if spec is None or not isinstance(spec.value, dict):
        raise RequestError(f"Line {tree.line}: this LabelingJob has no spec.")
    metadata = metadata if isinstance(metadata, dict) else {}
    annotations = metadata.get("annotations")
    region = annotations.get(REGION) if isinstance(annotations, dict) else None
    given = _without_nulls(in_our_words(spec, ack_name))
    name, region = str(metadata.get("name", "LabelingJob")), region if isinstance(region, str) else None
    return found_request(given, f"LabelingJob/{name}", region, tree.line)


def _without_nulls(tree: Placed) -> Placed:
    """Kubernetes leaves out what is null."""
    if isinstance(tree.value, dict):
        kept = {name: _without_nulls(each) for name, each in tree.value.items() if each.value is not None}
        return Placed(kept, tree.line, tree.unknown)
    if isinstance(tree.value, tuple):
        return Placed(tuple(_without_nulls(each) for each in tree.value), tree.line, tree.unknown)
    return tree
