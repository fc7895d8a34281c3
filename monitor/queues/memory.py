"""A queue within one process. Keeps nothing across a restart: what was not committed is simply polled again."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import timedelta

from monitor import timing
from monitor.queues import Lease

LEASE = timedelta(minutes=5)


class MemoryQueue:
    """Thread-safe. With `faults` it does what the contract allows and one process never would.

    Faults, drawn from that generator: messages come in any order, and about a third of them come again although done.
    `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        *,
        lease: timedelta = LEASE,
        faults: random.Random | None = None,
        clock: Callable[[], float] = timing.monotonic,
    ) -> None:
        self._lease = lease.total_seconds()
        self._faults = faults
        self._clock = clock
        self._waiting: dict[str, bytes] = {}  # in order of arrival
        self._leased: dict[int, tuple[float, Lease]] = {}
        self._next = 0
        self._changed = threading.Condition()

    def put(self, key: str, message: bytes) -> None:
        """Hand over a message; one waiting under the same key is replaced."""
        with self._changed:
            self._waiting[key] = message
            self._changed.notify()

    def take(self, timeout: timedelta = timedelta(0)) -> Lease | None:
        """The oldest waiting message, or None when none came in time."""
        end = self._clock() + timeout.total_seconds()
        with self._changed:
            while True:
                self._expire()
                if self._waiting:
                    return self._hand_out()
                left = min([end, *(until for until, _ in self._leased.values())]) - self._clock()
                if self._clock() >= end:
                    return None
                self._changed.wait(max(left, 0.001))

    def done(self, lease: Lease) -> None:
        """Forget the message."""
        with self._changed:
            if self._leased.pop(lease.token, None) and self._faults and self._faults.random() < 1 / 3:
                self._waiting.setdefault(lease.key, lease.message)
                self._changed.notify()

    def __len__(self) -> int:
        """Messages that wait or are leased."""
        with self._changed:
            return len(self._waiting) + len(self._leased)

    def _expire(self) -> None:
        now = self._clock()
        for token, (until, lease) in list(self._leased.items()):
            if until <= now:
                del self._leased[token]
                self._waiting.setdefault(lease.key, lease.message)

    def _hand_out(self) -> Lease:
        key = self._faults.choice(list(self._waiting)) if self._faults else next(iter(self._waiting))
        self._next += 1
        lease = Lease(key=key, message=self._waiting.pop(key), token=self._next)
        self._leased[lease.token] = (self._clock() + self._lease, lease)
        return lease
