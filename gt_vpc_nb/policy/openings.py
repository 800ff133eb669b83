"""Ways in, and what a change of policy does to them, as values that show themselves."""

from __future__ import annotations

from dataclasses import dataclass

from gt_vpc_nb.policy.access_request import AccessRequest
from gt_vpc_nb.shown import Pairs, page
from gt_vpc_nb.shown_text import ShownList, counted, told


@dataclass(frozen=True, repr=False)
class Opening:
    """A way in: a witness for a group of actions, and the statement that lets it in or no longer denies it."""

    action: str
    resource: str
    witness: AccessRequest | None
    statement: str
    why: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}: {self.why}"

    def __repr__(self) -> str:
        return told(str(self))

    def _repr_html_(self) -> str:
        rows = [
            ("action", self.action),
            ("resource", self.resource),
            ("why", self.why),
            ("statement", self.statement or "none"),
        ]
        if self.witness:
            rows += [("proven with", self.witness.principal or "anonymous"), ("carrying", _carried(self))]
        return page(str(self), Pairs("Opening", rows))


def _carried(opening: Opening) -> str:
    context = opening.witness.context if opening.witness else {}
    return ", ".join(f"{key}={value}" for key, value in context.items()) or "no context keys"


class Openings(ShownList):
    """Ways in; an ordinary list beside how it shows itself."""

    caption = "Openings"
    columns = ("action", "resource", "statement", "why", "proven with")

    def answer(self) -> str:
        unsure = sum(each.witness is None for each in self)
        if not self:
            return "No opening: nobody from outside the perimeter gets in, under the documented semantics."
        undecided = f", {unsure} of them undetermined" if unsure else ""
        return f"{counted(len(self), 'way')} in from outside the perimeter{undecided}."

    def row(self, each: Opening) -> tuple[object, ...]:
        carried = f"{each.witness.principal or 'anonymous'}: {_carried(each)}" if each.witness else "nothing"
        return each.action, each.resource, each.statement, each.why, carried


@dataclass(frozen=True, repr=False)
class Comparison:
    """What a change of policy opens and closes, each with a witness."""

    opened: tuple[Opening, ...]
    closed: tuple[Opening, ...]

    @property
    def summary(self) -> str:
        """The answer in one line."""
        if not self.opened and not self.closed:
            return "opens nothing, closes nothing"
        return f"opens {counted(len(self.opened), 'way')}, closes {counted(len(self.closed), 'way')}"

    def __str__(self) -> str:
        parts = [("opens", self.opened), ("closes", self.closed)]
        lines = [f"{word}: {each}" for word, openings in parts for each in openings]
        return "\n".join(lines) or self.summary

    def __repr__(self) -> str:
        return told(self.summary, str(self).splitlines() if self.opened or self.closed else ())

    def _repr_html_(self) -> str:
        tables = {"Opens": Openings(self.opened), "Closes": Openings(self.closed)}
        for caption, each in tables.items():
            each.caption = caption
        return page(self.summary, *(part for each in tables.values() for part in each.parts()))
