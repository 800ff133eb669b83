"""What somebody types becomes the value that is shown again, or a sentence."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gt_vpc_nb import LabelingJob
from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.forms.labeling_job_categories import OF_LABELS, WHOLE, names_of, part_of, with_names, with_part
from gt_vpc_nb.forms.labeling_job_values import KINDS

TEXT = st.text(max_size=20)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner, max_size=3))
DOCUMENTS = st.dictionaries(TEXT, JSON, max_size=3)
VALUES = {
    "text": st.none() | TEXT,
    "long text": st.none() | TEXT,
    "number": st.none() | st.integers(),
    "money": st.none() | st.integers(0, 3000).map(lambda tenths: Decimal(tenths) / 1000),
    "lines": st.lists(TEXT, max_size=4).map(tuple),
    "pairs": st.lists(st.tuples(TEXT, TEXT), max_size=4).map(tuple),
    "names": st.dictionaries(TEXT, TEXT, max_size=4),
    "objects": st.lists(DOCUMENTS.map(lambda row: json.dumps(row, separators=(",", ":"))), max_size=3).map(tuple),
    "attributes": st.lists(DOCUMENTS, max_size=3).map(tuple),
    "mapping": DOCUMENTS,
    "document": st.none() | DOCUMENTS.map(json.dumps),
    "raw": DOCUMENTS.map(json.dumps),
}


def test_every_kind_is_tried() -> None:
    assert VALUES.keys() == KINDS.keys()


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_shown_whole_comes_back(name: str) -> None:
    kind = KINDS[name]

    @given(VALUES[name])
    def comes_back(value: object) -> None:
        if kind.shows(value):
            assert kind.same(kind.parse(kind.show(value)), value) or not value

    comes_back()


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize(
    "typed", ["", " ", "abc", "-", "{", '{"a": 1}', "[1]", "a=b", "٣", "1e3", "\x00", "[" * 20_000]
)
def test_whatever_is_typed_is_a_value_or_a_sentence(name: str, typed: str) -> None:
    try:
        KINDS[name].parse(typed)
    except RequestError as error:
        assert str(error).endswith((".", "'0.036'."))


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("number", " 1,250 ", 1250),
        ("lines", "a\n\n b \n", ("a", "b")),
        ("pairs", "team=maps\nurl=a=b", (("team", "maps"), ("url", "a=b"))),
        ("objects", 's3://b/1.jpg\nsome text\n{"source": "x"}',
         ('{"source-ref":"s3://b/1.jpg"}', '{"source":"some text"}', '{"source":"x"}')),
        ("money", "0.036", Decimal("0.036")),
    ],
)  # fmt: skip
def test_people_may_write_as_they_do(kind: str, typed: str, value: object) -> None:
    assert KINDS[kind].parse(typed) == value


@pytest.mark.parametrize("kind", ["lines", "pairs", "text"])
def test_a_text_of_two_lines_is_not_shown_as_two(kind: str) -> None:
    value = {"lines": ("a\nb",), "pairs": (("a", "b\nc"),), "text": "a\nb"}[kind]
    assert not KINDS[kind].shows(value)


PARTS = {
    "attributes": ({"name": "occluded", "type": "string"},),
    "frame_attributes": ({"name": "night", "type": "string"},),
    "annotation_type": "Polygon",
    "instructions": "Look.",
    "full_instructions": "Look closely.",
    "label_attributes": {"car": [{"name": "moving", "type": "string"}]},
    "short_names": {"bus": "b"},
    "locked": ("car",),
}
NAMED = LabelingJob().label_categories(["car", "bus"])


def test_every_part_of_a_document_is_tried() -> None:
    assert PARTS.keys() == {*WHOLE, *OF_LABELS}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_the_document_is_said_and_taken_back(name: str) -> None:
    job = with_part(NAMED, name, PARTS[name])
    assert part_of(job, name) == PARTS[name]
    assert names_of(job) == ("car", "bus")
    assert with_part(job, name, type(PARTS[name])()) == NAMED


def test_all_parts_stand_beside_each_other_as_the_builder_says_them() -> None:
    job = NAMED
    for name, value in PARTS.items():
        job = with_part(job, name, value)
    said = {**PARTS, "attributes": list(PARTS["attributes"]), "frame_attributes": list(PARTS["frame_attributes"])}
    built = LabelingJob().label_categories(["car", "bus"], **said)
    assert json.loads(job.category_document) == json.loads(built.category_document)


def test_a_new_name_keeps_what_is_said_of_the_others() -> None:
    job = with_names(with_part(NAMED, "locked", ("bus",)), ("bus", "tree"))
    assert (names_of(job), part_of(job, "locked")) == (("bus", "tree"), ("bus",))


def test_what_the_document_has_beside_our_parts_stays() -> None:
    job = LabelingJob().label_categories({"labels": [{"label": "car", "x": 1}], "other": {}, "note": [2]})
    changed = json.loads(with_part(job, "annotation_type", "Polygon").category_document)
    assert changed == {"labels": [{"label": "car", "x": 1}], "other": {}, "note": [2], "annotationType": "Polygon"}
