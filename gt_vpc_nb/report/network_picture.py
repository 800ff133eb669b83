"""The network picture: people and services on the left, what they go through, and the buckets they reach or do not.

Plain SVG inside the page: colours of the notebook's theme, a line style and words for each state beside the colour, and
the same arrows as a table below it, for those who do not see the picture and for viewers that show none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby

from gt_vpc_nb.report.network_arrows import ORDER, Arrow, State
from gt_vpc_nb.shown import Drawn, Fold, Items, Rows, badge, html, page
from gt_vpc_nb.shown_text import printable, told

#: Pixels: the width of the picture, and the left edge and width of each of its columns.
WIDTH, LANE, GAP = 700, 54, 26
_WHO, _THROUGH, _LINE, _BUCKET = (2, 178), (192, 182), (380, 190), (576, 122)
#: More buckets, or more arrows to one of them, are counted and stand in the table.
BUCKETS, LANES = 6, 14
#: State -> the sign, the dashes of its line, the colour of its line.
_LOOK: dict[State, tuple[str, str, str]] = {
    "open": ("⚠", "", "var(--jp-error-color1, currentColor)"),
    "stopped": ("✗", "7 4", "var(--jp-error-color1, currentColor)"),
    "partly": ("✗", "12 3 2 3", "var(--jp-warn-color1, currentColor)"),
    "undetermined": ("?", "2 4", "var(--jp-warn-color1, currentColor)"),
    "gets in": ("✓", "", "var(--jp-success-color1, currentColor)"),
    "kept out": ("✓", "7 4", "var(--jp-success-color1, currentColor)"),
}
_COUNTED: dict[State, str] = {
    "open": "open from outside",
    "stopped": "stopped",
    "partly": "partly stopped",
    "undetermined": "undetermined",
    "gets in": "getting in as meant",
    "kept out": "kept out as meant",
}
_COLUMNS = ("bucket", "who", "as", "through", "state", "by", "actions")


@dataclass(frozen=True, repr=False)
class NetworkPicture:
    """Who reaches which bucket through what. `.svg` is the picture; `arrows` hold what is in it, the worst first."""

    arrows: tuple[Arrow, ...]
    place: str = ""
    notes: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The answer in one line."""
        counts = Counter(each.state for each in self.arrows)
        names = ", ".join(f"{counts[state]} {_COUNTED[state]}" for state in ORDER if counts[state])
        return f"Network: {names or 'no bucket policy to draw'}" + (f" ({self.place})" if self.place else "")

    @property
    def svg(self) -> str:
        """The picture as SVG text, 700 pixels wide."""
        return _svg(self)

    def __repr__(self) -> str:
        return told(self.summary, (f"  {each.sentence}" for each in self.arrows), self.notes)

    def _repr_html_(self) -> str:
        rows = [(each.bucket, each.who, each.principal, each.through, badge(each.state), each.statement or "-",
                 ", ".join(each.actions) or "all") for each in self.arrows]  # fmt: skip
        table = Fold("The arrows as a table", [Rows("Who reaches which bucket through what", _COLUMNS, rows)])
        drawing = [Drawn(self.svg)] if self.arrows else []
        return page(self.summary, *drawing, Items(self.notes), table)


def _svg(picture: NetworkPicture) -> str:
    panels, top = [], 8
    groups = [(bucket, list(found)) for bucket, found in groupby(picture.arrows, lambda each: each.bucket)]
    for bucket, found in groups[:BUCKETS]:
        panels.append("".join(_panel(bucket, found, top)))
        top += LANE * min(len(found), LANES) + GAP + (20 if len(found) > LANES else 0)
    if len(groups) > BUCKETS:
        panels.append(_text(_WHO[0], top + 4, f"+{len(groups) - BUCKETS:,} buckets, in the table", 60))
        top += 20
    description = ". ".join(each.sentence for each in picture.arrows[: BUCKETS * 4])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img" '
        f'aria-label="{html(picture.summary, 500)}" style="width:100%;max-width:{WIDTH}px;color:inherit" '
        f'fill="none" stroke="currentColor" font-size="11"><title>{html(picture.summary, 500)}</title>'
        f"<desc>{html(description, 3_000)}</desc>{''.join(panels)}</svg>"
    )


