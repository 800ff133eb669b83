"""One small labeling job of each task type, with what its workers know: the input and the truth of the table tests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from gt_vpc_nb.facts import TaskType, task_type

LABELS = ("car", "bus", "tree")
COUNT = 14
CUBOID = {
    "center-x": -2.5, "center-y": 12.0, "center-z": 0.3, "length": 3.0, "width": 1.8, "height": 1.3,
    "roll": 0, "pitch": 0, "yaw": 1.6,
}  # fmt: skip
FRAMES = ("f0.jpg", "f1.jpg", "f2.jpg")


@dataclass
class Scene:
    """`truth` by the key of each object; `lines` of the input manifest; `files` below s3://in/."""

    truth: dict = field(default_factory=dict)
    lines: list = field(default_factory=list)
    files: dict = field(default_factory=dict)
    category: dict = field(default_factory=dict)


def box(number: int, **more: object) -> dict:
    return {"label": LABELS[number % 3], "left": 4 + number % 5, "top": 5, "width": 20, "height": 15, **more}


def corners(number: int) -> dict:
    left = 2 + number % 4
    return {"label": LABELS[number % 3], "points": [[left, 2], [left + 18, 2], [left + 18, 20], [left, 20]]}


def spans(key: str, number: int) -> tuple:
    start = key.index("red")
    return ({"label": LABELS[number % 3], "start": start, "end": start + 3},)


def scene(code: str, picture: object) -> Scene:
    """The scene of a task type; an adjustment or verification has the one of what it looks at."""
    kind = task_type(code)
    base = kind.base_task or code
    found = Scene()
    for number in range(COUNT):
        key, line = _object(base, number, found, picture)
        found.lines.append(line)
        found.truth[key] = _truth(code, base, key, number)
    found.category = {"labels": [{"label": name} for name in LABELS]}
    if base == "NamedEntityRecognition":
        found.category["labels"][0]["shortDisplayName"] = "c"
    return found


def _object(base: str, number: int, found: Scene, picture: object) -> tuple[str, dict]:
    kind: TaskType = task_type(base)
    if kind.modality == "text":
        text = f"Zoë's {number}. 🚗 is red"
        return text, {"source": text}
    name = f"{number}/{_NAMES.get(base, 'a.png')}"
    key, line = f"s3://in/{name}", {"source-ref": f"s3://in/{name}"}
    if kind.modality in ("video frame", "3D point cloud (sequence)"):
        document = {"seq-no": number, "prefix": f"s3://in/{number}/", "number-of-frames": len(FRAMES)}
        stamps = {"unix-timestamp": 1566861644.75} if "3D" in kind.modality else {}
        document["frames"] = [{"frame-no": at, "frame": file, **stamps} for at, file in enumerate(FRAMES)]
        found.files[name] = json.dumps(document).encode()
        found.files |= {f"{number}/{file}": b"frame" for file in FRAMES}
    elif kind.modality == "3D point cloud (frame)":
        line["source-ref-metadata"] = {"format": "text/xyz", "unix-timestamp": 1566861644.75}
        found.files[name] = b"1 2 3\n4 5 6\n7 8 9\n1 1 1\n2 2 2\n"
    else:
        found.files[name] = picture(100 + number, 40, 30)
    return key, line


_NAMES = {"VideoMultiClass": "clip.mp4", "VideoObjectDetection": "seq.json", "VideoObjectTracking": "seq.json",
          "3DPointCloudObjectTracking": "seq.json", "3DPointCloudObjectDetection": "f.txt",
          "3DPointCloudSemanticSegmentation": "f.txt"}  # fmt: skip


def _truth(code: str, base: str, key: str, number: int) -> object:
    name = LABELS[number % 3]
    if code.startswith("Verification"):
        return name
    named = {"object": f"{name}:1", "label": name}
    return {
        "ImageMultiClassMultiLabel": (name, LABELS[(number + 1) % 3]),
        "TextMultiClassMultiLabel": (name, LABELS[(number + 1) % 3]),
        "BoundingBox": (box(number),),
        "SemanticSegmentation": (corners(number),),
        "NamedEntityRecognition": spans(key, number) if base == "NamedEntityRecognition" else (),
        "VideoObjectDetection": tuple(box(number, frame=at) for at in range(3)),
        "VideoObjectTracking": tuple(box(number, frame=at, object=f"{name}:1") for at in range(3)),
        "3DPointCloudObjectDetection": ({**named, **CUBOID},),
        "3DPointCloudObjectTracking": tuple({**named, **CUBOID, "frame": at} for at in range(3)),
        "3DPointCloudSemanticSegmentation": [name, None, name, name, None],
        "PassThrough": {"verdict": name},
    }.get(base, name)
