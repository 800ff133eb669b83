"""One call of a magic: what was typed, where calls go, and the Python that does the same."""

from __future__ import annotations

import keyword
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gt_vpc_nb.errors import CommandError, near_miss

if TYPE_CHECKING:
    from gt_vpc_nb.builder import LabelingJob
    from gt_vpc_nb.magics import GtVpcMagics
    from gt_vpc_nb.policy.perimeter import Perimeter


class Place:
    """Where the calls of the magics go; shown as a banner."""

    def __init__(self, session: Any, local: Any = None) -> None:
        self.session = session
        #: The local AWS itself (its clock, log and world), or None for a real account.
        self.local = local

    def __repr__(self) -> str:
        from gt_vpc_nb.aws.sessions import place_of, standing
        from gt_vpc_nb.errors import AwsError

        try:
            return f"Calls now go to: {standing(self.session, attempts=1)}"
        except AwsError as error:
            where = f"{place_of(self.session)} · {self.session.region_name or 'no Region'}"
            return f"Calls now go to: {where} · account not known ({error})"


@dataclass(frozen=True)
class Call:
    """A magic's line and body, parsed, with the magics they were typed into."""

    magics: GtVpcMagics
    options: Namespace
    body: Any
    names: Mapping[str, Any]

    @property
    def session(self) -> Any:
        """The session of %gt_vpc use, or None for boto3's default session."""
        return self.magics.place.session if self.magics.place else None

    @property
    def session_code(self) -> str | None:
        """What this session is called in the notebook, so that the Python printed runs there; None: no session."""
        return None if self.session is None else next(self._names_of(self.session), "session")

    def _names_of(self, session: Any) -> Iterator[str]:
        held = [(name, value) for name, value in self.magics.shell.user_ns.items() if not name.startswith("_")]
        # The cell's value of %gt_vpc use is among the notebook's outputs, whatever its name.
        outputs = [(f"Out[{number}]", value) for number, value in self.magics.shell.user_ns.get("Out", {}).items()]
        yield from (name for name, value in held if value is session)
        yield from (f"{name}.session" for name, value in held + outputs if _goes_to(value, session))

    def perimeter(self) -> Perimeter:
        """Who may come in: by the options, and by %config for the role and the Region that they leave out."""
        from gt_vpc_nb.aws.sessions import open_session
        from gt_vpc_nb.policy.perimeter import Perimeter

        set_before = self.magics.given
        return Perimeter(
            vpcs=tuple(self.options.vpc),
            vpc_endpoints=tuple(self.options.endpoint),
            ground_truth=self.options.region or set_before.get("region") or open_session(self.session).region_name,
            execution_role=self.options.role or set_before.get("role"),
            administrators=tuple(self.options.admin),
        )

    def held_job(self, variable: Any, doing: str) -> LabelingJob:
        """The job that a variable holds, or that was given as {{variable}} itself."""
        from gt_vpc_nb.builder import LabelingJob

        job = self.names.get(variable) if isinstance(variable, str) else variable
        if isinstance(job, LabelingJob):
            return job
        if not isinstance(variable, str):
            # Not shown itself: what it is may ask AWS to show itself, or be long.
            raise CommandError(f"%gt_vpc {doing}: a {type(variable).__name__} was given, and no LabelingJob.")
        held = [name for name, value in self.names.items() if isinstance(value, LabelingJob)]
        raise CommandError(f"%gt_vpc {doing}: '{variable}' does not hold a LabelingJob{near_miss(variable, held)}")

    def bind(self, value: Any) -> None:
        """Gives the notebook's variable, if one was named, its value."""
        if self.options.variable is not None:
            self.magics.shell.push({str(self.options.variable): value})

    def new_variable(self) -> None:
        """Refuses what cannot be a variable, before anything is done."""
        name = self.options.variable
        if name is not None and (not str(name).isidentifier() or keyword.iskeyword(str(name))):
            raise CommandError(f"'{name}' is not a variable name.")

    def python(self, imports: str, *lines: str) -> None:
        """Prints the Python that does the same; the whole text can be copied into a cell and runs there."""
        print("\n".join(["# in Python:", *([f"from gt_vpc_nb import {imports}"] if imports else []), *lines]))


def _goes_to(value: Any, session: Any) -> bool:
    return isinstance(value, Place) and value.session is session


def called(function: str, *positional: Any, session: str | None = None, **named: Any) -> str:
    """A call as Python text; what is None, False or empty is left out, `session` is text already."""
    given = {name: value for name, value in named.items() if value not in (None, (), [], {}, False)}
    words = [*map(repr, positional), *([f"session={session}"] if session else [])]
    return f"{function}({', '.join([*words, *(f'{name}={value!r}' for name, value in given.items())])})"
