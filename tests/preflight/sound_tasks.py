"""Sound surroundings for each task type, for a streaming job and for jobs that look at earlier labels."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from gt_vpc_nb import facts
from gt_vpc_nb.preflight import Preflight, run
from gt_vpc_nb.preflight.surroundings import (
    Attribute,
    Bucket,
    DataObject,
    EarlierJob,
    Manifest,
    Surroundings,
    TextFile,
    Topic,
)
from gt_vpc_nb.templates import templated, worker_template
from tests.preflight.sound import ACCOUNT, CORS, GOOD, LINE, MANIFEST, PICTURE, REGION, request_for

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:groundtruth-in"
NAMES = [{"label": "stop"}, {"label": "yield"}]
TOLD = {"shortInstruction": "Mark it", "fullInstruction": "Mark every one of them"}
BEFORE = "boxes"


def sequence(ending: str, frames: int = 2) -> dict[str, Any]:
    listed = [{"frame-no": n, "unix-timestamp": 1_566_861_644.5 + n, "frame": f"{n}{ending}"} for n in range(frames)]
    return {"seq-no": 1, "prefix": "s3://signs-in/a/", "number-of-frames": frames, "frames": listed}


def categories_for(kind: facts.TaskType) -> dict[str, Any]:
    if kind.ui == "template":
        return {"document-version": "2018-11-28", "labels": NAMES}
    if kind.modality == "text":
        return {"document-version": "2018-11-28", "labels": NAMES, "instructions": TOLD}
    plain = {"documentVersion": "2020-03-01", "labels": NAMES, "instructions": TOLD}
    return plain | ({"auditLabelAttributeName": BEFORE} if kind.base_task else {})


def manifest_for(kind: facts.TaskType) -> Manifest:
    lines = {
        "text": '{"source": "Buy milk"}',
        "video clip": '{"source-ref": "s3://signs-in/1.mp4"}',
        "video frame": '{"source-ref": "s3://signs-in/1.json"}',
        "3D point cloud (sequence)": '{"source-ref": "s3://signs-in/1.json"}',
        "3D point cloud (frame)": '{"source-ref": "s3://signs-in/1.bin", "source-ref-metadata": {"unix-timestamp": 1}}',
    }
    line = lines.get(kind.modality, LINE)
    objects = 5 if kind.modality == "video frame" else 5000
    attributes = [Attribute(name, objects) for name in json.loads(line)]
    if kind.base_task:
        made = facts.task_type(kind.base_task).output_type or ""
        attributes.append(Attribute(BEFORE, objects, "before", made))
    return Manifest(
        MANIFEST.uri, objects, (line,), longest_line=len(line), longest_attribute=19, attributes=tuple(attributes)
    )


def surroundings_for(code: str) -> Surroundings:
    """What a survey of a sound job of that task type finds."""
    kind = facts.task_type(code)
    shown = TextFile("s3://signs-in/ui.liquid.html", template_for(kind)) if kind.ui == "template" else None
    ending = ".jpg" if kind.modality == "video frame" else ".bin"
    sequences = kind.modality in ("video frame", "3D point cloud (sequence)")
    objects = (PICTURE,) if kind.modality in ("image", "any") else ()
    made = facts.task_type(kind.base_task).pre_lambda(REGION) if kind.base_task else ""
    earlier = EarlierJob("before", "Completed", BEFORE, made, annotation_type="BoundingBox")
    return replace(
        GOOD,
        manifest=manifest_for(kind),
        category_file=TextFile("s3://signs-in/labels.json", json.dumps(categories_for(kind))),
        template=shown,
        sequence_files=(TextFile("s3://signs-in/1.json", json.dumps(sequence(ending))),) if sequences else (),
        data_objects=objects or (() if kind.modality == "text" else (DataObject(_first(kind), True),)),
        earlier_jobs=(earlier,) if kind.base_task else (),
        workforce=replace(GOOD.workforce, vpc=None) if not kind.loads_in_vpc_portal else GOOD.workforce,
    )


def _first(kind: facts.TaskType) -> str:
    return json.loads(manifest_for(kind).sample[0])["source-ref"]


def template_for(kind: facts.TaskType) -> str:
    assert kind.code in templated()
    return worker_template(kind.code, instructions="Look.", audited=BEFORE)


def streaming_request(code: str = "ImageMultiClass", **members: Any) -> dict:
    """A job that is fed by a topic, besides its manifest."""
    request = request_for(code, **members)
    request.pop("LabelingJobAlgorithmsConfig", None)
    source = {**request["InputConfig"]["DataSource"], "SnsDataSource": {"SnsTopicArn": TOPIC}}
    return {**request, "InputConfig": {"DataSource": source}}


STREAMING = replace(GOOD, topics=(Topic(TOPIC, True),), queue=None)
OPEN_OUT = Bucket("signs-out", REGION, None, CORS, notifications=())
#: The groups of rules whose checks are tried here.
GROUPS = ("AUTO", "STR", "MAN", "LAB", "TPL", "REQ", "RUN")


def tell(surroundings: Surroundings, request: dict) -> dict[str, Any]:
    """The rows of these groups that do not pass, by their ids."""
    result: Preflight = run(request, surroundings)
    return {
        row.id: row
        for row in result.rows
        if row.id.startswith(GROUPS) and row.status not in ("passed", "not applicable")
    }
