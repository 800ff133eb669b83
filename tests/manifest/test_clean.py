"""The output of one labeling job as the input of the next."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import LabelingJob, manifest
from gt_vpc_nb.errors import ManifestError
from gt_vpc_nb.manifest.chaining import chained

FAILED = {"failure-reason": "ClientError: unreadable", "job-name": "j"}
LINES = [
    {"source-ref": "s3://signs-in/1.png", "boxes": {"annotations": []}, "boxes-metadata": {"job-name": "j"}, "n": 1},
    {"source-ref": "s3://signs-in/2.png", "boxes-metadata": FAILED},
    {"source-ref": "s3://signs-in/3.png"},
    {"source-ref": "s3://signs-in/4.png", "boxes": {}, "boxes-metadata": {}, "$sequencer": "7", "$x-object-id": "i"},
]


@pytest.fixture
def output(tmp_path):
    path = tmp_path / "output.manifest"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    return path


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_what_has_no_label_and_what_ground_truth_keeps_for_itself_goes(output, tmp_path):
    built = manifest.clean(output, tmp_path / "in.manifest", "boxes", quarantine=tmp_path / "bad.manifest")
    assert (built.uri, built.objects) == (str(tmp_path / "in.manifest"), 2)
    assert rows(tmp_path / "in.manifest") == [
        LINES[0],
        {"source-ref": "s3://signs-in/4.png", "boxes": {}, "boxes-metadata": {}},
    ]
    assert rows(tmp_path / "bad.manifest") == LINES[1:3]
    assert manifest.validate(tmp_path / "in.manifest", "AdjustmentBoundingBox").passed


def test_without_a_label_every_object_is_labeled_once_more(output, tmp_path):
    manifest.clean(output, tmp_path / "in.manifest")
    assert [each["source-ref"][-5] for each in rows(tmp_path / "in.manifest")] == list("1234")
    assert rows(tmp_path / "in.manifest")[1] == {"source-ref": "s3://signs-in/2.png"}


def test_only_what_is_asked_for_is_kept(output, tmp_path):
    manifest.clean(output, tmp_path / "in.manifest", "boxes", keep=())
    assert set(rows(tmp_path / "in.manifest")[0]) == {"source-ref", "boxes", "boxes-metadata"}


def test_nothing_left_and_nothing_readable_are_errors(output, tmp_path):
    with pytest.raises(ManifestError, match="No object of .* has a label 'masks'"):
        manifest.clean(output, tmp_path / "in.manifest", "masks")
    output.write_text("{\n")
    with pytest.raises(ManifestError, match="Line 1"):
        manifest.clean(output, tmp_path / "in.manifest")


NAMES = st.sampled_from(["source", "source-ref", "a", "a-metadata", "b", "b-metadata", "$x", "$x-metadata"])


@given(st.dictionaries(NAMES, st.one_of(st.just(FAILED), st.just({}), st.text(max_size=3))), st.sampled_from("ab"))
def test_whatever_a_line_holds_nothing_is_made_up_and_cleaning_twice_is_cleaning_once(entry, attribute):
    found = chained(entry, attribute, None)
    assert found.items() <= entry.items() and not any(name.startswith("$") for name in found)
    assert (attribute in found) == bool(found)
    assert not found or chained(found, attribute, None) == found


def chains():
    first = LabelingJob.example("BoundingBox")
    return LabelingJob().named("again").task("BoundingBox", title="t", description="d").adjusting(first)


def found_in(job):
    return {(each.code, each.severity) for each in job.problems()}


def test_a_job_that_reads_another_ones_output_is_told_to_clean_it():
    job = chains()
    assert job.manifest == "s3://signs-out/labels/boundingbox-1/manifests/output/output.manifest"
    assert ("MAN-04", "info") in found_in(job)
    assert ("MAN-04", "info") not in found_in(job.input("s3://signs-in/clean.manifest"))


def test_rows_that_would_fail_are_told_with_their_number():
    job = chains().input(LINES)
    assert {("MAN-04", "error"), ("MAN-12", "error")} <= found_in(job)
    said = {each.code: each.message for each in job.problems() if each.severity == "error"}
    assert said["MAN-12"].startswith("Data object 1 and 3 more have no 'boundingbox-1'")
    assert said["MAN-04"].startswith("Data object 4 has a name that begins with $")
    whole = {"source-ref": "s3://signs-in/1.png", "boundingbox-1": {}, "boundingbox-1-metadata": {}}
    assert not {("MAN-04", "error"), ("MAN-12", "error")} & found_in(chains().input([whole]))
