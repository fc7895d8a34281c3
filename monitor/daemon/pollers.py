"""The threads that poll: each takes a source when it is its host's turn and judging keeps up.

They begin one after the other, each calling the next as it takes its own turn: all at once they would fight for the
interpreter. Who is done takes the next turn without being woken.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from monitor import timing
from monitor.daemon.turns import Turns

POLLERS = 32
"""Sources fetched at the same time, at most. A thread for each begins when it is needed."""

MOST_UNJUDGED = 8
"""So many fetches may wait to be judged; while there are more nothing is polled. Else a first poll of ten thousand
sources would fill the memory, and what is new would wait behind it.
"""

BEHIND_S = 0.05
"""How often to look whether judging has caught up."""

APART_S = 0.02
"""Between two looks at the clock for turns that come with time: those between are taken together."""

LOOK_S = 300.0
"""How often to look when nothing is known to come: whatever was forgotten comes then."""


def most_at_work(unjudged: int) -> int:
    """How many pollers may be at work while so many fetches wait to be judged, which needs the same interpreter."""
    return POLLERS // (1 + unjudged) if unjudged < MOST_UNJUDGED else 0


class Pollers:
    """Sources that wait for their turn, and the threads that call `poll` with them. `poll` raises nothing."""

    def __init__(
        self, poll: Callable[[str], None], per_host: int, *, unjudged: Callable[[], int], ending: threading.Event
    ) -> None:
        self._poll = poll
        self._unjudged = unjudged
        self._ending = ending
        self._lock = threading.Lock()  # guards what follows
        self._called = threading.Condition(self._lock)  # where pollers wait for a turn
        self._sooner = threading.Condition(self._lock)
        self._turns = Turns(per_host)
        self._look_at = float("inf")  # when to look for the next turn, unless somebody does before
        self._idle = 0
        self._at_work = 0
        self._threads = [threading.Thread(target=self._watch, name="turns", daemon=True)]

    def start(self) -> None:
        """Start the thread that watches the clock."""
        self._threads[0].start()

    @property
    def threads(self) -> tuple[threading.Thread, ...]:
        """Every thread that must live."""
        return tuple(self._threads)

    def stop(self, patience_s: float) -> None:
        """Let everybody end whose `ending` is set. Who waits for a server is not waited for."""
        with self._lock:
            self._called.notify_all()
            self._sooner.notify_all()
        end = timing.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, end - timing.monotonic()))

    def set_per_host(self, most: int) -> None:
        """Requests in flight at a host, at most."""
        with self._lock:
            self._turns.per_host = most

    def put(self, sources: Iterable[tuple[str, str]]) -> None:
        """Let sources wait for their turn, each with its host."""
        with self._lock:
            for source, host in sources:
                self._turns.put(source, host)
            self._hand_on()

    @property
    def waiting(self) -> int:
        """Sources that wait for their turn."""
        with self._lock:
            return len(self._turns)

    def _watch(self) -> None:
        """Call a poller when somebody's turn comes with time, or when judging may have caught up."""
        with self._lock:
            while not self._ending.is_set():
                wait = self._look_at - timing.monotonic()
                if wait > 0:
                    self._sooner.wait(min(max(wait, APART_S), LOOK_S))
                else:
                    self._look_at = float("inf")
                    self._hand_on()

    def _hand_on(self) -> None:
        """With the lock: see to it that somebody takes the next turn when it comes."""
        now, at = timing.monotonic(), self._turns.next_at
        if at <= now:
            most = most_at_work(self._unjudged())
            if self._at_work < most:
                self._call()
                return
            if most == POLLERS:
                return  # who is done takes it
            at = now + BEHIND_S
        if at < self._look_at:
            self._look_at = at
            self._sooner.notify()

    def _call(self) -> None:
        """With the lock: wake an idle poller, or start another one. Where there is none, one is on its way."""
        if self._idle > 0:
            self._idle -= 1
            self._called.notify()
        elif len(self._threads) <= POLLERS:
            thread = threading.Thread(target=self._work, name=f"poll-{len(self._threads) - 1}", daemon=True)
            thread.start()
            self._threads.append(thread)  # only now: what is listed and does not live counts as dead

    def _work(self) -> None:
        source = self._next()
        while source is not None:
            self._poll(source)
            source = self._next(source)

    def _next(self, done: str | None = None) -> str | None:
        """Wait for somebody's turn; `done` is who was polled before. None when the end has come."""
        with self._lock:
            if done is not None:
                self._at_work -= 1
                self._turns.done(done)
            while not self._ending.is_set():
                allowed = self._at_work < most_at_work(self._unjudged())
                source = self._turns.take(timing.monotonic()) if allowed else None
                if source is not None:
                    self._at_work += 1
                self._hand_on()
                if source is not None:
                    return source
                self._idle += 1
                self._called.wait()
        return None
