"""Take the article's way and the alert's way once: every source, every due group, every due delivery.

Returns what happened; decides nothing about articles or alerts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor import timing
from monitor.config import Config
from monitor.daemon.book import Book, Outcome
from monitor.daemon.drills import Drills
from monitor.daemon.keeper import limits
from monitor.daemon.reload import Trial, try_first
from monitor.daemon.setbacks import Kind, sentence
from monitor.daemon.space import Space
from monitor.daemon.sparing import Sparing, is_own_fault
from monitor.daemon.turns import Turns
from monitor.daemon.wiring import OFF, build_doors
from monitor.deliver import DeliveryReport, deliver_due
from monitor.errors import StoreFull
from monitor.ingest import IngestReport
from monitor.model import Failure, Fetched
from monitor.poll import PollReport, poll
from monitor.queues.memory import MemoryQueue
from monitor.rhythm.pauses import holds
from monitor.sources import Source
from monitor.sources.codec import decode
from monitor.sources.parser import Parser
from monitor.store import Store
from monitor.tell import FlushReport, flush_due

_log = logging.getLogger(__name__)

POLLERS = 8
"""Sources fetched at the same time."""

LOOK_S = 1.0
"""How long to wait at most until looking again whether a poll ended or a host's turn came."""

TOGETHER = 50
"""What so many polls came to is written down in one transaction."""

SCAN_PAUSES = (timedelta(milliseconds=50), timedelta(milliseconds=500))
"""Between two looks at a folder whose files are not ready yet: the first pause, doubled up to the longest."""

