"""Parsers that answer in one sentence and never leave the interpreter, for the magics and the terminal."""

from __future__ import annotations

import argparse
import functools
import re
import shlex
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from gt_vpc_nb.errors import CommandError, near_miss

_SEEN = "_options_seen"


# One word with its quoted parts. A # begins a comment at the start of a word alone; shlex cuts s3://b/a#1 in two.
WORD = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+|["'\\]""")


class HelpShown(Exception):
    """Raised instead of leaving the interpreter when help was asked for; carries the text."""


#: Help looks alike wherever it is shown: as wide, and without the colours that Python 3.14 paints into it.
_LOOK = functools.partial(argparse.RawDescriptionHelpFormatter, width=110)
_PLAIN: dict[str, Any] = {"color": False} if sys.version_info >= (3, 14) else {}


class _Once(argparse.Action):
    """A value that an option takes once: two values for one thing are told, and none of them is dropped."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        seen = namespace.__dict__.setdefault(_SEEN, set())
        if option_string and self.dest in seen:
            raise CommandError(
                f"{parser.prog}: {option_string} is given twice, as {getattr(namespace, self.dest)} and as {values}; "
                "give it once."
            )
        seen.add(self.dest)
        setattr(namespace, self.dest, values)


class Parser(argparse.ArgumentParser):
    """An argparse parser that answers with one sentence and never leaves the interpreter."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"allow_abbrev": False, "formatter_class": _LOOK, **_PLAIN, **options})
        self.register("action", None, _Once)
        self.register("action", "store", _Once)

    def print_help(self, file: object = None) -> None:
        raise HelpShown(self.format_help())

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise CommandError(message or f"{self.prog} stopped with status {status}.")

    def error(self, message: str) -> NoReturn:
        end = "" if message.endswith("?") else "."
        raise CommandError(f"{self.prog}: {message}{end} What it takes: {' '.join(self.format_usage().split()[1:])}")

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:
        found = super().parse_args(args, namespace)
        found.__dict__.pop(_SEEN, None)
        return found

    def parse_known_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> tuple:
        found, unknown = super().parse_known_args(args, namespace)
        options = [word for word in unknown if word.startswith("-")]
        if options:
            name = options[0].partition("=")[0]
            self.error(f"there is no option {name}{near_miss(name, self._option_string_actions)}")
        if unknown:
            self.error(f"'{unknown[0]}' is one word too many")
        return found, unknown

    def _check_value(self, action: argparse.Action, value: object) -> None:
        # argparse lists every choice in its own words; a person wants the nearest one.
        if action.choices is not None and value not in action.choices:
            choices = ", ".join(map(str, action.choices))
            raise CommandError(
                f"{self.prog}: '{value}' is not one of {choices}{near_miss(str(value), map(str, action.choices))}"
            )


def words_of(line: str) -> list[str]:
    """The words of a magic's line, quoted as in a shell; raises CommandError for an open quote.

    >>> words_of("audit 'my bucket' s3://b/a#1  # a comment")
    ['audit', 'my bucket', 's3://b/a#1']
    """
    comment = next((word.start() for word in WORD.finditer(line) if word[0].startswith("#")), len(line))
    try:
        return shlex.split(line[:comment])
    except ValueError as problem:
        raise CommandError(f"%gt_vpc could not split this line ({problem}): {line.strip()}") from None
