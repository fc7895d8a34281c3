"""The loops of a running Rasid: polling, judging, delivering. Each beats as it turns.

The judging loop is the only one that changes groups and matches: it ingests and flushes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from monitor import timing
from monitor.daemon.keeper import Keeper
from monitor.daemon.lanes import Lanes
from monitor.daemon.notify import Beats
from monitor.daemon.pollers import MOST_UNJUDGED
from monitor.daemon.polling import Polling
from monitor.daemon.space import Space
from monitor.daemon.sparing import Sparing
from monitor.daemon.wiring import Installed
from monitor.errors import StoreFull
from monitor.ingest import IngestReport
from monitor.metrics import Metrics
from monitor.model import Disposition, Fetched
from monitor.queues import Lease
from monitor.queues.memory import MemoryQueue
from monitor.sources.codec import decode
from monitor.store import Store
from monitor.tell import flush_due

_log = logging.getLogger(__name__)

IDLE = timedelta(milliseconds=200)
FLUSH_S = 0.5
TELL_S = 0.1
"""How long what may be told at once waits for more of the kind."""

FLUSH_AFTER_FAILURE_S = 30.0
DELIVER_S = 0.5
TROUBLE_S = 1.0


class Loops:
    """The threads and what they share. `installed` is replaced whole, between two steps of the judging loop."""

    def __init__(self, installed: Installed, store: Store, clock: Callable[[], datetime] = timing.now) -> None:
        self.installed = installed
        self.metrics = Metrics()
        self.beats = Beats(("scheduler", "book", "judge", "writer", "deliver"))
        self.ending = threading.Event()
        self._store = store
        self._clock = clock
        self.space = Space(store.path)
        self._queue = MemoryQueue()
        self._sparing = Sparing(store)
        self._unkept: Lease | None = None  # what the disk had no room for
        self._judging = threading.Lock()
        self._has_news = threading.Event()
        self.polling = Polling(
            installed,
            store,
            self._queue,
            unjudged=self._unjudged,
            clock=clock,
            beat=self.beats.beat,
            metrics=self.metrics,
            trouble=self._trouble,
            ending=self.ending,
        )
        self._judge = self._thread(self._judge_loop, "judge")
        self._deliverer = self._thread(self._deliver_loop, "deliver")
        self._lanes = Lanes(store, clock, self.metrics, self.ending)
        self._keeper = Keeper(
            store,
            lambda: self.installed.config,
            clock,
            is_busy=lambda: len(self._queue) > 0 and not self.space.is_low,
            ending=self.ending,
            trouble=self._trouble,
        )

    def _thread(self, loop: Callable[[], None], name: str) -> threading.Thread:
        return threading.Thread(target=loop, name=name, daemon=True)

    def start(self) -> None:
        """Start every thread and plan every source."""
        self.space.look(self.installed.config.keep.free)
        for thread in (self._judge, self._deliverer, self._keeper.thread):
            thread.start()
        self.polling.start()

    def dead(self) -> tuple[str, ...]:
        """Loops whose thread has ended."""
        threads = (*self.polling.threads, self._judge, self._deliverer, self._keeper.thread)
        dead = [thread.name for thread in threads if not thread.is_alive()]
        return tuple(dead if self._store.is_alive else [*dead, "writer"])

    def stop(self, patience_s: float) -> tuple[str, ...]:
        """Take no new work and wait for what is under way. Returns the loops that did not end in time."""
        end = timing.monotonic() + patience_s
        self.ending.set()
        self._has_news.set()
        self.polling.stop(patience_s)
        for thread in (self._judge, self._deliverer, self._keeper.thread):
            thread.join(max(0.0, end - timing.monotonic()))
        hanging = tuple(thread.name for thread in (self._judge, self._deliverer) if thread.is_alive())
        return hanging or self._lanes.stop(max(0.0, end - timing.monotonic()))

    def replace(self, installed: Installed, texts: Mapping[str, bytes]) -> None:
        """Go on with another set, its rules activated, their texts kept. Raises StoreError, and the old goes on."""
        with self._judging:
            self._store.activate(installed.rules.cards.values(), self._clock(), texts)
            self.installed = installed
        self.polling.replace(installed)

    def _unjudged(self) -> int:
        """Fetches that wait to be judged; without room on the disk as many as keep anything from being polled."""
        return MOST_UNJUDGED if self.space.is_low else len(self._queue)

    @property
    def waiting(self) -> int:
        """Fetches that wait to be ingested."""
        return len(self._queue)

    # --- judging -------------------------------------------------------------------------------------------------

    def _judge_loop(self) -> None:
        flush_at, goes_well = 0.0, False
        while not self.ending.is_set():
            self.beats.beat("judge")
            try:
                lease = self._next(flush_at)
                if lease is not None and not self.ending.is_set() and self._ingest(lease) and goes_well:
                    flush_at = min(flush_at, timing.monotonic() + TELL_S)
                if timing.monotonic() >= flush_at:
                    flush_at, goes_well = timing.monotonic() + FLUSH_AFTER_FAILURE_S, False
                    goes_well = self._flush()
                    if goes_well:
                        flush_at = timing.monotonic() + FLUSH_S
            except Exception as error:  # the loop's boundary: a full disk today must not end the daemon
                self._trouble("judge", error)
                self.ending.wait(TROUBLE_S)

    def _next(self, flush_at: float) -> Lease | None:
        """What is to be judged next, if it comes before `flush_at`: none while the disk has no room, then what it had
        none for.
        """
        if self.space.is_low:
            self.ending.wait(IDLE.total_seconds())
            return None
        lease, self._unkept = self._unkept, None
        return lease or self._queue.take(min(IDLE, timedelta(seconds=max(0.0, flush_at - timing.monotonic()))))

    def _ingest(self, lease: Lease) -> bool:
        """Judge what one fetch brought; whether some of it waits to be told."""
        has_news = False
        fetched = decode(lease.message)
        name = fetched.source
        try:
            with self._judging:
                installed = self.installed
                if name not in installed.sources:
                    self.polling.given_up(name)
                    self._queue.done(lease)
                    return False
                judged = self._sparing.ingest(fetched, installed, self._clock())
            fetched, report = judged.fetched, judged.report
            self._account(fetched, report)
            has_news = report.dispositions.get(Disposition.WAITING, 0) > 0
            self.polling.ingested(fetched)
        except StoreFull:  # nobody's fault: it is kept, and tried again
            self.space.felt_full()
            self._unkept = lease
            return False
        except Exception as error:  # a job boundary: one document must not stop the others
            self._trouble("ingest", error, source=name)
            self.polling.not_ingested(name, f"what it brought could not be judged ({type(error).__name__}: {error})")
        self._queue.done(lease)  # where it failed its cursor has not moved: it is fetched again
        return has_news

    def _account(self, fetched: Fetched, report: IngestReport) -> None:
        name = report.source
        if name in self.installed.drills:
            _log.info("ingested", extra={"source": name, "new": report.new, "matches": report.matches})
            return  # no news: it does not count
        if report.is_gap:
            self.metrics.count("gaps")
            _log.warning("articles may have been missed: nothing of a document was known", extra={"source": name})
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
            entities = installed.rules.entities
            report = flush_due(self._store, installed.cards, installed.channels, self._clock(), entities=entities)
        for alert in report.alerts:
            if not installed.drill_cards.keys() >= set(alert.rules):  # drills count as deliveries alone
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
        if isinstance(error, StoreFull):
            self.space.felt_full()
        self.metrics.count("troubles", loop=loop)
        _log.error(f"{loop} failed", exc_info=error, extra=fields)
