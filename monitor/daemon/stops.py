"""The signals that stop a daemon, waited for on the main thread, where they are handled.

CPython's `SimpleQueue.get(timeout=...)` waits for ever when a signal, SIGHUP say, is handled as its time runs out:
the time that is left is then below 0, which it takes for no limit. A lock has no such flaw, and a handler may release
one whatever the thread is just doing.
"""

from __future__ import annotations

import threading
from contextlib import suppress


class Stops:
    """The signal to stop, once one has come."""

    def __init__(self) -> None:
        self._number = 0
        self._rung = threading.Lock()
        self._rung.acquire()

    def put(self, number: int) -> None:
        """A signal has come; for handlers of signals."""
        self._number = number
        with suppress(RuntimeError):  # one has come before, and nobody has looked yet
            self._rung.release()

    def wait(self, timeout_s: float) -> int | None:
        """The next signal; None when none comes in time."""
        return self._number if self._rung.acquire(timeout=timeout_s) else None
