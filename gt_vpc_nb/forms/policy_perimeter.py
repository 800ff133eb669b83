"""The fields of a perimeter: who may come into a bucket, with what is wrong under each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from gt_vpc_nb.errors import RequestError
from gt_vpc_nb.forms.fields import Field, grid, problems_html, said
from gt_vpc_nb.forms.policy_text import joined, listed
from gt_vpc_nb.policy.perimeter import Perimeter

#: The perimeter's part -> label, help, and whether it is one value or several.
_FIELDS = (
    ("vpcs", "VPCs", "Your VPCs that may come in: vpc-…, with commas between.", True),
    ("vpc_endpoints", "VPC endpoints", "Your endpoints that may come in: vpce-…, with commas between.", True),
    ("ground_truth", "Ground Truth Region", "The Region of the labeling jobs, like us-east-1.", False),
    ("execution_role", "Execution role", "The ARN of the role that the labeling jobs work as.", False),
    ("administrators", "Administrators", "ARNs of those who must always be able to repair the policy.", True),
    ("principals", "Other principals", "ARNs of users and roles that may come from any network.", True),
)


class PerimeterFields:
    """The inputs of a perimeter. `.perimeter` is what they say, None while they say nothing that can be."""

    def __init__(self, given: Perimeter, changed: Callable[..., object]) -> None:
        self.given = given
        self.fields: dict[str, Field] = {}
        for name, label, words, several in _FIELDS:
            value: Any = getattr(given, name)
            text = joined(value) if several else value or ""
            made = widgets.Text(description=label, value=text, description_allow_html=False, layout={"width": "auto"})
            made.observe(changed, "value")
            self.fields[name] = Field(words, made)
        self.box = grid(self.fields.values())

    def input(self, name: str) -> widgets.Text:
        """The input of one part, by the perimeter's own name for it."""
        return self.fields[name].inputs[0]

    @property
    def perimeter(self) -> Perimeter | None:
        """What the fields say; what is wrong is told under each field."""
        said_now: dict[str, Any] = {"console_users": self.given.console_users}
        for name, _, _, several in _FIELDS:
            typed = self.input(name).value
            said_now[name] = listed(typed) if several else typed.strip() or None
        try:
            made = Perimeter(**said_now)
        except RequestError as error:
            self._tell(error)
            return None
        self._tell(None)
        return made

    def _tell(self, error: RequestError | None) -> None:
        problems = list(error.problems) if error else []
        for name, field in self.fields.items():
            field.said = problems_html(each for each in problems if each.field == name)
        if error and not problems:
            # A Region that there is not comes without a field of its own.
            self.fields["ground_truth"].said = said("error", error)
