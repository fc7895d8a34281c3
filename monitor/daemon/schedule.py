"""When each source is polled next, and the scheduler's jobs that say so: one date for each source.

`plan` is pure: what the store knows of a source, its interval and the time give a moment and the reason. A job only
asks for a poll; after the poll the next one is planned. The store is the truth: jobs are made anew from it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.executors.debug import DebugExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.date import DateTrigger

from monitor.sources import Source
from monitor.store import SourceState

EVERY = timedelta(minutes=15)
"""Between two polls of a feed that says nothing of `every`."""

SCAN_EVERY = timedelta(seconds=2)
"""Between two looks into a folder."""

SCAN_SOON = timedelta(milliseconds=500)
"""The next look when files are still growing, or were taken and are to be moved."""

LONGEST_BACKOFF = timedelta(hours=24)
LONGEST_FOLDER_BACKOFF = timedelta(minutes=5)  # looking at a folder costs nobody else anything
LONGEST_SPREAD = timedelta(minutes=5)
_SPREAD_EACH = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When a source is polled next, and why then."""

    at: datetime
    reason: str


def interval(source: Source) -> timedelta:
    """Between two polls of a healthy source."""
    return source.every or (SCAN_EVERY if source.kind == "folder" else EVERY)


def spread_over(sources: int) -> timedelta:
    """Over how long the polls of so many overdue sources are spread: none waits where there are few."""
    return min(LONGEST_SPREAD, sources * _SPREAD_EACH)


def phase(source: str) -> float:
    """A number in [0, 1) that belongs to a source: where in a spread its turn is."""
    return int.from_bytes(hashlib.sha256(source.encode()).digest()[:6]) / 2**48


def plan(
    source: Source,
    state: SourceState,
    now: datetime,
    *,
    slowest: timedelta,
    asked: datetime | None = None,
    is_pending: bool = False,
    spread: timedelta = timedelta(0),
) -> Plan:
    """Plan the next poll of a source. `asked` is when it was last polled, where the store does not know it yet;
    `spread` is the time over which overdue sources take turns.

    Whatever clocks did, the moment lies within `slowest` (a day when it failed or its server asked for a pause).
    """
    wait, reason = interval(source), "its interval"
    longest = max(slowest, wait)
    if state.failures:
        cap = LONGEST_FOLDER_BACKOFF if source.kind == "folder" else LONGEST_BACKOFF
        if wait < cap:
            wait = min(wait * 2 ** min(state.failures - 1, 20), cap)
        reason, longest = f"failed {state.failures} times in a row", max(cap, longest)
    elif is_pending:
        wait, reason = min(SCAN_SOON, wait), "files are not ready or not moved yet"
    attempts = [moment for moment in (asked, state.last_success, state.last_error_at) if moment is not None]
    last = min(max(attempts, default=now - wait), now)  # a moment to come was written by a wrong clock
    due = last + wait
    if state.not_before is not None and state.not_before > due:
        due, reason, longest = state.not_before, "its server asked for a pause", max(longest, LONGEST_BACKOFF)
    if due > now + longest:
        due, reason = now + longest, f"{reason}, clamped"
    if due <= now:
        due, reason = now + spread * phase(source.id), "it is due"
    return Plan(at=due, reason=reason)


class Schedule:
    """One job for each source, run on a thread of its own. `fire` must only hand on: it runs on that thread."""

    def __init__(self, fire: Callable[[str], None]) -> None:
        self._fire = fire
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
