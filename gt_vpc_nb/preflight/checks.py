"""The table of checks: a row is a rule's id, what the check needs to have been read, and the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.preflight import buckets, data, network, people
from gt_vpc_nb.preflight.case import Case, Outcome, not_applicable, undetermined
from gt_vpc_nb.preflight.surroundings import Unknown


def _always(case: Case) -> str | None:
    return None


def _with_vpc_config(case: Case) -> str | None:
    return None if case.vpc_config is not None else "no VpcConfig: nothing trains in your VPC"


def _automated(case: Case) -> str | None:
    return None if case.automated else "no automated labeling"


@dataclass(frozen=True)
class Check:
    """One check: `needs` are fields of Surroundings that must be known; `unless` gives a reason not to ask."""

    id: str
    needs: tuple[str, ...]
    test: Callable[[Case], Outcome]
    unless: Callable[[Case], str | None] = _always

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
            return undetermined(" ".join(str(error).split()))


CHECKS: tuple[Check, ...] = (
    Check("SVC-02", (), buckets.region_has_ground_truth),
    Check("SVC-03", (), buckets.everything_in_one_region),
    Check("NET-01", ("subnets", "endpoints"), network.vpc_has_an_s3_endpoint, _with_vpc_config),
    Check("NET-02", ("subnets", "endpoints"), network.subnets_route_to_s3, _with_vpc_config),
    Check("NET-06", ("subnets", "security_groups"), network.one_vpc, _with_vpc_config),
    Check("NET-12", (), buckets.training_gets_in, _automated),
    Check("S3P-01", (), buckets.ground_truth_gets_in),
    Check("S3P-02", (), buckets.ground_truth_is_allowed),
    Check("CORS-01", (), buckets.images_have_cors),
    Check("WF-01", ("work_team",), people.team_is_private, people.team_applies),
    Check("WF-02", ("workforce",), people.portal_is_in_the_vpc),
    Check("WF-03", ("workforce",), people.workforce_is_active),
    Check("WF-04", ("workforce",), people.task_loads_in_portal),
    Check("IAM-01", ("role",), people.sagemaker_may_assume),
    Check("IAM-02", ("role",), people.role_may_report),
    Check("AUTO-03", ("manifest",), data.enough_objects, _automated),
    Check("AUTO-04", ("manifest",), data.many_objects, _automated),
    Check("MAN-01", ("manifest",), data.lines_are_json),
    Check("MAN-05", ("manifest",), data.lines_name_their_object),
    Check("MAN-11", ("manifest",), data.objects_exist),
    Check("REQ-01", ("same_name_job",), people.name_is_free),
)
