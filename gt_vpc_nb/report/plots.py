"""Plots of labels and of progress: PNG bytes that are the same for the same data, with their words beside them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from datetime import datetime
from os import PathLike
from typing import Any

from gt_vpc_nb.errors import MissingExtra, RequestError
from gt_vpc_nb.report.pictures import Picture, saved
from gt_vpc_nb.shown_text import printable

#: More bars than these are one, of the rest.
_BARS = 20
_BLUE, _GREY = "#1565c0", "#616161"
Drawing = Callable[[Any], None]


def bars(
    counts: Sequence[tuple[str, float]], *, title: str, unit: str, to: str | PathLike[str] | None = None
) -> Picture:
    """One bar a name, the largest first, each with its number beside it."""
    if not counts:
        raise RequestError(f"{title}: there is nothing to draw yet.")
    ordered = sorted(counts, key=lambda each: (-each[1], each[0]))
    shown, rest = ordered[:_BARS], ordered[_BARS:]
    shown += [(f"{len(rest)} more", sum(count for _, count in rest))] if rest else []

    def draw(ax: Any) -> None:
        names = [printable(name)[:40] for name, _ in shown]
        drawn = ax.barh(range(len(shown)), [count for _, count in shown], color=_BLUE)
        ax.bar_label(drawn, [f"{count:,g}" for _, count in shown], padding=3, fontsize=8)
        ax.set_yticks(range(len(shown)), names, fontsize=8, parse_math=False)
        ax.invert_yaxis()
        ax.set_xlabel(printable(unit)[:60], parse_math=False)

    words = ", ".join(f"{name} {count:,g}" for name, count in shown)
    return _picture(draw, title, f"{title}, {unit}: {words}", to, height=1.2 + 0.25 * len(shown))


def histogram(values: Sequence[float], *, title: str, unit: str, to: str | PathLike[str] | None = None) -> Picture:
    """How often shares from 0 to 1 fall into each tenth."""
    if not values:
        raise RequestError(f"{title}: there is nothing to draw yet.")
    tenths = [0] * 10
    for value in values:
        tenths[min(9, max(0, int(value * 10 + 1e-9)))] += 1

    def draw(ax: Any) -> None:
        drawn = ax.bar([at / 10 + 0.05 for at in range(10)], tenths, width=0.09, color=_BLUE)
        ax.bar_label(drawn, [f"{count:,}" if count else "" for count in tenths], fontsize=8)
        ax.set_xticks([at / 10 for at in range(11)])
        ax.set_xlabel(printable(unit)[:60], parse_math=False)

    told = ", ".join(f"{at / 10:.1f} to {(at + 1) / 10:.1f}: {count:,}" for at, count in enumerate(tenths) if count)
    return _picture(draw, title, f"{title}, {unit}: {told}", to)


def progress(
    series: Sequence[tuple[str, Sequence[tuple[datetime, int]]]],
    *,
    title: str,
    to: str | PathLike[str] | None = None,
) -> Picture:
    """Counts over time, a line each; the lines differ in their dashes and are named at their ends."""
    filled = [(name, points) for name, points in series if points]
    if not filled:
        raise RequestError(f"{title}: there is nothing to draw yet.")

    def draw(ax: Any) -> None:
        for (name, points), dashes in zip(filled, ("-", "--", "-.", ":") * len(filled), strict=False):
            times, counts = [when for when, _ in points], [count for _, count in points]
            ax.step(times, counts, dashes, where="post", color=_BLUE if dashes == "-" else _GREY, label=printable(name))
            ax.annotate(f"{printable(name)[:40]} {counts[-1]:,}", (times[-1], counts[-1]), fontsize=8, parse_math=False)
        ax.set_ylabel("data objects")
        ax.set_ylim(bottom=0)
        ax.tick_params(axis="x", labelrotation=30, labelsize=8)

    told = "; ".join(f"{name}: {points[-1][1]:,} at {points[-1][0]:%Y-%m-%d %H:%M} UTC" for name, points in filled)
    return _picture(draw, title, f"{title}, data objects: {told}", to)


def _picture(draw: Drawing, title: str, words: str, to: str | PathLike[str] | None, height: float = 3.4) -> Picture:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("plots", "matplotlib", "A plot") from error
    figure = Figure(figsize=(7, min(height, 8)), layout="constrained")
    ax = figure.subplots()
    # Names come from users: a dollar sign in one is no formula.
    ax.set_title(printable(title)[:100], fontsize=10, parse_math=False)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    draw(ax)
    out = io.BytesIO()
    with warnings.catch_warnings():
        # A class may be named in a script that the font lacks: it is drawn as boxes, and stands in the words.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        FigureCanvasAgg(figure).print_png(out, metadata={"Software": None})
    return saved(out.getvalue(), words, to)
