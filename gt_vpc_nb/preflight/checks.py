"""The table of checks, a row a rule, in the order of the rules; each file of checks brings its own rows."""

from __future__ import annotations

from gt_vpc_nb import facts
from gt_vpc_nb.preflight import (
    audits,
    automation,
    bucket_policies,
    buckets,
    cors,
    data,
    data_objects,
    endpoint_policies,
    interface,
    keys,
    members,
    network,
    people,
    portal,
    regions,
    running,
    streaming,
)
from gt_vpc_nb.preflight.table import Check

_ORDER = tuple(facts.rules())
CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (
            *regions.CHECKS,
            *network.CHECKS,
            *endpoint_policies.CHECKS,
            *buckets.CHECKS,
            *bucket_policies.CHECKS,
            *cors.CHECKS,
            *portal.CHECKS,
            *people.CHECKS,
            *automation.CHECKS,
            *streaming.CHECKS,
            *keys.CHECKS,
            *data.CHECKS,
            *data_objects.CHECKS,
            *audits.CHECKS,
            *interface.CHECKS,
            *members.CHECKS,
            *running.CHECKS,
        ),
        key=lambda check: _ORDER.index(check.id),
    )
)
