"""`lint`: the mistakes in requests and bucket policies that stand in files, without running anything."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from gt_vpc_nb.errors import GtVpcError, near_miss
from gt_vpc_nb.linting_blocks import BLOCKS, LANGUAGES, Block
from gt_vpc_nb.linting_finding import WORDS, Found
from gt_vpc_nb.linting_jobs import job_rows
from gt_vpc_nb.linting_loose_cursor import Slip
from gt_vpc_nb.linting_nodes import Items, Node, Scalar, Struct, repeated
from gt_vpc_nb.linting_policies import action_rows, node_rows, text_rows
from gt_vpc_nb.linting_reading import READERS, Reading
from gt_vpc_nb.linting_report import LintReport, LintRow
from gt_vpc_nb.linting_requests import Said, request_rows
from gt_vpc_nb.policy.json_places import BadJson

ENDINGS = ("py", "ipynb", "md", "markdown", "json", "yaml", "yml", "tf")
LARGEST = 10_000_000
#: Longer code than people write; a notebook may be longer for its outputs.
LONGEST = 2_000_000
#: A file with more requests and policies than this is a data set, and would take minutes.
MOST = 200


def lint(path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> LintReport:
    """What is wrong with the CreateLabelingJob requests and bucket policies in files, with line numbers.

    Reads ``.py``, ``.ipynb``, ``.md``, ``.json``, ``.yaml`` and ``.tf`` files; runs nothing and asks nobody. What is
    literal is checked with the rules of `LabelingJob.problems` and `Policy.lint`; the rest is never reported as wrong.

    Raises:
        GtVpcError: a file cannot be read, with one sentence for each.
    """
    paths = list(path) if isinstance(path, Iterable) and not isinstance(path, (str, bytes)) else [path]
    wrong = [each for each in paths if not isinstance(each, (str, os.PathLike))]
    if wrong:
        raise GtVpcError(f"lint takes names of files, and was given {wrong[0]!r}; write lint('label.py').")
    texts = {each: _read(Path(each)) for each in map(os.fspath, paths)}
    refused = [text for text in texts.values() if isinstance(text, _Refused)]
    if refused:
        raise GtVpcError("\n".join(refused))
    return _joined([lint_text(text, file) for file, text in texts.items()])


class _Refused(str):
    """A sentence on why a file is not read."""


def _read(path: Path) -> str:
    ending = path.suffix.lstrip(".").casefold()
    try:
        if path.is_dir():
            return _Refused(f"{path} is a folder; name its files, for instance {path}{os.sep}*.py.")
        if ending not in ENDINGS:
            near = near_miss(ending, ENDINGS) if ending else ""
            wanted = ", ".join(f".{each}" for each in ENDINGS)
            return _Refused(f"{path} is none of the files that lint reads ({wanted}){near or '.'}")
        if path.stat().st_size > LARGEST:
            return _Refused(f"{path} has more than {LARGEST // 1_000_000} MB, which no code has; clear its outputs.")
        content = path.read_bytes()
    except (OSError, ValueError) as problem:
        return _Refused(f"{path} cannot be read: {getattr(problem, 'strerror', None) or problem}.")
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        return _Refused(f"{path} is not text in UTF-8 (see line {line}); save it as UTF-8.")
    return _Refused(f"{path} is binary, not text.") if "\0" in text else text


def lint_text(text: str, file: str) -> LintReport:
    """The same for the text of a file that has this name."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return LintReport((), (f"{file} is empty.",))
    if len(text) > LONGEST and not file.casefold().endswith(".ipynb"):
        return LintReport((), (f"{file} was not read: it has more than {LONGEST:,} characters, which no code has.",))
    rows: list[LintRow] = []
    counts: Counter[str] = Counter()
    names: dict[str, Node] = {}
    for block, reading in _readings(text, file, names):
        if isinstance(reading, BadJson):
            line = text.count("\n", 0, reading.at) + 1
            rows.append(LintRow(file, line, "JSON_SYNTAX_ERROR", "error", f"this is no notebook: {reading}."))
            continue
        names.update(reading.names)
        counts.update(_COUNTED[each.kind] for each in reading.found)
        rows += (_row(said, file, block) for said in _said(reading, MOST - counts.total() + len(reading.found)))
    ordered = sorted(dict.fromkeys(rows), key=lambda row: (row.line, row.place, _ORDER[row.severity]))
    notes = [] if counts or rows else [f"{file} holds no CreateLabelingJob request and no bucket policy."]
    if counts.total() > MOST:
        notes.append(f"{file} holds {counts.total()} requests and policies; only the first {MOST} were checked.")
    return LintReport(tuple(ordered), tuple(notes), counts)


