"""How results show themselves in a notebook: the answer first, then tables, then what unfolds. One look for all.

A result's `_repr_html_` is `page(answer, *parts)`. Every text in it is escaped here unless it is `Html`, a page stays
under 200 kB whatever is in it, and it is plain HTML: no script, colours of the notebook's theme alone. Rows come worst
first, and in the order of their source where they are equally bad.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from gt_vpc_nb.shown_text import clipped, printable, safe

#: What a page may take, in bytes; the sheet and the frame around the parts come on top of it.
PAGE_BYTES = 180_000
#: The class of every view of ours; the sheet says nothing about anything outside it.
VIEW = "gt-vpc-nb"

_RULES = """
{v} {{ color: var(--jp-content-font-color1, inherit); max-width: 100%; overflow-x: auto; }}
{v} :is(p, ul, pre, table, details, figure) {{ margin: .4em 0; }}
{v} p.answer {{ font-weight: 600; }}
{v} table {{ border-collapse: collapse; color: inherit; }}
{v} caption {{ caption-side: top; text-align: left; font-weight: 600; padding: .3em 0; color: inherit; }}
{v} :is(td, th) {{ text-align: left; vertical-align: top; padding: .25em .6em; white-space: normal; max-width: 60em;
  border-bottom: 1px solid var(--jp-border-color2, currentColor); }}
{v} td {{ overflow-wrap: anywhere; min-width: 4em; }}
{v} tbody th {{ font-weight: 500; overflow-wrap: anywhere; min-width: 6em; }}
{v} :is(td, th).number {{ text-align: right; min-width: 0; font-variant-numeric: tabular-nums; }}
{v} .badge {{ white-space: nowrap; padding-left: .4em; border-left: .3em solid currentColor; }}
{v} .badge.bad {{ border-left-color: var(--jp-error-color1, currentColor); }}
{v} .badge.doubt {{ border-left-color: var(--jp-warn-color1, currentColor); }}
{v} .badge.good {{ border-left-color: var(--jp-success-color1, currentColor); }}
{v} pre {{ white-space: pre-wrap; overflow-wrap: anywhere; color: inherit; background: none;
  font-family: var(--jp-code-font-family, monospace); }}
{v} :is(ins, del) {{ color: inherit; text-decoration: none; font-weight: 700; }}
{v} summary {{ cursor: pointer; font-weight: 600; }}
{v} :is(summary, [tabindex]):focus-visible {{ outline: 2px solid var(--jp-brand-color1, currentColor); }}
@media (forced-colors: active) {{ {v} svg :is(path, rect) {{ stroke: currentColor !important; }} }}
{v} .bar {{ display: inline-block; border: 1px solid var(--jp-border-color0, currentColor); }}
"""
SHEET = f"<style>{_RULES.format(v=f'div.{VIEW}')}</style>"


class Html(str):
    """Text that is HTML already; every other text is escaped when it is shown."""


class Part(Protocol):
    """A piece of a page: HTML of at most about so many bytes."""

    def html(self, size: int) -> str: ...


def html(value: object, longest: int = 4_000) -> Html:
    """A value as HTML: one line, harmless, clipped; what is `Html` stays as it is.

    >>> html("<b> & 'c'")
    '&lt;b&gt; &amp; &#x27;c&#x27;'
    """
    if isinstance(value, Html):
        return value
    return Html(escape(clipped(printable("" if value is None else str(value)), longest)))


def page(answer: object, *parts: Part, size: int = PAGE_BYTES, label: object = "") -> str:
    """A whole view: the answer, then its parts, each of which takes at most what the ones before it have left.

    `label` is what screen readers hear where the answer stands in a caption.
    """
    line = html(answer, 2_000)
    made = [f'<p class="answer">{line}</p>'] if line else []
    return framed(
        label=line or html(label, 2_000), inner="".join([*made, *_within(parts, size - sum(map(bytes_of, made)))])
    )


def framed(label: Html, inner: str) -> str:
    """The frame around a view: keyboards can reach it where it scrolls, and screen readers hear its answer."""
    return f'{SHEET}<div class="{VIEW}" tabindex="0" role="group" aria-label="{label}">{inner}</div>'


def _within(parts: Sequence[Part], size: int) -> list[str]:
    made: list[str] = []
    for at, part in enumerate(parts):
        made.append(part.html(max(0, size) // (len(parts) - at)))
        size -= bytes_of(made[-1])
    return made


def bytes_of(text: str) -> int:
    """How long a text is when it is saved."""
    return len(text.encode("utf-8", "replace"))


#: The words that are told with a sign of their own: what the sign is, and whether it is good.
_SIGNS = {
    **dict.fromkeys(("failed", "error", "ERROR", "Failed", "open", "explicitDeny", "implicitDeny"), ("✗", "bad")),
    **dict.fromkeys(("SECURITY_WARNING", "closed-but-blocks-ground-truth"), ("✗", "bad")),
    **dict.fromkeys(("stopped", "partly"), ("✗", "bad")),
    **dict.fromkeys(("gets in", "kept out"), ("✓", "good")),
    **dict.fromkeys(("undetermined", "unreadable", "not read"), ("?", "doubt")),
    **dict.fromkeys(("warned", "warning", "WARNING", "missing", "overridden", "not carried"), ("!", "doubt")),
    **dict.fromkeys(("passed", "allowed", "closed-and-working", "Completed", "known"), ("✓", "good")),
    "notDenied": ("○", ""),
}


def has_sign(word: str) -> bool:
    """Whether a word has a sign of its own."""
    return word in _SIGNS


def badge(word: object) -> Html:
    """A status as a sign and its word, so that nothing is told by colour alone.

    >>> badge("failed")
    '<span class="badge bad"><span aria-hidden="true">✗</span> failed</span>'
    """
    sign, kind = _SIGNS.get(str(word), ("·", ""))
    name = f"badge {kind}".strip()
    return Html(f'<span class="{name}"><span aria-hidden="true">{sign}</span> {html(word, 100)}</span>')


@dataclass(frozen=True)
class Rows:
    """A table. `total` is how many rows there are, where `rows` does not know its length.

    `right` are positions of columns with numbers; `heads` says whether the first cell of a row names the row.
    """

    caption: object
    columns: Sequence[object]
    rows: Iterable[Sequence[object]]
    total: int | None = None
    right: Collection[int] = ()
    heads: bool = True
    what: str = "rows"

    def html(self, size: int) -> str:
        head = "".join(self._head(at, html(each, 100)) for at, each in enumerate(self.columns))
        longest = max(100, min(4_000, size // (12 * max(1, len(self.columns)))))
        body, count = _fitting((self._row(row, longest) for row in self.rows), size)
        total = self.total if self.total is not None else len(self.rows)  # type: ignore[arg-type]
        left = total - count
        more = f"<p>+{left:,} {html(self.what)}</p>" if left > 0 else ""
        caption = f"<caption>{html(self.caption, 2_000)}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"

    def _row(self, row: Sequence[object], longest: int) -> str:
        cells = [self._cell(at, html(value, longest)) for at, value in enumerate(row)]
        return f"<tr>{''.join(cells)}</tr>"

    def _head(self, at: int, inner: Html) -> str:
        # A corner without a word is no heading of anything.
        return f'<th scope="col"{_side(at, self.right)}>{inner}</th>' if inner else "<td></td>"

    def _cell(self, at: int, inner: Html) -> str:
        if at == 0 and self.heads:
            return f'<th scope="row"{_side(at, self.right)}>{inner}</th>'
        return f"<td{_side(at, self.right)}>{inner}</td>"


def _side(at: int, right: Collection[int]) -> str:
    return ' class="number"' if at in right else ""


@dataclass(frozen=True)
class Pairs:
    """A table of headings and what is to be said under each."""

    caption: object
    pairs: Sequence[tuple[object, object]]

    def html(self, size: int) -> str:
        rows = (f'<tr><th scope="row">{html(head, 200)}</th><td>{html(text)}</td></tr>' for head, text in self.pairs)
        body, count = _fitting(rows, size)
        left = len(self.pairs) - count
        more = f"<p>+{left:,} rows</p>" if left else ""
        return f"<table><caption>{html(self.caption, 2_000)}</caption><tbody>{body}</tbody></table>{more}"


@dataclass(frozen=True)
class Items:
    """Sentences, a line each; nothing where there is none."""

    items: Sequence[object]
    heading: str = ""

    def html(self, size: int) -> str:
        if not self.items:
            return ""
        body, count = _fitting((f"<li>{html(each)}</li>" for each in self.items), size)
        left = len(self.items) - count
        heading = f"<p>{html(self.heading)}</p>" if self.heading else ""
        return f"{heading}<ul>{body}</ul>" + (f"<p>+{left:,} lines</p>" if left else "")


@dataclass(frozen=True)
class Code:
    """Text whose lines and blanks matter; of a `diff` the lines that go and come are marked beside their sign."""

    text: str
    diff: bool = False

    def html(self, size: int) -> str:
        lines = self.text.split("\n")
        marked: Callable[[str], str] = _marked if self.diff else _escaped
        body, count = _fitting((f"{marked(line)}\n" for line in lines), size)
        left = len(lines) - count
        return f"<pre>{body}</pre>" + (f"<p>+{left:,} lines</p>" if left else "")


def _escaped(line: str) -> str:
    return escape(clipped(safe(line)))


def _marked(line: str) -> str:
    tag = {"+": "ins", "-": "del"}.get(line[:1])
    return f"<{tag}>{_escaped(line)}</{tag}>" if tag else _escaped(line)


@dataclass(frozen=True)
class Fold:
    """What a reader unfolds: a line, and parts that are hidden until then."""

    summary: object
    parts: Sequence[Part]

    def html(self, size: int) -> str:
        inner = "".join(_within(self.parts, size))
        return f"<details><summary>{html(self.summary, 500)}</summary>{inner}</details>"


@dataclass(frozen=True)
class Drawn:
    """HTML that was made elsewhere, a picture say; a sentence stands for it where it does not fit."""

    made: str
    instead: str = "The picture is too large to be shown here."

    def html(self, size: int) -> str:
        return self.made if bytes_of(self.made) <= size else f"<p>{html(self.instead)}</p>"


def _fitting(pieces: Iterable[str], size: int) -> tuple[str, int]:
    """As many pieces as fit, joined, and how many they are."""
    kept: list[str] = []
    used = 0
    for piece in pieces:
        used += bytes_of(piece)
        if used > size:
            break
        kept.append(piece)
    return "".join(kept), len(kept)
