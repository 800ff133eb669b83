"""How far something is: bars and durations as text and as plain HTML, each with its number in words."""

from __future__ import annotations

import html
from collections.abc import Sequence

#: What a split bar is drawn with, by the name of the part; the pattern tells as much as the colour.
PARTS = {
    "human": ("█", "var(--jp-brand-color1, #1976d2)"),
    "machine": ("▓", "var(--jp-success-color1, #2e7d32)"),
    "failed": ("x", "var(--jp-error-color1, #c62828)"),
    "unlabeled": ("·", "var(--jp-layout-color3, #bdbdbd)"),
}


def bar(percent: float, width: int = 12) -> str:
    """A bar with its number.

    >>> bar(50, width=4)
    '██░░ 50 %'
    """
    share = _share(percent)
    full = int(share * width)
    return f"{'█' * full}{'░' * (width - full)} {int(share * 100)} %"


def bar_html(percent: float) -> str:
    """The same as plain HTML: the bar is decoration, the number is text."""
    share = int(_share(percent) * 100)
    return (
        '<span aria-hidden="true" class="bar" style="width:7em;height:.7em;margin-right:.5em;display:inline-block;'
        'background:var(--jp-layout-color3, transparent)">'
        f'<span style="display:block;width:{share}%;height:100%;background:var(--jp-brand-color1, #1976d2)"></span>'
        f"</span>{share} %"
    )


def split_bar(parts: Sequence[tuple[str, int]], width: int = 40) -> str:
    """Several counts in one bar, in the characters of `PARTS`; a part that is not zero is at least one character.

    >>> split_bar([("human", 6), ("machine", 2), ("failed", 0), ("unlabeled", 2)], width=10)
    '██████▓▓··'
    """
    return "".join(_mark(name) * share for (name, _), share in zip(parts, _shares(parts, width), strict=True))


def split_bar_html(parts: Sequence[tuple[str, int]]) -> str:
    """The same as plain HTML, with the counts in words after it."""
    shares = _shares(parts, 100)
    pieces = "".join(
        f'<span style="display:inline-block;height:100%;width:{share}%;background:{_colour(name)}"></span>'
        for (name, _), share in zip(parts, shares, strict=True)
        if share
    )
    words = html.escape(", ".join(f"{count:,} {name}" for name, count in parts))
    return (
        '<span aria-hidden="true" style="display:inline-block;width:20em;height:.9em;margin-right:.5em;'
        f'line-height:0;white-space:nowrap;background:var(--jp-layout-color3, #bdbdbd)">{pieces}</span>{words}'
    )


def duration(seconds: float) -> str:
    """A length of time in its two largest units.

    >>> duration(7500), duration(42), duration(200000)
    ('2 h 5 min', '42 s', '2 d 7 h')
    """
    if seconds < 0:
        return f"-{duration(-seconds)}"
    left, named = round(seconds), []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        named.append((count, unit))
    first = next((at for at, (count, _) in enumerate(named) if count), len(named) - 1)
    return " ".join(f"{count} {unit}" for count, unit in named[first : first + 2] if count) or "0 s"


def _share(percent: float) -> float:
    return 0.0 if percent != percent else min(1.0, max(0.0, float(percent) / 100))


def _mark(name: str) -> str:
    return PARTS.get(name, ("?", ""))[0]


def _colour(name: str) -> str:
    return PARTS.get(name, ("", "var(--jp-warn-color1, #ef6c00)"))[1]


def _shares(parts: Sequence[tuple[str, int]], width: int) -> list[int]:
    """Whole characters for counts, adding up to the width: the largest remainders are rounded up."""
    total = sum(count for _, count in parts)
    if not total:
        return [0] * len(parts)
    exact = [count * width / total for _, count in parts]
    shares = [max(int(each), 1) if each > 0 else 0 for each in exact]
    while sum(shares) != width:
        step = 1 if sum(shares) < width else -1
        movable = [at for at, share in enumerate(shares) if exact[at] > 0 and share + step >= 1]
        if not movable:
            break
        shares[max(movable, key=lambda at: step * (exact[at] - shares[at]))] += step
    return shares
