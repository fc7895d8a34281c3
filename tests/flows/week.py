"""A week of polling on a clock of its own: the planner, the pauses and the turns are real, the answers are made up.

What the daemon does with threads, a scheduler and a store is done here by one loop over a heap of moments; every
decision is taken by the same functions.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise

from monitor.daemon.turns import Turns
from monitor.model import Failure, Fetched, Pause, SourceState
from monitor.rhythm.pauses import after, holds, scopes
from monitor.rhythm.plan import Pace, draw, plan, spread_over
from monitor.rhythm.states import failed, succeeded

BEGIN = datetime(2026, 11, 23, tzinfo=UTC)  # a Monday
WEEK_S = 7 * 86400.0
ANSWER_S = 0.3

Answer = Callable[[datetime, float], Fetched | Failure]
"""What a source answers, by the wall clock and by the seconds since the beginning."""


@dataclass
class Polled:
    """One source: where it is, its pace, and how it answers."""

    name: str
    host: str
    domain: str
    answer: Answer
    pace: Pace = field(default_factory=Pace)
    appears_every_s: float = 0.0  # articles come so often; 0: never


@dataclass
class Week:
    """One run. `jumps` are moments (seconds) at which the wall clock is put forward or back."""

    sources: Mapping[str, Polled]
    jumps: tuple[tuple[float, timedelta], ...] = ()
    starts: list[tuple[float, str]] = field(default_factory=list)
    states: dict[str, SourceState] = field(default_factory=dict)
    pauses: dict[str, Pause] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._turns = Turns()
        self._due: list[tuple[float, str]] = []
        self._planned: dict[str, float] = {}
        self._ends: list[tuple[float, str]] = []
        self._seen: dict[str, int] = {}
        self._offset = timedelta(0)
        self.states = {name: SourceState(id=name) for name in self.sources}

    def wall(self, at: float) -> datetime:
        """The wall clock."""
        return BEGIN + timedelta(seconds=at) + self._offset

    def run(self, until: float = WEEK_S) -> Week:
        """Poll until then."""
        self._plan_all(0.0)
        jumps = list(self.jumps)
        at = 0.0
        while at < until:
            moments = [self._due[0][0] if self._due else until, self._ends[0][0] if self._ends else until]
            at = min(max(at, min(*moments, self._turns.next_at)), until, jumps[0][0] if jumps else until)
            if jumps and at >= jumps[0][0]:
                self._offset += jumps.pop(0)[1]
                self._plan_all(at)
            while self._ends and self._ends[0][0] <= at:
                self._finish(heapq.heappop(self._ends)[1], at)
            while self._due and self._due[0][0] <= at:
                when, name = heapq.heappop(self._due)
                if self._planned.get(name) == when:
                    del self._planned[name]
                    self._turns.put(name, self.sources[name].host)
            while (taken := self._turns.take(at)) is not None:
                self._start(taken, at)
        return self

    def _start(self, name: str, at: float) -> None:
        if any(holds(pause, self.wall(at)) for pause in self._pauses_of(name)):
            self._turns.done(name)
            self._plan(name, at)
            return
        self.starts.append((at, name))
        heapq.heappush(self._ends, (at + ANSWER_S, name))

    def _finish(self, name: str, at: float) -> None:
        self._turns.done(name)
        source, now, state = self.sources[name], self.wall(at), self.states[name]
        outcome = source.answer(now, at)
        if isinstance(outcome, Failure):
            self.states[name] = failed(state, outcome)
            found = after(outcome, self.pauses, now, own_host=source.host, domain=source.domain)
            self.pauses |= {pause.scope: pause for pause in found}
        else:
            self.states[name] = succeeded(state, outcome, now, appeared=self._appeared(source, at))
            for pause in self._pauses_of(name):
                if not holds(pause, now):
                    del self.pauses[pause.scope]
        self._plan(name, at)

    def _appeared(self, source: Polled, at: float) -> list[datetime]:
        """When the articles appeared that this poll brought: all that came since the one before."""
        if not source.appears_every_s:
            return []
        last, now = self._seen.get(source.name, -20), int(at / source.appears_every_s)
        self._seen[source.name] = now
        return [self.wall(number * source.appears_every_s) for number in range(last + 1, now + 1)]

    def _pauses_of(self, name: str) -> list[Pause]:
        source = self.sources[name]
        found = scopes(name, source.host, source.domain)
        return [self.pauses[scope] for scope in found if scope in self.pauses]

    def _plan_all(self, at: float) -> None:
        busy = {name for _, name in self._ends}
        for name in self.sources:
            if name not in busy and (name in self._planned or at == 0.0):
                self._plan(name, at, spread=spread_over(len(self.sources)))

    def _plan(self, name: str, at: float, spread: timedelta = timedelta(0)) -> None:
        state, source, now = self.states[name], self.sources[name], self.wall(at)
        found = plan(state, source.pace, now, jitter=draw(state), pauses=self._pauses_of(name), spread=spread)
        assert found.at is not None
        self._planned[name] = at + (found.at - now).total_seconds()
        heapq.heappush(self._due, (self._planned[name], name))

    @cached_property
    def _times(self) -> Mapping[str, list[float]]:
        found: defaultdict[str, list[float]] = defaultdict(list)
        for at, name in self.starts:
            found[name].append(at)
        return found

    # --- figures -------------------------------------------------------------------------------------------------

    def times(self, name: str) -> list[float]:
        """When a source was polled, in seconds."""
        return self._times[name]

    def waits(self, name: str) -> list[float]:
        """Seconds between its polls."""
        return [later - before for before, later in pairwise(self.times(name))]

    def closest(self) -> float:
        """The shortest time between two starts at one host, in seconds."""
        by_host: defaultdict[str, list[float]] = defaultdict(list)
        for at, name in self.starts:
            by_host[self.sources[name].host].append(at)
        return min(later - before for times in by_host.values() for before, later in pairwise(times))

    def most(self, seconds: float, since: float = 0.0) -> int:
        """The most starts in any such span, aligned to it."""
        return max(Counter(int(at / seconds) for at, _ in self.starts if at >= since).values())

    def longest_absence(self, names: list[str]) -> float:
        """The longest that any of these was not polled, the beginning and the end of the week included."""
        return max(later - before for name in names for before, later in pairwise([0.0, *self.times(name), WEEK_S]))
