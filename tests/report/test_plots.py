"""Plots of labels: the same bytes for the same data, and the same in words."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gt_vpc_nb import MissingExtra, RequestError, labels
from gt_vpc_nb.report.plots import bars, histogram, progress

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("matplotlib")
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)


def output(folder: Path) -> labels.Labels:
    place, lines = folder / "output.manifest", []
    for at in range(12):
        about = {
            "class-name": ("$cat", "dog")[at % 3 == 0],
            "confidence": at / 12,
            "human-annotated": ("yes", "no")[at > 8],
            "creation-date": f"2026-01-05T{at:02}:00:00",
            "type": "groundtruth/image-classification",
        }
        lines.append(json.dumps({"source-ref": f"s3://b/{at}.png", "a": at % 3 and 1, "a-metadata": about}))
    place.write_text("\n".join(lines))
    return labels.read(place, "a")


PLOTS = {
    "plot_classes": "Classes of 'a', annotations: $cat 8, dog 4",
    "plot_confidence": "Confidence of 'a', confidence: 0.0 to 0.1: 2, 0.1 to 0.2: 1, 0.2 to 0.3: 1",
    "plot_progress": "Progress of 'a', data objects: human: 9 at 2026-01-05 08:00 UTC; machine: 3 at 2026-01-05 11:00",
}


@pytest.mark.parametrize("verb", PLOTS)
def test_labels_are_drawn_and_said(tmp_path: Path, verb: str) -> None:
    found = output(tmp_path)
    made = getattr(found, verb)(tmp_path / "plot.png")
    assert made.text.startswith(PLOTS[verb]) and made.png == getattr(found, verb)().png
    with Image.open(io.BytesIO((tmp_path / "plot.png").read_bytes())) as image:
        assert image.width == 700
    data, metadata = made._repr_mimebundle_()
    assert data["image/png"] == made.png and metadata["image/png"]["alt"] == made.text


def test_many_bars_are_few_and_the_rest_is_one() -> None:
    made = bars([(f"class {at}", at) for at in range(40)], title="T", unit="n")
    assert "class 39 39" in made.text and made.text.endswith("20 more 190")


@pytest.mark.parametrize(
    "draw",
    [
        lambda: bars([], title="T", unit="n"),
        lambda: histogram([], title="T", unit="n"),
        lambda: progress([("human", [])], title="T"),
    ],
)
def test_nothing_to_draw_is_said(draw: Any) -> None:
    with pytest.raises(RequestError, match="T: there is nothing to draw yet"):
        draw()


def test_shares_at_the_edges_are_in_the_tenth_that_they_begin() -> None:
    assert histogram([0.0, 0.1, 0.3, 1.0], title="T", unit="n").text == (
        "T, n: 0.0 to 0.1: 1, 0.1 to 0.2: 1, 0.3 to 0.4: 1, 0.9 to 1.0: 1"
    )


def test_hostile_names_are_drawn_and_steer_nothing() -> None:
    evil = "<script>$x$猫\u202e\x1b[2J"
    steps = [(BEGIN + timedelta(hours=at), at) for at in range(3)]
    for made in (bars([(evil, 1)], title=evil, unit=evil), progress([(evil, steps)], title=evil)):
        assert made.png.startswith(b"\x89PNG") and "\x1b" not in repr(made) and "\u202e" not in repr(made)
        assert "\x1b" not in made._repr_mimebundle_()[1]["image/png"]["alt"]


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=r"gt-vpc-nb\[plots\]"):
        bars([("a", 1)], title="T", unit="n")
