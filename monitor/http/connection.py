"""The connections of the guarded session: the guard sits where the socket is made, so nothing goes around it.

A name is resolved once; if any of its addresses is refused, none is used; the socket connects to exactly the
address that was judged, and the peer is compared once more. A second lookup (rebinding) therefore cannot happen.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Sequence
from typing import Any, TypeAlias

from urllib3.connection import HTTPConnection, HTTPSConnection

from monitor import timing
from monitor.errors import HttpError
from monitor.http import guard
from monitor.http.deadline import Deadline
from monitor.http.head import WholeHead
from monitor.http.lookup import Resolved, Resolver, resolve
from monitor.http.proxy import Proxy, is_own_name, written_address
from monitor.http.tls import Tls

FIRST_TRIES_S = 5.0
"""How long an address is tried when there is another one after it."""


class Guard:
    """What one request needs to open a socket: the resolver, the networks the operator allows, the deadline and the
    proxy, if everything else goes through one.
    """

    def __init__(
        self,
        resolver: Resolver,
        allowed: Sequence[guard.Network],
        deadline: Deadline,
        proxy: Proxy | None = None,
    ) -> None:
        self.resolver = resolver
        self.allowed = tuple(allowed)
        self.deadline = deadline
        self.proxy = proxy

    def proxy_for(self, host: str) -> Proxy | None:
        """The proxy through which `host` is reached; None for an address on a private network that is allowed."""
        if self.proxy is None:
            return None
        address = written_address(host.strip("[]"))
        if address is not None and any(address in net for net in self.allowed if net.version == address.version):
            return None
        return self.proxy

    def open(self, host: str, port: int) -> socket.socket:
        """A connected socket to a judged address of `host`. Raises HttpError."""
        host = host.strip("[]")
        proxy = self.proxy_for(host)
        if proxy is None:
            return self._connect(self._judged(host, port))
        sock = proxy.tunnel(self._for_proxy(proxy, host, port), port, self.deadline)
        self.deadline.watch(sock)
        return sock

    def relay(self, scheme: str, host: str) -> Proxy | None:
        """The proxy that reads a request for `host` itself: plain http through an HTTP proxy. Raises HttpError."""
        proxy = self.proxy_for(host)
        if scheme != "http" or proxy is None or proxy.kind != "http":
            return None
        self._for_proxy(proxy, host.strip("[]"), 80)
        return proxy

    def open_proxy(self, proxy: Proxy) -> socket.socket:
        """A connected socket to the proxy itself, which the operator chose and nobody judges. Raises HttpError."""
        return self._connect(resolve(self.resolver, proxy.host, proxy.port, self.deadline))

    def _for_proxy(self, proxy: Proxy, host: str, port: int) -> str:
        """What the proxy is asked to connect to: an address judged here, or a name that only it can look up."""
        address = written_address(host)
        if address is None and not proxy.looks_up:
            return str(self._judged(host, port)[0][4][0])
        if address is not None and (reason := guard.refusal(address, self.allowed)):
            raise HttpError("refused", f"address refused: {reason}")
        if is_own_name(host):
            raise HttpError("refused", f"address refused: {host} is not a public name")
        return host if address is None else str(address)

    def _judged(self, host: str, port: int) -> Resolved:
        found = resolve(self.resolver, host, port, self.deadline)
        for *_, address in found:
            reason = guard.refusal(guard.parse(address[0]), self.allowed)
            if reason:
                raise HttpError("refused", f"address refused: {reason}")
        return found

    def _connect(self, found: Resolved) -> socket.socket:
        last: OSError | None = None
        for left, (family, kind, protocol, _, address) in zip(range(len(found) - 1, -1, -1), found, strict=True):
            if self.deadline.has_passed:
                break
            sock = socket.socket(family, kind, protocol)
            try:
                # A host with a broken IPv6 must not spend the whole deadline on it.
                sock.settimeout(min(self.deadline.remaining(), FIRST_TRIES_S) if left else self.deadline.remaining())
                sock.connect(address)
                sock.settimeout(self.deadline.remaining())
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


class Unanswered(http.client.RemoteDisconnected):
    """The connection ended before the first byte of an answer."""


class _Answer(WholeHead):
    """An answer that says whether it had begun when the connection ended."""

    def begin(self) -> None:
        try:
            has_begun = bool(self.fp.peek(1))
        except ConnectionError as error:
            raise Unanswered("") from error
        if not has_begun:
            raise Unanswered("")
        super().begin()


class GuardedHTTPConnection(HTTPConnection):
    """An http connection whose socket comes from a guard."""

    response_class = _Answer
    guard: Guard
    opened: float

    def _new_conn(self) -> socket.socket:
        return self.guard.open(self.host, self.port or 80)


class GuardedHTTPSConnection(HTTPSConnection):
    """An https connection whose socket comes from a guard; TLS is spoken to the name, not to the address."""

    response_class = _Answer
    guard: Guard
    opened: float
    tls: Tls

    def connect(self) -> None:
        """Connect, and be sure of the server. Raises HttpError and OSError."""
        self.sock = sock = self.guard.open(self.host, self._port)
        self.sock = self.tls.wrap(sock, self._name, self._port)
        self.is_verified = True

    def getresponse(self) -> Any:
        """urllib3's response, its headers read."""
        sock = self.sock
        response = super().getresponse()
        if isinstance(sock, ssl.SSLSocket):
            self.tls.keep(sock, self._name, self._port)
        return response

    @property
    def _name(self) -> str:
        return self.host.strip("[]").partition("%")[0].rstrip(".")

    @property
    def _port(self) -> int:
        return self.port or 443


class RelayedConnection(HTTPConnection):
    """A connection to an HTTP proxy that reads the request itself."""

    response_class = _Answer
    guard: Guard
    opened: float
    relay: Proxy

    def _new_conn(self) -> socket.socket:
        return self.guard.open_proxy(self.relay)


Connection: TypeAlias = GuardedHTTPConnection | GuardedHTTPSConnection | RelayedConnection


def connect(
    scheme: str, host: str, port: int | None, door: Guard, tls: Tls, relay: Proxy | None = None
) -> Connection:
    """An unopened connection; `relay` is what `door.relay` says."""
    connection: Connection
    timeout = door.deadline.remaining()
    if relay is not None:
        connection = RelayedConnection(relay.host, relay.port, timeout=timeout)
        connection.relay = relay
    elif scheme == "https":
        connection = GuardedHTTPSConnection(host, port, timeout=timeout)
        connection.tls = tls
    else:
        connection = GuardedHTTPConnection(host, port, timeout=timeout)
    connection.guard = door
    connection.opened = timing.monotonic()
    return connection


def go_on(connection: Connection, door: Guard) -> None:
    """Let a connection serve another request, within that one's deadline."""
    connection.guard = door
    connection.timeout = door.deadline.remaining()
    door.deadline.watch(connection.sock)
