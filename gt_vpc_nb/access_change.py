"""A planned change of one bucket policy: shown first, guarded, journaled, verified, undoable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gt_vpc_nb.access_guard import names, refuse_harm, refuse_unknown
from gt_vpc_nb.access_look import edit, matrix, parts_of, shown, state
from gt_vpc_nb.access_writing import UNCHANGED, copy_old, look_again, telling, write
from gt_vpc_nb.aws import journal
from gt_vpc_nb.aws.bucket_policies import jobs_on, same_policy
from gt_vpc_nb.aws.sessions import Standing
from gt_vpc_nb.policy.perimeter import Perimeter
from gt_vpc_nb.policy.reach import Comparison
from gt_vpc_nb.shown import Part, page


@dataclass(frozen=True, repr=False)
class PolicyChange:
    """One bucket policy before and after, and what the change does; nothing is changed until `.apply()`.

    `before` and `after` are the policy's text, None where there is none. `opens` is what the change opens and closes;
    `blocked_by` are labeling jobs in `regions` that used the bucket when the change was planned; `locks_out` are
    administrators, or the `caller`, who could no longer repair the policy; `advice` is worth reading before applying;
    `undoes` is the journal's entry that a rollback takes back.
    """

    bucket: str
    before: str | None
    after: str | None
    opens: Comparison
    blocked_by: tuple[str, ...]
    locks_out: tuple[str, ...]
    advice: tuple[str, ...]
    standing: Standing
    perimeter: Perimeter | None = None
    applied: bool = False
    undoes: journal.Entry | None = None
    regions: tuple[str | None, ...] = ()
    caller: str = ""
    session: Any = field(default=None, compare=False)

    @property
    def changes(self) -> bool:
        """Whether there is anything to do."""
        return not same_policy(self.before, self.after)

    @property
    def diff(self) -> str:
        """The edit as a unified diff of the indented JSON, and who gets in before and after."""
        return "\n".join([*edit(self), *matrix(self)])

    def apply(
        self,
        despite_jobs: str | Sequence[str] = (),
        despite_lockout: str | Sequence[str] = (),
        copy_to: str | None = None,
    ) -> PolicyChange:
        """Makes the change and verifies it; returns the change as applied.

        `copy_to` asks for a copy of the old policy in S3, as a new object; the journal on disk keeps it in any case.
        Raises ChangeRefused while labeling jobs use the bucket that `despite_jobs` does not name (they are looked for
        once more), when it would lock out somebody whom `despite_lockout` does not name, when either names somebody
        who is not in the way, when the policy is not the one that was planned on, and when the journal cannot be
        written; AwsError when AWS refuses a call or does not answer. Each says in what state the bucket is.
        Between the last look and the write another writer can still slip in: S3 has no conditional PutBucketPolicy.
        """
        if self.changes:
            accepted = names(despite_lockout)
            self._refuse_harm(names(despite_jobs), accepted)
            if copy_to is not None:
                copy_old(self, copy_to)
            write(self, lock_out=self.caller in self.locks_out and self.caller in accepted)
        if self.undoes:
            if not self.changes:
                look_again(self)
            journal.drop(self.bucket, self.standing.account, self.undoes)
        return replace(self, applied=True)

    def _refuse_harm(self, despite_jobs: tuple[str, ...], despite_lockout: tuple[str, ...]) -> None:
        with telling(UNCHANGED):
            now = tuple(dict.fromkeys(jobs_on(self.bucket, self.session, self.regions)))
        # A job that was in the way when the plan was read, and has ended since, is no wrong name.
        refuse_unknown("despite_jobs", despite_jobs, tuple(dict.fromkeys((*now, *self.blocked_by))))
        refuse_unknown("despite_lockout", despite_lockout, self.locks_out)
        refuse_harm(self.bucket, now, self.locks_out, (*despite_jobs, *despite_lockout))

    @property
    def summary(self) -> str:
        """The answer in one line: which bucket, and whether anything was changed."""
        return state(self)

    def __repr__(self) -> str:
        return shown(self)

    def _repr_html_(self) -> str:
        return page(self.summary, *self.parts())

    def parts(self) -> list[Part]:
        """The change for a page of its own or of something larger: what is in the way, who gets in, the edit."""
        return parts_of(self)
