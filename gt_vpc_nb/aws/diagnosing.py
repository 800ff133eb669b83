"""Why a labeling job failed or does not get on: what SageMaker says, and whether a bucket policy stops Ground Truth."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from gt_vpc_nb.aws.bucket_policies import read_policy
from gt_vpc_nb.aws.objects import parse_uri
from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.facts import region
from gt_vpc_nb.shown import Pairs, page
from gt_vpc_nb.shown_text import told

_DENIED = re.compile(r"access ?denied|not authorized|forbidden|permission|\b403\b", re.IGNORECASE)
#: No label for so long after the start is worth a word about the workers; the number is ours.
QUIET = timedelta(hours=1)


class Seen(Protocol):
    """What a diagnosis needs of a job's status."""

    name: str
    status: str
    labeled: int
    failed: int
    unlabeled: int
    region: str
    account: str
    place: str
    failure_reason: str
    created: datetime
    seen: datetime


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """Why a job is where it is: `verdict` is one sentence, `causes` what was found, `advice` what to do."""

    name: str
    verdict: str
    causes: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    #: Which AWS, Region and account answered.
    place: str = ""

    def __repr__(self) -> str:
        found = [f"  - {cause}" for cause in self.causes] + [f"  -> {each}" for each in self.advice]
        return told(self._answer, found)

    def _repr_html_(self) -> str:
        found = [*(("found", each) for each in self.causes), *(("to do", each) for each in self.advice)]
        table = Pairs("What was found, and what to do", found)
        return page(self._answer, *([table] if found else []))

    @property
    def _answer(self) -> str:
        return f"{self.name}: {self.verdict}{f' ({self.place})' if self.place else ''}"


def diagnosed(job: Mapping[str, Any], status: Seen, session: Any) -> Diagnosis:
    """A DescribeLabelingJob answer and its status -> the diagnosis; reads the bucket policies of input and output.

    Policies are read as they are now: what they were when the job failed is not known to S3.
    """
    return replace(_found(job, status, session), place=status.place)


def _found(job: Mapping[str, Any], status: Seen, session: Any) -> Diagnosis:
    if status.status in {"Completed", "Stopped", "Stopping"}:
        return _over(status)
    judged = list(_judgements(job, status, session))
    denials = [sentence for stops, sentence in judged if stops]
    unread = [sentence for stops, sentence in judged if not stops]
    if status.status == "Failed":
        return _failed(status, denials, unread)
    return _running(status, denials, unread, status.created + timedelta(seconds=_lifetime(job)))


def _running(status: Seen, denials: list[str], unread: list[str], expiry: datetime) -> Diagnosis:
    causes, advice = [*denials], [_GRANT] if denials else []
    if not denials and not status.labeled and status.seen - status.created > QUIET:
        causes.append("no worker has labeled anything yet")
        advice.append("See that the work team has members, and that they open the worker portal from inside the VPC.")
    if status.unlabeled and expiry - status.seen < timedelta(days=1):
        causes.append(f"its tasks expire at {expiry.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {status.unlabeled:,} are open")
        advice.append("What expires is not labeled: create a job for the rest, chained to this one.")
    if status.failed:
        causes.append(f"{status.failed:,} data objects could not be labeled")
        advice.append("See that each object of the manifest exists and that the execution role may read it.")
    found = "something holds it up" if causes else "it is not known what, if anything, holds it up" if unread else ""
    verdict = f"{status.status}, and {found}." if found else f"{status.status}; nothing holds it up."
    return Diagnosis(status.name, verdict, (*causes, *unread), tuple(advice))


_GRANT = "Let Ground Truth through: grant(bucket, perimeter) shows the smallest change and applies it when told to."


def _failed(status: Seen, denials: list[str], unread: list[str]) -> Diagnosis:
    reason = status.failure_reason or "SageMaker gives no reason"
    causes = (f"SageMaker says: {reason}", *denials, *unread)
    if denials:
        return Diagnosis(status.name, "Failed: Ground Truth does not get to the data.", causes, (_GRANT, _AGAIN))
    if _DENIED.search(reason):
        advice = "Check the execution role, its KMS keys and the VPC's endpoint policies"
        advice += ", and what could not be read." if unread else ": no bucket policy stops Ground Truth now."
        return Diagnosis(status.name, "Failed: something was denied.", causes, (advice, _AGAIN))
    return Diagnosis(status.name, "Failed.", causes, (_AGAIN,))


