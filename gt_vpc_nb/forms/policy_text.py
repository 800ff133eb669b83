"""A policy's text as HTML: numbered lines with findings beside them, edits as marked lines, openings as a table."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Sequence

from gt_vpc_nb.forms.fields import ICONS, marked_lines, said, table_html, text_region, told
from gt_vpc_nb.policy import Finding
from gt_vpc_nb.policy.reach import Opening

_SEVERITY = {"ERROR": "error", "SECURITY_WARNING": "warning", "WARNING": "warning", "SUGGESTION": "info"}
#: Lines and openings that are drawn; S3 takes no policy of more than 20 KB.
_LINES, _OPENINGS = 1_200, 50


def indented(text: str | None) -> str:
    """A policy as a person edits it; halves of characters, which no browser takes, as JSON's escapes."""
    if not text:
        return ""
    laid_out = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return laid_out.encode("utf-8", "backslashreplace").decode()


def with_findings(text: str, findings: Sequence[Finding]) -> str:
    """The text with numbered lines, each finding under the line that it is about; those of no line come first."""
    by_line: dict[int, list[Finding]] = {}
    for each in findings:
        by_line.setdefault(each.line or 0, []).append(each)
    lines = text.splitlines()
    width = len(str(len(lines)))
    made = [_beside(each, width) for each in by_line.get(0, ())]
    for number, line in enumerate(lines[:_LINES], 1):
        found = by_line.get(number, ())
        gutter = f'<span class="gutter">{str(number).rjust(width)} │ </span>'
        made.append(f"{gutter}{f'<span class=mark>{html.escape(line)}</span>' if found else html.escape(line)}")
        made += [_beside(each, width) for each in found]
    beyond = [each for number, found in by_line.items() if number > min(len(lines), _LINES) for each in found]
    made += [_beside(each, width) for each in beyond]
    made += [f"… and {len(lines) - _LINES:,} more lines"] if len(lines) > _LINES else []
    body = "\n".join(made)
    return f'<pre tabindex="0" role="region" aria-label="The policy, its findings under their lines">{body}</pre>'


def _beside(finding: Finding, width: int) -> str:
    severity = _SEVERITY[finding.type]
    words = f"{finding.message}{' ' if finding.remedy else ''}{finding.remedy}"
    icon = f'<span aria-hidden="true">{ICONS[severity]}</span>'
    return f"{' ' * width} └ {icon} {html.escape(finding.type)} {html.escape(finding.issue_code)}: {told(words)}"


def counted(findings: Sequence[Finding]) -> str:
    """How many findings there are of which type, as one announced line."""
    if not findings:
        return said("done", "no findings")
    counts = {kind: sum(each.type == kind for each in findings) for kind in _SEVERITY}
    words = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    lines = sorted({each.line for each in findings if each.line})
    where = f" in line{'s' * (len(lines) > 1)} {', '.join(map(str, lines[:20]))}" if lines else ""
    worst = next(severity for kind, severity in _SEVERITY.items() if counts[kind])
    return said(worst, f"{words}{where}")


def edit_html(label: str, before: str, after: str) -> str:
    """An edit as marked lines; long stretches that stay as they are, are left out."""
    marked = marked_lines(before, after)
    near = {at for at, (mark, _) in enumerate(marked) if mark for at in range(at - 3, at + 4)}
    shown: list[tuple[str, str]] = []
    for at, line in enumerate(marked):
        if at in near:
            shown.append(line)
        elif not shown or shown[-1] != ("", "…"):
            shown.append(("", "…"))
    return text_region(label, shown)


def openings_html(openings: Sequence[Opening], words: str = "Ways past this policy from outside the perimeter") -> str:
    """Openings with the request that proves each."""
    if not openings:
        return ""
    more = f"; the first {_OPENINGS}" if len(openings) > _OPENINGS else ""
    heads = ("action", "resource", "witness", "statement", "why")
    rows = ((each.action, each.resource, _witness(each), each.statement, each.why) for each in openings[:_OPENINGS])
    made = table_html(f"{words}: {len(openings)}{more}", heads, rows)
    # A wide table scrolls within the cell, also by keyboard.
    scrolls = f'tabindex="0" role="region" aria-label="{html.escape(words)}" style="overflow-x:auto"'
    return f'<div class="gt-vpc-nb-rows" {scrolls}>{made}</div>'


def _witness(opening: Opening) -> str:
    if opening.witness is None:
        return "undetermined"
    context = ", ".join(f"{key}={value}" for key, value in opening.witness.context.items())
    return f"{opening.witness.principal or 'anonymous'}{f' with {context}' if context else ''}"


def listed(words: str) -> tuple[str, ...]:
    """What was typed with commas, blanks or line breaks between."""
    return tuple(words.replace(",", " ").split())


def joined(values: Iterable[str]) -> str:
    """The same the other way round."""
    return ", ".join(values)
