"""Completion of %gt_vpc in IPython and Jupyter: one matcher, of the second version of IPython's matcher API."""

from __future__ import annotations

from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.interactiveshell import InteractiveShell

IDENTIFIER = "gt_vpc_nb.magic"


def add(shell: InteractiveShell, magics: Any) -> None:
    """Adds the matcher; one that is there already is replaced."""
    remove(shell)

    @context_matcher(identifier=IDENTIFIER)
    def gt_vpc_matcher(context: CompletionContext) -> SimpleMatcherResult:
        from gt_vpc_nb.completion import suggestions

        lines = context.full_text.split("\n")[: context.cursor_line + 1]
        before = "\n".join([*lines[:-1], lines[-1][: context.cursor_position]])
        found = suggestions(before, shell.user_ns, magics.seen)
        if found is None:
            return SimpleMatcherResult(completions=[], suppress=False)
        return SimpleMatcherResult(
            completions=[SimpleCompletion(text=text, type="param") for text in found.texts],
            matched_fragment=found.fragment,
            # Python's names are no words of a magic's line.
            suppress=True,
            ordered=True,
        )

    shell.Completer.custom_matchers.append(gt_vpc_matcher)


def remove(shell: InteractiveShell) -> None:
    """Takes the matcher out again."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if getattr(each, "matcher_identifier", "") != IDENTIFIER]
