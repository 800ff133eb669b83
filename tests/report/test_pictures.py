"""Pictures of labels: a PNG, people's labels apart from the machine's."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.report.pictures import Tile, picture

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("matplotlib")


def png(colour: int = 128, mode: str = "L") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (8, 8), colour).save(out, "PNG")
    return out.getvalue()


def test_a_picture_is_saved_and_says_how_many_are_whose(tmp_path: Path) -> None:
    tiles = [Tile(png(), f"${at}", at < 5, ((1, 1, 4, 4, "box"),)) for at in range(12)]
    made = picture(tiles, title="digits", to=tmp_path / "digits.png")
    assert repr(made) == f"digits (shown: 5 labeled by people, 7 labeled by the machine) -> {tmp_path / 'digits.png'}"
    saved = (tmp_path / "digits.png").read_bytes()
    assert saved == made._repr_png_()
    with Image.open(io.BytesIO(saved)) as image:
        assert image.width > 500


def test_the_same_tiles_make_the_same_bytes() -> None:
    assert picture([Tile(png(), "3")], title="t").png == picture([Tile(png(), "3")], title="t").png


def test_what_is_no_image_is_named() -> None:
    with pytest.raises(RequestError, match="labeled 'seven' is no PNG or JPEG|neither PNG nor JPEG"):
        picture([Tile(b"no image", "seven")], title="t")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be written"):
        picture([Tile(png(), "3")], title="t", to=tmp_path / "nowhere" / "x.png")
