"""Reading and writing the pictures of labeling jobs: sizes, and PNG files with a colour for each class."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from gt_vpc_nb.local.dataset import BadInput

#: Background first, then a colour a class; after the last one they are derived. AWS documents no palette [guess].
_COLOURS = (
    "#ffffff",
    "#2acf59",
    "#f28582",
    "#1f77b4",
    "#ff7f0e",
    "#9467bd",
    "#8c564b",
    "#e377c2",
    "#bcbd22",
    "#17becf",
)


def image_size(content: bytes, uri: str) -> dict[str, int]:
    """Width, height (pixels) and depth (channels) of an image; BadInput when it is none."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as picture:
            return {"width": picture.width, "height": picture.height, "depth": len(picture.getbands())}
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise BadInput(f"ClientError: {uri} is not an image that can be read.") from None


def colour(number: int) -> str:
    """The colour of a class by its number, 0 being the background: ``#rrggbb``, different for different numbers."""
    if number < len(_COLOURS):
        return _COLOURS[number]
    # Steps of a prime walk through all 24-bit colours before they repeat.
    return f"#{(number * 4_999_999) % 0xFFFFFF:06x}"


def coloured_png(classes: bytes, width: int, height: int) -> bytes:
    """A PNG that shows each pixel's class number in its `colour`; `classes` has a byte a pixel, row by row."""
    from PIL import Image

    picture = Image.frombytes("P", (width, height), classes)
    palette = [int(colour(number)[place : place + 2], 16) for number in range(256) for place in (1, 3, 5)]
    picture.putpalette(palette)
    file = io.BytesIO()
    picture.convert("RGB").save(file, format="PNG")
    return file.getvalue()


def classes_of_png(content: bytes, colours: Mapping[str, int], uri: str) -> tuple[bytes, int, int]:
    """The class number of each pixel of such a PNG, its width and height; `colours` maps ``#rrggbb`` to a number.

    Raises BadInput for a file that is no image, or has a colour that stands for nothing.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as picture:
            pixels = picture.convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise BadInput(f"ClientError: {uri} is not an image that can be read.") from None
    data = pixels.tobytes()
    known = {bytes.fromhex(name.removeprefix("#")): number for name, number in colours.items()}
    try:
        classes = bytes(known[data[place : place + 3]] for place in range(0, len(data), 3))
    except KeyError as unknown:
        shown = unknown.args[0].hex()
        raise BadInput(f"ClientError: {uri} has the colour #{shown}, which stands for no class.") from None
    return classes, pixels.width, pixels.height


def filled(shapes: Sequence[Mapping[str, Any]], labels: Sequence[str], width: int, height: int) -> bytes:
    """The class number of each pixel when polygons are filled one after the other: 0, or the label's place plus 1."""
    from PIL import Image, ImageDraw

    picture = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(picture)
    for shape in shapes:
        corners = [tuple(point) for point in shape["points"]]
        pen.polygon(corners, fill=list(labels).index(shape["label"]) + 1)
    return picture.tobytes()