PRUNE_WITHIN_S = 10.0
"""What retention cannot delete in this time the next run does."""

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

    `patience` bounds the wait for files that keep growing. A faulty rule file is replaced by its last good text, and
    named among the failures.

    Raises ConfigError before anything is touched, RuleError when the rules never were good, StoreLocked when another
    process runs.
    """
    with Parser() as parser:
        doors = build_doors(config, parser)
        trial = None if config.database.exists() else try_first(doors, {})
        with Store.open(config.database, write=True, now=clock()) as store:
            trial = trial or try_first(doors, store.last_good(), store.rarity())
            return _Run(trial, store, clock, patience).once()


class _Run:
    """One run, wired."""

    def __init__(self, trial: Trial, store: Store, clock: Callable[[], datetime], patience: timedelta) -> None:
        self.trial = trial
        self.installed = installed = trial.installed
        self.config = installed.config
        self.rules = installed.rules
        self.sources = tuple(installed.sources.values())
        self.channels = installed.channels
        self.store = store
        self.clock = clock
        self.patience = patience
        self.queue = MemoryQueue()
        self.sparing = Sparing(store)
        self.book = Book(store, lambda: installed.sources, clock, lambda outcomes: None)
        self.polls: dict[str, PollReport] = {}
        self.ingests: list[IngestReport] = []
        self.failures: list[str] = []
        self.notes: list[str] = []
        self.has_taken_files = False

    def once(self) -> RunReport:
        """The whole way, once."""
        self._before()
        Drills().make(self.config, self.store, self.clock())
        self.store.activate(self.rules.cards.values(), self.clock(), self.trial.texts)
        self._fetch_if_there_is_room()
        flushed = flush_due(
            self.store, self.installed.cards, self.channels, self.clock(), entities=self.rules.entities, once=True
        )
        delivered = deliver_due(self.store, self.channels, self.clock(), calm=self.config.calm)
        end = timing.monotonic() + PRUNE_WITHIN_S
        now = self.clock()
        self.store.prune(limits(self.config, now), now, lambda: timing.monotonic() < end)
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
        for setback in self.trial.setbacks:
            if setback.kind is not Kind.RULE:
                self.failures.append(sentence(setback, self.clock(), "en", self.config.timezone))

    def _fetch_if_there_is_room(self) -> None:
        """What was polled and found no room is polled again: its cursor has not moved."""
        space = Space(self.store.path)
        space.look(self.config.keep.free)
        if space.is_low:
            room = f"{space.free // 10**6} MB free, and keep: {{free: ...}} asks for {space.floor // 10**6} MB"
            self.failures.append(f"nothing was polled: the disk of the database has {room}")
            return
        try:
            self._fetch()
        except StoreFull as error:
            self.failures.append(f"polling ended early, the next run goes on from there: {error}")

    def _fetch(self) -> None:
        """Poll all sources, then those that ask for another look, until none does or patience ends."""
        end = None
        pause, longest = SCAN_PAUSES
        asked = self._not_paused()
        with ThreadPoolExecutor(min(POLLERS, max(1, len(asked))), thread_name_prefix="poll") as pool:
            while asked:
                self.has_taken_files = False
                reports, committed = self._round(asked, pool)
                if end is None or self.has_taken_files:  # more may lie there than one fetch takes: wait anew
                    end = timing.monotonic() + self.patience.total_seconds()
                    pause = SCAN_PAUSES[0]
                asked = [source for source in asked if reports[source.id].is_pending and source.id in committed]
                if asked and timing.monotonic() >= end:
                    patience = timing.format_duration(self.patience)
                    names = ", ".join(source.id for source in asked)
                    self.notes.append(f"{names}: files were still growing after {patience}; the next run takes them")
                    return
                if asked:
                    time.sleep(pause.total_seconds())
                    pause = min(2 * pause, longest)

    def _round(self, asked: list[Source], pool: ThreadPoolExecutor) -> tuple[dict[str, PollReport], set[str]]:
        """Poll each of these once, as their hosts allow, and store what came; returns reports, and who is stored."""
        turns = Turns(self.config.fetch.per_host)
        for source in asked:
            turns.put(source.id, source.host)
        reports: dict[str, PollReport] = {}
        committed: set[str] = set()
        outcomes: list[Outcome] = []
        running: dict[Future[PollReport], str] = {}
        while running or len(turns):
            while len(running) < POLLERS and (name := turns.take(timing.monotonic())) is not None:
                running[pool.submit(self._poll, self.installed.sources[name])] = name
            # Whose host is busy has no turn before that poll ends; then there is nothing else to wait for.
            patience = LOOK_S if len(running) == POLLERS else turns.next_at - timing.monotonic()
            patience = min(max(patience, 0.0), LOOK_S)
            if running:
                done, _ = wait(running, timeout=patience, return_when=FIRST_COMPLETED)
            else:
                done = set()
                time.sleep(patience)
            for future in done:
                name = running.pop(future)
                turns.done(name)
                reports[name] = future.result()
                if (outcome := reports[name].outcome) is not None:
                    outcomes.append(outcome)
            committed |= self._ingest()
            if len(outcomes) >= TOGETHER or not (running or len(turns)):
                self.book.settle(outcomes)
                committed |= {outcome.source for outcome in outcomes if isinstance(outcome, Fetched)}
                outcomes = []
        return reports, committed

    def _not_paused(self) -> list[Source]:
        """Sources whose server has not asked us to stay away for longer (Retry-After)."""
        now = self.clock()
        ready = []
        for source in self.sources:
            until = max((pause.until for pause in self.book.pauses_of(source) if holds(pause, now)), default=now)
            by = self.book.state(source.id).paused_by
            if by:
                self.notes.append(f"{source.id}: not polled, {by}; to go on: rasid sources resume {source.id}")
            elif until > now:
                wait = timing.format_duration(until - now)
                self.notes.append(f"{source.id}: not polled, its server asked for a pause of {wait} more")
            else:
                ready.append(source)
        return ready

    def _poll(self, source: Source) -> PollReport:
        report = poll(source, self.book.state(source.id).cursor, self.queue, self.clock())
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
        while lease := self.queue.take():
            fetched = decode(lease.message)
            for file in fetched.files:
                self.has_taken_files = True
                if file.reason:
                    self.failures.append(f"{fetched.source}: {file.name}: {file.reason}")
            try:
                judged = self.sparing.ingest(fetched, self.installed, self.clock())
            except Exception as error:  # a job boundary: one document must not stop the others
                if not is_own_fault(error):
                    raise
                _log.exception("ingest failed", extra={"source": fetched.source})
                reason = f"what it brought could not be judged ({type(error).__name__}: {error})"
                self.failures.append(f"{fetched.source}: {reason}")
                self.book.settle([Failure(source=fetched.source, at=self.clock(), reason=reason)])
            else:
                self.ingests.append(judged.report)
                self.book.ingested(judged.fetched)
                if judged.unjudged:
                    self.failures.append(f"{fetched.source}: could not be judged: {judged.unjudged}")
                if judged.report.is_gap:
                    self.notes.append(f"{fetched.source}: articles may have been missed: nothing of it was known")
                committed.add(fetched.source)
            self.queue.done(lease)
        return committed