_AGAIN = "A failed labeling job cannot be restarted: mend the cause and submit it under a new name."


def _over(status: Seen) -> Diagnosis:
    if not status.failed and not status.unlabeled:
        return Diagnosis(status.name, f"{status.status}; nothing is left to label.")
    causes = [f"{status.failed:,} data objects failed"] if status.failed else []
    causes += [f"{status.unlabeled:,} data objects are unlabeled"] if status.unlabeled else []
    advice = "Create a job from its output manifest: only what has no label is labeled."
    return Diagnosis(status.name, f"{status.status}, not all is labeled.", tuple(causes), (advice,))


def _lifetime(job: Mapping[str, Any]) -> int:
    """Seconds that tasks are available; AWS's default is 10 days (864,000 s)."""
    return int((job.get("HumanTaskConfig") or {}).get("TaskAvailabilityLifetimeInSeconds") or 864_000)


def _judgements(job: Mapping[str, Any], status: Seen, session: Any) -> Iterator[tuple[bool, str]]:
    """A sentence for each bucket whose policy stops Ground Truth (True), or cannot be read or judged (False)."""
    for bucket, requests in _requests(job).items():
        try:
            document = read_policy(bucket, session, status.region or None)
            yield from _judged(bucket, document, requests, job["RoleArn"], status)
        except GtVpcError as error:
            yield False, f"the policy of bucket '{bucket}' cannot be judged: {error}"


def _requests(job: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What Ground Truth asks of each bucket: (action, resource ARN); a bucket may be input and output at once."""
    manifest = job["InputConfig"]["DataSource"].get("S3DataSource", {}).get("ManifestS3Uri")
    folder = job["OutputConfig"]["S3OutputPath"].rstrip("/")
    output = f"{folder}/{job['LabelingJobName']}/manifests/output/output.manifest"
    wanted: dict[str, list[tuple[str, str]]] = {}
    for uri, actions in ((manifest, ("s3:GetObject",)), (output, ("s3:PutObject", "s3:GetObject"))):
        if uri:
            bucket, key = parse_uri(uri)
            asked = [(action, f"arn:aws:s3:::{bucket}/{key}") for action in actions]
            asked += [(action, f"arn:aws:s3:::{bucket}") for action in ("s3:ListBucket", "s3:GetBucketLocation")]
            wanted.setdefault(bucket, []).extend(asked)
    return wanted


def _judged(
    bucket: str, document: str | None, requests: list[tuple[str, str]], role: str, status: Seen
) -> Iterator[tuple[bool, str]]:
    from gt_vpc_nb.policy import AccessRequest, Policy, evaluate

    # Without a bucket policy only identity policies decide; the preflight looks at those.
    if document is None:
        return
    policy, endpoint = Policy.parse(document), region(status.region).ground_truth_endpoint
    context = {"aws:SourceVpce": endpoint, "aws:PrincipalArn": role, "aws:PrincipalAccount": status.account,
               "aws:SecureTransport": "true"}  # fmt: skip
    found: dict[tuple[str, ...], list[str]] = {}
    for action, resource in dict.fromkeys(requests):
        decision = evaluate(policy, AccessRequest(role, action, resource, context), account=status.account)
        if decision.decision in {"explicitDeny", "implicitDeny", "undetermined"}:
            because = decision.matched_statements or decision.reasons
            found.setdefault((decision.decision, *because), []).append(action)
    for (kind, *because), actions in found.items():
        sentence = f"{kind} of {', '.join(dict.fromkeys(actions))} by {', '.join(because) or 'no statement'}"
        stops = kind != "undetermined"
        says = "stops Ground Truth" if stops else "may stop Ground Truth"
        yield stops, f"the policy of bucket '{bucket}' {says} (endpoint {endpoint}): {sentence}"
