"""One deadline over everything a request does: name lookup, connection, TLS, headers, body.

A read timeout bounds one read only; a server that drips a byte at a time outlives it. A deadline instead shuts
the watched socket down from another thread. It holds a duplicate, since TLS detaches the original.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from datetime import timedelta
from types import TracebackType

from monitor import timing


class Deadline:
    """A moment after which nothing of a request goes on. A context manager; ends its watch on leaving."""

    def __init__(self, span: timedelta) -> None:
        self.span = span
        self._end = timing.monotonic() + span.total_seconds()
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._fired = False
        self._timer = threading.Timer(span.total_seconds(), self._fire)
        self._timer.daemon = True
        self._timer.name = "http-deadline"

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._release()

    @property
    def has_passed(self) -> bool:
        """Whether the deadline fired or is due."""
        return self._fired or timing.monotonic() >= self._end

    def remaining(self) -> float:
        """Seconds left, never below a millisecond (0 would mean a non-blocking socket)."""
        return max(0.001, self._end - timing.monotonic())

    def watch(self, sock: socket.socket) -> None:
        """Shut this connection down at the deadline, in place of the one watched before."""
        self._release()
        duplicate = sock.dup()
        with self._lock:
            if not self._fired:
                self._watched = duplicate
                return
        _cut(duplicate)

    def _release(self) -> None:
        with self._lock:
            watched, self._watched = self._watched, None
        if watched is not None:
            watched.close()

    def _fire(self) -> None:
        with self._lock:
            self._fired = True
            watched, self._watched = self._watched, None
        if watched is not None:
            _cut(watched)


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError), sock:
        sock.shutdown(socket.SHUT_RDWR)
