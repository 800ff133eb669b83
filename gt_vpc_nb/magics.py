"""The %gt_vpc and %%gt_vpc magics: they parse, call one thing, and return it."""

from __future__ import annotations

import argparse
import functools
import importlib
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand

from gt_vpc_nb import completion_matcher, magics_cells
from gt_vpc_nb.command_line import HelpShown, words_of
from gt_vpc_nb.commands import BY_NAME, Command, magic_parser, overview
from gt_vpc_nb.completion_seen import Seen
from gt_vpc_nb.errors import CommandError, GtVpcError
from gt_vpc_nb.expansion import Expansion
from gt_vpc_nb.magics_call import Call, Place
from gt_vpc_nb.magics_settings import Settings

_NAME = "gt_vpc"
_ROOMS = ("magics_buckets", "magics_jobs", "magics_offline")


@functools.cache
def _function(command: str) -> Callable[[Call], object]:
    """Each command is the function of its name, in a file that is read when it is needed."""
    rooms = (importlib.import_module(f"gt_vpc_nb.{room}") for room in _ROOMS)
    return next(getattr(room, command) for room in rooms if hasattr(room, command))


@magics_class
class GtVpcMagics(Settings, Magics):
    """Configuration of %gt_vpc; list and set it with %config GtVpcMagics."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell=shell)
        self.place: Place | None = None
        self.seen = Seen()
        self.observe(self._set_short_errors, "short_errors")
        GtVpcError.short_in_notebooks = self.short_errors

    def _set_short_errors(self, change: Any) -> None:
        GtVpcError.short_in_notebooks = change["new"]

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def gt_vpc(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> object:
        """Ground Truth labeling jobs in a VPC: %gt_vpc --help."""
        names = {**self.shell.user_ns, **(local_ns or {})}
        expansion = Expansion(names)
        try:
            options = self._options(line, expansion)
        except HelpShown as shown:
            print(shown)
            return None
        command = BY_NAME[options.command]
        body = _body(command, cell, expansion)
        _known_regions(options)
        self._note(command, options)
        result = _function(command.name)(Call(self, options, body, names))
        self.seen.result(result)
        return result

    def _note(self, command: Command, options: argparse.Namespace) -> None:
        for each in command.arguments:
            value = getattr(options, each.name.removeprefix("--"), None)
            self.seen.add(each.kind, *(value if isinstance(value, list) else [value]))

    def _options(self, line: str, expansion: Expansion) -> argparse.Namespace:
        words = words_of(expansion.mark(line))
        if not words:
            raise CommandError("%gt_vpc needs a command: %gt_vpc --help lists them.")
        parsed = magic_parser().parse_args(words)
        return argparse.Namespace(**{name: expansion.restore(value) for name, value in vars(parsed).items()})


def _known_regions(options: argparse.Namespace) -> None:
    """Refuses a Region in which no labeling job can be, with the nearest one; `use` may go to any of AWS's."""
    from gt_vpc_nb.facts import region

    given = getattr(options, "region", None)
    if given and options.command != "use":
        for each in given if isinstance(given, list) else [given]:
            region(each)


def _body(command: Command, cell: str | None, expansion: Expansion) -> Any:
    """The body in its language: of YAML the value, of JSON the text, whose lines are to be told."""
    if cell is None:
        if command.line:
            return None
        raise CommandError(
            f"%gt_vpc {command.name} takes a {command.body} body: start the cell with %%gt_vpc {command.name}."
        )
    if not command.body:
        raise CommandError(f"%%gt_vpc {command.name} takes no body: write %gt_vpc {command.name} on one line.")
    if not cell.strip():
        raise CommandError(f"%%gt_vpc {command.name} takes a {command.body} body: write it under this line.")
    marked = expansion.mark(cell)
    return expansion.restore_json(marked) if command.body == "JSON" else expansion.restore(_yaml(marked))


def _yaml(text: str) -> Any:
    import yaml

    from gt_vpc_nb.job_code_trees import yaml_value

    try:
        return yaml_value(text)
    except yaml.YAMLError as problem:
        where = getattr(problem, "problem_mark", None)
        line = f" in line {where.line + 1}" if where else ""
        raise CommandError(f"The body is not YAML{line}: {getattr(problem, 'problem', problem)}.") from None


def load(shell: InteractiveShell) -> None:
    """Registers the magics; a second load replaces the first."""
    unload(shell)
    magics = GtVpcMagics(shell)
    magics.gt_vpc.__func__.__doc__ = overview()
    shell.register_magics(magics)
    completion_matcher.add(shell, magics)
    magics_cells.add(shell)


def unload(shell: InteractiveShell) -> None:
    """Takes the magics out again: the shell's magics, configurables and matchers are as before."""
    completion_matcher.remove(shell)
    magics_cells.remove(shell)
    shell.configurables[:] = [each for each in shell.configurables if not isinstance(each, GtVpcMagics)]
    shell.magics_manager.registry.pop(GtVpcMagics.__name__, None)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(_NAME, None)
    GtVpcError.short_in_notebooks = True
    _end_watches()


def _end_watches() -> None:
    """Nothing of ours goes on looking at labeling jobs; what was never imported watches nothing."""
    live = sys.modules.get("gt_vpc_nb.report.live_poller")
    if live is not None:
        live.POLLER.end()