def _panel(bucket: str, found: list[Arrow], top: int) -> Iterator[str]:
    """One bucket: its box on the right is as tall as the arrows that lead to it."""
    lanes = found[:LANES]
    height = LANE * len(lanes) - 8
    yield _box(_BUCKET, top, height, "")
    yield _text(_BUCKET[0] + 8, top + height / 2 - 4, "bucket", 16)
    yield _text(_BUCKET[0] + 8, top + height / 2 + 12, bucket, 16, bold=True)
    for at, arrow in enumerate(lanes):
        yield from _lane(arrow, top + LANE * at)
    if len(found) > LANES:
        yield _text(_WHO[0], top + LANE * LANES + 8, f"+{len(found) - LANES:,} arrows, in the table", 60)


def _lane(arrow: Arrow, top: int) -> Iterator[str]:
    sign, dashes, colour = _LOOK[arrow.state]
    network, _, detail = arrow.through.partition(" in ")
    if arrow.through.startswith("AWS's own endpoint "):
        detail, network = network.removeprefix("AWS's own endpoint "), "AWS's own endpoint"
    yield _box(_WHO, top, LANE - 8, "")
    yield _text(_WHO[0] + 8, top + 19, arrow.who, 24, bold=True)
    yield _text(_WHO[0] + 8, top + 36, _short(arrow.principal), 25)
    yield _box(_THROUGH, top, LANE - 8, "6")
    yield _text(_THROUGH[0] + 8, top + 19, network, 24)
    yield _text(_THROUGH[0] + 8, top + 36, detail and f"{'' if network.startswith('AWS') else 'in '}{detail}", 24)
    yield _text(_LINE[0], top + 14, f"{sign} {arrow.words}", 28)
    yield _text(_LINE[0], top + 41, ", ".join(arrow.actions) or "all that it asks", 28)
    yield _line(arrow.state, top + 23, dashes, colour)
    yield _stub(top + 23)


def _short(principal: str) -> str:
    """A role's or user's own name: the account stands in the table."""
    return principal.rpartition(":")[2] if principal.startswith("arn:") else principal


def _stub(middle: float) -> str:
    """The short line from who asks to what they go through."""
    return f'<path d="M{_WHO[0] + _WHO[1]} {middle}H{_THROUGH[0]}"/>'


def _line(state: State, middle: float, dashes: str, colour: str) -> str:
    """An arrow that arrives, or one that ends at a bar before its bucket."""
    start, end = _LINE[0], _LINE[0] + _LINE[1]
    arrives = state in ("open", "gets in", "partly", "undetermined")
    head = f"M{end - 8} {middle - 5}L{end} {middle}L{end - 8} {middle + 5}" if arrives else ""
    bar = "" if arrives else f"M{end - 30} {middle - 7}V{middle + 7}"
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    style = f'style="stroke:{colour}" stroke-width="2"'
    return (
        f'<path {style}{dashed} d="M{start} {middle}H{end if arrives else end - 30}"/><path {style} d="{head}{bar}"/>'
    )


def _box(column: tuple[int, int], top: float, height: float, radius: str) -> str:
    left, width = column
    rounded = f' rx="{radius}"' if radius else ""
    return f'<rect x="{left}" y="{top}" width="{width}" height="{height}"{rounded}/>'


def _text(left: float, baseline: float, words: str, longest: int, *, bold: bool = False) -> str:
    """A text that ends in … where it has no room; the whole of it is its title."""
    if not words:
        return ""
    whole = printable(words)
    short = whole if len(whole) <= longest else f"{whole[: longest - 1]}…"
    title = "" if short == whole else f"<title>{html(whole, 300)}</title>"
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{left}" y="{baseline:g}" fill="currentColor" stroke="none"{weight}>{title}{escape(short)}</text>'
