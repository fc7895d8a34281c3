"""A line: the one connection that a sender keeps open between its requests, so that each need not open its own.

It belongs to one sender and goes on only to where it was opened to, under the same judgement of addresses. It is
given up when nothing is sent for a while, and after a minute in any case, since a name may come to mean another
address.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from monitor import timing
from monitor.http.connection import Connection
from monitor.http.deadline import call_off, fire_at_end
from monitor.http.guard import Network

IDLE_S = 4.0
"""How long a connection without requests is kept; many receivers close theirs after five seconds."""

LIFE_S = 60.0
"""How long a connection is used, however much is sent."""

Origin: TypeAlias = tuple[str, str, int | None, Sequence[Network]]
"""Scheme, host and port, and the private networks that are allowed."""


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    line: Line
    origin: Origin
    connection: Connection
    end: float

    def fire(self) -> None:
        self.line.give_up(self)


class Line:
    """Keeps at most one connection. Safe in every thread: who takes the connection owns it."""

    def __init__(self, *, idle_s: float = IDLE_S, life_s: float = LIFE_S) -> None:
        self._idle_s, self._life_s = idle_s, life_s
        self._lock = threading.Lock()
        self._kept: _Kept | None = None

    def take(self, origin: Origin) -> Connection | None:
        """The connection to `origin`, if there is one and its peer has neither closed it nor spoken unasked."""
        kept = self._put(None)
        if kept is None:
            return None
        if kept.origin == origin and timing.monotonic() < kept.end and kept.connection.is_fresh:
            return kept.connection
        kept.connection.close()
        return None

    def keep(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection whose last answer was read whole, in place of any other."""
        end = min(timing.monotonic() + self._idle_s, connection.opened + self._life_s)
        kept = _Kept(self, origin, connection, end)
        before = self._put(kept)
        if before is not None:
            before.connection.close()
        fire_at_end(kept)

    def keep_no_more(self) -> None:
        """Close the connection, if there is one."""
        before = self._put(None)
        if before is not None:
            before.connection.close()

    def give_up(self, kept: _Kept) -> None:
        """Close a connection that nobody has taken in time."""
        with self._lock:
            if self._kept is not kept:
                return
            self._kept = None
        kept.connection.close()

    def _put(self, kept: _Kept | None) -> _Kept | None:
        with self._lock:
            before, self._kept = self._kept, kept
        if before is not None:
            call_off(before)
        return before
