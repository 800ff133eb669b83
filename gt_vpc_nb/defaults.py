"""Fills what a labeling job leaves open from what is configured, and tells of each value where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from gt_vpc_nb.aws.configuration_files import STUDIO_METADATA, Configured, configured
from gt_vpc_nb.builder import LabelingJob
from gt_vpc_nb.defaults_fields import FIELDS
from gt_vpc_nb.errors import RequestError, near_miss
from gt_vpc_nb.shown import Part, Rows, badge, page
from gt_vpc_nb.shown_text import told

Origin = Literal["given", "filled in", "overridden", "not carried"]
_WORST: tuple[Origin, ...] = ("not carried", "overridden", "filled in", "given")
#: CreateLabelingJob takes these for automated labeling alone.
_AUTOMATED_ONLY = ("volume_key", "subnets", "security_groups")
#: Other fields that say the same: one of them given means that the default has nothing to say.
_INSTEAD: Mapping[str, tuple[str, ...]] = {
    "manifest": ("objects", "topic"),
    "template_file": ("template_text", "human_task_ui"),
    "category_file": ("categories", "category_document"),
    "team": ("public",),
}
#: A network is taken whole from one place: subnets of one VPC with the security groups of another fit nowhere.
_NETWORK = ("subnets", "security_groups")
_GIVEN = "the job itself"


@dataclass(frozen=True)
class Provenance:
    """Where one value of a job comes from, or why one that is configured is not in it."""

    field: str
    value: str | tuple[str, ...]
    origin: Origin
    source: str
    #: The value that the job itself gives in place of a configured one.
    given: str | tuple[str, ...] | None = None

    def __str__(self) -> str:
        where = f"{FIELDS[self.field]}: {_told(self.value)}"
        if self.origin == "overridden":
            return f"{where} of {self.source} is overridden by {_told(self.given)}"
        if self.origin == "not carried":
            return f"{where} of {self.source} is not carried: CreateLabelingJob takes it for automated labeling alone"
        return f"{where}, from {self.source}"


@dataclass(frozen=True, repr=False)
class Filled:
    """A job with its defaults filled in, and where each value came from; nothing was sent."""

    job: LabelingJob
    provenance: tuple[Provenance, ...]

    def of(self, *origins: Origin) -> tuple[Provenance, ...]:
        """The rows of some kinds: given, filled in, overridden, not carried."""
        return tuple(row for row in self.provenance if row.origin in origins)

    @property
    def not_taken(self) -> tuple[Provenance, ...]:
        """What is configured and not in the job, so that nothing is lost without a word."""
        return self.of("overridden", "not carried")

    def __repr__(self) -> str:
        rows = [f"  {row.origin:<12} {row}" for row in self.provenance if row.origin != "given"]
        return told(self.summary, rows)

    def _repr_html_(self) -> str:
        return page(self.summary, *self.parts())

    @property
    def summary(self) -> str:
        """How many values are from where, in one line."""
        counts = ((len(self.of(origin)), origin) for origin in get_args(Origin))
        return f"Defaults: {', '.join(f'{count} {origin}' for count, origin in counts if count) or 'none configured'}"

    def parts(self) -> list[Part]:
        """The values for a page of its own or of something larger, those that were not taken first."""
        rows = sorted(self.provenance, key=lambda row: _WORST.index(row.origin))
        columns = ("field", "value", "origin", "source")
        return [Rows("Where the values come from", columns, list(map(_cells, rows)))] if rows else []


def with_defaults(
    job: LabelingJob,
    session: Any = None,
    *,
    magics: Mapping[str, Any] | None = None,
    studio_metadata: Path = STUDIO_METADATA,
) -> Filled:
    """Fills a job's open fields: `magics` (from ``%config GtVpcMagics``), then SageMaker's files, then Studio's.

    What the job says always holds; what is configured and not taken is in `.not_taken`.

    Raises:
        RequestError: a file of defaults cannot be read, or `magics` names something that has no default.
    """
    return filled(job, found_defaults(session, magics=magics, studio_metadata=studio_metadata))


def found_defaults(
    session: Any = None, *, magics: Mapping[str, Any] | None = None, studio_metadata: Path = STUDIO_METADATA
) -> list[Configured]:
    """Every default that `with_defaults` knows, the strongest first: for `filled`, which reads nothing.

    Raises:
        RequestError: as `with_defaults`.
    """
    return [*_of_magics(magics or {}), *configured(session, studio_metadata=studio_metadata)]


def _of_magics(magics: Mapping[str, Any]) -> Iterator[Configured]:
    for name, value in magics.items():
        if name not in FIELDS:
            raise RequestError(f"'{name}' has no default{near_miss(name, FIELDS)}; these have: {', '.join(FIELDS)}.")
        if value:
            kept = tuple(value) if isinstance(value, (list, tuple)) else str(value)
            yield Configured(name, kept, f"%config GtVpcMagics.{name}", "%config GtVpcMagics")


def filled(job: LabelingJob, defaults: Iterable[Configured]) -> Filled:
    """The job with the first default of each open field; the strongest default comes first.

    >>> job = LabelingJob().named("signs").with_automated_labeling()
    >>> filled(job, [Configured("role", "arn:aws:iam::111122223333:role/R", "a file")])
    Defaults: 1 filled in
      filled in    RoleArn: arn:aws:iam::111122223333:role/R, from a file
    """
    changes: dict[str, Any] = {}
    rows = [Provenance(name, _plain(getattr(job, name)), "given", _GIVEN) for name in FIELDS if getattr(job, name)]
    for each in _with_whole_networks(defaults):
        row = _decided(job, each, changes)
        if row.origin == "filled in":
            changes[each.field] = each.value
        if row.given != each.value:
            rows.append(row)
    return Filled(job.exactly(**changes) if changes else job, tuple(rows))


def _decided(job: LabelingJob, default: Configured, changes: Mapping[str, Any]) -> Provenance:
    name = default.field
    if name in _AUTOMATED_ONLY and not job.automated:
        return Provenance(name, default.value, "not carried", default.source)
    if name in changes:
        return Provenance(name, default.value, "overridden", default.source, changes[name])
    if _said(job, name):
        return Provenance(name, default.value, "overridden", default.source, _plain(getattr(job, name) or ()))
    return Provenance(name, default.value, "filled in", default.source)


def _said(job: LabelingJob, name: str) -> bool:
    same = _NETWORK if name in _NETWORK else (name, *_INSTEAD.get(name, ()))
    return any(getattr(job, each) for each in same) or name in job.left_out


def _with_whole_networks(defaults: Iterable[Configured]) -> list[Configured]:
    """The defaults, the network of the strongest place that names both subnets and security groups before others."""
    known = list(defaults)
    parts = [{each.part for each in known if each.field == name} for name in _NETWORK]
    whole = next((each.part for each in known if all(each.part in named for named in parts)), None)
    return sorted(known, key=lambda each: each.field in _NETWORK and each.part != whole)


def _plain(value: Any) -> str | tuple[str, ...]:
    return value if isinstance(value, tuple) else str(value)


def _told(value: Any) -> str:
    return (", ".join(value) or "something else") if isinstance(value, tuple) else str(value)


def _cells(row: Provenance) -> tuple[object, ...]:
    return FIELDS[row.field], _told(row.value), badge(row.origin), row.source
