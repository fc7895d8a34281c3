"""What the store offers to keep the file in bounds and safe: retention in steps, copies of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime

from monitor.store import retention
from monitor.store.holding import Holding
from monitor.store.retention import Limits, Step


class Keeping(Holding):
    """A part of the store."""

    def next_step(self, limits: Limits, now: datetime, skip: Collection[str] = ()) -> Step | None:
        """What retention may delete next, None when nothing. Looks only; `skip` are kinds not to look at."""
        with self._readers.snapshot() as db:
            return retention.next_step(db, limits, now, skip)

    def take_step(self, step: Step, now: datetime) -> int:
        """Delete what is still not needed of a step, in one short transaction. Returns how much went."""
        return self._writing.run(lambda db: retention.take_step(db, step, now))

    def prune(self, limits: Limits, now: datetime, go_on: Callable[[], bool] = lambda: True) -> Counter[str]:
        """Take step after step until nothing may go or `go_on`, asked between two, says no. Returns what went."""
        return retention.sweep(
            lambda skip: self.next_step(limits, now, skip), lambda step: self.take_step(step, now), go_on
        )

    def prunable(self, limits: Limits, now: datetime) -> dict[str, int]:
        """How many of each kind retention would delete at once, by kind."""
        with self._readers.snapshot() as db:
            return retention.count(db, limits, now)
