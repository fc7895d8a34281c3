"""The scheduler's jobs: one for all sources that are due within a moment, which hands their names on.

When each is due, `rhythm/plan.py` decides. The store is the truth: jobs are made anew from it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.date import DateTrigger

from monitor.timing import from_epoch, to_epoch

TOGETHER_MS = 50
"""Sources due within this time are one job, at its end: a job costs the scheduler as much as a request."""


class Schedule:
    """The jobs, run on a thread of their own. `fire` must only hand on: it runs on that thread, with whoever is due.

    A job whose sources have all been put off meanwhile stays, and fires nothing.
    """

    def __init__(self, fire: Callable[[Collection[str]], None]) -> None:
        self._fire = fire
        self._lock = threading.Lock()  # guards the next two
        self._times: dict[str, datetime] = {}
        self._together: dict[int, set[str]] = {}  # by the end of their time, in milliseconds
        # Jobs run on the scheduler's own thread, so that a beat from a job proves that thread alive.
        self._executor = DebugExecutor()
        self._scheduler = BlockingScheduler(
            executors={"default": self._executor},
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
        end = _end(at)
        with self._lock:
            self._forget(source)
            self._times[source] = at
            is_first = end not in self._together
            self._together.setdefault(end, set()).add(source)
        if is_first:  # without the lock: the scheduler holds its own while it fires
            self._scheduler.add_job(
                self._due, DateTrigger(from_epoch(end), UTC), args=[end], id=str(end), replace_existing=True
            )

    def drop(self, sources: Collection[str]) -> None:
        """Poll these no more."""
        with self._lock:
            for source in sources:
                self._forget(source)

    def times(self) -> Mapping[str, datetime]:
        """When each source that waits is polled next. What waits for a job that is not there is forgotten."""
        with self._lock:
            ends = list(self._together)
        jobs = {job.id for job in self._scheduler.get_jobs()}
        with self._lock:
            for end in ends:
                if str(end) not in jobs:
                    for source in self._together.pop(end, ()):
                        del self._times[source]
            return dict(self._times)

    def poke(self, beat: Callable[[], None], now: datetime) -> None:
        """Have `beat` called from the scheduler's thread."""
        self._scheduler.add_job(beat, DateTrigger(now, UTC), id="beat", replace_existing=True)

    def _due(self, end: int) -> None:
        self._executor._instances.clear()  # which would keep a count of nought for every job that ever ran
        with self._lock:
            due = self._together.pop(end, set())
            for source in due:
                del self._times[source]
        if due:
            self._fire(due)

    def _forget(self, source: str) -> None:
        """With the lock: a source waits no more."""
        at = self._times.pop(source, None)
        if at is None:
            return
        end = _end(at)
        self._together[end].discard(source)
        if not self._together[end]:
            del self._together[end]


def _end(at: datetime) -> int:
    return -(-to_epoch(at) // TOGETHER_MS) * TOGETHER_MS
