"""What polls came to, written down: many at once in one transaction, on a thread of its own.

Decides with `rhythm/` whether we are offline, so that failures do not count, and which pauses begin and end.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from monitor import timing
from monitor.http.domains import registrable
from monitor.model import Failure, Fetched, Pause, SourceState
from monitor.rhythm import pauses as rules
from monitor.rhythm.reach import Reach
from monitor.sources import Source
from monitor.store import Store

_log = logging.getLogger(__name__)

Outcome = Fetched | Failure
TOGETHER_S = 0.25
"""What comes within this time is written together."""

MOST_TOGETHER = 500
GOING_OFFLINE = timedelta(minutes=10)
"""Failures so long before it was clear that we are offline are forgiven as well."""


class Book:
    """How every source stands, as the store knows it. `states` and `pauses` mirror the store and are only read."""

    def __init__(
        self,
        store: Store,
        sources: Callable[[], Mapping[str, Source]],
        clock: Callable[[], datetime],
        settled: Callable[[Iterable[Outcome]], None],
    ) -> None:
        """`settled` is called with outcomes that have been dealt with; `sources` gives the configured ones."""
        self.states: dict[str, SourceState] = dict(store.source_states())
        self.pauses: dict[str, Pause] = dict(store.pauses())
        self.reach = Reach()
        self.was_offline = False
        self._offline: tuple[datetime, datetime | None] | None = None  # the last time offline
        self._store = store
        self._sources = sources
        self._clock = clock
        self._settled = settled
        self._outcomes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        self._lock = threading.Lock()  # judging changes pauses too
        self._remember_who_answered()

    def _remember_who_answered(self) -> None:
        now, at = self._clock(), timing.monotonic()
        for name, source in self._sources().items():
            state = self.states.get(name)
            if state is not None and state.last_success is not None and not state.failures and source.host:
                self.reach.answered(source.host, at - max((now - state.last_success).total_seconds(), 0.0))

    def state(self, source: str) -> SourceState:
        """How a source stands; an empty state for one never fetched."""
        return self.states.get(source) or SourceState(id=source)

    def forgiven(self, source: str) -> SourceState:
        """How a source stands, without failures that all fell into a time offline: it was us, not its server."""
        state = self.state(source)
        if self._offline is None or not state.failures or state.failing_since is None or state.last_error_at is None:
            return state
        begun, ended = self._offline
        if state.failing_since < begun or (ended is not None and state.last_error_at > ended):
            return state
        return replace(state, failures=0, last_error_at=None)

    def note(self, outcome: Outcome) -> None:
        """Write an outcome down soon. Does not wait."""
        self._outcomes.put(outcome)

    def reread(self, sources: Iterable[str]) -> None:
        """Look up anew what somebody else has written."""
        self.states.update(self._store.source_states(list(sources)))
        with self._lock:
            self.pauses = dict(self._store.pauses())

    def ingested(self, fetched: Fetched) -> None:
        """A fetch has been committed with what it brought."""
        self.reread_one(fetched.source)
        self._answered(fetched)
        if lifted := self._lifted([fetched]):
            self._store.record((), self._clock(), lifted=lifted)
            self._change_pauses({}, lifted)

    def reread_one(self, source: str) -> None:
        """Look up anew how one source stands."""
        self.states[source] = self._store.source_state(source)

    def pauses_of(self, source: Source) -> tuple[Pause, ...]:
        """The pauses that hold a source, also those whose time is over."""
        pauses = self.pauses  # replaced by other threads, never changed
        if not pauses:
            return ()
        names = rules.scopes(source.id, source.host, registrable(source.host))
        return tuple(pauses[name] for name in names if name in pauses)

    @property
    def is_offline(self) -> bool:
        """Whether most servers that answered lately are out of reach."""
        return self.reach.is_offline(timing.monotonic())

    # --- the thread ----------------------------------------------------------------------------------------------

    def run(self, ending: threading.Event, beat: Callable[[], None], trouble: Callable[[Exception], None]) -> None:
        """Write until `stop`. A batch that cannot be written is given up: its sources are polled again."""
        while True:
            beat()
            batch = self._batch()
            if batch is None:
                return
            if not batch:
                continue
            try:
                self.settle(batch)
            except Exception as error:  # the loop's boundary: a full disk today must not end the daemon
                trouble(error)
                self._settled(batch)
            ending.wait(TOGETHER_S)

    def stop(self) -> None:
        """End the thread once what is there has been written."""
        self._outcomes.put(None)

    def _batch(self) -> list[Outcome] | None:
        batch: list[Outcome] = []
        try:
            first = self._outcomes.get(timeout=0.2)
            while first is not None:
                batch.append(first)
                if len(batch) >= MOST_TOGETHER:
                    return batch
                first = self._outcomes.get_nowait()
        except queue.Empty:
            return batch
        if batch:
            self._outcomes.put(None)  # for the next turn
            return batch
        return None

    def settle(self, outcomes: list[Outcome]) -> None:
        """Write outcomes down in one transaction. Raises StoreError."""
        now = self._clock()
        for outcome in outcomes:
            self._answered(outcome)
        self._tell_offline()
        counted = [outcome for outcome in outcomes if not (self.was_offline and _is_miss(outcome))]
        begun = {pause.scope: pause for pause in self._begun(counted, now)}
        lifted = [scope for scope in self._lifted(counted) if scope not in begun]
        if counted:
            known = {outcome.source: self.state(outcome.source) for outcome in counted}
            self.states.update(
                self._store.record(counted, now, pauses=tuple(begun.values()), lifted=lifted, known=known)
            )
        self._change_pauses(begun, lifted)
        for pause in begun.values():
            fields = {"scope": pause.scope, "until": pause.until.isoformat(), "why": pause.reason}
            _log.warning("a server asked to be left alone", extra=fields)
        self._settled(outcomes)

    def _answered(self, outcome: Outcome) -> None:
        source = self._sources().get(outcome.source)
        host = outcome.host or (source.host if source else "")
        if not host:
            return
        if _is_miss(outcome):
            self.reach.missed(host, timing.monotonic())
        else:
            self.reach.answered(host, timing.monotonic())

    def _tell_offline(self) -> None:
        is_offline = self.is_offline
        if is_offline != self.was_offline:
            self.was_offline = is_offline
            now = self._clock()
            begun = now - GOING_OFFLINE if is_offline or self._offline is None else self._offline[0]
            self._offline = begun, None if is_offline else now
            said = (
                "most servers are out of reach: failures do not count" if is_offline else "servers are in reach again"
            )
            _log.warning(said)

    def _begun(self, outcomes: Iterable[Outcome], now: datetime) -> Iterable[Pause]:
        known = dict(self.pauses)
        for outcome in outcomes:
            source = self._sources().get(outcome.source)
            if isinstance(outcome, Failure) and source is not None:
                found = rules.after(
                    outcome,
                    known,
                    now,
                    own_host=source.host,
                    domain=registrable(outcome.host),
                    scope=source.backoff_scope,
                )
                known |= {pause.scope: pause for pause in found}
                yield from found

    def _lifted(self, outcomes: Iterable[Outcome]) -> list[str]:
        """Pauses whose time is over and whose server has answered well since."""
        pauses = self.pauses  # replaced by other threads, never changed
        if not pauses:
            return []
        now = self._clock()
        names = {
            name
            for outcome in outcomes
            if isinstance(outcome, Fetched)
            for name in rules.scopes(outcome.source, outcome.host, registrable(outcome.host))
        }
        return [name for name in sorted(names & pauses.keys()) if not rules.holds(pauses[name], now)]

    def _change_pauses(self, begun: Mapping[str, Pause], lifted: Iterable[str]) -> None:
        gone = frozenset(lifted)
        with self._lock:
            self.pauses = {scope: pause for scope, pause in self.pauses.items() if scope not in gone} | dict(begun)


def _is_miss(outcome: Outcome) -> bool:
    return isinstance(outcome, Failure) and outcome.is_unreachable
