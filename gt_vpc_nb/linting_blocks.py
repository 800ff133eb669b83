"""The parts of a file that are code or data, each with its language and the line where it begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from gt_vpc_nb.policy.json_places import BadJson, PlacedReader

Language = Literal["python", "json", "yaml", "terraform", "job", "policy"]

#: What a fence in Markdown, or a file's name, calls a language.
LANGUAGES: dict[str, Language] = {
    **dict.fromkeys(("python", "python3", "py", "ipython", "ipython3", "pycon", "pyi"), "python"),
    **dict.fromkeys(("json", "json5", "jsonc", "asl"), "json"),
    **dict.fromkeys(("yaml", "yml"), "yaml"),
    **dict.fromkeys(("tf", "hcl", "terraform"), "terraform"),
}
_FENCE = re.compile(r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}|~{3,})[ \t]*\{?\.?(?P<language>[\w+.#-]*)")
_MAGIC = re.compile(r"^(?P<indent>\s*)(?P<name>[^\W\d][\w, ]*=\s*)?[%!?].*$|^(?P<asked>[\w.]+\?{1,2})\s*$")
#: Cell magics whose body is still Python.
_PYTHON_CELLS = {"time", "timeit", "capture", "prun", "pyspark", "python", "python3", "memit", "mprun"}


@dataclass(frozen=True)
class Block:
    """One part of a file: `line` is its first line in the file; `lines` those of each line where they do not follow.

    `place` names a notebook's cell.
    """

    text: str
    language: Language
    line: int = 1
    lines: tuple[int, ...] = ()
    place: str = ""


def guessed(text: str) -> Language | None:
    """The language of a block that does not tell it, or None for prose and languages that are not read.

    >>> guessed('{"Version": "2012-10-17"}'), guessed("client.create_labeling_job(")
    ('json', 'python')
    """
    if re.search(r"create_labeling_job\s*\(|^\s*(import|from)\s+\w|^\w+\s*=\s*[{\[\w\"']", text, re.MULTILINE):
        return "terraform" if re.search(r'^(resource|data)\s+"aws_', text, re.MULTILINE) else "python"
    if re.match(r"\s*[{\[\"'“]", text):
        return "json"
    if re.search(r'^(resource|data)\s+"aws_', text, re.MULTILINE):
        return "terraform"
    return "yaml" if re.match(r"\s*(---|[A-Za-z]\w*:(\s|$))", text) else None


def markdown_blocks(text: str) -> Iterator[Block]:
    """The fenced and the indented blocks of Markdown."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        if fence:
            end = _fence_end(lines, at, fence["fence"])
            yield from _fenced(lines[at + 1 : end], fence, at + 2)
            at = end + 1
        elif _is_indented(lines[at]) and (at == 0 or not lines[at - 1].strip()):
            end = at
            while end < len(lines) and (_is_indented(lines[end]) or not lines[end].strip()):
                end += 1
            inner = "\n".join(line[4:] if line.startswith("    ") else line.lstrip("\t") for line in lines[at:end])
            if language := guessed(inner):
                yield Block(inner, language, at + 1)
            at = end
        else:
            at += 1


def _is_indented(line: str) -> bool:
    return line.startswith(("    ", "\t")) and bool(line.strip())


def _fence_end(lines: list[str], at: int, fence: str) -> int:
    for number in range(at + 1, len(lines)):
        stripped = lines[number].strip(" \t>")
        if stripped.startswith(fence) and not stripped.strip(fence[0]):
            return number
    return len(lines)


def _fenced(lines: list[str], fence: re.Match[str], first: int) -> Iterator[Block]:
    indent, told = fence["indent"], fence["language"].casefold()
    inner = "\n".join(line.removeprefix(indent) if line.startswith(indent) else line.lstrip(" >") for line in lines)
    language = LANGUAGES.get(told) if told else guessed(inner)
    if told in ("text", "txt", "default", "code"):
        language = guessed(inner)
    if language == "python":
        inner = without_prompts(without_magics(inner))
    if language:
        yield Block(inner, language, first)


def without_prompts(text: str) -> str:
    """Python as a console shows it, without the prompts; what it answered becomes empty lines."""
    if not re.search(r"^>>> ", text, re.MULTILINE):
        return text
    kept = [line[4:] if line.startswith((">>> ", "... ")) else "" for line in text.split("\n")]
    return "\n".join(kept)


def without_magics(text: str) -> str:
    """A cell's Python without IPython's magics and shell commands; its lines stay where they are."""
    return "\n".join(_plain_line(line) for line in text.split("\n"))


def _plain_line(line: str) -> str:
    magic = _MAGIC.match(line)
    if not magic:
        return line
    return f"{magic['indent'] or ''}{magic['name'] + '...' if magic['name'] else 'pass'}"


def notebook_blocks(text: str) -> Iterator[Block]:
    """The code cells of a notebook; BadJson where the file is not JSON."""
    reader = PlacedReader(text)
    notebook = reader.read()
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise BadJson("a notebook has a list of cells, and this has none", 0)
    for number, cell in enumerate(cells):
        if isinstance(cell, dict) and cell.get("cell_type") in ("code", "markdown"):
            yield from _of_cell(cell, number, reader.lines)


def _of_cell(cell: dict[str, Any], number: int, lines: dict[str, int]) -> Iterator[Block]:
    source, path = cell.get("source"), f"cells[{number}].source"
    if isinstance(source, list) and all(isinstance(each, str) for each in source):
        # Jupyter writes an entry for each line; what else has entries of several lines is told by the entry's.
        text = "".join(source)
        places = tuple(
            lines[f"{path}[{entry}]"] for entry, each in enumerate(source) for _ in range(max(1, each.count("\n")))
        )
    elif isinstance(source, str):
        text, places = source, (lines.get(path, 1),) * (source.count("\n") + 1)
    else:
        return
    place = f"cell {number + 1}"
    if cell["cell_type"] == "code":
        yield from code_cell(text, places, place)
        return
    for block in markdown_blocks(text):
        further = block.line - 1
        yield Block(block.text, block.language, block.line, places[further:], place)


def code_cell(text: str, places: tuple[int, ...], place: str) -> Iterator[Block]:
    """What a code cell holds: Python, or the body of a cell magic."""
    head, _, body = text.lstrip().partition("\n")
    above = text[: len(text) - len(text.lstrip())].count("\n")
    if not head.startswith("%%"):
        yield Block(without_magics(text), "python", 1, places, place)
        return
    words = head[2:].split()
    name = words[0] if words else ""
    language = _of_magic(name, words[1] if len(words) > 1 else "")
    if language:
        inner = without_magics(body) if language == "python" else body
        yield Block(inner, language, above + 2, places[above + 1 :], place)


def _of_magic(name: str, word: str) -> Language | None:
    if name == "gt_vpc":
        return {"job": "job", "submit": "job", "policy": "policy"}.get(word)  # type: ignore[return-value]
    if name == "writefile":
        return LANGUAGES.get(word.rpartition(".")[2].casefold())
    return "python" if name in _PYTHON_CELLS else None


BLOCKS: dict[str, Callable[[str], Iterator[Block]]] = {
    "md": markdown_blocks,
    "markdown": markdown_blocks,
    "ipynb": notebook_blocks,
}
