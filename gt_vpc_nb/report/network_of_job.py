"""The network picture of a labeling job, from what a survey found around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gt_vpc_nb.errors import GtVpcError
from gt_vpc_nb.policy import Policy
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.preflight.surroundings import Surroundings
from gt_vpc_nb.preflight.unread import Unknown
from gt_vpc_nb.report.network_arrows import Decided, arrows, decided_of
from gt_vpc_nb.report.network_picture import NetworkPicture


def picture_of(
    found: Surroundings, *, vpc: str | None = None, vpc_endpoints: Sequence[str] = (), role: str | None = None
) -> NetworkPicture:
    """Who reaches the buckets of a survey; endpoints that the job does not name are those to S3 that were found."""
    known = found.s3_endpoints
    s3 = () if isinstance(known, Unknown) else tuple(each.id for each in known if each.vpc == vpc or not vpc)
    perimeter = Perimeter(
        vpcs=(vpc,) if vpc else (),
        vpc_endpoints=tuple(vpc_endpoints) or s3,
        ground_truth=found.region,
        execution_role=role if role and role.startswith("arn:") else None,
    )
    notes: list[str] = []
    decided = [row for bucket in found.buckets for row in _decided(found, bucket.name, perimeter, notes)]
    return NetworkPicture(arrows(decided), f"{found.place} · {found.region} · {found.account}", tuple(notes))


def _decided(found: Surroundings, bucket: str, perimeter: Perimeter, notes: list[str]) -> Iterator[Decided]:
    text = found.bucket(bucket).policy
    if isinstance(text, Unknown):
        notes.append(f"{bucket}: its policy was not read: {text.reason}")
        return
    try:
        policy = Policy.parse(text) if text else None
    except GtVpcError as error:
        notes.append(f"{bucket}: undetermined, its policy cannot be understood: {' '.join(str(error).split())}")
        return
    if policy is None:
        notes.append(f"{bucket} has no policy: identity policies of its account decide alone, from every network.")
    yield from decided_of(bucket, policy, perimeter, found.account)
