"""The connections of the guarded session: the guard sits where the socket is made, so nothing goes around it.

A name is resolved once; if any of its addresses is refused, none is used; the socket connects to exactly the
address that was judged, and the peer is compared once more. A second lookup (rebinding) therefore cannot happen.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence

from urllib3.util import Url
from urllib3.util.wait import wait_for_read

from monitor import timing
from monitor.errors import HttpError
from monitor.http import guard
from monitor.http.deadline import Deadline
from monitor.http.head import PORTS, Answer, Unanswered
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
        return self._watched(proxy.tunnel(self._for_proxy(proxy, host, port), port, self.deadline))

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
                if guard.parse(sock.getpeername()[0]) != guard.parse(address[0]):
                    raise HttpError("refused", "address refused: the peer is not the address that was judged")
                return self._watched(sock)
            except OSError as error:
                sock.close()
                last = error
            except BaseException:
                sock.close()
                raise
        if self.deadline.has_passed or isinstance(last, TimeoutError):
            raise HttpError("deadline", "no connection before the deadline")
        raise HttpError("network", f"cannot connect: {last.strerror if last else 'no address'}")

    def _watched(self, sock: socket.socket) -> socket.socket:
        """From now on the deadline alone bounds what the socket does: a timeout costs a system call at each step."""
        self.deadline.watch(sock)
        sock.settimeout(None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock


class Connection:
    """An open connection; TLS is spoken to the name, not to the address. Its end is what watches it: a deadline."""

    def __init__(self, url: Url, door: Guard, tls: Tls, relay: Proxy | None = None) -> None:
        """Connect, and be sure of the server. `relay` is what `door.relay` says. Raises HttpError and OSError."""
        self.opened = timing.monotonic()
        self._door = door
        self._is_used = False
        self._tls = tls if relay is None and url.scheme == "https" else None
        host, self._port = url.host or "", url.port or PORTS[url.scheme or "http"]
        self._name = host.strip("[]").partition("%")[0].rstrip(".")
        self._sock = door.open(host.rstrip("."), self._port) if relay is None else door.open_proxy(relay)
        if self._tls is not None:
            try:
                self._sock = self._tls.wrap(self._sock, self._name, self._port)
            except BaseException:
                self._sock.close()
                raise

    def ask(self, method: str, request: bytes) -> Answer:
        """Send a whole request, return its answer, of which the head is read. Raises OSError and HTTPException;
        Unanswered when a connection that has served before has ended meanwhile."""
        is_kept, self._is_used = self._is_used, True
        try:
            self._sock.sendall(request)
        except ConnectionError as error:
            if is_kept:
                raise Unanswered("") from error
            raise
        answer = Answer(self._sock, method)
        try:
            answer.begin()
        except BaseException:
            answer.close()
            raise
        if self._tls is not None and isinstance(self._sock, ssl.SSLSocket):
            self._tls.keep(self._sock, self._name, self._port)
        return answer

    def go_on(self, deadline: Deadline) -> None:
        """Serve another request, within that one's deadline. Raises OSError; then it is closed."""
        try:
            deadline.watch(self._sock)
        except OSError:
            self._sock.close()
            raise

    @property
    def is_fresh(self) -> bool:
        """Whether the peer has neither ended the connection nor spoken unasked."""
        return not wait_for_read(self._sock, timeout=0)

    def close(self) -> None:
        """Close it. May be called twice."""
        self._sock.close()
