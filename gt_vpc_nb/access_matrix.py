"""Who gets in before and after a change of a bucket policy, as a table: a row for each origin and action."""

from __future__ import annotations

from gt_vpc_nb.access_change import PolicyChange
from gt_vpc_nb.policy import Policy
from gt_vpc_nb.policy.origins import decisions
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.report.tables import Table, table

COLUMNS = ("origin", "principal", "action", "before", "after", "changed", "statement")
#: No bucket policy decides such an action: the caller's identity policies do.
_LEFT_OPEN = "notDenied"


def before_and_after(change: PolicyChange, *, changed_only: bool = False) -> Table:
    """What the policies before and after decide for every origin and action; what changes comes first, or alone."""
    perimeter, account = change.perimeter or Perimeter(), change.standing.account
    old, new = (Policy.parse(text) if text else None for text in (change.before, change.after))
    rows = []
    pairs = zip(*(decisions(each, change.bucket, perimeter, account) for each in (old, new)), strict=True)
    for (origin, action, was), (_, _, will) in pairs:
        before, after = (each.decision if each else _LEFT_OPEN for each in (was, will))
        deciding = will if will and will.matched_statements else was
        rows.append(
            {"origin": origin.label, "principal": origin.principal or "anonymous", "action": action, "before": before,
             "after": after, "changed": before != after,
             "statement": ", ".join(deciding.matched_statements) if deciding else ""}
        )  # fmt: skip
    rows.sort(key=lambda row: not row["changed"])
    moved = sum(row["changed"] for row in rows)
    told = f"{moved} of {len(rows)} decisions change ({change.standing})"
    shown = COLUMNS if not changed_only else tuple(name for name in COLUMNS if name != "changed")
    rows = [row for row in rows if row["changed"]] if changed_only else rows
    return table(rows, COLUMNS, shown=shown, title="Who gets in, before and after", summary=told)
