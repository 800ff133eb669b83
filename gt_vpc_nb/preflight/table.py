"""What a row of the table of checks is, the kinds of rows there are, and the reasons not to ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gt_vpc_nb import facts
from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.preflight import places
from gt_vpc_nb.preflight.case import Case, Outcome, not_applicable, passed, undetermined
from gt_vpc_nb.preflight.surroundings import Unknown

Reason = Callable[[Case], str | None]


def always(case: Case) -> str | None:
    return None


def with_vpc_config(case: Case) -> str | None:
    return None if case.vpc_config is not None else "no VpcConfig: nothing trains in your VPC"


def automated(case: Case) -> str | None:
    return None if case.automated else "no automated labeling"


def streaming(case: Case) -> str | None:
    given = places.member(case.request, places.INPUT_TOPIC) or places.member(case.request, places.OUTPUT_TOPIC)
    return None if given else "no SNS topic: this is no streaming job"


def private_team(case: Case) -> str | None:
    team = str(places.member(case.request, places.WORK_TEAM) or "")
    return None if ":workteam/private-crowd/" in team else "no private work team: AWS's or a vendor's people work"


@dataclass(frozen=True)
class Check:
    """One check: `needs` are fields of Surroundings that must be known; `unless` gives a reason not to ask.

    What `LabelingJob.problems()` says under the same id is joined to the test's outcome by `preflight.run`, so that a
    test decides only what a request alone does not show.
    """

    id: str
    needs: tuple[str, ...]
    test: Callable[[Case], Outcome]
    unless: Reason = always

    def outcome(self, case: Case) -> Outcome:
        """The test's outcome; undetermined, with the reason, where something it needs could not be read."""
        reason = self.unless(case)
        if reason:
            return not_applicable(reason)
        gaps = {name: getattr(case.surroundings, name) for name in self.needs}
        unread = [f"{name.replace('_', ' ')}: {gap.reason}" for name, gap in gaps.items() if isinstance(gap, Unknown)]
        if unread:
            return undetermined("; ".join(unread))
        try:
            return self.test(case)
        except GtVpcError as error:
            return undetermined(" ".join(str(error).split()), "Mend what cannot be read, then survey again.")


def offline(id: str, unless: Reason = always) -> Check:
    """A rule that `LabelingJob.problems()` decides alone: passed when no problem bears its id."""
    return Check(id, (), lambda case: passed(facts.rule(id).title), unless)


def beyond(id: str, why: str, look: str, unless: Reason = always) -> Check:
    """A rule that no program can decide beforehand: undetermined, with what to look at.

    Not for a rule of an error: a sound job could never pass.
    """
    return Check(id, (), lambda case: undetermined(why, look), unless)


def fact(id: str, sentence: str) -> Check:
    """A fact of AWS's, or a rule for the time after the job was submitted: nothing to check, and what to know."""
    return Check(id, (), lambda case: not_applicable(sentence))
