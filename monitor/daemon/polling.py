"""The polling of a running Rasid: when a source is due it waits for its host's turn, is fetched, and planned anew.

A source is in one poller's hands at a time, from its job until what it came to is written down.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from monitor import timing
from monitor.daemon.book import Book, Outcome
from monitor.daemon.pollers import MOST_UNJUDGED, Pollers
from monitor.daemon.schedule import Schedule
from monitor.daemon.wiring import Installed, pace
from monitor.metrics import Metrics
from monitor.model import Failure, Fetched
from monitor.poll import PollReport, poll
from monitor.queues import Queue
from monitor.rhythm.pauses import holds
from monitor.rhythm.plan import Plan, draw, plan, spread_over
from monitor.sources import Source
from monitor.store import Store

_log = logging.getLogger(__name__)

CONFIRM_S = 60.0
"""How often a folder that never changes has its success written down."""

OVERSLEPT = timedelta(minutes=1)
"""A job so late was not late alone: the machine slept, and those that are due take turns."""

LATE = timedelta(minutes=5)
"""A poll that was due so long ago, and has not come to anything, is late."""

HANGS_S = 600.0


class Polling:
    """Scheduler, turns, pollers and book of one process. `installed` is replaced whole."""

    def __init__(
        self,
        installed: Installed,
        store: Store,
        waiting: Queue,
        *,
        unjudged: Callable[[], int],
        clock: Callable[[], datetime],
        beat: Callable[[str], None],
        metrics: Metrics,
        trouble: Callable[..., None],
        ending: threading.Event,
    ) -> None:
        self.installed = installed
        self.book = Book(store, lambda: self.installed.sources, clock, self._settled)
        self.begun = clock()
        self._queue = waiting
        self._unjudged = unjudged
        self._clock = clock
        self._beat = beat
        self._metrics = metrics
        self._trouble = trouble
        self._ending = ending
        self._schedule = Schedule(self._fire)
        self._pollers = Pollers(self._poll_one, installed.config.fetch.per_host, unjudged=unjudged, ending=ending)
        self._lock = threading.Lock()
        self._busy: dict[str, float] = {}  # guarded by the lock
        self._planned: dict[str, datetime] = {}
        self._put_off: set[str] = set()
        self._missed: set[str] = set()  # whose last poll reached nobody
        self._was_offline = False
        self._polled: dict[str, datetime] = {}
        self._confirmed: dict[str, float] = {}
        self._hosts: dict[str, str] = {}  # that answered, where it is another than the configured one
        self._failing = {name for name, state in self.book.states.items() if state.failures}
        self._writing = threading.Thread(target=self._book_loop, name="book", daemon=True)

    def start(self) -> None:
        """Plan every source and start the threads."""
        self.plan_all()
        self._writing.start()
        self._pollers.start()
        self._schedule.start()

    @property
    def threads(self) -> tuple[threading.Thread, ...]:
        """Every thread that must live."""
        return (self._schedule.thread, self._writing, *self._pollers.threads)

    def stop(self, patience_s: float) -> None:
        """Poll nothing more, and write down what polls came to. `ending` is set.

        A poller that waits for a server has nothing to lose: its cursor has not moved.
        """
        end = timing.monotonic() + patience_s
        self._schedule.stop()
        self._pollers.stop(0.3)
        self.book.stop()
        self._writing.join(max(0.0, end - timing.monotonic()))

    def replace(self, installed: Installed) -> None:
        """Go on with another set of sources."""
        self.installed = installed
        self._pollers.set_per_host(installed.config.fetch.per_host)
        self.plan_all()

    @property
    def count(self) -> int:
        """Sources that wait for their turn, are being fetched, or ingested."""
        with self._lock:
            return len(self._busy)

    @property
    def failing(self) -> frozenset[str]:
        """Configured sources whose last poll failed."""
        return frozenset(self._failing & self.installed.sources.keys())

    def late(self, now: datetime) -> Mapping[str, datetime]:
        """Sources whose poll is overdue, and since when nothing was fetched."""
        found = {}
        for name in self.installed.sources:
            at = self._planned.get(name)
            if at is not None and now - at > LATE:
                found[name] = max(self.book.state(name).last_success or self.begun, self.begun)
        return found

    # --- the schedule --------------------------------------------------------------------------------------------

    def poke(self) -> None:
        """Make the scheduler's thread beat."""
        self._schedule.poke(lambda: self._beat("scheduler"), self._clock())

    def plan_all(self) -> None:
        """Plan every source that is not in a poller's hands, those overdue one after the other."""
        sources = self.installed.sources
        self._schedule.drop(self._planned.keys() - sources.keys())
        self._planned = {name: at for name, at in self._planned.items() if name in sources}
        spread = spread_over(len(sources))
        for name in sources:
            if not self._is_busy(name):
                self._plan(name, spread=spread)

    def sweep(self) -> None:
        """Hold the jobs against the configuration and the clock, so that no source is ever lost."""
        sources, times, now = self.installed.sources, self._schedule.times(), self._clock()
        self._schedule.drop(times.keys() - sources.keys())
        lost = [
            name
            for name in sources
            if name not in times and not self._is_busy(name) and self.book.state(name).paused_at is None
        ]
        for name in lost:
            _log.warning("a source had no next poll; it is planned anew", extra={"source": name})
        latest = now + self.installed.config.fetch.slowest
        for name in (*lost, *(name for name, at in times.items() if at > latest and name in sources)):
            self._plan(name, spread=spread_over(len(lost)))
        if self._unjudged() >= MOST_UNJUDGED:
            return  # they wait for judging, or for room on the disk
        with self._lock:
            hanging = [name for name, since in self._busy.items() if timing.monotonic() - since > HANGS_S]
        for name in hanging:
            _log.warning("a poll hangs", extra={"source": name})

    def replan(self, names: Iterable[str]) -> None:
        """Plan these anew: somebody paused or resumed them."""
        known = [name for name in names if name in self.installed.sources]
        self.book.reread(known)
        for name in known:
            if not self._is_busy(name):
                self._plan(name)

    def next_poll(self, source: Source, *, is_pending: bool = False, spread: timedelta = timedelta(0)) -> Plan:
        """When a source is polled next, and why then."""
        state = self.book.forgiven(source.id)
        return plan(
            state,
            pace(source, self.installed.config.fetch),
            self._clock(),
            jitter=draw(state),
            pauses=self.book.pauses_of(source),
            asked=self._polled.get(source.id),
            is_pending=is_pending,
            is_offline=self.book.was_offline and source.id in self._missed,
            spread=spread,
        )

    def _plan(self, name: str, *, is_pending: bool = False, spread: timedelta = timedelta(0)) -> None:
        source = self.installed.sources.get(name)
        if source is None or self._ending.is_set():
            return
        planned = self.next_poll(source, is_pending=is_pending, spread=spread)
        if planned.at is None:
            self._planned.pop(name, None)
            self._schedule.drop([name])
        else:
            self._planned[name] = planned.at
            self._schedule.set(name, planned.at)
        if _log.isEnabledFor(logging.DEBUG):  # the reason is put into words at each asking
            _log.debug("planned", extra={"source": name, "at": planned.at, "why": planned.reason})

    def _is_busy(self, name: str) -> bool:
        with self._lock:
            return name in self._busy

    def _fire(self, names: Iterable[str]) -> None:
        """On the scheduler's thread: let sources wait for their hosts' turns."""
        sources, now = self.installed.sources, self._clock()
        with self._lock:
            due = [name for name in names if name in sources and name not in self._busy]
            late = {name for name in due if self._is_overslept(name, now)}
            self._busy.update((name, timing.monotonic()) for name in due if name not in late)
        self._put_off.difference_update(due)
        self._put_off.update(late)  # once: however slow we are, nobody waits for ever
        self._pollers.put((name, self._hosts.get(name, sources[name].host)) for name in due if name not in late)
        for name in late:
            self._plan(name, spread=spread_over(len(sources)))

    def _is_overslept(self, name: str, now: datetime) -> bool:
        return now - self._planned.get(name, now) > OVERSLEPT and name not in self._put_off

    def _release(self, name: str, *, is_pending: bool = False, spread: timedelta = timedelta(0)) -> None:
        """What a poll came to has been written down: plan the next one."""
        with self._lock:
            self._busy.pop(name, None)
        self._plan(name, is_pending=is_pending, spread=spread)

    # --- a poll --------------------------------------------------------------------------------------------------

    def _poll_one(self, name: str) -> None:
        try:
            self._poll(name)
        except Exception as error:  # the job's boundary; the sweep plans what could not be planned here
            self._trouble("poll", error, source=name)
            with self._lock:
                self._busy.pop(name, None)

    def _poll(self, name: str) -> None:
        source = self.installed.sources.get(name)
        if source is None:
            self._release(name)
            return
        now = self._clock()
        state = self.book.state(name)
        if state.paused_at is not None or any(holds(pause, now) for pause in self.book.pauses_of(source)):
            self._release(name)  # asked to stay away while it waited for its turn
            return
        self._polled[name] = now
        report = poll(source, state.cursor, self._queue, now)
        if self._ending.is_set():
            return
        self._tell(report)
        self._note(source, report)

    def _note(self, source: Source, report: PollReport) -> None:
        """Have it written down what a poll came to, unless it is in the queue or not worth a line."""
        name, outcome = source.id, report.outcome
        if outcome is None:
            return
        if isinstance(outcome, Fetched) and not source.host:
            is_old = timing.monotonic() - self._confirmed.get(name, float("-inf")) >= CONFIRM_S
            if not is_old and dict(outcome.cursor) == dict(self.book.state(name).cursor):
                self._release(name, is_pending=report.is_pending)
                return
            self._confirmed[name] = timing.monotonic()
        self.book.note(outcome)

    def _tell(self, report: PollReport) -> None:
        name = report.source
        self._metrics.count("polls", result="failed" if report.error else "unchanged" if report.unchanged else "new")
        for warning in report.warnings:
            _log.warning("a source is odd", extra={"source": name, "why": warning})
        if report.error:
            self._confirmed.pop(name, None)
            _log.warning("a poll failed", extra={"source": name, "why": report.error})

    # --- what became of it ---------------------------------------------------------------------------------------

    def ingested(self, fetched: Fetched) -> None:
        """On the judging thread: what a poll brought has been committed."""
        name = fetched.source
        self.book.ingested(fetched)
        self._confirmed[name] = timing.monotonic()
        self._learn(fetched)
        source = self.installed.sources.get(name)
        self._release(name, is_pending=source is not None and source.is_pending(fetched.cursor))

    def not_ingested(self, name: str, reason: str) -> None:
        """What a poll brought could not be kept, and nothing of it was: its cursor has not moved."""
        self._confirmed.pop(name, None)
        self.book.note(Failure(source=name, at=self._clock(), reason=reason))

    def given_up(self, name: str) -> None:
        """What a poll brought is not wanted any more."""
        self._release(name)

    def _book_loop(self) -> None:
        self.book.run(self._ending, lambda: self._beat("book"), lambda error: self._trouble("book", error))

    def _settled(self, outcomes: Iterable[Outcome]) -> None:
        """On the book's thread: outcomes have been dealt with."""
        for outcome in outcomes:
            self._learn(outcome)
            source = self.installed.sources.get(outcome.source)
            is_pending = isinstance(outcome, Fetched) and source is not None and source.is_pending(outcome.cursor)
            self._release(outcome.source, is_pending=is_pending)
        if self._was_offline and not self.book.was_offline:
            self._come_back()
        self._was_offline = self.book.was_offline

    def _come_back(self) -> None:
        """Servers are in reach again: sources that reached nobody meanwhile are polled as if nobody had asked."""
        back = [name for name in sorted(self._missed) if not self._is_busy(name)]
        for name in back:
            self._polled.pop(name, None)
            self._plan(name, spread=spread_over(len(back)))

    def _learn(self, outcome: Outcome) -> None:
        name = outcome.source
        source = self.installed.sources.get(name)
        if isinstance(outcome, Fetched):
            self._failing.discard(name)
            self._missed.discard(name)
            if source is not None and outcome.host and outcome.host != source.host:
                self._hosts[name] = outcome.host
            else:
                self._hosts.pop(name, None)
        else:
            self._failing.add(name)
            if outcome.is_unreachable:
                self._missed.add(name)
            else:
                self._missed.discard(name)
