"""The scheduler's jobs: one date for each source, and a callable that only hands its name on.

When that date is, `rhythm/plan.py` decides. The store is the truth: jobs are made anew from it.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.date import DateTrigger


class Schedule:
    """One job for each source, run on a thread of its own. `fire` must only hand on: it runs on that thread."""

    def __init__(self, fire: Callable[[str], None]) -> None:
        def hand_on(source: str) -> None:
            fire(source)

        # The scheduler looks its callable's signature up for each job, which costs more than all the rest.
        vars(hand_on)["__signature__"] = inspect.signature(hand_on)
        self._fire = hand_on
        # Jobs run on the scheduler's own thread, so that a beat from a job proves that thread alive.
        self._scheduler = BlockingScheduler(
            executors={"default": DebugExecutor()},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone=UTC,
        )
        self.thread = threading.Thread(target=self._scheduler.start, name="scheduler", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self.thread.start()

    def stop(self) -> None:
        """Fire nothing more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def set(self, source: str, at: datetime) -> None:
        """Poll a source at a moment, instead of whenever it was to be."""
        self._scheduler.add_job(self._fire, DateTrigger(at, UTC), args=[source], id=source, replace_existing=True)

    def drop(self, sources: Collection[str]) -> None:
        """Poll these no more."""
        for source in sources:
            try:
                self._scheduler.remove_job(source)
            except JobLookupError:
                continue

    def times(self) -> Mapping[str, datetime]:
        """When each source that waits is polled next."""
        jobs = self._scheduler.get_jobs()
        return {job.id: job.trigger.run_date for job in jobs if not job.id.startswith("~")}

    def poke(self, beat: Callable[[], None], now: datetime) -> None:
        """Have `beat` called from the scheduler's thread."""
        self._scheduler.add_job(beat, DateTrigger(now, UTC), id="~beat", replace_existing=True)