_ORDER = {"error": 0, "warning": 1, "info": 2}
_COUNTED = {
    "request": "request",
    "part of a request": "part of a request",
    "labeling job": "labeling job",
    "bucket policy": "bucket policy",
    "policy text": "bucket policy",
    "list of actions": "list of actions",
}


def _readings(text: str, file: str, names: dict[str, Node]) -> Iterator[tuple[Block, Reading | BadJson]]:
    ending = Path(file).suffix.lstrip(".").casefold()
    if not WORDS.search(text):
        if ending == "ipynb" and (problem := _no_notebook(text)):
            yield Block(text, "json"), problem
        return
    blocks = BLOCKS.get(ending)
    try:
        for block in blocks(text) if blocks else (Block(text, LANGUAGES[ending]),):
            if WORDS.search(block.text) or block.place or block.language == "job":
                yield block, _reading(block, names)
    except BadJson as problem:
        yield Block(text, "json"), problem


def _no_notebook(text: str) -> BadJson | None:
    """Why a file without a word of ours is no notebook: what cannot be read may have held any."""
    try:
        found = json.loads(text)
    except RecursionError:
        return BadJson("it is nested too deep to be read", 0)
    except ValueError as error:
        return BadJson(str(getattr(error, "msg", error)), getattr(error, "pos", 0))
    listed = isinstance(found, dict) and isinstance(found.get("cells"), list)
    return None if listed else BadJson("a notebook has a list of cells, and this has none", 0)


def _reading(block: Block, names: dict[str, Node]) -> Reading:
    try:
        return READERS[block.language](block, names)
    except RecursionError:
        slip = Slip(block.line, "this is nested too deep to be read.", "Take it apart.")
        return Reading(slips=[("PY-SYNTAX", slip)], relevant=True)


def _said(reading: Reading, most: int) -> Iterator[Said]:
    relevant = reading.relevant or bool(reading.found)
    for code, slip in reading.slips if relevant else ():
        yield Said(slip.line, code, "error", "", slip.message[:1].upper() + slip.message[1:], slip.remedy)
    for each in reading.found[: max(0, most)]:
        yield from _of_found(each, reading.regionless)


def _of_found(found: Found, regionless: int | None) -> Iterator[Said]:
    node = found.node
    if isinstance(node, Scalar):
        texts = job_rows if found.kind == "labeling job" else text_rows
        yield from texts(str(node.value), node.line, verbatim=node.verbatim)
    elif isinstance(node, Items):
        yield from action_rows(node)
    elif isinstance(node, Struct):
        for field, line, before in repeated(node):
            message = f"The key stands twice, first in line {before}, and only the last of them counts."
            yield Said(line, "DUPLICATE_KEYS", "error", field, message, "Keep one of them.")
        if found.kind == "bucket policy":
            yield from node_rows(node)
        else:
            yield from request_rows(node, whole=found.kind == "request", regionless=regionless)


def _row(said: Said, file: str, block: Block) -> LintRow:
    further = said.line - block.line
    line = block.lines[min(max(0, further), len(block.lines) - 1)] if block.lines else said.line
    place = f"{block.place}, line {said.line}" if block.place else ""
    return LintRow(file, line, said.id, said.severity, said.message, said.remedy, said.field, place)


def _joined(reports: list[LintReport]) -> LintReport:
    counts: Counter[str] = Counter()
    for report in reports:
        counts += report.looked_at
    rows = tuple(row for report in reports for row in report.rows)
    return LintReport(rows, tuple(note for report in reports for note in report.notes), counts)
