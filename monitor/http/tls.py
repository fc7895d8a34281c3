"""TLS towards servers: one context for all connections, and sessions that are resumed where the server lets us.

Resuming spares both sides the certificate, which is much of what a fresh connection costs. The server then proves
only that it is the one of the last time, so a session stands in for nothing but a verification that would still hold:
of the same name, in the same context, by a certificate within its dates, lately. Where the server declines, or has
lost what it knew of us, its certificate is verified anew.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor import timing

MOST_SESSIONS = 2000
"""Servers whose session is kept, 15 to 30 kB each: most of it is the certificate."""

LONGEST = timedelta(hours=1)
"""How long a verification is taken for granted, however long the server would resume."""


class _Kept(NamedTuple):
    session: ssl.SSLSession
    since: datetime
    until: datetime


class Tls:
    """Makes the TLS sockets of one context. Safe in every thread."""

    def __init__(self, context: ssl.SSLContext, clock: Callable[[], datetime] = timing.now) -> None:
        context.set_alpn_protocols(["http/1.1"])
        self._context = context
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], _Kept] = OrderedDict()

    def wrap(self, sock: socket.socket, name: str, port: int) -> ssl.SSLSocket:
        """Speak TLS to `name` over a connected socket, resuming its last session if there is one. Raises OSError."""
        session = self._session(name, port)
        wrapped = self._context.wrap_socket(sock, server_hostname=name, session=session)
        if session is not None and not wrapped.session_reused:
            with self._lock:
                self._kept.pop((name, port), None)
        return wrapped

    def keep(self, wrapped: ssl.SSLSocket, name: str, port: int) -> None:
        """Keep the session for the next connection. Call it when the server has answered: TLS 1.3 sends tickets late.

        One that was resumed is not kept again, so that its certificate is verified when its time is over.
        """
        if wrapped.session_reused:
            return
        session = wrapped.session  # a copy, certificate and all
        if session is None or not session.has_ticket:
            return
        try:
            certificate = wrapped.getpeercert()
            ends = ssl.cert_time_to_seconds(str(certificate["notAfter"])) if certificate else 0  # {}: not verified
        except (OSError, ValueError):  # the deadline has cut the connection
            return
        since = self._clock()
        until = min(timing.from_epoch(1000 * int(ends)), since + LONGEST)
        with self._lock:
            self._kept[name, port] = _Kept(session, since, until)
            self._kept.move_to_end((name, port))
            if len(self._kept) > MOST_SESSIONS:
                self._kept.popitem(last=False)

    def _session(self, name: str, port: int) -> ssl.SSLSession | None:
        with self._lock:
            kept = self._kept.get((name, port))
            if kept is None:
                return None
            if not kept.since <= self._clock() < kept.until:
                del self._kept[name, port]
                return None
            self._kept.move_to_end((name, port))
            return kept.session
