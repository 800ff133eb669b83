"""The table of checks, a row a rule, in the order of the rules; each file of checks brings its own rows."""

from __future__ import annotations

from gt_vpc_nb import facts
from gt_vpc_nb.preflight import buckets, data, network, people
from gt_vpc_nb.preflight.table import Check

_ORDER = tuple(facts.rules())
CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (
            *buckets.CHECKS,
            *network.CHECKS,
            *people.CHECKS,
            *data.CHECKS,
        ),
        key=lambda check: _ORDER.index(check.id),
    )
)
