"""What there is on this machine, in its network and on its AWS: one block to copy into a question."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gt_vpc_nb.aws.sessions import open_session, place_of
from gt_vpc_nb.defaults_fields import FIELDS
from gt_vpc_nb.doctor_services import Answer, answers, within
from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.facts import regions
from gt_vpc_nb.shown import Code, page
from gt_vpc_nb.shown_text import told

#: What is asked for by name only: nothing of it is imported.
_PACKAGES = (
    "gt-vpc-nb", "boto3", "botocore", "pandas", "ipython", "ipykernel", "ipywidgets", "jupyterlab", "moto",
    "scikit-learn", "Pillow", "matplotlib", "sagemaker", "sagemaker-core",
)  # fmt: skip
#: Seconds to find credentials: outside of AWS the address of instance metadata may answer nobody.
_CREDENTIALS = 4.0


@dataclass(frozen=True, repr=False)
class Examination:
    """What was found, in sections of (heading, text); `answers` are the five services."""

    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    answers: tuple[Answer, ...]

    @property
    def well(self) -> bool:
        """Whether every service answers."""
        return bool(self.answers) and all(each.state == "answers" for each in self.answers)

    @property
    def summary(self) -> str:
        """The answer in one line."""
        if not self.answers:
            return "doctor: the session could not be opened"
        told = (f"{each.service.shown} {each.state}" for each in self.answers if each.state != "answers")
        return f"doctor: {', '.join(told) or 'every service answers'}"

    def row(self, heading: str) -> str:
        """The text under a heading. Raises KeyError where there is none."""
        return {name: text for _, rows in self.sections for name, text in rows}[heading]

    def __repr__(self) -> str:
        lines = [self.summary]
        for title, rows in self.sections:
            wide = max((len(heading) for heading, _ in rows), default=0)
            lines += [f"{title}:", *(f"  {heading:<{wide}}  {text}" for heading, text in rows)]
        return told(lines)

    def _repr_html_(self) -> str:
        # A block of plain text is what a person can copy whole.
        return page(self.summary, Code(repr(self)))


def examined(settings: Mapping[str, Any] | None = None, session: Any = None) -> Examination:
    """Looks at this machine, asks five services, and reads where defaults come from; nothing is changed.

    `settings` are those of ``%config GtVpcMagics``. It never fails: what cannot be found is told in its place.
    """
    try:
        opened = open_session(session)
    except GtVpcError as error:
        return Examination((("session", (("session", _line(error)),)), _versions(), _defaults(settings, None)), ())
    region, signed = opened.region_name, within(_CREDENTIALS, opened.get_credentials, None) is not None
    found = answers(opened, region, signed)
    return Examination(
        (
            ("AWS", (("place", place_of(opened)), ("Region", _region(opened)), *_who(found, signed))),
            ("services", tuple((each.service.shown, f"{each.state}: {each.detail}{_slow(each)}") for each in found)),
            _defaults(settings, opened),
            _versions(),
        ),
        found,
    )


def _slow(answer: Answer) -> str:
    return f" (after {answer.seconds:.0f} s)" if answer.seconds > 2 else ""


def _region(session: Any) -> str:
    region = session.region_name
    if not region:
        return "none is named: %gt_vpc use aws --region R, a profile's, or AWS_REGION"
    known = region in {each.code for each in regions()}
    named = next((name for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if os.environ.get(name) == region), "")
    whence = f" (from {named})" if named else " (the session's)"
    return f"{region}{whence}, {'with' if known else 'WITHOUT'} Ground Truth"


def _who(found: tuple[Answer, ...], signed: bool) -> tuple[tuple[str, str], ...]:
    told = found[0].told
    if not signed:
        return (("caller", "no credentials were found: the services were asked without"),)
    if not told:
        return (("caller", f"not known: STS {found[0].state}, {found[0].detail}"),)
    return (("caller", told["Arn"]), ("account", told["Account"]))


def _defaults(settings: Mapping[str, Any] | None, session: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What fills open fields of a job, the strongest first, as `with_defaults` would take it."""
    from gt_vpc_nb.aws.configuration_files import OVERRIDES, configured

    rows = [(name, f"{value}, from %config GtVpcMagics.{name}") for name, value in (settings or {}).items() if value]
    try:
        rows += [(each.field, f"{each.value}, from {each.source}") for each in configured(session)]
    except GtVpcError as error:
        rows.append(("files", _line(error)))
    rows += [(name, f"{os.environ[name]}") for name in OVERRIDES.values() if name in os.environ]
    return "defaults of a job", tuple(rows or [("none", f"nothing is configured of: {', '.join(FIELDS)}")])


def _versions() -> tuple[str, tuple[tuple[str, str], ...]]:
    packages = ", ".join(f"{name} {version}" for name in _PACKAGES if (version := _version(name)))
    missing = ", ".join(name for name in _PACKAGES if not _version(name))
    rows = [("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")]
    rows += [("installed", packages), ("not installed", missing or "-")]
    return "versions", tuple(rows)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
