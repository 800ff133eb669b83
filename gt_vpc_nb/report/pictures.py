"""Pictures of labeled images: a grid for people, a grid for the machine, in one PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from gt_vpc_nb.errors import MissingExtra, RequestError
from gt_vpc_nb.shown_text import clipped, printable, told

#: A kind of tile: whose label it is, the heading above its rows, the colour of its frames.
_KINDS = (
    (True, "labeled by people", "#1565c0"),
    (False, "labeled by the machine", "#2e7d32"),
    (None, "labeled, nobody says by whom", "#616161"),
)
_INCH = 1.1


@dataclass(frozen=True)
class Tile:
    """One image (PNG or JPEG bytes), its label, whose label it is, and boxes as (left, top, width, height, label)."""

    image: bytes
    caption: str
    human: bool | None = None
    boxes: tuple[tuple[float, float, float, float, str], ...] = ()


@dataclass(frozen=True, repr=False)
class Picture:
    """A drawn PNG; a notebook shows it, `path` is where it was saved (None when nowhere)."""

    png: bytes
    text: str
    path: Path | None = None

    def __repr__(self) -> str:
        return told(f"{self.text}{f' -> {self.path}' if self.path else ''}")

    def _repr_png_(self) -> bytes:
        return self.png

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        # What the picture says, for those who do not see it: notebooks put it into the image's alt text.
        return {"image/png": self.png, "text/plain": repr(self)}, {"image/png": {"alt": clipped(printable(self.text))}}


def picture(tiles: Sequence[Tile], *, title: str, to: str | PathLike[str] | None = None, columns: int = 8) -> Picture:
    """The tiles in a grid, people's labels above the machine's, as a PNG that `to` names.

    Raises MissingExtra without matplotlib, RequestError for an image that cannot be read or a file that cannot be
    written.
    """
    groups = [(name, colour, [tile for tile in tiles if tile.human is kind]) for kind, name, colour in _KINDS]
    groups = [group for group in groups if group[2]]
    png = _drawn([group for group in groups if group[2]], title, columns)
    counts = ", ".join(f"{len(members)} {name}" for name, _, members in groups)
    return saved(png, f"{title} (shown: {counts})", to)


def checked_numbers(**numbers: int) -> None:
    """Refuses numbers of things that are none, before anything is read."""
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise RequestError(f"{name}={number!r} shows nothing; give 1 or more.")


def saved(png: bytes, text: str, to: str | PathLike[str] | None) -> Picture:
    """A picture, written to the file `to` where one is named. Raises RequestError when it cannot be written."""
    path = None if to is None else Path(to)
    if path is not None:
        _save(path, png)
    return Picture(png, text, path)


def _save(path: Path, png: bytes) -> None:
    try:
        path.write_bytes(png)
    except OSError as error:
        raise RequestError(
            f"'{path}' cannot be written ({error.strerror}); give a file in a folder that exists."
        ) from None


def _drawn(groups: list[tuple[str, str, list[Tile]]], title: str, columns: int) -> bytes:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("plots", "matplotlib", "A picture of labels") from error
    rows = [-(-len(members) // columns) for _, _, members in groups]
    figure = Figure(
        figsize=(columns * _INCH, (sum(rows) * 1.3 + len(groups) * 0.35 + 0.4) * _INCH), layout="constrained"
    )
    # Names come from users: a dollar sign in one is no formula.
    figure.suptitle(title, fontsize=10, parse_math=False)
    parts = figure.subfigures(len(groups), 1, squeeze=False, height_ratios=[each + 0.3 for each in rows])[:, 0]
    for part, height, (name, colour, members) in zip(parts, rows, groups, strict=True):
        part.suptitle(f"{len(members)} {name}", fontsize=9, color=colour, x=0.01, ha="left")
        axes = part.subplots(height, columns, squeeze=False).ravel()
        for at, ax in enumerate(axes):
            _draw_tile(ax, members[at], colour) if at < len(members) else ax.set_axis_off()
    out = io.BytesIO()
    FigureCanvasAgg(figure).print_png(out, metadata={"Software": None})
    return out.getvalue()


def _draw_tile(ax: Any, tile: Tile, colour: str) -> None:
    from matplotlib.patches import Rectangle

    ax.imshow(_pixels(tile), cmap="gray", interpolation="nearest")
    ax.set_title(tile.caption[:24], fontsize=8, color=colour, pad=2, parse_math=False)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_color(colour)
    for left, top, width, height, name in tile.boxes:
        ax.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=colour, linewidth=1))
        ax.text(left, top, name[:24], fontsize=6, color="white", backgroundcolor=colour, va="bottom", parse_math=False)


def _pixels(tile: Tile) -> Any:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(tile.image)) as image:
            return image.convert("L" if image.mode in {"1", "L", "I", "I;16"} else "RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise RequestError(
            f"The image labeled '{tile.caption}' is neither PNG nor JPEG; it cannot be shown."
        ) from error
