"""Checks of who gets into the job's buckets: Ground Truth, the role from elsewhere, and what lies open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gt_vpc_nb import facts
from gt_vpc_nb.policy import AccessRequest, Decision, evaluate
from gt_vpc_nb.policy.barriers import NETWORK_KEYS
from gt_vpc_nb.policy.origins import INTERNET as FROM_INTERNET
from gt_vpc_nb.policy.origins import resource_for, signed_by
from gt_vpc_nb.preflight.case import (
    INTERNET,
    Case,
    Outcome,
    Use,
    failed,
    not_applicable,
    parsed,
    passed,
    together,
    undetermined,
    warned,
)
from gt_vpc_nb.preflight.permissions import Wanted, account_of, allow_statement
from gt_vpc_nb.preflight.surroundings import Missing, Unknown
from gt_vpc_nb.preflight.table import Check

#: What a stranger of the account could do besides Ground Truth's actions, by the harm it does.
_HARMFUL = ("s3:DeleteObject", "s3:GetObjectVersion", "s3:PutObjectAcl", "s3:PutBucketPolicy", "s3:DeleteBucket")


def ground_truth_gets_in(case: Case) -> Outcome:
    """Does a policy stop requests that come through Ground Truth's own endpoint?"""
    who = f"Ground Truth's endpoint {case.ground_truth_network['aws:SourceVpce']}"
    return together(
        (let_in(case, use, case.ground_truth_network, who, _repair(case, use)) for use in case.uses),
        "the request names no bucket",
    )


def _repair(case: Case, use: Use) -> str:
    return f"Plan the repair with {case.grant_call(use.bucket)}, read its .diff, then .apply() it."


def let_in(case: Case, use: Use, network: Mapping[str, str], who: str, remedy: str) -> Outcome:
    """Whether a bucket's policy stops the role's requests from a network; what allows them is not asked."""
    decided = [(action, case.decide(use.bucket, action, resource, network)) for action, resource in use.actions]
    stopped = [(action, each) for action, each in decided if says(each, "explicitDeny")]
    name = f"s3://{use.bucket} ({use.purpose})"
    if stopped:
        labels = dict.fromkeys(label for _, each in stopped for label in matched(each))
        return failed(f"{name}: {_listed(labels)} denies {_listed(action for action, _ in stopped)} to {who}", remedy)
    open_ends = [_open_end(action, each) for action, each in decided if not _decidable(each)]
    if open_ends:
        return undetermined(f"{name}: {'; '.join(dict.fromkeys(open_ends))}")
    return passed(f"{name} does not stop {who}")


def ground_truth_is_allowed(case: Case) -> Outcome:
    """Does anything allow the five actions? Denies are the business of S3P-01."""
    return together((_allows(case, use) for use in case.uses), "the request names no bucket")


def _allows(case: Case, use: Use) -> Outcome:
    decided = [
        (action, case.decide(use.bucket, action, resource, case.ground_truth_network, identity=True))
        for action, resource in use.actions
    ]
    name = f"s3://{use.bucket} ({use.purpose})"
    lacking = [action for action, each in decided if says(each, "implicitDeny")]
    if lacking:
        wanted = [Wanted(action, resource) for action, resource in use.actions if action in lacking]
        return failed(
            f"{name}: nothing allows {case.role} {_listed(lacking)}",
            f"Add an Allow to the role's policy: {allow_statement(wanted)}",
        )
    own = [action for action, each in decided if says(each, "explicitDeny") and not _bucket_denies(case, use, action)]
    if own:
        labels = dict.fromkeys(label for action, each in decided if action in own for label in matched(each))
        return failed(
            f"{name}: a policy of {case.role} denies {_listed(own)} ({_listed(labels)})",
            "Take the Deny out of the role's own policy.",
        )
    unread = [action for action, each in decided if says(each, "notDenied")]
    if unread:
        return undetermined(
            f"{name} leaves {_listed(unread)} to the role's own policies, which were not read: {_role_gap(case)}"
        )
    open_ends = [_open_end(action, each) for action, each in decided if not _decidable(each)]
    if open_ends:
        return undetermined(f"{name}: {'; '.join(dict.fromkeys(open_ends))}")
    if all(says(each, "explicitDeny") for _, each in decided):
        return not_applicable(f"{name}: a Deny decides, see S3P-01")
    return passed(f"{name}: {case.role} is allowed what Ground Truth needs")


