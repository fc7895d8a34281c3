"""Take the article's way and the alert's way once: every source, every due group, every due delivery.

Returns what happened; decides nothing about articles or alerts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import timing
from monitor.config import Config
from monitor.daemon.wiring import OFF, Installed, build, checked_rules
from monitor.deliver import DeliveryReport, FlushReport, deliver_due, flush_due
from monitor.errors import StoreError
from monitor.ingest import IngestReport, ingest
from monitor.poll import PollReport, poll
from monitor.queues.memory import MemoryQueue
from monitor.sources import Source
from monitor.sources.codec import decode
from monitor.sources.parser import Parser
from monitor.store import Store

_log = logging.getLogger(__name__)

POLLERS = 8
"""Sources fetched at the same time."""

SCAN_PAUSES = (timedelta(milliseconds=50), timedelta(milliseconds=500))
"""Between two looks at a folder whose files are not ready yet: the first pause, doubled up to the longest."""

READY_WITHIN = timedelta(seconds=60)
"""How long `run --once` waits for files that keep growing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What one run did. `failures` are lines for the operator; empty when all went well. `notes` are no failures."""

    polls: tuple[PollReport, ...] = ()
    ingests: tuple[IngestReport, ...] = ()
    flushed: FlushReport
    delivered: DeliveryReport
    failures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def run_once(
    config: Config, *, clock: Callable[[], datetime] = timing.now, patience: timedelta = READY_WITHIN
) -> RunReport:
    """Poll every source, scan folders until they are ready, ingest, tell, and try every due delivery, once.

    `patience` bounds the wait for files that keep growing.

    Raises ConfigError or RuleError before anything is touched, StoreLocked when another process runs.
    """
    rules = checked_rules(config)
    with Store.open(config.database, write=True, now=clock()) as store, Parser() as parser:
        return _Run(build(config, rules, parser), store, clock, patience).once()


class _Run:
    """One run, wired."""

    def __init__(
        self, installed: Installed, store: Store, clock: Callable[[], datetime], patience: timedelta
    ) -> None:
        self.installed = installed
        self.config = installed.config
        self.rules = installed.rules
        self.sources = tuple(installed.sources.values())
        self.channels = installed.channels
        self.store = store
        self.clock = clock
        self.patience = patience
        self.queue = MemoryQueue()
        self.polls: dict[str, PollReport] = {}
        self.ingests: list[IngestReport] = []
        self.failures: list[str] = []
        self.notes: list[str] = []
        self.has_taken_files = False

    def once(self) -> RunReport:
        """The whole way, once."""
        self._before()
        self.store.activate(self.rules.cards.values(), self.clock())
        self._fetch()
        flushed = flush_due(
            self.store, self.rules.cards, self.channels, self.clock(), entities=self.rules.entities, once=True
        )
        delivered = deliver_due(self.store, self.channels, self.clock(), calm=self.config.calm)
        return RunReport(
            polls=tuple(self.polls.values()),
            ingests=tuple(self.ingests),
            flushed=flushed,
            delivered=delivered,
            failures=tuple(self.failures),
            notes=tuple(dict.fromkeys(self.notes)),
        )

    def _before(self) -> None:
        """Say what is off, loudly."""
        for off in self.config.disabled:
            line = f"{off.what} {off.name!r} is off: {off.reason}"
            is_failure = off.is_wanted and off.what == "source"
            (self.failures if is_failure else self.notes).append(line)
        for rule, reason in self.rules.inactive.items():
            if reason != OFF:
                self.failures.append(f"rule {rule!r} is not active: {reason}")

    def _fetch(self) -> None:
        """Poll all sources, then those that ask for another look, until none does or patience ends."""
        end = None
        pause, longest = SCAN_PAUSES
        asked = self._not_paused()
        with ThreadPoolExecutor(min(POLLERS, max(1, len(asked))), thread_name_prefix="poll") as pool:
            while asked:
                reports = list(pool.map(self._poll, asked))
                committed = self._ingest()
                if end is None or self.has_taken_files:  # more may lie there than one fetch takes: wait anew
                    end = timing.monotonic() + self.patience.total_seconds()
                    pause = SCAN_PAUSES[0]
                asked = [
                    source
                    for source, report in zip(asked, reports, strict=True)
                    if report.is_pending and source.id in committed
                ]
                if asked and timing.monotonic() >= end:
                    patience = timing.format_duration(self.patience)
                    names = ", ".join(source.id for source in asked)
                    self.notes.append(f"{names}: files were still growing after {patience}; the next run takes them")
                    return
                if asked:
                    time.sleep(pause.total_seconds())
                    pause = min(2 * pause, longest)

    def _not_paused(self) -> list[Source]:
        """Sources whose server has not asked us to stay away for longer (Retry-After)."""
        now = self.clock()
        ready = []
        for source in self.sources:
            until = self.store.source_state(source.id).not_before
            if until is not None and now < until:
                wait = timing.format_duration(until - now)
                self.notes.append(f"{source.id}: not polled, its server asked for a pause of {wait} more")
            else:
                ready.append(source)
        return ready

    def _poll(self, source: Source) -> PollReport:
        report = poll(source, self.store, self.queue, self.clock())
        before = self.polls.get(source.id)
        if before is None or report.error or report.articles:
            self.polls[source.id] = report
        if report.error:
            self.failures.append(f"{source.id}: {report.error}")
        self.notes.extend(f"{source.id}: {warning}" for warning in report.warnings)
        return report

    def _ingest(self) -> set[str]:
        """Empty the queue into the store; returns the sources whose fetch is committed."""
        committed = set()
        self.has_taken_files = False
        while lease := self.queue.take():
            fetched = decode(lease.message)
            for file in fetched.files:
                self.has_taken_files = True
                if file.reason:
                    self.failures.append(f"{fetched.source}: {file.name}: {file.reason}")
            try:
                traits = self.installed.traits(fetched.source)
                report = ingest(
                    fetched,
                    store=self.store,
                    rules=self.rules,
                    traits=traits,
                    now=self.clock(),
                    floors=self.config.floors,
                )
            except StoreError:
                raise
            except Exception as error:  # a job boundary: one document must not stop the others
                _log.exception("ingest failed", extra={"source": fetched.source})
                reason = f"what it brought could not be judged ({type(error).__name__}: {error})"
                self.failures.append(f"{fetched.source}: {reason}")
                self.store.record_failure(fetched.source, reason, self.clock())
            else:
                self.ingests.append(report)
                committed.add(fetched.source)
            self.queue.done(lease)
        return committed
