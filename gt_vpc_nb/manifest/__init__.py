"""Input manifests: `build` one from URIs, texts, a DataFrame or a prefix in S3; `validate` one; `clean` an output."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from gt_vpc_nb.errors import ManifestError
from gt_vpc_nb.manifest.building import FOLDER_MARK, entry_of, manifest_lines, with_data
from gt_vpc_nb.manifest.chaining import chained
from gt_vpc_nb.manifest.checking import Examination, LineProblem, line_problems
from gt_vpc_nb.manifest.lines import object_on
from gt_vpc_nb.report.bars import with_bar
from gt_vpc_nb.shown import Pairs, page
from gt_vpc_nb.shown_text import told

if TYPE_CHECKING:
    import pandas as pd

    from gt_vpc_nb.facts import TaskType
    from gt_vpc_nb.report.tables import Table

__all__ = ["Built", "LineProblem", "Report", "build", "clean", "validate"]

Place = str | PathLike[str]
#: So many problems are kept in a report; what is beyond is counted, so that a wrong file cannot fill the memory.
KEPT = 10_000


@dataclass(frozen=True, repr=False)
class Built:
    """A manifest that was written: where, and how many data objects it has."""

    uri: str
    objects: int

    def __repr__(self) -> str:
        return told(f"Manifest of {_counted(self.objects, 'data object')}: {self.uri}")

    def _repr_html_(self) -> str:
        return page(f"Manifest of {_counted(self.objects, 'data object')}", Pairs("Manifest", [("it is at", self.uri)]))


def build(
    objects: str | pd.DataFrame | Iterable[object],
    to: Place,
    attributes: Mapping[str, Any] | Sequence[str] | None = None,
    session: Any = None,
) -> Built:
    """Writes an input manifest to a path or an s3:// URI; never overwrites another one.

    `objects` is an s3:// prefix (every object below it, without folder marks and empty ones), a DataFrame with a
    source-ref or source column, or an iterable of s3:// URIs, texts or mappings. `attributes` are written on each line
    as they are, or, as a list of names, are the DataFrame's further columns to keep (all, when left out).

    Raises ManifestError for what is no manifest line, RequestError when something different is at `to`.
    """
    from gt_vpc_nb.aws.objects import name_of, write_new

    entries = _entries(objects, name_of(to), attributes, session)
    lines = list(manifest_lines(with_data(entry, number) for number, entry in enumerate(entries, 1)))
    if not lines:
        raise ManifestError(f"No data object was given for {fspath(to)}; a manifest has at least one.")
    write_new(to, b"".join(lines), session, "application/jsonlines")
    return Built(fspath(to), len(lines))


def clean(
    output_manifest: Place,
    to: Place,
    label_attribute: str | None = None,
    keep: Collection[str] | None = None,
    quarantine: Place | None = None,
    session: Any = None,
) -> Built:
    """Makes the input manifest of the next labeling job from the output manifest of one; never overwrites another.

    Names that begin with $ go, which Ground Truth refuses in an input manifest, and failed attempts. With
    `label_attribute`, the labels that an adjustment or verification job looks at, objects without such a label are left
    out (they would fail, and cost) and written to `quarantine` where one is named. `keep` lists further names to keep;
    left out, all stay.

    Raises ManifestError for what is no manifest line, or when no object is left.
    """
    from gt_vpc_nb.aws.objects import lines, write_new

    kept: list[dict[str, Any]] = []
    bad = bytearray()
    for number, raw in enumerate(with_bar(lines(output_manifest, session), "cleaning", "line"), 1):
        if entry := chained(object_on(raw, number), label_attribute, keep):
            kept.append(entry)
        else:
            bad.extend(raw + b"\n")
    if not kept:
        raise ManifestError(
            f"No object of {fspath(output_manifest)} has a label {label_attribute!r}; nothing was written."
        )
    write_new(to, b"".join(manifest_lines(kept)), session, "application/jsonlines")
    if quarantine is not None and bad:
        write_new(quarantine, bytes(bad), session, "application/jsonlines")
    return Built(fspath(to), len(kept))


def _entries(objects: Any, to: str, attributes: Any, session: Any) -> Iterator[dict[str, Any]]:
    if hasattr(objects, "to_dict") and hasattr(objects, "columns"):
        return _from_frame(objects, attributes)
    if attributes is not None and not isinstance(attributes, Mapping):
        raise ManifestError("attributes is a list of names, which only a DataFrame has; give a mapping name -> value.")
    items = _under(objects, to, session) if isinstance(objects, str) else objects
    if not isinstance(items, Iterable) or isinstance(items, (Mapping, bytes)):
        raise ManifestError(
            f"The objects are {type(objects).__name__}; give an s3:// prefix, a DataFrame, or a list of URIs or texts."
        )
    return (entry_of(item, attributes or {}, number) for number, item in enumerate(items, 1))


def _from_frame(frame: pd.DataFrame, attributes: Any) -> Iterator[dict[str, Any]]:
    """A row a line; missing values are left out of their line."""
    import pandas as pd

    sources = [name for name in ("source-ref", "source") if name in frame.columns]
    if not sources:
        raise ManifestError("The DataFrame has no column source-ref or source; rename the one with the data objects.")
    constants = dict(attributes) if isinstance(attributes, Mapping) else {}
    names = list(frame.columns) if attributes is None or constants else [*sources, *attributes]
    if absent := [name for name in names if name not in frame.columns]:
        raise ManifestError(
            f"The DataFrame has no column {', '.join(map(repr, absent))}; it has {list(frame.columns)}."
        )
    for row in frame[names].astype(object).itertuples(index=False, name=None):
        kept = {str(name): _plain(value) for name, value in zip(names, row, strict=True)
                if not (pd.api.types.is_scalar(value) and pd.isna(value))}  # fmt: skip
        yield kept | constants


def _plain(value: Any) -> Any:
    """A NumPy number as Python's; everything else as it is."""
    return value.item() if hasattr(value, "item") and not isinstance(value, str) else value