def _bucket_denies(case: Case, use: Use, action: str) -> bool:
    return says(case.decide(use.bucket, action, dict(use.actions)[action], case.ground_truth_network), "explicitDeny")


def _role_gap(case: Case) -> str:
    role = case.surroundings.role
    if role is None:
        return "the request names no role"
    if isinstance(role, Missing | Unknown):
        return role.reason
    return role.policies.reason if isinstance(role.policies, Unknown) else "no reason given"


def role_stays_inside(case: Case) -> Outcome:
    """A role that a Deny exempts by ARN comes in from every network."""
    return together((_stays(case, use) for use in case.uses), "the request names no bucket")


def _stays(case: Case, use: Use) -> Outcome:
    resource = resource_for("s3:GetObject", use.bucket) or ""
    strangers, own = (
        outsider(case, use.bucket, who, "s3:GetObject", resource) for who in (somebody(case), case.role or None)
    )
    if isinstance(strangers, Unknown):
        return undetermined(f"the policy of s3://{use.bucket} is not known: {strangers.reason}")
    if strangers.decision != "explicitDeny":
        return not_applicable("no bucket of the job is closed to the internet")
    if says(own, "explicitDeny"):
        return passed(f"s3://{use.bucket} is closed to {case.role} from outside, too")
    return warned(
        f"s3://{use.bucket}: {_listed(matched(strangers))} stops others from the internet, and not {case.role}",
        "Take the role out of aws:PrincipalArn; Ground Truth needs its endpoint exempted, not the role.",
    )


def the_rest_is_closed(case: Case) -> Outcome:
    """What a Deny of Ground Truth's actions leaves out is open to whoever the account's policies allow it."""
    return together((_closed(case, use) for use in case.uses), "the request names no bucket")


def _closed(case: Case, use: Use) -> Outcome:
    if not restricts_networks(case, use.bucket):
        return not_applicable("no bucket of the job is closed to the internet")
    wanted = (*facts.GROUND_TRUTH_ACTIONS, *_HARMFUL)
    answers = {each: outsider(case, use.bucket, somebody(case), each) for each in wanted}
    unread = [each for each in answers.values() if isinstance(each, Unknown)]
    if unread:
        return undetermined(f"the policy of s3://{use.bucket} is not known: {unread[0].reason}")
    closed = [action for action, each in answers.items() if says(each, "explicitDeny")]
    left = [action for action, each in answers.items() if not says(each, "explicitDeny")]
    if not closed:
        return not_applicable("no bucket of the job is closed to the internet")
    if not left:
        return passed(f"s3://{use.bucket} is closed to the internet for every action that was asked")
    labels = _listed(dict.fromkeys(label for action in closed for label in matched(answers[action])))
    return warned(
        f"s3://{use.bucket}: from outside, {labels} denies {_listed(closed)}, and nothing denies {_listed(left)}",
        f"Deny them as well, after reading audit([{use.bucket!r}], {case.perimeter_call}).openings.",
    )


def bucket_in_use_stays(case: Case) -> Outcome:
    """A job that runs on a bucket can fail when its policy changes under it."""
    jobs = case.surroundings.jobs_in_progress
    assert not isinstance(jobs, Unknown)
    outcomes = []
    for use in case.uses:
        users = [each for each in jobs if not isinstance(each.buckets, Unknown) and use.bucket in each.buckets]
        if not users:
            outcomes.append(passed("no labeling job is running on a bucket of the job"))
            continue
        names = ", ".join(f"{each.name} ({each.status})" for each in users)
        remedy = f"Wait for {_listed(each.name for each in users)}, stop them, or use another bucket."
        network = case.ground_truth_network
        if let_in(case, use, network, "", "").status == "failed":
            outcomes.append(failed(f"s3://{use.bucket} needs another policy, and {names} runs on it", remedy))
        else:
            outcomes.append(warned(f"s3://{use.bucket} is used by {names}", f"Leave its policy as it is. {remedy}"))
    gaps = [each for each in jobs if isinstance(each.buckets, Unknown)]
    outcomes += [undetermined(f"the buckets of {each.name} are not known: {each.buckets.reason}") for each in gaps]
    return together(outcomes, "the request names no bucket")


