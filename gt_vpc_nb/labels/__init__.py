"""Read what a labeling job wrote: `read` makes tables of it, `show` a picture, `workers` and `agreement` judge it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING, Any

from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.labels.answers import PLACE, Answer, answers_in, by_object, by_worker
from gt_vpc_nb.labels.reading import LabeledObject, attributes_on, labeled_object, labeled_objects
from gt_vpc_nb.manifest.lines import object_on
from gt_vpc_nb.report.bars import with_bar
from gt_vpc_nb.shown_text import counted, told

if TYPE_CHECKING:
    import pandas as pd

    from gt_vpc_nb.report.pictures import Picture
    from gt_vpc_nb.report.tables import Table

__all__ = ["Labels", "agreement", "plot_agreement", "read", "show", "workers"]

#: Output manifests up to so many objects are kept after the first pass; larger ones are read again when asked for.
KEPT = 50_000

_OBJECTS = {
    "line": "Int64", "object": "string", "labeled": "boolean", "label": "object", "class_name": "string",
    "confidence": "float64", "human": "boolean", "type": "string", "job": "string",
    "created": "datetime64[us, UTC]", "failure": "string",
}  # fmt: skip
_ANNOTATIONS = {
    "line": "Int64", "object": "string", "kind": "string", "class_id": "Int64", "class_name": "string",
    "confidence": "float64", "left": "float64", "top": "float64", "width": "float64", "height": "float64",
    "start": "Int64", "end": "Int64", "text": "string", "uri": "string", "detail": "string", "human": "boolean",
}  # fmt: skip


def read(path_or_s3_uri: str | PathLike[str], label_attribute: str, session: Any = None) -> Labels:
    """The labels in an output manifest: a path, or an s3:// URI such as a job's output_manifest.

    Every line is checked in one pass of bounded memory. Raises ManifestError with the line's number for a malformed
    one, RequestError when there is no such file, AwsError when S3 refuses.
    """
    return Labels(path_or_s3_uri, label_attribute, session)


class Labels:
    """An output manifest: counts at once, `.objects` and `.annotations` as tables when asked for."""

    answered = ""  # which AWS, Region and account wrote it, where a labeling job of theirs was asked for its labels

    def __init__(self, source: str | PathLike[str], label_attribute: str, session: Any = None) -> None:
        self.source, self.label_attribute, self._session = source, label_attribute, session
        self._kept: list[LabeledObject] | None = []
        counts: Counter[str] = Counter()
        others: set[str] = set()
        for number, raw in enumerate(with_bar(self._lines(), "reading labels", "line"), 1):
            if not raw.strip():
                continue
            entry = object_on(raw, number)
            row = labeled_object(entry, label_attribute, number)
            counts.update(["total", _made_by(row)])
            others |= attributes_on(entry) if len(others) < 100 else set()
            self._keep(row)
        self.total, self.human, self.machine = counts["total"], counts["human"], counts["machine"]
        self.labeled = self.total - counts["unlabeled"]
        self.unlabeled = counts["unlabeled"]
        self.note = self._advice(others)

    def _lines(self) -> Iterator[bytes]:
        from gt_vpc_nb.aws.objects import lines

        return lines(self.source, self._session)

    def _keep(self, row: LabeledObject) -> None:
        if self._kept is not None:
            self._kept.append(row)
            self._kept = None if len(self._kept) > KEPT else self._kept

    def _advice(self, others: set[str]) -> str:
        """A wrong attribute name looks like a job that labeled nothing; say so where it may be one."""
        if self.labeled or not self.total or not others:
            return ""
        named = near_miss(self.label_attribute, others) or f"; the lines have {', '.join(sorted(others)[:5])}"
        return f"No line has '{self.label_attribute}'{named}"

    def rows(self) -> Iterator[LabeledObject]:
        """Row by row, in bounded memory."""
        return iter(self._kept) if self._kept is not None else labeled_objects(self._lines(), self.label_attribute)

    def iter_batches(self, size: int = 10_000) -> Iterator[pd.DataFrame]:
        """The rows of `.objects` in DataFrames of at most `size`, in bounded memory."""
        from gt_vpc_nb.report.tables import table

        rows = self.rows()
        while batch := list(islice(rows, size)):
            made = table(map(_object_row, batch), list(_OBJECTS), title="", summary="", dtypes=_OBJECTS)
            yield made.copy()

    @cached_property
    def objects(self) -> Table:
        """A row a data object: line, object, labeled, label, class_name, confidence (0 to 1), human, type, job,
        created (UTC), failure."""
        from gt_vpc_nb.report.tables import table

        shown = ("object", "label", "class_name", "confidence", "human", "job", "created")
        return table(
            map(_object_row, self.rows()), list(_OBJECTS), title=f"Labels '{self.label_attribute}'",
            summary=self.summary + self.answered, note=self.note, shown=shown, dtypes=_OBJECTS,
        )  # fmt: skip

    @cached_property
    def annotations(self) -> Table:
        """A row a class, box, entity, cuboid or label file: line, object, kind, class_id, class_name, confidence;
        left, top, width, height (pixels); start, end (characters); text, uri, detail (JSON), human."""
        from gt_vpc_nb.report.tables import table

        rows = [
            {"line": row.line, "object": row.object, "human": row.human, **each}
            for row in self.rows()
            for each in row.annotations
        ]
        filled = [name for name in _ANNOTATIONS if any(row.get(name) is not None for row in rows)]
        return table(
            rows, list(_ANNOTATIONS), title=f"Annotations of '{self.label_attribute}'",
            summary=f"{len(rows):,} annotations of {self.labeled:,} labeled objects", note=self.note,
            shown=[name for name in filled if name not in {"line", "detail"}], dtypes=_ANNOTATIONS,
        )  # fmt: skip

    def show(self, to: str | PathLike[str] | None = None, *, count: int = 24, session: Any = None) -> Picture:
        """The same as `labels.show(this, to)`: a picture of some labeled images, saved as the PNG `to`."""
        return show(self, to, count=count, session=session)

    def plot_classes(self, to: str | PathLike[str] | None = None) -> Picture:
        """How many annotations each class has, as a picture; the PNG is saved as `to` where that is named."""
        from gt_vpc_nb.report.plots import bars

        names = Counter(str(each.get("class_name") or each.get("class_id") or each["kind"])
                        for row in self.rows() for each in row.annotations)  # fmt: skip
        return bars(list(names.items()), title=f"Classes of '{self.label_attribute}'", unit="annotations", to=to)

    def plot_confidence(self, to: str | PathLike[str] | None = None) -> Picture:
        """How sure the labels are, from 0 to 1, as a picture."""
        from gt_vpc_nb.report.plots import histogram

        values = [row.confidence for row in self.rows() if row.confidence is not None]
        return histogram(values, title=f"Confidence of '{self.label_attribute}'", unit="confidence", to=to)

    def plot_progress(self, to: str | PathLike[str] | None = None) -> Picture:
        """How many objects were labeled by when, people's and the machine's apart, as a picture."""
        from gt_vpc_nb.report.plots import progress

        kinds: dict[str, list[Any]] = {"human": [], "machine": []}
        for row in self.rows():
            if row.labeled and row.created is not None:
                kinds["machine" if row.human is False else "human"].append(row.created)
        series = [(name, [(when, at) for at, when in enumerate(sorted(times), 1)]) for name, times in kinds.items()]
        return progress(series, title=f"Progress of '{self.label_attribute}'", to=to)

    @property
    def summary(self) -> str:
        """How many objects, and who labeled them."""
        return f"{self.labeled:,} of {self.total:,} objects labeled: {self.human:,} human, {self.machine:,} machine"

    def __repr__(self) -> str:
        return told(f"Labels '{self.label_attribute}' — {self.summary}{self.answered}", self.note or ())

    def _repr_html_(self) -> str:
        return self.objects._repr_html_()


def _made_by(row: LabeledObject) -> str:
    return "unlabeled" if not row.labeled else {True: "human", False: "machine", None: "unsaid"}[row.human]


def _object_row(row: LabeledObject) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _OBJECTS}


def show(labels: Labels, to: str | PathLike[str] | None = None, *, count: int = 24, columns: int = 8,
         session: Any = None) -> Picture:  # fmt: skip
    """A picture of some labeled images with their labels and boxes, those of people and of the machine apart.

    Takes the first `count` labeled images, half of each kind where there are both; reads them with the session that
    read the labels unless another is given. `to` is the PNG file to write. Raises MissingExtra without matplotlib,
    RequestError when there is no labeled image.
    """
    from gt_vpc_nb.aws.objects import read as read_object
    from gt_vpc_nb.report.pictures import Tile, checked_numbers, picture

    if not isinstance(labels, Labels):
        raise RequestError(f"Labels are shown, not {type(labels).__name__}; read them first: labels.read(place, name).")
    checked_numbers(count=count, columns=columns)
    chosen = _some(labels, count)
    if not chosen:
        raise RequestError(
            f"'{labels.label_attribute}' labels no image in {labels.source}; read a job that has labels."
        )
    reading = session if session is not None else labels._session
    tiles = [Tile(read_object(row.object, reading), _caption(row), row.human, _boxes(row)) for row in chosen]
    return picture(tiles, title=f"{labels.label_attribute}: {labels.summary}", to=to, columns=columns)


def _some(labels: Labels, count: int) -> list[LabeledObject]:
    by_hand: list[LabeledObject] = []
    by_machine: list[LabeledObject] = []
    for row in labels.rows():
        kind = by_machine if row.human is False else by_hand
        if row.labeled and row.object.casefold().endswith((".png", ".jpg", ".jpeg")) and len(kind) < count:
            kind.append(row)
        if len(by_hand) >= count and len(by_machine) >= count:
            break
    machine = min(len(by_machine), max(count // 2, count - len(by_hand)))
    return by_hand[: count - machine] + by_machine[:machine]


def _caption(row: LabeledObject) -> str:
    if row.class_name:
        return row.class_name
    return str(row.label) if isinstance(row.label, int) else f"{len(row.annotations)} annotations"


def _boxes(row: LabeledObject) -> tuple[tuple[float, float, float, float, str], ...]:
    return tuple(
        (each["left"], each["top"], each["width"], each["height"], str(each.get("class_name") or each["class_id"]))
        for each in row.annotations
        if each["kind"] == "box"
    )


def workers(source: str | PathLike[str] | Labels, session: Any = None) -> Table:
    """A row a worker: answers, objects, median seconds, and how far the others say the same; who agrees least first.

    `source` is a job's labels, its output manifest, or its folder `<output>/<job name>`. agreement is the share (0 to
    1) of other workers' answers for the same objects that name the same class, missing where workers draw or mark.
    """
    from gt_vpc_nb.report.tables import table

    rows = by_worker(_answers(source, session))
    types = {"worker": "string", "answers": "Int64", "objects": "Int64", "median_seconds": "float64",
             "agreement": "float64"}  # fmt: skip
    total = sum(row["answers"] for row in rows)
    summary = f"{counted(len(rows), 'worker')}, {counted(total, 'answer')}"
    return table(rows, list(types), title="Workers", summary=summary, note=_incomparable(rows), dtypes=types)


def agreement(source: str | PathLike[str] | Labels, session: Any = None) -> Table:
    """A row an object: how many answered, what most said, and the share (0 to 1) that said so; least agreed first.

    `source` is as in `workers`; `object` is Ground Truth's number of the data object. Answers that draw or mark
    something are counted and not compared.
    """
    from gt_vpc_nb.report.tables import table

    rows = by_object(_answers(source, session))
    types = {"object": "string", "answers": "Int64", "most_said": "string", "agreement": "float64", "said": "string"}
    known = [row["agreement"] for row in rows if row["agreement"] is not None]
    summary = f"all say the same for {sum(each == 1 for each in known):,} of {counted(len(rows), 'object')}"
    return table(rows, list(types), title="Agreement", summary=summary, note=_incomparable(rows), dtypes=types)


def plot_agreement(
    source: str | PathLike[str] | Labels, to: str | PathLike[str] | None = None, session: Any = None
) -> Picture:
    """For how many objects which share of the workers said the same, as a picture."""
    from gt_vpc_nb.report.plots import histogram

    shares = [row["agreement"] for row in by_object(_answers(source, session)) if row["agreement"] is not None]
    return histogram(shares, title="Agreement of workers", unit="share that says what most say", to=to)


def _incomparable(rows: list[dict[str, Any]]) -> str:
    unknown = sum(row["agreement"] is None for row in rows)
    return f"{unknown:,} without a class to compare, or without a second answer." if unknown else ""


def _answers(source: str | PathLike[str] | Labels, session: Any) -> list[Answer]:
    """Every worker's answer of a job; of several iterations on one object the last counts."""
    from gt_vpc_nb.aws.objects import name_of, under
    from gt_vpc_nb.aws.objects import read as read_object

    if isinstance(source, Labels):
        source, session = source.source, session if session is not None else source._session
    folder = name_of(source).partition("/manifests/output/")[0].rstrip("/")
    places = [place for place in under(f"{folder}/annotations/worker-response/", session) if PLACE.search(place)]
    if not places:
        raise RequestError(
            f"There are no workers' answers below {folder}/annotations/worker-response; give a job's labels, "
            "its output manifest, or its folder <output>/<job name>."
        )
    read_one = with_bar(places, "reading answers", "file")
    listed = [each for place in read_one for each in answers_in(place, read_object(place, session))]
    last: dict[str, int] = {}
    for each in listed:
        last[each.object] = max(each.iteration, last.get(each.object, 0))
    return [each for each in listed if each.iteration == last[each.object]]
