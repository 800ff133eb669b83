"""Input manifests: what is built is valid, and what is wrong is named with its line and its rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import manifest
from gt_vpc_nb.errors import ManifestError, RequestError
from gt_vpc_nb.facts import rules, task_type
from gt_vpc_nb.manifest.building import entry_of, manifest_lines
from gt_vpc_nb.manifest.checking import Examination

GOOD = b'{"source-ref": "s3://signs-in/1.png"}'


def found(lines: list[bytes], task: str = "ImageMultiClass", **more: Any) -> list[tuple[int, str, str]]:
    return [(each.line, each.code, each.severity) for each in Examination(task_type(task), **more).problems(lines)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "MAN-01"),
        (b"", "MAN-01"),
        (b"\xff", "MAN-01"),
        (b"\xef\xbb\xbf{}", "MAN-01"),
        (b'["s3://b/k"]', "MAN-01"),
        (b'{"source-ref": "s3://signs-in/1.png", "x": 1, "x": 2}', "MAN-01"),
        (json.dumps({"source-ref": "s3://signs-in/1.png", **dict.fromkeys("abcdef", "x" * 19_000)}).encode(), "MAN-02"),
        (json.dumps({"source-ref": "s3://signs-in/1.png", "x": "y" * 20_001}).encode(), "MAN-03"),
        (b'{"source-ref": "s3://signs-in/1.png", "$x": 1}', "MAN-04"),
        (b'{"image": "s3://signs-in/1.png"}', "MAN-05"),
        (b'{"source": "a text"}', "MAN-05"),
        (b'{"source-ref": "s3://signs-in/1.png", "source": "a text"}', "MAN-05"),
        (b'{"source-ref": 7}', "MAN-05"),
        (b'{"source-ref": "https://signs-in/1.png"}', "MAN-05"),
        (b'{"source-ref": "s3://signs-in"}', "MAN-05"),
        (b'{"source-ref": "s3://S_I/1.png"}', "MAN-05"),
    ],
)  # fmt: skip
def test_each_rule_is_found_on_its_line(line: bytes, code: str) -> None:
    assert found([GOOD, line]) == [(2, code, "error")]
    assert code in rules()


def test_text_tasks_want_text() -> None:
    assert found([b'{"source": "Buy milk"}'], "TextMultiClass") == []
    assert found([GOOD], "TextMultiClass") == [(1, "MAN-05", "error")]


def test_limits_themselves_are_allowed() -> None:
    assert found([json.dumps({"source-ref": "s3://signs-in/1.png", "x": "y" * 20_000}).encode()]) == []


def test_twins_and_unusual_extensions_are_warnings() -> None:
    assert found([GOOD, GOOD, b'{"source-ref": "s3://signs-in/1.tiff"}']) == [
        (2, "MAN-13", "warning"),
        (3, "MAN-07", "warning"),
    ]


def test_an_empty_manifest_and_one_too_many_are_errors() -> None:
    assert found([]) == [(0, "MAN-05", "error")]
    many = [b'{"source-ref": "s3://signs-in/%d.png"}' % n for n in range(20_001)]
    assert found(many, "SemanticSegmentation") == [(0, "MAN-06", "error")]


def test_buckets_in_two_regions_are_an_error_and_unknown_ones_a_warning() -> None:
    lines = [GOOD, b'{"source-ref": "s3://far-away/1.png"}', b'{"source-ref": "s3://who-knows/1.png"}']
    regions = {"signs-in": "us-east-1", "far-away": "eu-west-1"}
    assert found(lines, bucket_regions=regions) == [(2, "MAN-11", "error"), (3, "MAN-11", "warning")]


def test_a_report_says_its_verdict_first_and_keeps_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "in.manifest"
    path.write_bytes(GOOD + b"\r\n{\n" + GOOD + b"\n")
    report = manifest.validate(path, "ImageMultiClass")
    assert (report.objects, report.passed) == (3, False)
    assert report.summary == "does not fit ImageMultiClass: 3 data objects, 1 error, 1 warning"
    assert repr(report).startswith(f"Manifest {path}")
    assert report.to_frame()["line"].tolist() == [2, 3]
    built = report.write_clean(tmp_path / "clean.manifest", tmp_path / "bad.manifest")
    assert (built.objects, (tmp_path / "clean.manifest").read_bytes()) == (2, GOOD + b"\n" + GOOD + b"\n")
    assert (tmp_path / "bad.manifest").read_bytes() == b"{\n"
    assert manifest.validate(built.uri, "ImageMultiClass").passed


def test_a_report_on_rubbish_stays_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "KEPT", 5)
    (tmp_path / "in").write_bytes(b"rubbish\n" * 20)
    report = manifest.validate(tmp_path / "in", "ImageMultiClass")
    assert (len(report.problems), report.errors) == (5, 20)
    assert "+15 problems" in repr(report)
    with pytest.raises(ManifestError, match="No line of"):
        report.write_clean(tmp_path / "clean")


def test_an_unknown_task_type_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="did you mean 'BoundingBox'"):
        manifest.validate(tmp_path / "x", "boundingbox")
    with pytest.raises(RequestError, match="cannot be read"):
        manifest.validate(tmp_path / "x", "BoundingBox")


FRAME = pd.DataFrame({"source-ref": ["s3://signs-in/1.png", "s3://signs-in/2.png"], "n": [1, 2], "x": ["a", None]})


@pytest.mark.parametrize(
    ("objects", "attributes", "entries"),
    [
        (["s3://signs-in/1.png"], None, [{"source-ref": "s3://signs-in/1.png"}]),
        (["Buy milk"], {"shop": 3}, [{"source": "Buy milk", "shop": 3}]),
        ([{"source": "a", "id": 1}], None, [{"source": "a", "id": 1}]),
        (FRAME, None, [{"source-ref": "s3://signs-in/1.png", "n": 1, "x": "a"},
                       {"source-ref": "s3://signs-in/2.png", "n": 2}]),
        (FRAME, ["n"], [{"source-ref": "s3://signs-in/1.png", "n": 1}, {"source-ref": "s3://signs-in/2.png", "n": 2}]),
    ],
    ids=["URIs", "texts with an attribute", "mappings", "a DataFrame", "a DataFrame's columns"],
)  # fmt: skip
def test_a_manifest_is_built_from_what_people_have(
    objects: Any, attributes: Any, entries: list[dict[str, Any]], tmp_path: Path
) -> None:
    built = manifest.build(objects, tmp_path / "in.manifest", attributes)
    assert [json.loads(line) for line in Path(built.uri).read_bytes().splitlines()] == entries
    assert built.objects == len(entries)


@pytest.mark.parametrize(
    ("objects", "attributes", "sentence"),
    [
        ([], None, "No data object was given"),
        ([7], None, "Object 1 is int"),
        ("Buy milk", None, "is one text"),
        (pd.DataFrame({"image": []}), None, "no column source-ref or source"),
        (FRAME, ["m"], "no column 'm'"),
        (["a"], ["m"], "only a DataFrame has"),
        ([{"source": float("nan")}], None, "cannot be written as JSON"),
        ([{"source": "\ud800"}], None, "cannot be written as JSON"),
    ],
)
def test_what_is_no_data_object_is_refused(objects: Any, attributes: Any, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=sentence):
        manifest.build(objects, tmp_path / "in.manifest", attributes)
    assert not (tmp_path / "in.manifest").exists()


def test_another_manifest_is_never_overwritten(tmp_path: Path) -> None:
    manifest.build(["a"], tmp_path / "in.manifest")
    manifest.build(["a"], tmp_path / "in.manifest")
    with pytest.raises(RequestError, match="already there"):
        manifest.build(["b"], tmp_path / "in.manifest")


@given(st.lists(st.text(min_size=1, max_size=50).filter(lambda text: text.strip() and not text.startswith("s3://")),
                min_size=1, max_size=20, unique=True))  # fmt: skip
def test_texts_come_back_from_what_was_built_without_a_problem(texts: list[str]) -> None:
    built = b"".join(manifest_lines(entry_of(text, {}, n) for n, text in enumerate(texts, 1)))
    lines = built.removesuffix(b"\n").split(b"\n")
    assert [json.loads(line)["source"] for line in lines] == texts
    assert found(lines, "TextMultiClass") == []


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_random_bytes_are_problems_and_never_exceptions(lines: list[bytes]) -> None:
    examination = Examination(task_type("ImageMultiClass"))
    assert all(problem.severity in {"error", "warning"} for problem in examination.problems(lines))
    assert examination.objects == len(lines)


CLOUD = {"source-ref": "s3://signs-in/1.bin", "source-ref-metadata": {"unix-timestamp": 1_566_861_644.8}}


@pytest.mark.parametrize(
    ("metadata", "codes"),
    [
        ({"unix-timestamp": 1}, []),
        ({"unix-timestamp": 1, "images": [{}] * 8}, []),
        ({"unix-timestamp": 1, "images": [{}] * 9}, ["MAN-10"]),
        ({"unix-timestamp": "1"}, ["MAN-10"]),
        ({"images": [{}] * 9}, ["MAN-10", "MAN-10"]),
        (None, ["MAN-10"]),
    ],
)
def test_a_point_cloud_has_its_time_and_a_few_images(metadata: Any, codes: list[str]) -> None:
    line = json.dumps({**CLOUD, "source-ref-metadata": metadata}).encode()
    assert [code for _, code, _ in found([line], "3DPointCloudObjectDetection")] == codes
    assert found([line], "3DPointCloudObjectTracking") == []


def test_a_manifest_of_video_frames_names_ten_sequences() -> None:
    lines = [json.dumps({"source-ref": f"s3://signs-in/{number}.json"}).encode() for number in range(11)]
    assert found(lines[:10], "VideoObjectTracking") == []
    assert found(lines, "VideoObjectTracking") == [(0, "MAN-09", "error")]
