"""%config GtVpcMagics: a setting for each part of a labeling job that can have a default, checked when it is set."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, TraitError, TraitType
from traitlets.config import Configurable

from gt_vpc_nb.defaults_fields import FIELDS
from gt_vpc_nb.errors import CommandError, GtVpcError

_LISTS = ("subnets", "security_groups")


class Setting(TraitType):
    """The default of one field: text, or texts where the field is a list; empty stands for none."""

    def validate(self, obj: Any, value: Any) -> Any:
        """The value, if CreateLabelingJob takes it; a wrong one is kept in mind: %config only prints it."""
        obj.refused.pop(self.name, None)
        found = _wrong(str(self.name), value)
        if found:
            obj.refused[self.name] = f"%config GtVpcMagics.{self.name} = {value!r} was refused: {found}"
            raise TraitError(obj.refused[self.name])
        return [value] if self.name in _LISTS and isinstance(value, str) and value else value


def _wrong(name: str, value: Any) -> str:
    if not value:
        return ""
    listed = name in _LISTS and isinstance(value, (list, tuple))
    texts = list(value) if listed else [value]
    if not all(isinstance(each, str) for each in texts):
        return f"give {'a list of texts' if name in _LISTS else 'a text'}."
    return " ".join(filter(None, (_misfit(name, each) for each in texts)))


def _misfit(name: str, value: str) -> str:
    from gt_vpc_nb.facts import limit, region

    if name == "region":
        try:
            region(value)
        except GtVpcError as error:
            return str(error)
        return ""
    # A team's name becomes an ARN when the role's account is known.
    if name == "team" and not value.startswith("arn:"):
        return ""
    member = f"{FIELDS[name]}[]" if name in _LISTS else FIELDS[name]
    return "" if limit(member).matches(value) else f"{value!r} does not match {limit(member).pattern}."


class _Switches(Configurable):
    short_errors = Bool(True, help="One to five lines for an error of ours; False brings the traceback back.").tag(
        config=True
    )

    def __init__(self, **options: Any) -> None:
        #: What was set and is not taken, a sentence each.
        self.refused: dict[str, str] = {}
        super().__init__(**options)

    @property
    def given(self) -> dict[str, Any]:
        """The defaults that were set, as `with_defaults` takes them; raises CommandError while one stands refused."""
        if self.refused:
            raise CommandError("\n".join([*self.refused.values(), "Set a right value, or '' for none."]))
        return self.set_now

    @property
    def set_now(self) -> dict[str, Any]:
        """The defaults that were set; those that were refused are not among them."""
        return {name: value for name in FIELDS if (value := getattr(self, name))}


def _setting(name: str) -> TraitType:
    told = f"The default of {FIELDS[name]}, for jobs that leave it open."
    return Setting([] if name in _LISTS else "", help=told).tag(config=True)


#: One setting for each field with a default: neither list can be longer than the other.
Settings: Any = type("Settings", (_Switches,), {name: _setting(name) for name in FIELDS})
