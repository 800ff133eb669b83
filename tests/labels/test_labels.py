"""Output manifests of the built-in task types, as AWS's pages show them, become rows."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import labels
from gt_vpc_nb.errors import ManifestError, RequestError
from gt_vpc_nb.facts import task_types
from gt_vpc_nb.labels.reading import labeled_objects
from gt_vpc_nb.labels.shapes import READERS

WHEN = {"creation-date": "2018-10-18T22:18:13.527256", "job-name": "labeling-job/signs", "human-annotated": "yes"}


def line(value: Any, kind: str | None, source: str = "s3://b/1.png", **metadata: Any) -> dict[str, Any]:
    about = {**WHEN, **({"type": f"groundtruth/{kind}"} if kind else {}), **metadata}
    return {"source-ref": source, "a": value, "a-metadata": about}


BOXES = {"image_size": [{"width": 500, "height": 400, "depth": 3}],
         "annotations": [{"class_id": 0, "left": 111, "top": 134, "width": 61, "height": 128},
                         {"class_id": 1, "left": 5, "top": 10, "width": 6, "height": 7}]}  # fmt: skip
ENTITIES = {"annotations": {"labels": [{"label": "Date"}],
                            "entities": [{"label": "Date", "startOffset": 3, "endOffset": 7}]}}  # fmt: skip
COLOURS = {"0": {"class-name": "road", "confidence": 0.9, "hex-color": "#fff"}}
CUBOID = {"annotations": [{"class-id": 0, "center-x": -2.6, "object-name": "Car:1"}]}
SEQUENCE = "s3://b/out/0/SeqLabel.json"

#: entry, class_name, confidence, the annotations' (kind, class_name)
SHAPES: dict[str, tuple[dict[str, Any], str | None, float | None, list[tuple[str, str | None]]]] = {
    "image": (line("0", "image-classification", **{"class-name": "dog", "confidence": 0.0}), "dog", 0.0,
              [("class", "dog")]),
    "image, index as number": (line(7, "image-classification", **{"class-name": "dog"}), "dog", None,
                               [("class", "dog")]),
    "text": (line("1", "text-classification", **{"class-name": "good", "confidence": 0.8}), "good", 0.8,
             [("class", "good")]),
    "video clip, type not documented": (line("1", None, **{"class-name": "run", "confidence": 0.8}), "run", 0.8,
                                        [("class", "run")]),
    "multi-label": (line([1, 0], "image-classification-multilabel", **{
        "class-map": {"1": "bicycle", "0": "person"}, "confidence-map": {"1": 0.95, "0": 0.77}}),
        "bicycle, person", 0.77, [("class", "bicycle"), ("class", "person")]),
    "boxes": (line(BOXES, "object-detection", **{
        "class-map": {"0": "dog", "1": "toy"}, "objects": [{"confidence": 0.8}, {"confidence": 0.6}]}),
        None, 0.6, [("box", "dog"), ("box", "toy")]),
    "verification": (line("1", "label-verification", **{
        "class-name": "bad", "confidence": 0.93, "worker-feedback": [{"comment": "too wide"}]}),
        "bad", 0.93, [("class", "bad")]),
    "entities": (line(ENTITIES, "text-span", entities=[{"confidence": 0}]), "Date", 0.0, [("entity", "Date")]),
    "mask": (line("s3://b/0.png", "semantic-segmentation", **{"internal-color-map": COLOURS}), None, 0.9,
             [("file", "road")]),
    "point cloud mask": (line("s3://b/0.zlib", "point_cloud_single_frame_semantic_segmentation", **{
        "color-map": COLOURS}), None, 0.9, [("file", "road")]),
    "video detection": (line(SEQUENCE, "video-object-detection", **{"class-map": {"0": "car"}}), None, None,
                        [("file", "car")]),
    "video tracking": (line(SEQUENCE, "video-object-tracking"), None, None, [("file", None)]),
    "cuboids": (line(CUBOID, "point_cloud_object_detection", class_map={"0": "Car"}, objects=[]), "Car", None,
                [("cuboid", "Car")]),
    "cuboid tracking": (line(SEQUENCE, "point_cloud_object_tracking", **{
        "class-map": {"0": "Car"}, "objects": [{"frame-no": 300, "confidence": []}]}), None, None, [("file", "Car")]),
    "custom": ({"source": "late", "a": {}, "a-metadata": {
        "type": "groundTruth/custom", "job_name": "signs", "creation_date": "2018-10-18T22:18:13.527256",
        "human-annotated": "yes", "worker-response-ref": "s3://b/1.json"}}, None, None, [("custom", None)]),
}  # fmt: skip


def raw(*entries: Any) -> list[bytes]:
    return [json.dumps(entry).encode() for entry in entries]


@pytest.mark.parametrize("name", SHAPES)
def test_each_shape_of_label_is_read(name: str) -> None:
    entry, class_name, confidence, annotations = SHAPES[name]
    (row,) = labeled_objects(raw(entry), "a")
    assert (row.labeled, row.class_name, row.confidence, row.human) == (True, class_name, confidence, True)
    assert [(each["kind"], each.get("class_name")) for each in row.annotations] == annotations
    assert (
        row.job == "signs" and row.created is not None and row.created.isoformat() == "2018-10-18T22:18:13.527256+00:00"
    )


def test_every_documented_type_of_output_has_a_reader() -> None:
    documented = {task.output_type.casefold() for task in task_types() if task.output_type}
    assert documented <= set(READERS)


def test_boxes_and_entities_keep_their_geometry_and_text(tmp_path: Path) -> None:
    boxes = written(tmp_path, SHAPES["boxes"][0]).annotations
    assert boxes[["left", "top", "width", "height"]].values.tolist() == [[111, 134, 61, 128], [5, 10, 6, 7]]
    entity = {**SHAPES["entities"][0], "source": "on 2026 it"}
    del entity["source-ref"]
    assert written(tmp_path, entity).annotations.iloc[0][["text", "start", "end"]].tolist() == ["2026", 3, 7]


def written(folder: Path, *entries: Any, attribute: str = "a") -> labels.Labels:
    path = folder / "output.manifest"
    path.write_bytes(b"\n".join(raw(*entries)) + b"\n")
    return labels.read(path, attribute)


CLASS = SHAPES["image"][0]
MACHINE = {**CLASS, "a-metadata": {**CLASS["a-metadata"], "human-annotated": "no"}}
BARE = {"source-ref": "s3://b/2.png"}
FAILED = {"source-ref": "s3://b/3.png", "a-metadata": {"failure-reason": "ClientError: no such key"}}


def test_people_machine_and_unlabeled_are_counted_apart(tmp_path: Path) -> None:
    found = written(tmp_path, CLASS, MACHINE, BARE, FAILED)
    assert repr(found) == "Labels 'a' — 2 of 4 objects labeled: 1 human, 1 machine"
    assert found.objects["human"].tolist()[:2] == [True, False]
    assert found.objects["human"].isna().tolist() == [False, False, True, True]
    assert found.objects["labeled"].tolist() == [True, True, False, False]
    assert found.objects["failure"].tolist()[3] == "ClientError: no such key"
    assert [len(batch) for batch in found.iter_batches(3)] == [3, 1]


def test_large_manifests_are_read_again_instead_of_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "KEPT", 2)
    found = written(tmp_path, CLASS, MACHINE, BARE)
    assert found._kept is None
    assert found.objects["line"].tolist() == [1, 2, 3]


def test_a_wrong_attribute_name_is_noticed(tmp_path: Path) -> None:
    entry = {"source-ref": "s3://b/1.png", "signs": "0", "signs-metadata": {}}
    assert "No line has 'sings'; did you mean 'signs'?" in repr(written(tmp_path, entry, attribute="sings"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"{not json", "Line 2 is not a JSON object"),
        (b"[1]", "Line 2 is JSON, but a list"),
        (b"17", "but a number"),
        (b"\xff\xfe", "Line 2 is not UTF-8"),
        (b'{"a": 1, "a": 2}', "the name 'a' occurs twice"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b"[" * 100_000, "Line 2 "),
        (b'{"a": 1, "a-metadata": 3}', "Line 2 has 'a-metadata' that is not an object"),
        (b'{"a": {}, "a-metadata": {"type": "groundtruth/object-detection"}}', "has not the shape|not of the shape"),
        (
            b'{"a": "x", "a-metadata": {"type": "groundtruth/image-classification"}}',
            "has not the shape|not of the shape",
        ),
    ],
)
def test_a_malformed_line_is_named_with_its_number(tmp_path: Path, text: bytes, sentence: str) -> None:
    path = tmp_path / "output.manifest"
    path.write_bytes(json.dumps(CLASS).encode() + b"\r\n" + text)
    with pytest.raises(ManifestError, match=sentence) as caught:
        labels.read(path, "a")
    assert caught.value.problems[0].field == "line 2"
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"nowhere\.manifest"):
        labels.read(tmp_path / "nowhere.manifest", "a")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["class-name", "confidence", "class-map", "objects", "entities", "confidence-map",
                        "internal-color-map", "color-map", "worker-feedback", "creation-date", "job-name"])  # fmt: skip


@given(JSON, st.sampled_from([*READERS, "groundtruth/new"]), st.dictionaries(KEYS, JSON, max_size=4))
def test_any_label_is_read_or_refused_in_one_sentence(value: Any, kind: str, metadata: dict[str, Any]) -> None:
    entry = {"source": "t", "a": value, "a-metadata": {"type": kind, **metadata}}
    try:
        (row,) = labeled_objects(raw(entry), "a")
    except ManifestError as error:
        assert "Line 1" in str(error)
    else:
        assert row.labeled


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_random_bytes_are_never_anything_but_a_manifest_error(lines: list[bytes]) -> None:
    try:
        list(labeled_objects(lines, "a"))
    except ManifestError as error:
        assert str(error).startswith("Line ")


def test_a_picture_shows_people_and_machine(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    pytest.importorskip("matplotlib")
    out = io.BytesIO()
    image.new("L", (8, 8)).save(out, "PNG")
    (tmp_path / "1.png").write_bytes(out.getvalue())
    here = {"source-ref": str(tmp_path / "1.png")}
    made = labels.show(written(tmp_path, {**CLASS, **here}, {**MACHINE, **here}), tmp_path / "labels.png")
    assert "1 labeled by people, 1 labeled by the machine" in repr(made)
    assert (tmp_path / "labels.png").exists()


def test_a_picture_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="labels no image"):
        labels.show(written(tmp_path, BARE))
