"""Brings what a labeling job wrote to a folder of this machine: its output manifest and the label files it names."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import Literal

from gt_vpc_nb.aws import objects
from gt_vpc_nb.errors import AwsError, GtVpcError, RequestError
from gt_vpc_nb.jobs import SubmittedJob
from gt_vpc_nb.report.bars import with_bar
from gt_vpc_nb.report.tables import Table, table

Outcome = Literal["brought", "there already", "other content is there", "refused"]
#: What some file system of ours cannot have in a name; a name longer than this is cut, and told apart by its hash.
_UNSAFE = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
_LONGEST = 120
_RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}


@dataclass(frozen=True)
class Brought:
    """One file: where it stands in S3, where here, and what became of it."""

    uri: str
    path: str
    bytes: int
    outcome: Outcome
    why: str = ""


@dataclass(frozen=True, repr=False)
class TakenHome:
    """What came of it, a row a file."""

    job: str
    folder: str
    rows: tuple[Brought, ...]

    @property
    def complete(self) -> bool:
        """Whether every file is here as it stands in S3."""
        return all(row.outcome in ("brought", "there already") for row in self.rows)

    @property
    def summary(self) -> str:
        """The answer in one line."""
        counts = {name: sum(row.outcome == name for row in self.rows) for name in dict.fromkeys(_OUTCOMES)}
        told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        return f"{told or 'nothing'} of labeling job '{self.job}' in {self.folder}"

    def to_frame(self) -> Table:
        """The rows as a table: uri, path, bytes, outcome, why."""
        return table(
            [asdict(row) for row in self.rows],
            tuple(Brought.__dataclass_fields__),
            title="Taken home",
            summary=self.summary,
            dtypes={"uri": "string", "path": "string", "bytes": "Int64", "outcome": "string", "why": "string"},
        )

    def to_json(self) -> str:
        """The job, the folder, whether it is complete, and the rows, as JSON text."""
        told = {"job": self.job, "folder": self.folder, "complete": self.complete}
        return json.dumps({**told, "files": [asdict(row) for row in self.rows]}, ensure_ascii=False)

    def __repr__(self) -> str:
        return repr(self.to_frame())

    def _repr_html_(self) -> str:
        return self.to_frame()._repr_html_()


_OUTCOMES: tuple[Outcome, ...] = ("brought", "there already", "other content is there", "refused")


def take_home(job: SubmittedJob, to: str | PathLike[str] | None = None) -> TakenHome:
    """Brings the job's output manifest and the label files that its lines name into a folder; overwrites nothing.

    `to` is the folder, left out the job's name. A file that cannot be read, or whose place is taken by another one, is
    a row that says so, while the others are brought.

    Raises:
        RequestError: the job has no output manifest yet, or the folder cannot be made.
        AwsError: there is no such job, or its output manifest cannot be read.
    """
    described = job.describe()
    manifest = (described.get("LabelingJobOutput") or {}).get("OutputDatasetS3Uri")
    if not manifest:
        state = described["LabelingJobStatus"]
        raise RequestError(f"Labeling job '{job.name}' is {state} and has no output manifest; diagnose it, or wait.")
    folder = Path(to if to is not None else _safe(job.name))
    _made(folder)
    root = f"{described['OutputConfig']['S3OutputPath'].rstrip('/')}/{job.name}/"
    taken: dict[str, str] = {}
    rows = [_bring(manifest, folder, root, taken, job)]
    if rows[0].outcome == "refused":
        raise AwsError(rows[0].why)
    read = manifest if rows[0].outcome == "other content is there" else folder / rows[0].path
    named = dict.fromkeys(_label_files(read, described["LabelAttributeName"], job))
    others = [uri for uri in named if uri != manifest]
    rows += [_bring(uri, folder, root, taken, job) for uri in with_bar(others, "taking home", "file", len(others))]
    return TakenHome(job.name, str(folder), tuple(rows))


def _label_files(manifest: str | Path, attribute: str, job: SubmittedJob) -> Iterator[str]:
    """The s3:// URIs under the label attribute: masks, frames, cuboids are files of their own."""
    for number, line in enumerate(objects.lines(manifest, job.session), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line).get(attribute)
        except (ValueError, AttributeError):
            raise RequestError(f"Line {number} of the output manifest of '{job.name}' is no JSON object.") from None
        if isinstance(value, str) and objects.is_s3(value):
            yield value


def _bring(uri: str, folder: Path, root: str, taken: dict[str, str], job: SubmittedJob) -> Brought:
    name = _own_name(uri, root, taken)
    path = folder / name
    try:
        _made(path.parent)
        try:
            return Brought(uri, name, _written(uri, path, job), "brought")
        except FileExistsError:
            same = _same(uri, path, job)
        return Brought(uri, name, path.stat().st_size, "there already" if same else "other content is there")
    except GtVpcError as error:
        return Brought(uri, name, 0, "refused", str(error))
    except OSError as error:
        return Brought(uri, name, 0, "refused", f"{path} cannot be written ({error.strerror}).")


def _own_name(uri: str, root: str, taken: dict[str, str]) -> str:
    """A relative path that stays in the folder and that no other file of this job has, whatever its case."""
    inside = uri.removeprefix(root) if uri.startswith(root) else f"elsewhere/{uri.removeprefix('s3://')}"
    name = "/".join(_safe(part) for part in inside.split("/"))
    if taken.setdefault(name.casefold(), uri) != uri:
        mark = hashlib.sha256(uri.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        head, dot, ending = name.rpartition(".")
        name = f"{head}~{mark}.{ending}" if dot and "/" not in ending else f"{name}~{mark}"
        taken[name.casefold()] = uri
    return name


def _safe(part: str) -> str:
    """One step of a path that every file system takes, and that leads nowhere else."""
    name = _UNSAFE.sub("_", part.encode("utf-8", "replace").decode("utf-8")).rstrip(". ")
    if not name or name.partition(".")[0].casefold() in _RESERVED:
        name = f"_{name}"
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 9]}~{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(f"The folder {folder} cannot be made ({error.strerror}); name another.") from error


def _written(uri: str, path: Path, job: SubmittedJob) -> int:
    """Writes block by block; what was begun and not finished is not left behind."""
    with path.open("xb") as file:
        try:
            for block in objects.blocks(uri, job.session):
                file.write(block)
            return file.tell()
        except BaseException:
            path.unlink()
            raise


def _same(uri: str, path: Path, job: SubmittedJob) -> bool:
    def digest(place: str | Path) -> bytes:
        total = hashlib.sha256()
        for block in objects.blocks(place, job.session):
            total.update(block)
        return total.digest()

    return digest(uri) == digest(path)
