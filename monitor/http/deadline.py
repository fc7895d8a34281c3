"""One deadline over everything a request does: name lookup, connection, TLS, headers, body.

A read timeout bounds one read only; a server that drips a byte at a time outlives it. A deadline instead shuts
the watched socket down from another thread, one for all deadlines: a timer each would start a thread for every poll.
It holds a duplicate, since TLS detaches the original.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from datetime import timedelta
from types import TracebackType
from typing import Protocol

from monitor import timing


class Ending(Protocol):
    """Something that ends at a monotonic time."""

    @property
    def end(self) -> float: ...

    def fire(self) -> None:
        """End it. Called on the thread of all deadlines: quick, and raises nothing."""


def fire_at_end(ending: Ending) -> None:
    """Have `fire` called when the end has come."""
    _WATCH.add(ending)


def call_off(ending: Ending) -> None:
    """Have it not called any more, unless it is being called."""
    _WATCH.discard(ending)


class Deadline:
    """A moment after which nothing of a request goes on. A context manager; ends its watch on leaving."""

    def __init__(self, span: timedelta) -> None:
        self.span = span
        self.end = timing.monotonic() + span.total_seconds()
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._fired = False

    def __enter__(self) -> Deadline:
        fire_at_end(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        call_off(self)
        self._release()

    @property
    def has_passed(self) -> bool:
        """Whether the deadline fired or is due."""
        return self._fired or timing.monotonic() >= self.end

    def remaining(self) -> float:
        """Seconds left, never below a millisecond (0 would mean a non-blocking socket)."""
        return max(0.001, self.end - timing.monotonic())

    def watch(self, sock: socket.socket) -> None:
        """Shut this connection down at the deadline, in place of the one watched before."""
        self._release()
        duplicate = socket.fromfd(sock.fileno(), sock.family, sock.type)  # a TLS socket has no dup()
        with self._lock:
            if not self._fired:
                self._watched = duplicate
                return
        _cut(duplicate)

    def fire(self) -> None:
        """Cut the connection: the moment has come."""
        with self._lock:
            self._fired = True
            watched, self._watched = self._watched, None
        if watched is not None:
            _cut(watched)

    def _release(self) -> None:
        with self._lock:
            watched, self._watched = self._watched, None
        if watched is not None:
            watched.close()


class _Watch:
    """Fires deadlines on a thread of its own, which begins with the first of them and sleeps while there are none."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._endings: set[Ending] = set()
        self._wakes_at = float("-inf")  # before the thread has begun, nothing needs to wake it
        self._has_begun = False

    def add(self, ending: Ending) -> None:
        with self._changed:
            self._endings.add(ending)
            if not self._has_begun:
                self._has_begun = True
                threading.Thread(target=self._run, name="http-deadline", daemon=True).start()
            elif ending.end < self._wakes_at:
                self._changed.notify()

    def discard(self, ending: Ending) -> None:
        with self._changed:
            self._endings.discard(ending)

    def _run(self) -> None:
        while True:
            with self._changed:
                now = timing.monotonic()
                due = [ending for ending in self._endings if ending.end <= now]
                self._endings.difference_update(due)
                if not due:
                    first = min((ending.end for ending in self._endings), default=float("inf"))
                    self._wakes_at = first
                    self._changed.wait(first - now if self._endings else None)
            for ending in due:
                ending.fire()


_WATCH = _Watch()


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError), sock:
        sock.shutdown(socket.SHUT_RDWR)
