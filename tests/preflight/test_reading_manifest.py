"""What one pass over a manifest finds, and what a picture's first bytes tell."""

from __future__ import annotations

import io
import json
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gt_vpc_nb import facts
from gt_vpc_nb.preflight.image_sizes import size_of
from gt_vpc_nb.preflight.reading_manifest import KEPT, SAMPLE_LINES, read_manifest
from gt_vpc_nb.preflight.surroundings import Attribute, Count, Manifest

IMAGES = facts.task_type("BoundingBox")
FRAMES = facts.task_type("3DPointCloudObjectDetection")
URI = "s3://signs-in/train.manifest"


def reading(text: bytes, task: facts.TaskType = IMAGES, block: int = 1 << 20) -> Manifest:
    return read_manifest(URI, (text[at : at + block] for at in range(0, len(text), block)), task)[0]


def lines(*entries: dict) -> bytes:
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def picture(number: int, **more: object) -> dict:
    return {"source-ref": f"s3://signs-in/{number}.png", **more}


BROKEN = {
    "MAN-01": b'{"source-ref": "s3://signs-in/1.png"\n',
    "MAN-02": lines(picture(1, **{f"note{each}": "x" * 19_000 for each in range(6)})),
    "MAN-03": lines(picture(1, note="x" * 20_001)),
    "MAN-04": lines({**picture(1), "$id": 1}),
    "MAN-05": lines({"source": "a text"}),
    "MAN-07": lines({"source-ref": "s3://signs-in/1.gif"}),
    "MAN-13": lines(picture(1), picture(1)),
}


@pytest.mark.parametrize("code", BROKEN)
def test_a_line_that_breaks_a_rule_is_found_wherever_it_is(code: str) -> None:
    good = lines(*(picture(number) for number in range(100, 200)))
    assert reading(good).problem_counts == ()
    found = reading(good + BROKEN[code] + lines(picture(99)))
    assert found.problem_counts == (Count(code, 1),)
    assert found.broken(code)[0].line in (101, 102) and found.broken(code)[0].message


def test_a_video_clip_of_another_format_is_found() -> None:
    found = reading(lines({"source-ref": "s3://signs-in/1.avi"}), facts.task_type("VideoMultiClass"))
    assert found.problem_counts == (Count("MAN-08", 1),)


def test_problems_are_counted_and_the_first_of_each_rule_are_kept() -> None:
    found = reading(b"nothing\n" * 50)
    assert found.problem_counts == (Count("MAN-01", 50),)
    assert [each.line for each in found.broken("MAN-01")] == list(range(1, KEPT + 1))


def test_sizes_attributes_buckets_and_twins_are_told() -> None:
    wrote = {"job-name": "labeling-job/first", "type": "groundtruth/object-detection"}
    text = lines(
        picture(1, boxes={}, **{"boxes-metadata": wrote}), picture(2, note="ä" * 50), {"source-ref": "s3://other/1.png"}
    )
    found = reading(text + lines(picture(2)))
    assert (found.objects, found.size, found.duplicates) == (4, len(text) + len(lines(picture(2))), 1)
    assert found.longest_line == max(len(line) for line in text.decode().splitlines())
    assert found.longest_attribute == 50
    assert found.attribute("boxes") == Attribute("boxes", 1, "first", "groundtruth/object-detection")
    assert found.attribute("source-ref").lines == 4
    assert found.buckets == (Count("signs-in", 3), Count("other", 1))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (lines(picture(1)), "UTF-8"),
        (b"\xef\xbb\xbf" + lines(picture(1)), "UTF-8 with a byte order mark"),
        (lines(picture(1)).decode().encode("utf-16"), "UTF-16"),
        (lines(picture(1)) + b'{"source-ref": "s3://signs-in/\xe4.png"}\n', "not UTF-8"),
    ],
)
def test_the_encoding_is_named(text: bytes, encoding: str) -> None:
    found = reading(text)
    assert found.encoding == encoding
    assert (found.broken("MAN-01") == ()) is (encoding == "UTF-8")


def test_frames_of_point_clouds_tell_their_images_and_their_time() -> None:
    def frame(number: int, **metadata: object) -> dict:
        return {"source-ref": f"s3://clouds/{number}.bin", "source-ref-metadata": metadata}

    found = reading(lines(frame(1, images=[{}] * 9, **{"unix-timestamp": 1.5}), frame(2)), FRAMES)
    assert (found.most_images, found.without_timestamp) == (9, 1)


@given(st.lists(st.binary(max_size=60).filter(lambda line: b"\n" not in line)), st.integers(1, 7))
def test_no_bytes_are_too_odd_and_blocks_make_no_difference(raw: list[bytes], block: int) -> None:
    text = b"\n".join(raw)
    whole = reading(text)
    assert reading(text, block=block) == whole or text[:3].startswith((b"\xef", b"\xff", b"\xfe"))
    assert whole.size == len(text) and len(whole.sample) == min(whole.objects, SAMPLE_LINES)


def test_data_objects_are_drawn_from_the_whole_of_a_long_manifest() -> None:
    _, uris = read_manifest(URI, [lines(*(picture(number) for number in range(5000)))], IMAGES)
    numbers = [int(uri.rpartition("/")[2].removesuffix(".png")) for uri in uris]
    assert numbers[0] == 0 and numbers[-1] > 4000 and 16 <= len(numbers) <= 32
    assert len({later - before for before, later in zip(numbers, numbers[1:], strict=False)}) == 1


def test_a_manifest_is_read_in_bounded_memory_and_a_hundred_thousand_lines_in_seconds() -> None:
    def blocks(count: int, size: int) -> Iterator[bytes]:
        for start in range(0, count, 500):
            yield lines(*(picture(start + each, note="x" * size) for each in range(500)))

    started = time.process_time()
    assert reading(b"".join(blocks(10_000, 100))).objects == 10_000
    assert time.process_time() - started < 1.5
    tracemalloc.start()
    found, _ = read_manifest(URI, blocks(5_000, 4_000), IMAGES)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.size > 20_000_000 and peak < 12_000_000


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from(["PNG", "JPEG"]), st.booleans())
def test_a_pictures_size_is_what_pillow_says(width: int, height: int, kind: str, progressive: bool) -> None:
    from PIL import Image

    file = io.BytesIO()
    more = {"progressive": progressive, "comment": b"x" * 40_000} if kind == "JPEG" else {}
    Image.new("RGB", (width, height)).save(file, kind, **more)
    assert size_of(file.getvalue()[: 1 << 16]) == (width, height)


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"]))
def test_bytes_that_are_no_picture_have_no_size_and_break_nothing(tail: bytes, mark: bytes) -> None:
    found = size_of(mark + tail)
    assert found is None or (mark and len(found) == 2)
