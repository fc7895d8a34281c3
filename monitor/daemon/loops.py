"""The loops of a running Rasid: scheduler, pollers, judging, delivering. Each beats as it turns.

The judging loop is the only one that changes groups and matches: it ingests and flushes. A source is in one poller's
hands at a time, from its job until its fetch is committed; then its next poll is planned from the store.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from monitor import timing
from monitor.daemon.lanes import Lanes
from monitor.daemon.notify import Beats
from monitor.daemon.schedule import Schedule, interval, plan, spread_over
from monitor.daemon.wiring import Installed
from monitor.deliver import flush_due
from monitor.ingest import IngestReport, ingest
from monitor.metrics import Metrics
from monitor.model import Fetched
from monitor.poll import PollReport, poll
from monitor.queues import Lease
from monitor.queues.memory import MemoryQueue
from monitor.sources.codec import decode
from monitor.store import Store

_log = logging.getLogger(__name__)

POLLERS = 16
"""Sources fetched at the same time."""

IDLE = timedelta(milliseconds=200)
FLUSH_S = 0.5
FLUSH_AFTER_FAILURE_S = 30.0
DELIVER_S = 0.5
CONFIRM_S = 60.0
"""How often a source that never changes has its success written down."""

TROUBLE_S = 1.0
HANGS_S = 600.0


class Loops:
    """The threads and what they share. `installed` is replaced whole, between two steps of the judging loop."""

    def __init__(self, installed: Installed, store: Store, clock: Callable[[], datetime] = timing.now) -> None:
        self.installed = installed
        self.metrics = Metrics()
        self.beats = Beats(("scheduler", "judge", "writer", "deliver"))
        self.ending = threading.Event()
        self._store = store
        self._clock = clock
        self._queue = MemoryQueue()
        self._schedule = Schedule(self._fire)
        self._asked: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._judging = threading.Lock()
        self._guard = threading.Lock()
        self._busy: dict[str, float] = {}
        self._failing = {row["id"] for row in store.sources() if row["failures"]}
        self._polled: dict[str, datetime] = {}
        self._confirmed: dict[str, float] = {}
        self._has_news = threading.Event()
        self._pollers = [self._thread(self._poll_loop, f"poll-{number}") for number in range(POLLERS)]
        self._judge = self._thread(self._judge_loop, "judge")
        self._deliverer = self._thread(self._deliver_loop, "deliver")
        self._lanes = Lanes(store, clock, self.metrics, self.ending)

    def _thread(self, loop: Callable[[], None], name: str) -> threading.Thread:
        return threading.Thread(target=loop, name=name, daemon=True)

    def start(self) -> None:
        """Start every thread and plan every source."""
        self.plan_all()
        for thread in (*self._pollers, self._judge, self._deliverer):
            thread.start()
        self._schedule.start()

    def dead(self) -> tuple[str, ...]:
        """Loops whose thread has ended."""
        threads = (self._schedule.thread, *self._pollers, self._judge, self._deliverer)
        dead = [thread.name for thread in threads if not thread.is_alive()]
        return tuple(dead if self._store.is_alive else [*dead, "writer"])

    def stop(self, patience_s: float) -> tuple[str, ...]:
        """Take no new work and wait for what is under way. Returns the loops that did not end in time."""
        end = timing.monotonic() + patience_s
        self.ending.set()
        self._has_news.set()
        self._schedule.stop()
        for _ in self._pollers:
            self._asked.put(None)
        for thread in (self._judge, self._deliverer):
            thread.join(max(0.0, end - timing.monotonic()))
        # A poller that waits for a server has nothing to lose: its cursor has not moved.
        brief = timing.monotonic() + 0.3
        for thread in self._pollers:
            thread.join(max(0.0, brief - timing.monotonic()))
        hanging = tuple(thread.name for thread in (self._judge, self._deliverer) if thread.is_alive())
        return hanging or self._lanes.stop(max(0.0, end - timing.monotonic()))

    def replace(self, installed: Installed) -> None:
        """Go on with another set, its rules activated. Raises StoreError, and the old one goes on."""
        with self._judging:
            self._store.activate(installed.rules.cards.values(), self._clock())
            self.installed = installed
        self.plan_all()

    @property
    def waiting(self) -> int:
        """Fetches that wait to be ingested."""
        return len(self._queue)

    @property
    def polling(self) -> int:
        """Sources being fetched or ingested."""
        with self._guard:
            return len(self._busy)

    @property
    def failing(self) -> frozenset[str]:
        """Configured sources whose last poll failed."""
        with self._guard:
            return frozenset(self._failing & self.installed.sources.keys())

    def intervals(self) -> Mapping[str, timedelta]:
        """How often each source is to be polled."""
        return {name: interval(source) for name, source in self.installed.sources.items()}

    # --- the schedule --------------------------------------------------------------------------------------------

    def poke(self) -> None:
        """Make the scheduler's thread beat."""
        self._schedule.poke(lambda: self.beats.beat("scheduler"), self._clock())

    def plan_all(self) -> None:
        """Plan every source that is not in a poller's hands, those overdue one after the other."""
        sources = self.installed.sources
        self._schedule.drop(self._schedule.times().keys() - sources.keys())
        spread = spread_over(len(sources))
        for name in sources:
            if not self._is_busy(name):
                self._plan(name, spread=spread)

    def sweep(self) -> None:
        """Hold the jobs against the configuration and the clock, so that no source is ever lost."""
        sources, times, now = self.installed.sources, self._schedule.times(), self._clock()
        self._schedule.drop(times.keys() - sources.keys())
        latest = now + self.installed.config.fetch.slowest
        lost = [name for name in sources if name not in times and not self._is_busy(name)]
        for name in lost:
            _log.warning("a source had no next poll; it is planned anew", extra={"source": name})
        for name in (*lost, *(name for name, at in times.items() if at > latest and name in sources)):
            self._plan(name, spread=spread_over(len(lost)))
        with self._guard:
            hanging = [name for name, since in self._busy.items() if timing.monotonic() - since > HANGS_S]
        for name in hanging:
            _log.warning("a poll hangs", extra={"source": name})

    def _plan(self, name: str, *, is_pending: bool = False, spread: timedelta = timedelta(0)) -> None:
        installed = self.installed
        source = installed.sources.get(name)
        if source is None or self.ending.is_set():
            return
        planned = plan(
            source,
            self._store.source_state(name),
            self._clock(),
            slowest=installed.config.fetch.slowest,
            asked=self._polled.get(name),
            is_pending=is_pending,
            spread=spread,
        )
        self._schedule.set(name, planned.at)
        _log.debug("planned", extra={"source": name, "at": planned.at.isoformat(), "why": planned.reason})

    def _is_busy(self, name: str) -> bool:
        with self._guard:
            return name in self._busy

    def _fire(self, name: str) -> None:
        """On the scheduler's thread: ask for a poll."""
        with self._guard:
            if name in self._busy:
                return
            self._busy[name] = timing.monotonic()
        self._asked.put(name)

    def _release(self, name: str, *, is_pending: bool = False) -> None:
        """A source has been polled, and ingested if there was anything: plan the next time."""
        with self._guard:
            self._busy.pop(name, None)
        self._plan(name, is_pending=is_pending)

    # --- polling -------------------------------------------------------------------------------------------------

    def _poll_loop(self) -> None:
        while (name := self._asked.get()) is not None and not self.ending.is_set():
            try:
                self._poll(name)
            except Exception as error:  # the job's boundary; the sweep plans what could not be planned here
                self._trouble("poll", error, source=name)
                with self._guard:
                    self._busy.pop(name, None)

    def _poll(self, name: str) -> None:
        source = self.installed.sources.get(name)
        if source is None:
            self._release(name)
            return
        now = self._polled[name] = self._clock()
        is_old = timing.monotonic() - self._confirmed.get(name, float("-inf")) >= CONFIRM_S
        report = poll(source, self, self._queue, now, hands_on_sameness=is_old)
        if self.ending.is_set():
            return
        self._tell(report)
        if not report.is_handed:
            self._release(name, is_pending=report.is_pending)

    def _tell(self, report: PollReport) -> None:
        name = report.source
        self.metrics.count("polls", result="failed" if report.error else "unchanged" if report.unchanged else "new")
        for warning in report.warnings:
            _log.warning("a source is odd", extra={"source": name, "why": warning})
        if report.error:
            self._confirmed.pop(name, None)
            with self._guard:
                self._failing.add(name)
            _log.warning("a poll failed", extra={"source": name, "why": report.error})

    def cursor(self, source: str) -> Mapping[str, Any]:
        """For `poll`: the cursor of the source's last commit."""
        return self._store.cursor(source)

    def record_failure(self, source: str, reason: str, now: datetime, not_before: datetime | None = None) -> None:
        """For `poll`: note a failure, unless it is only that we are leaving."""
        if not self.ending.is_set():
            self._store.record_failure(source, reason, now, not_before)

    # --- judging -------------------------------------------------------------------------------------------------

    def _judge_loop(self) -> None:
        flush_at = 0.0
        while not self.ending.is_set():
            self.beats.beat("judge")
            try:
                lease = self._queue.take(IDLE)
                if lease is not None and not self.ending.is_set():
                    self._ingest(lease)
                if timing.monotonic() >= flush_at:
                    flush_at = timing.monotonic() + FLUSH_AFTER_FAILURE_S  # unless this one goes well
                    if self._flush():
                        flush_at = timing.monotonic() + FLUSH_S
            except Exception as error:  # the loop's boundary: a full disk today must not end the daemon
                self._trouble("judge", error)
                self.ending.wait(TROUBLE_S)

    def _ingest(self, lease: Lease) -> None:
        fetched = decode(lease.message)
        name = fetched.source
        is_pending = False
        try:
            with self._judging:
                installed = self.installed
                if name not in installed.sources:
                    return
                report = ingest(
                    fetched,
                    store=self._store,
                    rules=installed.rules,
                    traits=installed.traits(name),
                    now=self._clock(),
                    floors=installed.config.floors,
                )
            is_pending = installed.sources[name].is_pending(fetched.cursor)
            self._account(fetched, report)
        except Exception as error:  # a job boundary: one document must not stop the others
            self._trouble("ingest", error, source=name)
            self._confirmed.pop(name, None)
            reason = f"what it brought could not be judged ({type(error).__name__}: {error})"
            self._store.record_failure(name, reason, self._clock())
        finally:
            self._queue.done(lease)  # its cursor has not moved: it is fetched again
            self._release(name, is_pending=is_pending)

    def _account(self, fetched: Fetched, report: IngestReport) -> None:
        name = report.source
        self._confirmed[name] = timing.monotonic()
        with self._guard:
            self._failing.discard(name)
        for file in fetched.files:
            self.metrics.count("files", result="failed" if file.reason else "taken")
            if file.reason:
                _log.warning(
                    "a file could not be read", extra={"source": name, "file": file.name, "why": file.reason}
                )
        self.metrics.count("articles", report.new, what="new")
        self.metrics.count("articles", report.edited, what="edited")
        self.metrics.count("matches", report.matches)
        if report.new or report.edited:
            fields = {"source": name, "new": report.new, "edited": report.edited, "matches": report.matches}
            _log.info("ingested", extra=fields)

    def _flush(self) -> bool:
        """Tell what is due; whether nothing failed."""
        with self._judging:
            installed = self.installed
            rules = installed.rules
            report = flush_due(self._store, rules.cards, installed.channels, self._clock(), entities=rules.entities)
        for alert in report.alerts:
            self.metrics.count("alerts", channel=alert.channel)
            fields = {"channel": alert.channel, "code": alert.code, "rules": ",".join(alert.rules)}
            _log.info("alert", extra=fields | {"severity": alert.severity.word, "sequence": alert.sequence})
        if report.alerts:
            self._has_news.set()
        return not report.failed

    # --- delivering ----------------------------------------------------------------------------------------------

    def _deliver_loop(self) -> None:
        while not self.ending.is_set():
            self.beats.beat("deliver")
            try:
                installed = self.installed
                self._lanes.serve(installed.channels, installed.config.calm)
            except Exception as error:  # the loop's boundary
                self._trouble("deliver", error)
                self.ending.wait(TROUBLE_S)
            self._has_news.wait(DELIVER_S)
            self._has_news.clear()

    def _trouble(self, loop: str, error: Exception, **fields: str) -> None:
        if self.ending.is_set():
            return
        self.metrics.count("troubles", loop=loop)
        _log.error(f"{loop} failed", exc_info=error, extra=fields)