def something_allows(case: Case) -> Outcome:
    """A policy of Denies lets nobody in: an Allow must stand somewhere."""
    return together((_granted(case, use) for use in case.uses), "the request names no bucket")


def _granted(case: Case, use: Use) -> Outcome:
    text = case.bucket(use.bucket).policy
    if isinstance(text, Unknown):
        return undetermined(f"the policy of s3://{use.bucket} is not known: {text.reason}")
    if not text or any(each.effect == "Allow" for each in parsed(text).statements):
        return not_applicable("no bucket of the job has a policy of Denies alone")
    allows = _allows(case, use)
    if allows.status == "failed":
        return warned(f"s3://{use.bucket}: its policy only denies, and {allows.evidence}", allows.remedy)
    return allows if allows.status == "undetermined" else passed(f"s3://{use.bucket}: the role's own policies allow")


def restricts_networks(case: Case, bucket: str) -> bool:
    """Whether a Deny of the bucket's policy asks where requests come from; a policy that is not known may."""
    text = case.bucket(bucket).policy
    if not text or isinstance(text, Unknown):
        return isinstance(text, Unknown)
    denies = (each for each in parsed(text).statements if each.effect == "Deny")
    return any(condition.key.lower() in NETWORK_KEYS for each in denies for condition in each.conditions)


def somebody(case: Case) -> str:
    """A role of the account that no policy names."""
    return f"arn:aws:iam::{account_of(case.role) or case.surroundings.account}:role/somebody-else"


def outsider(case: Case, bucket: str, who: str | None, action: str, resource: str | None = None) -> Decision | Unknown:
    """What a bucket's policy says to somebody who comes from the internet."""
    text = case.bucket(bucket).policy
    if isinstance(text, Unknown):
        return text
    asked = AccessRequest(
        who, action, resource or resource_for(action, bucket) or "*", {**signed_by(who), **FROM_INTERNET}
    )
    account = account_of(case.role) or case.surroundings.account
    return evaluate(parsed(text) if text else None, asked, account=account)


def restricted_input(case: Case) -> str | Unknown | None:
    """The first bucket of data objects that a worker's browser cannot read from the internet; None if it can."""
    for name, key in case.data_places.items():
        # The browser opens presigned URLs, which are signed by the execution role.
        decision = case.decide(name, "s3:GetObject", f"arn:aws:s3:::{name}/{key}", INTERNET)
        if isinstance(decision, Unknown):
            return decision
        if says(decision, "explicitDeny"):
            return name
    return None


def says(decision: Decision | Unknown, word: str) -> bool:
    """Whether a decision is that one."""
    return not isinstance(decision, Unknown) and decision.decision == word


def matched(decision: Decision | Unknown) -> tuple[str, ...]:
    """The statements that decided."""
    return () if isinstance(decision, Unknown) else decision.matched_statements


def _decidable(decision: Decision | Unknown) -> bool:
    return not isinstance(decision, Unknown) and decision.decision != "undetermined"


def _open_end(action: str, decision: Decision | Unknown) -> str:
    if isinstance(decision, Unknown):
        return f"its policy is not known: {decision.reason}"
    return f"{action} is undetermined: {'; '.join(decision.reasons)}"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)


CHECKS = (
    Check("S3P-01", (), ground_truth_gets_in),
    Check("S3P-02", (), ground_truth_is_allowed),
    Check("S3P-08", (), role_stays_inside),
    Check("S3P-09", ("jobs_in_progress",), bucket_in_use_stays),
    Check("S3P-10", (), the_rest_is_closed),
    Check("S3P-12", (), something_allows),
)
