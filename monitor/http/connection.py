"""The connections of the guarded session: the guard sits where the socket is made, so nothing goes around it.

A name is resolved once; if any of its addresses is refused, none is used; the socket connects to exactly the
address that was judged, and the peer is compared once more. A second lookup (rebinding) therefore cannot happen.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from urllib3.connection import HTTPConnection, HTTPSConnection

from monitor.errors import HttpError
from monitor.http import guard
from monitor.http.deadline import Deadline

SocketAddress: TypeAlias = tuple[Any, ...]
Resolved: TypeAlias = list[tuple[Any, Any, int, str, SocketAddress]]
Resolver: TypeAlias = Callable[..., Iterable[tuple[Any, Any, int, str, SocketAddress]]]  # socket.getaddrinfo


class Guard:
    """What one request needs to open a socket: the resolver, the networks the operator allows and the deadline."""

    def __init__(self, resolver: Resolver, allowed: Sequence[guard.Network], deadline: Deadline) -> None:
        self.resolver = resolver
        self.allowed = tuple(allowed)
        self.deadline = deadline

    def open(self, host: str, port: int) -> socket.socket:
        """A connected socket to a judged address of `host`. Raises HttpError."""
        found = self._resolve(host.strip("[]"), port)
        for *_, address in found:
            reason = guard.refusal(guard.parse(address[0]), self.allowed)
            if reason:
                raise HttpError("refused", f"address refused: {reason}")
        last: OSError | None = None
        for family, kind, protocol, _, address in found:
            if self.deadline.has_passed:
                break
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self.deadline.remaining())
                sock.connect(address)
                if guard.parse(sock.getpeername()[0]) != guard.parse(address[0]):
                    raise HttpError("refused", "address refused: the peer is not the address that was judged")
                self.deadline.watch(sock)
            except OSError as error:
                sock.close()
                last = error
            except BaseException:
                sock.close()
                raise
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
        if self.deadline.has_passed or isinstance(last, TimeoutError):
            raise HttpError("deadline", "no connection before the deadline")
        raise HttpError("network", f"cannot connect: {last.strerror if last else 'no address'}")

    def _resolve(self, host: str, port: int) -> Resolved:
        """Every address of `host`, looked up in a thread of its own, since a lookup knows no timeout."""
        answer: queue.SimpleQueue[Resolved | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answer.put(list(self.resolver(host, port, type=socket.SOCK_STREAM)))
            except (OSError, ValueError) as error:  # ValueError: UnicodeError of impossible names, NUL
                answer.put(error)

        threading.Thread(target=look_up, name="http-resolve", daemon=True).start()
        try:
            found = answer.get(timeout=self.deadline.remaining())
        except queue.Empty:
            raise HttpError("deadline", "the name was not resolved before the deadline") from None
        if isinstance(found, Exception):
            raise HttpError("network", f"the name {host!r} cannot be resolved") from found
        return found


class GuardedHTTPConnection(HTTPConnection):
    """An http connection whose socket comes from a guard."""

    guard: Guard

    def _new_conn(self) -> socket.socket:
        return self.guard.open(self.host, self.port or 80)


class GuardedHTTPSConnection(HTTPSConnection):
    """An https connection whose socket comes from a guard; TLS is spoken to the name, not to the address."""

    guard: Guard

    def _new_conn(self) -> socket.socket:
        return self.guard.open(self.host, self.port or 443)


def connect(scheme: str, host: str, port: int | None, door: Guard, context: ssl.SSLContext) -> HTTPConnection:
    """An unopened connection for one request."""
    connection: GuardedHTTPConnection | GuardedHTTPSConnection
    if scheme == "https":
        connection = GuardedHTTPSConnection(host, port, ssl_context=context, timeout=door.deadline.remaining())
    else:
        connection = GuardedHTTPConnection(host, port, timeout=door.deadline.remaining())
    connection.guard = door
    return connection