def _under(prefix: str, to: str, session: Any) -> Iterator[str]:
    from gt_vpc_nb.aws.objects import listing

    if not prefix.startswith("s3://"):
        raise ManifestError(f"'{prefix}' is one text; give a list of texts, or an s3:// prefix.")
    found = with_bar(listing(prefix, session), "listing", "object")
    return (uri for uri, size in found if size and not uri.endswith(FOLDER_MARK) and uri != to)


def validate(
    path_or_s3_uri: Place, task_type: str, bucket_regions: Mapping[str, str] | None = None, session: Any = None
) -> Report:
    """Everything that is wrong with a manifest for a task type, with line numbers, in one pass of bounded memory.

    `bucket_regions` (bucket -> Region) adds the check that all buckets are in one Region. Raises RequestError for an
    unknown task type or a file that is not there; what is wrong inside the file is in the report.
    """
    from gt_vpc_nb.aws.objects import is_s3, lines, parse_uri
    from gt_vpc_nb.facts import task_type as named

    task = named(task_type)
    home = parse_uri(fspath(path_or_s3_uri))[0] if is_s3(path_or_s3_uri) else ""
    examination = Examination(task, bucket_regions, home)
    kept: list[LineProblem] = []
    errors = total = 0
    for problem in examination.problems(with_bar(lines(path_or_s3_uri, session), "validating", "line")):
        total += 1
        errors += problem.severity == "error"
        if len(kept) < KEPT:
            kept.append(problem)
    return Report(fspath(path_or_s3_uri), task, examination.objects, tuple(kept), errors, total, session)


@dataclass(frozen=True, repr=False)
class Report:
    """What `validate` found: `.objects` lines, `.problems` (each with .line), the first 10,000 of `.total_problems`."""

    source: str
    task: TaskType
    objects: int
    problems: tuple[LineProblem, ...]
    errors: int
    total_problems: int
    session: Any = field(default=None, compare=False)

    @property
    def passed(self) -> bool:
        """Whether there is no error; warnings pass."""
        return not self.errors

    def to_frame(self) -> Table:
        """A row a problem: line (from 1; 0 is the whole manifest), code, severity, field, message, remedy."""
        from gt_vpc_nb.report.tables import table

        columns = dict.fromkeys(("code", "severity", "field", "message", "remedy"), "string")
        left_out = self.total_problems - len(self.problems)
        return table(
            [vars(problem) for problem in self.problems], ["line", *columns], title=f"Manifest {self.source}",
            summary=self.summary, note=f"+{left_out:,} problems" if left_out else "",
            shown=["line", "code", "severity", "message", "remedy"], dtypes={"line": "Int64", **columns},
        )  # fmt: skip

    @property
    def summary(self) -> str:
        """The verdict in a few words."""
        warnings = self.total_problems - self.errors
        verdict = f"fits {self.task.code}" if self.passed else f"does not fit {self.task.code}"
        counts = (_counted(self.objects, "data object"), _counted(self.errors, "error"), _counted(warnings, "warning"))
        return f"{verdict}: {', '.join(counts)}"

    def write_clean(self, to: Place, quarantine: Place | None = None, session: Any = None) -> Built:
        """Writes the lines without errors to `to`, and the others to `quarantine` where one is named.

        Raises ManifestError when no line is left; RequestError when something different is already there.
        """
        from gt_vpc_nb.aws.objects import lines, write_new

        writing = session if session is not None else self.session
        good, bad = bytearray(), bytearray()
        kept = 0
        for number, raw in enumerate(with_bar(lines(self.source, self.session), "writing", "line"), 1):
            clean = not any(each.severity == "error" for each in line_problems(raw, number, self.task))
            kept += clean
            (good if clean else bad).extend(raw + b"\n")
        if not kept:
            raise ManifestError(f"No line of {self.source} is without an error; nothing was written.")
        write_new(to, bytes(good), writing, "application/jsonlines")
        if quarantine is not None and bad:
            write_new(quarantine, bytes(bad), writing, "application/jsonlines")
        return Built(fspath(to), kept)

    def __repr__(self) -> str:
        return repr(self.to_frame())

    def _repr_html_(self) -> str:
        return self.to_frame()._repr_html_()


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
